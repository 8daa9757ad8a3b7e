//! Which scenarios are asked whether they notice a change, and in which order.
//!
//! Every scenario that passes is asked before it is said that nobody notices: what comes with a bundle, for example, is decided
//! on the way, and such a decision is in no trace. But nearly always one of the first notices, and then nobody else is asked.

use std::collections::BTreeMap;

use super::{Change, Mutant};
use crate::{
    decide::engine::Engine,
    model::{
        Entry, Id, Kind, Selector,
        condition::Condition,
        person::Person,
        scenario::{Case, Scenario},
    },
    simulate::scenario::Outcome,
};

/// The scenarios that pass, by the rules that they looked at.
pub(super) struct Witnesses<'o> {
    passing: Vec<&'o Entry<Scenario>>,
    /// The scenarios that looked at a rule, by their places among those that pass, and whether it matched.
    lookers: BTreeMap<String, Vec<(usize, bool)>>,
}

impl<'o> Witnesses<'o> {
    pub(super) fn new(engine: &Engine<'_>, outcomes: &[Outcome<'o>]) -> Self {
        let mut found = Self { passing: Vec::new(), lookers: BTreeMap::new() };
        for outcome in outcomes.iter().filter(|outcome| outcome.passed()) {
            let place = found.passing.len();
            found.passing.push(outcome.scenario);
            for (rule, matched) in outcome.looked_at(engine) {
                let lookers = found.lookers.entry(rule.to_string()).or_default();
                match lookers.last_mut() {
                    Some((last, known)) if *last == place => *known |= matched,
                    _ => lookers.push((place, matched)),
                }
            }
        }
        found
    }

    /// How many scenarios looked at a rule.
    pub(super) fn looked(&self, rule: &Selector) -> usize {
        self.lookers.get(&rule.to_string()).map_or(0, Vec::len)
    }

    /// Every scenario, those first that are likely to notice a change.
    pub(super) fn of(&self, engine: &Engine<'_>, mutant: &Mutant) -> impl Iterator<Item = &'o Id> {
        let lookers = self.lookers.get(&mutant.rule.to_string()).map_or(&[][..], Vec::as_slice);
        // What matched still matches without one of its tests; what did not may match then.
        let wanted = !matches!(mutant.change, Change::Dropped(_));
        let of_people =
            (mutant.rule.kind == Kind::Bundle).then(|| mutant.conditions(engine.rulebook())).flatten();
        let mut order: Vec<usize> = (0..self.passing.len()).collect();
        order.sort_by_cached_key(|place| {
            let looked = lookers.binary_search_by_key(place, |(known, _)| *known).ok();
            let matched = looked.and_then(|at| lookers.get(at)).map(|(_, matched)| *matched);
            let scenario = self.passing.get(*place);
            let is_likely = match &of_people {
                // What comes with a job comes with what people are, and that is soon asked.
                Some((was, is)) => scenario.is_some_and(|scenario| differs(engine, scenario, was, is)),
                None => matched == Some(wanted),
            };
            (!is_likely, matched.is_none())
        });
        let ids: Vec<&'o Id> =
            order.into_iter().filter_map(|place| self.passing.get(place).map(|one| &one.id)).collect();
        ids.into_iter()
    }
}

/// Whether one of two conditions holds and the other does not for somebody whom a scenario is about.
fn differs(engine: &Engine<'_>, scenario: &Entry<Scenario>, was: &Condition, is: &Condition) -> bool {
    let known = |id: &str| engine.rulebook().people.get(id).cloned();
    let mut people: Vec<Entry<Person>> = Vec::new();
    match scenario.value.cases().first() {
        Some(Case::Request(request)) => {
            people.extend(known(request.beneficiary.as_ref().unwrap_or(&request.requester).as_str()));
        }
        Some(Case::Joiner(person) | Case::Leaver(person)) => people.extend(known(person.as_str())),
        Some(Case::Mover(mover)) => {
            people.extend(known(mover.person.as_str()));
            let then = people.first().map(|was| Entry { value: mover.moved(was), ..was.clone() });
            people.extend(then);
        }
        _ => {}
    }
    let holds = |condition, person| engine.directory().holds(condition, person);
    people.iter().any(|person| holds(was, person) != holds(is, person))
}
