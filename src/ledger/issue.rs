//! Requests from issue forms: the body of an issue, read strictly against the form of a request type.
//!
//! The body is Markdown in which each question is a heading of the third level and the answer stands below it. It comes
//! from outside, so that whatever is not exactly the form is refused: a heading that is missing, unknown or there twice,
//! and text before the first.

use std::collections::BTreeMap;

use crate::model::{
    Entry, Id,
    condition::Literal,
    request_type::{Field, FieldType, RequestType},
};

/// What is wrong with the body of an issue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueProblem {
    /// Text that belongs to no question.
    #[error("line {line}: `{text}` stands before the first question: begin with `### {first}`")]
    Before {
        /// The line, from 1.
        line: usize,
        /// What stands there.
        text: String,
        /// The first question of the form.
        first: String,
    },
    /// A question that the form does not ask.
    #[error("line {line}: the form of `{request_type}` does not ask `{label}`{}", near.as_ref().map(|near| format!(": write `### {near}`")).unwrap_or_default())]
    Unknown {
        /// The line, from 1.
        line: usize,
        /// The request type.
        request_type: String,
        /// The question.
        label: String,
        /// The question that may be meant.
        near: Option<String>,
    },
    /// A question that is asked twice.
    #[error("line {line}: `### {label}` stands there twice, first in line {first}: keep one of the two")]
    Twice {
        /// The line, from 1.
        line: usize,
        /// The question.
        label: String,
        /// Where it stands first.
        first: usize,
    },
    /// A question that is not there.
    #[error("`### {label}` is missing: write it, with the answer below it, or `{NO_ANSWER}`")]
    Missing {
        /// The question.
        label: String,
    },
    /// A question that has to be answered.
    #[error("line {line}: `### {label}` has to be answered")]
    Unanswered {
        /// The line, from 1.
        line: usize,
        /// The question.
        label: String,
    },
    /// An answer that the field does not take.
    #[error("line {line}: `{answer}` is no answer to `### {label}`: write {expected}")]
    Wrong {
        /// The line, from 1.
        line: usize,
        /// The question.
        label: String,
        /// The answer.
        answer: String,
        /// What to write.
        expected: &'static str,
    },
    /// A form that asks the same twice cannot be read from headings.
    #[error("the request type `{request_type}` asks `{label}` twice: give its fields labels that differ")]
    Ambiguous {
        /// The request type.
        request_type: String,
        /// The question.
        label: String,
    },
    /// A form that names somebody whom the access would not be for.
    #[error(
        "`### {label}` names `{person}`, and the access would be for `{beneficiary}`: ask with `--for {person}`"
    )]
    SomebodyElse {
        /// The question.
        label: String,
        /// Who is named.
        person: String,
        /// Who would get the access.
        beneficiary: String,
    },
    /// A character that no answer has.
    #[error("line {line}: a control character is in the text: take it out")]
    Control {
        /// The line, from 1.
        line: usize,
    },
}

/// What stands below a question that was left out.
pub const NO_ANSWER: &str = "_No response_";

/// A question with what stands below it.
struct Section {
    line: usize,
    label: String,
    text: String,
}

/// The answers to the questions of a form.
///
/// # Errors
/// Everything that is wrong with the text.
pub fn answers(
    request_type: &Entry<RequestType>,
    body: &str,
    near: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<Id, Literal>, Vec<IssueProblem>> {
    let mut problems = Vec::new();
    let mut labels: BTreeMap<&str, (&Id, &Field)> = BTreeMap::new();
    for (id, field) in &request_type.value.field {
        if labels.insert(field.label.trim(), (id, field)).is_some() {
            let label = field.label.clone();
            problems.push(IssueProblem::Ambiguous { request_type: request_type.id.to_string(), label });
        }
    }
    let sections = sections(request_type, body, &mut problems);
    let mut found: BTreeMap<Id, Literal> = BTreeMap::new();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for section in &sections {
        let Some((id, field)) = labels.get(section.label.as_str()) else {
            problems.push(IssueProblem::Unknown {
                line: section.line,
                request_type: request_type.id.to_string(),
                label: section.label.clone(),
                near: near(&section.label),
            });
            continue;
        };
        if let Some(first) = first.insert(&section.label, section.line) {
            problems.push(IssueProblem::Twice { line: section.line, label: section.label.clone(), first });
            continue;
        }
        match answer(field, section) {
            Ok(Some(answer)) => {
                found.insert((*id).clone(), answer);
            }
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    let missing = request_type.value.field.values().filter(|field| !first.contains_key(field.label.trim()));
    problems.extend(missing.map(|field| IssueProblem::Missing { label: field.label.clone() }));
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// The people whom a form names and whom the access would not be for. Nobody gets what was asked for somebody else.
#[must_use]
pub fn somebody_else(
    request_type: &RequestType,
    form: &BTreeMap<Id, Literal>,
    beneficiary: &str,
) -> Vec<IssueProblem> {
    let people = request_type.field.iter().filter(|(_, field)| field.field_type == FieldType::Person);
    people
        .filter_map(|(id, field)| Some((field, form.get(id)?.to_string())))
        .filter(|(_, person)| person != beneficiary)
        .map(|(field, person)| IssueProblem::SomebodyElse {
            label: field.label.clone(),
            person,
            beneficiary: beneficiary.to_owned(),
        })
        .collect()
}

fn sections(request_type: &Entry<RequestType>, body: &str, problems: &mut Vec<IssueProblem>) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (index, line) in body.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.chars().any(|one| one.is_control() && one != '\t') {
            problems.push(IssueProblem::Control { line: index + 1 });
            continue;
        }
        if let Some(label) = line.strip_prefix("### ") {
            sections.push(Section { line: index + 1, label: label.trim().to_owned(), text: String::new() });
        } else if let Some(section) = sections.last_mut() {
            section.text.push_str(line);
            section.text.push('\n');
        } else if !line.trim().is_empty() {
            let first = request_type.value.field.values().next();
            problems.push(IssueProblem::Before {
                line: index + 1,
                text: line.trim().chars().take(60).collect(),
                first: first.map(|field| field.label.clone()).unwrap_or_default(),
            });
        }
    }
    sections
}

fn answer(field: &Field, section: &Section) -> Result<Option<Literal>, IssueProblem> {
    let text = section.text.trim();
    if text.is_empty() || text == NO_ANSWER {
        return if field.required {
            Err(IssueProblem::Unanswered { line: section.line, label: section.label.clone() })
        } else {
            Ok(None)
        };
    }
    let wrong = |expected| IssueProblem::Wrong {
        line: section.line,
        label: section.label.clone(),
        answer: text.chars().take(60).collect(),
        expected,
    };
    let several = text.contains('\n');
    let literal = match field.field_type {
        FieldType::Number => Literal::Integer(text.parse().map_err(|_| wrong("a whole number"))?),
        FieldType::Boolean => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" => Literal::Boolean(true),
            "no" | "false" => Literal::Boolean(false),
            _ => return Err(wrong("`Yes` or `No`")),
        },
        FieldType::LongText | FieldType::Attachment | FieldType::Choices => Literal::Text(text.into()),
        _ if several => return Err(wrong("one line")),
        _ => Literal::Text(text.into()),
    };
    Ok(Some(literal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::rulebook;

    const FORM: &str = r#"
[request-type.mailbox]
name = "Mailbox"
event = "provision"
field.reason = { label = "Why do you need it?", type = "long-text", required = true, attribute = "request.justification" }
field.users = { label = "How many?", type = "number" }
field.soon = { label = "Soon?", type = "boolean" }
"#;

    fn read(body: &str) -> Result<BTreeMap<Id, Literal>, Vec<String>> {
        let book = rulebook(FORM);
        let form = book.request_types.get("mailbox").unwrap();
        answers(form, body, |_| None).map_err(|all| all.iter().map(ToString::to_string).collect())
    }

    const GOOD: &str = "### Why do you need it?\n\nFor invoices.\nDaily.\n\n### How many?\n\n3\n\n### Soon?\n\n_No response_\n";

    #[test]
    fn a_form_that_is_filled_in_gives_its_answers_whatever_ends_its_lines() {
        for body in [GOOD.to_owned(), GOOD.replace('\n', "\r\n"), format!("\n\n{GOOD}")] {
            let answers = read(&body).unwrap();
            let words: Vec<String> = answers.iter().map(|(id, answer)| format!("{id}={answer}")).collect();
            assert_eq!(words, ["reason=For invoices.\nDaily.", "users=3"], "{body:?}");
        }
    }

    #[test]
    fn everything_else_is_refused_and_says_what_to_write() {
        for (change, with, expected) in [
            ("### Why do you need it?\n", "", "stands before the first question"),
            ("### How many?\n", "### How much?\n", "does not ask `How much?`"),
            ("### How many?\n\n3\n", "", "`### How many?` is missing"),
            ("### Soon?", "### How many?\n\n4\n### Soon?", "stands there twice, first in line 6"),
            ("For invoices.\nDaily.", "_No response_", "has to be answered"),
            ("\n3\n", "\nthree\n", "write a whole number"),
            ("_No response_", "perhaps", "write `Yes` or `No`"),
            ("Daily.", "Daily.\u{1b}[2J", "control character"),
            ("Daily.", "Daily.\n### Approved", "does not ask `Approved`"),
            ("### How many?", "## How many?", "`### How many?` is missing"),
        ] {
            assert!(GOOD.contains(change), "{change}");
            let found = read(&GOOD.replacen(change, with, 1)).unwrap_err();
            assert!(found.iter().any(|one| one.contains(expected)), "{expected}: {found:?}");
        }
    }
}
