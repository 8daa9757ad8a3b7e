//! Whom a case touches today, and a request that shows it.

use std::collections::BTreeMap;

use super::{
    facts::{Asks, known},
    meaning::Outcome,
    side::Side,
    witness::{Witness, witness},
};
use crate::{
    decide::{
        ledger::Held,
        space::{Set, Space},
    },
    model::{EntitlementRef, Entry, Id, person::Person},
};

/// How many people are tried for a request that shows a case.
const TRIES: usize = 12;

/// Whom a case touches today.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    /// How many people and accounts could make such a request.
    pub people: usize,
    /// Their ids.
    pub ids: Vec<Id>,
    /// How many of them hold one of the entitlements now.
    pub grants: usize,
}

/// People who are alike for every request, with what they hold.
type Alike<'a> = BTreeMap<Vec<Option<u32>>, Vec<(&'a Entry<Person>, Vec<Held<'a>>)>>;

/// The people of the new rulebook, by what a space can tell about them.
pub(super) struct People<'s, 'a> {
    sides: &'s [Side<'a>; 2],
    alike: Alike<'a>,
}

impl<'s, 'a> People<'s, 'a> {
    pub(super) fn new(sides: &'s [Side<'a>; 2], space: &Space<'a>) -> Self {
        let [_, side] = sides;
        let mut alike = Alike::new();
        for person in side.engine.directory().present_on(side.today()) {
            // Where it cannot be said what somebody holds, they are counted as holding what is written down.
            let held = crate::decide::asked::held(&side.engine, person)
                .unwrap_or_else(|_| side.engine.ledger().of(person.id.as_str()).to_vec());
            let classes = known(side, space, person, &held, Asks::Anybody);
            alike.entry(classes).or_default().push((person, held));
        }
        Self { sides, alike }
    }

    /// Who could make a request in a set, and who of them holds one of the entitlements.
    pub(super) fn touched(&self, space: &Space<'a>, set: Set, entitlements: &[EntitlementRef]) -> Touched {
        let [_, side] = self.sides;
        let mut touched = Touched::default();
        for (known, people) in &self.alike {
            if !space.is_possible(set, known) {
                continue;
            }
            touched.people += people.len();
            for (person, held) in people {
                touched.ids.push(person.id.clone());
                let now = held.iter().filter(|held| held.is_at(side.instant));
                touched.grants += now.filter(|held| entitlements.contains(held.entitlement)).count();
            }
        }
        touched.ids.sort_unstable();
        touched
    }

    /// A request of somebody real that is decided as the case says, by both rulebooks.
    pub(super) fn witness(
        &self,
        space: &mut Space<'a>,
        set: Set,
        entitlements: &[EntitlementRef],
        outcomes: [&Outcome; 2],
    ) -> Option<Witness> {
        let entitlement = entitlements.first()?;
        let mut left = TRIES;
        for (known, people) in &self.alike {
            if !space.is_possible(set, known) {
                continue;
            }
            for (person, held) in people.iter().take(3) {
                left = left.checked_sub(1)?;
                let found = witness(self.sides, space, set, entitlement, (person, held), outcomes);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
}
