//! What two rulebooks say otherwise about the same tickets.

use std::collections::BTreeMap;

use super::group::Rowed;
use crate::{
    model::sla::TargetKind,
    simulate::replay::flipped::{Flipped, merge},
};

/// Tickets under two rulebooks, held against each other.
#[derive(Debug, Clone, Default)]
pub struct Flips {
    /// Tickets about which both say the same.
    pub same: u64,
    /// Tickets about which they do not.
    pub count: u64,
    /// Targets by what became of them, before and now.
    pub changes: BTreeMap<Change, Flipped<Flip>>,
}

/// What became of a target under two rulebooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The target.
    pub target: TargetKind,
    /// What the other rulebook says.
    pub before: State,
    /// What this one says.
    pub after: State,
}

/// A target of which two rulebooks say otherwise whether it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// The first row of the ticket, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The ticket.
    pub ticket: String,
    /// How much business time it took and might have taken by the other rulebook, in seconds.
    pub before: Option<(i64, i64)>,
    /// The same by this one.
    pub after: Option<(i64, i64)>,
}

/// What became of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The ticket cannot be worked out.
    Unknown,
    /// Nothing is promised.
    NotPromised,
    /// It was kept.
    Met,
    /// It was not.
    Breached,
    /// The clock has not stopped, and there is time.
    Open,
    /// The clock has not stopped, and the time is up.
    OpenBreached,
}

impl State {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotPromised => "not-promised",
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Open => "open",
            Self::OpenBreached => "open-breached",
        }
    }

    /// Whether the time is up.
    #[must_use]
    pub const fn is_breached(self) -> bool {
        matches!(self, Self::Breached | Self::OpenBreached)
    }
}

/// What became of each target of a ticket, once for each of its clocks in their order, with the time that it took and might
/// have taken; nothing where the ticket cannot be worked out.
pub(super) type Fates = Option<BTreeMap<TargetKind, Vec<(State, i64, i64)>>>;

impl Flips {
    /// Compares what two rulebooks say about a ticket.
    pub(super) fn add(&mut self, rowed: &Rowed<'_>, before: &Fates, after: &Fates) {
        let mut otherwise = false;
        let clocks = |fates: &Fates, target| {
            fates.as_ref().and_then(|fates| fates.get(&target)).map_or(1, |clocks: &Vec<_>| clocks.len())
        };
        let all = TargetKind::ALL.iter().copied().flat_map(|target| {
            (0..clocks(before, target).max(clocks(after, target))).map(move |place| (target, place))
        });
        for (target, place) in all {
            let of = |fates: &Fates| match fates {
                None => (State::Unknown, None),
                Some(fates) => fates
                    .get(&target)
                    .and_then(|clocks| clocks.get(place))
                    .map_or((State::NotPromised, None), |(state, took, most)| (*state, Some((*took, *most)))),
            };
            let ((was, took), (is, takes)) = (of(before), of(after));
            // What nobody can work out under one rulebook, and the other promises nothing about, is no promise that changed.
            let nothing = |one, other| one == State::Unknown && other == State::NotPromised;
            if was == is || nothing(was, is) || nothing(is, was) {
                continue;
            }
            otherwise = true;
            let changed = self.changes.entry(Change { target, before: was, after: is }).or_default();
            changed.add(|| {
                let (row, line) = rowed.said.first().map_or((0, 0), |(row, line, _)| (*row, *line));
                Flip { row, line, ticket: rowed.id.clone(), before: took, after: takes }
            });
        }
        self.count += u64::from(otherwise);
        self.same += u64::from(!otherwise);
    }

    /// Adds everything of another, which comes after this one.
    pub(super) fn merge(&mut self, other: Self) {
        self.same += other.same;
        self.count += other.count;
        merge(&mut self.changes, other.changes);
    }

    /// Targets that are not kept and were kept, or not promised, before.
    #[must_use]
    pub fn new_breaches(&self) -> u64 {
        let newly = |change: &Change| change.after.is_breached() && !change.before.is_breached();
        self.changes.iter().filter(|(change, _)| newly(change)).map(|(_, changed)| changed.count).sum()
    }
}
