//! Holidays and days with other hours.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

use crate::{
    diag::{Code, code},
    lint::{Context, graph},
    model::calendar::Calendar,
    time::Window,
};

/// A date that is a holiday and has other hours.
pub(super) static HOLIDAY_AND_OVERRIDE: Code =
    code!("GS3006", "holiday-and-override", Error, "a date is a holiday and has hours of its own");
/// Other hours that are the usual ones.
pub(super) static USELESS_OVERRIDE: Code =
    code!("GS3007", "useless-override", Warning, "the hours of a date are those that it has anyway");
/// A holiday on a day that is closed.
pub(super) static USELESS_HOLIDAY: Code =
    code!("GS3008", "useless-holiday", Note, "a holiday falls on a weekday that is closed anyway");
/// Holidays that nobody keeps up.
pub(super) static STALE_HOLIDAYS: Code =
    code!("GS3009", "stale-holidays", Warning, "a calendar has holidays, but none from this year on");
/// Calendars that take holidays from each other.
pub(super) static HOLIDAY_CYCLE: Code =
    code!("GS3010", "holiday-cycle", Error, "calendars take their holidays from each other");

pub(super) fn holiday_and_override(context: &mut Context<'_>) {
    for calendar in &context.rulebook.calendars {
        for date in calendar.overrides.keys() {
            let Some(name) = calendar.holidays.get(date) else { continue };
            context
                .report(
                    calendar.at(format!("/overrides/{date}")),
                    format!("{date} is the holiday `{name}` and has hours of its own"),
                )
                .related(calendar.at(format!("/holidays/{date}")), "the holiday")
                .help("keep the holiday if the day is closed, the hours if it is not");
        }
    }
}

fn weekday(date: Date) -> usize {
    usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default()
}

fn usual(calendar: &Calendar, date: Date) -> Vec<Window> {
    calendar.windows_by_day().into_iter().nth(weekday(date)).unwrap_or_default()
}

pub(super) fn useless_override(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for calendar in rulebook.calendars.iter().filter(|calendar| !calendar.overrides.is_empty()) {
        // What an override does on a holiday depends on all holidays.
        let Ok(closed) = calendar.closed_dates(rulebook) else { continue };
        for (date, windows) in &calendar.overrides {
            let sorted = |windows: &[Window]| windows.iter().copied().collect::<BTreeSet<_>>();
            let usual = usual(calendar, date.0);
            let is_useless = if closed.contains(&date.0) {
                // On its own holiday the two contradict each other. Closing one that comes from elsewhere ends
                // only shifts that run into the next day.
                let is_own = calendar.holidays.contains_key(date);
                windows.is_empty() && !is_own && !usual.iter().any(|window| window.is_overnight())
            } else {
                sorted(windows) == sorted(&usual)
            };
            if !is_useless {
                continue;
            }
            let message = if windows.is_empty() {
                format!("{date} is closed anyway")
            } else {
                format!("{date} has these hours anyway")
            };
            context
                .report(calendar.at(format!("/overrides/{date}")), message)
                .label("changes nothing")
                .note(format!("it is a {}", day_name(date.0)))
                .help("remove it, or mend the date or the hours");
        }
    }
}

fn day_name(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

pub(super) fn useless_holiday(context: &mut Context<'_>) {
    for calendar in context.rulebook.calendars.iter().filter(|calendar| !calendar.weekly.is_empty()) {
        let days = calendar.windows_by_day();
        for (date, name) in &calendar.holidays {
            let weekend = matches!(date.0.weekday(), Weekday::Saturday | Weekday::Sunday);
            let before = weekday(date.0).checked_sub(1).unwrap_or(6);
            let open_on = |day: usize| days.get(day).map_or(&[][..], Vec::as_slice);
            // The end of the shift of the evening before lies on this date, too.
            let shift = open_on(before).iter().any(|window| window.is_overnight());
            if weekend || shift || !open_on(weekday(date.0)).is_empty() {
                continue;
            }
            context
                .report(
                    calendar.at(format!("/holidays/{date}")).key(),
                    format!("{date} (`{name}`) is a {}, which is closed anyway", day_name(date.0)),
                )
                .help("check the date; remove it if it is right");
        }
    }
}

pub(super) fn stale_holidays(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let year = context.today.year();
    for calendar in &rulebook.calendars {
        let Some((latest, _)) = calendar.holidays.last_key_value() else { continue };
        let Ok(dates) = calendar.closed_dates(rulebook) else { continue };
        if dates.last().is_some_and(|last| last.year() >= year) {
            continue;
        }
        context
            .report(
                calendar.at(format!("/holidays/{latest}")).key(),
                format!("the last holiday of the calendar `{}` is {latest}", calendar.id),
            )
            .note("its clocks run on every later holiday, and targets are missed that nobody could meet")
            .help(format!("add the holidays of {year} and of the next year"));
    }
}

pub(super) fn holiday_cycle(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let edges = rulebook.calendars.iter().flat_map(|calendar| {
        calendar.holidays_from.iter().map(|source| (calendar.id.as_str(), source.as_str()))
    });
    for cycle in graph::cycles(edges) {
        let Some(calendar) = cycle.first().and_then(|id| rulebook.calendars.get(id)) else { continue };
        let message = match cycle.as_slice() {
            [_] => format!("the calendar `{}` takes its holidays from itself", calendar.id),
            _ => format!(
                "calendars take their holidays from each other: `{}`",
                cycle.iter().chain(cycle.first()).copied().collect::<Vec<_>>().join("` from `")
            ),
        };
        context
            .report(calendar.at("/holidays-from"), message)
            .help("put the common holidays into one calendar that names no other");
    }
}
