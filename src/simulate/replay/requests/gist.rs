//! What is counted of a decision, without its instants, so that it can be counted many times at once.

use jiff::{Timestamp, civil::Date};

use super::tally::{Counts, RuleUse};
use crate::{
    decide::{
        decision::{Decision, Outcome},
        engine::Engine,
        stages::{Asking, deadline},
        undecidable::Undecidable,
    },
    model::{
        Entry, Id, Principal, Selector,
        person::Person,
        scenario::Verdict,
        workflow::{OnTimeout, Stage, Workflow},
    },
};

/// What is counted of a decision.
#[derive(Debug)]
pub(super) struct Gist<'a> {
    pub(super) verdict: Verdict,
    /// The names of the reasons of a denial, each once.
    pub(super) denials: Vec<&'static str>,
    /// The services that it is about, each once.
    pub(super) services: Vec<Id>,
    /// What each rule did.
    pub(super) rules: Vec<(Selector, RuleUse)>,
    pub(super) stages: Vec<Asked<'a>>,
}

/// A stage that is asked.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) name: String,
    pub(super) needed: u64,
    pub(super) fallback: bool,
    pub(super) approvers: Vec<Id>,
    workflow: &'a Entry<Workflow>,
    index: usize,
    stage: &'a Stage,
}

impl<'a> Gist<'a> {
    pub(super) fn of(decision: &Decision<'a>) -> Self {
        let mut denials: Vec<&'static str> = Vec::new();
        for denial in &decision.denials {
            if !denials.contains(&denial.name()) {
                denials.push(denial.name());
            }
        }
        let mut services: Vec<Id> = Vec::new();
        for item in &decision.items {
            if !services.contains(&item.offer.service.id) {
                services.push(item.offer.service.id.clone());
            }
        }
        let stages = decision.stages.iter().map(|asking| Asked {
            name: asking.name(),
            needed: asking.needed as u64,
            fallback: asking.fallback,
            approvers: asking.approvers.iter().map(|person| person.id.clone()).collect(),
            workflow: asking.workflow,
            index: asking.index,
            stage: asking.stage,
        });
        Self {
            verdict: decision.verdict,
            denials,
            services,
            rules: rules(decision),
            stages: stages.collect(),
        }
    }

    /// How long it can take until everybody agreed who is asked at an instant, in seconds; none when a stage has no
    /// limit.
    pub(super) fn latency(&self, engine: &Engine<'a>, opened: Timestamp) -> Result<Option<i64>, Undecidable> {
        let mut until = opened;
        for asked in &self.stages {
            match deadline(engine, asked.workflow, asked.index, asked.stage, until)? {
                Some(due) => until = due,
                None => return Ok(None),
            }
        }
        Ok(Some(until.as_second() - opened.as_second()))
    }
}

/// What each rule did. A request counts once for each rule, however many things it asks for.
fn rules(decision: &Decision<'_>) -> Vec<(Selector, RuleUse)> {
    let mut seen: Vec<(Selector, RuleUse)> = Vec::with_capacity(8);
    for considered in decision.considered() {
        let mut used = RuleUse {
            considered: 1,
            matched: u64::from(considered.outcome != Outcome::NotMatched),
            waived: u64::from(matches!(considered.outcome, Outcome::Waived(_))),
            decided: Counts::default(),
        };
        if considered.decides() {
            used.decided.add(decision.verdict, 1);
        }
        match seen.iter_mut().find(|(rule, _)| *rule == considered.rule) {
            Some((_, before)) => before.stronger(used),
            None => seen.push((considered.rule.clone(), used)),
        }
    }
    seen
}

/// The days around a day on which the same people can act in the stages of a decision: from the first, until before
/// the second. None when who can act depends on more than on these people.
pub(super) fn same_people(
    decision: &Decision<'_>,
    engine: &Engine<'_>,
    asking: [&Entry<Person>; 2],
    today: Date,
) -> Option<(Date, Date)> {
    let (mut from, mut until) = (Date::MIN, Date::MAX);
    let mut look = |person: &Person| {
        let after_end = person.end.and_then(|end| end.0.tomorrow().ok());
        for changes in [person.start.map(|start| start.0), after_end].into_iter().flatten() {
            if changes <= today {
                from = from.max(changes);
            } else {
                until = until.min(changes);
            }
        }
    };
    for person in asking {
        look(person);
    }
    for asked in &decision.stages {
        if depends_on_more(asked) {
            return None;
        }
        let people = asked.approvers.iter().chain(&asked.escalation).chain(&asked.standby);
        for person in people {
            look(person);
        }
        for excluded in &asked.excluded {
            look(engine.person(excluded.person)?);
        }
    }
    Some((from, until))
}

/// Whether who can act in a stage depends on the instant, or on people who are not named.
fn depends_on_more(asked: &Asking<'_>) -> bool {
    let stage = asked.stage;
    let later = match &stage.on_timeout {
        Some(OnTimeout::Escalate(to)) => to.as_slice(),
        Some(OnTimeout::Deny) | None => &[],
    };
    let mut named = stage.approvers.iter().chain(&stage.fallback).chain(later);
    stage.approvers_when.is_some()
        || named.any(|principal| {
            !matches!(principal, Principal::Person(_) | Principal::Team(_) | Principal::Role(_))
        })
}
