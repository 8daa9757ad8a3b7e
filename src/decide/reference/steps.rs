//! The second computation: every step of an access decision, one after the other, as the rules are written.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    conditions::{Value, holds, of_request, text},
    people::{enough, involves, records, who},
};
use crate::model::{
    EntitlementRef, Entry, Rulebook,
    access::{Access, AppliesTo, Decision as Decided, Mode, Rule},
    bundle::Bundle,
    exception::Exception,
    grant::{Grant, GrantState},
    person::{Person, PersonStatus},
    request::Request,
    request_type::RequestType,
    scenario::Verdict,
    service::{Entitlement, Lifecycle, Risk, Service},
    settings::DefaultDecision,
    sod::SodDecision,
    workflow::Evidence,
};

/// A request with everything that it names.
pub(super) struct Case<'a> {
    pub(crate) book: &'a Rulebook,
    pub(crate) request: &'a Request,
    pub(crate) requester: &'a Entry<Person>,
    pub(crate) beneficiary: &'a Entry<Person>,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
    pub(crate) bundle: Option<&'a Entry<Bundle>>,
    pub(crate) kind: Option<&'a Entry<RequestType>>,
    pub(super) bundles: Bundles,
}

/// What of their bundles people hold: what nobody has to agree to, or, while that is found out, all or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bundles {
    AsDecided,
    All,
    Nothing,
}

/// What is decided, without anything about how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    pub(crate) denials: BTreeSet<String>,
    pub(crate) rules: BTreeSet<String>,
    pub(crate) items: Vec<(String, Option<String>, Option<Timestamp>)>,
    pub(crate) stages: BTreeSet<Asked>,
    pub(crate) evidence: BTreeSet<(String, bool)>,
    /// The things to which nobody has to agree.
    pub(crate) at_once: BTreeSet<String>,
    /// Whether nobody knows what comes with a bundle. It matters only if a rule asks.
    pub(crate) unclear: bool,
}

/// A stage that is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) people: BTreeSet<String>,
    /// Who can act now or later.
    pub(crate) pool: BTreeSet<String>,
    pub(crate) needed: usize,
    pub(crate) distinct: bool,
}

/// Something that is held from one instant until before another.
pub(super) type Time = (Timestamp, Option<Timestamp>);

impl<'a> Case<'a> {
    pub(super) fn offer(&self, item: &str) -> (&'a Entry<Service>, &'a Entitlement) {
        let of = EntitlementRef::parse(item).unwrap();
        let service = self.book.services.get(of.service.as_str()).unwrap();
        (service, &service.entitlement[&of.entitlement])
    }

    pub(super) fn midnight(&self, date: Date) -> Timestamp {
        let zone = self.book.settings.project.time_zone.resolve().unwrap();
        date.to_zoned(zone).unwrap().timestamp()
    }

    pub(super) fn after(&self, date: Date) -> Timestamp {
        self.midnight(date.tomorrow().unwrap())
    }

    /// When access can begin.
    fn begins(&self) -> Timestamp {
        self.beneficiary.start.map_or(self.now, |start| self.now.max(self.midnight(start.0)))
    }

    /// The first instant at which a grant gives nothing any more.
    pub(super) fn ends(&self, grant: &Grant) -> Option<Timestamp> {
        let last = grant.end.map(|end| self.after(end.0));
        match (last, grant.until) {
            (Some(last), Some(until)) => Some(last.min(until.0)),
            (last, until) => last.or(until.map(|until| until.0)),
        }
    }

    /// How many percent of the colleagues with the same department and title hold something.
    pub(super) fn share_of_peers(&self, item: &str) -> usize {
        let like = |person: &Person| match (text(person.department.as_deref()), text(person.title.as_deref()))
        {
            (Value::Text(department), Value::Text(title)) => Some((department, title)),
            _ => None,
        };
        let Some(own) = like(self.beneficiary) else { return 0 };
        let is_peer = |person: &&Entry<Person>| {
            !self.is_one(&person.id, &self.beneficiary.id)
                && person.status != PersonStatus::Inactive
                && person.employment.is_human()
                && person.end.is_none_or(|end| end.0 >= self.today)
                && like(person).as_ref() == Some(&own)
        };
        let holds = |person: &&Entry<Person>| {
            self.book.grants.iter().any(|grant| {
                *grant.beneficiary.id() == person.id
                    && grant.entitlement.to_string() == item
                    && grant.state == GrantState::Active
                    && self.midnight(grant.start.0) <= self.now
                    && self.ends(grant).is_none_or(|end| self.now < end)
            })
        };
        let peers: Vec<&Entry<Person>> = self.book.people.iter().filter(is_peer).collect();
        let people = |peers: &mut dyn Iterator<Item = &&Entry<Person>>| {
            peers.map(|peer| records(self, peer.id.as_str())).collect::<BTreeSet<_>>().len()
        };
        let holders = people(&mut peers.iter().filter(|peer| holds(peer)));
        (holders * 100).checked_div(people(&mut peers.iter())).unwrap_or(0)
    }

    fn brings(&self, evidence: Evidence) -> bool {
        let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        match evidence {
            Evidence::Justification => said(&self.request.justification),
            Evidence::Ticket => said(&self.request.ticket),
            Evidence::Project => said(&self.request.project),
            _ => self.request.evidence.contains(&evidence),
        }
    }

    /// How specific a scope is for something; more is more specific.
    fn reach(&self, scope: &AppliesTo, item: &str) -> Option<usize> {
        let (service, _) = self.offer(item);
        match scope {
            AppliesTo::Entitlement(of) => (of.to_string() == item).then_some(1_000),
            AppliesTo::Service(of) => (*of.id() == service.id).then_some(999),
            AppliesTo::Category(of) => {
                let (mut at, mut reach) = (service.category.clone(), 900);
                while let Some(category) = at {
                    if category == *of {
                        return Some(reach);
                    }
                    at = self.book.categories.get(category.as_str()).and_then(|found| found.parent.clone());
                    reach -= 1;
                }
                None
            }
            AppliesTo::Everything => Some(0),
        }
    }

    /// Until when a rule is waived for all of these things; none when it is not.
    fn waived(&self, rule: &str, items: &[&str]) -> Option<Date> {
        let in_force = |exception: &&Entry<Exception>| {
            let agreed = exception.approved_by.as_ref().map(crate::model::Ref::as_str);
            let involved = [self.requester, self.beneficiary]
                .into_iter()
                .any(|one| agreed.is_some_and(|by| involves(self, one, by)));
            exception.rule.to_string() == rule
                && exception.from.is_none_or(|from| from.0 <= self.today)
                && exception.expires.is_some_and(|expires| expires.0 >= self.today)
                && (exception.people.is_empty()
                    || exception.people.iter().any(|person| *person.id() == self.beneficiary.id))
                && (exception.entitlements.is_empty()
                    || items
                        .iter()
                        .all(|item| exception.entitlements.iter().any(|of| of.to_string() == *item)))
                && agreed.and_then(|by| self.book.people.get(by)).is_some_and(|by| by.employment.is_human())
                && !involved
        };
        // One that lasts longer makes the rest of them needless.
        self.book
            .exceptions
            .iter()
            .filter(in_force)
            .filter_map(|exception| exception.expires)
            .map(|end| end.0)
            .max()
    }
}

pub(super) fn overlap(one: Time, other: Time) -> bool {
    one.1.is_none_or(|end| other.0 < end) && other.1.is_none_or(|end| one.0 < end)
}

/// What is found about one thing.
#[derive(Default)]
struct Found {
    rule: Option<String>,
    workflows: Vec<String>,
    caps: Vec<Timestamp>,
    evidence: Vec<Evidence>,
    /// A guardrail has ended it.
    ended: bool,
    /// A policy, or that there is none, has.
    refused: bool,
}

/// Decides.
pub(super) fn answer(book: &Rulebook, request: &Request, now: Timestamp) -> Answer {
    answer_while(book, request, now, Bundles::AsDecided)
}

/// The same, with so much of their bundles taken for theirs.
pub(super) fn answer_while(book: &Rulebook, request: &Request, now: Timestamp, bundles: Bundles) -> Answer {
    let mut answer = Answer {
        verdict: Verdict::Invalid,
        denials: BTreeSet::new(),
        rules: BTreeSet::new(),
        items: Vec::new(),
        stages: BTreeSet::new(),
        evidence: BTreeSet::new(),
        at_once: BTreeSet::new(),
        unclear: false,
    };
    let beneficiary = request.beneficiary.as_ref().unwrap_or(&request.requester);
    let (Some(requester), Some(beneficiary)) =
        (book.people.get(request.requester.as_str()), book.people.get(beneficiary.as_str()))
    else {
        return answer;
    };
    let zone = book.settings.project.time_zone.resolve().unwrap();
    let today = now.to_zoned(zone).date();
    let bundle = request.bundle.as_ref().and_then(|bundle| book.bundles.get(bundle.as_str()));
    let kind = request.request_type.as_ref().and_then(|kind| book.request_types.get(kind.as_str()));
    let case = Case { book, request, requester, beneficiary, now, today, bundle, kind, bundles };
    let mut items: Vec<String> = request.entitlements.iter().map(ToString::to_string).collect();
    let is_twice = items.iter().collect::<BTreeSet<_>>().len() < items.len();
    for item in bundle.into_iter().flat_map(|bundle| &bundle.entitlements) {
        if !items.contains(&item.to_string()) {
            items.push(item.to_string());
        }
    }
    let offered: Vec<String> =
        kind.into_iter().flat_map(|kind| &kind.entitlements).map(ToString::to_string).collect();
    if let (true, [only]) = (items.is_empty(), offered.as_slice()) {
        items.push(only.clone());
    }
    let wanted = request.environment;
    if items.is_empty()
        || is_twice
        || !offered.is_empty() && items.iter().any(|item| !offered.contains(item))
        || request.duration.is_some_and(|duration| duration.is_zero())
        || items.iter().any(|item| wanted.is_some_and(|wanted| case.offer(item).1.environment != wanted))
    {
        return answer;
    }
    answer.verdict = Verdict::Denied;
    refuse(&case, &items, &mut answer);
    by_type(&case, &items, &mut answer);
    let mut found: Vec<Found> = items.iter().map(|item| guardrails(&case, item, &mut answer)).collect();
    for (item, found) in items.iter().zip(&mut found).filter(|(_, found)| !found.ended) {
        policies(&case, item, found, &mut answer);
    }
    let times = duties(&case, &items, &mut found, &mut answer);
    if answer.denials.is_empty() {
        ask(&case, &items, &found, &mut answer);
    }
    let is_asked_as_a_whole = case.kind.is_some_and(|kind| kind.workflow.is_some());
    for ((item, found), (_, until)) in items.iter().zip(found).zip(times) {
        let is_asked = !answer.stages.is_empty() && (is_asked_as_a_whole || !found.workflows.is_empty());
        if answer.denials.is_empty() && !is_asked {
            answer.at_once.insert(item.clone());
        }
        answer.items.push((item.clone(), found.rule, until));
    }
    answer.verdict = match (answer.denials.is_empty(), answer.stages.is_empty()) {
        (false, _) => Verdict::Denied,
        (true, false) => Verdict::NeedsApproval,
        (true, true) => Verdict::Approved,
    };
    // What the same human being holds under another name is neither held nor not where a rule asks that.
    let elsewhere = !case.elsewhere().is_empty();
    answer.unclear = elsewhere || case.bundles == Bundles::AsDecided && case.given().is_none();
    answer
}

/// Step 1: what cannot be asked for, and who cannot.
fn refuse(case: &Case<'_>, items: &[String], answer: &mut Answer) {
    for (person, is_beneficiary) in [(case.requester, false), (case.beneficiary, true)] {
        if person.status == PersonStatus::Inactive || person.end.is_some_and(|end| end.0 < case.today) {
            answer.denials.insert("inactive".to_owned());
        }
        let later = person.start.is_some_and(|start| start.0 > case.today);
        let joining = person.status == PersonStatus::Joining;
        // For themselves they may ask: it begins on the first day, if anybody knows it.
        let for_others = case.requester.id != case.beneficiary.id && !is_beneficiary;
        if joining && is_beneficiary && person.start.is_none() || for_others && (later || joining) {
            answer.denials.insert("not-started".to_owned());
        }
    }
    for item in items {
        let (service, entitlement) = case.offer(item);
        if !matches!(service.lifecycle, Some(Lifecycle::Active | Lifecycle::Deprecated)) {
            answer.denials.insert("service-not-offered".to_owned());
        }
        let comes_with_them = case.bundle.is_some_and(|bundle| {
            case.is_theirs(bundle) && bundle.entitlements.iter().any(|of| of.to_string() == *item)
        });
        if !entitlement.requestable && !comes_with_them {
            answer.denials.insert("not-requestable".to_owned());
        }
    }
}

/// The request type: whether it is offered, and to them.
fn by_type(case: &Case<'_>, items: &[String], answer: &mut Answer) {
    let Some(kind) = case.kind else { return };
    if matches!(kind.lifecycle, Lifecycle::Retired | Lifecycle::Proposed) {
        answer.denials.insert("request-type-not-offered".to_owned());
    }
    let available = kind.available_when.as_ref().is_none_or(|when| {
        items.iter().all(|item| holds(when, &|namespace, name| of_request(case, item, namespace, name)))
    });
    if available {
        answer.rules.insert(format!("request-type:{}", kind.id));
    } else {
        answer.denials.insert("not-available".to_owned());
    }
}

/// Step 2: all that match apply.
fn guardrails(case: &Case<'_>, item: &str, answer: &mut Answer) -> Found {
    let mut found = Found::default();
    for guardrail in case.book.guardrails.iter().filter(|guardrail| guardrail.mode == Mode::Enforce) {
        let about = guardrail.applies_to.as_ref().is_none_or(|scope| case.reach(scope, item).is_some());
        if !about || !holds(&guardrail.when, &|namespace, name| of_request(case, item, namespace, name)) {
            continue;
        }
        let rule = format!("guardrail:{}", guardrail.id);
        if let Some(end) = case.waived(&rule, &[item]) {
            found.caps.push(case.after(end));
            continue;
        }
        answer.rules.insert(rule);
        if guardrail.deny {
            answer.denials.insert("rule".to_owned());
            found.ended = true;
        }
        found
            .workflows
            .extend(guardrail.require_approval.as_ref().map(|workflow| workflow.as_str().to_owned()));
        found.caps.extend(guardrail.max_duration.map(|length| later(case, length)));
        found.evidence.extend(&guardrail.require);
    }
    found
}

fn later(case: &Case<'_>, length: crate::model::Duration) -> Timestamp {
    case.begins() + SignedDuration::from_secs(length.seconds(0))
}

/// Steps 4 to 6: the first rule that matches, and how long.
fn policies(case: &Case<'_>, item: &str, found: &mut Found, answer: &mut Answer) {
    let (_, entitlement) = case.offer(item);
    let mut policies: Vec<(usize, i32, &Entry<Access>)> = Vec::new();
    for policy in &case.book.access {
        if let Some(reach) = case.reach(&policy.applies_to, item) {
            policies.push((usize::MAX - reach, policy.order.unwrap_or(0), policy));
        }
    }
    policies.sort_by_key(|(reach, order, _)| (*reach, *order));
    let rules = policies.iter().flat_map(|(_, _, policy)| policy.rule.iter().map(move |rule| (policy, rule)));
    let mut decides: Option<&Rule> = None;
    for (policy, rule) in rules.filter(|(_, rule)| rule.mode == Mode::Enforce) {
        if holds(&rule.when, &|namespace, name| of_request(case, item, namespace, name)) {
            let name = format!("access:{}/{}", policy.id, rule.id);
            if let Some(end) = case.waived(&name, &[item]) {
                found.caps.push(case.after(end));
                continue;
            }
            answer.rules.insert(name.clone());
            found.rule = Some(name);
            decides = Some(rule);
            break;
        }
    }
    let denial = match (decides.map(|rule| &rule.decision), &case.book.settings.decision.default) {
        (Some(Decided::AutoApprove), _) => None,
        (Some(Decided::Deny), _) => Some("rule"),
        (None, DefaultDecision::Deny) => Some("no-rule-matched"),
        (Some(Decided::Workflow(workflow)), _) | (None, DefaultDecision::Workflow(workflow)) => {
            found.workflows.push(workflow.as_str().to_owned());
            None
        }
    };
    found.refused = denial.is_some();
    answer.denials.extend(denial.map(str::to_owned));
    if let Some(rule) = decides {
        found.caps.extend(rule.max_duration.map(|length| later(case, length)));
        found.evidence.extend(&rule.require);
    }
    found.caps.extend(case.request.duration.map(|length| later(case, length)));
    found.caps.extend(entitlement.max_duration.map(|length| later(case, length)));
    found.caps.extend(case.beneficiary.end.map(|end| case.after(end.0)));
    found.evidence.extend(entitlement.training.as_ref().map(|_| Evidence::Training));
}

/// Step 3: against what is held, asked for and pending while both last.
fn duties(case: &Case<'_>, items: &[String], found: &mut [Found], answer: &mut Answer) -> Vec<Time> {
    let times: Vec<Time> =
        found.iter().map(|found| (case.begins(), found.caps.iter().min().copied())).collect();
    // What is asked for or pending can last as long as this does.
    let always = (Timestamp::MIN, None);
    let mut others = case.held();
    others.extend(case.elsewhere());
    others.extend(case.request.pending.iter().map(|item| (item.to_string(), always)));
    others.extend(items.iter().map(|item| (item.clone(), always)));
    for rule in case.book.sods.iter().filter(|rule| rule.mode == Mode::Enforce) {
        let name = format!("sod:{}", rule.id);
        for ((item, found), time) in items.iter().zip(&mut *found).zip(&times) {
            if found.ended {
                continue;
            }
            let waiting = case.waiting(item).into_iter().map(|item| (item, always));
            for (other, held) in &others.iter().cloned().chain(waiting).collect::<Vec<_>>() {
                let of = |item: &str| EntitlementRef::parse(item).unwrap();
                let across = |one: &String, two: &String| {
                    let against = if rule.against.is_empty() { &rule.entitlements } else { &rule.against };
                    rule.entitlements.contains(&of(one)) && against.contains(&of(two))
                };
                let conflict = item != other && (across(item, other) || across(other, item));
                if !conflict || !overlap(*time, *held) {
                    continue;
                }
                if let Some(end) = case.waived(&name, &[item, other]) {
                    found.caps.push(case.after(end));
                    continue;
                }
                answer.rules.insert(name.clone());
                match &rule.decision {
                    SodDecision::Deny => _ = answer.denials.insert("separation-of-duties".to_owned()),
                    SodDecision::Workflow(workflow) => found.workflows.push(workflow.as_str().to_owned()),
                }
            }
        }
    }
    for (item, found) in items.iter().zip(&*found) {
        if found.caps.is_empty() && !found.ended && !found.refused && case.offer(item).1.risk != Risk::Low {
            answer.denials.insert("no-end".to_owned());
        }
    }
    found.iter().map(|found| (case.begins(), found.caps.iter().min().copied())).collect()
}

/// Step 7: whom to ask, and what must be brought.
fn ask(case: &Case<'_>, items: &[String], found: &[Found], answer: &mut Answer) {
    // Whoever is asked about the request as a whole can wait for anything.
    let of_type = case.kind.and_then(|kind| kind.workflow.as_ref());
    if let Some(workflow) = of_type {
        stages_of(case, workflow.as_str(), None, answer);
    }
    for (item, found) in items.iter().zip(found) {
        for workflow in &found.workflows {
            stages_of(case, workflow, Some(item), answer);
        }
        for evidence in &found.evidence {
            answer.evidence.insert((evidence.name().to_owned(), case.brings(*evidence)));
            if of_type.is_none() && found.workflows.is_empty() && !case.brings(*evidence) {
                answer.denials.insert("missing-evidence".to_owned());
            }
        }
    }
    let stages: Vec<Asked> = answer.stages.iter().cloned().collect();
    if !enough(case, &stages) {
        answer.denials.clear();
        answer.denials.insert("no-approver".to_owned());
    }
}

/// The stages of a workflow that is asked about one thing, or about the request as a whole.
fn stages_of(case: &Case<'_>, workflow: &str, item: Option<&str>, answer: &mut Answer) {
    let workflow = case.book.workflows.get(workflow).unwrap();
    for stage in &workflow.stage {
        let (people, pool, needed) = who(case, stage, item);
        let name = format!("{}/{}", workflow.id, stage.id);
        answer.stages.insert(Asked { name, people, pool, needed, distinct: workflow.distinct });
        answer.evidence.extend(stage.require.iter().map(|of| (of.name().to_owned(), case.brings(*of))));
    }
}
