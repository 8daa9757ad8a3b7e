//! Change models: types, risks and who authorises them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    decide::{
        policy::given,
        space::{BUDGET, Space, Unsure},
        vocabulary::Vocabulary,
    },
    diag::{Code, code},
    lint::{
        Context,
        first_match::Reach,
        tickets::{changes_of, changes_of_type},
    },
    load::words::list,
    model::{
        Entry,
        article::ArticleState,
        change_model::{ChangeModel, ChangeType},
        condition::Condition,
        service::Risk,
    },
};

use super::{
    ordered::{Ordered, not_analysed},
    routings::about_service,
};

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
    "a standard change has no published procedure, or none that has proven itself"
);
/// A standard change that may be risky.
pub(super) static STANDARD_NOT_LOW_RISK: Code =
    code!("GS5055", "standard-not-low-risk", Error, "a standard change can have more than a low risk");
/// One board for everything.
pub(super) static EVERYTHING_TO_ONE_BOARD: Code =
    code!("GS5056", "everything-to-one-board", Warning, "changes of every risk go through the same approval");
/// Two models for the same changes.
pub(super) static TWO_CHANGE_MODELS: Code =
    code!("GS5057", "two-change-models", Error, "two models are for the same changes");

/// Anything is a standard change.
pub(super) static STANDARD_FOR_EVERYTHING: Code = code!(
    "GS5065",
    "standard-for-everything",
    Error,
    "a standard change has no condition, so that any change can be called one"
);

/// The risks that a change of a model can have, each with the rule that gives it: those of the rules that
/// are reached, and the highest where none matches. What cannot be worked out is taken to be possible.
fn risks(vocabulary: &Vocabulary<'_>, model: &ChangeModel) -> BTreeMap<Risk, Option<usize>> {
    let rules = model.risk.iter().map(|rule| &*rule.when);
    let mut ordered = Ordered::new(vocabulary, changes_of(model), rules);
    let mut risks = BTreeMap::new();
    for (index, rule) in model.risk.iter().enumerate() {
        let reach = ordered.as_mut().map(|ordered| ordered.reach(index));
        if matches!(reach, Ok(Ok(Reach::Covered(_) | Reach::Empty))) {
            continue;
        }
        risks.entry(rule.risk).or_insert(Some(index));
        // True whatever the others are, so that one that makes no sense is the only finding.
        if rule.when.is_always() {
            return risks;
        }
    }
    if !matches!(ordered.map(|mut ordered| ordered.unmatched()), Ok(Ok(None))) {
        risks.entry(Risk::Critical).or_insert(None);
    }
    risks
}

/// Whether every change of its type can follow a model.
fn is_for_every_change(vocabulary: &Vocabulary<'_>, model: &ChangeModel) -> bool {
    let Some(when) = &model.when else { return true };
    let ordered = Ordered::new(vocabulary, changes_of_type(model.change_type), [&**when]);
    ordered.is_ok_and(|ordered| ordered.is_everything(0))
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
        let open: Vec<(Risk, Option<usize>)> = risks(context.vocabulary, model)
            .into_iter()
            .filter(|(risk, _)| !model.authority.contains_key(risk))
            .collect();
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
        if let Some(article) =
            model.procedure.as_ref().and_then(|own| context.rulebook.articles.get(own.as_str()))
            && article.state != ArticleState::Published
        {
            let message = match article.state {
                ArticleState::Draft => "is still being written",
                _ => "is no longer right",
            };
            context
                .report(
                    model.at("/procedure"),
                    format!("the procedure `{}` of the standard change `{id}` {message}", article.id),
                )
                .related(article.at("/state"), format!("its state is `{}`", article.state))
                .note("no change is authorised by it until the article is published")
                .help("publish the article, or name one that is");
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
        let Some((risk, rule)) =
            risks(context.vocabulary, model).into_iter().next_back().filter(|(risk, _)| *risk > Risk::Low)
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
        if is_for_every_change(context.vocabulary, model) {
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
        let reached: Vec<_> = risks(context.vocabulary, model)
            .into_keys()
            .filter_map(|risk| Some((risk, model.authority.get(&risk)?)))
            .collect();
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
    let vocabulary = context.vocabulary;
    for change_type in ChangeType::ALL {
        let (general, special): (Vec<_>, Vec<_>) = of_type(context, *change_type)
            .into_iter()
            .partition(|model| is_for_every_change(vocabulary, model));
        for (index, second) in general.iter().enumerate() {
            if let Some(first) = general.iter().take(index).find(|first| !follow_others(first, second)) {
                context
                    .report(
                        second.at(""),
                        format!("`{}` and `{}` are both for every {change_type} change", first.id, second.id),
                    )
                    .related(first.at(""), "the other one")
                    .note(NO_ORDER)
                    .help("say in `when` which changes it is for, or keep one of them");
            }
        }
        // Before the general model a special one counts; between two special ones nothing decides.
        for (index, second) in special.iter().enumerate() {
            for first in special.iter().take(index).filter(|first| !follow_others(first, second)) {
                let example = match overlap(vocabulary, first, second) {
                    Ok(Some(example)) => example,
                    Ok(None) => continue,
                    Err(why) => {
                        let what = format!("the change models `{}` and `{}`", first.id, second.id);
                        let rules = [first, second].into_iter().filter_map(|model| model.when.as_deref());
                        not_analysed(context, second.at("/when"), &what, rules, why);
                        continue;
                    }
                };
                context
                    .report(
                        second.at("/when"),
                        format!("`{}` and `{}` are both for some {change_type} changes", first.id, second.id),
                    )
                    .label(format!("for example {}", example.join(", ")))
                    .related(first.at("/when"), "the other one")
                    .note(NO_ORDER)
                    .help("exclude in one of them what the other is for, such as with `when.not`");
            }
        }
    }
}

/// Whether two models of standard changes are for different procedures, so that no change follows both.
fn follow_others(one: &ChangeModel, other: &ChangeModel) -> bool {
    let standard = [one, other].iter().all(|model| model.change_type == ChangeType::Standard);
    standard && matches!((&one.procedure, &other.procedure), (Some(one), Some(other)) if one != other)
}

/// What makes two models for one change a mistake.
const NO_ORDER: &str = "nothing says which of them a change follows, and with that who authorises it";

/// A change that fits both of two models of one type; `None` when there is none.
fn overlap(
    vocabulary: &Vocabulary<'_>,
    one: &ChangeModel,
    other: &ChangeModel,
) -> Result<Option<Vec<String>>, Unsure> {
    let both = Condition::All(vec![changes_of(one), changes_of(other)]);
    let example = |condition: &Condition| -> Result<Option<Vec<String>>, Unsure> {
        let mut space = Space::new(vocabulary, [condition], BUDGET)?;
        let set = space.set(condition)?;
        Ok(space.example(set))
    };
    let Some(found) = example(&both)? else { return Ok(None) };
    let mut is_about_service = false;
    both.tests(&mut |test, _| is_about_service |= &*test.namespace == "service");
    if !is_about_service {
        return Ok(Some(found));
    }
    // What is known of each service excludes combinations that no change has.
    let rulebook = vocabulary.rulebook();
    for service in &rulebook.services {
        let here = given(&both, &|test| about_service(rulebook, test, service));
        if let Some(mut found) = example(&here)? {
            found.insert(0, format!("service.id = {}", service.id));
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::rulebook;

    /// The risks that changes of a normal model with these rules can have.
    fn names(model: &str) -> Vec<&'static str> {
        let rulebook = rulebook(&format!("[change-model.x]\nname = \"x\"\ntype = \"normal\"\n{model}"));
        let model = rulebook.change_models.iter().next().unwrap();
        risks(&Vocabulary::new(&rulebook), model).into_keys().map(Risk::name).collect()
    }

    #[test]
    fn a_change_without_a_matching_rule_is_critical() {
        for (model, expected) in [
            ("risk = []", &["critical"][..]),
            (r#"risk = [{ id = "a", risk = "low" }, { id = "b", risk = "high" }]"#, &["low"]),
            (r#"risk = [{ id = "a", when.change.tested = true, risk = "low" }]"#, &["low", "critical"]),
            (
                r#"risk = [{ id = "a", when.change.tested = true, risk = "low" }, { id = "b", when.change.tested = false, risk = "high" }]"#,
                &["low", "high"],
            ),
            // The condition of the model counts.
            (
                "when.change.tested = true\nrisk = [{ id = \"a\", when.change.tested = true, risk = \"low\" }]",
                &["low"],
            ),
            (
                "when.change.shoe-size = 44\nrisk = [{ id = \"a\", risk = \"low\" }, { id = \"b\", risk = \"high\" }]",
                &["low"],
            ),
            // What makes no sense may match anything or nothing.
            (r#"risk = [{ id = "a", when.change.shoe-size = 44, risk = "low" }]"#, &["low", "critical"]),
        ] {
            assert_eq!(names(model), expected, "{model}");
        }
    }
}
