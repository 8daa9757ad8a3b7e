//! People about whom something else is known: who are in another department or team, or have another manager.
//!
//! The rules of the new rulebook are applied to what was and to what is known about them, so that what the rules
//! change is not told twice.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Cause, Comparison, Decisions, Grouped, Touched, Unknown, cases,
    facts::{Asks, known},
    kernel::{NEW, OLD},
    sets::{self, Elements, Sets},
    side::{Lines, Side},
};
use crate::{
    decide::{
        policy::{self, Offer},
        principals::unable,
        space::{Space, Unsure},
    },
    model::{EntitlementRef, Entry, Id, person::Person},
};

/// How high up managers can be named.
const LEVELS: u8 = 9;

/// What was and is known about some people who are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    /// The classes of their attributes.
    classes: [Vec<Option<u32>>; 2],
    /// Their managers who can act, by level; none where these stay the same.
    managers: Option<[Vec<Option<Id>>; 2]>,
}

/// What is read about one entitlement in the new rulebook.
struct Read<'a> {
    entitlement: EntitlementRef,
    lines: Lines<'a>,
    elements: Elements,
    /// The variables that matter.
    matters: BTreeSet<usize>,
    asks_managers: bool,
}

/// What is decided otherwise because of what is known about people.
pub(super) fn compare(comparison: &mut Comparison<'_, '_>, found: &mut Decisions) {
    let sides = comparison.sides;
    let [old, new] = sides;
    let both: Vec<_> = old
        .engine
        .rulebook()
        .people
        .iter()
        .filter_map(|person| Some((person, new.engine.rulebook().people.get(person.id.as_str())?)))
        .collect();
    let may_differ = |(was, is): &(&Entry<Person>, &Entry<Person>)| {
        was.value != is.value || teams(old, was) != teams(new, is) || managers(old, was) != managers(new, is)
    };
    let moved: Vec<_> = both.into_iter().filter(may_differ).collect();
    if moved.is_empty() {
        return;
    }
    if let Err(why) = tell(comparison, &moved, found) {
        let entitlements = policy::offers(new.engine.rulebook()).map(|offer| offer.reference()).collect();
        found.unknown.push(Unknown { entitlements, why });
    }
}

fn teams(side: &Side<'_>, person: &Entry<Person>) -> String {
    let value = side.engine.directory().value(person, "teams", &crate::decide::vocabulary::Type::Opaque);
    format!("{value:?}")
}

/// Who can act of somebody's managers, the nearest first.
fn managers(side: &Side<'_>, person: &Entry<Person>) -> Vec<Option<Id>> {
    let people = &side.engine.rulebook().people;
    let mut found = Vec::new();
    let mut at = Some(person);
    for _ in 0..LEVELS {
        at = at
            .and_then(|person| person.value.manager.as_ref())
            .and_then(|manager| people.get(manager.as_str()));
        let able = at.filter(|manager| unable(manager, side.today()).is_none());
        found.push(able.map(|manager| manager.id.clone()));
    }
    found
}

/// Reads what the new rulebook says about every entitlement.
fn read<'a>(comparison: &mut Comparison<'_, 'a>) -> Result<(Space<'a>, Vec<Read<'a>>), Unsure> {
    let [_, new] = comparison.sides;
    let offers: Vec<Offer<'a>> = policy::offers(new.engine.rulebook()).collect();
    let lines: Vec<[Lines<'a>; 2]> = offers.iter().map(|offer| [Lines::none(), new.lines(offer)]).collect();
    let mut space = sets::space(comparison.sides, lines.iter(), comparison.budget.nodes)?;
    let mut sets = Sets::new();
    let mut all = Vec::new();
    for (offer, [_, lines]) in offers.iter().zip(lines) {
        let elements = sets.elements(&mut space, &mut comparison.effects, (NEW, new), Some(offer), &lines)?;
        let matters = elements.all().flat_map(|element| space.matters(element.set)).collect();
        let asks_managers = lines.all.iter().any(|line| line.effect.asks_managers());
        all.push(Read { entitlement: offer.reference(), lines, elements, matters, asks_managers });
    }
    Ok((space, all))
}

fn tell<'a>(
    comparison: &mut Comparison<'_, 'a>,
    moved: &[(&'a Entry<Person>, &'a Entry<Person>)],
    found: &mut Decisions,
) -> Result<(), Unsure> {
    let (mut space, all) = read(comparison)?;
    let [old, new] = comparison.sides;
    let mut alike: BTreeMap<Known, Vec<Id>> = BTreeMap::new();
    for (was, is) in moved {
        // They hold what they hold now; with what they may hold one day it would be told over and over.
        let held = new.engine.ledger().of(is.id.as_str());
        let of = |side, person| known(side, &space, person, held, Asks::Anybody);
        let (before, after) = (managers(old, was), managers(new, is));
        let managers = (before != after).then_some([before, after]);
        let one = Known { classes: [of(old, was), of(new, is)], managers };
        alike.entry(one).or_default().push(is.id.clone());
    }
    for (known, people) in alike {
        let [before, after] = &known.classes;
        let differing: BTreeSet<usize> = before
            .iter()
            .zip(after)
            .enumerate()
            .filter(|(_, (one, other))| one != other)
            .map(|(place, _)| place)
            .collect();
        let mut grouped = Grouped::default();
        for read in &all {
            let other_managers = read.asks_managers && known.managers.is_some();
            if differing.is_disjoint(&read.matters) && !other_managers {
                continue;
            }
            let was = personal(comparison, &mut space, read, &known, OLD)?;
            let is = personal(comparison, &mut space, read, &known, NEW)?;
            let changes = comparison.differ(&mut space, was, is)?;
            let lines = [read.lines.clone(), read.lines.clone()];
            grouped.add(&read.entitlement, &changes, &lines);
        }
        for (alike, entitlements) in grouped.0 {
            let outcomes = alike.outcomes.map(|number| comparison.outcomes.get(number));
            let who = cases::tell(&mut space, alike.set);
            let cause = Cause::People(people.clone());
            let held = |person: &Id| {
                let held =
                    new.engine.ledger().of(person.as_str()).iter().filter(|held| held.is_at(new.instant));
                held.filter(|held| entitlements.contains(held.entitlement)).count()
            };
            let grants = people.iter().map(held).sum();
            let touched = Touched { people: people.len(), ids: people.clone(), grants };
            found
                .cases
                .push(Case::new(cause, entitlements, outcomes, alike.rules, who).touching(touched, None));
        }
    }
    Ok(())
}

/// What is read about an entitlement, for people about whom this was known, or is.
fn personal<'a>(
    comparison: &mut Comparison<'_, 'a>,
    space: &mut Space<'a>,
    read: &Read<'a>,
    known: &Known,
    side: usize,
) -> Result<Elements, Unsure> {
    let mut elements = read.elements.clone().on(side);
    let none = Vec::new();
    let classes = known.classes.get(side).unwrap_or(&none);
    for element in elements.all_mut() {
        element.set = space.given(element.set, classes)?;
        let Some(managers) = known.managers.as_ref().and_then(|managers| managers.get(side)) else {
            continue;
        };
        let Some(effect) = comparison.effects.get(element.effect).filter(|effect| effect.asks_managers())
        else {
            continue;
        };
        let manager = |level: u8| managers.get(usize::from(level).checked_sub(1)?).cloned().flatten();
        let effect = effect.personal(&manager);
        element.effect = comparison.effects.number(&effect)?;
    }
    Ok(elements)
}
