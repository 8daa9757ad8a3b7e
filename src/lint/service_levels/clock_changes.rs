//! Edges of windows on the days on which the clocks change.

use std::collections::BTreeSet;

use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::{
    diag::{Code, code},
    lint::Context,
    model::calendar::Calendar,
    time::Window,
};

/// An edge that a clock change skips or repeats.
pub(super) static CLOCK_CHANGE: Code = code!(
    "GS3011",
    "clock-change",
    Note,
    "a window starts or ends at a time that a clock change skips or repeats"
);

const DAY: u32 = 86_400;

/// A stretch of local time that does not exist, or that exists twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    from: DateTime,
    to: DateTime,
    skipped: bool,
}

/// The changes of a zone between two instants.
fn changes(zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Change> {
    let changes = zone.following(from).take_while(|change| change.timestamp() < to);
    let mut before = zone.to_offset(from);
    let changes = changes.filter_map(|change| {
        let (old, new) = (before, change.offset());
        before = new;
        let (one, other) = (old.to_datetime(change.timestamp()), new.to_datetime(change.timestamp()));
        (one != other).then(|| Change { from: one.min(other), to: one.max(other), skipped: one < other })
    });
    changes.collect()
}

impl Change {
    /// Whether a local time is skipped or repeated. The first skipped second is the instant of the change
    /// itself, so that nothing is lost there.
    fn affects(self, time: DateTime) -> bool {
        if self.skipped { self.from < time && time < self.to } else { self.from <= time && time < self.to }
    }
}

/// An edge: seconds after midnight of the day on which its window starts.
fn edges(window: Window) -> [(u32, &'static str); 2] {
    [(window.start(), "starts"), (window.end_from_start_day(), "ends")]
}

pub(super) fn clock_change(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for calendar in &rulebook.calendars {
        let Some(zone) = calendar.time_zone.resolve() else { continue };
        let Ok(from) = context.today.to_zoned(zone.clone()) else { continue };
        let Ok(to) = from.checked_add(Span::new().years(2)) else { continue };
        let changes = changes(&zone, from.timestamp(), to.timestamp());
        let Ok(closed) = calendar.closed_dates(rulebook) else { continue };
        if changes.is_empty() {
            continue;
        }
        let seams = seams(calendar);
        for (days, windows) in &calendar.weekly {
            for (index, window) in windows.iter().enumerate() {
                let own = edges(*window)
                    .into_iter()
                    .filter(|(second, _)| days.days().any(|day| !seams.contains(&week_second(day, *second))));
                let stands_alone = |date: Date| {
                    let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
                    let is_seam = |(second, _): (u32, &str)| seams.contains(&week_second(day, second));
                    days.contains(day)
                        && !edges(*window).into_iter().all(is_seam)
                        && !closed.contains(&date)
                        && !calendar.overrides.keys().any(|other| other.0 == date)
                };
                let at = calendar.at(format!("/weekly/{days}/{index}"));
                let lost = changes.iter().filter_map(|change| loses(*change, *window, stands_alone));
                let lost: Vec<(Date, Change)> = lost.collect();
                if !lost.is_empty() {
                    tell_lost(context, at, *window, &lost);
                    continue;
                }
                let mut met = Vec::new();
                for (second, verb) in own {
                    for change in &changes {
                        let usual = |date: Date| {
                            let day = usize::try_from(date.weekday().to_monday_zero_offset());
                            day.is_ok_and(|day| {
                                days.contains(day) && !seams.contains(&week_second(day, second))
                            }) && !closed.contains(&date)
                                && !calendar.overrides.keys().any(|other| other.0 == date)
                        };
                        met.extend(meets(*change, second, usual).map(|time| (time, verb, *change)));
                    }
                }
                tell(context, at, *window, met);
            }
        }
        for (date, windows) in &calendar.overrides {
            for (index, window) in windows.iter().enumerate() {
                let at = calendar.at(format!("/overrides/{date}/{index}"));
                let lost = changes.iter().filter_map(|change| loses(*change, *window, |day| day == date.0));
                let lost: Vec<(Date, Change)> = lost.collect();
                if !lost.is_empty() {
                    tell_lost(context, at, *window, &lost);
                    continue;
                }
                let met = edges(*window).into_iter().flat_map(|(second, verb)| {
                    let meet = |change: &Change| {
                        meets(*change, second, |day| day == date.0).map(|time| (time, verb, *change))
                    };
                    changes.iter().filter_map(meet).collect::<Vec<_>>()
                });
                let met = met.collect();
                tell(context, at, *window, met);
            }
        }
    }
}

/// The edge, when a change meets it on a date on which its window starts.
fn meets(change: Change, second: u32, starts_on: impl Fn(Date) -> bool) -> Option<DateTime> {
    // A change may pass midnight, and an overnight window ends on the day after it starts.
    let first = change.from.date().yesterday().ok()?;
    first.series(Span::new().days(1)).take(3).find_map(|date| {
        let time = date.at(0, 0, 0, 0).checked_add(Span::new().seconds(second)).ok()?;
        (change.affects(time) && starts_on(date)).then_some(time)
    })
}

/// The date on which a window would start that lies in what a change skips, from its start to its end: on that date it is
/// not open at all.
fn loses(change: Change, window: Window, starts_on: impl Fn(Date) -> bool) -> Option<(Date, Change)> {
    let first = change.from.date().yesterday().ok().filter(|_| change.skipped)?;
    let date = first.series(Span::new().days(1)).take(3).find(|date| {
        let at = |second: u32| date.at(0, 0, 0, 0).checked_add(Span::new().seconds(second)).ok();
        let [start, end] = edges(window).map(|(second, _)| at(second));
        start.is_some_and(|start| change.from <= start)
            && end.is_some_and(|end| end <= change.to)
            && starts_on(*date)
    })?;
    Some((date, change))
}

fn tell_lost(context: &mut Context<'_>, at: crate::lint::Location, window: Window, lost: &[(Date, Change)]) {
    let Some((date, change)) = lost.first() else { return };
    let clock = |time: DateTime| time.strftime("%H:%M").to_string();
    let finding = context.report(at, format!("`{window}` does not exist on {date}"));
    finding.label("the clocks change").note(format!(
        "on {date} the clocks go from {} to {}, and all of the window lies between the two",
        clock(change.from),
        clock(change.to),
    ));
    for (date, _) in lost.iter().skip(1).take(3) {
        finding.note(format!("it does not exist on {date} either"));
    }
    finding.help("move the window away from the hour in which the clocks change, if it matters");
}

fn tell(
    context: &mut Context<'_>,
    at: crate::lint::Location,
    window: Window,
    mut met: Vec<(DateTime, &'static str, Change)>,
) {
    met.sort_by_key(|(time, ..)| *time);
    let Some((time, verb, change)) = met.first() else { return };
    let what = |skipped: bool| if skipped { "does not exist" } else { "exists twice" };
    let clock = |time: DateTime| time.strftime("%H:%M").to_string();
    let message = format!("`{window}` {verb} at a time that {} on {}", what(change.skipped), time.date());
    let finding = context.report(at, message);
    let (gone, shown) = if change.skipped { (change.from, change.to) } else { (change.to, change.from) };
    finding.label("the clocks change").note(format!(
        "on {} the clocks go from {} to {}; {}",
        time.date(),
        clock(gone),
        clock(shown),
        if change.skipped { "the edge moves by as much" } else { "the edge is the first of the two" }
    ));
    for (time, verb, change) in met.iter().skip(1).take(3) {
        finding.note(format!("it also {verb} at a time that {} on {}", what(change.skipped), time.date()));
    }
    finding.help("move the edge away from the hour in which the clocks change, if it matters");
}

fn week_second(day: usize, second: u32) -> u32 {
    (u32::try_from(day).unwrap_or_default() * DAY + second) % (7 * DAY)
}

/// Seconds of the week at which one window hands over to another: whatever the clocks do, nothing is lost.
fn seams(calendar: &Calendar) -> BTreeSet<u32> {
    let (mut starts, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for (day, windows) in calendar.windows_by_day().iter().enumerate() {
        for window in windows {
            starts.insert(week_second(day, window.start()));
            ends.insert(week_second(day, window.end_from_start_day()));
        }
    }
    starts.intersection(&ends).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(zone: &str) -> Vec<Change> {
        let zone = TimeZone::get(zone).unwrap();
        changes(&zone, "2026-11-20T00:00:00Z".parse().unwrap(), "2027-11-20T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_year_in_berlin_skips_an_hour_and_repeats_one() {
        let time = |text: &str| text.parse::<DateTime>().unwrap();
        let [spring, autumn] = of("Europe/Berlin").try_into().unwrap();
        assert_eq!(
            spring,
            Change { from: time("2027-03-28T02:00"), to: time("2027-03-28T03:00"), skipped: true }
        );
        assert_eq!(
            autumn,
            Change { from: time("2027-10-31T02:00"), to: time("2027-10-31T03:00"), skipped: false }
        );
        let affects = |change: Change| {
            ["02:00", "02:30", "03:00"].map(|clock| {
                let date = change.from.date();
                change.affects(time(&format!("{date}T{clock}")))
            })
        };
        assert_eq!(affects(spring), [false, true, false]);
        assert_eq!(affects(autumn), [true, true, false]);
        assert_eq!(of("Asia/Tokyo"), []);
    }

    #[test]
    fn the_end_of_an_overnight_window_counts_from_the_day_on_which_it_starts() {
        let spring = *of("Europe/Berlin").first().unwrap();
        let saturday = |date: Date| date == jiff::civil::date(2027, 3, 27);
        let half_past_two_on_sunday = DAY + 9_000;
        assert!(meets(spring, half_past_two_on_sunday, saturday).is_some());
        assert!(meets(spring, 9_000, saturday).is_none());
    }
}
