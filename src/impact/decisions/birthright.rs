//! What comes with a role, without anybody's asking.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Budget, Case, Cause, Comparison, Decisions, Differing, Granted, Outcome, Unknown, cases,
    kernel::{Change, Known, NEW, OLD},
    lines::Lines,
    moved::{Move, Moved},
    people::{self, Touched},
    readings::Readings,
    sets::{self, Sets},
    side::Side,
    unseen::{Unseen, What},
};
use crate::{
    decide::{
        birthright,
        policy::Offer,
        space::{Set, Space, Unsure},
    },
    impact::differing::differing,
    model::{EntitlementRef, Entry, Id, Kind, Selector, bundle::Bundle, person::Person},
};

/// What everybody gets with their role without anybody's agreeing to it, compared: what a bundle holds of which the rules
/// approve that whoever it belongs to asks for it, with nothing but that.
///
/// One thing of a bundle that is denied denies all of it when it is decided about somebody. Here each thing is looked at by
/// itself, so that what changes about that one is told, and not what follows for the others.
pub(super) fn compare(sides: &[Side<'_>; 2], budget: Budget, found: &mut Decisions) {
    let offered = offered(sides);
    let lines: Vec<_> = offered.iter().map(|one| one.lines(sides)).collect();
    if lines.is_empty() {
        return;
    }
    let unknown = |offered: &[Offered<'_>], why| {
        let entitlements = offered.iter().map(|one| one.differing.entitlement.clone()).collect();
        Unknown { entitlements, types: Vec::new(), why }
    };
    let mut space = match sets::space(sides, lines.iter(), budget.nodes) {
        Ok(space) => space,
        Err(why) => return found.unknown.push(unknown(&offered, why)),
    };
    let mut comparison = Comparison::new(sides, budget);
    let (mut sets, mut known) = (Sets::new(), Known::default());
    let mut grouped: BTreeMap<Alike, Vec<EntitlementRef>> = BTreeMap::new();
    for (one, lines) in offered.iter().zip(&lines) {
        let told = comparison
            .changes(&mut space, (&mut sets, &mut known), &one.differing, lines)
            .and_then(|changes| one.told(&comparison, &mut space, &changes));
        match told {
            Ok(told) => {
                for alike in told {
                    grouped.entry(alike).or_default().push(one.differing.entitlement.clone());
                }
            }
            Err(why) => found.unknown.push(unknown(std::slice::from_ref(one), why)),
        }
    }
    let people = people::People::new(sides);
    for ((set, gained, rules), entitlements) in grouped {
        let touched = people.touched(&space, set, &entitlements);
        let given = Outcome::Granted(Granted::freely());
        let outcomes = if gained { [Outcome::Denied, given] } else { [given, Outcome::Denied] };
        let who = cases::tell(&mut space, set);
        found
            .cases
            .push(Case::new(Cause::Birthright, entitlements, outcomes, rules, who).touching(touched, None));
    }
}

/// Who gets or loses something, whether they get it, and by which rules before and after.
type Alike = (Set, bool, [Vec<Selector>; 2]);

/// Something that bundles hold about which both sides may say something else.
struct Offered<'a> {
    differing: Differing<'a>,
    /// The bundles that hold it.
    bundles: [Vec<&'a Entry<Bundle>>; 2],
}

/// What bundles of either side hold, where the bundles or what is read about it differ.
fn offered<'a>(sides: &[Side<'a>; 2]) -> Vec<Offered<'a>> {
    let all: BTreeSet<&EntitlementRef> = sides
        .iter()
        .flat_map(|side| &side.engine.rulebook().bundles)
        .flat_map(|bundle| &bundle.value.entitlements)
        .collect();
    let mut readings = Readings::new(sides);
    let mut found = Vec::new();
    for entitlement in all {
        let bundles = sides.each_ref().map(|side| -> Vec<&'a Entry<Bundle>> {
            let all = side.engine.rulebook().bundles.iter();
            all.filter(|bundle| bundle.value.entitlements.contains(entitlement)).collect()
        });
        let [old, new] = &bundles;
        let same = old.len() == new.len()
            && old.iter().zip(new).all(|(one, other)| one.id == other.id && *one.when == *other.when);
        let offers = sides.each_ref().map(|side| side.engine.offer(entitlement));
        if !same || !readings.are_same(&offers) {
            let differing = Differing { entitlement: entitlement.clone(), offers, changes: Vec::new() };
            found.push(Offered { differing, bundles });
        }
    }
    found
}

impl<'a> Offered<'a> {
    fn lines(&self, sides: &[Side<'a>; 2]) -> [Lines<'a>; 2] {
        let ([old, new], [of_old, of_new]) = (sides, &self.differing.offers);
        let [before, after] = &self.bundles;
        let of = |side: &Side<'a>, offer: &Option<Offer<'a>>, bundles: &[&'a Entry<Bundle>]| {
            offer.as_ref().map_or_else(Lines::none, |offer| side.birthright(offer, bundles))
        };
        [of(old, of_old, before), of(new, of_new, after)]
    }

    /// Who gets or loses it: for whom it was given at once, and is not, or the other way round.
    fn told(
        &self,
        comparison: &Comparison<'_, 'a>,
        space: &mut Space<'a>,
        changes: &[(Change, Set)],
    ) -> Result<Vec<Alike>, Unsure> {
        let mut found: BTreeMap<(bool, [Vec<Selector>; 2]), Set> = BTreeMap::new();
        for (change, set) in changes {
            let [was, is] = change.outcomes.map(|number| is_given(&comparison.outcome(number)));
            if was == is {
                continue;
            }
            let rules = [OLD, NEW].map(|side| {
                let bundles = self.bundles.get(side).into_iter().flatten();
                let bundles =
                    bundles.map(|bundle| Selector { kind: Kind::Bundle, id: bundle.id.clone(), part: None });
                bundles.chain(super::rules(change, side, &comparison.parts)).collect()
            });
            let known = found.entry((is, rules)).or_insert(Set::NOTHING);
            *known = space.or(*known, *set)?;
        }
        Ok(found.into_iter().map(|((gained, rules), set)| (set, gained, rules)).collect())
    }
}

/// Whether something is given to whoever asks for it with nothing but that: nobody has to agree, nothing has to be brought,
/// and it has an end where it needs one.
fn is_given(outcome: &Outcome) -> bool {
    let Outcome::Granted(granted) = outcome else { return false };
    let has_end = granted.longest.is_some() || granted.until.is_some();
    granted.panels.is_empty()
        && granted.evidence.is_empty()
        && granted.answers.is_empty()
        && (has_end || !granted.needs_end)
}

/// What people get, or got, with their roles because something else is known about them, or they come or leave: what each
/// rulebook gives to them at once.
pub(super) fn of_people<'a>(sides: &[Side<'a>; 2], moved: &[Moved<'a>], found: &mut Decisions) {
    type Alike = (Move, bool, Vec<Selector>, Vec<EntitlementRef>);
    let [old, new] = sides;
    let mut grouped: BTreeMap<Alike, Vec<Id>> = BTreeMap::new();
    let mut unsaid: BTreeSet<Selector> = BTreeSet::new();
    for one in moved {
        let Some(id) = one.id() else { continue };
        let mut held = |side: &Side<'a>, person: Option<&'a Entry<Person>>| {
            let mut held: BTreeMap<&'a EntitlementRef, Vec<Selector>> = BTreeMap::new();
            let Some(person) = person else { return held };
            let selector =
                |bundle: &Entry<Bundle>| Selector { kind: Kind::Bundle, id: bundle.id.clone(), part: None };
            let Ok(given) = birthright::of_person(&side.engine, person, side.instant) else {
                // Nobody knows what comes with any of them.
                unsaid.extend(side.engine.rulebook().bundles.iter().map(selector));
                return held;
            };
            for one in given {
                for entitlement in one.given {
                    held.entry(entitlement).or_default().push(selector(one.bundle));
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
