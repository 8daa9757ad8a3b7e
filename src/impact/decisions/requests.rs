//! Requests for services, compared: what request types themselves decide, with access and without.
//!
//! What rules say about access is told for the access; here it is told who may ask in this way, who has to agree
//! besides, what the form must be answered with and what is done. A request that asks for no access is decided by
//! its type, the guardrails and the default together.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Cause, Comparison, Decisions, Unknown, cases,
    kernel::{Change, Known, NEW, OLD},
    lines::Lines,
    people::People,
    sets::{self, Sets},
    side::Side,
    whole::With,
    witness::Wanted,
};
use crate::{
    decide::{
        policy::{self, Offer},
        space::{Set, Space, Unsure},
    },
    model::{EntitlementRef, Entry, Id, Selector, request_type::RequestType},
};

/// Requests of one type, for one thing or for nothing, that may be decided otherwise.
pub(super) struct Differing<'a> {
    pub(super) request_type: Id,
    pub(super) entitlement: Option<EntitlementRef>,
    /// Whether the same holds for whatever access is asked for with it.
    any_access: bool,
    pub(super) lines: [Lines<'a>; 2],
}

/// What makes several of them one case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    request_type: Id,
    outcomes: [u32; 2],
    rules: [Vec<Selector>; 2],
    set: Set,
    with: Asks,
}

/// What is asked for with a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asks {
    Nothing,
    Some,
    Anything,
}

/// What request types decide otherwise.
pub(super) fn compare(comparison: &mut Comparison<'_, '_>, found: &mut Decisions) {
    let (types, differing) = differing(comparison.sides);
    found.types = types;
    if differing.is_empty() {
        return;
    }
    if let Err(why) = tell(comparison, &differing, found) {
        let types: BTreeSet<Id> = differing.iter().map(|one| one.request_type.clone()).collect();
        found.unknown.push(Unknown { entitlements: Vec::new(), types: types.into_iter().collect(), why });
    }
}

/// How many types there are, and the requests about which the two sides do not read the same.
pub(super) fn differing<'a>(sides: &[Side<'a>; 2]) -> (usize, Vec<Differing<'a>>) {
    let mut types: BTreeMap<&Id, [Option<&'a Entry<RequestType>>; 2]> = BTreeMap::new();
    let mut offers: BTreeMap<EntitlementRef, [Option<Offer<'a>>; 2]> = BTreeMap::new();
    for (number, side) in sides.iter().enumerate() {
        for request_type in &side.engine.rulebook().request_types {
            if let Some(slot) = types.entry(&request_type.id).or_default().get_mut(number) {
                *slot = Some(request_type);
            }
        }
        for offer in policy::offers(side.engine.rulebook()) {
            if let Some(slot) = offers.entry(offer.reference()).or_default().get_mut(number) {
                *slot = Some(offer);
            }
        }
    }
    let mut found = Vec::new();
    let count = types.len();
    for (id, on) in types {
        let [old, new] = on.map(|one| one.map(|one| &one.value.entitlements));
        // Where the same single access is asked for without being named, it is told once.
        let same_single = old == new && old.is_some_and(|offered| offered.len() == 1);
        let mut own = Vec::new();
        if !same_single {
            own.push((None, on_both(sides, on, |_| Some(With::Nothing))));
        }
        if !is_surely_same(sides, on) {
            for (entitlement, offers) in &offers {
                if is_offered(on, entitlement, offers.iter().all(Option::is_some)) {
                    let with = |side: usize| offers.get(side).copied().flatten().map(With::Access);
                    own.push((Some(entitlement.clone()), on_both(sides, on, with)));
                }
            }
        }
        let is_open = [old, new].into_iter().flatten().all(Vec::is_empty);
        let mut access = own.iter().filter(|(entitlement, _)| entitlement.is_some()).map(|(_, lines)| lines);
        let first = access.next();
        let all_alike = is_open && first.is_some_and(|first| access.all(|lines| lines == first));
        if all_alike {
            let mut seen = false;
            own.retain(|(entitlement, _)| entitlement.is_none() || !std::mem::replace(&mut seen, true));
        }
        for (entitlement, lines) in own {
            let [old, new] = &lines;
            if old != new {
                let any_access = all_alike && entitlement.is_some();
                found.push(Differing { request_type: id.clone(), entitlement, any_access, lines });
            }
        }
    }
    (count, found)
}

/// Whether requests of a type for access are surely decided alike, as far as the type decides about them.
fn is_surely_same<'a>(sides: &[Side<'a>; 2], on: [Option<&'a Entry<RequestType>>; 2]) -> bool {
    let ([before, after], [Some(old), Some(new)]) = (sides, on) else { return false };
    let lifecycle =
        |side: &Side<'a>, one: &RequestType| side.service_of(one).map(|service| service.value.lifecycle);
    let asks = |side: &Side<'a>, one: &'a Entry<RequestType>| {
        one.value.workflow.as_ref().map(|workflow| side.ask_whole(workflow, side.service_of(one)))
    };
    let mut reads_access = false;
    if let Some(condition) = &new.value.available_when {
        condition.tests(&mut |test, _| reads_access |= !sets::is_open(test));
    }
    old.value == new.value
        && !reads_access
        && lifecycle(before, old) == lifecycle(after, new)
        && asks(before, old) == asks(after, new)
}

/// Whether access can be asked for with a type, on one side at least. What is only there on one side is told for
/// itself, unless the type names it.
fn is_offered(on: [Option<&Entry<RequestType>>; 2], entitlement: &EntitlementRef, on_both: bool) -> bool {
    on.into_iter().flatten().any(|one| {
        let offered = &one.value.entitlements;
        (offered.is_empty() && on_both) || offered.contains(entitlement)
    })
}

fn on_both<'a>(
    sides: &[Side<'a>; 2],
    on: [Option<&'a Entry<RequestType>>; 2],
    with: impl Fn(usize) -> Option<With<'a>>,
) -> [Lines<'a>; 2] {
    [OLD, NEW].map(|number| {
        let request_type = on.get(number).copied().flatten();
        match (sides.get(number), request_type, with(number)) {
            (Some(side), Some(request_type), Some(with)) => side.whole(request_type, with),
            _ => Lines::none(),
        }
    })
}

fn tell<'a>(
    comparison: &mut Comparison<'_, 'a>,
    differing: &[Differing<'a>],
    found: &mut Decisions,
) -> Result<(), Unsure> {
    let sides = comparison.sides;
    let lines = differing.iter().map(|one| &one.lines);
    let mut space = sets::space(sides, lines, comparison.budget.nodes)?;
    let (mut sets, mut known) = (Sets::new(), Known::default());
    let mut grouped: BTreeMap<Alike, Vec<EntitlementRef>> = BTreeMap::new();
    for one in differing {
        for (change, set) in changes(comparison, &mut space, (&mut sets, &mut known), one)? {
            let alike = Alike {
                request_type: one.request_type.clone(),
                outcomes: change.outcomes,
                rules: [OLD, NEW].map(|side| super::rules(&change, side, &comparison.parts)),
                set,
                with: match (one.any_access, &one.entitlement) {
                    (true, _) => Asks::Anything,
                    (false, Some(_)) => Asks::Some,
                    (false, None) => Asks::Nothing,
                },
            };
            grouped.entry(alike).or_default().extend(one.entitlement.clone());
        }
    }
    let people = People::new(sides);
    for (alike, mut entitlements) in grouped {
        let outcomes = alike.outcomes.map(|number| comparison.outcome(number));
        // What is held already stays as it is, however it can be asked for.
        let touched = people.touched(&space, alike.set, &[]);
        let wanted = Wanted { entitlement: entitlements.first(), request_type: Some(&alike.request_type) };
        let witness = people.witness(&mut space, alike.set, wanted, outcomes.each_ref());
        let who = cases::tell(&mut space, alike.set);
        let any_access = alike.with == Asks::Anything;
        if any_access {
            entitlements.clear();
        }
        let case = Case::new(Cause::Rules, entitlements, outcomes, alike.rules, who);
        let case = case.of_type(Some(alike.request_type), any_access);
        let stuck = people.stuck(&space, alike.set, [&case.before.0, &case.after.0]);
        found.cases.push(case.touching(touched, witness).stuck_for(stuck));
    }
    Ok(())
}

pub(super) fn changes<'a>(
    comparison: &mut Comparison<'_, 'a>,
    space: &mut Space<'a>,
    (sets, known): (&mut Sets<'a>, &mut Known),
    one: &Differing<'a>,
) -> Result<Vec<(Change, Set)>, Unsure> {
    let [old, new] = comparison.sides;
    let [old_lines, new_lines] = &one.lines;
    let of_old = sets.elements(space, &mut comparison.parts, (OLD, old), None, old_lines)?;
    let of_new = sets.elements(space, &mut comparison.parts, (NEW, new), None, new_lines)?;
    comparison.differ(space, known, of_old, of_new)
}
