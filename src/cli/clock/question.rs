//! Questions about time, as flags and as lines of JSON: one type for both, and one way to read what they hold.

use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::problem::Problem;
use crate::{model::quantity::is_leap_second, time::Pauses};

/// A question, of any of the sub-commands.
pub(super) trait Question: DeserializeOwned + Default + PartialEq {
    /// What came with the question and comes back with the answer.
    fn id(&self) -> Option<&Value>;
}

/// When is it due?
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Due {
    #[arg(skip)]
    id: Option<Value>,
    /// Count in the hours of this calendar; `--within` says how much.
    #[arg(long, value_name = "ID", conflicts_with_all = ["sla", "service"])]
    pub(super) calendar: Option<String>,
    /// Count what this SLA promises at a priority.
    #[arg(long, value_name = "ID", requires = "priority", conflicts_with = "service")]
    pub(super) sla: Option<String>,
    /// Count what the SLA of this service promises at a priority: its own, or that of its tier.
    #[arg(long, value_name = "ID", requires = "priority")]
    pub(super) service: Option<String>,
    /// The priority of the ticket.
    #[arg(long, value_name = "PRIORITY")]
    pub(super) priority: Option<String>,
    /// One target of the SLA: `respond`, `update`, `workaround` or `resolve` [default: all that it has].
    #[arg(long, value_name = "TARGET", conflicts_with = "calendar")]
    pub(super) target: Option<String>,
    /// How much business time may pass, such as `30m`, `4h` or `2bd`.
    #[arg(long, value_name = "DURATION", requires = "calendar", allow_hyphen_values = true)]
    pub(super) within: Option<String>,
    /// The instant at which the clock starts.
    #[arg(long, value_name = "INSTANT", required_unless_present = "batch")]
    pub(super) start: Option<String>,
    /// A stretch in which the clock stands still; without the second instant, it still does. May be repeated.
    #[arg(long, value_name = "FROM..TO")]
    pub(super) pause: Vec<String>,
}

/// How much business time has passed?
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Elapsed {
    #[arg(skip)]
    id: Option<Value>,
    /// Count in the hours of this calendar.
    #[arg(long, value_name = "ID", required_unless_present = "batch")]
    pub(super) calendar: Option<String>,
    /// The instant from which time counts.
    #[arg(long, value_name = "INSTANT", required_unless_present = "batch")]
    pub(super) start: Option<String>,
    /// The instant up to which it counts.
    #[arg(long, value_name = "INSTANT", required_unless_present = "batch")]
    pub(super) end: Option<String>,
    /// A stretch that does not count; without the second instant, all that follows. May be repeated.
    #[arg(long, value_name = "FROM..TO")]
    pub(super) pause: Vec<String>,
}

/// Where do the clocks of a ticket stand?
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Status {
    #[arg(skip)]
    id: Option<Value>,
    /// The SLA that holds for the ticket.
    #[arg(long, value_name = "ID", conflicts_with = "service")]
    pub(super) sla: Option<String>,
    /// The service that the ticket is about: its SLA holds, or that of its tier.
    #[arg(long, value_name = "ID")]
    pub(super) service: Option<String>,
    /// The priority of the ticket; with a history, that at its opening.
    #[arg(long, value_name = "PRIORITY")]
    pub(super) priority: Option<String>,
    /// One target of the SLA: `respond`, `update`, `workaround` or `resolve` [default: all that it has].
    #[arg(long, value_name = "TARGET")]
    pub(super) target: Option<String>,
    /// The instant at which the clocks start; with a history, that at which the ticket was opened [default
    /// there: its first event].
    #[arg(long, value_name = "INSTANT")]
    pub(super) start: Option<String>,
    /// The instant at which the work was finished.
    #[arg(long, value_name = "INSTANT", conflicts_with_all = ["now", "history"])]
    pub(super) stop: Option<String>,
    /// A stretch in which the clocks stand still; without the second instant, they still do. May be repeated.
    #[arg(long, value_name = "FROM..TO", conflicts_with = "history")]
    pub(super) pause: Vec<String>,
    #[arg(skip)]
    pub(super) now: Option<String>,
    #[arg(skip)]
    pub(super) events: Option<Vec<Event>>,
}

/// Something that happened to a ticket.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Event {
    pub(super) at: String,
    #[serde(default)]
    pub(super) state: Option<String>,
    #[serde(default)]
    pub(super) priority: Option<String>,
    #[serde(default)]
    pub(super) sla: Option<String>,
    #[serde(default)]
    pub(super) done: Option<String>,
}

macro_rules! question {
    ($($type:ty),+) => {
        $(impl Question for $type {
            fn id(&self) -> Option<&Value> {
                self.id.as_ref()
            }
        })+
    };
}
question!(Due, Elapsed, Status);

/// What a required field says.
pub(super) fn required<'q>(
    value: Option<&'q String>,
    field: &'static str,
    instead: &'static str,
) -> Result<&'q str, Problem> {
    value.map(String::as_str).ok_or(Problem::Missing { field, instead })
}

/// The instant that a required field says.
pub(super) fn required_instant(value: Option<&String>, field: &'static str) -> Result<Timestamp, Problem> {
    let text = required(value, field, "write an instant, such as `2026-05-01T09:00:00Z`")?;
    instant(text, field)
}

/// Reads an instant.
pub(super) fn instant(text: &str, field: &'static str) -> Result<Timestamp, Problem> {
    let out_of_range = || Problem::OutOfRange { field, text: text.to_owned() };
    if is_leap_second(text) {
        return Err(Problem::LeapSecond { field, text: text.to_owned() });
    }
    let instant: Timestamp = text.parse().map_err(|_| {
        if beyond_dates(text) {
            out_of_range()
        } else {
            Problem::NotAnInstant { field, text: text.to_owned() }
        }
    })?;
    if instant < Timestamp::UNIX_EPOCH { Err(out_of_range()) } else { Ok(instant) }
}

/// Reads what counts as now, which may be a day.
pub(super) fn now(text: &str) -> Result<Timestamp, Problem> {
    let day = text.parse::<Date>().ok().filter(|_| text.len() == "2026-01-01".len());
    match day.and_then(|day| day.to_zoned(TimeZone::UTC).ok()) {
        Some(day) => Ok(day.timestamp()),
        None => instant(text, "now"),
    }
}

/// Whether a text looks like an instant whose year nobody can count in.
fn beyond_dates(text: &str) -> bool {
    let year = text.trim_start_matches(['+', '-']);
    let digits = year.bytes().take_while(u8::is_ascii_digit).count();
    let rest = year.get(digits..).unwrap_or_default();
    rest.starts_with('-') && rest.contains(['T', 't', ' ']) && (digits > 4 || text.starts_with("9999-12-3"))
}

/// A stretch in which a clock stands still; without an end while it lasts.
pub(super) type Pause = (Timestamp, Option<Timestamp>);

/// Reads pauses: as they were given, and as their union.
pub(super) fn pauses(texts: &[String]) -> Result<(Vec<Pause>, Pauses), Problem> {
    let read: Vec<Pause> = texts.iter().map(|text| pause(text)).collect::<Result<_, _>>()?;
    let union = Pauses::new(read.iter().copied())?;
    Ok((read, union))
}

fn pause(text: &str) -> Result<Pause, Problem> {
    let (from, to) = text.split_once("..").ok_or_else(|| Problem::NotAPause { text: text.to_owned() })?;
    let from = instant(from, "pause")?;
    let to = if to.is_empty() { None } else { Some(instant(to, "pause")?) };
    Ok((from, to))
}
