//! What comes with a role, without anybody's asking.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Budget, Case, Cause, Decisions, Granted, Outcome, Unknown, by_person, cases,
    given::{self, Bundled, Gives, bundled, selector, union},
    kernel::{NEW, OLD},
    moved::Moved,
    people,
    readings::Readings,
    sets::{self, Parts, Sets},
    side::Side,
};
use crate::{
    decide::space::{Set, Space, Unsure},
    model::{EntitlementRef, Entry, Selector, bundle::Bundle},
};

/// What everybody gets with their role without anybody's agreeing to it, compared: what a bundle holds of which the rules
/// approve that whoever it belongs to asks for it, with nothing but that, and deny nothing else in the same bundle.
pub(super) fn compare<'a>(sides: &[Side<'a>; 2], moved: &[Moved<'a>], budget: Budget, found: &mut Decisions) {
    let compared = compared(sides);
    if compared.is_empty() {
        return;
    }
    let [old, new] = sides;
    let bundles = [bundled(old, &compared), bundled(new, &compared)];
    let mut depends = false;
    match sets(sides, &bundles, budget) {
        Ok((mut space, gives)) => {
            depends = gives.iter().flatten().any(|(_, gives)| gives.depends);
            cases(sides, &mut space, (&compared, &gives), found);
        }
        Err(why) => {
            let entitlements = compared.iter().map(|one| (*one).clone()).collect();
            found.unknown.push(Unknown { entitlements, types: Vec::new(), why });
        }
    }
    let ids = bundles.iter().flatten().map(|one| &one.bundle.id).collect();
    by_person::everybody(sides, moved, (&ids, depends), found);
}

/// What the bundles of one side give, by bundle.
type Given<'a> = Vec<(&'a Entry<Bundle>, Gives)>;

/// What the bundles of both sides give, in one space.
fn sets<'a>(
    sides: &[Side<'a>; 2],
    bundles: &[Vec<Bundled<'a>>; 2],
    budget: Budget,
) -> Result<(Space<'a>, [Given<'a>; 2]), Unsure> {
    let placed = bundles.iter().enumerate().flat_map(|(side, all)| all.iter().map(move |one| (side, one)));
    let lines = placed.clone().flat_map(|(side, one)| one.lines().map(move |lines| (side, lines)));
    let mut space = sets::space_of(sides, lines, budget.nodes)?;
    let (mut sets, mut parts) = (Sets::new(), Parts::default());
    let mut found = [Vec::new(), Vec::new()];
    for (number, one) in placed {
        if let (Some(side), Some(found)) = (sides.get(number), found.get_mut(number)) {
            let gives = one.gives(&mut space, &mut sets, &mut parts, (number, side))?;
            found.push((one.bundle, gives));
        }
    }
    Ok((space, found))
}

/// Tells who gets or loses what.
fn cases<'a>(
    sides: &[Side<'a>; 2],
    space: &mut Space<'a>,
    (compared, bundles): (&BTreeSet<&'a EntitlementRef>, &[Given<'a>; 2]),
    found: &mut Decisions,
) {
    let mut grouped: BTreeMap<Alike, Vec<EntitlementRef>> = BTreeMap::new();
    for entitlement in compared {
        match told(space, bundles, entitlement) {
            Ok(told) => {
                for alike in told {
                    grouped.entry(alike).or_default().push((*entitlement).clone());
                }
            }
            Err(why) => {
                let entitlements = vec![(*entitlement).clone()];
                found.unknown.push(Unknown { entitlements, types: Vec::new(), why });
            }
        }
    }
    let people = people::People::new(sides);
    for ((set, gained, rules), entitlements) in grouped {
        let touched = people.touched(space, set, &entitlements);
        let given = Outcome::Granted(Granted::freely());
        let outcomes = if gained { [Outcome::Denied, given] } else { [given, Outcome::Denied] };
        let who = cases::tell(space, set);
        found
            .cases
            .push(Case::new(Cause::Birthright, entitlements, outcomes, rules, who).touching(touched, None));
    }
}

/// Who gets or loses something, whether they get it, and by which rules before and after.
type Alike = (Set, bool, [Vec<Selector>; 2]);

/// What is in bundles about which the two sides may say something else: in those that are others themselves, and in those
/// that hold something about which other rules are read. What is denied in a bundle takes all of it away.
fn compared<'a>(sides: &[Side<'a>; 2]) -> BTreeSet<&'a EntitlementRef> {
    let mut readings = Readings::new(sides);
    let mut same: BTreeMap<&EntitlementRef, bool> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (one, other) in [(OLD, NEW), (NEW, OLD)] {
        let (Some(side), Some(other)) = (sides.get(one), sides.get(other)) else { continue };
        for bundle in &side.engine.rulebook().bundles {
            let known = other.engine.rulebook().bundles.get(bundle.id.as_str());
            let is_same = known.is_some_and(|known| {
                known.entitlements == bundle.entitlements && *known.value.when == *bundle.value.when
            });
            let mut reads_the_same = |entitlement: &'a EntitlementRef| {
                *same.entry(entitlement).or_insert_with(|| {
                    readings.are_same(&sides.each_ref().map(|side| side.engine.offer(entitlement)))
                })
            };
            if !is_same || !bundle.value.entitlements.iter().all(&mut reads_the_same) {
                found.extend(&bundle.value.entitlements);
            }
        }
    }
    found
}

/// Who gets or loses something: for whom it was given at once, and is not, or the other way round.
fn told<'a>(
    space: &mut Space<'a>,
    bundles: &[Given<'a>; 2],
    entitlement: &EntitlementRef,
) -> Result<Vec<Alike>, Unsure> {
    let mut found = Vec::new();
    for (gained, with, without) in [(true, NEW, OLD), (false, OLD, NEW)] {
        let (Some(with), Some(without)) = (bundles.get(with), bundles.get(without)) else { continue };
        let had: Vec<_> = without.iter().flat_map(|(_, gives)| gives.given(entitlement)).cloned().collect();
        let had = union(space, &had)?;
        let pieces: Vec<_> = with.iter().flat_map(|(_, gives)| gives.given(entitlement)).cloned().collect();
        let mut by_rule: BTreeMap<Option<Selector>, Set> = BTreeMap::new();
        for (rule, set) in given::minus(space, &pieces, had)? {
            let known = by_rule.entry(rule).or_insert(Set::NOTHING);
            *known = space.or(*known, set)?;
        }
        let mut told = Set::NOTHING;
        for set in by_rule.into_values() {
            let left = space.minus(set, told)?;
            if left.is_empty() {
                continue;
            }
            told = space.or(told, left)?;
            let approved = rules(space, with, left, |gives| gives.given(entitlement))?;
            let withheld = rules(space, without, left, |gives| gives.withheld(entitlement))?;
            let rules = if gained { [withheld, approved] } else { [approved, withheld] };
            found.push((left, gained, rules));
        }
    }
    Ok(found)
}

/// The bundles and rules whose pieces are about some people.
fn rules<'a>(
    space: &mut Space<'a>,
    given: &Given<'a>,
    people: Set,
    pieces: impl Fn(&Gives) -> &[given::Piece],
) -> Result<Vec<Selector>, Unsure> {
    let mut found: BTreeSet<Selector> = BTreeSet::new();
    for (bundle, gives) in given {
        for (rule, set) in pieces(gives) {
            if !space.and(*set, people)?.is_empty() {
                found.insert(selector(&bundle.id));
                found.extend(rule.clone());
            }
        }
    }
    Ok(found.into_iter().collect())
}
