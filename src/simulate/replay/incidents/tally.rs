//! What is counted about tickets.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    model::{Id, Priority, replay_map::Kept, sla::TargetKind},
    simulate::replay::{EXAMPLES, Spread},
};

/// What is counted.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Tickets that were worked out.
    pub tickets: u64,
    /// When the first and the last of them were opened.
    pub period: Option<(Timestamp, Timestamp)>,
    /// What is worth knowing about them.
    pub remarks: Remarks,
    /// Clocks by what they measure.
    pub groups: BTreeMap<Key, Group>,
    /// Tickets by whether the target to solve them was kept: as worked out, as the file says.
    pub recorded: BTreeMap<(Kept, Kept), u64>,
}

/// What is worth knowing about tickets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Tickets whose rows are not in the order of their instants.
    pub out_of_order: u64,
    /// Tickets of which something is said to have happened before they were opened.
    pub before_opening: u64,
    /// Tickets about which nothing was promised.
    pub nothing_promised: u64,
}

/// What a clock measures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The tier of the service, where the rows name one.
    pub tier: Option<Id>,
    /// The SLA.
    pub sla: Id,
    /// The priority.
    pub priority: Priority,
    /// The target.
    pub target: TargetKind,
}

/// Clocks that measure the same. Those that were cancelled, because the priority or the SLA changed, do not count.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Clocks that stopped.
    pub finished: u64,
    /// Those of them whose target was not kept.
    pub breached: u64,
    /// Those of them whose target would not have been kept if no pause counted.
    pub breached_without_pauses: u64,
    /// Clocks that have not stopped.
    pub open: u64,
    /// Those of them whose target is used up already.
    pub open_breached: u64,
    /// How much business time it took, without pauses.
    pub took: Spread,
    /// The first whose targets were not kept.
    pub first: First,
}

/// The first of many.
#[derive(Debug, Clone, Default)]
pub struct First(pub Vec<Breach>);

/// A target that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The first row of the ticket, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The ticket.
    pub ticket: String,
    /// How much business time it took, in seconds.
    pub seconds: i64,
    /// How much it might have taken.
    pub most: i64,
}

impl First {
    pub(super) fn add(&mut self, breach: impl FnOnce() -> Breach) {
        if self.0.len() < EXAMPLES {
            self.0.push(breach());
        }
    }
}

impl Tally {
    pub(super) fn add_period(&mut self, at: Timestamp) {
        let period = self.period.get_or_insert((at, at));
        *period = (period.0.min(at), period.1.max(at));
    }

    /// Adds everything of another, which comes after this one.
    pub(super) fn merge(&mut self, other: Self) {
        self.tickets += other.tickets;
        if let Some((first, last)) = other.period {
            self.add_period(first);
            self.add_period(last);
        }
        self.remarks.out_of_order += other.remarks.out_of_order;
        self.remarks.before_opening += other.remarks.before_opening;
        self.remarks.nothing_promised += other.remarks.nothing_promised;
        for (key, group) in other.groups {
            self.groups.entry(key).or_default().merge(group);
        }
        for (key, count) in other.recorded {
            *self.recorded.entry(key).or_default() += count;
        }
    }

    /// All clocks together.
    #[must_use]
    pub fn all(&self) -> Group {
        let mut all = Group::default();
        for group in self.groups.values() {
            all.merge(group.clone());
        }
        all
    }
}

impl Group {
    fn merge(&mut self, other: Self) {
        self.finished += other.finished;
        self.breached += other.breached;
        self.breached_without_pauses += other.breached_without_pauses;
        self.open += other.open;
        self.open_breached += other.open_breached;
        self.took.merge(other.took);
        self.first.0.extend(other.first.0);
        self.first.0.truncate(EXAMPLES);
    }
}
