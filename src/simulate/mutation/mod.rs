//! Mutation: whether any scenario notices when a rule is changed.
//!
//! A condition that can be turned round without a scenario failing is one that the next change of the
//! policy can break without anybody seeing it. So is a stage that can be left out, or a duty that is not kept apart.

mod mutants;
mod witnesses;

use rayon::prelude::*;

pub use self::mutants::{Change, Mutant, mutants};
use self::witnesses::Witnesses;
use super::{scenario, witness};
use crate::{
    decide::engine::Engine,
    model::{Id, Rulebook, request::DatedRequest},
};

/// A change that no scenario noticed.
#[derive(Debug, Clone)]
pub struct Survivor {
    /// The change.
    pub mutant: Mutant,
    /// How many scenarios looked at the rule.
    pub looked: usize,
    /// A request of today's directory that is decided otherwise, as a scenario could ask it.
    pub witness: Option<DatedRequest>,
}

/// What mutation found.
#[derive(Debug)]
pub struct Mutation {
    /// How many changes were tried.
    pub tried: usize,
    /// Those that no scenario noticed, in the order of rules and places.
    pub survivors: Vec<Survivor>,
}

/// Tries every change against the scenarios. Scenarios that fail anyway notice nothing.
#[must_use]
pub fn mutate(rulebook: &Rulebook, engine: &Engine<'_>, with_witness: bool) -> Mutation {
    let outcomes = scenario::run(engine, &|_| true);
    let witnesses = Witnesses::new(engine, &outcomes);
    let mutants = mutants(rulebook);
    let tried = mutants.len();
    let survivors = mutants
        .into_par_iter()
        .map_init(
            || rulebook.clone(),
            |changed, mutant| {
                let id = mutant.rule.id.as_str();
                let was = mutant.document(changed).and_then(|document| changed.replace(id, document));
                // What could not be tried was noticed by nobody.
                let noticed = was.is_some() && is_noticed(changed, witnesses.of(engine, &mutant));
                let witness =
                    (!noticed && with_witness).then(|| witness::find(rulebook, changed, &mutant.rule));
                if let Some(was) = was {
                    changed.replace(id, was);
                }
                let looked = witnesses.looked(&mutant.rule);
                (!noticed).then(|| Survivor { looked, mutant, witness: witness.flatten() })
            },
        )
        .flatten()
        .collect();
    Mutation { tried, survivors }
}

/// Whether one of the scenarios fails under a changed rulebook.
fn is_noticed<'s>(changed: &Rulebook, scenarios: impl Iterator<Item = &'s Id>) -> bool {
    let Ok(engine) = Engine::new(changed) else { return true };
    let mut scenarios = scenarios.filter_map(|id| changed.scenarios.get(id.as_str()));
    scenarios.any(|scenario| !scenario::run_one(&engine, scenario).passed())
}
