//! Scenarios: whether what must come of each comes of it.

mod access;
mod change;
mod differences;
mod incident;
mod lifecycle;
mod mover;
mod reach;

use rayon::prelude::*;

pub use self::differences::Difference;
use self::differences::Differences;
pub use self::mover::moved;
use crate::{
    decide::{
        self,
        change::ChangeDecision,
        considered::{Considered, Outcome as Came},
        decision::Decision,
        engine::Engine,
        incident::IncidentDecision,
        lifecycle::Lifecycle,
    },
    model::{
        Entry, Kind, Selector,
        expectation::Expectation,
        person::Person,
        scenario::{Case, CaseKind, Scenario},
    },
};

/// What came of a scenario.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The scenario.
    pub scenario: &'a Entry<Scenario>,
    /// What was decided; nothing when nothing can be.
    pub decided: Option<Decided<'a>>,
    /// What was expected and is otherwise; nothing when the scenario passed.
    pub differences: Vec<Difference>,
}

/// What was decided in a scenario.
#[derive(Debug)]
pub enum Decided<'a> {
    /// About a request.
    Request(Decision<'a>),
    /// About an incident.
    Incident(IncidentDecision<'a>),
    /// About a change.
    Change(Box<ChangeDecision<'a>>),
    /// About somebody who joins or leaves.
    Lifecycle(&'a Entry<Person>, Lifecycle<'a>),
    /// About somebody who moves: every rule that was looked at, and whether it matched.
    Moved(&'a Entry<Person>, Vec<(Selector, bool)>),
}

impl Outcome<'_> {
    /// Whether everything is as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }

    /// What happens in the scenario.
    #[must_use]
    pub fn kind(&self) -> Option<CaseKind> {
        self.scenario.value.cases().first().map(Case::kind)
    }

    /// Every rule that the scenario looked at, and whether it matched; a rule that was looked at for several things
    /// comes several times.
    #[must_use]
    pub fn looked_at(&self, engine: &Engine<'_>) -> Vec<(Selector, bool)> {
        match &self.decided {
            None => Vec::new(),
            Some(Decided::Moved(_, looked_at)) => looked_at.clone(),
            Some(Decided::Request(decision)) => {
                let asked = self.scenario.value.request.as_ref().and_then(|request| request.bundle.as_ref());
                let asked = asked.and_then(|bundle| engine.rulebook().bundles.get(bundle.as_str()));
                let bundle = asked.zip(decision.beneficiary);
                let bundle = bundle.and_then(|(bundle, person)| reach::bundle(engine, bundle, person));
                let reached = reach::decision(engine, decision);
                decision.considered().map(came).chain(reached).chain(bundle).collect()
            }
            Some(Decided::Change(decision)) => {
                let reached = reach::change(engine, decision);
                decision.trace.iter().map(came).chain(reached).collect()
            }
            Some(Decided::Incident(decision)) => {
                let default = decision.routed.rule.is_none().then(|| {
                    let id = decision.routed.routing.id.clone();
                    (Selector { kind: Kind::Routing, id, part: None }, true)
                });
                decision.trace.iter().map(came).chain(default).collect()
            }
            Some(Decided::Lifecycle(person, changes)) => lifecycle::looked_at(engine, person, changes),
        }
    }
}

/// A rule that was considered, and whether it matched.
fn came(considered: &Considered<'_>) -> (Selector, bool) {
    let matched = matches!(considered.outcome, Came::Matched | Came::Waived(_));
    (considered.rule.clone(), matched)
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
    let (expected, now) = (&scenario.value.expect, scenario.now.0);
    let mut found = Differences::default();
    let cases = scenario.value.cases();
    let [case] = cases.as_slice() else {
        // A test of nothing, or of nobody knows what, never passes.
        found.differ("", "one thing that happens".to_owned(), cases.len().to_string());
        return Outcome { scenario, decided: None, differences: found.into_all() };
    };
    sound(expected, case, &mut found);
    let decided = match case {
        Case::Request(request) => {
            let decision = decide::access::decide(engine, request, now, None);
            access::compare(expected, &decision, &mut found);
            Some(Decided::Request(decision))
        }
        Case::Incident(report) => {
            let decision = decide::incident::decide(engine, report, now);
            incident::compare(expected, &decision, &mut found);
            decision.ok().and_then(Result::ok).map(Decided::Incident)
        }
        Case::Change(asked) => {
            let decision = decide::change::decide(engine, asked, now);
            change::compare(expected, &decision, &mut found);
            Some(Decided::Change(Box::new(decision)))
        }
        Case::Mover(moving) => mover::run(engine, moving, now, expected, &mut found)
            .map(|(person, looked_at)| Decided::Moved(person, looked_at)),
        Case::Joiner(person) | Case::Leaver(person) => {
            let decide = match case {
                Case::Joiner(_) => decide::lifecycle::joiner,
                _ => decide::lifecycle::leaver,
            };
            let changes = lifecycle::find(engine, person, &mut found)
                .and_then(|person| Some((person, found.taken(decide(engine, person, now))?)));
            if let Some((_, changes)) = &changes {
                lifecycle::compare(expected, changes, &mut found);
            }
            changes.map(|(person, changes)| Decided::Lifecycle(person, changes))
        }
    };
    Outcome { scenario, decided, differences: found.into_all() }
}

/// A scenario that expects nothing could not fail, and one that expects what such a thing does not have means
/// something else.
fn sound(expected: &Expectation, case: &Case<'_>, found: &mut Differences) {
    let kind = case.kind();
    if *expected == Expectation::default() {
        found.differ("expect", "something".to_owned(), "nothing is expected".to_owned());
    } else if Expectation::needs_verdict(kind) && expected.verdict.is_none() {
        found.differ("expect", "a verdict".to_owned(), "none is written".to_owned());
    }
    for field in expected.misplaced(kind) {
        found.differ(
            &format!("expect/{field}"),
            format!("what a scenario of this kind has: it holds `{kind}`"),
            "it has no such thing".to_owned(),
        );
    }
}
