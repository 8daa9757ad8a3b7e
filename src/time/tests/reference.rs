//! A slow engine, minute by minute and without any arithmetic on weeks, and the fast one compared with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::second;
use crate::time::{Calendar, Due, Pauses, Window, Zone, due, elapsed};

/// What a calendar is made of.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) zone: &'static str,
    pub(super) weekly: [Vec<Window>; 7],
    pub(super) holidays: BTreeSet<Date>,
    pub(super) overrides: BTreeMap<Date, Vec<Window>>,
}

impl Parts {
    pub(super) fn calendar(&self) -> Calendar {
        Calendar::new(self.zone(), self.weekly.clone(), self.holidays.clone(), self.overrides.clone())
    }

    fn zone(&self) -> TimeZone {
        Zone::new(self.zone).resolve().unwrap()
    }

    /// For each minute from `from` whether the calendar is open in it.
    fn minutes(&self, from: i64, count: i64) -> Vec<bool> {
        let zone = self.zone();
        let local = |instant: i64| zone.to_datetime(second(instant));
        let edge = |date: Date, seconds: u32| -> (i64, DateTime, i64) {
            let wanted = date.at(0, 0, 0, 0).checked_add(i64::from(seconds).seconds()).unwrap();
            let instant = zone.to_timestamp(wanted).unwrap().as_second();
            let shift = local(instant).duration_since(wanted).as_secs();
            (instant, wanted, shift)
        };
        let mut intervals = Vec::new();
        let mut date = local(from).date().checked_sub(3.days()).unwrap();
        let last = local(from + count * 60).date().checked_add(1.day()).unwrap();
        while date <= last {
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap();
            let own = self.overrides.get(&date);
            for window in own.unwrap_or(&self.weekly[weekday]) {
                let (start, wanted_start, skipped) = edge(date, window.start());
                let (end, wanted_end, skipped_end) = edge(date, window.end_from_start_day());
                let inside_gap = skipped > 0
                    && skipped_end > 0
                    && wanted_end.duration_since(wanted_start).as_secs() < skipped;
                if !inside_gap {
                    intervals.push((start, end, own.map(|_| date)));
                }
            }
            date = date.checked_add(1.day()).unwrap();
        }
        let is_open = |instant: i64| {
            let date = local(instant).date();
            intervals.iter().any(|&(start, end, own)| {
                start <= instant && instant < end && (!self.holidays.contains(&date) || own == Some(date))
            })
        };
        (0..count).map(|minute| is_open(from + minute * 60)).collect()
    }
}

/// Two windows of a day that do not touch, one that may pass midnight, or none; edges at half hours, so that clock
/// changes fall on edges and between them.
fn windows() -> impl Strategy<Value = Vec<Window>> {
    let window = |start: u32, end: u32| Window::new(start * 1_800, end * 1_800).unwrap();
    prop_oneof![
        1 => Just(Vec::new()),
        1 => Just(vec![window(0, 48)]),
        4 => proptest::sample::subsequence((0..=48_u32).collect::<Vec<_>>(), 4)
            .prop_map(move |edges| vec![window(edges[0], edges[1]), window(edges[2], edges[3])]),
        3 => (0..48_u32, 1..48_u32).prop_filter_map("one time", move |(start, end)| {
            (start != end).then(|| vec![window(start, end)])
        }),
    ]
}

/// Zones that change their clocks by an hour, by half an hour, at midnight, by a whole day, or not at all.
const ZONES: [&str; 10] = [
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Asia/Beirut",
];

/// Clock changes of those zones, so that samples are around them more often than not.
const CHANGES: [&str; 12] = [
    "2025-03-30T01:00:00Z",
    "2025-10-26T01:00:00Z",
    "2025-03-09T07:00:00Z",
    "2025-11-02T06:00:00Z",
    "2018-11-04T03:00:00Z",
    "2018-02-18T02:00:00Z",
    "2025-04-05T15:00:00Z",
    "2025-10-04T15:30:00Z",
    "2011-12-30T10:00:00Z",
    "2025-03-29T22:00:00Z",
    "2025-02-23T02:00:00Z",
    "2024-02-29T00:00:00Z",
];

pub(super) fn moment() -> impl Strategy<Value = i64> {
    (proptest::sample::select(&CHANGES[..]), -20_000..5_000_i64)
        .prop_map(|(change, minutes)| change.parse::<Timestamp>().unwrap().as_second() + minutes * 60)
}

pub(super) fn parts_near(moment: i64) -> impl Strategy<Value = Parts> {
    let date = move |days: i64| second(moment + days * 86_400).to_zoned(TimeZone::UTC).date();
    (
        proptest::sample::select(&ZONES[..]),
        proptest::array::uniform7(windows()),
        proptest::collection::btree_set((-2..20_i64).prop_map(date), 0..4),
        proptest::collection::btree_map((-2..20_i64).prop_map(date), windows(), 0..4),
    )
        .prop_map(|(zone, weekly, holidays, overrides)| Parts { zone, weekly, holidays, overrides })
}

pub(super) fn pauses_near(moment: i64) -> impl Strategy<Value = Vec<(i64, Option<i64>)>> {
    let pause = (-500..10_000_i64, 0..4_000_i64, proptest::bool::weighted(0.1));
    proptest::collection::vec(pause, 0..4).prop_map(move |pauses| {
        let second = |minutes: i64| moment + minutes * 60;
        pauses
            .into_iter()
            .map(|(start, length, open)| (second(start), (!open).then(|| second(start + length))))
            .collect()
    })
}

pub(super) fn to_pauses(pauses: &[(i64, Option<i64>)]) -> Pauses {
    Pauses::new(pauses.iter().map(|&(start, end)| (second(start), end.map(second)))).unwrap()
}

fn case() -> impl Strategy<Value = (i64, Parts, Vec<(i64, Option<i64>)>)> {
    moment().prop_flat_map(|moment| (Just(moment), parts_near(moment), pauses_near(moment)))
}

const MINUTES: i64 = 20 * 1_440;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::cases(96)))]

    #[test]
    fn the_fast_engine_agrees_with_the_slow_one(
        (start, parts, pauses) in case(), target in 1..6_000_i64, end in 0..MINUTES,
    ) {
        let calendar = parts.calendar();
        let union = to_pauses(&pauses);
        let paused = |instant: i64| {
            pauses.iter().any(|&(from, to)| from <= instant && to.is_none_or(|to| instant < to))
        };
        let open = parts.minutes(start, MINUTES);
        let mut counted = 0;
        let mut due_minute = None;
        for (minute, is_open) in (0_i64..).zip(&open) {
            let instant = start + minute * 60;
            prop_assert_eq!(calendar.is_open(second(instant)), *is_open, "open at {}", second(instant));
            if minute == end {
                prop_assert_eq!(elapsed(&calendar, second(start), second(instant), &union), counted * 60);
            }
            if *is_open && !paused(instant) {
                counted += 1;
                if counted == target {
                    due_minute = Some(instant + 60);
                }
            }
        }
        let found = due(&calendar, second(start), target * 60, &union);
        match due_minute {
            Some(instant) => prop_assert_eq!(found, Due::At(second(instant))),
            None => prop_assert!(found.instant().is_none_or(|at| at.as_second() > start + MINUTES * 60)),
        }
    }
}
