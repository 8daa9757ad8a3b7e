//! A request that shows a case, decided by both engines.

use std::collections::BTreeSet;

use super::{
    facts::{Asks, known},
    meaning::Outcome,
    side::Side,
};
use crate::{
    decide::{
        access::decide,
        ledger::Held,
        space::{Facet, Set, Space},
        value::Value,
    },
    model::{
        Duration, EntitlementRef, Entry, Ref, person::Person, request::Request, scenario::Verdict,
        service::Environment, workflow::Evidence,
    },
};

/// The shortest duration that is asked for where any will do, in seconds.
const HOUR: i64 = 3_600;

/// A request, and what both rulebooks decide about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The request.
    pub request: Request,
    /// What was decided about it.
    pub before: Verdict,
    /// What would be.
    pub after: Verdict,
}

/// The verdict about a request that brings everything it needs.
const fn verdict(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Denied | Outcome::Nobody => Verdict::Denied,
        Outcome::Granted(granted) if granted.panels.is_empty() => Verdict::Approved,
        Outcome::Granted(_) => Verdict::NeedsApproval,
    }
}

/// A request of somebody that lies in a set and is decided as said.
pub(super) fn witness<'a>(
    sides: &[Side<'a>; 2],
    space: &mut Space<'a>,
    set: Set,
    entitlement: &EntitlementRef,
    (person, held): (&'a Entry<Person>, &[Held<'a>]),
    outcomes: [&Outcome; 2],
) -> Option<Witness> {
    let [_, side] = sides;
    let people = &side.engine.rulebook().people;
    let manager = person.manager.as_ref().and_then(|manager| people.get(manager.as_str()));
    let evidence = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Granted(granted) => Some(granted),
        Outcome::Denied | Outcome::Nobody => None,
    });
    let evidence: BTreeSet<Evidence> = evidence
        .flat_map(|granted| granted.panels.iter().flat_map(|panel| &panel.evidence).chain(&granted.evidence))
        .copied()
        .collect();
    for requester in std::iter::once(person).chain(manager) {
        let known = known(side, space, person, held, Asks::Somebody(requester));
        let Ok(left) = space.given(set, &known) else { continue };
        let mut request = Request::of(Ref::new(requester.id.clone()));
        if requester.id != person.id {
            request.beneficiary = Some(Ref::new(person.id.clone()));
        }
        request.entitlements = vec![entitlement.clone()];
        if fill(space, left, &mut request, &evidence).is_none() {
            continue;
        }
        let mut verdicts =
            sides.iter().map(|side| decide(&side.engine, &request, side.instant, None).verdict);
        let (before, after) = (verdicts.next()?, verdicts.next()?);
        // What is not there cannot be asked for, which is no denial by name but the same for whoever asks.
        let fits = |found: Verdict, outcome: &Outcome| {
            found == verdict(outcome) || (found == Verdict::Invalid && *outcome == Outcome::Denied)
        };
        let [was, is] = outcomes;
        if fits(before, was) && fits(after, is) {
            return Some(Witness { request, before, after });
        }
    }
    None
}

/// Writes a request that lies in a set; none when nothing that can be written does.
fn fill(space: &Space<'_>, set: Set, request: &mut Request, evidence: &BTreeSet<Evidence>) -> Option<()> {
    let point = space.point(set)?;
    let matters = space.matters(set);
    let mut said = BTreeSet::new();
    for (variable, key) in space.variables().enumerate() {
        if !matters.contains(&variable) || &*key.namespace != "request" {
            // Peers are as they are: whether that fits shows when it is decided.
            continue;
        }
        let class = point.classes().get(variable).copied()?;
        let value = space.sample(variable, class)?;
        said.insert(key.name.clone());
        match (&*key.name, &key.facet, value) {
            ("emergency", Facet::Value, Value::Boolean(yes)) => request.emergency = yes,
            ("duration", Facet::Value, Value::Absent) => request.duration = None,
            ("duration", Facet::Value, Value::Number(_)) => {
                let (least, greatest) = space.bounds(variable, class)?;
                let seconds = least.max(HOUR.min(greatest)).max(1);
                request.duration = Some(Duration::Elapsed { seconds });
            }
            ("environment", Facet::Value, Value::Text(name)) => {
                request.environment = Environment::ALL.iter().copied().find(|one| one.name() == name);
            }
            ("justification", Facet::Value, Value::Text(text)) => {
                request.justification = Some(text.to_owned());
            }
            ("ticket", Facet::Value, Value::Text(text)) => request.ticket = Some(text.to_owned()),
            ("project", Facet::Value, Value::Text(text)) => request.project = Some(text.to_owned()),
            (_, Facet::Value, Value::Absent) | ("instant" | "outside-hours", ..) => {}
            // Forms belong to request types.
            _ => return None,
        }
    }
    if !said.contains("duration") {
        request.duration = Some(Duration::Elapsed { seconds: 24 * HOUR });
    }
    let words = |name: &str, text: &str| (!said.contains(name)).then(|| text.to_owned());
    for one in evidence {
        match one {
            Evidence::Justification => {
                request.justification =
                    request.justification.take().or_else(|| words("justification", "needed for work"));
            }
            Evidence::Ticket => request.ticket = request.ticket.take().or_else(|| words("ticket", "T-1")),
            Evidence::Project => {
                request.project = request.project.take().or_else(|| words("project", "a project"));
            }
            Evidence::Training | Evidence::Agreement | Evidence::Mfa => request.evidence.push(*one),
        }
    }
    Some(())
}
