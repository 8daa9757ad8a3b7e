//! How long `due` and `elapsed` take, hours, months and years ahead, beside a walk from one open interval to the next.
//!
//! Run with `cargo bench --bench clock`. The answers of both are compared before anything is measured. Times are
//! nanoseconds of one call, the median of several rounds over many start instants; compare the ratios, not the
//! nanoseconds of one machine.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    hint::black_box,
    time::Instant,
};

use gitsm::time::{Calendar, Pauses, Weekdays, Window, Zone, due, elapsed};
use jiff::{Timestamp, ToSpan, civil::Date};

/// Start instants of one round.
const STARTS: usize = 512;
/// Rounds; the median counts.
const ROUNDS: usize = 31;
/// Names of the sizes, with the days that they look ahead.
const SIZES: [(&str, i64); 3] = [("hours", 1), ("months", 90), ("years", 1_095)];

fn main() {
    println!(
        "{:<22} {:<8} {:>9} {:>11} {:>9} {:>13} {:>9}",
        "calendar", "ahead", "due ns", "elapsed ns", "walk ns", "against due", "paused ns"
    );
    for (name, calendar) in calendars() {
        for (ahead, days) in SIZES {
            measure(name, &calendar, ahead, days);
        }
    }
}

/// Calendars of growing difficulty.
fn calendars() -> Vec<(&'static str, Calendar)> {
    let holidays = || -> BTreeSet<Date> {
        (2024..2036)
            .flat_map(|year| {
                let date = |month: i8, day: i8| Date::new(year, month, day).unwrap();
                // Ten dates a year, some of them on weekends, as real ones are.
                [(1, 1), (1, 6), (3, 8), (4, 3), (4, 6), (5, 1), (5, 14), (10, 3), (12, 25), (12, 26)]
                    .map(|(month, day)| date(month, day))
            })
            .collect()
    };
    let overrides = || -> BTreeMap<Date, Vec<Window>> {
        (2024..2036).map(|year| (Date::new(year, 12, 24).unwrap(), windows("09:00-12:00"))).collect()
    };
    let none = BTreeSet::new;
    let zone = |name: &str| Zone::new(name).resolve().unwrap();
    vec![
        ("always", Calendar::around_the_clock()),
        (
            "office, UTC",
            Calendar::new(zone("UTC"), weekly("mon-fri", "09:00-17:00"), none(), BTreeMap::new()),
        ),
        (
            "office, Berlin",
            Calendar::new(zone("Europe/Berlin"), weekly("mon-fri", "09:00-17:00"), holidays(), overrides()),
        ),
        (
            "lunch, New York",
            Calendar::new(
                zone("America/New_York"),
                weekly("mon-fri", "08:30-12:00,13:00-17:30"),
                holidays(),
                BTreeMap::new(),
            ),
        ),
        (
            "nights, Sydney",
            Calendar::new(
                zone("Australia/Sydney"),
                weekly("sun-thu", "22:00-06:00"),
                holidays(),
                BTreeMap::new(),
            ),
        ),
    ]
}

fn windows(text: &str) -> Vec<Window> {
    text.split(',').map(|window| window.parse().unwrap()).collect()
}

fn weekly(days: &str, text: &str) -> [Vec<Window>; 7] {
    let mut weekly: [Vec<Window>; 7] = std::array::from_fn(|_| Vec::new());
    for day in days.parse::<Weekdays>().unwrap().days() {
        weekly[day] = windows(text);
    }
    weekly
}

fn measure(name: &str, calendar: &Calendar, ahead: &str, days: i64) {
    // From early 2026 on, at all times of the day and the week.
    let first: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    let starts: Vec<Timestamp> = (0..STARTS)
        .map(|index| first.checked_add((i64::try_from(index).unwrap() * 611).minutes()).unwrap())
        .collect();
    let target = if days == 1 {
        4 * 3_600
    } else {
        // As much business time as so many days have.
        elapsed(calendar, first, first.checked_add((days * 24).hours()).unwrap(), Pauses::NONE)
    };
    let ends: Vec<Timestamp> = starts
        .iter()
        .map(|start| {
            let fast = due(calendar, *start, target, Pauses::NONE).instant().unwrap();
            assert_eq!(walk(calendar, *start, target), fast, "{name}: {start}");
            assert_eq!(elapsed(calendar, *start, fast, Pauses::NONE), target, "{name}: {start}");
            fast
        })
        .collect();
    let pauses = Pauses::new([3_i64, 40].map(|hours| {
        let from = first.checked_add(hours.hours()).unwrap();
        (from, Some(from.checked_add(5.hours()).unwrap()))
    }))
    .unwrap();
    let fast = median(&starts, |start, _| {
        black_box(due(calendar, start, target, Pauses::NONE));
    });
    let count = median(&starts, |start, index| {
        black_box(elapsed(calendar, start, ends[index], Pauses::NONE));
    });
    let slow = median(&starts, |start, _| {
        black_box(walk(calendar, start, target));
    });
    let with_breaks = median(&starts, |start, _| {
        black_box(due(calendar, start, target, &pauses));
    });
    println!(
        "{name:<22} {ahead:<8} {fast:>9.0} {count:>11.0} {slow:>9.0} {:>12.1}x {with_breaks:>9.0}",
        slow / fast
    );
}

/// The due instant, from one open interval to the next.
fn walk(calendar: &Calendar, start: Timestamp, target: i64) -> Timestamp {
    let mut left = target;
    for interval in calendar.intervals(start) {
        let length = interval.end.as_second() - interval.start.as_second();
        if length >= left {
            return Timestamp::from_second(interval.start.as_second() + left).unwrap();
        }
        left -= length;
    }
    Timestamp::MAX
}

/// Nanoseconds of one call: the median over the rounds.
fn median(starts: &[Timestamp], work: impl Fn(Timestamp, usize)) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            for (index, start) in starts.iter().enumerate() {
                work(black_box(*start), index);
            }
            begin.elapsed().as_nanos() as f64 / starts.len() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
