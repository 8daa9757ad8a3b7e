//! What the bundles of two rulebooks give and take otherwise as the same things happen to people.

use std::collections::{BTreeMap, BTreeSet};

use super::bundles;
use crate::{
    decide::person::Directory,
    model::{EntitlementRef, Entry, Id, Rulebook, person::Person},
    simulate::replay::flipped::Flipped,
};

/// What two rulebooks give and take, held against each other.
#[derive(Debug, Clone, Default)]
pub struct Flips {
    /// Events by which both give and take the same.
    pub same: u64,
    /// Events by which they do not.
    pub count: u64,
    /// What is given or taken by one of them alone; of each event the row, the line on which it starts, and who.
    pub changes: BTreeMap<Change, Flipped<(u64, u64, Id)>>,
}

/// Something that one rulebook gives or takes and the other does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What.
    pub entitlement: EntitlementRef,
    /// Whether it is given rather than taken.
    pub given: bool,
    /// Whether this rulebook does it rather than the other.
    pub now: bool,
}

/// What people hold by the bundles of one rulebook.
pub(super) struct Side<'a> {
    rulebook: &'a Rulebook,
    directory: &'a Directory<'a>,
    held: BTreeMap<Id, BTreeSet<EntitlementRef>>,
}

/// What somebody was given and what was taken from them.
type Moved = (BTreeSet<EntitlementRef>, BTreeSet<EntitlementRef>);

impl<'a> Side<'a> {
    pub(super) fn new(rulebook: &'a Rulebook, directory: &'a Directory<'a>) -> Self {
        Self { rulebook, directory, held: BTreeMap::new() }
    }

    pub(super) const fn rulebook(&self) -> &'a Rulebook {
        self.rulebook
    }

    /// Gives somebody what comes with what they are now, or nothing when they are gone. What nobody can decide about gives
    /// nothing.
    pub(super) fn happen(&mut self, id: &Id, person: Option<&Entry<Person>>, teams: &[&str]) -> Moved {
        let found = person.and_then(|person| bundles::of(self.directory, self.rulebook, person, teams));
        let bundles = found.unwrap_or_default().into_iter();
        let bundles = bundles.filter_map(|bundle| self.rulebook.bundles.get(bundle.as_str()));
        let now: BTreeSet<EntitlementRef> =
            bundles.flat_map(|bundle| bundle.value.entitlements.iter().cloned()).collect();
        let was = self.held.insert(id.clone(), now.clone()).unwrap_or_default();
        (now.difference(&was).cloned().collect(), was.difference(&now).cloned().collect())
    }
}

impl Flips {
    /// Compares what both rulebooks gave and took because of one event.
    pub(super) fn add(&mut self, (row, line): (u64, u64), who: &Id, before: &Moved, after: &Moved) {
        let mut otherwise = false;
        let mut note = |one: &BTreeSet<EntitlementRef>, other: &BTreeSet<EntitlementRef>, given, now| {
            for entitlement in one.difference(other) {
                otherwise = true;
                let change = Change { entitlement: entitlement.clone(), given, now };
                self.changes.entry(change).or_default().add(|| (row, line, who.clone()));
            }
        };
        note(&after.0, &before.0, true, true);
        note(&before.0, &after.0, true, false);
        note(&after.1, &before.1, false, true);
        note(&before.1, &after.1, false, false);
        self.count += u64::from(otherwise);
        self.same += u64::from(!otherwise);
    }

    /// How often something is given that is not by the other rulebook.
    #[must_use]
    pub fn newly_given(&self) -> u64 {
        let newly = self.changes.iter().filter(|(change, _)| change.given && change.now);
        newly.map(|(_, changed)| changed.count).sum()
    }
}
