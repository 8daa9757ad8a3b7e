//! What two rulebooks decide otherwise.

use std::collections::BTreeMap;

use super::tally::{Because, Told};
use crate::{
    decide::decision::Decision,
    model::{scenario::Verdict, workflow::Evidence},
    simulate::replay::EXAMPLES,
};

/// Decisions under two rulebooks, held against each other.
#[derive(Debug, Clone, Default)]
pub struct Flips {
    /// Requests that both decide alike.
    pub same: u64,
    /// The others, by what differs.
    pub changes: BTreeMap<Change, Changed>,
}

/// What differs between two decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The verdict: before, after.
    Verdict(Verdict, Verdict),
    /// Who has to agree.
    People,
    /// What has to be brought.
    Evidence,
    /// When the access ends.
    End,
}

/// How many requests, and the first of them.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Vec<Flip>,
}

/// A request that two rulebooks decide otherwise.
#[derive(Debug, Clone)]
pub struct Flip {
    /// The row, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The name of the request.
    pub id: Option<String>,
    /// What was decided.
    pub before: Because,
    /// What is decided now.
    pub after: Because,
}

impl Flips {
    /// Compares two decisions about one request.
    pub(super) fn add(&mut self, told: &Told<'_>, before: &Decision<'_>, after: &Decision<'_>) {
        let Some(change) = change(before, after) else {
            self.same += 1;
            return;
        };
        let changed = self.changes.entry(change).or_default();
        changed.count += 1;
        if changed.first.len() < EXAMPLES {
            changed.first.push(Flip {
                row: told.row,
                line: told.line,
                id: told.past.id.clone(),
                before: Because::of(before),
                after: Because::of(after),
            });
        }
    }

    /// Adds everything of another, which comes after this one.
    pub(super) fn merge(&mut self, other: Self) {
        self.same += other.same;
        for (change, changed) in other.changes {
            let own = self.changes.entry(change).or_default();
            own.count += changed.count;
            own.first.extend(changed.first);
            own.first.truncate(EXAMPLES);
        }
    }

    /// How many requests are decided otherwise.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.changes.values().map(|changed| changed.count).sum()
    }

    /// How many requests are approved without anybody being asked that were not before.
    #[must_use]
    pub fn new_auto_approvals(&self) -> u64 {
        let newly = |change: &Change| matches!(change, Change::Verdict(_, Verdict::Approved));
        self.changes.iter().filter(|(change, _)| newly(change)).map(|(_, changed)| changed.count).sum()
    }
}

/// The first thing that differs; none when two decisions come to the same.
fn change(before: &Decision<'_>, after: &Decision<'_>) -> Option<Change> {
    if before.verdict != after.verdict {
        return Some(Change::Verdict(before.verdict, after.verdict));
    }
    if matches!(after.verdict, Verdict::Denied | Verdict::Invalid) {
        return None;
    }
    if people(before) != people(after) {
        return Some(Change::People);
    }
    if evidence(before) != evidence(after) {
        return Some(Change::Evidence);
    }
    let ends = |decision: &Decision<'_>| decision.items.iter().map(|item| item.expires).collect::<Vec<_>>();
    (ends(before) != ends(after)).then_some(Change::End)
}

/// Who can act in each stage, in time and later, and how many of them have to. What stages are called does not
/// matter.
fn people<'d>(decision: &'d Decision<'_>) -> Vec<(usize, Vec<&'d str>, Vec<&'d str>)> {
    let ids = |people: &[&'d crate::model::Entry<crate::model::person::Person>]| {
        people.iter().map(|person| person.id.as_str()).collect()
    };
    decision
        .stages
        .iter()
        .map(|asking| (asking.needed, ids(&asking.approvers), ids(&asking.escalation)))
        .collect()
}

fn evidence(decision: &Decision<'_>) -> Vec<Evidence> {
    decision.obligations.iter().map(|obligation| obligation.evidence).collect()
}
