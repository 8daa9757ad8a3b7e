//! The calendars of a rulebook, each made ready when it is first asked for.

use std::{collections::BTreeMap, sync::OnceLock};

use super::undecidable::Undecidable;
use crate::{
    model::{Duration, Kind, Location, Rulebook, calendar::CompileError},
    time::Calendar,
};

/// The calendars of a rulebook.
#[derive(Debug)]
pub struct Calendars<'a> {
    rulebook: &'a Rulebook,
    compiled: BTreeMap<&'a str, OnceLock<Result<Calendar, CompileError>>>,
    always: Calendar,
}

impl<'a> Calendars<'a> {
    /// The calendars of this rulebook.
    #[must_use]
    pub fn new(rulebook: &'a Rulebook) -> Self {
        let compiled = rulebook.calendars.ids().map(|id| (id, OnceLock::new())).collect();
        Self { rulebook, compiled, always: Calendar::around_the_clock() }
    }

    /// The calendar with this id, which something at `at` refers to.
    ///
    /// # Errors
    /// When there is no such calendar, or nobody can count on it.
    pub fn get(&self, id: &str, at: impl FnOnce() -> Location) -> Result<&Calendar, Undecidable> {
        let (Some(entry), Some(slot)) = (self.rulebook.calendars.get(id), self.compiled.get(id)) else {
            return Err(Undecidable::Missing { kind: Kind::Calendar, id: id.to_owned(), at: at() });
        };
        slot.get_or_init(|| entry.value.compile(self.rulebook))
            .as_ref()
            .map_err(|why| Undecidable::Calendar { id: entry.id.clone(), why: why.clone(), at: entry.at("") })
    }

    /// The calendar with this id; none when there is no such calendar or nobody can count on it, which is said
    /// elsewhere.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Calendar> {
        self.get(id, Location::settings).ok()
    }

    /// A duration in the seconds of a calendar; none when it is in business days of an unusable calendar.
    #[must_use]
    pub fn seconds(&self, duration: Duration, calendar: &str) -> Option<i64> {
        match duration {
            Duration::Elapsed { seconds } => Some(seconds),
            Duration::BusinessDays { .. } => {
                Some(duration.seconds(self.find(calendar)?.business_day_seconds()))
            }
        }
    }

    /// A calendar that is always open.
    #[must_use]
    pub fn always(&self) -> &Calendar {
        &self.always
    }
}
