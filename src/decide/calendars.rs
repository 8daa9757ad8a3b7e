//! The calendars of a rulebook, each made ready when it is first asked for.

use std::{collections::BTreeMap, sync::OnceLock};

use super::undecidable::Undecidable;
use crate::{
    model::{Kind, Location, Rulebook, calendar::CompileError},
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

    /// A calendar that is always open.
    #[must_use]
    pub fn always(&self) -> &Calendar {
        &self.always
    }
}
