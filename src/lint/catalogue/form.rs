//! Forms.

use std::collections::BTreeMap;

use crate::{
    diag::{Code, code},
    lint::Context,
    model::request_type::{Field, FieldType},
};

/// More questions than people answer.
pub(super) static TOO_LONG: Code =
    code!("GS2038", "form-too-long", Warning, "a form has more fields than the budget allows");
/// Nothing to choose from.
pub(super) static NO_OPTIONS: Code =
    code!("GS2041", "choice-without-options", Error, "a field lets people choose from nothing");
/// Options that nobody sees.
pub(super) static STRAY_OPTIONS: Code =
    code!("GS2042", "options-without-choice", Warning, "a field has options and is not a choice");
/// One option twice.
pub(super) static SAME_OPTION: Code =
    code!("GS2043", "same-option-twice", Warning, "a field offers the same option twice");
/// Two answers for one attribute.
pub(super) static SAME_ATTRIBUTE: Code = code!("GS2044", "two-fields-for-one-attribute", fixed Error, "two fields of a form fill the same attribute");

fn is_choice(field: &Field) -> bool {
    matches!(field.field_type, FieldType::Choice | FieldType::Choices)
}

pub(super) fn too_long(context: &mut Context<'_>) {
    let budget = usize::try_from(context.rulebook.settings.lints.budget.fields).unwrap_or(usize::MAX);
    for request in &context.rulebook.request_types {
        let fields = request.field.len();
        if fields > budget {
            context
                .report(
                    request.at("/field"),
                    format!("the form of `{}` has {fields} fields, and {budget} are allowed", request.id),
                )
                .label("too many questions")
                .help(
                    "ask only what a decision or a step needs, or raise `lints.budget.fields` in gitsm.toml",
                );
        }
    }
}

pub(super) fn no_options(context: &mut Context<'_>) {
    for request in &context.rulebook.request_types {
        for (id, field) in &request.field {
            if is_choice(field) && field.options.is_empty() {
                context
                    .report(
                        request.at(format!("/field/{id}")),
                        format!("the field `{id}` of `{}` has no options", request.id),
                    )
                    .label("nothing to choose from")
                    .help("list them: `options = [\"…\", \"…\"]`, or write another `type`");
            }
        }
    }
}

pub(super) fn stray_options(context: &mut Context<'_>) {
    for request in &context.rulebook.request_types {
        for (id, field) in &request.field {
            if !is_choice(field) && !field.options.is_empty() {
                context
                    .report(
                        request.at(format!("/field/{id}/options")),
                        format!("the options of the field `{id}` of `{}` are never shown", request.id),
                    )
                    .label(format!("the type is `{}`", field.field_type))
                    .help("write `type = \"choice\"`, or remove the options");
            }
        }
    }
}

pub(super) fn same_option(context: &mut Context<'_>) {
    for request in &context.rulebook.request_types {
        for (id, field) in &request.field {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for (index, option) in field.options.iter().enumerate() {
                let place = |index: usize| request.at(format!("/field/{id}/options/{index}"));
                if let Some(first) = seen.get(&super::names::plain(option)) {
                    context
                        .report(
                            place(index),
                            format!("the field `{id}` of `{}` offers `{option}` twice", request.id),
                        )
                        .label("the second one")
                        .related(place(*first), "the first one")
                        .help("keep one of them");
                } else {
                    seen.insert(super::names::plain(option), index);
                }
            }
        }
    }
}

pub(super) fn same_attribute(context: &mut Context<'_>) {
    for request in &context.rulebook.request_types {
        let mut seen = BTreeMap::new();
        for (id, field) in &request.field {
            let attribute = field.attribute.clone().unwrap_or_else(|| format!("request.form.{id}"));
            let place = |id| request.at(format!("/field/{id}"));
            if let Some(first) = seen.get(&attribute) {
                context
                    .report(
                        place(id),
                        format!(
                            "the fields `{first}` and `{id}` of `{}` both fill `{attribute}`",
                            request.id
                        ),
                    )
                    .label("the second one")
                    .related(place(*first), "the first one")
                    .help("give one of them another `attribute`: only one answer can be kept");
            } else {
                seen.insert(attribute, id);
            }
        }
    }
}
