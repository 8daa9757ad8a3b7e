//! From a decision to the grant that keeps it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::given::{GROUPS, LICENCE, ROLE};
use crate::{
    decide::{
        access::decide,
        decision::{Decision, Item},
        engine::Engine,
        stages::Asking,
    },
    model::{
        EntitlementRef, Id, Instant, Kind, LocalDate, Ref, Rulebook, Selector,
        grant::{
            Emergency, Grant, GrantDecision, GrantRequest, GrantStage, GrantState, GrantVerdict, Provided,
        },
        request::Request,
        scenario::Verdict,
        service::Entitlement,
    },
    source::digest,
};

/// Why a decision cannot be kept as a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// It gives nothing: it is denied or makes no sense.
    #[error("the request is not granted")]
    NotGranted,
    /// It would end before it begins.
    #[error("the access to `{entitlement}` would end at {until}, before it begins")]
    NoTime {
        /// What was asked for.
        entitlement: String,
        /// When it would end.
        until: Timestamp,
    },
    /// A date that no calendar has.
    #[error("the dates of the access to `{entitlement}` are out of every calendar")]
    OutOfTime {
        /// What was asked for.
        entitlement: String,
    },
}

/// What is known about a request beside what it asks for.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The number under which it is kept.
    pub number: Option<String>,
    /// The commit of the policy that decides.
    pub policy_commit: Option<String>,
    /// The grant that is renewed.
    pub renews: Option<Id>,
}

/// The grants that keep a decision, one for each thing that was asked for, in that order.
///
/// Those that people have to agree to first are written as requested and give nothing.
///
/// # Errors
/// When nothing is granted, or not for any time.
pub fn record(
    engine: &Engine<'_>,
    request: &Request,
    decision: &Decision<'_>,
    about: &About,
) -> Result<Vec<Grant>, NotRecorded> {
    if !matches!(decision.verdict, Verdict::Approved | Verdict::NeedsApproval) || decision.items.is_empty() {
        return Err(NotRecorded::NotGranted);
    }
    decision.items.iter().map(|item| of_item(engine, request, decision, item, about)).collect()
}

fn of_item(
    engine: &Engine<'_>,
    request: &Request,
    decision: &Decision<'_>,
    item: &Item<'_>,
    about: &About,
) -> Result<Grant, NotRecorded> {
    let reference = item.offer.reference();
    let name = || reference.to_string();
    let beneficiary = decision.beneficiary.ok_or(NotRecorded::NotGranted)?;
    let today = engine.date(decision.instant);
    let start = beneficiary.start.map_or(today, |first| first.0.max(today));
    let begins = engine.start_of(start).ok_or_else(|| NotRecorded::OutOfTime { entitlement: name() })?;
    let (mut end, mut until) = (None, None);
    if let Some(expires) = item.expires {
        if expires <= begins.max(decision.instant) {
            return Err(NotRecorded::NoTime { entitlement: name(), until: expires });
        }
        let last = expires.checked_sub(jiff::SignedDuration::from_nanos(1));
        let last = engine.date(last.map_err(|_| NotRecorded::OutOfTime { entitlement: name() })?);
        end = Some(LocalDate(last));
        until = (engine.end_of(last) != Some(expires)).then_some(Instant(expires));
    }
    let asks = item.verdict == Verdict::NeedsApproval;
    let stages: Vec<GrantStage> =
        if asks { stages_about(decision, item).map(stage).collect() } else { Vec::new() };
    let mut grant = Grant {
        beneficiary: Ref::new(beneficiary.id.clone()),
        requester: (*request.requester.id() != beneficiary.id).then(|| request.requester.clone()),
        entitlement: reference.clone(),
        start: LocalDate(start),
        end,
        until,
        renews: about.renews.clone().map(Ref::new),
        project: request.project.clone(),
        justification: request.justification.clone(),
        request: about.number.clone().or_else(|| request.ticket.clone()),
        asked: Some(GrantRequest {
            at: Instant(decision.instant),
            duration: request.duration,
            ticket: request.ticket.clone(),
            environment: request.environment,
            evidence: request.evidence.clone(),
            request_type: request.request_type.as_ref().map(|one| one.id().clone()),
            form: request.form.clone(),
        }),
        decision: Some(GrantDecision {
            verdict: if asks { GrantVerdict::NeedsApproval } else { GrantVerdict::AutoApproved },
            rules: rules(decision, item),
            policy_commit: about.policy_commit.clone(),
            stages,
            digest: None,
        }),
        approval: Vec::new(),
        provisioned: provisioned(item.offer.entitlement),
        state: if asks { GrantState::Requested } else { GrantState::Active },
        emergency: request.emergency.then(|| emergency(engine, request, decision, item)),
        ended: None,
    };
    seal(&mut grant);
    Ok(grant)
}

/// The stages that are about something, or about the request as a whole.
fn stages_about<'d, 'a>(
    decision: &'d Decision<'a>,
    item: &Item<'_>,
) -> impl Iterator<Item = &'d Asking<'a>> + use<'d, 'a> {
    let own = Selector {
        kind: Kind::Service,
        id: item.offer.service.id.clone(),
        part: Some(item.offer.id.clone()),
    };
    decision.stages.iter().filter(move |one| one.about.is_empty() || one.about.contains(&own))
}

fn stage(asking: &Asking<'_>) -> GrantStage {
    GrantStage { stage: asking.name(), need: u32::try_from(asking.needed).unwrap_or(u32::MAX) }
}

/// The rules that decided about the request as a whole and about one thing, each once, with the exceptions in force.
fn rules(decision: &Decision<'_>, item: &Item<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let considered = decision.trace.iter().chain(&item.trace);
    let own = considered.filter(|one| one.decides()).map(|one| one.rule.to_string());
    let exceptions = decision.exceptions().into_iter().map(|exception| format!("exception:{}", exception.id));
    for rule in own.chain(exceptions) {
        if !found.contains(&rule) {
            found.push(rule);
        }
    }
    found
}

/// What an entitlement gives, as a grant keeps it.
#[must_use]
pub fn provisioned(entitlement: &Entitlement) -> BTreeMap<Id, Provided> {
    let groups = (!entitlement.groups.is_empty()).then(|| Provided::Several(entitlement.groups.clone()));
    let one = |value: &Option<String>| value.clone().map(Provided::One);
    let all = [(LICENCE, one(&entitlement.licence_tier)), (ROLE, one(&entitlement.role)), (GROUPS, groups)];
    all.into_iter().filter_map(|(name, value)| Some((Id::new(name)?, value?))).collect()
}

/// What has to follow on access in an emergency: the stages that the same request would go through otherwise.
fn emergency(engine: &Engine<'_>, request: &Request, decision: &Decision<'_>, item: &Item<'_>) -> Emergency {
    let calm = Request { emergency: false, ..request.clone() };
    let otherwise = decide(engine, &calm, decision.instant, None);
    let asked: BTreeSet<String> = stages_about(decision, item).map(Asking::name).collect();
    let skipped = stages_about(&otherwise, item).map(Asking::name).filter(|stage| !asked.contains(stage));
    let within = engine.rulebook().settings.grants.emergency_review.seconds(86_400);
    let today = engine.date(decision.instant);
    let last = today.checked_add(jiff::SignedDuration::from_secs(within)).unwrap_or(today);
    Emergency { review_by: LocalDate(last), skipped: skipped.collect(), reviewed: None }
}

/// A grant as it was decided, without what happened to it later.
#[must_use]
pub fn as_decided(grant: &Grant) -> Grant {
    let mut plain = grant.clone();
    plain.state = GrantState::Active;
    plain.approval.clear();
    plain.ended = None;
    if let Some(emergency) = &mut plain.emergency {
        emergency.reviewed = None;
    }
    if let Some(decision) = &mut plain.decision {
        decision.digest = None;
        if decision.verdict == GrantVerdict::Approved {
            decision.verdict = GrantVerdict::NeedsApproval;
        }
    }
    plain
}

/// The digest of what was asked for and decided. What happens to a grant later does not change it.
#[must_use]
pub fn digest_of(grant: &Grant) -> String {
    digest(serde_json::to_string(&as_decided(grant)).unwrap_or_default().as_bytes())
}

/// Writes the digest of a grant down.
pub fn seal(grant: &mut Grant) {
    let digest = digest_of(grant);
    if let Some(decision) = &mut grant.decision {
        decision.digest = Some(digest);
    }
}

/// The request that a grant keeps, to be decided once more.
#[must_use]
pub fn request_of(grant: &Grant) -> Request {
    let requester = grant.requester.clone().unwrap_or_else(|| grant.beneficiary.clone());
    let beneficiary = (requester != grant.beneficiary).then(|| grant.beneficiary.clone());
    let asked = grant.asked.as_ref();
    Request {
        beneficiary,
        entitlements: vec![grant.entitlement.clone()],
        duration: asked.and_then(|asked| asked.duration),
        environment: asked.and_then(|asked| asked.environment),
        justification: grant.justification.clone(),
        ticket: asked.and_then(|asked| asked.ticket.clone()),
        project: grant.project.clone(),
        evidence: asked.map(|asked| asked.evidence.clone()).unwrap_or_default(),
        emergency: grant.emergency.is_some(),
        ..Request::of(requester)
    }
}

/// What people asked for and what is not decided yet, by who it is for. It is counted once, however many requests follow.
#[derive(Debug, Default)]
pub struct Pending<'a>(BTreeMap<&'a str, BTreeSet<&'a EntitlementRef>>);

impl<'a> Pending<'a> {
    /// What a ledger holds.
    #[must_use]
    pub fn new(rulebook: &'a Rulebook) -> Self {
        let mut pending = Self::default();
        for grant in rulebook.grants.iter().filter(|grant| grant.state == GrantState::Requested) {
            let grant = &grant.value;
            pending.0.entry(grant.beneficiary.as_str()).or_default().insert(&grant.entitlement);
        }
        pending
    }

    /// What is pending for somebody.
    pub fn of(&self, person: &str) -> impl Iterator<Item = &'a EntitlementRef> {
        self.0.get(person).into_iter().flatten().copied()
    }
}

/// A request with what else its beneficiary asked for, or gets at the same time: duties are kept apart from that as well.
#[must_use]
pub fn with_pending<'e>(
    mut request: Request,
    others: impl IntoIterator<Item = &'e EntitlementRef>,
) -> Request {
    for other in others {
        if !request.pending.contains(other) && !request.entitlements.contains(other) {
            request.pending.push(other.clone());
        }
    }
    request
}

/// The most letters of an id.
const MOST: usize = 64;

/// The id of a grant: who has what since when, cut and made unique where it must be.
#[must_use]
pub fn id_of(grant: &Grant, is_taken: impl Fn(&str) -> bool) -> Option<Id> {
    let entitlement = &grant.entitlement;
    let day = grant.asked.as_ref().map_or_else(|| grant.start.to_string(), |asked| asked.at.to_string());
    let day: String = day.chars().take(10).filter(char::is_ascii_digit).collect();
    let whole = format!("{}-{}-{}-{day}", grant.beneficiary, entitlement.service, entitlement.entitlement);
    let base = if whole.len() + 3 > MOST {
        let start: String = whole.chars().take(MOST - 12 - day.len()).collect();
        let mark: String = digest(whole.as_bytes()).chars().take(7).collect();
        format!("{}-{day}-{mark}", start.trim_end_matches(['-', '.', '_']))
    } else {
        whole
    };
    if !is_taken(&base) {
        return Id::new(&base);
    }
    (2..1_000).map(|number| format!("{base}-{number}")).find(|id| !is_taken(id)).and_then(|id| Id::new(&id))
}
