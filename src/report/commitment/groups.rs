//! Changes of promises that have the same cause, told once: a holiday is one change however many promises it moves.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    more,
    view::{CaseView, View},
};
use crate::{
    impact::{
        commitments::{Because, Case, Change, Direction, Told, Topic},
        fingerprint,
    },
    load::words::in_a_row,
    model::Duration,
    report::summary::plural,
    time::{Moved, Shift},
};

/// How many people and chains are named before the rest is counted.
const MOST: usize = 4;

/// Cases that have the same cause.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GroupView {
    /// A name that stays the same as long as its cases do; acknowledging it acknowledges them.
    pub fingerprint: String,
    /// Which way they go, in a word.
    pub direction: &'static str,
    /// Whether a gate lets them through only when somebody says so.
    pub loosens: bool,
    /// Whether somebody acknowledged all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
    /// What changes in all of them together, in words.
    pub changes: Vec<String>,
    /// The places of the cases among all cases.
    pub cases: Vec<usize>,
}

/// Puts cases together that go the same way because of the same hours.
pub(super) fn groups(cases: &[Case], views: &[CaseView]) -> Vec<GroupView> {
    let mut grouped: BTreeMap<(Direction, &[String]), Vec<usize>> = BTreeMap::new();
    for (place, (case, view)) in cases.iter().zip(views).enumerate() {
        let by_hours = !case.because.is_empty()
            && case.because.iter().all(|because| matches!(because, Because::Hours(_)))
            && matches!(case.topic, Topic::Target | Topic::Chain | Topic::Escalation);
        if by_hours {
            grouped.entry((case.direction, view.because.as_slice())).or_default().push(place);
        }
    }
    grouped.retain(|_, places| places.len() > 1);
    let mut found: Vec<GroupView> = grouped
        .into_values()
        .map(|places| {
            let of: Vec<(&Case, &CaseView)> =
                places.iter().filter_map(|place| Some((cases.get(*place)?, views.get(*place)?))).collect();
            let mut names: Vec<&str> = of.iter().map(|(_, view)| view.fingerprint.as_str()).collect();
            names.sort_unstable();
            let first = of.iter().find(|(case, _)| case.topic == Topic::Target).or(of.first());
            GroupView {
                fingerprint: fingerprint(&names),
                direction: first.map_or("mixed", |(_, view)| view.direction),
                loosens: of.iter().any(|(_, view)| view.loosens),
                acknowledged: false,
                changes: changes(&of.iter().map(|(case, _)| *case).collect::<Vec<_>>()),
                cases: places,
            }
        })
        .collect();
    found.sort_by_key(|group| group.cases.first().copied());
    found
}

/// What is told: each case, and those of one cause as one.
pub(super) fn told(view: &View) -> Vec<CaseView> {
    let mut told = Vec::new();
    for (place, case) in view.cases.iter().enumerate() {
        let Some(group) = view.groups.iter().find(|group| group.cases.contains(&place)) else {
            told.push(case.clone());
            continue;
        };
        if group.cases.first() != Some(&place) {
            continue;
        }
        let of: Vec<&CaseView> = group.cases.iter().filter_map(|place| view.cases.get(*place)).collect();
        let subjects: BTreeSet<&String> = of.iter().flat_map(|case| &case.subjects).collect();
        let shown = of.iter().find(|case| !case.examples.is_empty());
        let mut one = case.clone();
        one.fingerprint.clone_from(&group.fingerprint);
        one.direction = group.direction;
        one.loosens = group.loosens;
        one.acknowledged = group.acknowledged;
        one.subjects = subjects.into_iter().cloned().collect();
        one.changes.clone_from(&group.changes);
        one.targets.clear();
        one.when = shown.and_then(|case| case.when.clone());
        one.examples = shown.map(|case| case.examples.clone()).unwrap_or_default();
        told.push(one);
    }
    told
}

/// What changes in some cases together, one line for each sort of it.
fn changes(cases: &[&Case]) -> Vec<String> {
    let all = |topic: Topic| cases.iter().filter(move |case| case.topic == topic);
    let mut lines = Vec::new();
    lines.extend(targets(&all(Topic::Target).copied().collect::<Vec<_>>()));
    lines.extend(notices(&all(Topic::Escalation).flat_map(|case| &case.changes).collect::<Vec<_>>()));
    let chains: Vec<String> =
        all(Topic::Chain).flat_map(|case| &case.changes).flat_map(more::chain).collect();
    let more = chains.len().saturating_sub(MOST);
    lines.extend(chains.into_iter().take(MOST));
    if more > 0 {
        lines.push(format!("and so it is for {}", plural(more, "more chain")));
    }
    lines
}

/// The targets that move, told as one.
fn targets(cases: &[&Case]) -> Option<String> {
    let (mut priorities, mut kinds, mut shifts) = (Vec::new(), BTreeSet::new(), Vec::new());
    for change in cases.iter().flat_map(|case| &case.changes) {
        if let Change::Target { priority, target, shift, .. } = change {
            if !priorities.contains(priority) {
                priorities.push(priority.clone());
            }
            kinds.insert(*target);
            shifts.push(shift);
        }
    }
    let kinds: Vec<String> = kinds.into_iter().map(|kind| format!("`{kind}`")).collect();
    let named: Vec<String> = priorities.iter().map(ToString::to_string).collect();
    let slas: BTreeSet<_> =
        cases.iter().flat_map(|case| &case.examples).map(|example| &example.slas).collect();
    (!kinds.is_empty()).then(|| {
        format!(
            "{} of {} under {} {} due {}: as much time as before, counted in other hours",
            in_a_row(&kinds, "and"),
            in_a_row(&named, "and"),
            plural(slas.len(), "SLA"),
            if kinds.len() == 1 { "is" } else { "are" },
            by(&shifts),
        )
    })
}

/// The people who are told at other times, told as one.
fn notices(changes: &[&Change]) -> Option<String> {
    let all: Vec<&Told> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Told(told) => Some(told),
            _ => None,
        })
        .collect();
    let mut who: Vec<String> = Vec::new();
    for told in &all {
        let named = more::who(&told.who);
        if !who.contains(&named) {
            who.push(named);
        }
    }
    let cut = who.len().saturating_sub(MOST);
    if cut > 1 {
        who.truncate(MOST);
        who.push(format!("{cut} more"));
    }
    let shifts: Vec<&Shift> = all.iter().map(|told| &told.shift).collect();
    let are = if who.len() == 1 { "is" } else { "are" };
    (!who.is_empty()).then(|| format!("{} {are} told {}", in_a_row(&who, "and"), by(&shifts)))
}

/// By how much instants move at most, in words.
fn by(shifts: &[&Shift]) -> String {
    let most = |pick: fn(&Shift) -> Option<Moved>| {
        let moved = shifts.iter().filter_map(|shift| {
            let most = pick(shift)?.most;
            Some((most.after?.as_second() - most.before?.as_second()).abs())
        });
        moved.max()
    };
    let told = [("later", most(|shift| shift.later)), ("earlier", most(|shift| shift.earlier))];
    let told: Vec<String> = told
        .into_iter()
        .filter_map(|(word, seconds)| {
            Some(format!("up to {} {word}", Duration::Elapsed { seconds: seconds? }))
        })
        .collect();
    if told.is_empty() { "at another time".to_owned() } else { told.join(" or ") }
}
