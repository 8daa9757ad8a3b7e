//! Calendars: when a desk, a supplier or an approver works.
//!
//! A calendar is weekly windows of local time, holidays and date overrides, in a zone. What it means:
//!
//! - Windows are half-open. One that ends before it starts runs into the next date and belongs to its start date.
//! - A holiday closes one local date: the part after midnight of a shift that began the evening before is closed, the
//!   part after midnight of a shift that began on the holiday is open.
//! - An override replaces the windows that *start* on its date. On a holiday the override's own windows stay open and
//!   everything else on that date stays closed.
//! - An edge that the clock skips takes the offset from before the change; an edge that the clock shows twice is the
//!   first of the two (RFC 5545, 3.3.5). A window with both edges in one skipped stretch does not exist.
//! - Windows of one date that touch or overlap are one window, before edges are resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::duration::Duration;
use super::intervals::OpenIntervals;
use super::offsets::{DAY, Offsets, clamped, seconds_of};
use super::window::Window;

/// Seconds of a week without a clock change.
pub(super) const WEEK: i64 = 7 * DAY;
/// The last date that is looked at: 9999-12-31, counted from 1970-01-01.
pub(super) const LAST_DAY: i64 = 2_932_896;

/// A stretch of local time, in seconds from local midnight of the date it starts on; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LocalSpan {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// A date on which the weekly pattern may not hold, worked out when it is first met: clocks meet the same ones again
/// and again.
#[derive(Debug, Clone)]
struct OddDay {
    day: i64,
    open: OnceLock<OpenDay>,
}

/// What is open on a date.
#[derive(Debug, Clone)]
pub(super) struct OpenDay {
    /// The first instant of the date; none outside the years that dates can have.
    pub(super) start: Option<i64>,
    /// The instants between which it is open.
    pub(super) spans: Box<[(i64, i64)]>,
}

/// A compiled calendar.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub(super) offsets: Offsets,
    /// Windows by the weekday they start on, Monday first; sorted, none touching another.
    weekly: [Vec<LocalSpan>; 7],
    /// Windows that replace those of a date, sorted by date.
    overrides: Vec<(i64, Vec<LocalSpan>)>,
    /// Sorted.
    holidays: Vec<i64>,
    /// Dates on which the weekly pattern may not hold: holidays, overrides and the dates after them. Sorted.
    exceptions: Vec<i64>,
    /// Exceptions and the dates around clock changes, sorted. Others may be odd, too: those outside the years of
    /// which the clock changes are known in advance.
    odd: Vec<OddDay>,
    /// What is open on a date (between its midnights) when the weekly pattern holds, Monday first.
    pub(super) pattern: [Vec<LocalSpan>; 7],
    /// Open seconds of a week in which the weekly pattern holds.
    pub(super) week_seconds: i64,
    business_day_seconds: i64,
    /// Whether the weekly pattern has no hole.
    pub(super) open_every_week: bool,
    always_open: bool,
}

impl Calendar {
    /// A calendar of a zone with the windows of each weekday (Monday first), dates that are closed, and dates with
    /// windows of their own (none: closed).
    #[must_use]
    pub fn new(
        zone: TimeZone,
        weekly: [Vec<Window>; 7],
        holidays: BTreeSet<Date>,
        overrides: BTreeMap<Date, Vec<Window>>,
    ) -> Self {
        let weekly = weekly.map(|windows| merged(windows.iter().copied().map(LocalSpan::from).collect()));
        let overrides: Vec<(i64, Vec<LocalSpan>)> = overrides
            .into_iter()
            .map(|(date, windows)| (day_of(date), merged(windows.into_iter().map(LocalSpan::from).collect())))
            .collect();
        let holidays: Vec<i64> = holidays.into_iter().map(day_of).collect();
        let offsets = Offsets::new(zone);
        // A window that runs past midnight ends on the next date that there is: a zone can skip a whole one.
        let override_days = overrides.iter().flat_map(|&(day, _)| {
            let is_skipped = |day: &i64| offsets.day_start(*day) == offsets.day_start(day + 1);
            let skipped = (day + 1..).take_while(is_skipped).take(2).count();
            day..=day + 1 + i64::try_from(skipped).unwrap_or_default()
        });
        // The clock can go back over midnight, so that the end of a holiday comes after the next date has begun.
        let repeated = holidays.iter().filter(|day| offsets.repeated(**day).is_some()).map(|day| day + 1);
        let exceptions: BTreeSet<i64> =
            holidays.iter().copied().chain(repeated).chain(override_days).collect();

        let pattern = pattern_of(&weekly);
        let week_seconds = pattern.iter().flatten().map(|span| span.end - span.start).sum();
        // Each date hands over to the next at one and the same time of day: that edge resolves to one instant, whatever
        // the clock does, so that there is no hole between the two.
        let handover = weekly.first().and_then(|spans| spans.first()).map_or(0, |span| span.start);
        let whole = LocalSpan { start: handover, end: handover + DAY };
        let every_hour = |spans: &Vec<LocalSpan>| spans.as_slice() == [whole];
        let open_every_week = weekly.iter().all(every_hour);
        let always_open =
            open_every_week && holidays.is_empty() && overrides.iter().all(|(_, spans)| every_hour(spans));
        let business_day_seconds = usual_length(weekly.iter())
            .or_else(|| usual_length(overrides.iter().map(|(_, spans)| spans)))
            .unwrap_or(0);
        let mut odd = exceptions.clone();
        odd.extend(offsets.days_around_changes());
        let odd = odd.into_iter().map(|day| OddDay { day, open: OnceLock::new() }).collect();
        Self {
            offsets,
            weekly,
            overrides,
            holidays,
            exceptions: exceptions.into_iter().collect(),
            odd,
            pattern,
            week_seconds,
            business_day_seconds,
            open_every_week,
            always_open,
        }
    }

    /// A calendar that is open all the time.
    #[must_use]
    pub fn around_the_clock() -> Self {
        let whole_day = || Window::new(0, super::window::DAY).into_iter().collect();
        Self::new(TimeZone::UTC, std::array::from_fn(|_| whole_day()), BTreeSet::new(), BTreeMap::new())
    }

    /// The zone in which the windows are read.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        self.offsets.zone()
    }

    /// The stretches in which the calendar is open, from an instant on: in order, none touching another. The first is
    /// cut off at that instant; one that is longer than two centuries may come in several parts.
    #[must_use]
    pub fn intervals(&self, from: Timestamp) -> OpenIntervals<'_> {
        OpenIntervals::new(self, seconds_of(from))
    }

    /// Whether business time passes at an instant.
    #[must_use]
    pub fn is_open(&self, instant: Timestamp) -> bool {
        let instant = seconds_of(instant);
        self.first_open(instant) == Some(instant)
    }

    /// The first open instant, not before the one given; none if the calendar never opens again.
    #[must_use]
    pub fn next_open(&self, from: Timestamp) -> Option<Timestamp> {
        let seconds = seconds_of(from);
        // Within an open second the fraction is open, too.
        self.first_open(seconds).map(|open| if open == seconds { from } else { clamped(open) })
    }

    /// The length of the usual business day in seconds: the total of windows that most weekdays have, the longer
    /// one of equally frequent totals. Closed weekdays do not count; a calendar that has windows only on single
    /// dates takes their usual total, and one without any has 0.
    #[must_use]
    pub fn business_day_seconds(&self) -> i64 {
        self.business_day_seconds
    }

    /// A duration that is counted on this calendar, as people read it: in hours where not every hour of a day counts.
    #[must_use]
    pub fn written(&self, duration: Duration) -> String {
        if self.always_open { duration.to_string() } else { duration.in_hours().to_string() }
    }

    /// Whether the calendar is open at every instant.
    #[must_use]
    pub fn is_always_open(&self) -> bool {
        self.always_open
    }

    /// The first instant from `from` to before `to` at which `other` is open and this calendar is not; none if this
    /// one covers the other.
    #[must_use]
    pub fn first_uncovered(&self, other: &Self, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
        let (from, to) = (seconds_of(from), seconds_of(to));
        if self.always_open {
            return None;
        }
        let mut own = OpenIntervals::new(self, from);
        let mut cover = own.next_span();
        for (start, end) in OpenIntervals::new(other, from).spans() {
            if start >= to {
                return None;
            }
            while cover.is_some_and(|(_, closes)| closes <= start) {
                cover = own.next_span();
            }
            // Intervals are as long as they can be, so one interval must cover the other.
            match cover {
                Some((opens, closes)) if opens <= start => {
                    if closes < end.min(to) {
                        return Some(clamped(closes));
                    }
                }
                _ => return Some(clamped(start)),
            }
        }
        None
    }

    /// The same calendar without what makes it fast, for tests.
    #[cfg(test)]
    pub(super) fn without_shortcuts(&self) -> Self {
        Self {
            offsets: self.offsets.without_table(),
            always_open: false,
            open_every_week: false,
            odd: Vec::new(),
            ..self.clone()
        }
    }

    /// The date of the first exception that is not before `day`.
    pub(super) fn next_exception(&self, day: i64) -> Option<i64> {
        self.exceptions.get(self.exceptions.partition_point(|&exception| exception < day)).copied()
    }

    /// What the weekly pattern opens on a date.
    pub(super) fn pattern_on(&self, day: i64) -> &[LocalSpan] {
        self.pattern.get(weekday(day)).map_or(&[], Vec::as_slice)
    }

    /// What is open on a date on which the weekly pattern may not hold, if it is one of those that are remembered.
    pub(super) fn odd_day(&self, day: i64) -> Option<&OpenDay> {
        let index = self.odd.binary_search_by_key(&day, |odd| odd.day).ok()?;
        let odd = self.odd.get(index)?;
        Some(odd.open.get_or_init(|| {
            let mut spans = Vec::new();
            self.open_on(day, &mut spans);
            OpenDay { start: self.offsets.day_start(day), spans: spans.into() }
        }))
    }

    /// Appends what is open on a date, as instants, whatever clock changes and exceptions there are: sorted, none
    /// touching another, all between the start of this date and of the next.
    pub(super) fn open_on(&self, day: i64, open: &mut Vec<(i64, i64)>) {
        let own = self.override_on(day);
        let holiday = self.holidays.binary_search(&day).is_ok();
        if holiday && own.is_none() {
            return;
        }
        let (Some(day_start), Some(day_end)) = (self.offsets.day_start(day), self.offsets.day_start(day + 1))
        else {
            return;
        };
        // An overnight window ends on the next date; a skipped day can shift that end by another 24 hours.
        let first = if holiday { day } else { day - 3 };
        for owner in first..=day {
            let weekly = || self.weekly.get(weekday(owner)).map_or(&[][..], Vec::as_slice);
            for span in self.override_on(owner).unwrap_or_else(weekly) {
                let Some((start, end)) = self.resolve(owner, *span) else { continue };
                let (start, end) = (start.max(day_start), end.min(day_end));
                if start < end {
                    open.push((start, end));
                }
            }
        }
        if let Some((from, until)) = self.repeated_holiday(day - 1) {
            let before = open.iter().map(|(start, end)| (*start, from.min(*end)));
            let after = open.iter().map(|(start, end)| (until.max(*start), *end));
            *open = before.chain(after).filter(|(start, end)| start < end).collect();
        }
        open.sort_unstable();
        open.dedup_by(|next, kept| {
            let joins = next.0 <= kept.1;
            if joins {
                kept.1 = kept.1.max(next.1);
            }
            joins
        });
    }

    /// The end of a holiday that comes once more, after the next date has begun: it is closed as well.
    fn repeated_holiday(&self, day: i64) -> Option<(i64, i64)> {
        self.holidays.binary_search(&day).ok()?;
        if self.override_on(day).is_some() {
            return None;
        }
        self.offsets.repeated(day)
    }

    /// The windows that replace the weekly ones on a date.
    fn override_on(&self, day: i64) -> Option<&[LocalSpan]> {
        let index = self.overrides.binary_search_by_key(&day, |&(date, _)| date).ok()?;
        self.overrides.get(index).map(|(_, spans)| spans.as_slice())
    }

    /// The instants of a window that starts on a date; none if clock changes leave nothing of it.
    fn resolve(&self, day: i64, span: LocalSpan) -> Option<(i64, i64)> {
        let start = self.offsets.resolve(day * DAY + span.start)?;
        let end = self.offsets.resolve(day * DAY + span.end)?;
        let inside_gap = start.gap > 0 && end.gap > 0 && span.end - span.start < start.gap;
        (!inside_gap && start.instant < end.instant).then_some((start.instant, end.instant))
    }
}

impl From<Window> for LocalSpan {
    fn from(window: Window) -> Self {
        Self { start: i64::from(window.start()), end: i64::from(window.end_from_start_day()) }
    }
}

/// The weekday of a date, 0 is Monday. 1970-01-01 was a Thursday.
fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default()
}

/// The number of a date, counted from 1970-01-01.
fn day_of(date: Date) -> i64 {
    let midnight = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0));
    midnight.map_or(LAST_DAY, |instant| instant.as_second().div_euclid(DAY))
}

/// Sorted spans, those that touch or overlap joined.
fn merged(mut spans: Vec<LocalSpan>) -> Vec<LocalSpan> {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joins = next.start <= kept.end;
        if joins {
            kept.end = kept.end.max(next.end);
        }
        joins
    });
    spans
}

/// What is open between the midnights of each weekday: its own windows, and the ends of the day before.
fn pattern_of(weekly: &[Vec<LocalSpan>; 7]) -> [Vec<LocalSpan>; 7] {
    let mut days = weekly.iter();
    let mut before = weekly.last();
    std::array::from_fn(|_| {
        let own = days.next();
        let tails = before.into_iter().flatten().filter(|span| span.end > DAY);
        let tails = tails.map(|span| LocalSpan { start: 0, end: span.end - DAY });
        let heads = own.into_iter().flatten();
        let heads = heads.map(|span| LocalSpan { start: span.start, end: span.end.min(DAY) });
        let spans = merged(tails.chain(heads).collect());
        before = own;
        spans
    })
}

/// The most frequent total length, the longer of equally frequent ones; days without windows do not count.
fn usual_length<'s>(days: impl Iterator<Item = &'s Vec<LocalSpan>>) -> Option<i64> {
    let mut frequencies = BTreeMap::<i64, usize>::new();
    for spans in days {
        let length: i64 = spans.iter().map(|span| span.end - span.start).sum();
        if length > 0 {
            *frequencies.entry(length).or_default() += 1;
        }
    }
    // The map is in ascending order and the last of equal maxima is taken.
    frequencies.into_iter().max_by_key(|&(_, count)| count).map(|(length, _)| length)
}
