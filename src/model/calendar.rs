//! Calendars.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LocalDate, Parts, Ref};
use crate::time::{Weekdays, Window, Zone};

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
    #[schemars(length(min = 1))]
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

impl Parts for Calendar {}
