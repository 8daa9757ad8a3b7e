//! What each rulebook gives to the people of the directory with their roles, decided for one after the other.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Cause, Decisions, Granted, Outcome, cases,
    given::selector,
    moved::{Move, Moved},
    people::Touched,
    side::Side,
    unseen::{Unseen, What},
};
use crate::{
    decide::{birthright, lifecycle, space::Words},
    impact::differing::differing,
    model::{EntitlementRef, Entry, Id, Kind, Selector, person::Person},
};

/// How many people are decided about at most.
const MOST_PEOPLE: usize = 4_000;
/// How many people are named.
const MOST_NAMES: usize = 20;

/// What somebody is given, each with the bundles that it comes with.
type Held<'a> = BTreeMap<&'a EntitlementRef, Vec<Selector>>;

/// What somebody gets on a side; none where nobody knows.
fn held<'a>(side: &Side<'a>, person: &'a Entry<Person>) -> Option<Held<'a>> {
    let mut held = Held::new();
    for one in birthright::of_person(&side.engine, person, side.instant).ok()? {
        for entitlement in one.given {
            held.entry(entitlement).or_default().push(selector(&one.bundle.id));
        }
    }
    Some(held)
}

/// What is only given on one side, by the bundles that it comes with.
fn only<'h, 'a>(to: &'h Held<'a>, from: &Held<'a>) -> BTreeMap<&'h [Selector], Vec<&'a EntitlementRef>> {
    let mut found: BTreeMap<&[Selector], Vec<&'a EntitlementRef>> = BTreeMap::new();
    for (entitlement, rules) in to.iter().filter(|(entitlement, _)| !from.contains_key(*entitlement)) {
        found.entry(rules).or_default().push(entitlement);
    }
    found
}

/// What comes with bundles to people about whom nothing else is known, where no case says so already: it can follow from
/// more about them than a set of requests can say, such as their managers, their last day and their other records.
pub(super) fn everybody<'a>(
    sides: &[Side<'a>; 2],
    moved: &[Moved<'a>],
    (bundles, depends): (&BTreeSet<&'a Id>, bool),
    found: &mut Decisions,
) {
    type Alike = (bool, Vec<Selector>, Vec<EntitlementRef>);
    let [old, new] = sides;
    let moved: BTreeSet<&Id> = moved.iter().filter_map(Moved::id).collect();
    let told: Vec<_> = found.cases.iter().filter(|case| case.cause == Cause::Birthright).collect();
    let told: Vec<(bool, &[EntitlementRef], BTreeSet<usize>)> = told
        .into_iter()
        .map(|case| (is_given(&case.after.0), &*case.entitlements, case.touched.places().collect()))
        .collect();
    let is_told = |place: usize, gained: bool, entitlement: &EntitlementRef| {
        told.iter().any(|(known, entitlements, who)| {
            *known == gained && who.contains(&place) && entitlements.contains(entitlement)
        })
    };
    let mut grouped: BTreeMap<Alike, Vec<&Id>> = BTreeMap::new();
    let (mut left, mut unsaid) = (MOST_PEOPLE, None);
    let people = new.engine.rulebook().people.iter().enumerate();
    for (place, is) in people.filter(|(_, person)| !moved.contains(&person.id)) {
        let Some(was) = old.engine.rulebook().people.get(is.id.as_str()) else { continue };
        let has = |side: &Side<'a>, person| {
            let own = lifecycle::bundles(&side.engine, person);
            own.map_or(true, |own| own.iter().any(|bundle| bundles.contains(&bundle.id)))
        };
        if !has(old, was) && !has(new, is) {
            continue;
        }
        let Some(fewer) = left.checked_sub(1) else {
            unsaid = unsaid.or(depends.then_some(What::Roles));
            break;
        };
        left = fewer;
        let (Some(before), Some(after)) = (held(old, was), held(new, is)) else {
            unsaid = Some(What::Roles);
            continue;
        };
        for (gained, from, to) in [(true, &before, &after), (false, &after, &before)] {
            for (rules, mut entitlements) in only(to, from) {
                entitlements.retain(|entitlement| !is_told(place, gained, entitlement));
                if !entitlements.is_empty() {
                    let entitlements = entitlements.into_iter().cloned().collect();
                    grouped.entry((gained, rules.to_vec(), entitlements)).or_default().push(&is.id);
                }
            }
        }
    }
    if let Some(what) = unsaid {
        let rules = bundles.iter().map(|id| selector(id)).collect();
        let covers = differing(old.engine.rulebook(), new.engine.rulebook(), &Kind::ALL);
        found.unseen.push(Unseen::unbounded(what, rules, covers));
    }
    for ((gained, rules, entitlements), people) in grouped {
        let who = cases::Told::everything().that(&named(&people), &format!("{people:?}"));
        tell(sides, (Cause::Birthright, who), (gained, rules, entitlements), &people, found);
    }
}

/// Whether something is granted, under whatever conditions.
const fn is_given(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Granted(_))
}

/// Some people, in words.
fn named(people: &[&Id]) -> Words {
    let some: Vec<String> = people.iter().take(MOST_NAMES).map(|id| format!("`{id}`")).collect();
    let more = people.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" or one of {more} more") } else { String::new() };
    Words { attribute: "subject.id".to_owned(), said: format!("is {}{more}", some.join(" or ")) }
}

/// Adds a case about what some people get or lose.
fn tell(
    sides: &[Side<'_>; 2],
    (cause, who): (Cause, cases::Told),
    (gained, rules, entitlements): (bool, Vec<Selector>, Vec<EntitlementRef>),
    people: &[&Id],
    found: &mut Decisions,
) {
    let [_, new] = sides;
    let everybody = &new.engine.rulebook().people;
    let ids: BTreeSet<&Id> = people.iter().copied().collect();
    let places = everybody.iter().map(|person| &person.id).enumerate();
    let touched = Touched::these(everybody.len(), places.filter(|(_, id)| ids.contains(id)), 0);
    let given = Outcome::Granted(Granted::freely());
    let (outcomes, rules) = if gained {
        ([Outcome::Denied, given], [Vec::new(), rules])
    } else {
        ([given, Outcome::Denied], [rules, Vec::new()])
    };
    found.cases.push(Case::new(cause, entitlements, outcomes, rules, who).touching(touched, None));
}

/// What people get, or got, with their roles because something else is known about them, or they come or leave: what each
/// rulebook gives to them at once.
pub(super) fn of_people<'a>(sides: &[Side<'a>; 2], moved: &[Moved<'a>], found: &mut Decisions) {
    type Alike = (Move, bool, Vec<Selector>, Vec<EntitlementRef>);
    let [old, new] = sides;
    let mut grouped: BTreeMap<Alike, Vec<&'a Id>> = BTreeMap::new();
    let mut unsaid: BTreeSet<Selector> = BTreeSet::new();
    for one in moved {
        let Some(id) = one.id() else { continue };
        let mut given = |side: &Side<'a>, person: Option<&'a Entry<Person>>| {
            let Some(person) = person else { return Held::new() };
            held(side, person).unwrap_or_else(|| {
                // Nobody knows what comes with any of them.
                let bundles = side.engine.rulebook().bundles.iter();
                unsaid.extend(bundles.map(|bundle| selector(&bundle.id)));
                Held::new()
            })
        };
        let (was, is) = (given(old, one.was), given(new, one.is));
        for (gained, from, to) in [(true, &was, &is), (false, &is, &was)] {
            for (rules, entitlements) in only(to, from) {
                let entitlements = entitlements.into_iter().cloned().collect();
                let alike = (one.way(), gained, rules.to_vec(), entitlements);
                grouped.entry(alike).or_default().push(id);
            }
        }
    }
    if !unsaid.is_empty() {
        let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
        let covers = differing(old, new, &[Kind::Person, Kind::Team, Kind::Bundle]);
        found.unseen.push(Unseen::unbounded(What::Offered, unsaid.into_iter().collect(), covers));
    }
    for ((way, gained, rules, entitlements), people) in grouped {
        let ids = people.iter().map(|id| (*id).clone()).collect();
        let (cause, who) = (Cause::Roles(way, ids), cases::Told::everything());
        tell(sides, (cause, who), (gained, rules, entitlements), &people, found);
    }
}
