//! Which grants are over, and what is really taken away when they end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    given::Given,
    holdings::{Giver, Holdings, birthrights, claim},
    standing::{Standing, standing},
};
use crate::{
    decide::{engine::Engine, undecidable::Undecidable},
    model::{Entry, Id, Ref, grant::EndReason, grant::Grant, person::Person, review::Review},
};

/// A grant that ends, and why.
#[derive(Debug, Clone)]
pub struct Ending<'a> {
    /// The grant.
    pub grant: &'a Entry<Grant>,
    /// Why it ends.
    pub why: EndReason,
    /// Who takes it away, when somebody does.
    pub by: Option<Ref<Person>>,
    /// The campaign in which it was looked at.
    pub review: Option<Ref<Review>>,
    /// More about it, in words.
    pub reason: Option<String>,
}

/// A grant that ends, and what comes of it.
#[derive(Debug)]
pub struct Ended<'a> {
    /// What ends.
    pub ending: Ending<'a>,
    /// What its holder has no more.
    pub takes: Vec<Given>,
    /// What its holder keeps, and what gives it.
    pub keeps: Vec<(Given, Vec<Giver<'a>>)>,
    /// Why nobody can say what comes with the bundles of its holder: they are taken to give nothing.
    pub unclear: Option<Undecidable>,
}

/// The grants that are over at an instant and that the ledger does not call so yet.
#[must_use]
pub fn over<'a>(engine: &Engine<'a>, now: Timestamp) -> Vec<Ending<'a>> {
    let mut found = Vec::new();
    for grant in &engine.rulebook().grants {
        if let Standing::Over(why) = standing(engine, grant, now) {
            found.push(Ending { grant, why, by: None, review: None, reason: None });
        }
    }
    found
}

/// What comes of ending grants at once, one after the other in the order of their ids.
///
/// Somebody keeps what another grant in force or a bundle gives. A grant that has not begun yet keeps nothing, and one that
/// is over neither, whether or not it is among those that end.
#[must_use]
pub fn end<'a>(engine: &Engine<'a>, endings: Vec<Ending<'a>>, now: Timestamp) -> Vec<Ended<'a>> {
    if endings.is_empty() {
        return Vec::new();
    }
    let rulebook = engine.rulebook();
    let mut endings: BTreeMap<&Id, Ending<'a>> =
        endings.into_iter().rev().map(|ending| (&ending.grant.id, ending)).collect();
    let people: BTreeSet<&str> =
        endings.values().map(|ending| ending.grant.value.beneficiary.as_str()).collect();
    let stays = rulebook.grants.iter().filter(|grant| {
        people.contains(grant.value.beneficiary.as_str())
            && !endings.contains_key(&grant.id)
            && standing(engine, grant, now) == Standing::InForce
    });
    let claims: Vec<_> = stays.map(|grant| claim(rulebook, grant)).collect();
    let (birthrights, undecided) = birthrights(engine, now, |person| people.contains(person));
    let after = Holdings::of(claims.into_iter().chain(birthrights));
    let mut found = Vec::with_capacity(endings.len());
    while let Some((_, ending)) = endings.pop_first() {
        let grant = ending.grant;
        let holder = grant.value.beneficiary.as_str();
        let unclear = undecided.iter().find(|one| one.person == holder).map(|one| one.why.clone());
        let mut ended = Ended { takes: Vec::new(), keeps: Vec::new(), unclear, ending };
        if matches!(standing(engine, grant, now), Standing::InForce | Standing::Over(_)) {
            for given in claim(rulebook, grant).given {
                let givers: Vec<_> = after.givers(grant.value.beneficiary.as_str(), &given).collect();
                if givers.is_empty() {
                    ended.takes.push(given);
                } else {
                    ended.keeps.push((given, givers));
                }
            }
        }
        found.push(ended);
    }
    found
}
