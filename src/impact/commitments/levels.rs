//! What is promised about tickets: which SLA holds for a service or request type, and what it comes to at each
//! priority.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Because, Case, Change, Commitments, Direction, Example, HoursChange, Source, Topic, Unknown, terms,
    times::{Step, Times},
};
use crate::{
    decide::{service_level, undecidable::Undecidable},
    model::{
        Duration, Entry, Id, Kind, Priority, Rulebook, Selector,
        sla::{Sla, TargetKind, Targets},
    },
    time::Shift,
};

/// The agreement that holds for something, and what names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holds<'a> {
    pub(super) sla: &'a Entry<Sla>,
    pub(super) tier: Option<&'a Id>,
}

/// What tickets can be about, with the agreements that hold for it on each side.
pub(super) type Subjects<'a> = BTreeMap<Selector, [Option<Holds<'a>>; 2]>;

/// Everything for which an agreement holds on one of the sides.
pub(super) fn subjects<'a>(times: &Times<'_, 'a>) -> Subjects<'a> {
    let mut all = Subjects::new();
    for (number, side) in times.sides.iter().enumerate() {
        for (subject, holds) in of_rulebook(side.rulebook()) {
            if let Some(slot) = all.entry(subject).or_default().get_mut(number) {
                *slot = Some(holds);
            }
        }
    }
    all
}

fn of_rulebook(rulebook: &Rulebook) -> Vec<(Selector, Holds<'_>)> {
    let mut found = Vec::new();
    for service in &rulebook.services {
        if let Some(sla) = service_level::sla(rulebook, &service.value) {
            let tier = service.value.tier.as_ref().filter(|_| service.value.sla.is_none());
            let selector = Selector { kind: Kind::Service, id: service.id.clone(), part: None };
            found.push((selector, Holds { sla, tier: tier.map(crate::model::Ref::id) }));
        }
    }
    for request in &rulebook.request_types {
        let named = request.value.sla.as_ref();
        if let Some(sla) = named.and_then(|sla| rulebook.slas.get(sla.as_str())) {
            let selector = Selector { kind: Kind::RequestType, id: request.id.clone(), part: None };
            found.push((selector, Holds { sla, tier: None }));
        }
    }
    found
}

/// Some subjects for which the same agreements hold.
pub(super) struct Group<'a> {
    pub(super) slas: [Option<&'a Entry<Sla>>; 2],
    pub(super) subjects: Vec<Selector>,
    sources: [Option<Source>; 2],
}

/// A subject with what holds for it on both sides.
type Member<'s, 'a> = (&'s Selector, &'s [Option<Holds<'a>>; 2]);

/// The subjects by the agreements that hold for them.
pub(super) fn groups<'a>(subjects: &Subjects<'a>) -> Vec<Group<'a>> {
    let mut grouped: BTreeMap<[Option<&Id>; 2], Vec<Member<'_, 'a>>> = BTreeMap::new();
    for (subject, holds) in subjects {
        let key = holds.each_ref().map(|holds| holds.as_ref().map(|holds| &holds.sla.id));
        grouped.entry(key).or_default().push((subject, holds));
    }
    let group = |members: Vec<Member<'_, 'a>>| {
        let of = |side: usize| {
            let mut holds = members.iter().filter_map(|(_, holds)| *holds.get(side)?).peekable();
            let first = *holds.peek()?;
            let alike = holds.all(|other| other.tier == first.tier);
            let tier = first.tier.filter(|_| alike).cloned();
            Some((first.sla, Source { sla: first.sla.id.clone(), tier }))
        };
        let [before, after] = [of(0), of(1)];
        Group {
            slas: [before.as_ref().map(|(sla, _)| *sla), after.as_ref().map(|(sla, _)| *sla)],
            subjects: members.iter().map(|(subject, _)| (*subject).clone()).collect(),
            sources: [before.map(|(_, source)| source), after.map(|(_, source)| source)],
        }
    };
    grouped.into_values().map(group).collect()
}

/// What is promised otherwise.
pub(super) fn compare<'a>(times: &Times<'_, 'a>, groups: &[Group<'a>], found: &mut Commitments) {
    for group in groups {
        if let Err(why) = compare_group(times, group, &mut found.cases) {
            found.unknown.push(Unknown { subjects: group.subjects.clone(), why: why.to_string() });
        }
    }
}

/// What makes changes of one group one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Gone,
    New,
    Moved(Direction),
}

/// What an agreement promises, and the hours in which that counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promised<'a> {
    pub(super) calendar: &'a str,
    pub(super) target: &'a BTreeMap<Priority, Targets>,
}

impl<'a> Promised<'a> {
    fn of(sla: &'a Entry<Sla>) -> Self {
        Self { calendar: sla.value.calendar.as_str(), target: &sla.value.target }
    }
}

/// The targets of two agreements that are due at other instants, or that only one of them has.
///
/// # Errors
/// When nobody can count on one of the calendars.
pub(super) fn targets<'a>(
    times: &Times<'_, 'a>,
    promised: [Option<Promised<'a>>; 2],
) -> Result<BTreeMap<Sort, Vec<Change>>, Undecidable> {
    let mut sorted: BTreeMap<Sort, Vec<Change>> = BTreeMap::new();
    for (priority, target) in promises(times, promised) {
        let of = |promised: Option<Promised<'a>>| promised?.target.get(&priority)?.of(target);
        let [before, after] = promised.map(of);
        let shift = match (promised, before, after) {
            ([Some(old), Some(new)], Some(was), Some(is)) => {
                due(times, [old.calendar, new.calendar], [was, is])?
            }
            _ => Shift::default(),
        };
        let sort = match (before, after) {
            (None, None) => continue,
            (Some(_), None) => Sort::Gone,
            (None, Some(_)) => Sort::New,
            (Some(_), Some(_)) => match Direction::of(&shift) {
                Direction::Neutral => continue,
                way => Sort::Moved(way),
            },
        };
        let change = Change::Target { priority, target, before, after, shift };
        sorted.entry(sort).or_default().push(change);
    }
    Ok(sorted)
}

fn compare_group<'a>(
    times: &Times<'_, 'a>,
    group: &Group<'a>,
    cases: &mut Vec<Case>,
) -> Result<(), Undecidable> {
    let because = because(times, group);
    for (sort, changes) in targets(times, group.slas.map(|sla| sla.map(Promised::of)))? {
        let (direction, why) = match sort {
            // Hours say nothing about what is not promised on both sides.
            Sort::Gone => (Direction::Weaker, agreement(group)),
            Sort::New => (Direction::Stronger, agreement(group)),
            Sort::Moved(way) => (way, because.clone()),
        };
        let mut case = Case::new(Topic::Target, direction, group.subjects.clone(), changes, why);
        case.examples = examples(times, group, &case.changes);
        cases.push(case);
    }
    if let [Some(old), Some(new)] = group.slas {
        terms::compare([&old.value, &new.value], &group.subjects, &agreement(group), cases);
    }
    Ok(())
}

/// How the instants move at which a target is due that counts in the hours of some calendars.
pub(super) fn due<'a>(
    times: &Times<'_, 'a>,
    calendars: [&'a str; 2],
    within: [Duration; 2],
) -> Result<Shift, Undecidable> {
    let ([old, new], [before, after], [was, is]) = (times.sides, calendars, within);
    let step = |side: &super::Side<'a>, calendar: &'a str, within: Duration| {
        Ok::<_, Undecidable>(Step { calendar, seconds: side.seconds(within, calendar)? })
    };
    times.shift([vec![vec![step(old, before, was)?]], vec![vec![step(new, after, is)?]]])
}

/// The priorities and targets of either agreement, the most urgent first.
fn promises(times: &Times<'_, '_>, promised: [Option<Promised<'_>>; 2]) -> Vec<(Priority, TargetKind)> {
    let named: BTreeSet<&Priority> = promised.iter().flatten().flat_map(|one| one.target.keys()).collect();
    let mut named: Vec<&Priority> = named.into_iter().collect();
    named.sort_by_key(|priority| urgency(times, priority));
    let kinds = |priority: &Priority| {
        let priority = priority.clone();
        TargetKind::ALL.iter().map(move |kind| (priority.clone(), *kind))
    };
    named.into_iter().flat_map(kinds).collect()
}

/// The place of a priority among those of the project: the most urgent first.
pub(super) fn urgency(times: &Times<'_, '_>, priority: &Priority) -> usize {
    let place = |side: &super::Side<'_>| {
        side.rulebook().settings.project.priorities.iter().position(|id| *id == priority.0)
    };
    let [old, new] = times.sides;
    place(new).or_else(|| place(old)).unwrap_or(usize::MAX)
}

fn agreement(group: &Group<'_>) -> Vec<Because> {
    let [before, after] = &group.sources;
    let same = before.as_ref().map(|source| &source.sla) == after.as_ref().map(|source| &source.sla);
    let other = Because::Agreement { before: before.clone(), after: after.clone() };
    if same { Vec::new() } else { vec![other] }
}

fn because<'a>(times: &Times<'_, 'a>, group: &Group<'a>) -> Vec<Because> {
    let mut because = agreement(group);
    if let [Some(old), Some(new)] = group.slas {
        let calendars = [old.value.calendar.as_str(), new.value.calendar.as_str()];
        if !times.have_the_same_hours(calendars) {
            because.extend(HoursChange::of(times.sides, calendars).map(Because::Hours));
        }
    }
    because
}

/// The tickets that show changes most: the one that is later, and the one that is earlier.
fn examples(times: &Times<'_, '_>, group: &Group<'_>, changes: &[Change]) -> Vec<Example> {
    let ([Some(old), Some(new)], Some(subject)) = (group.slas, group.subjects.first()) else {
        return Vec::new();
    };
    let [_, side] = times.sides;
    let moved = |pick: fn(&Shift) -> Option<crate::time::Moved>| {
        let all = changes.iter().filter_map(|change| match change {
            Change::Target { priority, target, shift, .. } => Some((priority, *target, pick(shift)?.most)),
            _ => None,
        });
        // Of several that move as far the most urgent one is the first.
        let most = all.reduce(|one, other| if far(other.2) > far(one.2) { other } else { one })?;
        let (priority, target, instance) = most;
        Some(Example {
            subject: subject.clone(),
            priority: priority.clone(),
            target,
            slas: [old.id.clone(), new.id.clone()],
            zone: side.calendar(new.value.calendar.as_str()).ok()?.zone().clone(),
            instance,
        })
    };
    [moved(|shift| shift.later), moved(|shift| shift.earlier)].into_iter().flatten().collect()
}

/// By how many seconds an example moves; what is never due moves furthest.
fn far(instance: crate::time::Instance) -> i64 {
    match (instance.before, instance.after) {
        (Some(before), Some(after)) => (after.as_second() - before.as_second()).abs(),
        _ => i64::MAX,
    }
}
