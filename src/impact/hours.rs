//! What differs between the hours of two calendars, as it is written.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::{
    load::words::in_a_row,
    model::{Id, LocalDate, Rulebook, calendar::Calendar},
    time::{Weekdays, Window},
};

/// How many dates are named before the rest is counted.
const MOST_DATES: usize = 6;

/// How the hours of a calendar differ. It holds all of what differs, so that it names a change and no wider one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HoursChange {
    /// The calendars before and after.
    pub calendars: [Id; 2],
    /// The zones, where they differ.
    pub zones: Option<[String; 2]>,
    /// The hours of the week in words, where they differ.
    pub weekly: Option<[String; 2]>,
    /// Days that are closed now, with their names.
    pub added: Vec<(Date, String)>,
    /// Days that are not closed any more, with their names.
    pub removed: Vec<(Date, String)>,
    /// Days that have other hours of their own, with the hours before and after.
    pub other: Vec<(Date, [String; 2])>,
}

impl HoursChange {
    /// What differs between a calendar of the one rulebook and one of the other.
    #[must_use]
    pub fn between(rulebooks: [&Rulebook; 2], calendars: [&str; 2]) -> Option<Self> {
        let ([old, new], [before, after]) = (rulebooks, calendars);
        let (before, after) = (old.calendars.get(before)?, new.calendars.get(after)?);
        let (was, is) = (&before.value, &after.value);
        let (closed_before, closed_after) = (closed(was, old), closed(is, new));
        let only = |one: &BTreeMap<Date, String>, other: &BTreeMap<Date, String>| {
            let missing = one.iter().filter(|(date, _)| !other.contains_key(*date));
            missing.map(|(date, name)| (*date, name.clone())).collect()
        };
        let differ = |one: String, other: String| (one != other).then_some([one, other]);
        let dates: BTreeSet<&LocalDate> = was.overrides.keys().chain(is.overrides.keys()).collect();
        let other = dates.into_iter().filter(|date| was.overrides.get(*date) != is.overrides.get(*date));
        let other =
            other.map(|date| (date.0, [on(was, &closed_before, *date), on(is, &closed_after, *date)]));
        Some(Self {
            calendars: [before.id.clone(), after.id.clone()],
            zones: differ(was.time_zone.to_string(), is.time_zone.to_string()),
            weekly: (was.windows_by_day() != is.windows_by_day()).then(|| [weekly(was), weekly(is)]),
            added: only(&closed_after, &closed_before),
            removed: only(&closed_before, &closed_after),
            other: other.collect(),
        })
    }

    /// Every date that is named on one side only.
    pub(super) fn dates(&self) -> impl Iterator<Item = Date> {
        let closed = self.added.iter().chain(&self.removed).map(|(date, _)| *date);
        closed.chain(self.other.iter().map(|(date, _)| *date))
    }

    /// What differs, one line for each sort of it.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let [before, after] = &self.calendars;
        let mut lines = Vec::new();
        if before != after {
            lines.push(format!("the calendar is `{after}` instead of `{before}`"));
        }
        if let Some([before, now]) = &self.zones {
            lines.push(format!("the hours of `{after}` are meant in {now} instead of {before}"));
        }
        if let Some([before, now]) = &self.weekly {
            lines.push(format!("`{after}` is open {now} instead of {before}"));
        }
        let named = |days: &[(Date, String)]| {
            few(days.iter().map(|(date, name)| format!("{date} ({name})")).collect())
        };
        if !self.added.is_empty() {
            lines.push(format!("`{after}` is also closed on {}", named(&self.added)));
        }
        if !self.removed.is_empty() {
            lines.push(format!("`{after}` is not closed any more on {}", named(&self.removed)));
        }
        if !self.other.is_empty() {
            let said = |(date, [before, now]): &(Date, [String; 2])| format!("{date} ({now}, not {before})");
            let other = few(self.other.iter().map(said).collect());
            lines.push(format!("`{after}` has other hours on {other}"));
        }
        if lines.is_empty() {
            lines.push(format!("the hours of `{after}` are written otherwise"));
        }
        lines
    }
}

/// The first of some dates, and how many others there are.
fn few(dates: Vec<String>) -> String {
    let more = dates.len().saturating_sub(MOST_DATES);
    let mut shown: Vec<String> = dates.into_iter().take(MOST_DATES).collect();
    match more {
        0 => {}
        1 => shown.push("1 more date".to_owned()),
        more => shown.push(format!("{more} more dates")),
    }
    in_a_row(&shown, "and")
}

/// The days on which a calendar is closed, with their names: its own, and those of the calendars that it names.
fn closed(calendar: &Calendar, rulebook: &Rulebook) -> BTreeMap<Date, String> {
    let mut dates = BTreeMap::new();
    let (mut seen, mut open) = (BTreeSet::new(), vec![calendar]);
    while let Some(calendar) = open.pop() {
        for (date, name) in &calendar.holidays {
            dates.entry(date.0).or_insert_with(|| name.clone());
        }
        let sources = calendar.holidays_from.iter().filter(|source| seen.insert(source.as_str()));
        open.extend(sources.filter_map(|id| Some(&rulebook.calendars.get(id.as_str())?.value)));
    }
    dates
}

/// The hours of one date: its own, or none where it is closed, or those of its weekday.
fn on(calendar: &Calendar, closed: &BTreeMap<Date, String>, date: LocalDate) -> String {
    if let Some(windows) = calendar.overrides.get(&date) {
        return hours(windows);
    }
    if closed.contains_key(&date.0) {
        return "closed".to_owned();
    }
    let day = usize::try_from(date.0.weekday().to_monday_zero_offset()).unwrap_or_default();
    calendar.windows_by_day().get(day).map(|windows| hours(windows)).unwrap_or_default()
}

fn hours(windows: &[Window]) -> String {
    if windows.is_empty() {
        return "closed".to_owned();
    }
    windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// The hours of the week: `mon-fri 09:00-17:00, sat 10:00-14:00`.
fn weekly(calendar: &Calendar) -> String {
    let days = calendar.windows_by_day();
    let mut parts: Vec<(usize, usize, &Vec<Window>)> = Vec::new();
    for (day, windows) in days.iter().enumerate() {
        match parts.last_mut() {
            Some((_, last, known)) if *known == windows => *last = day,
            _ => parts.push((day, day, windows)),
        }
    }
    let name = |day: usize| Weekdays::name_of(day).unwrap_or_default();
    let open = parts.iter().filter(|(_, _, windows)| !windows.is_empty());
    let words: Vec<String> = open
        .map(|(first, last, windows)| {
            let days = if first == last {
                name(*first).to_owned()
            } else {
                format!("{}-{}", name(*first), name(*last))
            };
            format!("{days} {}", hours(windows))
        })
        .collect();
    if words.is_empty() { "closed".to_owned() } else { words.join(", ") }
}
