//! Tests of attributes that do not exist, and tests that do not fit their attribute.

use super::sites::Site;
use crate::{
    decide::{
        value::{self, is_of},
        vocabulary::Type,
    },
    diag::{Code, code},
    lint::{Context, Location},
    load::{slips, suggest::nearest, words::list},
    model::{
        condition::{Literal, Operator, Test},
        location::Near,
        settings::{AttributeType, Namespace},
    },
};

/// A condition tests an attribute that does not exist.
pub(super) static UNKNOWN: Code =
    code!("GS4001", "unknown-attribute", fixed Error, "a condition tests an attribute that does not exist");
/// An operator makes no sense for the attribute.
pub(super) static UNFIT_OPERATOR: Code = code!("GS4002", "operator-does-not-fit", fixed Error, "an operator cannot be used on values of this type");
/// A value has another type than the attribute.
pub(super) static UNFIT_VALUE: Code = code!("GS4003", "value-does-not-fit", fixed Error, "a value in a condition has another type than the attribute");
/// A declared attribute cannot be used.
pub(super) static DECLARATION: Code = code!("GS4014", "attribute-declaration", fixed Error, "an attribute is declared in a way that cannot be used");

/// Calls `visit` for every test of the rulebook.
pub(super) fn each_test<'s, 'a>(found: &'s [Site<'a>], mut visit: impl FnMut(&'s Site<'a>, &'a Test)) {
    for site in found {
        site.condition.tests(&mut |test, _| visit(site, test));
    }
}

/// Where a value stands that a test compares with.
pub(super) fn operand(site: &Site<'_>, test: &Test, wanted: &Literal) -> Location {
    match test.operands.iter().position(|literal| literal == wanted) {
        Some(index) => Location::near(site.origin, test.place, Near::Entry(index)),
        None => place(site, test),
    }
}

/// Where a test stands.
pub(super) fn place(site: &Site<'_>, test: &Test) -> Location {
    Location::place(site.origin, test.place)
}

pub(super) fn unknown(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    each_test(context.analysis.sites(), |site, test| {
        if vocabulary.of(test).is_some() {
            return;
        }
        let attribute = test.attribute();
        let names = vocabulary.names(site.scope);
        let same_name = |known: &&String| known.split_once('.').is_some_and(|(_, name)| *name == *test.name);
        let elsewhere = names.iter().find(same_name).map(String::as_str);
        let near = elsewhere.or_else(|| nearest(&attribute, names.iter().map(String::as_str)));
        let at = Location::place(site.origin, test.key);
        let finding = context.report(at, format!("there is no attribute `{attribute}`"));
        finding.label("no such attribute");
        if let Some(field) = test.name.strip_prefix("form.") {
            finding.note(format!("no request type has a field `{field}` that becomes `{attribute}`"));
        }
        match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None if test.name.starts_with("form.") => {
                finding.help("add the field to the form of a request type")
            }
            None => finding.help(format!(
                "declare it as `[attribute.{}.{}]` in gitsm.toml, with its type",
                if &*test.namespace == "requester" { "subject" } else { &*test.namespace },
                test.name
            )),
        };
    });
}

pub(super) fn unfit_operator(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    each_test(context.analysis.sites(), |site, test| {
        let Some(resolved) = vocabulary.of(test) else { return };
        if value::fits(test.operator, &resolved.values) {
            return;
        }
        let fitting: Vec<&str> = Operator::ALL
            .iter()
            .filter(|operator| value::fits(**operator, &resolved.values))
            .map(|operator| operator.name())
            .collect();
        let message = match test.operator {
            Operator::Exists => format!("`{}` is never absent: a set can only be empty", test.attribute()),
            operator => format!("`{}` cannot be tested with `{operator}`", test.attribute()),
        };
        // An operator that is not written has no place of its own.
        let at = match test.operator {
            Operator::Is | Operator::In => place(site, test),
            _ => Location::near(site.origin, test.place, Near::Key),
        };
        context
            .report(at, message)
            .label(format!("this attribute is {}", resolved.values.name()))
            .help(format!("the operators that fit are {}", list(fitting)));
    });
}

pub(super) fn unfit_value(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    each_test(context.analysis.sites(), |site, test| {
        let Some(resolved) = vocabulary.of(test) else { return };
        if !value::fits(test.operator, &resolved.values) {
            return;
        }
        // Words that are not in a vocabulary are another finding; here only the type matters.
        let fits = |literal: &Literal| match test.operator {
            Operator::Exists => matches!(literal, Literal::Boolean(_)),
            Operator::Glob | Operator::Within => matches!(literal, Literal::Text(_)),
            _ => is_of(literal, &resolved.values),
        };
        let Some(wrong) = test.operands.iter().find(|literal| !fits(literal)) else { return };
        let business_days = resolved.values == Type::Duration && wrong.to_string().ends_with("bd");
        let message = if business_days {
            format!("`{wrong}` cannot be compared with other lengths of time")
        } else {
            format!("`{wrong}` is not {}", expected(test.operator, &resolved.values))
        };
        let finding = context.report(place(site, test), message);
        finding.label(format!("`{}` is compared with it", test.attribute()));
        match (&resolved.values, wrong) {
            _ if business_days => finding
                .note("a business day is as long as a calendar says, and access has no calendar")
                .help("write days of 24 hours, such as `30d`"),
            (Type::Duration, literal) => match slips::duration(&literal.to_string()) {
                Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                None => finding.help("write a number and a unit in quotes, such as `\"30d\"`"),
            },
            (Type::Date, _) => finding.help("write year-month-day, such as `2026-05-01`"),
            (Type::Instant, _) => finding.help("write it with its offset, such as `2026-05-01T09:00:00Z`"),
            (Type::Integer { .. }, _) => finding.help("write a whole number without quotes"),
            (Type::Boolean, _) => finding.help("write `true` or `false` without quotes"),
            (_, literal) => finding.help(format!("write it in quotes: `\"{literal}\"`")),
        };
    });
}

fn expected(operator: Operator, values: &Type<'_>) -> String {
    match (operator, values) {
        (Operator::Exists, _) => "`true` or `false`".to_owned(),
        (Operator::Glob, _) => "a pattern".to_owned(),
        (_, Type::Set(_)) => "a member of the set".to_owned(),
        (_, values) => values.name(),
    }
}

pub(super) fn declaration(context: &mut Context<'_>) {
    let settings = &context.rulebook.settings;
    let mut found: Vec<(String, String, &str)> = Vec::new();
    for (namespace, attributes) in &settings.attribute {
        for (name, attribute) in attributes {
            let whole = format!("{namespace}.{name}");
            let words = matches!(attribute.attribute_type, AttributeType::Choice | AttributeType::Ordered);
            let pointer = format!("/attribute/{namespace}/{name}");
            if crate::model::attribute::find(namespace.name(), name.as_str()).is_some() {
                found.push((
                    pointer,
                    format!("`{whole}` is a built-in attribute"),
                    "give yours another name: two meanings of one name cannot be told apart",
                ));
            } else if *namespace == Namespace::Request && name.as_str() == "form" {
                found.push((
                    pointer,
                    "`request.form` holds the fields of forms".to_owned(),
                    "give the attribute another name",
                ));
            } else if words && attribute.values.is_empty() {
                found.push((
                    pointer,
                    format!("`{whole}` is one of some words, and none is given"),
                    "list the words as `values = [..]`, from least to most when they have an order",
                ));
            } else if !words && !attribute.values.is_empty() {
                found.push((
                    format!("{pointer}/values"),
                    format!("`{whole}` is of type `{}` and lists words", attribute.attribute_type),
                    "write `type = \"choice\"`, or remove the words",
                ));
            } else if let Some(twice) = super::repeated(&attribute.values) {
                found.push((
                    format!("{pointer}/values"),
                    format!("`{whole}` lists `{twice}` twice"),
                    "remove one of them",
                ));
            }
        }
    }
    for (pointer, message, help) in found {
        context.report(super::in_settings(&pointer), message).help(help);
    }
}
