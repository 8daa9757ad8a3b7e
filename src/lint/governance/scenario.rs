//! Scenarios that expect what cannot come out.

use crate::{
    diag::{Code, code},
    lint::Context,
    load::{suggest::nearest, tree::escape},
    model::{
        Kind, Rulebook, Selector,
        expectation::Expectation,
        scenario::{Case, CaseKind},
    },
};

/// A rule that does not exist.
pub(super) static RULE: Code =
    code!("GS6081", "scenario-of-unknown-rule", Error, "a scenario expects a rule that does not exist");
/// A stage that does not exist.
pub(super) static STAGE: Code =
    code!("GS6082", "scenario-of-unknown-stage", Error, "a scenario expects a stage that does not exist");
/// Nothing happens, or several things.
pub(super) static ONE_THING: Code =
    code!("GS6083", "scenario-of-one-thing", Error, "nothing happens in a scenario, or several things");
/// A test that cannot fail.
pub(super) static NOTHING_EXPECTED: Code =
    code!("GS6084", "scenario-expects-nothing", Error, "a scenario expects nothing, or no verdict");
/// An expectation about something else.
pub(super) static MISPLACED: Code = code!(
    "GS6085",
    "scenario-expects-what-is-not-there",
    Error,
    "a scenario expects what such a thing does not have"
);
/// A step of an escalation that does not exist.
pub(super) static STEP: Code = code!(
    "GS6086",
    "scenario-of-unknown-step",
    Error,
    "a scenario expects a step of an escalation that does not exist"
);

/// Why a rule does not exist, and what may be meant.
fn unknown_rule(rulebook: &Rulebook, rule: &str) -> Option<(String, Option<String>)> {
    let Some(selector) = Selector::parse(rule) else {
        return Some((
            format!("`{rule}` does not name a rule"),
            Some("write `kind:id` or `kind:id/rule`".to_owned()),
        ));
    };
    let Selector { kind, id, part } = selector;
    let name = kind.name();
    if rulebook.origin(kind, id.as_str()).is_none() {
        let near =
            nearest(id.as_str(), rulebook.ids(kind)).map(|near| format!("did you mean `{name}:{near}`?"));
        return Some((format!("there is no {name} `{id}`"), near));
    }
    let part = part?;
    let parts = rulebook.parts(kind, id.as_str());
    if parts.contains(&&part) {
        return None;
    }
    let near = nearest(part.as_str(), parts.into_iter().map(crate::model::Id::as_str));
    Some((
        format!("the {name} `{id}` has no rule `{part}`"),
        near.map(|near| format!("did you mean `{name}:{id}/{near}`?")),
    ))
}

pub(super) fn rule(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for scenario in &rulebook.scenarios {
        for (index, rule) in scenario.expect.rules.iter().flatten().enumerate() {
            let Some((problem, help)) = unknown_rule(rulebook, rule) else { continue };
            context
                .report(
                    scenario.at(format!("/expect/rules/{index}")),
                    format!("the scenario `{}` can never pass: {problem}", scenario.id),
                )
                .label("no such rule")
                .help(
                    help.unwrap_or_else(|| {
                        "name a rule that the decision gives, or remove it here".to_owned()
                    }),
                );
        }
    }
}

/// Why a stage does not exist, and what may be meant.
fn unknown_stage(rulebook: &Rulebook, stage: &str) -> Option<(String, Option<String>)> {
    let Some((workflow, part)) = stage.split_once('/') else {
        let help = "write the workflow and its stage: `workflow/stage`".to_owned();
        return Some((format!("`{stage}` does not name a stage"), Some(help)));
    };
    if rulebook.workflows.get(workflow).is_none() {
        let near =
            nearest(workflow, rulebook.workflows.ids()).map(|near| format!("did you mean `{near}/{part}`?"));
        return Some((format!("there is no workflow `{workflow}`"), near));
    }
    let parts = rulebook.parts(Kind::Workflow, workflow);
    if parts.iter().any(|known| known.as_str() == part) {
        return None;
    }
    let near = nearest(part, parts.into_iter().map(crate::model::Id::as_str));
    Some((
        format!("the workflow `{workflow}` has no stage `{part}`"),
        near.map(|near| format!("did you mean `{workflow}/{near}`?")),
    ))
}

pub(super) fn stage(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for scenario in &rulebook.scenarios {
        let listed = scenario.expect.stages.iter().flatten().enumerate();
        let listed = listed.map(|(index, stage)| (stage, scenario.at(format!("/expect/stages/{index}"))));
        let approvers = scenario.expect.approvers.keys().map(|stage| {
            let field = escape(stage);
            (stage, scenario.at(format!("/expect/approvers/{field}")).key())
        });
        for (stage, place) in listed.chain(approvers) {
            let Some((problem, help)) = unknown_stage(rulebook, stage) else { continue };
            context
                .report(place, format!("the scenario `{}` can never pass: {problem}", scenario.id))
                .label("no such stage")
                .help(help.unwrap_or_else(|| "name a stage as `workflow/stage`".to_owned()));
        }
    }
}

pub(super) fn one_thing(context: &mut Context<'_>) {
    for scenario in &context.rulebook.scenarios {
        let kinds: Vec<&str> = scenario.value.cases().iter().map(|case| case.kind().name()).collect();
        let (place, message, label) = match kinds.as_slice() {
            [_] => continue,
            [] => (
                scenario.at(""),
                format!("nothing happens in the scenario `{}`", scenario.id),
                "nothing to decide about",
            ),
            [first, .., last] => (
                scenario.at(format!("/{last}")).key(),
                format!("two things happen in the scenario `{}`: `{first}` and `{last}`", scenario.id),
                "one too many",
            ),
        };
        let choices = CaseKind::NAMES.join("`, `");
        context.report(place, message).label(label).help(format!("write exactly one of `{choices}`"));
    }
}

pub(super) fn nothing_expected(context: &mut Context<'_>) {
    for scenario in &context.rulebook.scenarios {
        let expected = &scenario.value.expect;
        let needs_verdict = |case: &Case<'_>| Expectation::needs_verdict(case.kind());
        let lacks_verdict =
            expected.verdict.is_none() && scenario.value.cases().first().is_some_and(needs_verdict);
        let (message, help) = if lacks_verdict {
            (
                format!("the scenario `{}` does not say what must be decided", scenario.id),
                "add `expect.verdict`: whatever else is expected, a denial would not be noticed without it",
            )
        } else if *expected == Expectation::default() {
            (
                format!("the scenario `{}` expects nothing, so it could not fail", scenario.id),
                "write what must come out below `expect`",
            )
        } else {
            continue;
        };
        context.report(scenario.at("/expect"), message).label("too little").help(help);
    }
}

pub(super) fn misplaced(context: &mut Context<'_>) {
    for scenario in &context.rulebook.scenarios {
        let cases = scenario.value.cases();
        let [case] = cases.as_slice() else { continue };
        let kind = case.kind();
        let expected = &scenario.value.expect;
        for field in expected.misplaced(kind) {
            let name = field.replace('/', ".");
            context
                .report(
                    scenario.at(format!("/expect/{field}")).key(),
                    format!("the scenario `{}` can never pass: `{kind}` has no `{name}`", scenario.id),
                )
                .label("not here")
                .help(format!("remove `expect.{name}`, or expect it in a scenario that has it"));
        }
        let Some(verdict) = expected.verdict.filter(|verdict| !verdict.is_about(kind)) else { continue };
        if expected.misplaced(kind).contains(&"verdict") {
            continue;
        }
        let help = match kind {
            CaseKind::Request => "a request is `approved`, not `authorised`",
            CaseKind::Change => "a change is `authorised`, not `approved`",
            _ => {
                "an incident has no verdict unless it is `invalid`: expect a priority, a team and when it is due"
            }
        };
        context
            .report(
                scenario.at("/expect/verdict"),
                format!("the scenario `{}` can never pass: no {kind} is `{verdict}`", scenario.id),
            )
            .label("never")
            .help(help);
    }
}

/// Why a step of an escalation does not exist, and what may be meant.
fn unknown_step(rulebook: &Rulebook, step: &str) -> Option<(String, Option<String>)> {
    let Some((escalation, part)) = step.split_once('/') else {
        let help = "write the escalation and its step: `escalation/step`".to_owned();
        return Some((format!("`{step}` does not name a step of an escalation"), Some(help)));
    };
    if rulebook.escalations.get(escalation).is_none() {
        let near = nearest(escalation, rulebook.escalations.ids());
        let near = near.map(|near| format!("did you mean `{near}/{part}`?"));
        return Some((format!("there is no escalation `{escalation}`"), near));
    }
    let parts = rulebook.parts(Kind::Escalation, escalation);
    if parts.iter().any(|known| known.as_str() == part) {
        return None;
    }
    let near = nearest(part, parts.into_iter().map(crate::model::Id::as_str));
    Some((
        format!("the escalation `{escalation}` has no step `{part}`"),
        near.map(|near| format!("did you mean `{escalation}/{near}`?")),
    ))
}

pub(super) fn step(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for scenario in &rulebook.scenarios {
        let listed = scenario.expect.escalation.iter().flatten().enumerate();
        let listed = listed.map(|(index, step)| (step, scenario.at(format!("/expect/escalation/{index}"))));
        let told = scenario.expect.told.keys();
        let told = told.map(|step| (step, scenario.at(format!("/expect/told/{}", escape(step))).key()));
        for (step, place) in listed.chain(told) {
            let Some((problem, help)) = unknown_step(rulebook, step) else { continue };
            context
                .report(place, format!("the scenario `{}` can never pass: {problem}", scenario.id))
                .label("no such step")
                .help(help.unwrap_or_else(|| "name a step as `escalation/step`".to_owned()));
        }
    }
}
