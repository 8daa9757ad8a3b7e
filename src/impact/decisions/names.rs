//! By name whom cases touch, and which grants, for those who ask.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::cases::Case;
use crate::{
    decide::{engine::Engine, ledger::HeldBy, undecidable::Undecidable},
    model::{EntitlementRef, Id, Rulebook},
};

/// The people and grants of the new rulebook, by the places that cases know them by.
#[derive(Debug)]
pub struct Names {
    people: Vec<Id>,
    /// The grants of each entitlement that are in force, with the places of who holds them.
    held: BTreeMap<EntitlementRef, Vec<(usize, Id)>>,
}

impl Names {
    /// The names of the rulebook after a change, as of an instant.
    ///
    /// # Errors
    /// When its time zone does not exist.
    pub fn of(after: &Rulebook, instant: Timestamp) -> Result<Self, Undecidable> {
        let engine = Engine::new(after)?;
        let people: Vec<Id> = after.people.iter().map(|person| person.id.clone()).collect();
        let mut held: BTreeMap<EntitlementRef, Vec<(usize, Id)>> = BTreeMap::new();
        for (place, person) in people.iter().enumerate() {
            for one in engine.ledger().of(person.as_str()).iter().filter(|held| held.is_at(instant)) {
                if let HeldBy::Grant(grant) = one.by {
                    held.entry(one.entitlement.clone()).or_default().push((place, grant.id.clone()));
                }
            }
        }
        Ok(Self { people, held })
    }

    /// The people and accounts whom some cases touch, and the grants that are held by them now, in order. What comes with a
    /// role has no grant.
    #[must_use]
    pub fn touched<'n>(&'n self, cases: &[&Case]) -> (BTreeSet<&'n Id>, BTreeSet<&'n Id>) {
        let (mut people, mut grants) = (BTreeSet::new(), BTreeSet::new());
        for case in cases {
            let places: BTreeSet<usize> = case.touched.places().collect();
            people.extend(places.iter().filter_map(|place| self.people.get(*place)));
            if case.touched.grants == 0 {
                continue;
            }
            let held =
                case.entitlements.iter().filter_map(|entitlement| self.held.get(entitlement)).flatten();
            grants.extend(held.filter(|(place, _)| places.contains(place)).map(|(_, grant)| grant));
        }
        (people, grants)
    }
}
