//! The people for whose requests nobody is left who can approve, though there is somebody for those of others: whoever
//! asks cannot approve, and one person may be all that several stages ask.

use std::collections::{BTreeSet, HashMap};

use super::{
    kernel::OLD,
    meaning::{Approver, Needed, Outcome, Panel, Silence},
    panels::approver,
    side::Side,
};
use crate::{
    decide::{approvers::needed, matching::satisfy, principals::owners_of_account},
    model::{Entry, Id, person::Person, workflow::Need},
};

/// The people among some for whose requests nobody can approve after a change, and for whose there was somebody before
/// it, or who were denied.
pub(super) fn stuck<'a>(
    sides: &[Side<'a>; 2],
    outcomes: [&Outcome; 2],
    people: impl Iterator<Item = &'a Entry<Person>>,
) -> Vec<Id> {
    let ([old, new], [before, after]) = (sides, outcomes);
    let Outcome::Granted(granted) = after else { return Vec::new() };
    if granted.panels.is_empty() || *before == Outcome::Nobody {
        return Vec::new();
    }
    let (mut now, mut earlier) = (Asked::new(new, &granted.panels), None);
    if let Outcome::Granted(granted) = before {
        earlier = Some(Asked::new(old, &granted.panels));
    }
    let mut found = Vec::new();
    for person in people {
        if !now.is_stuck(person) {
            continue;
        }
        let was = sides.get(OLD).and_then(|side| side.engine.rulebook().people.get(person.id.as_str()));
        let was_stuck = match (&mut earlier, was) {
            (Some(earlier), Some(was)) => earlier.is_stuck(was),
            _ => false,
        };
        if !was_stuck {
            found.push(person.id.clone());
        }
    }
    found
}

/// The stages that requests go through, with what was found out about some of those who ask.
struct Asked<'s, 'a> {
    side: &'s Side<'a>,
    panels: &'s [Panel],
    /// How many levels up managers are asked.
    levels: u8,
    named: BTreeSet<&'s str>,
    /// By the managers, for those who are named nowhere themselves.
    known: HashMap<Vec<Option<&'a str>>, bool>,
}

impl<'s, 'a> Asked<'s, 'a> {
    fn new(side: &'s Side<'a>, panels: &'s [Panel]) -> Self {
        let (mut levels, mut named) = (0, BTreeSet::new());
        for one in panels.iter().flat_map(Panel::everybody) {
            match one {
                Approver::Manager(level) => levels = levels.max(*level),
                Approver::Person(id) => drop(named.insert(id.as_str())),
                Approver::Away(_) | Approver::OnCall { .. } => {}
            }
        }
        Self { side, panels, levels, named, known: HashMap::new() }
    }

    fn is_stuck(&mut self, person: &'a Entry<Person>) -> bool {
        let rulebook = self.side.engine.rulebook();
        let mut excluded = vec![person.id.as_str()];
        excluded.extend(owners_of_account(rulebook, person));
        let managers = self.managers(person);
        let is_named = |id: &&str| self.named.contains(*id) || managers.contains(&Some(*id));
        if excluded.iter().any(is_named) {
            return self.too_few(&excluded, &managers);
        }
        if let Some(known) = self.known.get(&managers) {
            return *known;
        }
        let stuck = self.too_few(&excluded, &managers);
        self.known.insert(managers, stuck);
        stuck
    }

    /// Who can act of somebody's managers, the nearest first.
    fn managers(&self, person: &'a Entry<Person>) -> Vec<Option<&'a str>> {
        let people = &self.side.engine.rulebook().people;
        let mut at = Some(person);
        let level = |_| {
            at = at.and_then(|one| people.get(one.value.manager.as_ref()?.as_str()));
            let able = at.filter(|one| approver(one, self.side.today()).is_some_and(|one| one.is_able()));
            able.map(|one| one.id.as_str())
        };
        (0..self.levels).map(level).collect()
    }

    /// Whether one of the stages has nobody, or some have too few different people between them.
    fn too_few(&self, excluded: &[&str], managers: &[Option<&'a str>]) -> bool {
        let able = |named| able(named, excluded, managers);
        let mut apart = Vec::new();
        let is_apart = self.panels.iter().any(|panel| panel.distinct);
        for panel in self.panels {
            let mut pool = able(&panel.approvers);
            if pool.is_empty() {
                pool = able(&panel.fallback);
            }
            if pool.is_empty() {
                return true;
            }
            let count = match panel.needed {
                Needed::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
                Needed::All => needed(Need::All, pool.len()),
                Needed::Share(parts) => {
                    let share = u64::from(parts).saturating_mul(pool.len() as u64).div_ceil(1_000_000);
                    usize::try_from(share).unwrap_or(usize::MAX).max(1)
                }
            };
            if let Silence::Escalates(later) = &panel.silence {
                pool.extend(able(later));
            }
            if is_apart {
                apart.push((count, pool));
            } else if pool.len() < count {
                return true;
            }
        }
        satisfy(&apart).is_err()
    }
}

/// Who can act of those who are named, without those who cannot because of who asks.
fn able<'m>(
    named: &'m BTreeSet<Approver>,
    excluded: &[&str],
    managers: &[Option<&'m str>],
) -> BTreeSet<&'m str> {
    let of = |one: &'m Approver| match one {
        Approver::Person(id) => Some(id.as_str()),
        Approver::Manager(level) => managers.get(usize::from(*level).checked_sub(1)?).copied().flatten(),
        // Whoever that is: somebody whom no other stage asks, as far as is known.
        Approver::OnCall { rota, .. } => Some(rota.as_str()),
        Approver::Away(_) => None,
    };
    named.iter().filter_map(of).filter(|id| !excluded.contains(id)).collect()
}
