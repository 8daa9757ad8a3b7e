//! Mutation: whether any scenario notices when a condition is inverted or dropped.
//!
//! A condition that can be turned round without a scenario failing is one that the next change of the
//! policy can break without anybody seeing it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{scenario, witness};
use crate::{
    decide::engine::Engine,
    model::{
        Document, Entry, Id, Kind, Location, Rulebook, Selector,
        access::Mode,
        condition::{Condition, Test, When},
        request::DatedRequest,
        routing::TicketKind,
        scenario::Scenario,
    },
};

/// A change of one condition of one rule.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// The rule.
    pub rule: Selector,
    /// Where the condition was written.
    pub at: Location,
    /// What was changed.
    pub change: Change,
    /// The rule's whole condition after the change.
    condition: Condition,
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The test holds where it did not, and the other way round.
    Inverted(Test),
    /// The test is left out.
    Dropped(Test),
    /// The rule never matches.
    Removed,
}

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
    // Only what looked at a rule can notice a change of it: up to there the evaluation is the same.
    let mut lookers: BTreeMap<String, Vec<&Entry<Scenario>>> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.passed()) {
        for (rule, _) in outcome.looked_at() {
            let scenarios = lookers.entry(rule.to_string()).or_default();
            if !scenarios.iter().any(|known| known.id == outcome.scenario.id) {
                scenarios.push(outcome.scenario);
            }
        }
    }
    let mutants = mutants(rulebook);
    let tried = mutants.len();
    let survivors = mutants
        .into_par_iter()
        .map_init(
            || rulebook.clone(),
            |changed, mutant| {
                let looking = lookers.get(&mutant.rule.to_string()).map_or(&[][..], Vec::as_slice);
                let original = swap(changed, &mutant.rule, mutant.condition.clone())?;
                let noticed = is_noticed(changed, looking);
                let witness =
                    (!noticed && with_witness).then(|| witness::find(rulebook, changed, &mutant.rule));
                swap(changed, &mutant.rule, original)?;
                (!noticed).then(|| Survivor { looked: looking.len(), mutant, witness: witness.flatten() })
            },
        )
        .flatten()
        .collect();
    Mutation { tried, survivors }
}

/// Whether one of the scenarios fails under a changed rulebook.
fn is_noticed(changed: &Rulebook, looking: &[&Entry<Scenario>]) -> bool {
    if looking.is_empty() {
        return false;
    }
    let Ok(engine) = Engine::new(changed) else { return true };
    looking.iter().any(|scenario| {
        let same = changed.scenarios.get(scenario.id.as_str());
        same.is_none_or(|same| !scenario::run_one(&engine, same).passed())
    })
}

/// Every change of every condition that decides about requests, incidents and changes. A rule that is only tried out changes no
/// decision, so no scenario could notice its change.
#[must_use]
pub fn mutants(rulebook: &Rulebook) -> Vec<Mutant> {
    let mut found = Vec::new();
    for policy in &rulebook.access {
        for (index, rule) in policy.value.rule.iter().enumerate() {
            if rule.mode != Mode::Enforce {
                continue;
            }
            let selector =
                Selector { kind: Kind::Access, id: policy.id.clone(), part: Some(rule.id.clone()) };
            add(&mut found, &selector, policy, format!("/rule/{index}"), &rule.when);
        }
    }
    for guardrail in rulebook.guardrails.iter().filter(|guardrail| guardrail.value.mode == Mode::Enforce) {
        let selector = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
        add(&mut found, &selector, guardrail, String::new(), &guardrail.value.when);
    }
    for request_type in &rulebook.request_types {
        if let Some(when) = &request_type.value.available_when {
            let selector = Selector { kind: Kind::RequestType, id: request_type.id.clone(), part: None };
            add(&mut found, &selector, request_type, "/available-when".to_owned(), when);
        }
    }
    for definition in &rulebook.major_incidents {
        let selector = Selector { kind: Kind::MajorIncident, id: definition.id.clone(), part: None };
        add(&mut found, &selector, definition, String::new(), &definition.value.when);
    }
    for routing in rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident) {
        for (index, rule) in routing.value.rule.iter().enumerate() {
            let selector =
                Selector { kind: Kind::Routing, id: routing.id.clone(), part: Some(rule.id.clone()) };
            add(&mut found, &selector, routing, format!("/rule/{index}"), &rule.when);
        }
    }
    let always = Condition::All(Vec::new());
    for model in &rulebook.change_models {
        let selector = |part| Selector { kind: Kind::ChangeModel, id: model.id.clone(), part };
        let when = model.value.when.as_deref().unwrap_or(&always);
        add(&mut found, &selector(None), model, String::new(), when);
        for (index, rule) in model.value.risk.iter().enumerate() {
            add(&mut found, &selector(Some(rule.id.clone())), model, format!("/risk/{index}"), &rule.when);
        }
    }
    found
}

fn add<T: Document>(
    found: &mut Vec<Mutant>,
    rule: &Selector,
    entry: &Entry<T>,
    pointer: String,
    condition: &Condition,
) {
    let mutant = |at: Location, change: Change, condition: Condition| Mutant {
        rule: rule.clone(),
        at,
        change,
        condition,
    };
    found.push(mutant(entry.at(pointer), Change::Removed, Condition::Any(Vec::new())));
    let mut tests = 0;
    condition.tests(&mut |_, _| tests += 1);
    for place in 0..tests {
        for invert in [true, false] {
            let mut seen = 0;
            let mut test = None;
            let changed = change(condition, place, invert, &mut seen, &mut test);
            if let Some(test) = test {
                // A condition of which nothing is left always holds.
                let changed = changed.unwrap_or(Condition::All(Vec::new()));
                let at = Location::place(entry.origin, test.place);
                let what = if invert { Change::Inverted(test) } else { Change::Dropped(test) };
                found.push(mutant(at, what, changed));
            }
        }
    }
}

/// A condition in which the test at a place is inverted or left out; `None` when nothing is left of it.
fn change(
    condition: &Condition,
    place: usize,
    invert: bool,
    seen: &mut usize,
    found: &mut Option<Test>,
) -> Option<Condition> {
    let mut each = |parts: &[Condition]| -> Vec<Condition> {
        parts.iter().filter_map(|part| change(part, place, invert, seen, found)).collect()
    };
    match condition {
        Condition::All(parts) => Some(Condition::All(each(parts))),
        Condition::Any(parts) => Some(Condition::Any(each(parts))),
        // Without what it negates, a negation says nothing.
        Condition::Not(part) => Some(Condition::Not(Box::new(change(part, place, invert, seen, found)?))),
        Condition::Test(test) => {
            *seen += 1;
            if *seen - 1 != place {
                return Some(condition.clone());
            }
            *found = Some(test.clone());
            invert.then(|| Condition::Not(Box::new(condition.clone())))
        }
    }
}

/// Puts a condition in the place of the one that a rule has, and hands that one back.
fn swap(rulebook: &mut Rulebook, rule: &Selector, condition: Condition) -> Option<Condition> {
    fn exchange<S>(when: &mut When<S>, condition: Condition) -> Condition {
        let before = Condition::clone(when);
        *when = When::new(condition);
        before
    }
    match rule.kind {
        Kind::Access => {
            let part: &Id = rule.part.as_ref()?;
            let policy = rulebook.access.get_mut(rule.id.as_str())?;
            let found = policy.value.rule.iter_mut().find(|known| known.id == *part)?;
            Some(exchange(&mut found.when, condition))
        }
        Kind::Guardrail => {
            let guardrail = rulebook.guardrails.get_mut(rule.id.as_str())?;
            Some(exchange(&mut guardrail.value.when, condition))
        }
        Kind::RequestType => {
            let request_type = rulebook.request_types.get_mut(rule.id.as_str())?;
            Some(exchange(request_type.value.available_when.as_mut()?, condition))
        }
        Kind::MajorIncident => {
            let definition = rulebook.major_incidents.get_mut(rule.id.as_str())?;
            Some(exchange(&mut definition.value.when, condition))
        }
        Kind::Routing => {
            let part: &Id = rule.part.as_ref()?;
            let routing = rulebook.routings.get_mut(rule.id.as_str())?;
            let found = routing.value.rule.iter_mut().find(|known| known.id == *part)?;
            Some(exchange(&mut found.when, condition))
        }
        Kind::ChangeModel => {
            let model = rulebook.change_models.get_mut(rule.id.as_str())?;
            match &rule.part {
                // A model without a condition is for every change of its type.
                None => Some(exchange(model.value.when.get_or_insert_default(), condition)),
                Some(part) => {
                    let found = model.value.risk.iter_mut().find(|known| known.id == *part)?;
                    Some(exchange(&mut found.when, condition))
                }
            }
        }
        _ => None,
    }
}
