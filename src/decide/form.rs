//! Forms: whether the answers are what the fields ask for, and which attributes they become.

use std::{collections::BTreeMap, str::FromStr};

use super::{asked::Problem, engine::Engine};
use crate::model::{
    Duration, EntitlementRef, Entry, Kind, LocalDate, Money,
    condition::Literal,
    request::Request,
    request_type::{Field, FieldType, RequestType},
    service::Environment,
};

/// What is wrong with the answers in a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormProblem {
    /// An answer without a form.
    #[error("`form.{field}`: the request names no `type`, so there is no form")]
    NoForm {
        /// The field.
        field: String,
    },
    /// An answer to a question that was not asked.
    #[error("`form.{field}`: the form of `{request_type}` has no such field")]
    NoSuchField {
        /// The field.
        field: String,
        /// The request type.
        request_type: String,
    },
    /// No answer to a question that must be answered.
    #[error("`form.{field}` is not answered: {label}")]
    Missing {
        /// The field.
        field: String,
        /// The question.
        label: String,
    },
    /// An answer that is not what the field takes.
    #[error("`form.{field}` is `{answer}`, and {expected} is expected")]
    Wrong {
        /// The field.
        field: String,
        /// The answer.
        answer: String,
        /// What is expected.
        expected: String,
    },
    /// An answer that contradicts a field of the request.
    #[error("`form.{field}` is `{answer}`, and `{attribute}` says something else")]
    Contradiction {
        /// The field.
        field: String,
        /// The answer.
        answer: String,
        /// The field of the request.
        attribute: String,
    },
}

/// The answers that are attributes of a request, by their name below `request.`.
pub type Answers = BTreeMap<String, Literal>;

/// Checks the answers and puts those that are fields of the request into it.
pub(super) fn fill_in(
    engine: &Engine<'_>,
    request_type: &Entry<RequestType>,
    request: &mut Request,
    problems: &mut Vec<Problem>,
) -> Answers {
    let mut answers = Answers::new();
    for field in request.form.keys().filter(|field| !request_type.field.contains_key(field.as_str())) {
        problems.push(Problem::Form(FormProblem::NoSuchField {
            field: field.to_string(),
            request_type: request_type.id.to_string(),
        }));
    }
    for (id, field) in &request_type.value.field {
        let said = in_request(field, request);
        if let Some(said) = &said
            && let Some(expected) = objection(engine, field, said)
        {
            // What the form would not take cannot come in beside it.
            problems.push(Problem::Form(FormProblem::Wrong {
                field: id.to_string(),
                answer: said.to_string(),
                expected,
            }));
        }
        let Some(answer) = request.form.get(id.as_str()).cloned() else {
            if field.required && said.is_none() {
                problems.push(Problem::Form(FormProblem::Missing {
                    field: id.to_string(),
                    label: field.label.clone(),
                }));
            }
            continue;
        };
        let wrong = |expected: String| FormProblem::Wrong {
            field: id.to_string(),
            answer: answer.to_string(),
            expected,
        };
        let blank = matches!(&answer, Literal::Text(text) if super::asked::is_blank(text));
        if blank && field.required {
            problems.push(Problem::Form(FormProblem::Missing {
                field: id.to_string(),
                label: field.label.clone(),
            }));
            continue;
        }
        if let Some(expected) = objection(engine, field, &answer) {
            problems.push(Problem::Form(wrong(expected)));
            continue;
        }
        if field.field_type == FieldType::Entitlement
            && let Some(reference) = EntitlementRef::parse(&answer.to_string())
            && !request.entitlements.contains(&reference)
        {
            // Whoever answers with an access asks for it.
            request.entitlements.push(reference);
        }
        match field.attribute.as_deref().and_then(|attribute| attribute.strip_prefix("request.")) {
            None => {
                answers.insert(format!("form.{id}"), answer);
            }
            Some(name) => match put(request, name, &answer) {
                Put::Done => {}
                Put::NotAField => {
                    answers.insert(name.to_owned(), answer);
                }
                Put::Contradicts => problems.push(Problem::Form(FormProblem::Contradiction {
                    field: id.to_string(),
                    answer: answer.to_string(),
                    attribute: name.to_owned(),
                })),
                Put::Wrong(expected) => problems.push(Problem::Form(wrong(expected.to_owned()))),
            },
        }
    }
    answers
}

/// The answer to a question that the request itself gives. White space is none.
fn in_request(field: &Field, request: &Request) -> Option<Literal> {
    let text = |text: &Option<String>| {
        text.as_deref().filter(|text| !super::asked::is_blank(text)).map(|text| Literal::Text(text.into()))
    };
    match field.attribute.as_deref() {
        Some("request.duration") => {
            request.duration.map(|duration| Literal::Text(duration.to_string().into()))
        }
        Some("request.environment") => {
            request.environment.map(|environment| Literal::Text(environment.name().into()))
        }
        Some("request.justification") => text(&request.justification),
        Some("request.ticket") => text(&request.ticket),
        Some("request.project") => text(&request.project),
        // Not being marked is no answer yet: the form may still say so.
        Some("request.emergency") => request.emergency.then_some(Literal::Boolean(true)),
        _ => None,
    }
}

enum Put {
    Done,
    NotAField,
    Contradicts,
    Wrong(&'static str),
}

/// Puts an answer into the field of the request that it is the attribute of.
fn put(request: &mut Request, name: &str, answer: &Literal) -> Put {
    fn into<T: PartialEq>(slot: &mut Option<T>, value: T) -> Put {
        match slot {
            Some(there) if *there != value => Put::Contradicts,
            _ => {
                *slot = Some(value);
                Put::Done
            }
        }
    }
    let text = answer.to_string();
    match name {
        "duration" => match Duration::from_str(&text) {
            Ok(duration) => into(&mut request.duration, duration),
            Err(_) => Put::Wrong("a duration such as `30d`"),
        },
        "environment" => match Environment::ALL.iter().find(|known| known.name() == text) {
            Some(environment) => into(&mut request.environment, *environment),
            None => Put::Wrong("an environment"),
        },
        "justification" => into(&mut request.justification, text),
        "ticket" => into(&mut request.ticket, text),
        "project" => into(&mut request.project, text),
        "emergency" => match answer {
            Literal::Boolean(true) => {
                request.emergency = true;
                Put::Done
            }
            Literal::Boolean(false) if request.emergency => Put::Contradicts,
            Literal::Boolean(false) => Put::Done,
            _ => Put::Wrong("true or false"),
        },
        _ => Put::NotAField,
    }
}

/// What a field expects when an answer is something else.
fn objection(engine: &Engine<'_>, field: &Field, answer: &Literal) -> Option<String> {
    let rulebook = engine.rulebook();
    let text = match answer {
        Literal::Text(text) | Literal::Date(text) => Some(&**text),
        Literal::Integer(_) | Literal::Boolean(_) => None,
    };
    let parses = |fine: bool, expected: &str| (!fine).then(|| expected.to_owned());
    let object = |kind: Kind, exists: bool| (!exists).then(|| format!("the id of {}", kind.with_article()));
    match field.field_type {
        FieldType::Text | FieldType::LongText => parses(text.is_some(), "text"),
        FieldType::Attachment => parses(text.is_some(), "the name of a file"),
        FieldType::Number => parses(matches!(answer, Literal::Integer(_)), "a whole number"),
        FieldType::Boolean => parses(matches!(answer, Literal::Boolean(_)), "true or false"),
        FieldType::Date => {
            parses(text.is_some_and(|text| LocalDate::from_str(text).is_ok()), "a date such as 2026-05-01")
        }
        FieldType::Duration => {
            parses(text.is_some_and(|text| Duration::from_str(text).is_ok()), "a duration such as `30d`")
        }
        FieldType::Money => {
            parses(text.is_some_and(|text| Money::from_str(text).is_ok()), "an amount such as `1200 EUR`")
        }
        FieldType::Choice => {
            let known = text.is_some_and(|text| field.options.iter().any(|option| option == text));
            (!known).then(|| format!("one of `{}`", field.options.join("`, `")))
        }
        FieldType::Choices => {
            let known = |part: &str| field.options.iter().any(|option| option == part.trim());
            let fine = text.is_some_and(|text| text.split(',').all(known));
            (!fine).then(|| format!("some of `{}`, with commas between them", field.options.join("`, `")))
        }
        FieldType::Person => object(Kind::Person, text.is_some_and(|id| rulebook.people.get(id).is_some())),
        FieldType::Team => object(Kind::Team, text.is_some_and(|id| rulebook.teams.get(id).is_some())),
        FieldType::Service => {
            object(Kind::Service, text.is_some_and(|id| rulebook.services.get(id).is_some()))
        }
        FieldType::Entitlement => {
            let exists = text
                .and_then(EntitlementRef::parse)
                .is_some_and(|reference| super::policy::offer(rulebook, &reference).is_some());
            (!exists).then(|| "an entitlement, written `service/entitlement`".to_owned())
        }
    }
}
