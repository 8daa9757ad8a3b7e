//! Attributes of one's own: what people have must be what `gitsm.toml` declares, because rules test it.

use std::collections::BTreeMap;

use crate::{
    diag::{Code, Safety, code},
    lint::Context,
    load::suggest::nearest,
    model::{
        Duration, Id, Rulebook,
        condition::Literal,
        settings::{AttributeType, CustomAttribute, Namespace},
    },
};

/// An attribute nobody declared.
pub(super) static UNDECLARED: Code = code!(
    "GS2113",
    "undeclared-attribute",
    Error,
    "a person has an attribute that gitsm.toml does not declare"
);
/// A value of another type: no rule would match it.
pub(super) static WRONG_TYPE: Code = code!("GS2114", "attribute-of-wrong-type", fixed Error, "the value of an attribute is not of its declared type");
/// A missing value: a negated test of it would hold.
pub(super) static MISSING: Code =
    code!("GS2115", "attribute-missing", fixed Error, "a person lacks an attribute that is not optional");

fn declared(rulebook: &Rulebook) -> Option<&BTreeMap<Id, CustomAttribute>> {
    rulebook.settings.attribute.get(&Namespace::Subject)
}

pub(super) fn undeclared(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for person in &rulebook.people {
        for name in person.attributes.keys() {
            let known = declared(rulebook);
            if known.is_some_and(|known| known.contains_key(name)) {
                continue;
            }
            let near = nearest(name.as_str(), known.into_iter().flatten().map(|(name, _)| name.as_str()));
            let place = person.at(format!("/attributes/{name}")).key();
            let finding =
                context.report(place, format!("the attribute `{name}` of `{}` is not declared", person.id));
            finding.label("no rule can test it");
            match near {
                Some(near) => finding.help(format!("did you mean `{near}`?")).replace_with(
                    format!("write `{near}`"),
                    near,
                    Safety::Suggestion,
                ),
                None => finding.help(format!("declare it in gitsm.toml: `[attribute.subject.{name}]`")),
            };
        }
    }
}

/// Why a value is not of the declared type, in words.
fn mismatch(attribute: &CustomAttribute, value: &Literal) -> Option<String> {
    let fits = match (attribute.attribute_type, value) {
        (AttributeType::Text, Literal::Text(_))
        | (AttributeType::Integer, Literal::Integer(_))
        | (AttributeType::Boolean, Literal::Boolean(_)) => true,
        // A point in time is written like a date and is none.
        (AttributeType::Date, Literal::Date(text)) => text.len() == 10,
        (AttributeType::Duration, Literal::Text(text)) => text.parse::<Duration>().is_ok(),
        (AttributeType::Choice | AttributeType::Ordered, Literal::Text(text)) => {
            attribute.values.iter().any(|word| **word == **text)
        }
        _ => false,
    };
    if fits {
        return None;
    }
    Some(match attribute.attribute_type {
        AttributeType::Choice | AttributeType::Ordered => {
            format!("write one of `{}`", attribute.values.join("`, `"))
        }
        AttributeType::Text => "write a text in quotes".to_owned(),
        AttributeType::Integer => "write a whole number without quotes".to_owned(),
        AttributeType::Boolean => "write `true` or `false` without quotes".to_owned(),
        AttributeType::Date => "write a date without quotes, such as `2026-05-01`".to_owned(),
        AttributeType::Duration => "write a length of time such as `\"30d\"`".to_owned(),
    })
}

pub(super) fn wrong_type(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Some(declared) = declared(rulebook) else { return };
    for person in &rulebook.people {
        for (name, value) in &person.attributes {
            let Some(attribute) = declared.get(name) else { continue };
            if let Some(instead) = mismatch(attribute, value) {
                context
                    .report(
                        person.at(format!("/attributes/{name}")),
                        format!("`{value}` is not a {name} of the type `{}`", attribute.attribute_type),
                    )
                    .label("no rule would match this")
                    .help(instead);
            }
        }
    }
}

pub(super) fn missing(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Some(declared) = declared(rulebook) else { return };
    for (name, _) in declared.iter().filter(|(_, attribute)| !attribute.optional) {
        for person in rulebook.people.iter().filter(|person| !person.attributes.contains_key(name)) {
            context
                .report(
                    person.at("/attributes"),
                    format!("`{}` has no `{name}`, which is not optional", person.id),
                )
                .label("missing here")
                .help(format!(
                    "write `attributes.{name} = …`, or `optional = true` in `[attribute.subject.{name}]`"
                ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(attribute_type: AttributeType) -> CustomAttribute {
        CustomAttribute {
            attribute_type,
            description: None,
            values: vec!["low".to_owned(), "high".to_owned()],
            optional: false,
        }
    }

    #[test]
    fn each_type_takes_its_own_values_only() {
        let text = |text: &str| Literal::Text(text.into());
        let date = |text: &str| Literal::Date(text.into());
        for (declared, right, wrong) in [
            (AttributeType::Text, text("a"), Literal::Integer(1)),
            (AttributeType::Integer, Literal::Integer(1), text("1")),
            (AttributeType::Boolean, Literal::Boolean(true), text("true")),
            (AttributeType::Date, date("2026-05-01"), date("2026-05-01T09:00:00Z")),
            (AttributeType::Duration, text("30d"), text("a month")),
            (AttributeType::Choice, text("low"), text("medium")),
            (AttributeType::Ordered, text("high"), text("higher")),
        ] {
            assert_eq!(mismatch(&attribute(declared), &right), None, "{declared}");
            assert!(mismatch(&attribute(declared), &wrong).is_some(), "{declared}");
        }
    }
}
