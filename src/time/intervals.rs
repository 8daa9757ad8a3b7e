//! Walking along the open time of a calendar, date by date or week by week.

use jiff::Timestamp;

use super::calendar::{Calendar, LAST_DAY, WEEK};
use super::offsets::{DAY, clamped};

/// The last second that instants can have.
const LAST_SECOND: i64 = 253_402_207_200;

/// Intervals are joined up to this length in seconds: one that never ends must not be walked to the end of time.
const LONGEST: i64 = 2 * super::MAX_SECONDS;

/// A stretch in which a calendar is open; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenInterval {
    /// The first open instant.
    pub start: Timestamp,
    /// The first instant after it that is not open.
    pub end: Timestamp,
}

/// The open stretches of a calendar in order; made by [`Calendar::intervals`].
///
/// Endless for a calendar that keeps opening, up to the last representable instant.
#[derive(Debug, Clone)]
pub struct OpenIntervals<'c> {
    calendar: &'c Calendar,
    from: i64,
    /// The next date to look at.
    day: i64,
    /// What is open on the date before it ...
    open: Vec<(i64, i64)>,
    /// ... and how many of these were taken.
    taken: usize,
    /// An interval that may go on.
    pending: Option<(i64, i64)>,
}

impl<'c> OpenIntervals<'c> {
    pub(super) fn new(calendar: &'c Calendar, from: i64) -> Self {
        Self {
            calendar,
            from,
            day: calendar.offsets.local_day(from),
            open: Vec::new(),
            taken: 0,
            pending: None,
        }
    }

    /// The next interval in seconds.
    pub(super) fn next_span(&mut self) -> Option<(i64, i64)> {
        loop {
            match (self.pending, self.next_piece()) {
                (Some(pending), Some((start, end)))
                    if start <= pending.1 && pending.1 - pending.0 < LONGEST =>
                {
                    self.pending = Some((pending.0, pending.1.max(end)));
                }
                (Some(pending), piece) => {
                    self.pending = piece;
                    return Some(pending);
                }
                (None, None) => return None,
                (None, piece) => self.pending = piece,
            }
        }
    }

    /// The intervals in seconds.
    pub(super) fn spans(mut self) -> impl Iterator<Item = (i64, i64)> {
        std::iter::from_fn(move || self.next_span())
    }

    /// The next part of an interval: intervals are cut at the start of each date.
    fn next_piece(&mut self) -> Option<(i64, i64)> {
        loop {
            while let Some(&(start, end)) = self.open.get(self.taken) {
                self.taken += 1;
                if end > self.from {
                    return Some((start.max(self.from), end));
                }
            }
            self.open.clear();
            self.taken = 0;
            self.look_at_next_day()?;
        }
    }

    /// Fills in what is open on the next date; none after the last one that can be open.
    fn look_at_next_day(&mut self) -> Option<()> {
        let calendar = self.calendar;
        if self.day > LAST_DAY {
            return None;
        }
        let exception = calendar.next_exception(self.day);
        if calendar.week_seconds == 0 {
            self.day = exception?;
        } else if calendar.open_every_week && exception.is_none() {
            // Open for good: one interval instead of one for each date to the end of time.
            self.open.push((calendar.offsets.day_start(self.day).unwrap_or(self.from), LAST_SECOND));
            self.day = LAST_DAY + 1;
            return Some(());
        }
        let day = self.day;
        self.day += 1;
        let steady = calendar.offsets.steady_days(day);
        if day < steady.end && exception != Some(day) {
            let midnight = day * DAY - steady.offset;
            let spans = calendar.pattern_on(day).iter();
            self.open.extend(spans.map(|span| (midnight + span.start, midnight + span.end)));
        } else if let Some(odd) = calendar.odd_day(day) {
            self.open.extend(&*odd.spans);
        } else {
            calendar.open_on(day, &mut self.open);
        }
        Some(())
    }
}

impl Iterator for OpenIntervals<'_> {
    type Item = OpenInterval;

    fn next(&mut self) -> Option<OpenInterval> {
        self.next_span().map(|(start, end)| OpenInterval { start: clamped(start), end: clamped(end) })
    }
}

/// How far a clock came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Business seconds that passed.
    pub(super) used: i64,
    /// The instant at which the target was used up.
    pub(super) reached: Option<i64>,
}

impl Calendar {
    /// The first open second, not before `from`.
    pub(super) fn first_open(&self, from: i64) -> Option<i64> {
        OpenIntervals::new(self, from).next_piece().map(|(start, _)| start)
    }

    /// Counts open seconds from `from` to before `until`, at most to `target`, which is more than 0.
    ///
    /// Whole weeks in which the weekly pattern holds are counted in one step, other dates one by one.
    pub(super) fn advance(&self, from: i64, until: i64, target: i64) -> Progress {
        if self.is_always_open() {
            let available = (until - from).max(0);
            let reached = (available >= target).then(|| from + target);
            return Progress { used: available.min(target), reached };
        }
        let mut used = 0;
        let mut open = Vec::new();
        let mut day = self.offsets.local_day(from);
        // The dates before `steady_end` follow the pattern, with one offset.
        let (mut steady_end, mut offset) = (i64::MIN, 0);
        while day <= LAST_DAY {
            if day >= steady_end {
                let exception = self.next_exception(day);
                if self.week_seconds == 0 && exception.is_none() {
                    break;
                }
                let steady = self.offsets.steady_days(day);
                steady_end = steady.end.min(exception.unwrap_or(i64::MAX));
                offset = steady.offset;
            }
            let piece = if day < steady_end {
                let midnight = day * DAY - offset;
                if midnight >= until {
                    break;
                }
                if midnight >= from && until - midnight >= WEEK {
                    if self.week_seconds == 0 {
                        day = steady_end;
                        continue;
                    }
                    // The week in which the target is reached is walked through: `used` stays below the target.
                    if target - used > self.week_seconds && steady_end - day >= 7 {
                        let weeks = ((steady_end - day) / 7)
                            .min((until - midnight) / WEEK)
                            .min((target - used - 1) / self.week_seconds);
                        used += weeks * self.week_seconds;
                        day += weeks * 7;
                        continue;
                    }
                }
                let spans =
                    self.pattern_on(day).iter().map(|span| (midnight + span.start, midnight + span.end));
                count(spans, from, until, target, &mut used)
            } else if let Some(odd) = self.odd_day(day) {
                if odd.start.is_some_and(|start| start >= until) {
                    break;
                }
                count(odd.spans.iter().copied(), from, until, target, &mut used)
            } else {
                if self.offsets.day_start(day).is_some_and(|start| start >= until) {
                    break;
                }
                open.clear();
                self.open_on(day, &mut open);
                count(open.iter().copied(), from, until, target, &mut used)
            };
            if piece.is_some() {
                return Progress { used: target, reached: piece };
            }
            day += 1;
        }
        Progress { used, reached: None }
    }
}

/// Adds the seconds of spans between `from` and `until` to `used`, up to the instant at which they are `target`.
fn count(
    spans: impl Iterator<Item = (i64, i64)>,
    from: i64,
    until: i64,
    target: i64,
    used: &mut i64,
) -> Option<i64> {
    for (start, end) in spans {
        let (start, end) = (start.max(from), end.min(until));
        if start >= end {
            continue;
        }
        if end - start >= target - *used {
            return Some(start + target - *used);
        }
        *used += end - start;
    }
    None
}
