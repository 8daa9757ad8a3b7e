//! Who is whose colleague: people who move, come or leave change what share of the colleagues of others hold something.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{side::Side, unseen::Bounds};
use crate::{
    decide::{
        facts::of_peers,
        policy::{self, Offer},
        value,
    },
    model::{
        EntitlementRef, Entry, Id, Kind, Selector,
        condition::{Condition, Test},
        person::{Person, PersonStatus},
    },
};

/// How many times colleagues are counted, for all rules together, before everybody is taken to be somebody whom it is about.
pub(super) const MOST_COUNTED: usize = 20_000_000;

/// Something that makes other people colleagues, before and after: by what people are alike, or somebody.
pub(super) type Colleague = (Option<Id>, [Option<Vec<String>>; 2]);

/// What makes other people colleagues than before.
pub(super) fn moved(sides: &[Side<'_>; 2]) -> Vec<Colleague> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let mut found = Vec::new();
    let by = [old, new].map(|rulebook| {
        let names = &rulebook.settings.decision.peers_by;
        Some(names.iter().map(ToString::to_string).collect::<Vec<String>>())
    });
    let [before, after] = &by;
    if before != after {
        found.push((None, by));
    }
    let ids: BTreeSet<&Id> = old.people.iter().chain(&new.people).map(|person| &person.id).collect();
    for id in ids {
        let on = [old, new].map(|rulebook| rulebook.people.get(id.as_str()));
        if let [Some(was), Some(is)] = on
            && was.value == is.value
        {
            continue;
        }
        let values =
            sides.each_ref().map(|side| values(side, side.engine.rulebook().people.get(id.as_str())?));
        let [was, is] = &values;
        if was != is {
            found.push((Some(id.clone()), values));
        }
    }
    found
}

/// By what somebody is alike others; none for whoever is nobody's colleague.
fn values<'a>(side: &Side<'a>, person: &'a Entry<Person>) -> Option<Vec<String>> {
    let is_here = person.status != PersonStatus::Inactive
        && person.employment.is_human()
        && person.end.is_none_or(|end| end.0 >= side.today());
    if is_here { side.engine.peers().values(&side.engine, person) } else { None }
}

/// For whom something about colleagues holds otherwise than before.
pub(super) enum Reach {
    /// For nobody of the directory.
    Nobody,
    /// For nobody but these, or it would be too much work to find out for which of these.
    Some(Bounds),
    /// Nobody knows.
    Anybody,
}

/// For whom a condition of a rule says something else about their colleagues. Of the counting that is left, what it takes
/// is taken.
pub(super) fn reach(
    sides: &[Side<'_>; 2],
    moved: &[Colleague],
    rule: &Selector,
    condition: &Condition,
    left: &mut usize,
) -> Reach {
    let [old, new] = sides;
    let mut tests: Vec<&Test> = Vec::new();
    condition.tests(&mut |test, _| {
        if &*test.namespace == "peers" {
            tests.push(test);
        }
    });
    if tests.is_empty() {
        return Reach::Nobody;
    }
    // Other colleagues by rule are others whoever moves later; what can be asked for by a form is found out when it is.
    if rule.kind == Kind::RequestType || moved.iter().any(|(id, _)| id.is_none()) {
        return Reach::Anybody;
    }
    let about = |offer: &Offer<'_>| match rule.kind {
        Kind::Access => policy::policies(new.engine.vocabulary(), offer).iter().any(|one| one.id == rule.id),
        _ => true,
    };
    let offers: Vec<Offer<'_>> = policy::offers(new.engine.rulebook())
        .filter(|offer| new.can_hold(condition, offer) && about(offer))
        .collect();
    let affected = affected(sides, moved);
    let work = affected.len().saturating_mul(affected.len());
    let mut bounds = Bounds::default();
    for offer in &offers {
        let entitlement = offer.reference();
        let instants = instants(sides, &affected, &entitlement);
        let after = left.checked_sub(work.saturating_mul(instants.len()));
        let is_counted = after.is_some();
        *left = after.unwrap_or(*left);
        for (was, is) in &affected {
            let passes = |side: &Side<'_>, person: &Entry<Person>, at: Timestamp, test: &Test| {
                let engine = &side.engine;
                let resolved = engine.vocabulary().of(test)?;
                let figures = engine.peers().figures(engine, person, &entitlement, at, None);
                value::passes(test, &resolved.values, &of_peers(&figures, false, &test.name)?)
            };
            // What nobody can say counts as other than before.
            let same = is_counted
                && tests.iter().all(|test| {
                    instants.iter().all(|at| {
                        let before = passes(old, was, *at, test);
                        before.is_some() && before == passes(new, is, *at, test)
                    })
                });
            if !same {
                bounds.people.insert(is.id.clone());
                bounds.entitlements.insert(entitlement.clone());
            }
        }
    }
    if bounds.people.is_empty() { Reach::Nobody } else { Reach::Some(bounds) }
}

/// When something else can be true of these colleagues: now, when something that one of them was granted begins or ends,
/// and when one of them leaves.
fn instants(
    sides: &[Side<'_>; 2],
    affected: &[(&Entry<Person>, &Entry<Person>)],
    entitlement: &EntitlementRef,
) -> BTreeSet<Timestamp> {
    let mut found = BTreeSet::new();
    for side in sides {
        found.insert(side.instant);
        for (_, person) in affected {
            let held = side.engine.ledger().of(person.id.as_str()).iter();
            let held = held.filter(|held| held.entitlement == entitlement);
            let turns = held.flat_map(|held| [Some(held.from), held.until]).flatten();
            let leaves = person.end.and_then(|end| side.engine.end_of(end.0));
            found.extend(turns.chain(leaves).filter(|at| *at > side.instant));
        }
    }
    found
}

/// The people of both rulebooks who have, or had, colleagues who are others.
fn affected<'s>(
    sides: &'s [Side<'_>; 2],
    moved: &[Colleague],
) -> Vec<(&'s Entry<Person>, &'s Entry<Person>)> {
    let [old, new] = sides;
    let groups: BTreeSet<&Vec<String>> =
        moved.iter().flat_map(|(_, values)| values.iter().flatten()).collect();
    let of = |side: &Side<'_>, person: &Entry<Person>| side.engine.peers().values(&side.engine, person);
    let both = new.engine.rulebook().people.iter();
    both.filter_map(|is| Some((old.engine.rulebook().people.get(is.id.as_str())?, is)))
        .filter(|(was, is)| {
            let values = [of(old, was), of(new, is)];
            values.iter().flatten().any(|values| groups.contains(values))
        })
        .collect()
}
