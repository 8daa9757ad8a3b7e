//! What holds for every calendar, start, target and pause.

use proptest::prelude::*;

use super::reference::{Parts, moment, parts_near, pauses_near, to_pauses};
use super::second;
use crate::time::{Calendar, Due, Pauses, Window, Zone, due, elapsed};

fn case() -> impl Strategy<Value = (i64, Parts, Pauses)> {
    moment().prop_flat_map(|moment| {
        (Just(moment), parts_near(moment), pauses_near(moment).prop_map(|pauses| to_pauses(&pauses)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::cases(128)))]

    #[test]
    fn due_and_elapsed_are_inverse((start, parts, pauses) in case(), target in 1..4_000_000_i64) {
        let calendar = parts.calendar();
        if let Due::At(at) = due(&calendar, second(start), target, &pauses) {
            let just_before = second(at.as_second() - 1);
            prop_assert_eq!(elapsed(&calendar, second(start), at, &pauses), target);
            prop_assert_eq!(elapsed(&calendar, second(start), just_before, &pauses), target - 1);
        }
    }

    #[test]
    fn later_starts_and_longer_targets_are_never_due_earlier(
        (start, parts, pauses) in case(), target in 0..400_000_i64, later in 0..400_000_i64, longer in 0..400_000_i64,
    ) {
        let calendar = parts.calendar();
        let at = |start: i64, target: i64| due(&calendar, second(start), target, &pauses).instant();
        if let Some(first) = at(start, target) {
            prop_assert!(at(start, target + longer).is_none_or(|other| first <= other));
            // A target of 0 is not delayed by pauses, so it says nothing about what comes after them.
            prop_assert!(at(start + later, target).is_none_or(|other| first <= other));
        }
    }

    #[test]
    fn elapsed_time_adds_up((start, parts, pauses) in case(), first in 0..900_000_i64, then in 0..900_000_i64) {
        let calendar = parts.calendar();
        let between = |from: i64, to: i64, pauses: &Pauses| elapsed(&calendar, second(from), second(to), pauses);
        let (middle, end) = (start + first, start + first + then);
        prop_assert_eq!(
            between(start, end, &pauses),
            between(start, middle, &pauses) + between(middle, end, &pauses)
        );
        prop_assert_eq!(between(end, start, &pauses), 0);
        // A pause takes away exactly the business time within it.
        let pause = Pauses::new([(second(start), Some(second(middle)))]).unwrap();
        prop_assert_eq!(between(start, end, &pause), between(middle, end, Pauses::NONE));
    }

    #[test]
    fn pauses_take_away_what_lies_in_them_and_nothing_else(
        (start, parts, pauses) in case(), length in 0..900_000_i64, target in 0..400_000_i64,
        more in (-200_000..600_000_i64, 0..200_000_i64), cut in 0..200_000_i64,
    ) {
        let calendar = parts.calendar();
        let end = start + length;
        let between = |from: i64, to: i64, pauses: &Pauses| elapsed(&calendar, second(from), second(to), pauses);
        let (from, to) = (start + more.0, start + more.0 + more.1);
        let pause = |from: i64, to: i64| (second(from), Some(second(to)));
        let one = Pauses::new([pause(from, to)]).unwrap();
        let inside = between(from.max(start), to.min(end).max(start), Pauses::NONE);
        prop_assert_eq!(between(start, end, &one) + inside, between(start, end, Pauses::NONE));
        // In two parts, overlapping or not in order, it is the same pause.
        let middle = from + cut.min(more.1);
        let parts = Pauses::new([pause(middle, to), pause(from, middle), pause(from, middle)]).unwrap();
        prop_assert_eq!(&parts, &one);
        // Another pause never brings the due instant forward.
        let at = |pauses: &Pauses| due(&calendar, second(start), target, pauses).instant();
        if let (Some(plain), Some(paused)) = (at(Pauses::NONE), at(&one)) {
            prop_assert!(plain <= paused);
        }
        if let (Some(plain), Some(paused)) = (at(Pauses::NONE), at(&pauses)) {
            prop_assert!(plain <= paused);
        }
    }

    #[test]
    fn shortcuts_change_nothing((start, parts, pauses) in case(), target in 0..9_000_000_i64) {
        let calendar = parts.calendar();
        let plain = calendar.without_shortcuts();
        prop_assert_eq!(
            due(&calendar, second(start), target, &pauses),
            due(&plain, second(start), target, &pauses)
        );
        let fast = calendar.intervals(second(start)).take(40);
        prop_assert!(fast.eq(plain.intervals(second(start)).take(40)));
    }

    #[test]
    fn splitting_windows_changes_nothing((start, mut parts, _) in case(), cut in 1..100_u32) {
        let calendar = parts.calendar();
        for windows in parts.weekly.iter_mut().chain(parts.overrides.values_mut()) {
            *windows = windows.iter().flat_map(|window| split(*window, cut)).collect();
        }
        let split = parts.calendar();
        prop_assert!(calendar.intervals(second(start)).take(30).eq(split.intervals(second(start)).take(30)));
        prop_assert_eq!(calendar.business_day_seconds(), split.business_day_seconds());
    }

    #[test]
    fn intervals_are_in_order_and_hold_all_open_time((start, parts, _) in case()) {
        let calendar = parts.calendar();
        let mut last = start - 1;
        let mut sum = 0;
        for interval in calendar.intervals(second(start)).take(20) {
            let (from, to) = (interval.start.as_second(), interval.end.as_second());
            prop_assert!(last < from && from < to);
            prop_assert!(calendar.is_open(interval.start));
            last = to;
            if calendar.is_always_open() {
                break;
            }
            sum += to - from;
            prop_assert!(!calendar.is_open(interval.end));
            prop_assert_eq!(elapsed(&calendar, second(start), interval.end, Pauses::NONE), sum);
        }
    }
}

/// The window in two parts, cut within the date it starts on.
fn split(window: Window, cut: u32) -> Vec<Window> {
    let at = window.start() + (window.end_from_start_day().min(86_400) - window.start()) * cut / 100;
    let parts = [Window::new(window.start(), at), Window::new(at, window.end())];
    if at == window.start() { vec![window] } else { parts.into_iter().map(Result::unwrap).collect() }
}

/// Every zone, over more than a century, before and after the table of offsets.
#[test]
fn every_zone_agrees_with_itself_over_a_century() {
    let window = |text: &str| text.parse::<Window>().unwrap();
    let weekly: [Vec<Window>; 7] = std::array::from_fn(|day| match day {
        0..=3 => vec![window("00:30-02:30"), window("09:00-17:00")],
        4 => vec![window("21:30-05:00")],
        _ => Vec::new(),
    });
    let mut state = 1_u64;
    for name in Zone::names() {
        let zone = Zone::new(name.as_str()).resolve().unwrap();
        let holidays = ["2024-03-31".parse().unwrap(), "2025-11-02".parse().unwrap()].into();
        let calendar = Calendar::new(zone, weekly.clone(), holidays, std::collections::BTreeMap::new());
        for _ in 0..super::cases(6) {
            // A linear congruence spreads the samples from 1920 to 2130 without a seed from outside.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let start = i64::try_from(state >> 33).unwrap() * 3 - 1_577_923_200;
            let target = i64::try_from(state % 900_000).unwrap() + 1;
            let at = due(&calendar, second(start), target, Pauses::NONE).instant().unwrap();
            assert_eq!(elapsed(&calendar, second(start), at, Pauses::NONE), target, "{name} from {start}");
            assert!(calendar.next_open(second(start)).unwrap() < at, "{name} from {start}");
        }
    }
}

#[test]
fn the_ends_of_time_are_no_instants_too_far() {
    let office = super::calendar("Europe/Berlin", "mon-fri 09:00-17:00", &[], &[]);
    for (start, end) in
        [(jiff::Timestamp::MIN, jiff::Timestamp::MAX), (jiff::Timestamp::MAX, jiff::Timestamp::MIN)]
    {
        assert_eq!(office.next_open(start).is_some(), start < end);
        assert_eq!(due(&office, start, 60, Pauses::NONE).instant().is_some(), start < end);
        assert_eq!(due(&office, start, i64::MAX, Pauses::NONE).instant(), None);
    }
}
