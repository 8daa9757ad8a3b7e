//! What happened to a request, from JSON Lines or a JSON array.

use std::{
    fmt,
    io::{self, BufRead, Read},
    marker::PhantomData,
};

use serde::de::{DeserializeOwned, Deserializer as _, SeqAccess, Visitor};

use crate::model::approval::Event;

/// The most bytes of one line.
pub const MOST_LINE_BYTES: u64 = 64 << 10;
/// The most events of one request.
pub const MOST_EVENTS: usize = 5_000_000;
/// The most lines that are named before the rest is only counted.
pub const MOST_PROBLEMS: usize = 20;

/// The events of a request, each with its line; in an array, with its place.
#[derive(Debug)]
pub struct Events<T = Event> {
    /// The events, in the order of the file.
    pub events: Vec<T>,
    /// The line of each, counted from one. In an array, its place, counted from one; of a review, its number.
    pub lines: Vec<u64>,
    /// What that is counted in.
    pub unit: Unit,
}

/// How one of several events is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// By its line.
    Line,
    /// By its place among all of them.
    Event,
    /// By the number of the review that it is.
    Review,
}

impl Unit {
    /// The word that stands before the number.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Event => "event",
            Self::Review => "review",
        }
    }
}

impl<T> Default for Events<T> {
    fn default() -> Self {
        Self { events: Vec::new(), lines: Vec::new(), unit: Unit::Line }
    }
}

/// Why events cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The file cannot be read to its end.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It begins with bytes that cannot be seen, which programs read differently.
    #[error("the file starts with a byte order mark: save the file as UTF-8 without a byte order mark")]
    ByteOrderMark,
    /// Lines that are not events.
    #[error("{}", lines(.problems, *.more))]
    Lines {
        /// The first of them.
        problems: Vec<LineProblem>,
        /// How many more there are.
        more: u64,
    },
    /// The array is not one of events.
    #[error("event {place}: {message}")]
    Array {
        /// The place of the event in the array, counted from one.
        place: usize,
        /// What is wrong.
        message: String,
    },
    /// Nobody votes so often on one request.
    #[error("there are more than {MOST_EVENTS} events: one request has not so many")]
    TooMany,
}

/// A line that is not an event.
#[derive(Debug)]
pub struct LineProblem {
    /// The line, counted from one.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

fn lines(problems: &[LineProblem], more: u64) -> String {
    let mut text: Vec<String> =
        problems.iter().map(|problem| format!("line {}: {}", problem.line, problem.message)).collect();
    if more > 0 {
        text.push(format!("and {more} more"));
    }
    text.join("\n")
}

/// Reads events. Empty lines are skipped; nothing else is.
///
/// # Errors
/// Every line that is not an event, or the first thing in an array that is none.
pub fn read<T: DeserializeOwned>(mut input: impl BufRead) -> Result<Events<T>, EventsError> {
    let start = input.fill_buf()?;
    if start.starts_with("\u{feff}".as_bytes()) {
        return Err(EventsError::ByteOrderMark);
    }
    let mut events = Events::default();
    let mut problems = Vec::new();
    let mut more = 0;
    let mut number = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = Read::take(&mut input, MOST_LINE_BYTES + 1).read_until(b'\n', &mut line)? as u64;
        if length == 0 {
            break;
        }
        number += 1;
        let text = line.trim_ascii();
        if text.first() == Some(&b'[') && events.events.is_empty() && problems.is_empty() && more == 0 {
            return array(io::Cursor::new(&line).chain(input));
        }
        let too_long = length > MOST_LINE_BYTES;
        if too_long {
            input.skip_until(b'\n')?;
        } else if text.is_empty() {
            continue;
        }
        let read = if too_long {
            Err(format!("the line has more than {MOST_LINE_BYTES} bytes"))
        } else {
            serde_json::from_slice::<T>(text).map_err(|error| message(&error))
        };
        match read {
            Ok(_) if events.events.len() >= MOST_EVENTS => return Err(EventsError::TooMany),
            Ok(event) => {
                events.events.push(event);
                events.lines.push(number);
            }
            Err(message) if problems.len() < MOST_PROBLEMS => {
                problems.push(LineProblem { line: number, message });
            }
            Err(_) => more += 1,
        }
    }
    if problems.is_empty() { Ok(events) } else { Err(EventsError::Lines { problems, more }) }
}

/// What is wrong with a line, without its number in the line, which is always one.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(message) if error.column() > 0 => format!("column {}: {message}", error.column()),
        Some(message) => message.to_owned(),
        None => text,
    }
}

fn array<T: DeserializeOwned>(input: impl Read) -> Result<Events<T>, EventsError> {
    let mut place = 0;
    let mut reader = serde_json::Deserializer::from_reader(io::BufReader::new(input));
    let read = reader
        .deserialize_seq(Places(&mut place, PhantomData))
        .and_then(|events| reader.end().map(|()| events));
    match read {
        Ok(events) if events.len() > MOST_EVENTS => Err(EventsError::TooMany),
        Ok(events) => {
            let lines = (1..=events.len() as u64).collect();
            Ok(Events { events, lines, unit: Unit::Event })
        }
        Err(error) if error.is_io() => Err(EventsError::Read(error.into())),
        Err(error) => Err(EventsError::Array { place, message: error.to_string() }),
    }
}

/// Reads an array and keeps count, so that an error can say which event it is about.
struct Places<'p, T>(&'p mut usize, PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Places<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut events = Vec::new();
        *self.0 = 1;
        while let Some(event) = list.next_element::<T>()? {
            if events.len() <= MOST_EVENTS {
                events.push(event);
            }
            *self.0 += 1;
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOTE: &str = r#"{"event":"vote","at":"2026-03-02T10:00:00Z","by":"ana","decision":"approve"}"#;

    #[test]
    fn lines_and_arrays_say_the_same() {
        let lines = read::<Event>(format!("{VOTE}\n\n  {VOTE}\r\n").as_bytes()).unwrap();
        assert_eq!((lines.events.len(), &lines.lines[..], lines.unit), (2, &[1, 3][..], Unit::Line));
        let array = read::<Event>(format!("\n [{VOTE},\n{VOTE}]\n").as_bytes()).unwrap();
        assert_eq!((array.events, &array.lines[..], array.unit), (lines.events, &[1, 2][..], Unit::Event));
        for nothing in ["", "\n\n", "[]"] {
            assert_eq!(read::<Event>(nothing.as_bytes()).unwrap().events, [], "{nothing:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_a_leap_second_are_refused() {
        let said = |text: &str| read::<Event>(text.as_bytes()).unwrap_err().to_string();
        assert!(said(&format!("\u{feff}{VOTE}\n")).starts_with("the file starts with a byte order mark"));
        for second in ["23:59:60", "10:00:60.5"] {
            let said = said(&VOTE.replace("10:00:00", second));
            assert!(said.contains("a leap second is no time of day"), "{said}");
        }
    }

    #[test]
    fn what_is_no_event_is_said_with_its_place() {
        let long = format!("{{\"note\":\"{}\"}}", "x".repeat(70_000));
        let text = format!("{VOTE}\nvote\n{long}\n{}\n", VOTE.replace("approve", "maybe"));
        let said = read::<Event>(text.as_bytes()).unwrap_err().to_string();
        let starts: Vec<&str> = said.lines().filter_map(|line| line.get(..7)).collect();
        assert_eq!(starts, ["line 2:", "line 3:", "line 4:"], "{said}");
        let many = "nonsense\n".repeat(30);
        assert!(read::<Event>(many.as_bytes()).unwrap_err().to_string().ends_with("\nand 10 more"));
        for (array, place) in
            [(format!("[{VOTE}, 7]"), 2), (format!("[{VOTE}"), 2), (format!("[{VOTE}] x"), 2)]
        {
            match read::<Event>(array.as_bytes()).unwrap_err() {
                EventsError::Array { place: got, .. } => assert_eq!(got, place, "{array}"),
                other => panic!("{array}: {other}"),
            }
        }
    }

    #[test]
    fn nothing_unknown_is_passed_over() {
        for (field, with) in [("\"by\"", "\"from\""), ("\"ana\"", "\"Ana Silva\""), ("vote", "ballot")] {
            assert!(read::<Event>(VOTE.replace(field, with).as_bytes()).is_err(), "{with}");
        }
        let more = VOTE.replace('}', ",\"weight\":2}");
        assert!(read::<Event>(more.as_bytes()).unwrap_err().to_string().contains("unknown field `weight`"));
    }
}
