//! What is wrong with a question about time.

use jiff::Timestamp;

use crate::{
    decide::{ticket::HistoryError, undecidable::Undecidable},
    model::Kind,
    time::{DurationError, PauseError},
};

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// Something that must be said is not.
    #[error("`{field}` is missing: {instead}")]
    Missing { field: &'static str, instead: &'static str },
    /// Two things of which only one can hold.
    #[error("`{field}` and `{other}` cannot both be given: {why}")]
    Conflict { field: &'static str, other: &'static str, why: &'static str },
    /// A text that is no instant.
    #[error(
        "`{text}` is not an instant: write date, time and offset from UTC, such as `2026-05-01T09:00:00Z` or `2026-05-01T09:00:00+02:00`"
    )]
    NotAnInstant { field: &'static str, text: String },
    /// An instant with 60 seconds.
    #[error("`{text}` has 60 seconds, and a leap second is no time of day: write seconds from 0 to 59")]
    LeapSecond { field: &'static str, text: String },
    /// An instant that clocks do not reach.
    #[error("`{text}` is out of range: write an instant from 1970-01-01T00:00:00Z to 9999-12-30T22:00:00Z")]
    OutOfRange { field: &'static str, text: String },
    /// A text that is no duration.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// A text that is no pause.
    #[error(
        "`{text}` is not a pause: write two instants with two dots between them, or leave the second out while it lasts, such as `2026-05-01T09:00:00Z..2026-05-01T10:00:00Z`"
    )]
    NotAPause { text: String },
    /// A pause that runs backwards.
    #[error(transparent)]
    Pause(#[from] PauseError),
    /// An end before its start.
    #[error("`{field}` is {end}, before the clock starts at {start}")]
    Backwards { field: &'static str, start: Timestamp, end: Timestamp },
    /// An object that does not exist.
    #[error("there is no {} `{id}`: {}", kind.name(), did_you_mean(near.as_deref(), *kind))]
    Unknown { kind: Kind, id: String, near: Option<String> },
    /// A word that is none of those that are known.
    #[error("there is no {what} `{text}`: {}", one_of(near.as_deref(), known))]
    Word { field: &'static str, what: &'static str, text: String, near: Option<String>, known: Vec<String> },
    /// A service that nobody promised anything about.
    #[error(
        "the service `{service}` has no SLA, and neither has its tier: name an SLA with `sla`, or hours with `calendar`"
    )]
    NoSla { service: String },
    /// A priority at which the SLA promises nothing.
    #[error("the SLA `{sla}` promises nothing at priority `{priority}`: it has {}", list(known))]
    NothingPromised { sla: String, priority: String, known: Vec<String> },
    /// A target that the SLA does not have at the priority.
    #[error("the SLA `{sla}` has no target `{target}` at priority `{priority}`: it has {}", list(known))]
    NoTarget { sla: String, priority: String, target: &'static str, known: Vec<String> },
    /// A history that does not run forwards.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// An event that says nothing.
    #[error("event {number} says nothing: write `state`, `priority`, `sla` or `done`")]
    EmptyEvent { number: usize },
    /// Something wrong with one event.
    #[error("event {number}: {problem}")]
    Event { number: usize, problem: Box<Problem> },
    /// The rulebook does not say enough.
    #[error("{0}: `gitsm validate` says what to write")]
    Undecidable(#[from] Undecidable),
    /// A line that is no question.
    #[error("the line is not a question: {message}")]
    Json { message: String, column: usize },
    /// A line that is some other JSON, or none. A list would be taken for the fields by their order.
    #[error("the line is not a question: write an object, such as `{{\"start\": \"2026-05-01T09:00:00Z\"}}`")]
    NotAnObject,
    /// A line that is not text.
    #[error("the line is not UTF-8 from byte {byte} on")]
    NotUtf8 { byte: usize },
    /// A line without anything.
    #[error("the line is empty: write one question, or take the line out")]
    EmptyLine,
    /// A line that nobody meant.
    #[error("the line is longer than {most} bytes")]
    LongLine { most: u64 },
}

impl Problem {
    /// The part of the question that is wrong, where it is one.
    pub(super) fn field(&self) -> Option<&'static str> {
        match self {
            Self::Missing { field, .. }
            | Self::Conflict { field, .. }
            | Self::NotAnInstant { field, .. }
            | Self::LeapSecond { field, .. }
            | Self::OutOfRange { field, .. }
            | Self::Backwards { field, .. }
            | Self::Word { field, .. } => Some(field),
            Self::Duration(_) => Some("within"),
            Self::NotAPause { .. } | Self::Pause(_) => Some("pause"),
            Self::Unknown { kind, .. } => Some(kind.name()),
            Self::NoSla { .. } => Some("service"),
            Self::NothingPromised { .. } => Some("priority"),
            Self::NoTarget { .. } => Some("target"),
            Self::History(_) | Self::EmptyEvent { .. } | Self::Event { .. } => Some("events"),
            Self::Undecidable(_)
            | Self::Json { .. }
            | Self::NotAnObject
            | Self::NotUtf8 { .. }
            | Self::EmptyLine
            | Self::LongLine { .. } => None,
        }
    }

    /// Where in the line it is wrong, where that is known.
    pub(super) fn column(&self) -> Option<usize> {
        match self {
            Self::Json { column, .. } => Some(*column),
            _ => None,
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        // The number of the line within the text says nothing to somebody who looks at a file of lines.
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
        Self::Json { message: message.to_owned(), column: error.column() }
    }
}

fn did_you_mean(near: Option<&str>, kind: Kind) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`gitsm show {}` lists what there is", kind.name()),
    }
}

fn one_of(near: Option<&str>, known: &[String]) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", list(known)),
    }
}

/// Words in a sentence.
fn list(words: &[String]) -> String {
    match words.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => format!("`{last}`"),
        Some((last, others)) => {
            let others: Vec<String> = others.iter().map(|word| format!("`{word}`")).collect();
            format!("{} and `{last}`", others.join(", "))
        }
    }
}
