//! The clocks that an SLA starts, before anything pauses them.

use jiff::Timestamp;

use super::{engine::Engine, undecidable::Undecidable};
use crate::{
    model::{Duration, Entry, Location, Percent, Priority, sla::Sla},
    time::{Calendar, Due, Pauses, due},
};

/// A clock that starts with a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What it measures: `respond`, `update`, `workaround` or `resolve`.
    pub target: &'static str,
    /// How long it may take.
    pub within: Duration,
    /// The same as people read it: in hours where not every hour of a day counts.
    pub written: String,
    /// When the target is used up; none when the calendar is never open long enough.
    pub due: Option<Timestamp>,
    /// When it counts as at risk, by the shares that the SLA names.
    pub at_risk: Vec<(Percent, Option<Timestamp>)>,
    /// Where the target was written.
    pub at: Location,
}

/// The clocks of an SLA for a priority, from an instant on.
///
/// # Errors
/// When its calendar does not exist or cannot be counted on.
pub fn of<'a>(
    engine: &Engine<'a>,
    sla: &'a Entry<Sla>,
    priority: &Priority,
    start: Timestamp,
) -> Result<Vec<Clock>, Undecidable> {
    let Some(targets) = sla.value.target.get(priority) else { return Ok(Vec::new()) };
    let calendar = engine.calendars().get(sla.calendar.as_str(), || sla.at("/calendar"))?;
    let each = [
        ("respond", targets.respond),
        ("update", targets.update),
        ("workaround", targets.workaround),
        ("resolve", targets.resolve),
    ];
    let clock = |(target, within): (&'static str, Option<Duration>)| {
        let within = within?;
        let seconds = within.seconds(calendar.business_day_seconds());
        let at_risk =
            sla.at_risk.iter().map(|share| (*share, reached(calendar, start, share.of_rounded_up(seconds))));
        Some(Clock {
            target,
            within,
            written: calendar.written(within),
            due: reached(calendar, start, seconds),
            at_risk: at_risk.collect(),
            at: sla.at(format!("/target/{priority}/{target}")),
        })
    };
    Ok(each.into_iter().filter_map(clock).collect())
}

/// When a share of a clock's target is used up.
///
/// # Errors
/// As for [`of`].
pub fn share<'a>(
    engine: &Engine<'a>,
    sla: &'a Entry<Sla>,
    clock: &Clock,
    share: Percent,
    start: Timestamp,
) -> Result<Option<Timestamp>, Undecidable> {
    let calendar = engine.calendars().get(sla.calendar.as_str(), || sla.at("/calendar"))?;
    let seconds = clock.within.seconds(calendar.business_day_seconds());
    Ok(reached(calendar, start, share.of_rounded_up(seconds)))
}

/// When a time has passed in the hours of a calendar; none when it never has.
#[must_use]
pub fn after(calendar: &Calendar, start: Timestamp, within: Duration) -> Option<Timestamp> {
    reached(calendar, start, within.seconds(calendar.business_day_seconds()))
}

fn reached(calendar: &Calendar, start: Timestamp, seconds: i64) -> Option<Timestamp> {
    match due(calendar, start, seconds, Pauses::NONE) {
        Due::At(instant) => Some(instant),
        Due::Never(_) => None,
    }
}
