//! SLA clocks: when a target is due, how much of it is used up, and where a clock stands.
//!
//! A breach is business time beyond the target, never a wall-clock comparison with the due instant: a target used
//! up at closing time is due at closing time, and what is finished before the next opening still meets it.

use jiff::Timestamp;

use super::calendar::Calendar;
use super::offsets::seconds_of;

/// How far ahead a due instant is looked for, in seconds: 200 years of 365.25 days.
pub const HORIZON_SECONDS: i64 = 2 * super::MAX_SECONDS;

/// When a target is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The earliest instant at which business time outside pauses reaches the target.
    At(Timestamp),
    /// No such instant can be named.
    Never(NeverDue),
}

/// Why a target has no due instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeverDue {
    /// The clock is paused and nobody knows until when.
    Paused,
    /// The calendar has not enough business time within [`HORIZON_SECONDS`].
    NoBusinessTime,
}

impl Due {
    /// The instant, if there is one.
    #[must_use]
    pub fn instant(self) -> Option<Timestamp> {
        match self {
            Self::At(instant) => Some(instant),
            Self::Never(_) => None,
        }
    }
}

/// A pause that ends before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a pause ends at {end}, before it starts at {start}: swap the two, or leave the end out while it lasts"
)]
pub struct PauseError {
    /// Where the pause starts.
    pub start: Timestamp,
    /// Where it ends.
    pub end: Timestamp,
}

/// The stretches in which a clock stands still: half-open, in order, overlapping ones joined; the last may be open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pauses {
    /// Seconds; an open pause ends at [`i64::MAX`].
    spans: Vec<(i64, i64)>,
}

impl Pauses {
    /// No pause at all.
    pub const NONE: &'static Self = &Self { spans: Vec::new() };

    /// The union of pauses from a start to an end, or without end; in any order.
    ///
    /// # Errors
    ///
    /// When a pause ends before it starts. One that ends where it starts is no pause.
    pub fn new(pauses: impl IntoIterator<Item = (Timestamp, Option<Timestamp>)>) -> Result<Self, PauseError> {
        let mut spans = Vec::new();
        for (start, end) in pauses {
            if let Some(end) = end.filter(|&end| end < start) {
                return Err(PauseError { start, end });
            }
            let span = (seconds_of(start), end.map_or(i64::MAX, seconds_of));
            if span.0 < span.1 {
                spans.push(span);
            }
        }
        spans.sort_unstable();
        spans.dedup_by(|next, kept| {
            let joins = next.0 <= kept.1;
            if joins {
                kept.1 = kept.1.max(next.1);
            }
            joins
        });
        Ok(Self { spans })
    }

    /// Whether the clock stands still at an instant.
    #[must_use]
    pub fn contains(&self, instant: Timestamp) -> bool {
        let instant = seconds_of(instant);
        let started = self.spans.partition_point(|&(start, _)| start <= instant);
        started.checked_sub(1).and_then(|index| self.spans.get(index)).is_some_and(|&(_, end)| instant < end)
    }

    /// The pauses that end after an instant.
    fn ending_after(&self, instant: i64) -> impl Iterator<Item = (i64, i64)> {
        let ended = self.spans.partition_point(|&(_, end)| end <= instant);
        self.spans.iter().skip(ended).copied()
    }
}

/// When a target that counts from `start` on a calendar is used up.
///
/// A target of 0 (or less) is due at the first open instant: nothing has to be counted, so no pause delays it.
#[must_use]
pub fn due(calendar: &Calendar, start: Timestamp, target_seconds: i64, pauses: &Pauses) -> Due {
    let start = seconds_of(start);
    let horizon = start.saturating_add(HORIZON_SECONDS);
    let at = |instant: i64| match Timestamp::from_second(instant) {
        Ok(instant) => Due::At(instant),
        Err(_) => Due::Never(NeverDue::NoBusinessTime),
    };
    if target_seconds <= 0 {
        let first = calendar.first_open(start).filter(|&first| first < horizon);
        return first.map_or(Due::Never(NeverDue::NoBusinessTime), at);
    }
    let mut cursor = start;
    let mut remaining = target_seconds;
    for (pause, resume) in pauses.ending_after(start) {
        if cursor < pause {
            let progress = calendar.advance(cursor, pause.min(horizon), remaining);
            if let Some(reached) = progress.reached {
                return at(reached);
            }
            remaining -= progress.used;
        }
        if pause >= horizon {
            return Due::Never(NeverDue::NoBusinessTime);
        }
        if resume == i64::MAX {
            return Due::Never(NeverDue::Paused);
        }
        cursor = resume;
    }
    if cursor >= horizon {
        return Due::Never(NeverDue::NoBusinessTime);
    }
    calendar.advance(cursor, horizon, remaining).reached.map_or(Due::Never(NeverDue::NoBusinessTime), at)
}

/// Business seconds from `start` to before `end`, without pauses; 0 when the end is not after the start.
#[must_use]
pub fn elapsed(calendar: &Calendar, start: Timestamp, end: Timestamp, pauses: &Pauses) -> i64 {
    let (mut cursor, end) = (seconds_of(start), seconds_of(end));
    let mut sum = 0;
    for (pause, resume) in pauses.ending_after(cursor) {
        if pause >= end {
            break;
        }
        if cursor < pause {
            sum += calendar.advance(cursor, pause, i64::MAX).used;
        }
        cursor = resume;
    }
    if cursor < end { sum + calendar.advance(cursor, end, i64::MAX).used } else { sum }
}

/// The part of a target, in parts per million, that is so many percent.
#[must_use]
pub const fn percent(percent: u32) -> u32 {
    percent.saturating_mul(10_000)
}

/// A running or finished measurement against a target.
#[derive(Debug, Clone, Copy)]
pub struct Clock<'a> {
    /// The calendar on which time counts.
    pub calendar: &'a Calendar,
    /// The instant from which it counts.
    pub start: Timestamp,
    /// Business seconds until the target is used up.
    pub target_seconds: i64,
    /// The part of the target after which it is at risk, in parts per million; see [`percent`].
    pub at_risk_parts_per_million: u32,
    /// Where the clock stands still.
    pub pauses: &'a Pauses,
}

/// The instant at which a clock is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAt {
    /// The work goes on, and it is now this instant.
    Running(Timestamp),
    /// The work was finished at this instant.
    Stopped(Timestamp),
}

/// How a target fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// Running, below the at-risk threshold.
    OnTrack,
    /// Running, at or above the at-risk threshold, at most the target.
    AtRisk,
    /// Finished with at most the target used up.
    Met,
    /// More than the target is used up, finished or not.
    Breached,
}

/// What a clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// When the target is used up.
    pub due: Due,
    /// When the at-risk threshold is reached.
    pub at_risk: Due,
    /// Business seconds counted.
    pub elapsed_seconds: i64,
    /// Seconds since the start on the wall, in and out of hours, paused or not.
    pub calendar_seconds: i64,
    /// Business seconds left; negative after a breach.
    pub remaining_seconds: i64,
    /// How the target fares.
    pub state: ClockState,
    /// Whether a running clock stands still at that instant; it can be at risk or breached all the same.
    pub paused: bool,
}

impl Clock<'_> {
    /// When the target is used up.
    #[must_use]
    pub fn due(&self) -> Due {
        due(self.calendar, self.start, self.target_seconds, self.pauses)
    }

    /// When the at-risk threshold is reached.
    #[must_use]
    pub fn at_risk(&self) -> Due {
        due(self.calendar, self.start, self.at_risk_seconds(), self.pauses)
    }

    /// The at-risk threshold in business seconds, rounded up.
    #[must_use]
    pub fn at_risk_seconds(&self) -> i64 {
        let parts = i128::from(self.target_seconds.max(0)) * i128::from(self.at_risk_parts_per_million);
        i64::try_from((parts + 999_999) / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Reads the clock.
    #[must_use]
    pub fn read(&self, at: ReadAt) -> Reading {
        let (instant, stopped) = match at {
            ReadAt::Running(instant) => (instant, false),
            ReadAt::Stopped(instant) => (instant, true),
        };
        let elapsed_seconds = elapsed(self.calendar, self.start, instant, self.pauses);
        let state = if elapsed_seconds > self.target_seconds {
            ClockState::Breached
        } else if stopped {
            ClockState::Met
        } else if elapsed_seconds >= self.at_risk_seconds() {
            ClockState::AtRisk
        } else {
            ClockState::OnTrack
        };
        Reading {
            due: self.due(),
            at_risk: self.at_risk(),
            elapsed_seconds,
            calendar_seconds: (seconds_of(instant) - seconds_of(self.start)).max(0),
            remaining_seconds: self.target_seconds.saturating_sub(elapsed_seconds),
            state,
            paused: !stopped && self.pauses.contains(instant),
        }
    }
}
