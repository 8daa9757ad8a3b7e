//! Answers about time, as data.

use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    report::revision::At,
    time::{self, NeverDue},
};

/// The version of the JSON that is printed.
pub(super) const FORMAT_VERSION: u32 = 1;

/// What `gitsm clock … --format json` prints, and each line that `--batch` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) struct Report<A> {
    /// The version of this format.
    pub(super) format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rulebook: Option<At>,
    /// The number of the line with the question, from 1, in a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    /// What the question had as its `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Value>,
    #[serde(flatten)]
    pub(super) outcome: Outcome<A>,
}

/// What came of a question.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome<A> {
    /// The answer.
    Answer(A),
    /// Why there is none.
    Error(Failure),
}

/// Why a question has no answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Failure {
    /// The field that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<&'static str>,
    /// What is wrong, and what to write instead.
    pub(super) message: String,
    /// The byte of the line, from 1, at which it is wrong, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<usize>,
}

/// An instant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) struct Moment {
    /// In UTC.
    pub(super) instant: String,
    /// In the zone of the calendar, with its offset.
    pub(super) local: String,
    /// The weekday there: `mon` to `sun`.
    pub(super) weekday: String,
    /// For people.
    #[serde(skip)]
    pub(super) shown: String,
}

impl Moment {
    /// An instant in a zone.
    pub(super) fn new(instant: Timestamp, zone: &TimeZone) -> Self {
        let local = instant.to_zoned(zone.clone());
        let seconds = if local.second() == 0 { "" } else { ":%S" };
        Self {
            instant: instant.to_string(),
            local: local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            weekday: local.strftime("%a").to_string().to_lowercase(),
            shown: local.strftime(&format!("%a %Y-%m-%d %H:%M{seconds} %Z")).to_string(),
        }
    }
}

/// A line of the rulebook.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(in crate::cli) struct Place {
    /// The path below the repository.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// The hours in which time counted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct CalendarUsed {
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: String,
    /// The zone in which the hours are meant.
    pub(super) time_zone: String,
    /// How long a business day is.
    pub(super) business_day_seconds: i64,
    /// Where it is written.
    pub(super) place: Place,
}

/// The agreement that a question was about.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Agreement {
    /// The id.
    pub(super) sla: String,
    /// The name.
    pub(super) name: String,
    /// What named it, such as `service/mail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) through: Option<String>,
    /// The priority.
    pub(super) priority: String,
    /// Where its targets at that priority are written.
    pub(super) place: Place,
}

/// A stretch in which a clock stands still.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct PauseShown {
    /// Its first instant.
    pub(super) from: Moment,
    /// The first instant after it; without one, it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Moment>,
}

/// When something is used up.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DueShown {
    /// At this instant.
    At(Moment),
    /// Nobody can say when.
    Never(Never),
}

/// Why nothing is due.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Never {
    /// The clock stands still, and nobody knows until when.
    Paused,
    /// The calendar does not have so much business time within 200 years.
    NoBusinessTime,
}

impl DueShown {
    pub(super) fn new(due: time::Due, zone: &TimeZone) -> Self {
        match due {
            time::Due::At(instant) => Self::At(Moment::new(instant, zone)),
            time::Due::Never(NeverDue::Paused) => Self::Never(Never::Paused),
            time::Due::Never(NeverDue::NoBusinessTime) => Self::Never(Never::NoBusinessTime),
        }
    }

    /// For people.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::At(moment) => &moment.shown,
            Self::Never(Never::Paused) => "not while paused",
            Self::Never(Never::NoBusinessTime) => "never: no business time",
        }
    }
}

/// The answer of `gitsm clock due`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) struct DueAnswer {
    /// What is due when: one entry, or one for each target of the SLA.
    pub(super) due: Vec<DueTarget>,
    /// Where the clock starts.
    pub(super) start: Moment,
    /// Where it stands still, as was said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pauses: Vec<PauseShown>,
    /// The hours in which time counts.
    pub(super) calendar: CalendarUsed,
    /// Who promised it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agreement: Option<Agreement>,
}

/// One thing that is due.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct DueTarget {
    /// Which target of the SLA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<&'static str>,
    /// How much business time may pass, as written.
    pub(super) within: String,
    /// The same in seconds.
    pub(super) business_seconds: i64,
    /// When it is used up.
    pub(super) due: DueShown,
    /// The line that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
}

/// The answer of `gitsm clock elapsed`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) struct ElapsedAnswer {
    /// How much business time passed, without pauses.
    pub(super) business_seconds: i64,
    /// How much time passed on the wall.
    pub(super) wall_seconds: i64,
    /// From when.
    pub(super) start: Moment,
    /// Until when.
    pub(super) end: Moment,
    /// What does not count, as was said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pauses: Vec<PauseShown>,
    /// The hours in which time counts.
    pub(super) calendar: CalendarUsed,
}

/// How a clock fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// Other terms took its place.
    Cancelled,
    /// Finished in time.
    Met,
    /// Running, below the first at-risk share.
    OnTrack,
    /// Running, at or above the first at-risk share, at most the target.
    AtRisk,
    /// More than the target is used up.
    Breached,
}

impl State {
    /// For people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Met => "met",
            Self::OnTrack => "on track",
            Self::AtRisk => "at risk",
            Self::Breached => "breached",
        }
    }
}

/// The answer of `gitsm clock status`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) struct StatusAnswer {
    /// How the clock fares that fares worst; none when there is no clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verdict: Option<State>,
    /// The instant at which the clocks were read.
    pub(super) read_at: Moment,
    /// How many events of the history lie after that instant and were not looked at.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) later_events: usize,
    /// The clocks, in the order in which they were attached.
    pub(super) clocks: Vec<ClockShown>,
    /// What happened to the clocks, step by step, when the question had a history.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) trace: Vec<StepShown>,
    /// The hours in which time counted, by id.
    pub(super) calendars: Vec<CalendarUsed>,
    /// Who promised it at the start.
    pub(super) agreement: Agreement,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One clock.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ClockShown {
    /// Which target of the SLA.
    pub(super) target: &'static str,
    /// How it fares.
    pub(super) state: State,
    /// Whether it stands still.
    pub(super) paused: bool,
    /// When the target is used up.
    pub(super) due: DueShown,
    /// When each at-risk share of the target is used up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) at_risk: Vec<Threshold>,
    /// How much business time is used up.
    pub(super) elapsed_seconds: i64,
    /// How much is left; negative when more is used up than was promised.
    pub(super) remaining_seconds: i64,
    /// How much time passed on the wall.
    pub(super) wall_seconds: i64,
    /// How much business time may pass, as written.
    pub(super) within: String,
    /// The same in seconds.
    pub(super) business_seconds: i64,
    /// From when it counts.
    pub(super) start: Moment,
    /// When it was attached, when that is not where it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attached: Option<Moment>,
    /// When it stopped or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<Moment>,
    /// Where it stands still.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pauses: Vec<PauseShown>,
    /// 1, or more after the ticket was reopened into a new cycle.
    pub(super) cycle: u32,
    /// 1, or more after news for the requester.
    pub(super) round: u32,
    /// The SLA.
    pub(super) sla: String,
    /// The priority.
    pub(super) priority: String,
    /// The hours in which it counts.
    pub(super) calendar: String,
    /// The line that says how long it may take.
    pub(super) place: Place,
}

/// An at-risk share of a target.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Threshold {
    /// The share, as written.
    pub(super) share: String,
    /// When it is used up.
    pub(super) due: DueShown,
    /// Whether it is used up.
    pub(super) reached: bool,
}

/// One step of a history.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct StepShown {
    /// When.
    pub(super) at: Moment,
    /// What happened, and what it did to the clocks.
    pub(super) what: String,
    /// The line that says so.
    pub(super) place: Place,
}
