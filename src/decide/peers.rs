//! Peers: the colleagues who have the same department and title, or whatever `peers-by` names.
//!
//! Hardly anybody in the same position having an access is a sign that it is not needed, most of them
//! having it a sign that it is. The figures are counted, not estimated, so that they can be explained.

use std::{collections::HashMap, sync::OnceLock};

use jiff::Timestamp;

use super::{
    engine::Engine,
    ledger::{Held, HeldBy},
    value::Value,
};
use crate::model::{
    EntitlementRef, Entry, Rulebook,
    grant::{Grant, GrantVerdict},
    person::{Person, PersonStatus},
};

/// Who is like whom.
#[derive(Debug)]
pub struct Peers<'a> {
    rulebook: &'a Rulebook,
    groups: OnceLock<HashMap<Vec<String>, Vec<&'a Entry<Person>>>>,
}

/// What the peers of somebody hold, and how earlier requests of theirs were decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeerFigures {
    /// How many peers there are.
    pub peers: u64,
    /// How many of them hold it.
    pub holders: u64,
    /// How many earlier requests of theirs for it were approved.
    pub approved: u64,
    /// How many were denied.
    pub denied: u64,
}

impl PeerFigures {
    /// How many percent of the peers hold it, rounded down; 0 where there are no peers.
    #[must_use]
    pub fn share(&self) -> u64 {
        self.holders.saturating_mul(100).checked_div(self.peers).unwrap_or(0)
    }
}

/// How earlier requests were decided.
pub trait History: std::fmt::Debug + Sync {
    /// How many earlier requests for an entitlement, by people with these values of the peer attributes,
    /// were approved, and how many were denied.
    fn decided(&self, peer_values: &[String], entitlement: &EntitlementRef) -> (u64, u64);
}

impl<'a> Peers<'a> {
    pub(super) fn new(rulebook: &'a Rulebook) -> Self {
        Self { rulebook, groups: OnceLock::new() }
    }

    /// The values that make others a peer of somebody; none when one is missing, since people whose
    /// department nobody knows have nothing in common.
    #[must_use]
    pub fn values(&self, engine: &Engine<'a>, person: &Entry<Person>) -> Option<Vec<String>> {
        let names = &self.rulebook.settings.decision.peers_by;
        let value = |name: &crate::model::Id| {
            let resolved = engine.vocabulary().resolve("subject", name.as_str())?;
            match engine.directory().value(person, name.as_str(), &resolved.values) {
                Value::Text(text) => Some(text.to_owned()),
                Value::Number(number) => Some(number.to_string()),
                Value::Boolean(value) => Some(value.to_string()),
                Value::Absent | Value::Set(_) | Value::Something => None,
            }
        };
        if names.is_empty() {
            return None;
        }
        names.iter().map(value).collect()
    }

    /// The figures of somebody's peers for an entitlement at an instant. The person does not count.
    #[must_use]
    pub fn figures(
        &self,
        engine: &Engine<'a>,
        person: &Entry<Person>,
        entitlement: &EntitlementRef,
        instant: Timestamp,
        history: Option<&dyn History>,
    ) -> PeerFigures {
        let Some(values) = self.values(engine, person) else { return PeerFigures::default() };
        let groups = self.groups.get_or_init(|| self.group(engine));
        let mut figures = PeerFigures::default();
        let today = engine.date(instant);
        let hands = engine.hands();
        // Nobody is their own peer, under whichever record.
        let here = |peer: &&&Entry<Person>| {
            peer.end.is_none_or(|end| end.0 >= today) && !hands.same(peer.id.as_str(), person.id.as_str())
        };
        // Those with several records, and whether they hold it with any: people are counted.
        let mut several: HashMap<&str, bool> = HashMap::new();
        for peer in groups.get(&values).into_iter().flatten().filter(here) {
            let held = engine.ledger().of(peer.id.as_str());
            let of_it = || held.iter().filter(|held| held.entitlement == entitlement);
            let holds = of_it().any(|held| held.is_at(instant));
            if hands.has_several(peer.id.as_str()) {
                *several.entry(hands.of(peer.id.as_str())).or_default() |= holds;
            } else {
                figures.peers += 1;
                figures.holders += u64::from(holds);
            }
            figures.approved += of_it().filter(|held| was_approved(held, instant)).count() as u64;
        }
        figures.peers += several.len() as u64;
        figures.holders += several.values().filter(|holds| **holds).count() as u64;
        if let Some((approved, denied)) = history.map(|history| history.decided(&values, entitlement)) {
            figures.approved = approved;
            figures.denied = denied;
        }
        figures
    }

    fn group(&self, engine: &Engine<'a>) -> HashMap<Vec<String>, Vec<&'a Entry<Person>>> {
        let mut groups: HashMap<Vec<String>, Vec<&'a Entry<Person>>> = HashMap::new();
        // Software has no colleagues.
        let here =
            |person: &&Entry<Person>| person.status != PersonStatus::Inactive && person.employment.is_human();
        for person in self.rulebook.people.iter().filter(here) {
            if let Some(values) = self.values(engine, person) {
                groups.entry(values).or_default().push(person);
            }
        }
        groups
    }
}

/// Whether a grant came from a request that was approved before an instant.
fn was_approved(held: &Held<'_>, instant: Timestamp) -> bool {
    let by_request = |grant: &Grant| {
        let verdict = grant.decision.as_ref().map(|decision| decision.verdict);
        matches!(verdict, Some(GrantVerdict::Approved | GrantVerdict::AutoApproved))
    };
    matches!(held.by, HeldBy::Grant(grant) if by_request(grant)) && held.from <= instant
}
