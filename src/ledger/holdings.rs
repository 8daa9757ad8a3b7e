//! Who holds what, and what gives it to them: counted, so that ending one thing takes nothing that another gives.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    given::{self, Given},
    standing::{Standing, has_left, standing},
};
use crate::{
    decide::{engine::Engine, lifecycle, policy, undecidable::Undecidable},
    model::{Entry, Id, Rulebook, grant::Grant, person::PersonStatus},
};

/// What gives something to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Giver<'a> {
    /// A grant.
    Grant(&'a Id),
    /// A bundle that comes with what they are.
    Bundle(&'a Id),
}

impl std::fmt::Display for Giver<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Grant(id) => write!(formatter, "grant:{id}"),
            Self::Bundle(id) => write!(formatter, "bundle:{id}"),
        }
    }
}

/// That something gives somebody certain things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Who has it.
    pub person: &'a str,
    /// What gives it.
    pub by: Giver<'a>,
    /// What it is.
    pub given: BTreeSet<Given>,
}

/// What everybody holds, each thing once, with all that gives it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Holdings<'a> {
    people: BTreeMap<&'a str, BTreeMap<Given, BTreeSet<Giver<'a>>>>,
}

impl<'a> Holdings<'a> {
    /// What follows from claims.
    #[must_use]
    pub fn of(claims: impl IntoIterator<Item = Claim<'a>>) -> Self {
        let mut people: BTreeMap<&str, BTreeMap<Given, BTreeSet<Giver<'a>>>> = BTreeMap::new();
        for claim in claims {
            let own = people.entry(claim.person).or_default();
            for given in claim.given {
                own.entry(given).or_default().insert(claim.by);
            }
        }
        Self { people }
    }

    /// What somebody holds, with what gives it.
    pub fn of_person(&self, person: &str) -> impl Iterator<Item = (&Given, &BTreeSet<Giver<'a>>)> {
        self.people.get(person).into_iter().flatten()
    }

    /// What gives something to somebody.
    pub fn givers(&self, person: &str, given: &Given) -> impl Iterator<Item = Giver<'a>> {
        self.people.get(person).and_then(|own| own.get(given)).into_iter().flatten().copied()
    }

    /// What somebody holds here and not there, in the order of people and things.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Vec<(&'a str, &Given)> {
        let mut found = Vec::new();
        for (person, own) in &self.people {
            let theirs = other.people.get(person);
            let lost = own.keys().filter(|given| theirs.is_none_or(|theirs| !theirs.contains_key(*given)));
            found.extend(lost.map(|given| (*person, given)));
        }
        found
    }
}

/// What a grant gives to its holder.
#[must_use]
pub fn claim<'a>(rulebook: &Rulebook, grant: &'a Entry<Grant>) -> Claim<'a> {
    Claim {
        person: grant.value.beneficiary.as_str(),
        by: Giver::Grant(&grant.id),
        given: given::of_grant(rulebook, &grant.value),
    }
}

/// What bundles give to those who are here, of the people who are looked at.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn birthrights<'a>(
    engine: &Engine<'a>,
    now: Timestamp,
    looked_at: impl Fn(&str) -> bool,
) -> Result<Vec<Claim<'a>>, Undecidable> {
    let rulebook = engine.rulebook();
    let today = engine.date(now);
    let mut claims = Vec::new();
    if rulebook.bundles.is_empty() {
        return Ok(claims);
    }
    for person in rulebook.people.iter().filter(|person| looked_at(person.id.as_str())) {
        let not_yet =
            person.status == PersonStatus::Joining || person.start.is_some_and(|first| first.0 > today);
        if not_yet || has_left(person, today) {
            continue;
        }
        for bundle in lifecycle::bundles(engine, person)? {
            let mut given = BTreeSet::new();
            for reference in &bundle.value.entitlements {
                if let Some(offer) = policy::offer(rulebook, reference) {
                    given.extend(given::of_entitlement(reference, offer.entitlement));
                }
            }
            claims.push(Claim { person: person.id.as_str(), by: Giver::Bundle(&bundle.id), given });
        }
    }
    Ok(claims)
}

/// What everybody is to hold at an instant: what the grants in force and the bundles give, and nothing else.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn in_force<'a>(engine: &Engine<'a>, now: Timestamp) -> Result<Holdings<'a>, Undecidable> {
    let rulebook = engine.rulebook();
    let grants = rulebook.grants.iter().filter(|grant| standing(engine, grant, now) == Standing::InForce);
    let claims = grants.map(|grant| claim(rulebook, grant));
    Ok(Holdings::of(claims.chain(birthrights(engine, now, |_| true)?)))
}
