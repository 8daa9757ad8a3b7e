//! Calendars.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LocalDate, Parts, Ref, Rulebook};
use crate::time::{self, Weekdays, Window, Zone};

/// Business hours and holidays in a time zone. SLA clocks run only while a calendar is open.
///
/// Dates of holidays belong in the rulebook: holiday libraries disagree with each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Calendar", example = serde_json::json!({
    "name": "Berlin office hours", "time-zone": "Europe/Berlin", "weekly": { "mon-fri": ["09:00-17:00"] },
    "holidays": { "2026-12-25": "Christmas Day" }
}))]
pub struct Calendar {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The zone in which the hours are meant, from the IANA time zone database.
    pub time_zone: Zone,
    /// The opening hours by weekday: `mon-fri = ["09:00-12:00", "13:00-17:00"]`. Windows are half-open and
    /// may run past midnight (`22:00-06:00`); such a shift belongs to the day it starts on. A weekday that
    /// is not named is closed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weekly: BTreeMap<Weekdays, Vec<Window>>,
    /// Days that are closed, by date, with their names: `2026-12-25 = "Christmas Day"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub holidays: BTreeMap<LocalDate, String>,
    /// Other calendars whose holidays apply here as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays_from: Vec<Ref<Calendar>>,
    /// Days with other hours, by date: `2026-12-24 = ["09:00-12:00"]`. They replace the hours of that day;
    /// an empty list closes it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<LocalDate, Vec<Window>>,
}

/// Why a calendar cannot be counted on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The time zone does not exist.
    #[error("there is no time zone `{0}`")]
    UnknownZone(Zone),
    /// `holidays-from` names a calendar that does not exist, so that nobody knows which days are closed.
    #[error("there is no calendar `{0}`")]
    UnknownCalendar(Ref<Calendar>),
}

impl Calendar {
    /// The calendar that clocks run on. Windows that several keys give to one weekday all count.
    ///
    /// # Errors
    /// When its time zone, or a calendar that it takes holidays from, does not exist.
    pub fn compile(&self, rulebook: &Rulebook) -> Result<time::Calendar, CompileError> {
        let zone =
            self.time_zone.resolve().ok_or_else(|| CompileError::UnknownZone(self.time_zone.clone()))?;
        let holidays = self.closed_dates(rulebook)?;
        let overrides = self.overrides.iter().map(|(date, windows)| (date.0, windows.clone())).collect();
        Ok(time::Calendar::new(zone, self.windows_by_day(), holidays, overrides))
    }

    /// The windows that start on each weekday, Monday first, in the order in which they were written.
    #[must_use]
    pub fn windows_by_day(&self) -> [Vec<Window>; 7] {
        std::array::from_fn(|day| {
            let keys = self.weekly.iter().filter(|(days, _)| days.contains(day));
            keys.flat_map(|(_, windows)| windows.iter().copied()).collect()
        })
    }

    /// The holidays: its own, those of the calendars that it names in `holidays-from`, theirs, and so on.
    /// Calendars that name each other share their holidays.
    ///
    /// # Errors
    /// When one of these calendars does not exist.
    pub fn closed_dates(&self, rulebook: &Rulebook) -> Result<BTreeSet<Date>, CompileError> {
        let mut dates = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![self];
        while let Some(calendar) = open.pop() {
            dates.extend(calendar.holidays.keys().map(|date| date.0));
            for source in calendar.holidays_from.iter().filter(|source| seen.insert(source.as_str())) {
                let missing = || CompileError::UnknownCalendar(source.clone());
                open.push(&rulebook.calendars.get(source.as_str()).ok_or_else(missing)?.value);
            }
        }
        Ok(dates)
    }
}

impl Parts for Calendar {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entry, Id, Origin};

    fn calendar(json: serde_json::Value) -> Calendar {
        serde_json::from_value(json).unwrap()
    }

    fn rulebook(calendars: &[(&str, Calendar)]) -> Rulebook {
        let mut rulebook = Rulebook::default();
        for (id, value) in calendars {
            let id = Id::new(id).unwrap();
            let entry = Entry { id, value: value.clone(), origin: Origin::default() };
            rulebook.calendars.insert(entry).unwrap();
        }
        rulebook
    }

    #[test]
    fn holidays_come_from_other_calendars_even_when_these_name_each_other() {
        let with = |date: &str, from: &[&str]| {
            calendar(serde_json::json!({
                "name": "x", "time-zone": "UTC", "weekly": { "mon-sun": ["00:00-24:00"] },
                "holidays": { date: "holiday" }, "holidays-from": from,
            }))
        };
        let book = rulebook(&[("a", with("2026-01-01", &["b"])), ("b", with("2026-01-02", &["c", "b"]))]);
        let a = &book.calendars.get("a").unwrap().value;
        assert_eq!(
            a.closed_dates(&book),
            Err(CompileError::UnknownCalendar(Ref::new(Id::new("c").unwrap())))
        );

        let book = rulebook(&[
            ("a", with("2026-01-01", &["b"])),
            ("b", with("2026-01-02", &["c", "b"])),
            ("c", with("2026-01-03", &["a"])),
        ]);
        let a = book.calendars.get("a").unwrap().compile(&book).unwrap();
        let open = |instant: &str| a.is_open(instant.parse().unwrap());
        let closed: Vec<bool> = (1..=4).map(|day| !open(&format!("2026-01-0{day}T12:00:00Z"))).collect();
        assert_eq!(closed, [true, true, true, false]);
    }

    #[test]
    fn a_zone_that_does_not_exist_is_an_error_and_its_neighbour_is_none() {
        let of = |zone: &str| calendar(serde_json::json!({ "name": "x", "time-zone": zone }));
        let book = Rulebook::default();
        let berlin = "Europe/Berlin";
        assert!(of(berlin).compile(&book).is_ok());
        let error = of("Europe/Berln").compile(&book).unwrap_err();
        assert_eq!(error, CompileError::UnknownZone(Zone::new("Europe/Berln")));
    }

    #[test]
    fn windows_of_a_day_are_those_of_every_key_that_names_it() {
        let both = calendar(serde_json::json!({
            "name": "x", "time-zone": "UTC", "weekly": { "mon-fri": ["09:00-12:00"], "mon": ["13:00-17:00"] },
        }));
        let days = both.windows_by_day().map(|windows| windows.len());
        assert_eq!(days, [2, 1, 1, 1, 1, 0, 0]);
    }
}
