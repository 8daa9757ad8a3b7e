//! What SLAs rest on: chains of OLAs and supplier contracts that cannot keep them any more, or can again.

use std::collections::BTreeMap;

use super::{
    Case, Change, Commitments, Direction, HoursChange, Topic, Unknown,
    case::{Because, Link},
    levels::Group,
    side::Side,
    times::Times,
};
use crate::{
    decide::{
        agreement::{self, Chain},
        undecidable::Undecidable,
    },
    model::{
        Entry, Priority, Selector,
        sla::{Sla, TargetKind},
    },
    time::{self, Commitment, Feasibility},
};

/// The chains of an SLA by what they are for.
type Chains<'a> = BTreeMap<(Priority, TargetKind), Chain<'a>>;

/// Whether what is below a target leaves enough time for it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Held {
    /// It does, whenever the work starts.
    Yes,
    /// Nothing is below it that says how long it takes.
    Unsaid,
    /// It does not.
    No(Feasibility),
}

/// Adds the chains below the agreements of some groups that hold on one side only.
pub(super) fn compare<'a>(times: &Times<'_, 'a>, groups: &[Group<'a>], found: &mut Commitments) {
    for group in groups {
        if let Err(why) = compare_group(times, group, &mut found.cases) {
            found.unknown.push(Unknown { subjects: group.subjects.clone(), why: why.to_string() });
        }
    }
}

fn compare_group<'a>(
    times: &Times<'_, 'a>,
    group: &Group<'a>,
    cases: &mut Vec<Case>,
) -> Result<(), Undecidable> {
    let [Some(old), Some(new)] = group.slas else { return Ok(()) };
    let [old_side, new_side] = times.sides;
    let (before, after) = (chains(old_side, old), chains(new_side, new));
    let mut keys: Vec<&(Priority, TargetKind)> = before.keys().chain(after.keys()).collect();
    keys.sort_by_key(|(priority, target)| (super::levels::urgency(times, priority), *target));
    keys.dedup();
    let mut sorted: BTreeMap<Direction, Vec<(Change, Vec<HoursChange>)>> = BTreeMap::new();
    for key in keys {
        let (priority, target) = key;
        let promised = |sla: &Sla| sla.target.get(priority).is_some_and(|all| all.of(*target).is_some());
        // What is not promised on both sides is told by itself.
        let chains = [before.get(key), after.get(key)];
        if !promised(&old.value) || !promised(&new.value) || same(times, [old, new], chains) {
            continue;
        }
        let [was, is] =
            [held(times, old_side, old, before.get(key))?, held(times, new_side, new, after.get(key))?];
        let direction = match (was, is) {
            (Held::Yes, Held::Yes) | (Held::No(_), Held::No(_)) | (Held::Unsaid, Held::Unsaid) => continue,
            (Held::Yes, _) | (Held::Unsaid, Held::No(_)) => Direction::Weaker,
            (_, Held::Yes) => Direction::Stronger,
            // Whoever takes away what does not hold has not mended it.
            (Held::No(_), Held::Unsaid) => Direction::Mixed,
        };
        let links = |chain: Option<&Chain<'a>>| -> Vec<Link> {
            let steps = chain.map(|chain| chain.steps.as_slice()).unwrap_or_default();
            let link = |(step, within): &(agreement::Agreement<'a>, crate::model::Duration)| {
                let id = crate::model::Id::new(step.id)?;
                let agreement = Selector { kind: step.kind, id, part: None };
                Some(Link { agreement, within: *within, calendar: step.calendar.to_owned() })
            };
            steps.iter().filter_map(link).collect()
        };
        let zone = new_side.calendar(new.value.calendar.as_str())?.zone().clone();
        let [links_before, links_after] = [links(before.get(key)), links(after.get(key))];
        let change = Change::Chain {
            sla: new.id.clone(),
            priority: priority.clone(),
            target: *target,
            before: links_before,
            after: links_after,
            held: is == Held::Yes,
            worst: match if matches!(is, Held::No(_)) { is } else { was } {
                Held::No(feasibility) => Some(feasibility),
                Held::Yes | Held::Unsaid => None,
            },
            zone,
        };
        sorted.entry(direction).or_default().push((change, hours(times, chains)));
    }
    for (direction, changes) in sorted {
        let mut because: Vec<Because> = Vec::new();
        let (changes, hours): (Vec<Change>, Vec<Vec<HoursChange>>) = changes.into_iter().unzip();
        for hours in hours.into_iter().flatten().map(Because::Hours) {
            if !because.contains(&hours) {
                because.push(hours);
            }
        }
        cases.push(Case::new(Topic::Chain, direction, group.subjects.clone(), changes, because));
    }
    Ok(())
}

fn chains<'a>(side: &Side<'a>, sla: &'a Entry<Sla>) -> Chains<'a> {
    let seconds = |within, calendar: &str| side.seconds(within, calendar).ok();
    let supports = agreement::supports(side.rulebook(), &sla.value).unwrap_or_default();
    let chains = agreement::chains(sla, &supports, &seconds);
    chains.into_iter().map(|chain| ((chain.priority.clone(), chain.field), chain)).collect()
}

/// Whether both chains take the same time in the same hours, below the same promise.
fn same<'a>(times: &Times<'_, 'a>, slas: [&'a Entry<Sla>; 2], chains: [Option<&Chain<'a>>; 2]) -> bool {
    let [one, other] = chains;
    let (Some(one), Some(other)) = (one, other) else { return one.is_none() && other.is_none() };
    one.target == other.target
        && times.have_the_same_hours(slas.map(|sla| sla.value.calendar.as_str()))
        && one.steps.len() == other.steps.len()
        && one.steps.iter().zip(&other.steps).all(|((step, within), (next, limit))| {
            within == limit && times.have_the_same_hours([step.calendar, next.calendar])
        })
}

fn held<'a>(
    times: &Times<'_, 'a>,
    side: &Side<'a>,
    sla: &'a Entry<Sla>,
    chain: Option<&Chain<'a>>,
) -> Result<Held, Undecidable> {
    let Some(chain) = chain else { return Ok(Held::Unsaid) };
    let target = Commitment::new(side.calendar(sla.value.calendar.as_str())?, chain.target);
    let mut steps = Vec::with_capacity(chain.steps.len());
    for (step, within) in &chain.steps {
        steps.push(Commitment::new(side.calendar(step.calendar)?, *within));
    }
    let found = time::feasibility(target, &steps, times.starts.from, times.starts.to);
    Ok(if found.is_feasible() { Held::Yes } else { Held::No(found) })
}

/// The hours that differ of agreements that have the same place in both chains.
fn hours<'a>(times: &Times<'_, 'a>, chains: [Option<&Chain<'a>>; 2]) -> Vec<HoursChange> {
    let [Some(one), Some(other)] = chains else { return Vec::new() };
    let mut found: Vec<HoursChange> = Vec::new();
    for ((step, _), (next, _)) in one.steps.iter().zip(&other.steps) {
        let calendars = [step.calendar, next.calendar];
        if step.id == next.id && !times.have_the_same_hours(calendars) {
            found.extend(HoursChange::of(times.sides, calendars).filter(|change| !found.contains(change)));
        }
    }
    found
}
