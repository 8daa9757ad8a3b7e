//! One of the two rulebooks.

use jiff::Timestamp;

use crate::{
    decide::{engine::Engine, undecidable::Undecidable},
    impact::decisions::{Hours, hours},
    model::{Duration, Location, Ref, Rulebook},
    time,
};

/// One of the two rulebooks that are compared.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) instant: Timestamp,
}

impl<'a> Side<'a> {
    pub(super) const fn new(engine: Engine<'a>, instant: Timestamp) -> Self {
        Self { engine, instant }
    }

    pub(super) fn rulebook(&self) -> &'a Rulebook {
        self.engine.rulebook()
    }

    /// The calendar with this id.
    pub(super) fn calendar(&self, id: &str) -> Result<&time::Calendar, Undecidable> {
        self.engine.calendars().get(id, Location::settings)
    }

    /// The hours of a calendar as data, so that those of two sides can be compared.
    pub(super) fn hours(&self, calendar: &str) -> Option<Hours> {
        hours(self.rulebook(), &Ref::new(self.rulebook().calendars.get(calendar)?.id.clone()))
    }

    /// A duration in the seconds of a calendar.
    pub(super) fn seconds(&self, within: Duration, calendar: &str) -> Result<i64, Undecidable> {
        Ok(within.seconds(self.calendar(calendar)?.business_day_seconds()))
    }
}
