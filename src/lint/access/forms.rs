//! Forms: do they ask what the policies read?

use std::collections::BTreeSet;

use super::{
    effective::{Listed, listed, reduced},
    unclear::Unclear,
};
use crate::{
    decide::{
        policy::{given, offer},
        space::Set,
        value::{Value, passes},
        vocabulary::{Type, Vocabulary},
    },
    diag::{Code, code},
    lint::{Context, Location},
    load::suggest::nearest,
    model::{
        Entry, Rulebook,
        access::Decision,
        attribute::Scope,
        condition::{Condition, Test},
        guardrail::Guardrail,
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
    Warning,
    "a form does not ask for evidence that a decision about it requires"
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

/// Something that can decide about requests of a type, and where it stands.
struct Decider<'a> {
    /// What is left of its condition for such a request.
    when: Condition,
    what: String,
    rule: Option<Listed<'a>>,
    guardrail: Option<&'a Entry<Guardrail>>,
}

/// The rules and guardrails that can decide about the requests of a type and that matter, for each of its
/// entitlements.
fn each<'a>(
    context: &mut Context<'a>,
    matters: impl Fn(&Decider<'a>, &BTreeSet<String>) -> bool,
    mut visit: impl FnMut(&'a Entry<RequestType>, &Decider<'a>),
) {
    let rulebook = context.rulebook;
    let vocabulary = context.vocabulary;
    let mut unclear = Unclear::new(vocabulary);
    for request_type in &rulebook.request_types {
        let asked = asked(request_type);
        for reference in &request_type.value.entitlements {
            let Some(offer) = offer(rulebook, reference) else { continue };
            let plan = reduced(vocabulary, offer, listed(vocabulary, &offer));
            for (guardrail, when) in &plan.guardrails {
                let when = of_type(vocabulary, request_type, when);
                let what = format!("the guardrail `{}`", guardrail.id);
                let decider = Decider { when, what, rule: None, guardrail: Some(guardrail) };
                if !decider.when.is_never() && matters(&decider, &asked) {
                    visit(request_type, &decider);
                }
            }
            let decider = |listed: &Listed<'a>, when: &Condition| Decider {
                when: of_type(vocabulary, request_type, when),
                what: format!("the rule `{}`", listed.rule.id),
                rule: Some(*listed),
                guardrail: None,
            };
            let mattering = |listed: &Listed<'a>, when: &Condition| {
                let decider = decider(listed, when);
                !decider.when.is_never() && matters(&decider, &asked)
            };
            let Some(plan) = plan.up_to(mattering) else { continue };
            let conditions: Vec<(Listed<'a>, Condition)> = plan.rules.clone();
            let effective = match plan.decide(vocabulary, |_| false) {
                Ok(effective) => effective,
                Err(why) => {
                    unclear.offer(offer, why);
                    continue;
                }
            };
            for (listed, when) in conditions.iter().filter(|(listed, when)| mattering(listed, when)) {
                let same = |(one, _): &(Listed<'_>, Set)| {
                    one.policy.id == listed.policy.id && one.index == listed.index
                };
                if effective.outcomes.iter().any(same) {
                    visit(request_type, &decider(listed, when));
                }
            }
        }
    }
    unclear.report(context);
}

impl Decider<'_> {
    /// Where a field of it stands.
    fn at(&self, field: &str) -> Location {
        match (self.rule, self.guardrail) {
            (Some(listed), _) => listed.policy.at(format!("/rule/{}/{field}", listed.index)),
            (None, Some(guardrail)) => guardrail.at(format!("/{field}")),
            (None, None) => Location::Bytes(crate::diag::FileId::default(), crate::diag::Span::default()),
        }
    }
}

/// The attributes that a condition reads and only the form can give.
fn read(vocabulary: &Vocabulary<'_>, condition: &Condition) -> BTreeSet<String> {
    let mut read = BTreeSet::new();
    condition.tests(&mut |test, _| {
        let open = &*test.namespace == "request" && !KNOWN.contains(&&*test.name);
        if open && vocabulary.of(test).is_some() {
            read.insert(test.attribute());
        }
    });
    read
}

pub(super) fn not_asked(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    let mut found: Vec<(&Entry<RequestType>, String, Location, String)> = Vec::new();
    let matters =
        |decider: &Decider<'_>, asked: &BTreeSet<String>| !read(vocabulary, &decider.when).is_subset(asked);
    each(context, matters, |request_type, decider| {
        for attribute in read(vocabulary, &decider.when).difference(&asked(request_type)) {
            let known = found.iter().any(|(one, name, ..)| one.id == request_type.id && name == attribute);
            if !known {
                let who = format!("{} reads it", decider.what);
                found.push((request_type, attribute.clone(), decider.at("when"), who));
            }
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

/// The evidence that is required of requests and that a form can ask for, with who requires it.
fn evidence(rulebook: &Rulebook, decider: &Decider<'_>) -> Vec<(Evidence, Location, String)> {
    let mut needs: Vec<(Evidence, Location, String)> = Vec::new();
    let own: &[Evidence] = match (decider.rule, decider.guardrail) {
        (Some(listed), _) if listed.grants() => &listed.rule.require,
        (None, Some(guardrail)) if !guardrail.deny => &guardrail.value.require,
        _ => return needs,
    };
    let who = format!("{} requires it", decider.what);
    needs.extend(own.iter().map(|one| (*one, decider.at("require"), who.clone())));
    if let Some(Decision::Workflow(workflow)) = decider.rule.map(|listed| &listed.rule.decision)
        && let Some(workflow) = rulebook.workflows.get(workflow.as_str())
    {
        for (index, stage) in workflow.value.stage.iter().enumerate() {
            let at = workflow.at(format!("/stage/{index}/require"));
            let who = format!("the stage `{}` requires it", stage.id);
            needs.extend(stage.require.iter().map(|one| (*one, at.clone(), who.clone())));
        }
    }
    // The others are not answers of a form: gitsm is told by other systems.
    needs.retain(|(one, ..)| matches!(one, Evidence::Justification | Evidence::Ticket | Evidence::Project));
    needs
}

pub(super) fn no_evidence(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut found: Vec<(&Entry<RequestType>, Evidence, Location, String)> = Vec::new();
    let is_asked = |one: Evidence, asked: &BTreeSet<String>| asked.contains(&format!("request.{one}"));
    let matters = |decider: &Decider<'_>, asked: &BTreeSet<String>| {
        evidence(rulebook, decider).iter().any(|(one, ..)| !is_asked(*one, asked))
    };
    each(context, matters, |request_type, decider| {
        for (one, at, who) in evidence(rulebook, decider) {
            let known = found.iter().any(|(other, known, ..)| other.id == request_type.id && *known == one);
            if !known && !is_asked(one, &asked(request_type)) {
                found.push((request_type, one, at, who));
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
            .note("a request that this decides is not granted without it")
            .help(format!("add a field with `attribute = \"request.{evidence}\"` to the form"));
    }
}

pub(super) fn wrong_field(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
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
