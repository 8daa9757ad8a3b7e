//! What a scenario reaches besides the rules of its trace: bundles, stages and exceptions.

use crate::{
    decide::{
        change::ChangeDecision,
        condition::holds_for,
        considered::Outcome as Came,
        decision::{Decision, Denial},
        engine::Engine,
        stages::Asking,
    },
    model::{Entry, Id, Kind, Selector, bundle::Bundle, person::Person},
};

/// Everything that was looked at, and whether it matched.
pub(super) type Looked = Vec<(Selector, bool)>;

/// Every bundle, and whether it comes with what somebody is.
pub(super) fn bundles(engine: &Engine<'_>, person: &Entry<Person>) -> Looked {
    engine.rulebook().bundles.iter().filter_map(|one| bundle(engine, one, person)).collect()
}

/// A bundle, and whether it comes with what somebody is; none when nobody knows.
pub(super) fn bundle(
    engine: &Engine<'_>,
    bundle: &Entry<Bundle>,
    person: &Entry<Person>,
) -> Option<(Selector, bool)> {
    let is_theirs = holds_for(engine, &bundle.value.when, bundle.origin, person).ok()?;
    Some((Selector { kind: Kind::Bundle, id: bundle.id.clone(), part: None }, is_theirs))
}

/// The stages that a decision about a request asks, and the exceptions that waive a rule or do not.
pub(super) fn decision(engine: &Engine<'_>, decision: &Decision<'_>) -> Looked {
    let mut found = stages(engine, &decision.stages);
    for denial in &decision.denials {
        if let Denial::NoApprover { stages, .. } = denial {
            found.extend(stages.iter().filter_map(|stage| short(stage)));
        }
    }
    for considered in decision.considered() {
        let waived = match considered.outcome {
            Came::Waived(exception) => Some(exception),
            Came::Matched => None,
            Came::NotMatched => continue,
        };
        for exception in &engine.rulebook().exceptions {
            let rule = &exception.value.rule;
            let same = rule.kind == considered.rule.kind && rule.id == considered.rule.id;
            if same && (rule.part.is_none() || rule.part == considered.rule.part) {
                let selector = Selector { kind: Kind::Exception, id: exception.id.clone(), part: None };
                found.push((selector, waived.is_some_and(|waived| waived.id == exception.id)));
            }
        }
    }
    found
}

/// The stages that a decision about a change asks.
pub(super) fn change(engine: &Engine<'_>, decision: &ChangeDecision<'_>) -> Looked {
    stages(engine, &decision.stages)
}

/// The stages that are asked. One that asks people by what they are is passed over by those for whom that does not hold.
fn stages(engine: &Engine<'_>, stages: &[Asking<'_>]) -> Looked {
    let mut found = Vec::new();
    for asking in stages {
        let selector = stage(&asking.workflow.id, &asking.stage.id);
        let Some(when) = &asking.stage.approvers_when else {
            found.push((selector, true));
            continue;
        };
        let people = engine.rulebook().people.iter();
        let mut holds: Vec<bool> = people
            .filter_map(|person| holds_for(engine, when, asking.workflow.origin, person).ok())
            .collect();
        holds.sort_unstable();
        holds.dedup();
        found.extend(holds.into_iter().map(|holds| (selector.clone(), holds)));
    }
    found
}

/// A stage in which nobody can act: it was asked as well.
fn short(name: &str) -> Option<(Selector, bool)> {
    let (workflow, part) = name.split_once('/')?;
    Some((stage(&Id::new(workflow)?, &Id::new(part)?), true))
}

fn stage(workflow: &Id, stage: &Id) -> Selector {
    Selector { kind: Kind::Workflow, id: workflow.clone(), part: Some(stage.clone()) }
}
