//! Offsets of a zone from UTC: a table for the years that matter, the zone itself for the rest.

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// Seconds of a date without a clock change.
pub(super) const DAY: i64 = 86_400;
/// The table covers the time from 1970-01-01 ...
const TABLE_START: i64 = 0;
/// ... to 2110-01-01; before and after, each date is looked up in the zone.
const TABLE_END: i64 = 4_417_977_600;
/// Dates this long after a clock change may still be shifted by it: a skipped day moves edges by 24 hours, an
/// overnight window adds another day.
const DAYS_AFTER_CHANGE: i64 = 4;

/// A stretch of time in which the zone keeps one offset.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// First second, UTC.
    from: i64,
    /// Seconds east of UTC.
    offset: i64,
    /// The dates from here ...
    first_day: i64,
    /// ... to before here are those on which local and UTC seconds differ by the offset and nothing else.
    end_day: i64,
}

/// Dates, counted from 1970-01-01, on which the zone has one offset throughout and on the dates around them.
#[derive(Debug, Clone, Copy)]
pub(super) struct SteadyDays {
    /// The first date after them; not after the date asked for when that date is not among them.
    pub(super) end: i64,
    /// Seconds east of UTC.
    pub(super) offset: i64,
}

/// A local time resolved to an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Seconds since 1970-01-01 UTC.
    pub(super) instant: i64,
    /// Length in seconds of the gap that the local time lies in, else 0.
    pub(super) gap: i64,
}

/// A zone with the table of its offsets.
#[derive(Debug, Clone)]
pub(super) struct Offsets {
    zone: TimeZone,
    stretches: Vec<Stretch>,
}

impl Offsets {
    pub(super) fn new(zone: TimeZone) -> Self {
        let mut stretches = Vec::new();
        let start = Timestamp::from_second(TABLE_START).unwrap_or_default();
        let mut from = if zone.preceding(start).next().is_none() { i64::MIN } else { TABLE_START };
        let mut offset = zone.to_offset(start);
        let mut until = i64::MAX;
        for change in zone.following(start) {
            let at = change.timestamp().as_second();
            if at >= TABLE_END {
                until = TABLE_END;
                break;
            }
            if change.offset() != offset {
                stretches.push(Stretch::new(from, at, offset));
                (from, offset) = (at, change.offset());
            }
        }
        stretches.push(Stretch::new(from, until, offset));
        Self { zone, stretches }
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Forgets the table, so that tests can compare both ways to the same answer.
    #[cfg(test)]
    pub(super) fn without_table(&self) -> Self {
        Self { zone: self.zone.clone(), stretches: Vec::new() }
    }

    /// The steady dates that begin with `day`.
    pub(super) fn steady_days(&self, day: i64) -> SteadyDays {
        let after = self.stretches.partition_point(|stretch| stretch.first_day <= day);
        match after.checked_sub(1).and_then(|index| self.stretches.get(index)) {
            Some(stretch) => SteadyDays { end: stretch.end_day, offset: stretch.offset },
            None => SteadyDays { end: i64::MIN, offset: 0 },
        }
    }

    /// The dates around each clock change of the table that are not steady.
    pub(super) fn days_around_changes(&self) -> impl Iterator<Item = i64> {
        self.stretches.windows(2).flat_map(|pair| match pair {
            // A stretch can be too short to have a steady date at all; then the next one closes the hole.
            [before, after] => before.end_day.max(before.first_day)..after.first_day,
            _ => 0..0,
        })
    }

    /// The local date at an instant.
    pub(super) fn local_day(&self, instant: i64) -> i64 {
        let after = self.stretches.partition_point(|stretch| stretch.from <= instant);
        let in_table = after.checked_sub(1).and_then(|index| self.stretches.get(index));
        let offset = match in_table {
            Some(stretch) if instant < TABLE_END => stretch.offset,
            _ => i64::from(self.zone.to_offset(clamped(instant)).seconds()),
        };
        (instant + offset).div_euclid(DAY)
    }

    /// Resolves local seconds (since 1970-01-01 00:00 on the local clock): in a gap with the offset before the gap,
    /// in a fold to the first occurrence. None outside the years that dates can have.
    pub(super) fn resolve(&self, local: i64) -> Option<Edge> {
        let datetime = Offset::UTC.to_datetime(Timestamp::from_second(local).ok()?);
        let (offset, gap) = match self.zone.to_ambiguous_timestamp(datetime).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset, 0),
            AmbiguousOffset::Gap { before, after } => (before, after.seconds() - before.seconds()),
            AmbiguousOffset::Fold { before, .. } => (before, 0),
        };
        Some(Edge { instant: local - i64::from(offset.seconds()), gap: i64::from(gap) })
    }

    /// The first instant whose local date is `day` or later.
    ///
    /// These instants never decrease from one date to the next, and every edge of a window on `day` resolves to this
    /// instant or a later one; so they cut the time line into one piece for each date.
    pub(super) fn day_start(&self, day: i64) -> Option<i64> {
        let midnight = self.resolve(day * DAY)?;
        if midnight.gap == 0 {
            return Some(midnight.instant);
        }
        // Midnight was skipped: the date begins with the clock change, which is the first one after an instant that is
        // certainly before it.
        let before = Timestamp::from_second(midnight.instant - midnight.gap).ok()?;
        Some(self.zone.following(before).next()?.timestamp().as_second())
    }

    /// The instants at which the clock shows the end of a date once more, because it went back over midnight after the next
    /// one had begun: `00:01` on the seventh, then `23:01` on the sixth. Mostly there are none.
    pub(super) fn repeated(&self, day: i64) -> Option<(i64, i64)> {
        let next = self.day_start(day + 1)?;
        // Clocks go back by some hours, within some hours of midnight.
        let change = self.zone.following(Timestamp::from_second(next).ok()?).next()?.timestamp().as_second();
        if change >= next.saturating_add(DAY) || self.local_day(change) != day {
            return None;
        }
        let offset = i64::from(self.zone.to_offset(Timestamp::from_second(change).ok()?).seconds());
        Some((change, (day + 1) * DAY - offset))
    }
}

impl Stretch {
    fn new(from: i64, until: i64, offset: Offset) -> Self {
        let offset = i64::from(offset.seconds());
        let day = |instant: i64| instant.saturating_add(offset).div_euclid(DAY);
        Self {
            from,
            offset,
            first_day: day(from).saturating_add(1 + DAYS_AFTER_CHANGE),
            // The date itself and the one after it end before the offset changes.
            end_day: day(until).saturating_sub(1),
        }
    }
}

/// The instant, or the nearest one that exists.
pub(super) fn clamped(instant: i64) -> Timestamp {
    Timestamp::from_second(instant).unwrap_or(if instant < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// Whole seconds of an instant; fractions of a second are dropped towards the past.
pub(super) fn seconds_of(instant: Timestamp) -> i64 {
    instant.as_second() - i64::from(instant.subsec_nanosecond() < 0)
}
