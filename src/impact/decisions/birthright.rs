//! What comes with a role, without anybody's asking.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Budget, Case, Cause, Decisions, Granted, Outcome, Unknown, cases,
    moved::{Move, Moved},
    people::{self, Touched},
    sets::is_open,
    side::Side,
    unseen::{Unseen, What},
};
use crate::{
    decide::space::{Set, Space, Unsure},
    impact::differing::differing,
    model::{EntitlementRef, Entry, Id, Kind, Selector, person::Person},
};

/// What everybody gets with their role, compared.
pub(super) fn compare(sides: &[Side<'_>; 2], budget: Budget, found: &mut Decisions) {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let same = old.bundles.len() == new.bundles.len()
        && old.bundles.iter().zip(&new.bundles).all(|(one, other)| {
            one.id == other.id
                && one.value.entitlements == other.value.entitlements
                && *one.value.when == *other.value.when
        });
    if same {
        return;
    }
    let conditions = sides.iter().flat_map(|side| {
        let bundles = side.engine.rulebook().bundles.iter();
        bundles.map(|bundle| (side.engine.vocabulary(), &*bundle.value.when))
    });
    let all: BTreeSet<&EntitlementRef> = [old, new]
        .into_iter()
        .flat_map(|book| &book.bundles)
        .flat_map(|bundle| &bundle.value.entitlements)
        .collect();
    let told = Space::of_several(conditions, &is_open, budget.nodes)
        .and_then(|mut space| cases_of(sides, &mut space, &all));
    match told {
        Ok(cases) => found.cases.extend(cases),
        Err(why) => {
            found.unknown.push(Unknown {
                entitlements: all.into_iter().cloned().collect(),
                types: Vec::new(),
                why,
            });
        }
    }
}

/// What people get, or got, with their roles because something else is known about them, or they come or leave. The
/// bundles of the new rulebook are applied to what was and to what is known.
pub(super) fn of_people<'a>(sides: &[Side<'a>; 2], moved: &[Moved<'a>], found: &mut Decisions) {
    type Alike = (Move, bool, Vec<Selector>, Vec<EntitlementRef>);
    let [old, new] = sides;
    let mut grouped: BTreeMap<Alike, Vec<Id>> = BTreeMap::new();
    let mut unsaid: BTreeSet<Selector> = BTreeSet::new();
    for one in moved {
        let Some(id) = one.id() else { continue };
        let mut held = |side: &Side<'a>, person: Option<&Entry<Person>>| {
            let mut held: BTreeMap<&'a EntitlementRef, Vec<Selector>> = BTreeMap::new();
            for bundle in &new.engine.rulebook().bundles {
                let selector = Selector { kind: Kind::Bundle, id: bundle.id.clone(), part: None };
                let Some(person) = person else { continue };
                match side.engine.directory().holds(&bundle.value.when, person) {
                    Some(true) => {
                        for entitlement in &bundle.value.entitlements {
                            held.entry(entitlement).or_default().push(selector.clone());
                        }
                    }
                    Some(false) => {}
                    None => drop(unsaid.insert(selector)),
                }
            }
            held
        };
        let (was, is) = (held(old, one.was), held(new, one.is));
        for (gained, from, to) in [(true, &was, &is), (false, &is, &was)] {
            let mut by_rules: BTreeMap<&Vec<Selector>, Vec<EntitlementRef>> = BTreeMap::new();
            for (entitlement, rules) in to.iter().filter(|(entitlement, _)| !from.contains_key(*entitlement))
            {
                by_rules.entry(rules).or_default().push((*entitlement).clone());
            }
            for (rules, entitlements) in by_rules {
                let alike = (one.way(), gained, rules.clone(), entitlements);
                grouped.entry(alike).or_default().push(id.clone());
            }
        }
    }
    if !unsaid.is_empty() {
        let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
        let covers = differing(old, new, &[Kind::Person, Kind::Team, Kind::Bundle]);
        found.unseen.push(Unseen::unbounded(What::Offered, unsaid.into_iter().collect(), covers));
    }
    let everybody = &new.engine.rulebook().people;
    for ((way, gained, rules, entitlements), people) in grouped {
        let ids: BTreeSet<&Id> = people.iter().collect();
        let places = everybody.iter().map(|person| &person.id).enumerate();
        let touched = Touched::these(everybody.len(), places.filter(|(_, id)| ids.contains(id)), 0);
        let given = Outcome::Granted(Granted::freely());
        let (outcomes, rules) = if gained {
            ([Outcome::Denied, given], [Vec::new(), rules])
        } else {
            ([given, Outcome::Denied], [rules, Vec::new()])
        };
        let who = cases::Told::everything();
        let case = Case::new(Cause::Roles(way, people), entitlements, outcomes, rules, who);
        found.cases.push(case.touching(touched, None));
    }
}

/// Who gets something, and by which bundles.
type Given = (Set, Vec<Selector>);

fn given<'a>(side: &Side<'a>, space: &mut Space<'a>, entitlement: &EntitlementRef) -> Result<Given, Unsure> {
    let (mut set, mut rules) = (Set::NOTHING, Vec::new());
    for bundle in &side.engine.rulebook().bundles {
        if bundle.value.entitlements.contains(entitlement) {
            let own = space.set_of(side.engine.vocabulary(), &bundle.value.when)?;
            set = space.or(set, own)?;
            rules.push(Selector { kind: Kind::Bundle, id: bundle.id.clone(), part: None });
        }
    }
    Ok((set, rules))
}

fn cases_of<'a>(
    sides: &[Side<'a>; 2],
    space: &mut Space<'a>,
    all: &BTreeSet<&EntitlementRef>,
) -> Result<Vec<Case>, Unsure> {
    type Alike = (Set, bool, [Vec<Selector>; 2]);
    let mut grouped: BTreeMap<Alike, Vec<EntitlementRef>> = BTreeMap::new();
    let [old, new] = sides;
    for entitlement in all {
        let (before, rules_before) = given(old, space, entitlement)?;
        let (after, rules_after) = given(new, space, entitlement)?;
        for (set, gained) in [(space.minus(after, before)?, true), (space.minus(before, after)?, false)] {
            if !set.is_empty() {
                let alike = (set, gained, [rules_before.clone(), rules_after.clone()]);
                grouped.entry(alike).or_default().push((*entitlement).clone());
            }
        }
    }
    let people = people::People::new(sides);
    let mut cases = Vec::new();
    for ((set, gained, rules), entitlements) in grouped {
        let touched = people.touched(space, set, &entitlements);
        let given = Outcome::Granted(Granted::freely());
        let outcomes = if gained { [Outcome::Denied, given] } else { [given, Outcome::Denied] };
        let who = cases::tell(space, set);
        cases.push(Case::new(Cause::Birthright, entitlements, outcomes, rules, who).touching(touched, None));
    }
    Ok(cases)
}
