//! Zones and weekly hours.

use jiff::civil::Date;

use crate::{
    decide::calendars::Calendars,
    diag::{Code, Safety, code},
    lint::Context,
    load::suggest::nearest_zone,
    model::{Entry, Kind, LocalDate, Rulebook, Target, calendar::Calendar},
    time::{Weekdays, Window, Zone},
};

/// A time zone that the database does not have.
pub(super) static UNKNOWN_ZONE: Code =
    code!("GS3001", "unknown-zone", fixed Error, "a calendar is in a time zone that does not exist");
/// Two keys of one weekday.
pub(super) static WEEKDAY_TWICE: Code =
    code!("GS3002", "weekday-twice", Error, "two keys of a calendar give hours to the same weekday");
/// Windows that overlap.
pub(super) static OVERLAPPING_WINDOWS: Code =
    code!("GS3003", "overlapping-windows", Error, "two windows of a calendar overlap");
/// Windows that are not in order.
pub(super) static UNORDERED_WINDOWS: Code =
    code!("GS3004", "unordered-windows", Warning, "the windows of a day are not in the order of time");
/// A calendar that never opens.
pub(super) static NEVER_OPEN: Code =
    code!("GS3005", "never-open", Error, "a calendar is never open, so that its clocks never run");

pub(super) fn unknown_zone(context: &mut Context<'_>) {
    for calendar in
        context.rulebook.calendars.iter().filter(|calendar| calendar.time_zone.resolve().is_none())
    {
        let written = calendar.time_zone.as_str();
        let finding = context
            .report(calendar.at("/time-zone"), format!("there is no time zone `{written}`"))
            .label("no such zone in the IANA database");
        let names = || Zone::names().iter().map(String::as_str);
        // Cities are what people know: `Berlin` and `berlin` mean `Europe/Berlin`.
        let city = |name: &&str| {
            name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&written.replace(' ', "_")))
        };
        match names().find(city).or_else(|| nearest_zone(written, names())) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).replace_with(
                format!("write `{near}`"),
                format!("\"{near}\""),
                Safety::Suggestion,
            ),
            None => finding.help("write a name of the IANA database, such as `Europe/Berlin` or `UTC`"),
        };
    }
}

pub(super) fn weekday_twice(context: &mut Context<'_>) {
    for calendar in &context.rulebook.calendars {
        let keys: Vec<Weekdays> = calendar.weekly.keys().copied().collect();
        for (index, later) in keys.iter().enumerate() {
            let Some((earlier, day)) = keys.iter().take(index).find_map(|earlier| {
                let shared = earlier.days().find(|day| later.contains(*day))?;
                Some((earlier, Weekdays::name_of(shared)?))
            }) else {
                continue;
            };
            context
                .report(
                    calendar.at(format!("/weekly/{later}")).key(),
                    format!("`{earlier}` and `{later}` both give hours to `{day}`"),
                )
                .related(calendar.at(format!("/weekly/{earlier}")).key(), "the other hours")
                .help(format!("name each weekday once: leave `{day}` out of one of them"));
        }
    }
}

/// A window of a week: its place in the document, and its seconds from the start of its weekday.
struct Placed {
    pointer: String,
    key: Option<Weekdays>,
    index: usize,
    window: Window,
}

/// Seconds of a day without a clock change.
const DAY: u32 = 86_400;

fn overlap(one: Window, other: Window, shift: u32) -> bool {
    let (start, end) = (other.start() + shift, other.end_from_start_day() + shift);
    one.start() < end && start < one.end_from_start_day()
}

pub(super) fn overlapping_windows(context: &mut Context<'_>) {
    for calendar in &context.rulebook.calendars {
        let mut days: [Vec<Placed>; 7] = Default::default();
        for (key, windows) in &calendar.weekly {
            for (index, window) in windows.iter().copied().enumerate() {
                for day in key.days() {
                    let pointer = format!("/weekly/{key}/{index}");
                    if let Some(day) = days.get_mut(day) {
                        day.push(Placed { pointer, key: Some(*key), index, window });
                    }
                }
            }
        }
        let mut pairs: Vec<(String, String, String)> = Vec::new();
        for (number, day) in days.iter().enumerate() {
            let name = Weekdays::name_of(number).unwrap_or_default();
            same_list(day, &format!("on `{name}`"), &mut pairs);
            let next = days.get((number + 1) % 7).into_iter().flatten();
            for following in next {
                for own in day.iter().filter(|own| overlap(own.window, following.window, DAY)) {
                    let text = format!(
                        "`{}` of `{name}` runs into `{}` of the next day",
                        own.window, following.window
                    );
                    pairs.push((following.pointer.clone(), own.pointer.clone(), text));
                }
            }
        }
        for (date, windows) in &calendar.overrides {
            let placed = windows.iter().enumerate().map(|(index, window)| {
                let pointer = format!("/overrides/{date}/{index}");
                Placed { pointer, key: None, index, window: *window }
            });
            same_list(&placed.collect::<Vec<_>>(), &format!("on {date}"), &mut pairs);
        }
        around_overrides(context.rulebook, calendar, &mut pairs);
        let mut reported: Vec<(String, String)> = Vec::new();
        for (second, first, text) in pairs {
            let pair = (second, first);
            if !reported.contains(&pair) {
                context
                    .report(calendar.at(&pair.0), text)
                    .label("overlaps")
                    .related(calendar.at(&pair.1), "with this one")
                    .help("end the first one where the second one starts, or write one window for both");
                reported.push(pair);
            }
        }
    }
}

/// The windows that start on a date, with their places: its own hours, or those of its weekday.
fn windows_of(calendar: &Calendar, date: Date) -> Vec<(String, Window)> {
    let placed = |pointer: String, windows: &[Window]| {
        let windows = windows.iter().enumerate();
        windows.map(|(index, window)| (format!("{pointer}/{index}"), *window)).collect::<Vec<_>>()
    };
    let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
    if let Some(own) = calendar.overrides.get(&LocalDate(date)) {
        return placed(format!("/overrides/{date}"), own);
    }
    let weekly = calendar.weekly.iter().filter(|(days, _)| days.contains(day));
    weekly.flat_map(|(days, windows)| placed(format!("/weekly/{days}"), windows)).collect()
}

/// Windows that run past midnight into, or out of, a date with hours of its own.
fn around_overrides(rulebook: &Rulebook, calendar: &Calendar, pairs: &mut Vec<(String, String, String)>) {
    // Whether a date is closed cannot be said, which is a finding of its own.
    let Ok(closed) = calendar.closed_dates(rulebook) else { return };
    for date in calendar.overrides.keys().map(|date| date.0) {
        let before = date.yesterday().ok().map(|before| (before, date));
        let after = date.tomorrow().ok().map(|after| (date, after));
        for (evening, morning) in before.into_iter().chain(after) {
            // A holiday cuts off what runs into it.
            if closed.contains(&morning) {
                continue;
            }
            let early = windows_of(calendar, morning);
            for (first, late) in windows_of(calendar, evening) {
                for (second, early) in early.iter().filter(|(_, early)| overlap(late, *early, DAY)) {
                    let text = format!("`{late}` of {evening} runs into `{early}` of {morning}");
                    pairs.push((second.clone(), first.clone(), text));
                }
            }
        }
    }
}

/// Windows of one day overlap; those of two keys are left to the finding about the keys.
fn same_list(windows: &[Placed], when: &str, pairs: &mut Vec<(String, String, String)>) {
    for (position, second) in windows.iter().enumerate() {
        for first in windows.iter().take(position).filter(|first| first.key == second.key) {
            if first.index != second.index && overlap(first.window, second.window, 0) {
                let text = format!("`{}` overlaps `{}` {when}", second.window, first.window);
                pairs.push((second.pointer.clone(), first.pointer.clone(), text));
            }
        }
    }
}

pub(super) fn unordered_windows(context: &mut Context<'_>) {
    for calendar in &context.rulebook.calendars {
        let weekly = calendar.weekly.iter().map(|(days, windows)| (format!("/weekly/{days}"), windows));
        let dated = calendar.overrides.iter().map(|(date, windows)| (format!("/overrides/{date}"), windows));
        for (pointer, windows) in weekly.chain(dated) {
            let late = windows
                .iter()
                .zip(windows.iter().skip(1))
                .find(|(first, second)| second.start() < first.start() && !overlap(**first, **second, 0));
            if let Some((first, second)) = late {
                let mut sorted = windows.clone();
                sorted.sort_unstable();
                let sorted: Vec<String> = sorted.iter().map(|window| format!("\"{window}\"")).collect();
                let sorted = format!("[{}]", sorted.join(", "));
                context
                    .report(calendar.at(pointer), format!("`{second}` stands after `{first}`"))
                    .label("not in the order of time")
                    .help(format!("write `{sorted}`"))
                    .replace_with("put the windows in order", sorted, Safety::Safe);
            }
        }
    }
}

pub(super) fn never_open(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    for calendar in &rulebook.calendars {
        let Some(compiled) = calendars.find(calendar.id.as_str()) else { continue };
        let Ok(start) = context.today.to_zoned(compiled.zone().clone()) else { continue };
        if compiled.next_open(start.timestamp()).is_some() || only_lends_holidays(rulebook, calendar) {
            continue;
        }
        let finding =
            context.report(calendar.at(""), format!("the calendar `{}` is never open", calendar.id));
        if calendar.weekly.is_empty() && calendar.overrides.is_empty() {
            finding.help("add hours, such as `weekly.mon-fri = [\"09:00-17:00\"]`");
        } else {
            finding.note("no window of it lies after today").help("add weekly hours");
        }
    }
}

/// Whether a calendar without hours is a list of holidays for others.
fn only_lends_holidays(rulebook: &Rulebook, calendar: &Entry<Calendar>) -> bool {
    let users = rulebook.references.iter().filter(|reference| {
        matches!(&reference.to, Target::Object { kind: Kind::Calendar, id, .. } if **id == *calendar.id.as_str())
    });
    let mut lends = false;
    for user in users {
        if !matches!(user.from, Some((Kind::Calendar, _))) {
            return false;
        }
        lends = true;
    }
    lends && calendar.weekly.is_empty() && calendar.overrides.is_empty()
}
