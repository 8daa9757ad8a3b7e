//! What comes with a role, without anybody's asking.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Budget, Case, Cause, Decisions, Granted, Outcome, Unknown, cases, people, sets::is_open, side::Side,
};
use crate::{
    decide::space::{Set, Space, Unsure},
    model::{EntitlementRef, Kind, Selector},
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

/// Who gets something, and by which bundles.
type Given = (Set, Vec<Selector>);

fn given<'a>(side: &Side<'a>, space: &mut Space<'a>, entitlement: &EntitlementRef) -> Result<Given, Unsure> {
    let (mut set, mut rules) = (Set::NOTHING, Vec::new());
    for bundle in &side.engine.rulebook().bundles {
        if bundle.value.entitlements.contains(entitlement) {
            let own = space.set(&bundle.value.when)?;
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
