//! Joiners, movers and leavers: what people are given, keep, lose and leave behind.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    access::decide,
    asked::{MaybeHistory, Problem},
    condition::holds_for,
    decision::{Decision, Denial},
    engine::Engine,
    ledger::HeldBy,
    undecidable::Undecidable,
};
use crate::model::{
    Duration, EntitlementRef, Entry, Kind, Location, Ref, Reference, Target, bundle::Bundle,
    grant::GrantVerdict, person::Person, request::Request, scenario::Verdict,
};

/// What changes for somebody.
#[derive(Debug, Default)]
pub struct Lifecycle<'a> {
    /// What they are given, by the bundle that it comes with.
    pub given: Vec<Given<'a>>,
    /// What is taken away.
    pub removed: Vec<Removed<'a>>,
    /// What they hold by a request or by both roles and keep, and what would be decided about it today. What comes with both
    /// roles is only here when it is not given any more.
    pub reviewed: Vec<Reviewed<'a>>,
    /// What somebody else has to take over.
    pub transferred: Vec<Transferred<'a>>,
}

/// Something that comes with a role or department.
#[derive(Debug)]
pub struct Given<'a> {
    /// The bundle.
    pub bundle: &'a Entry<Bundle>,
    /// The decision about everything in it.
    pub decision: Decision<'a>,
}

/// Something that is taken away.
#[derive(Debug)]
pub struct Removed<'a> {
    /// What.
    pub entitlement: &'a EntitlementRef,
    /// Why they held it.
    pub held_by: HeldBy<'a>,
}

/// Something that somebody keeps, looked at again.
#[derive(Debug)]
pub struct Reviewed<'a> {
    /// What.
    pub entitlement: &'a EntitlementRef,
    /// Why they hold it.
    pub held_by: HeldBy<'a>,
    /// What would be decided about it if they asked for it now.
    pub verdict: Verdict,
    /// Why it would be denied.
    pub denials: Vec<Denial>,
    /// Why they could not even ask.
    pub problems: Vec<Problem>,
}

/// Something that somebody else has to take over.
#[derive(Debug)]
pub struct Transferred<'a> {
    /// The object that names them; none for `gitsm.toml`.
    pub object: Option<(Kind, &'a str)>,
    /// The field, as a JSON pointer below the object.
    pub field: &'a str,
    /// Where it was written.
    pub at: Location,
}

/// What somebody is given when they join.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn joiner<'a>(
    engine: &Engine<'a>,
    person: &'a Entry<Person>,
    now: Timestamp,
) -> Result<Lifecycle<'a>, Undecidable> {
    let mut found = Lifecycle::default();
    for bundle in bundles(engine, person)? {
        found
            .given
            .push(Given { bundle, decision: decide(engine, &birthright(person, bundle), now, NOBODY) });
    }
    Ok(found)
}

/// What somebody is given, loses and keeps when they move. `after` knows them as they are then.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn mover<'a>(
    before: &Engine<'a>,
    after: &Engine<'a>,
    (was, is): (&'a Entry<Person>, &'a Entry<Person>),
    now: Timestamp,
) -> Result<Lifecycle<'a>, Undecidable> {
    let mut found = Lifecycle::default();
    let (old, new) = (bundles(before, was)?, bundles(after, is)?);
    let had = |bundle: &Entry<Bundle>| old.iter().any(|known| known.id == bundle.id);
    for bundle in new.iter().filter(|bundle| !had(bundle)) {
        let decision = decide(after, &birthright(is, bundle), now, NOBODY);
        found.given.push(Given { bundle, decision });
    }
    // What comes with both roles, or was granted on its own, stays.
    let comes = |entitlement: &EntitlementRef| {
        new.iter().any(|bundle| bundle.value.entitlements.contains(entitlement))
    };
    let (by_job, own): (Vec<_>, Vec<_>) =
        held(before, was, now).into_iter().partition(|(_, held_by)| is_birthright(*held_by));
    let stays =
        |entitlement: &EntitlementRef| comes(entitlement) || own.iter().any(|(held, _)| *held == entitlement);
    let mut lost: BTreeMap<&EntitlementRef, &'a Entry<Bundle>> = BTreeMap::new();
    for bundle in old.iter().filter(|bundle| !new.iter().any(|known| known.id == bundle.id)) {
        let entitlements = bundle.value.entitlements.iter().filter(|entitlement| !stays(entitlement));
        lost.extend(entitlements.map(|entitlement| (entitlement, *bundle)));
    }
    let mut removed: BTreeMap<&EntitlementRef, HeldBy<'a>> =
        lost.into_iter().map(|(entitlement, bundle)| (entitlement, HeldBy::Bundle(bundle))).collect();
    for (entitlement, held_by) in by_job.into_iter().filter(|(entitlement, _)| !stays(entitlement)) {
        removed.entry(entitlement).or_insert(held_by);
    }
    found.removed =
        removed.into_iter().map(|(entitlement, held_by)| Removed { entitlement, held_by }).collect();
    for bundle in new.iter().filter(|bundle| had(bundle)) {
        kept(bundle, [(before, was), (after, is)], now, &mut found.reviewed);
    }
    for (entitlement, held_by) in own {
        let decision = decide(after, &again(after, (is, entitlement), held_by, now), now, NOBODY);
        let Decision { verdict, denials, problems, .. } = decision;
        found.reviewed.push(Reviewed { entitlement, held_by, verdict, denials, problems });
    }
    Ok(found)
}

/// Decides anew about what comes with both roles: what the new one is not given any more is not just kept.
fn kept<'a>(
    bundle: &'a Entry<Bundle>,
    sides: [(&Engine<'a>, &'a Entry<Person>); 2],
    now: Timestamp,
    reviewed: &mut Vec<Reviewed<'a>>,
) {
    let [was, is] = sides.map(|(engine, person)| decide(engine, &birthright(person, bundle), now, NOBODY));
    let verdict = |decision: &Decision<'_>, entitlement: &EntitlementRef| {
        let item = decision.items.iter().find(|item| item.offer.reference() == *entitlement);
        item.map_or(decision.verdict, |item| item.verdict)
    };
    for entitlement in &bundle.value.entitlements {
        let (before, verdict) = (verdict(&was, entitlement), verdict(&is, entitlement));
        if verdict != Verdict::Approved && verdict != before {
            let (denials, problems) = (is.denials.clone(), is.problems.clone());
            let held_by = HeldBy::Bundle(bundle);
            reviewed.push(Reviewed { entitlement, held_by, verdict, denials, problems });
        }
    }
}

/// What is taken from somebody who leaves, and what others take over.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn leaver<'a>(
    engine: &Engine<'a>,
    person: &'a Entry<Person>,
    now: Timestamp,
) -> Result<Lifecycle<'a>, Undecidable> {
    let mut removed: Vec<Removed<'a>> = held(engine, person, now)
        .into_iter()
        .map(|(entitlement, held_by)| Removed { entitlement, held_by })
        .collect();
    for bundle in bundles(engine, person)? {
        for entitlement in &bundle.value.entitlements {
            if !removed.iter().any(|known| known.entitlement == entitlement) {
                removed.push(Removed { entitlement, held_by: HeldBy::Bundle(bundle) });
            }
        }
    }
    removed.sort_by(|one, other| one.entitlement.cmp(other.entitlement));
    let transferred = engine.rulebook().references.iter().filter_map(|reference| names(reference, person));
    Ok(Lifecycle { removed, transferred: transferred.collect(), ..Lifecycle::default() })
}

/// Without anybody who keeps count of earlier requests.
pub(super) const NOBODY: MaybeHistory<'static> = None;

/// The bundles that come with what somebody is.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn bundles<'a>(
    engine: &Engine<'a>,
    person: &Entry<Person>,
) -> Result<Vec<&'a Entry<Bundle>>, Undecidable> {
    let mut found = Vec::new();
    for bundle in &engine.rulebook().bundles {
        if holds_for(engine, &bundle.value.when, bundle.origin, person)? {
            found.push(bundle);
        }
    }
    Ok(found)
}

/// Whether the ledger says that something comes with a job.
fn is_birthright(held_by: HeldBy<'_>) -> bool {
    let HeldBy::Grant(grant) = held_by else { return false };
    grant.decision.as_ref().is_some_and(|decision| decision.verdict == GrantVerdict::Birthright)
}

/// What somebody holds by the ledger now or later, each once: rather by a request than by their job.
fn held<'a>(
    engine: &Engine<'a>,
    person: &Entry<Person>,
    now: Timestamp,
) -> Vec<(&'a EntitlementRef, HeldBy<'a>)> {
    let mut found: Vec<(&EntitlementRef, HeldBy<'a>)> = Vec::new();
    for held in engine.ledger().of(person.id.as_str()) {
        if held.until.is_some_and(|until| until <= now) {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == held.entitlement) {
            Some(known) if is_birthright(known.1) => known.1 = held.by,
            Some(_) => {}
            None => found.push((held.entitlement, held.by)),
        }
    }
    found.sort_by_key(|(entitlement, _)| *entitlement);
    found
}

/// The request for a bundle that is somebody's by what they are.
#[must_use]
pub fn birthright(person: &Entry<Person>, bundle: &Entry<Bundle>) -> Request {
    Request { bundle: Some(Ref::new(bundle.id.clone())), ..Request::of(Ref::new(person.id.clone())) }
}

/// The request for what somebody holds already, as it stands in the ledger, for the time that is left.
fn again(
    engine: &Engine<'_>,
    (person, entitlement): (&Entry<Person>, &EntitlementRef),
    held_by: HeldBy<'_>,
    now: Timestamp,
) -> Request {
    let grant = match held_by {
        HeldBy::Grant(grant) => Some(&grant.value),
        HeldBy::Bundle(_) => None,
    };
    let last = grant.and_then(|grant| grant.end).and_then(|end| engine.end_of(end.0));
    let end = last.into_iter().chain(grant.and_then(|grant| grant.until).map(|until| until.0)).min();
    let left = |end: Timestamp| Duration::Elapsed { seconds: end.duration_since(now).as_secs().max(1) };
    let asked = grant.and_then(|grant| grant.asked.as_ref());
    Request {
        duration: end.map(left).or_else(|| asked.and_then(|asked| asked.duration)),
        entitlements: vec![entitlement.clone()],
        environment: asked.and_then(|asked| asked.environment),
        evidence: asked.map(|asked| asked.evidence.clone()).unwrap_or_default(),
        justification: grant.and_then(|grant| grant.justification.clone()),
        ticket: match asked {
            Some(asked) => asked.ticket.clone(),
            None => grant.and_then(|grant| grant.request.clone()),
        },
        project: grant.and_then(|grant| grant.project.clone()),
        ..Request::of(Ref::new(person.id.clone()))
    }
}

/// A reference that names somebody outside the ledger, which keeps its history.
fn names<'a>(reference: &'a Reference, person: &Entry<Person>) -> Option<Transferred<'a>> {
    let Target::Object { kind: Kind::Person, id, .. } = &reference.to else { return None };
    let object = reference.from.as_ref().map(|(kind, id)| (*kind, id.as_str()));
    let keeps_history = |kind: Kind| matches!(kind, Kind::Grant | Kind::Review | Kind::Scenario);
    if **id != *person.id.as_str() || object.is_some_and(|(kind, _)| keeps_history(kind)) {
        return None;
    }
    let at = Location::of(reference);
    Some(Transferred { object, field: &reference.field, at })
}
