//! Scenarios: whether each request gets the decision that it must get.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::{
    decide::{
        access::decide,
        decision::{Decision, Denial},
        engine::Engine,
    },
    load::tree,
    model::{
        Entry, Instant,
        scenario::{Expectation, Scenario},
    },
};

/// What came of a scenario.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The scenario.
    pub scenario: &'a Entry<Scenario>,
    /// What was decided.
    pub decision: Decision<'a>,
    /// What was expected and is otherwise; nothing when the scenario passed.
    pub differences: Vec<Difference>,
}

impl Outcome<'_> {
    /// Whether everything is as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Something that was expected and is otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field of `expect`, as a JSON pointer below the scenario.
    pub field: String,
    /// What was expected, in words.
    pub expected: String,
    /// What is there, in words.
    pub got: String,
}

/// Runs scenarios, on every core; the outcomes come in the order of the ids.
#[must_use]
pub fn run<'a>(engine: &Engine<'a>, wanted: &(dyn Fn(&Entry<Scenario>) -> bool + Sync)) -> Vec<Outcome<'a>> {
    let scenarios: Vec<&'a Entry<Scenario>> =
        engine.rulebook().scenarios.iter().filter(|scenario| wanted(scenario)).collect();
    scenarios.into_par_iter().map(|scenario| run_one(engine, scenario)).collect()
}

/// Runs one scenario.
#[must_use]
pub fn run_one<'a>(engine: &Engine<'a>, scenario: &'a Entry<Scenario>) -> Outcome<'a> {
    let decision = decide(engine, &scenario.request, scenario.now.0, None);
    let differences = compare(&scenario.expect, &decision);
    Outcome { scenario, decision, differences }
}

/// What is otherwise than expected. What is not written is not compared.
fn compare(expected: &Expectation, decision: &Decision<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |field: &str, expected: String, got: String| {
        if expected != got {
            found.push(Difference { field: format!("/expect/{field}"), expected, got });
        }
    };
    let undecidable = decision.denials.iter().find_map(|denial| match denial {
        Denial::Undecidable(why) => Some(why),
        _ => None,
    });
    // What cannot be decided is denied, but it is no decision that anybody could expect.
    let verdict = match undecidable {
        Some(why) => format!("undecidable: {why}"),
        None => decision.verdict.to_string(),
    };
    differ("verdict", expected.verdict.to_string(), verdict);
    let rules: Vec<String> = decision.rules().into_iter().map(ToString::to_string).collect();
    for (index, rule) in expected.rules.iter().enumerate() {
        if !rules.contains(rule) {
            differ(&format!("rules/{index}"), rule.clone(), list(&rules));
        }
    }
    // Who is asked is only known where somebody is: elsewhere the verdict says it all.
    let same_verdict = expected.verdict == decision.verdict;
    let stages: Vec<String> = decision.stages.iter().map(crate::decide::stages::Asking::name).collect();
    if same_verdict && !expected.stages.is_empty() {
        differ("stages", list(&expected.stages), list(&stages));
    }
    for (stage, people) in expected.approvers.iter().filter(|_| same_verdict) {
        let wanted: BTreeSet<String> = people.iter().map(ToString::to_string).collect();
        let asked = decision.stages.iter().filter(|asking| asking.name() == *stage);
        // Two stages of one name ask different people about different things.
        let each: Vec<String> = asked
            .map(|asking| {
                let people: BTreeSet<String> =
                    asking.approvers.iter().map(|person| person.id.to_string()).collect();
                list(&people)
            })
            .collect();
        let got = if each.is_empty() { "the stage is not asked".to_owned() } else { each.join(" / ") };
        differ(&format!("approvers/{}", tree::escape(stage)), list(&wanted), got);
    }
    if let Some(priority) = &expected.priority {
        differ("priority", priority.to_string(), "a request has none".to_owned());
    }
    if let Some(expires) = expected.expires.filter(|_| same_verdict) {
        differ("expires", expires.to_string(), said(decision.expires()));
    }
    if let Some(due) = expected.due.filter(|_| same_verdict) {
        let last = decision.stages.last().and_then(|asking| asking.due);
        differ("due", due.to_string(), said(last));
    }
    found
}

fn said(instant: Option<Timestamp>) -> String {
    instant.map_or_else(|| "never".to_owned(), |instant| Instant(instant).to_string())
}

fn list<'s>(texts: impl IntoIterator<Item = &'s String>) -> String {
    let texts: Vec<&str> = texts.into_iter().map(String::as_str).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}
