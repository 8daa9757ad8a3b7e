//! What differs between the hours of two calendars, as it is written: why something becomes due at other instants.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Commitments, Unknown, side::Side, times::Times};
use crate::{
    model::{Id, Kind, Rulebook, Selector, calendar::Calendar},
    time::{Weekdays, Window},
};

/// How the hours in which time counts differ.
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
    /// Days that have other hours of their own.
    pub other: Vec<Date>,
}

impl HoursChange {
    /// What differs between a calendar of the one side and one of the other.
    pub(super) fn of(sides: &[Side<'_>; 2], calendars: [&str; 2]) -> Option<Self> {
        let ([old, new], [before, after]) = (sides, calendars);
        let before = old.rulebook().calendars.get(before)?;
        let after = new.rulebook().calendars.get(after)?;
        let (was, is) = (&before.value, &after.value);
        let closed = [closed(was, old.rulebook()), closed(is, new.rulebook())];
        let [closed_before, closed_after] = &closed;
        let only = |one: &BTreeMap<Date, String>, other: &BTreeMap<Date, String>| {
            let missing = one.iter().filter(|(date, _)| !other.contains_key(*date));
            missing.map(|(date, name)| (*date, name.clone())).collect()
        };
        let differ = |one: String, other: String| (one != other).then_some([one, other]);
        let dates: BTreeSet<_> = was.overrides.keys().chain(is.overrides.keys()).collect();
        let other = dates.into_iter().filter(|date| was.overrides.get(*date) != is.overrides.get(*date));
        Some(Self {
            calendars: [before.id.clone(), after.id.clone()],
            zones: differ(was.time_zone.to_string(), is.time_zone.to_string()),
            weekly: (was.windows_by_day() != is.windows_by_day()).then(|| [weekly(was), weekly(is)]),
            added: only(closed_after, closed_before),
            removed: only(closed_before, closed_after),
            other: other.map(|date| date.0).collect(),
        })
    }

    /// Every date that is named on one side only.
    fn dates(&self) -> impl Iterator<Item = Date> {
        let closed = self.added.iter().chain(&self.removed).map(|(date, _)| *date);
        closed.chain(self.other.iter().copied())
    }
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
            let windows: Vec<String> = windows.iter().map(ToString::to_string).collect();
            let days = if first == last {
                name(*first).to_owned()
            } else {
                format!("{}-{}", name(*first), name(*last))
            };
            format!("{days} {}", windows.join(" and "))
        })
        .collect();
    if words.is_empty() { "closed".to_owned() } else { words.join(", ") }
}

/// Dates that differ and lie outside of the period: nothing is known about what they do.
pub(super) fn beyond(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides;
    let zone = new.engine.zone();
    let [first, end] =
        [times.starts.from, times.starts.to].map(|instant| instant.to_zoned(zone.clone()).date());
    for calendar in &new.rulebook().calendars {
        let id = &calendar.id;
        if old.rulebook().calendars.get(id.as_str()).is_none()
            || times.have_the_same_hours([id.as_str(), id.as_str()])
        {
            continue;
        }
        let Some(change) = HoursChange::of(times.sides, [id.as_str(), id.as_str()]) else { continue };
        let outside: Vec<Date> = change.dates().filter(|date| *date < first || *date >= end).collect();
        if let Some(date) = outside.first() {
            found.unknown.push(Unknown {
                subjects: vec![Selector { kind: Kind::Calendar, id: id.clone(), part: None }],
                why: match outside.len() {
                    1 => format!("{date} lies outside of the years that are compared"),
                    several => {
                        format!("{several} dates, such as {date}, lie outside of the years that are compared")
                    }
                },
            });
        }
    }
}
