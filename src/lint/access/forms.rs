//! Forms: do they ask what the policies read?

use std::collections::BTreeSet;

use super::effective::{Effective, effective};
use crate::{
    decide::{
        policy::{for_offer, given, nearness, offer},
        value::{Value, passes},
        vocabulary::{Type, Vocabulary},
    },
    diag::{Code, code},
    lint::{Context, Location},
    load::suggest::nearest,
    model::{
        Entry,
        access::{Decision, Mode},
        attribute::Scope,
        condition::{Condition, Test},
        request_type::{FieldType, RequestType},
        workflow::Evidence,
    },
};

/// A form does not ask what a policy reads.
pub(super) static NOT_ASKED: Code = code!(
    "GS4097",
    "form-lacks-attribute",
    Warning,
    "a form does not ask for what decides about its requests"
);
/// A form does not ask for evidence.
pub(super) static NO_EVIDENCE: Code = code!(
    "GS4098",
    "form-lacks-evidence",
    Error,
    "a form does not ask for evidence without which nothing is granted"
);
/// A field cannot become the attribute.
pub(super) static WRONG_FIELD: Code = code!("GS4099", "field-does-not-fit", fixed Error, "a field of a form cannot become the attribute that it names");

/// Attributes of a request that gitsm knows without asking.
const KNOWN: [&str; 5] = ["type", "event", "instant", "outside-hours", "emergency"];

/// The attributes that the fields of a form become.
fn asked(request_type: &RequestType) -> BTreeSet<String> {
    let name = |(id, field): (&crate::model::Id, &crate::model::request_type::Field)| {
        field.attribute.clone().unwrap_or_else(|| format!("request.form.{id}"))
    };
    request_type.field.iter().map(name).collect()
}

/// What remains of a condition for requests of one type.
fn of_type(
    vocabulary: &Vocabulary<'_>,
    request_type: &Entry<RequestType>,
    condition: &Condition,
) -> Condition {
    given(condition, &|test: &Test| {
        let value = match (&*test.namespace, &*test.name) {
            ("request", "type") => request_type.id.as_str(),
            ("request", "event") => request_type.event.name(),
            _ => return None,
        };
        passes(test, &vocabulary.of(test)?.values, &Value::Text(value))
    })
}

fn is_never(condition: &Condition) -> bool {
    matches!(condition, Condition::Any(parts) if parts.is_empty())
}

/// Everything that can be decided by request types: each type with each of its entitlements.
fn each<'a>(
    context: &Context<'a>,
    mut visit: impl FnMut(&Vocabulary<'a>, &'a Entry<RequestType>, Effective<'a>),
) {
    let rulebook = context.rulebook;
    let vocabulary = Vocabulary::new(rulebook);
    for request_type in &rulebook.request_types {
        for reference in &request_type.value.entitlements {
            let Some(offer) = offer(rulebook, reference) else { continue };
            let Ok(effective) = effective(&vocabulary, offer) else { continue };
            visit(&vocabulary, request_type, effective);
        }
    }
}

pub(super) fn not_asked(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut found: Vec<(&Entry<RequestType>, String, Location, String)> = Vec::new();
    each(context, |vocabulary, request_type, effective| {
        let asked = asked(request_type);
        let offer = effective.offer;
        let rules = effective.outcomes.iter().map(|(listed, _)| {
            let at = listed.policy.at(format!("/rule/{}/when", listed.index));
            (&*listed.rule.when, at, format!("the rule `{}` reads it", listed.rule.id))
        });
        let guardrails = rulebook.guardrails.iter().filter(|one| one.mode == Mode::Enforce);
        let about = guardrails.filter(|one| {
            one.applies_to.as_ref().is_none_or(|scope| nearness(rulebook, scope, &offer).is_some())
        });
        let guardrails = about
            .map(|one| (&*one.value.when, one.at("/when"), format!("the guardrail `{}` reads it", one.id)));
        for (when, at, who) in rules.chain(guardrails) {
            let when = of_type(vocabulary, request_type, &for_offer(vocabulary, &offer, when, false));
            when.tests(&mut |test, _| {
                let attribute = test.attribute();
                let exists = vocabulary.of(test).is_some();
                let open = &*test.namespace == "request" && !KNOWN.contains(&&*test.name) && exists;
                let known =
                    found.iter().any(|(one, name, ..)| one.id == request_type.id && *name == attribute);
                if open && !asked.contains(&attribute) && !known {
                    found.push((request_type, attribute, at.clone(), who.clone()));
                }
            });
        }
    });
    for (request_type, attribute, at, who) in found {
        let help = match attribute.strip_prefix("request.form.") {
            Some(field) => format!("add a field `{field}` to the form"),
            None => format!("add a field with `attribute = \"{attribute}\"` to the form"),
        };
        context
            .report(
                request_type.at("/field"),
                format!("the form of `{}` does not ask for `{attribute}`", request_type.id),
            )
            .label("not asked here")
            .related(at, who)
            .note("a comparison with what was not asked is false")
            .help(help);
    }
}

pub(super) fn no_evidence(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut found: Vec<(&Entry<RequestType>, Evidence, Location, String)> = Vec::new();
    each(context, |vocabulary, request_type, effective| {
        let asked = asked(request_type);
        let mut needs: Vec<(Evidence, Location, String)> = Vec::new();
        for (listed, _) in &effective.outcomes {
            let when = for_offer(vocabulary, &effective.offer, &listed.rule.when, false);
            if listed.rule.decision == Decision::Deny || is_never(&of_type(vocabulary, request_type, &when)) {
                continue;
            }
            let at = listed.policy.at(format!("/rule/{}/require", listed.index));
            let who = format!("the rule `{}` requires it", listed.rule.id);
            needs.extend(listed.rule.require.iter().map(|one| (*one, at.clone(), who.clone())));
            let Decision::Workflow(workflow) = &listed.rule.decision else { continue };
            let Some(workflow) = rulebook.workflows.get(workflow.as_str()) else { continue };
            for (index, stage) in workflow.value.stage.iter().enumerate() {
                let at = workflow.at(format!("/stage/{index}/require"));
                let who = format!("the stage `{}` requires it", stage.id);
                needs.extend(stage.require.iter().map(|one| (*one, at.clone(), who.clone())));
            }
        }
        for guardrail in rulebook.guardrails.iter().filter(|one| one.mode == Mode::Enforce && !one.deny) {
            let scope = guardrail.value.applies_to.as_ref();
            let about = scope.is_none_or(|scope| nearness(rulebook, scope, &effective.offer).is_some());
            let when = for_offer(vocabulary, &effective.offer, &guardrail.value.when, false);
            if !about || is_never(&of_type(vocabulary, request_type, &when)) {
                continue;
            }
            let who = format!("the guardrail `{}` requires it", guardrail.id);
            needs.extend(guardrail.require.iter().map(|one| (*one, guardrail.at("/require"), who.clone())));
        }
        for (evidence, at, who) in needs {
            // The others are not answers of a form: gitsm is told by other systems.
            if !matches!(evidence, Evidence::Justification | Evidence::Ticket | Evidence::Project) {
                continue;
            }
            let known = found.iter().any(|(one, known, ..)| one.id == request_type.id && *known == evidence);
            if !asked.contains(&format!("request.{evidence}")) && !known {
                found.push((request_type, evidence, at, who));
            }
        }
    });
    for (request_type, evidence, at, who) in found {
        context
            .report(
                request_type.at("/field"),
                format!("the form of `{}` does not ask for the {evidence}", request_type.id),
            )
            .label("not asked here")
            .related(at, who)
            .note("without it such a request is never granted")
            .help(format!("add a field with `attribute = \"request.{evidence}\"` to the form"));
    }
}

pub(super) fn wrong_field(context: &mut Context<'_>) {
    let vocabulary = Vocabulary::new(context.rulebook);
    for request_type in &context.rulebook.request_types {
        for (id, field) in &request_type.value.field {
            let Some((namespace, name)) = field.attribute.as_deref().and_then(|one| one.split_once('.'))
            else {
                continue;
            };
            let at = request_type.at(format!("/field/{id}/attribute"));
            let attribute = format!("{namespace}.{name}");
            if KNOWN.contains(&name) && name != "emergency" {
                context
                    .report(at, format!("`{attribute}` is not for the requester to say"))
                    .label("gitsm knows this itself")
                    .help("remove `attribute`: the answer becomes `request.form.…`");
                continue;
            }
            let Some(resolved) = vocabulary.resolve(namespace, name) else {
                let names = vocabulary.names(Scope::Access);
                let names: Vec<&str> =
                    names.iter().map(String::as_str).filter(|name| name.starts_with("request.")).collect();
                let near = nearest(&attribute, names);
                let finding = context.report(at, format!("there is no attribute `{attribute}`"));
                finding.label("no such attribute");
                match near {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help(format!(
                        "declare it as `[attribute.request.{name}]` in gitsm.toml, or remove `attribute`"
                    )),
                };
                continue;
            };
            if !fits(field.field_type, &resolved.values) {
                context
                    .report(at, format!("an answer of type `{}` cannot be `{attribute}`", field.field_type))
                    .label(format!("this attribute is {}", resolved.values.name()))
                    .help(format!("change the type of the field `{id}`, or remove `attribute`"));
            }
        }
    }
}

/// Whether an answer can become a value of an attribute.
fn fits(field: FieldType, values: &Type<'_>) -> bool {
    match values {
        Type::Text => !matches!(
            field,
            FieldType::Number
                | FieldType::Boolean
                | FieldType::Choices
                | FieldType::Attachment
                | FieldType::Money
        ),
        Type::Integer { .. } => field == FieldType::Number,
        Type::Boolean => field == FieldType::Boolean,
        Type::Date => field == FieldType::Date,
        Type::Duration => field == FieldType::Duration,
        Type::Choice(_) | Type::Ordered(_) => field == FieldType::Choice,
        Type::Id(kind) => field.name() == kind.name(),
        Type::Entitlement => field == FieldType::Entitlement,
        Type::Instant | Type::Set(_) | Type::Opaque => false,
    }
}
