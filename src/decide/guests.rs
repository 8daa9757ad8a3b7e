//! People and entitlements that requests of the past name and no rulebook holds any more, or never held.

use std::collections::BTreeMap;

use crate::model::{EntitlementRef, Entry, Id, Objects, person::Person};

/// People and entitlements that are known beside those of a rulebook.
///
/// They can ask and be asked for, and that is all: nobody of them approves, and nobody of them is a peer.
#[derive(Debug, Default)]
pub struct Guests {
    people: Objects<Person>,
    entitlements: BTreeMap<EntitlementRef, EntitlementRef>,
}

impl Guests {
    /// Adds somebody. Where the rulebook knows the same id, what is said here counts. Of two with one id the first
    /// stays.
    pub fn add_person(&mut self, person: Entry<Person>) {
        let _ = self.people.insert(person);
    }

    /// Adds an entitlement that is like one of the rulebook, under an id of its own. Where the rulebook has the
    /// same id, its own counts.
    pub fn add_entitlement(&mut self, id: EntitlementRef, like: EntitlementRef) {
        self.entitlements.insert(id, like);
    }

    /// Whether there is nobody and nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.entitlements.is_empty()
    }

    /// The person with this id.
    pub(super) fn person(&self, id: &str) -> Option<&Entry<Person>> {
        self.people.get(id)
    }

    /// The id of an entitlement, and what it is like.
    pub(super) fn entitlement(&self, id: &EntitlementRef) -> Option<(&Id, &EntitlementRef)> {
        let (own, like) = self.entitlements.get_key_value(id)?;
        Some((&own.entitlement, like))
    }
}
