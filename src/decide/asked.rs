//! From a request as it was written to what it names, or to everything that is wrong with it.
//!
//! An unknown person or value is an invalid request, an error of whoever wrote it, not a denial.

use jiff::Timestamp;

use super::{
    engine::Engine,
    form,
    ledger::{Held, HeldBy},
    peers::History,
    policy::Offer,
    stages::Matter,
    undecidable::Undecidable,
};
use crate::{
    load::text::is_invisible,
    model::{
        Duration, EntitlementRef, Entry, Kind,
        bundle::Bundle,
        person::Person,
        request::Request,
        request_type::RequestType,
        service::{Environment, Service},
        workflow::Evidence,
    },
};

/// Longer reasons are cut off by the systems that keep them.
pub const MOST_CHARACTERS: usize = crate::model::approval::MOST_CHARACTERS;
/// More at once is a mass change, not a request: two hundred are too many.
pub const MOST_ENTITLEMENTS: usize = 199;

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A reference that leads nowhere.
    #[error("`{field}`: there is no {} `{id}`", kind.name())]
    Unknown {
        /// The field.
        field: &'static str,
        /// What was expected.
        kind: Kind,
        /// What was written.
        id: String,
    },
    /// An entitlement that does not exist.
    #[error("`{field}`: there is no entitlement `{id}`")]
    UnknownEntitlement {
        /// The field.
        field: &'static str,
        /// What was written.
        id: EntitlementRef,
    },
    /// Nothing is asked for.
    #[error("nothing is asked for: name `entitlements`, a `bundle` or a request `type`")]
    Nothing,
    /// The same twice.
    #[error("`{0}` is asked for twice")]
    Twice(EntitlementRef),
    /// Too much at once.
    #[error("{0} entitlements are asked for at once: ask for at most {MOST_ENTITLEMENTS}")]
    TooMany(usize),
    /// A duration of no time.
    #[error(
        "`duration` is no time at all: leave it out for access without end, or write how long it is needed"
    )]
    NoTime,
    /// A duration in business days.
    #[error("`duration` counts business days: access ends at an instant, so write days or hours")]
    BusinessDays,
    /// A text that is too long.
    #[error("`{field}` has {length} characters: write at most {MOST_CHARACTERS}")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Its length.
        length: usize,
    },
    /// Evidence that has a field of its own.
    #[error("`evidence` names `{0}`, which has a field of its own: write `{0} = \"…\"`")]
    EvidenceWithField(Evidence),
    /// An instant that no request is made at.
    #[error("the request is made at {0}: requests are made from 1970 on")]
    BeforeClocks(Timestamp),
    /// Something is wrong with the form.
    #[error(transparent)]
    Form(#[from] form::FormProblem),
    /// A request type does not offer an entitlement that is asked for with it.
    #[error("the request type `{request_type}` does not offer `{entitlement}`")]
    NotOffered {
        /// The request type.
        request_type: String,
        /// The entitlement.
        entitlement: EntitlementRef,
    },
    /// A request type offers several entitlements and none is named.
    #[error("the request type `{request_type}` offers several: name one of {}", listed(offered))]
    NameOne {
        /// The request type.
        request_type: String,
        /// What it offers.
        offered: Vec<EntitlementRef>,
    },
    /// An entitlement gives access to another environment than was asked for.
    #[error("`environment` is `{asked}`, and `{entitlement}` gives access to `{own}`")]
    OtherEnvironment {
        /// The entitlement.
        entitlement: EntitlementRef,
        /// Its environment.
        own: Environment,
        /// What was asked for.
        asked: Environment,
    },
    /// An entitlement of another service than was named.
    #[error("`service` is `{service}`, and `{entitlement}` belongs to another one")]
    NotOfService {
        /// The entitlement.
        entitlement: EntitlementRef,
        /// What was named.
        service: String,
    },
    /// The request type is about another service.
    #[error("the request type `{request_type}` is about the service `{own}`, not `{named}`")]
    OtherService {
        /// The request type.
        request_type: String,
        /// The service that it is about.
        own: String,
        /// The service that the request names.
        named: String,
    },
}

fn listed(offered: &[EntitlementRef]) -> String {
    offered.iter().map(|reference| format!("`{reference}`")).collect::<Vec<_>>().join(", ")
}

/// What of the bundles that come with what somebody is counts as theirs where a rule asks what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Bundles {
    /// What is given without anybody having to agree.
    #[default]
    AsDecided,
    /// All of them: one end of what can be, while it is decided what comes with one of them.
    All,
    /// None of them: the other end.
    Nothing,
}

/// What a request names.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The request, with what its form says put into its fields.
    pub request: Request,
    /// Who asks.
    pub requester: &'a Entry<Person>,
    /// Who it is for.
    pub beneficiary: &'a Entry<Person>,
    /// What is asked for, in the order in which it was named; that of a bundle last.
    pub offers: Vec<Offer<'a>>,
    /// The bundle.
    pub bundle: Option<&'a Entry<Bundle>>,
    /// Whether the bundle is the beneficiary's by their role or department.
    pub bundle_is_theirs: bool,
    /// The request type.
    pub request_type: Option<&'a Entry<RequestType>>,
    /// The service that a request is about which asks for no entitlement.
    pub service: Option<&'a Entry<Service>>,
    /// What the beneficiary holds or will hold, and not only today.
    pub held: Vec<Held<'a>>,
    /// What the same person holds under other records of theirs, each with the record.
    pub(super) elsewhere: Vec<(&'a str, Held<'a>)>,
    /// What of their bundles a rule sees that asks what they hold.
    pub(super) bundles: Bundles,
    /// The answers that are attributes of the request: declared ones by their own name, others below `form.`.
    pub answers: form::Answers,
    /// When it is asked.
    pub instant: Timestamp,
    /// When access can begin: at once, or on the first day of the beneficiary.
    pub starts: Timestamp,
    /// The seconds for which access is asked; none without end.
    pub seconds: Option<i64>,
}

/// Looks everything up that a request names.
///
/// # Errors
/// Everything that is wrong with the request.
pub fn resolve<'a>(
    engine: &Engine<'a>,
    written: &Request,
    instant: Timestamp,
) -> Result<Result<Asked<'a>, Vec<Problem>>, Undecidable> {
    let rulebook = engine.rulebook();
    let mut problems = Vec::new();
    let mut request = written.clone();
    let person = |field: &'static str, id: &str, problems: &mut Vec<Problem>| {
        let found = engine.person(id);
        if found.is_none() {
            problems.push(Problem::Unknown { field, kind: Kind::Person, id: id.to_owned() });
        }
        found
    };
    if instant < Timestamp::UNIX_EPOCH {
        problems.push(Problem::BeforeClocks(instant));
    }
    let requester = person("requester", request.requester.as_str(), &mut problems);
    let beneficiary = match &request.beneficiary {
        Some(id) => person("beneficiary", id.as_str(), &mut problems),
        None => requester,
    };
    let request_type = look_up(request.request_type.as_ref(), "type", &mut problems, &rulebook.request_types);
    let bundle = look_up(request.bundle.as_ref(), "bundle", &mut problems, &rulebook.bundles);
    let mut service = look_up(request.service.as_ref(), "service", &mut problems, &rulebook.services);
    let mut answers = form::Answers::default();
    if let Some(request_type) = request_type {
        answers = form::fill_in(engine, request_type, &mut request, &mut problems);
    } else {
        let extra = request.form.keys().map(|field| form::FormProblem::NoForm { field: field.to_string() });
        problems.extend(extra.map(Problem::from));
    }
    if let Some(own) = request_type.and_then(|request_type| request_type.service.as_ref()) {
        if let Some(named) = request.service.as_ref().filter(|named| *named != own) {
            problems.push(Problem::OtherService {
                request_type: request.request_type.as_ref().map(ToString::to_string).unwrap_or_default(),
                own: own.to_string(),
                named: named.to_string(),
            });
        }
        service = service.or_else(|| rulebook.services.get(own.as_str()));
    }
    let offers = offers(engine, &request, bundle, request_type, &mut problems);
    if offers.is_empty() && request_type.is_none() && problems.is_empty() {
        problems.push(Problem::Nothing);
    }
    check_values(&request, &mut problems);
    for pending in &request.pending {
        if engine.offer(pending).is_none() {
            problems.push(Problem::UnknownEntitlement { field: "pending", id: pending.clone() });
        }
    }
    let (Some(requester), Some(beneficiary), true) = (requester, beneficiary, problems.is_empty()) else {
        return Ok(Err(problems));
    };
    let (held, bundle_is_theirs) = holdings(engine, beneficiary, bundle)?;
    let elsewhere = elsewhere(engine, beneficiary)?;
    let seconds = request.duration.map(|duration| duration.seconds(0));
    let first_day = beneficiary.start.and_then(|start| engine.start_of(start.0));
    let starts = first_day.map_or(instant, |first_day| instant.max(first_day));
    Ok(Ok(Asked {
        request,
        requester,
        beneficiary,
        offers,
        bundle,
        bundle_is_theirs,
        request_type,
        service,
        held,
        elsewhere,
        bundles: Bundles::default(),
        answers,
        instant,
        starts,
        seconds,
    }))
}

fn look_up<'a, T: crate::model::Document>(
    reference: Option<&crate::model::Ref<T>>,
    field: &'static str,
    problems: &mut Vec<Problem>,
    objects: &'a crate::model::Objects<T>,
) -> Option<&'a Entry<T>> {
    let id = reference?.as_str();
    let found = objects.get(id);
    if found.is_none() {
        problems.push(Problem::Unknown { field, kind: T::KIND, id: id.to_owned() });
    }
    found
}

/// What is asked for, each once.
fn offers<'a>(
    engine: &Engine<'a>,
    request: &Request,
    bundle: Option<&'a Entry<Bundle>>,
    request_type: Option<&'a Entry<RequestType>>,
    problems: &mut Vec<Problem>,
) -> Vec<Offer<'a>> {
    let all = request.entitlements.len() + bundle.map_or(0, |bundle| bundle.entitlements.len());
    if all > MOST_ENTITLEMENTS {
        // Before anything else: what follows looks at every pair.
        problems.push(Problem::TooMany(all));
        return Vec::new();
    }
    let mut named: Vec<&EntitlementRef> = Vec::new();
    for reference in &request.entitlements {
        if named.contains(&reference) {
            problems.push(Problem::Twice(reference.clone()));
        } else {
            named.push(reference);
        }
    }
    for reference in bundle.into_iter().flat_map(|bundle| &bundle.value.entitlements) {
        if !named.contains(&reference) {
            named.push(reference);
        }
    }
    for &reference in &named {
        let offered = request_type.map(|request_type| &request_type.entitlements);
        if let Some(offered) = offered.filter(|offered| !offered.is_empty())
            && !offered.contains(reference)
        {
            problems.push(Problem::NotOffered {
                request_type: request_type
                    .map(|request_type| request_type.id.to_string())
                    .unwrap_or_default(),
                entitlement: reference.clone(),
            });
        }
    }
    if let Some(request_type) = request_type.filter(|_| named.is_empty()) {
        match request_type.value.entitlements.as_slice() {
            [] => {}
            [only] => named.push(only),
            several => problems.push(Problem::NameOne {
                request_type: request_type.id.to_string(),
                offered: several.to_vec(),
            }),
        }
    }
    let mut offers = Vec::new();
    for reference in named {
        match engine.offer(reference) {
            Some(offer) => {
                if let Some(asked) =
                    request.environment.filter(|asked| *asked != offer.entitlement.environment)
                {
                    problems.push(Problem::OtherEnvironment {
                        entitlement: reference.clone(),
                        own: offer.entitlement.environment,
                        asked,
                    });
                }
                if let Some(service) =
                    request.service.as_ref().filter(|named| *named.id() != offer.service.id)
                {
                    problems.push(Problem::NotOfService {
                        entitlement: reference.clone(),
                        service: service.to_string(),
                    });
                }
                offers.push(offer);
            }
            None => {
                problems.push(Problem::UnknownEntitlement { field: "entitlements", id: reference.clone() });
            }
        }
    }
    offers
}

pub(super) fn check_values(request: &Request, problems: &mut Vec<Problem>) {
    match request.duration {
        Some(duration) if duration.is_zero() => problems.push(Problem::NoTime),
        Some(Duration::BusinessDays { .. }) => problems.push(Problem::BusinessDays),
        _ => {}
    }
    let texts = [
        ("justification", &request.justification),
        ("ticket", &request.ticket),
        ("project", &request.project),
    ];
    for (field, text) in texts {
        let length = text.as_ref().map_or(0, |text| text.chars().count());
        if length > MOST_CHARACTERS {
            problems.push(Problem::TooLong { field, length });
        }
    }
    for evidence in &request.evidence {
        if matches!(evidence, Evidence::Justification | Evidence::Ticket | Evidence::Project) {
            problems.push(Problem::EvidenceWithField(*evidence));
        }
    }
}

/// What somebody holds by the ledger and by their role or department, whenever it starts or ends.
///
/// # Errors
/// When it cannot be said who gets a bundle.
pub fn held<'a>(engine: &Engine<'a>, person: &'a Entry<Person>) -> Result<Vec<Held<'a>>, Undecidable> {
    holdings(engine, person, None).map(|(held, _)| held)
}

/// What somebody holds by the ledger and by their role or department, and whether a bundle is theirs.
pub(super) fn holdings<'a>(
    engine: &Engine<'a>,
    person: &'a Entry<Person>,
    asked: Option<&'a Entry<Bundle>>,
) -> Result<(Vec<Held<'a>>, bool), Undecidable> {
    let mut held = engine.ledger().of(person.id.as_str()).to_vec();
    let mut theirs = false;
    for bundle in &engine.rulebook().bundles {
        if !super::condition::holds_for(engine, &bundle.value.when, bundle.origin, person)? {
            continue;
        }
        // What is being asked for is not held yet.
        if asked.is_some_and(|asked| asked.id == bundle.id) {
            theirs = true;
            continue;
        }
        held.extend(bundle.value.entitlements.iter().map(|entitlement| Held {
            entitlement,
            by: HeldBy::Bundle(bundle),
            from: Timestamp::MIN,
            until: person.end.and_then(|end| engine.end_of(end.0)),
        }));
    }
    Ok((held, theirs))
}

/// What somebody holds under other records of theirs: people are counted, not records.
///
/// # Errors
/// When it cannot be said who gets a bundle.
fn elsewhere<'a>(
    engine: &Engine<'a>,
    person: &Entry<Person>,
) -> Result<Vec<(&'a str, Held<'a>)>, Undecidable> {
    let hands = engine.hands();
    let mut found = Vec::new();
    if !hands.has_several(person.id.as_str()) {
        return Ok(found);
    }
    let mut records: Vec<&'a str> = hands.others(person.id.as_str()).collect();
    records.sort_unstable();
    for record in records {
        let Some(other) = engine.rulebook().people.get(record) else { continue };
        let (held, _) = holdings(engine, other, None)?;
        found.extend(held.into_iter().map(|held| (record, held)));
    }
    Ok(found)
}

impl<'a> Asked<'a> {
    /// What people are asked about.
    #[must_use]
    pub fn matter(&self) -> Matter<'_, 'a> {
        Matter {
            requester: self.requester,
            beneficiary: self.beneficiary,
            service: self.service,
            instant: self.instant,
            change_owner: None,
            implementers: &[],
        }
    }

    /// Whether it is only worked out what comes with a bundle of the beneficiary: nobody asks for it then.
    pub(super) fn is_about_a_bundle(&self) -> bool {
        self.bundles != Bundles::AsDecided
    }

    /// Whether the beneficiary gets something by their role or department.
    pub(super) fn comes_with_a_bundle(&self, entitlement: &EntitlementRef) -> bool {
        self.bundle_is_theirs && self.bundle.is_some_and(|bundle| bundle.entitlements.contains(entitlement))
    }

    /// Whether the requester brought some evidence.
    #[must_use]
    pub fn brings(&self, evidence: Evidence) -> bool {
        brings(&self.request, evidence)
    }
}

/// Whether some evidence comes with a request.
pub(super) fn brings(request: &Request, evidence: Evidence) -> bool {
    let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !is_blank(text));
    match evidence {
        Evidence::Justification => said(&request.justification),
        Evidence::Ticket => said(&request.ticket),
        Evidence::Project => said(&request.project),
        Evidence::Training | Evidence::Agreement | Evidence::Mfa => request.evidence.contains(&evidence),
    }
}

/// Whether a text says nothing: white space is no reason, and neither is what cannot be seen.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|character| character.is_whitespace() || character.is_control() || is_invisible(character))
}

/// How earlier requests were decided, where somebody keeps count.
pub type MaybeHistory<'h> = Option<&'h dyn History>;
