//! Scenarios that expect what cannot come out.

use crate::{
    diag::{Code, code},
    lint::Context,
    load::suggest::nearest,
    model::{Kind, Rulebook, Selector},
};

/// A rule that does not exist.
pub(super) static RULE: Code =
    code!("GS6081", "scenario-of-unknown-rule", Error, "a scenario expects a rule that does not exist");
/// A stage that does not exist.
pub(super) static STAGE: Code =
    code!("GS6082", "scenario-of-unknown-stage", Error, "a scenario expects a stage that does not exist");

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
        for (index, rule) in scenario.expect.rules.iter().enumerate() {
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
        let listed = scenario.expect.stages.iter().enumerate();
        let listed = listed.map(|(index, stage)| (stage, scenario.at(format!("/expect/stages/{index}"))));
        let approvers = scenario.expect.approvers.keys().map(|stage| {
            let field = crate::load::tree::escape(stage);
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
