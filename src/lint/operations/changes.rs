//! Change models: types, risks and who authorises them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::{Code, code},
    lint::Context,
    load::shape::list,
    model::{
        Entry,
        change_model::{ChangeModel, ChangeType},
        service::Risk,
    },
};

use super::shared::constant;

/// A type of change without a model.
pub(super) static CHANGE_TYPE_WITHOUT_MODEL: Code =
    code!("GS5050", "change-type-without-model", Note, "a type of change has no model");
/// Changes whose risk is never assessed.
pub(super) static CHANGE_WITHOUT_RISK: Code =
    code!("GS5051", "change-without-risk", Warning, "a model of normal changes has no risk rules");
/// A risk that nobody may authorise.
pub(super) static RISK_WITHOUT_AUTHORITY: Code =
    code!("GS5052", "risk-without-authority", Error, "a change can have a risk that nobody may authorise");
/// An authority for what is authorised already.
pub(super) static AUTHORITY_OF_STANDARD: Code =
    code!("GS5053", "authority-of-standard", Warning, "a standard change has a change authority");
/// A standard change without evidence.
pub(super) static STANDARD_NOT_PROVEN: Code = code!(
    "GS5054",
    "standard-not-proven",
    Error,
    "a standard change has no procedure, or none that has proven itself"
);
/// A standard change that may be risky.
pub(super) static STANDARD_NOT_LOW_RISK: Code =
    code!("GS5055", "standard-not-low-risk", Error, "a standard change can have more than a low risk");
/// One board for everything.
pub(super) static EVERYTHING_TO_ONE_BOARD: Code =
    code!("GS5056", "everything-to-one-board", Warning, "changes of every risk go through the same approval");
/// Two models for the same changes.
pub(super) static TWO_CHANGE_MODELS: Code =
    code!("GS5057", "two-change-models", Error, "two models without a condition are for one type of change");

/// Anything is a standard change.
pub(super) static STANDARD_FOR_EVERYTHING: Code = code!(
    "GS5065",
    "standard-for-everything",
    Error,
    "a standard change has no condition, so that any change can be called one"
);

/// The risks that a change of a model can have: those of its rules, and the highest where none matches.
fn risks(model: &ChangeModel) -> BTreeMap<Risk, Option<usize>> {
    let mut risks = BTreeMap::new();
    for (index, rule) in model.risk.iter().enumerate() {
        match constant(&rule.when) {
            Some(false) => {}
            always => {
                risks.entry(rule.risk).or_insert(Some(index));
                if always == Some(true) {
                    return risks;
                }
            }
        }
    }
    risks.entry(Risk::Critical).or_insert(None);
    risks
}

pub(super) fn change_type_without_model(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Some(first) = rulebook.change_models.iter().next() else { return };
    let known: BTreeSet<ChangeType> = rulebook.change_models.iter().map(|model| model.change_type).collect();
    for missing in ChangeType::ALL.iter().filter(|change_type| !known.contains(change_type)) {
        let why = match missing {
            ChangeType::Standard => "every routine change waits for an approval",
            ChangeType::Normal => "a change that is neither routine nor urgent has no way to be approved",
            ChangeType::Emergency => "in an outage people change things outside every model",
        };
        context
            .report(first.at(""), format!("there is no model for {missing} changes"))
            .note(why)
            .help(format!("add `[change-model.…]` with `type = \"{missing}\"`"));
    }
}

pub(super) fn change_without_risk(context: &mut Context<'_>) {
    for model in of_type(context, ChangeType::Normal) {
        if model.risk.is_empty() {
            context
                .report(
                    model.at("/risk"),
                    format!(
                        "the change model `{}` has no risk rules, so that every change is critical",
                        model.id
                    ),
                )
                .help("add rules that find the changes of low risk: `[[change-model.….risk]]`");
        }
    }
}

fn of_type<'a>(context: &Context<'a>, change_type: ChangeType) -> Vec<&'a Entry<ChangeModel>> {
    let models = context.rulebook.change_models.iter();
    models.filter(|model| model.change_type == change_type).collect()
}

pub(super) fn risk_without_authority(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for model in rulebook.change_models.iter().filter(|model| model.change_type != ChangeType::Standard) {
        let open: Vec<(Risk, Option<usize>)> =
            risks(model).into_iter().filter(|(risk, _)| !model.authority.contains_key(risk)).collect();
        let Some((first, _)) = open.first() else { continue };
        let names: Vec<&str> = open.iter().map(|(risk, _)| risk.name()).collect();
        let finding = context.report(
            model.at("/authority"),
            format!("nobody may authorise a change of the risk {} in `{}`", list(names), model.id),
        );
        for (_, rule) in &open {
            match rule {
                Some(index) => {
                    finding.related(model.at(format!("/risk/{index}/risk")), "decided by this rule");
                }
                None => {
                    finding.note("a change that no risk rule matches is `critical`");
                }
            }
        }
        finding.help(format!("add `authority.{first} = \"…\"` with a workflow"));
    }
}

pub(super) fn authority_of_standard(context: &mut Context<'_>) {
    for model in of_type(context, ChangeType::Standard) {
        if !model.authority.is_empty() {
            context
                .report(
                    model.at("/authority"),
                    format!("the standard change `{}` has a change authority", model.id),
                )
                .note("a standard change is authorised once and for all, when it becomes one")
                .help("leave `authority` out, or make it a normal change");
        }
    }
}

pub(super) fn standard_not_proven(context: &mut Context<'_>) {
    for model in of_type(context, ChangeType::Standard) {
        let id = &model.id;
        if model.procedure.is_none() {
            context
                .report(
                    model.at("/procedure"),
                    format!("the standard change `{id}` has no written procedure"),
                )
                .help("name the article that describes it: `procedure = \"…\"`");
        }
        match model.proven {
            Some(0) => {
                context
                    .report(model.at("/proven"), format!("the standard change `{id}` has never gone well"))
                    .help("carry it out as a normal change until it has proven itself");
            }
            None => {
                context
                    .report(
                        model.at("/proven"),
                        format!("nothing says how often the standard change `{id}` went well"),
                    )
                    .help("add `proven = …`, the number of times that the procedure was carried out without an incident");
            }
            Some(_) => {}
        }
    }
}

pub(super) fn standard_not_low_risk(context: &mut Context<'_>) {
    for model in of_type(context, ChangeType::Standard) {
        let Some((risk, rule)) = risks(model).into_iter().next_back().filter(|(risk, _)| *risk > Risk::Low)
        else {
            continue;
        };
        match rule {
            Some(index) => context
                .report(
                    model.at(format!("/risk/{index}/risk")),
                    format!("the standard change `{}` can have a {risk} risk", model.id),
                )
                .help("move such changes into a normal model: exclude them with `when`"),
            None => context
                .report(
                    model.at("/risk"),
                    format!("the standard change `{}` is critical where no risk rule matches", model.id),
                )
                .help("end with a rule without a condition: `[[change-model.….risk]]` with `risk = \"low\"`"),
        };
    }
}

pub(super) fn standard_for_everything(context: &mut Context<'_>) {
    for model in of_type(context, ChangeType::Standard) {
        if model.when.as_ref().is_none_or(|when| constant(when) == Some(true)) {
            let field = if model.when.is_some() { "/when" } else { "" };
            context
                .report(model.at(field), format!("every change can be the standard change `{}`", model.id))
                .label("no condition that a change must fit")
                .note("a standard change is carried out without asking anybody")
                .help("say in `when` which changes the procedure is for, such as `when.service.id = \"…\"`");
        }
    }
}

pub(super) fn everything_to_one_board(context: &mut Context<'_>) {
    for model in of_type(context, ChangeType::Normal) {
        let reached: Vec<_> =
            risks(model).into_keys().filter_map(|risk| Some((risk, model.authority.get(&risk)?))).collect();
        let [(first, board), rest @ ..] = reached.as_slice() else { continue };
        // A model for high risks alone may well have one board.
        if rest.is_empty() || *first > Risk::Medium || rest.iter().any(|(_, other)| other != board) {
            continue;
        }
        context
            .report(
                model.at("/authority"),
                format!("changes of every risk in `{}` go through `{board}`", model.id),
            )
            .note("a board that sees everything looks at nothing for long, and small changes wait for it")
            .help(format!("let a colleague agree to `{first}` risks: `authority.{first} = \"…\"`"));
    }
}

pub(super) fn two_change_models(context: &mut Context<'_>) {
    for change_type in ChangeType::ALL {
        let models = of_type(context, *change_type);
        let mut always = models.iter().filter(|model| match &model.when {
            None => true,
            Some(when) => constant(when) == Some(true),
        });
        let Some(first) = always.next() else { continue };
        for second in always {
            context
                .report(
                    second.at(""),
                    format!("`{}` and `{}` are both for every {change_type} change", first.id, second.id),
                )
                .related(first.at(""), "the other one")
                .note("nothing says which of them a change follows")
                .help("say in `when` which changes it is for, or keep one of them");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(risk: &serde_json::Value) -> ChangeModel {
        serde_json::from_value(serde_json::json!({ "name": "x", "type": "normal", "risk": risk })).unwrap()
    }

    #[test]
    fn a_change_without_a_matching_rule_is_critical() {
        let names = |model: ChangeModel| risks(&model).into_keys().map(Risk::name).collect::<Vec<_>>();
        assert_eq!(names(model(&serde_json::json!([]))), ["critical"]);
        let always = serde_json::json!([{ "id": "a", "risk": "low" }, { "id": "b", "risk": "high" }]);
        assert_eq!(names(model(&always)), ["low"]);
        let never = serde_json::json!([{ "id": "a", "when": { "any": [] }, "risk": "low" }]);
        assert_eq!(names(model(&never)), ["critical"]);
    }
}
