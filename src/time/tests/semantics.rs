//! What calendars mean, in cases that the conformance tables do not have.

use super::{calendar, instant, second};
use crate::time::{
    Calendar, Clock, Due, HORIZON_SECONDS, NeverDue, OpenInterval, PauseError, Pauses, due, elapsed, percent,
};

/// The open intervals from an instant, `count` of them, as text.
fn open(calendar: &Calendar, from: &str, count: usize) -> Vec<String> {
    calendar
        .intervals(instant(from))
        .take(count)
        .map(|OpenInterval { start, end }| format!("{start}/{end}"))
        .collect()
}

#[test]
fn intervals_are_joined_across_midnight_and_cut_at_the_start() {
    let nights = calendar("UTC", "mon-fri 22:00-06:00", &[], &[]);
    assert_eq!(
        open(&nights, "2024-01-12T23:00:00Z", 2),
        ["2024-01-12T23:00:00Z/2024-01-13T06:00:00Z", "2024-01-15T22:00:00Z/2024-01-16T06:00:00Z"]
    );
    let all_week = calendar("UTC", "mon-fri 00:00-24:00", &[], &[]);
    assert_eq!(open(&all_week, "2024-01-08T00:00:00Z", 1), ["2024-01-08T00:00:00Z/2024-01-13T00:00:00Z"]);
}

#[test]
fn a_holiday_closes_a_date_and_not_a_shift() {
    let nights = calendar("UTC", "mon-sun 22:00-06:00", &["2025-01-01"], &[]);
    assert_eq!(
        open(&nights, "2024-12-31T12:00:00Z", 3),
        [
            "2024-12-31T22:00:00Z/2025-01-01T00:00:00Z",
            "2025-01-02T00:00:00Z/2025-01-02T06:00:00Z",
            "2025-01-02T22:00:00Z/2025-01-03T06:00:00Z"
        ]
    );
}

#[test]
fn an_override_on_a_holiday_opens_its_own_windows_and_nothing_else() {
    let nights = calendar("UTC", "mon-sun 22:00-06:00", &["2025-01-01"], &[("2025-01-01", &["10:00-12:00"])]);
    assert_eq!(
        open(&nights, "2024-12-31T12:00:00Z", 3),
        [
            "2024-12-31T22:00:00Z/2025-01-01T00:00:00Z",
            "2025-01-01T10:00:00Z/2025-01-01T12:00:00Z",
            "2025-01-02T22:00:00Z/2025-01-03T06:00:00Z"
        ]
    );
}

#[test]
fn an_override_leaves_the_shift_of_the_evening_before() {
    let nights = calendar("UTC", "mon-sun 22:00-06:00", &[], &[("2025-01-01", &[])]);
    assert_eq!(
        open(&nights, "2024-12-31T12:00:00Z", 2),
        ["2024-12-31T22:00:00Z/2025-01-01T06:00:00Z", "2025-01-02T22:00:00Z/2025-01-03T06:00:00Z"]
    );
}

#[test]
fn a_skipped_date_has_no_business_time() {
    // Samoa had no 2011-12-30: the clock went from the end of the 29th to the start of the 31st.
    let office = calendar("Pacific/Apia", "mon-sun 09:00-17:00", &[], &[]);
    assert_eq!(
        open(&office, "2011-12-29T19:00:00Z", 2),
        ["2011-12-29T19:00:00Z/2011-12-30T03:00:00Z", "2011-12-30T19:00:00Z/2011-12-31T03:00:00Z"]
    );
    let always = calendar("Pacific/Apia", "mon-sun 00:00-24:00", &[], &[]);
    assert!(always.is_always_open());
    assert_eq!(
        elapsed(
            &always.without_shortcuts(),
            instant("2011-12-29T00:00:00Z"),
            instant("2012-01-02T00:00:00Z"),
            Pauses::NONE
        ),
        4 * 86_400
    );
}

#[test]
fn a_holiday_begins_with_the_clock_change_that_skips_its_midnight() {
    // Brazil moved its clocks at midnight: 2018-11-04 began at 01:00, 03:00 UTC.
    let always = calendar("America/Sao_Paulo", "mon-sun 00:00-24:00", &["2018-11-04"], &[]);
    assert_eq!(open(&always, "2018-11-03T12:00:00Z", 2)[0], "2018-11-03T12:00:00Z/2018-11-04T03:00:00Z");
    assert_eq!(always.next_open(instant("2018-11-04T03:00:00Z")), Some(instant("2018-11-05T02:00:00Z")));
}

#[test]
fn a_holiday_takes_what_is_left_of_it_when_its_midnight_was_skipped() {
    // Toronto went from 23:30 on 1919-03-30 to 00:30 on the 31st, at 04:30 UTC.
    let always = calendar("America/Toronto", "mon-sun 00:00-24:00", &["1919-03-31"], &[]);
    assert_eq!(open(&always, "1919-03-30T12:00:00Z", 1), ["1919-03-30T12:00:00Z/1919-03-31T04:30:00Z"]);
}

#[test]
fn a_window_within_a_skipped_hour_does_not_exist() {
    // Brazil skipped the first hour of 2018-11-04, a Sunday.
    let short = calendar("America/Sao_Paulo", "sun 00:00-00:30", &[], &[]);
    assert_eq!(open(&short, "2018-11-03T12:00:00Z", 1), ["2018-11-11T02:00:00Z/2018-11-11T02:30:00Z"]);
    // One that ends where the skipped hour does is as empty, and half an hour more is not.
    let hour = calendar("America/Sao_Paulo", "sun 00:00-01:00", &[], &[]);
    assert_eq!(open(&hour, "2018-11-03T12:00:00Z", 1), ["2018-11-11T02:00:00Z/2018-11-11T03:00:00Z"]);
    let longer = calendar("America/Sao_Paulo", "sun 00:00-01:30", &[], &[]);
    assert_eq!(open(&longer, "2018-11-03T12:00:00Z", 1), ["2018-11-04T03:00:00Z/2018-11-04T03:30:00Z"]);
}

#[test]
fn what_opens_at_the_horizon_opens_too_late() {
    // 200 years of 365.25 days after the start; the second before is near enough.
    let far = calendar("UTC", "", &[], &[("2224-01-09", &["00:00-24:00"])]);
    let start = instant("2224-01-09T00:00:00Z").as_second() - HORIZON_SECONDS;
    for target in [0, 1] {
        let at = |start| due(&far, second(start), target, Pauses::NONE);
        assert_eq!(at(start), Due::Never(NeverDue::NoBusinessTime), "{target}");
        let soon = instant("2224-01-09T00:00:00Z").as_second() + target;
        assert_eq!(at(start + target.max(1)), Due::At(second(soon)), "{target}");
    }
}

#[test]
fn a_shift_into_a_skipped_date_ends_on_the_date_after_it() {
    let nights = calendar("Pacific/Apia", "thu 22:00-06:00", &[], &[]);
    assert_eq!(
        open(&nights, "2011-12-29T12:00:00Z", 2),
        ["2011-12-30T08:00:00Z/2011-12-30T16:00:00Z", "2012-01-05T08:00:00Z/2012-01-05T16:00:00Z"]
    );
}

#[test]
fn a_shift_of_one_date_into_a_skipped_date_ends_on_the_date_after_it() {
    // The same as the weekly one above.
    let once = calendar("Pacific/Apia", "", &[], &[("2011-12-29", &["22:00-06:00"])]);
    assert_eq!(open(&once, "2011-12-29T12:00:00Z", 2), ["2011-12-30T08:00:00Z/2011-12-30T16:00:00Z"]);
}

#[test]
fn a_holiday_takes_the_end_of_it_that_comes_once_more() {
    // St. John's went back at 00:01 on 2010-11-07 to 23:01 on the 6th, at 02:31 UTC.
    let always = calendar("America/St_Johns", "mon-sun 00:00-24:00", &["2010-11-06"], &[]);
    assert_eq!(
        open(&always, "2010-11-05T12:00:00Z", 3)[..2],
        ["2010-11-05T12:00:00Z/2010-11-06T02:30:00Z", "2010-11-07T02:30:00Z/2010-11-07T02:31:00Z"]
    );
    assert_eq!(always.next_open(instant("2010-11-07T02:31:00Z")), Some(instant("2010-11-07T03:30:00Z")));
    let (start, end) = (instant("2010-11-06T02:30:00Z"), instant("2010-11-07T12:30:00Z"));
    assert_eq!(elapsed(&always, start, end, Pauses::NONE), 60 + 9 * 3_600);
    // A day before and a day after there is nothing of it.
    let other = calendar("America/St_Johns", "mon-sun 00:00-24:00", &["2010-11-05"], &[]);
    assert_eq!(elapsed(&other, start, end, Pauses::NONE), 34 * 3_600);
}

#[test]
fn a_target_of_whole_weeks_is_due_at_closing_time() {
    let office = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    let saturday = instant("2024-01-06T12:00:00Z");
    for (weeks, friday) in [(1, "2024-01-12"), (2, "2024-01-19"), (10, "2024-03-15")] {
        let closing = instant(&format!("{friday}T17:00:00Z"));
        assert_eq!(due(&office, saturday, weeks * 40 * 3_600, Pauses::NONE).instant(), Some(closing));
    }
}

#[test]
fn the_at_risk_threshold_is_rounded_up() {
    let always = Calendar::around_the_clock();
    let threshold = |target_seconds: i64, at_risk_parts_per_million: u32| {
        let start = instant("2024-01-08T09:00:00Z");
        let pauses = Pauses::NONE;
        Clock { calendar: &always, start, target_seconds, at_risk_parts_per_million, pauses }
            .at_risk_seconds()
    };
    assert_eq!(threshold(10, percent(75)), 8);
    assert_eq!(threshold(100, percent(75)), 75);
    assert_eq!(threshold(1, 1), 1);
    assert_eq!(threshold(0, percent(75)), 0);
    assert_eq!(threshold(i64::MAX, percent(50)), i64::MAX / 2 + 1);
}

#[test]
fn windows_that_touch_are_one_even_where_they_meet_in_a_gap() {
    let whole = calendar("America/New_York", "mon-sun 00:00-05:00", &[], &[]);
    let parts = calendar("America/New_York", "mon-sun 00:00-02:10,02:10-02:50,02:50-05:00", &[], &[]);
    let from = "2025-03-08T12:00:00Z";
    assert_eq!(open(&whole, from, 3), open(&parts, from, 3));
    assert_eq!(open(&whole, from, 1), ["2025-03-09T05:00:00Z/2025-03-09T09:00:00Z"]);
}

#[test]
fn always_open_means_without_a_hole() {
    for weekly in
        ["mon-sun 00:00-24:00", "mon-sun 08:00-20:00,20:00-08:00", "mon-sun 00:00-12:00,12:00-00:00"]
    {
        assert!(calendar("Europe/Berlin", weekly, &[], &[]).is_always_open(), "{weekly}");
    }
    for weekly in ["mon-fri 00:00-24:00", "mon-sun 00:00-23:59:59", ""] {
        assert!(!calendar("Europe/Berlin", weekly, &[], &[]).is_always_open(), "{weekly}");
    }
    assert!(!calendar("UTC", "mon-sun 00:00-24:00", &["2025-01-01"], &[]).is_always_open());
    assert!(
        !calendar("UTC", "mon-sun 00:00-24:00", &[], &[("2025-01-01", &["00:00-12:00"])]).is_always_open()
    );
    assert!(
        calendar("UTC", "mon-sun 00:00-24:00", &[], &[("2025-01-01", &["00:00-24:00"])]).is_always_open()
    );
    assert!(Calendar::around_the_clock().is_always_open());
}

#[test]
fn an_interval_without_end_is_not_walked_to_the_end_of_time() {
    // Saturday runs into Sunday, so that no time of day hands over every day; yet nothing is ever closed.
    let overlapping = calendar("UTC", "mon-sun 00:00-24:00; sat 22:00-06:00", &[], &[]);
    let from = instant("2024-01-08T00:00:00Z");
    let first = overlapping.intervals(from).next().unwrap();
    let centuries = first.end.duration_since(from).as_secs() / (36_525 * 86_400);
    assert_eq!((first.start, centuries), (from, 2));
}

#[test]
fn the_last_date_of_all_is_open_where_nothing_is_closed() {
    // It is 9999-12-31 there already, the last date that is looked at.
    let always = calendar("Pacific/Kiritimati", "mon-sun 00:00-24:00", &["2025-01-01"], &[]);
    assert!(always.is_open(instant("9999-12-30T12:00:00Z")));
}

#[test]
fn the_business_day_is_the_most_common_one() {
    let cases: [(&str, i64); 6] = [
        ("mon-fri 09:00-17:00", 28_800),
        ("mon-thu 09:00-17:00; fri 09:00-15:00", 28_800),
        ("mon-fri 09:00-12:00,13:00-17:00", 25_200),
        ("mon 09:00-12:00; tue 09:00-17:00", 28_800),
        ("mon-fri 22:00-06:00; sat-sun 00:00-24:00", 28_800),
        ("", 0),
    ];
    for (weekly, seconds) in cases {
        assert_eq!(calendar("UTC", weekly, &[], &[]).business_day_seconds(), seconds, "{weekly}");
    }
    let single = calendar("UTC", "", &[], &[("2025-01-01", &["10:00-12:00"]), ("2025-01-02", &[])]);
    assert_eq!(single.business_day_seconds(), 7_200);
}

#[test]
fn days_are_shown_only_where_every_hour_counts() {
    let duration = "24h".parse().unwrap();
    assert_eq!(calendar("UTC", "mon-fri 09:00-17:00", &[], &[]).written(duration), "24h");
    assert_eq!(Calendar::around_the_clock().written(duration), "1d");
}

#[test]
fn edges_are_half_open() {
    let office = calendar("Europe/London", "mon-fri 09:00-17:00", &[], &[]);
    assert!(office.is_open(instant("2024-01-08T09:00:00Z")));
    assert!(office.is_open(instant("2024-01-08T16:59:59.999Z")));
    assert!(!office.is_open(instant("2024-01-08T17:00:00Z")));
    assert!(!office.is_open(instant("2024-01-08T08:59:59.999Z")));
    let open = instant("2024-01-08T16:59:59.5Z");
    assert_eq!(office.next_open(open), Some(open));
    assert_eq!(office.next_open(instant("2024-01-12T17:00:00Z")), Some(instant("2024-01-15T09:00:00Z")));
    assert_eq!(calendar("UTC", "", &["2024-01-08"], &[]).next_open(open), None);
}

#[test]
fn coverage_names_the_first_instant_without_it() {
    let long = calendar("UTC", "mon-fri 08:00-18:00", &[], &[]);
    let short = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    let (from, to) = (instant("2024-01-08T00:00:00Z"), instant("2024-03-01T00:00:00Z"));
    assert_eq!(long.first_uncovered(&short, from, to), None);
    assert_eq!(short.first_uncovered(&long, from, to), Some(instant("2024-01-08T08:00:00Z")));
    assert_eq!(
        short.first_uncovered(&long, instant("2024-01-08T09:00:00Z"), to),
        Some(instant("2024-01-08T17:00:00Z"))
    );
    let away = calendar("UTC", "mon-fri 08:00-18:00", &["2024-02-07"], &[]);
    assert_eq!(away.first_uncovered(&short, from, to), Some(instant("2024-02-07T09:00:00Z")));
    assert_eq!(away.first_uncovered(&short, from, instant("2024-02-07T09:00:00Z")), None);
    let until_february = calendar("UTC", "mon-sun 00:00-24:00", &["2024-02-07"], &[]);
    let holiday = instant("2024-02-07T00:00:00Z");
    assert_eq!(until_february.first_uncovered(&Calendar::around_the_clock(), from, to), Some(holiday));
    assert_eq!(until_february.first_uncovered(&Calendar::around_the_clock(), from, holiday), None);
    assert_eq!(Calendar::around_the_clock().first_uncovered(&long, from, to), None);
    assert_eq!(long.first_uncovered(&Calendar::around_the_clock(), from, to), Some(from));
}

#[test]
fn pauses_are_a_union() {
    let at = |hour: i8| instant(&format!("2024-01-08T{hour:02}:00:00Z"));
    let pauses =
        Pauses::new([(at(12), Some(at(13))), (at(9), Some(at(11))), (at(10), Some(at(12))), (at(15), None)])
            .unwrap();
    assert_eq!(pauses, Pauses::new([(at(15), None), (at(9), Some(at(13)))]).unwrap());
    assert!(pauses.contains(at(9)) && pauses.contains(at(12)) && pauses.contains(at(23)));
    assert!(!pauses.contains(at(8)) && !pauses.contains(at(13)) && !pauses.contains(at(14)));
    let reversed = Pauses::new([(at(10), Some(at(9)))]);
    assert_eq!(reversed, Err(PauseError { start: at(10), end: at(9) }));
    assert_eq!(Pauses::new([(at(9), Some(at(9)))]).as_ref(), Ok(Pauses::NONE));
}

#[test]
fn a_century_is_counted_in_weeks_and_comes_out_the_same() {
    let office = calendar("Europe/Berlin", "mon-fri 09:00-17:00", &["2024-12-25", "2031-05-01"], &[]);
    let start = instant("2024-01-08T08:00:00Z");
    let target = 8 * 3_600 * 10_000;
    let fast = due(&office, start, target, Pauses::NONE);
    assert_eq!(fast, due(&office.without_shortcuts(), start, target, Pauses::NONE));
    assert_eq!(elapsed(&office, start, fast.instant().unwrap(), Pauses::NONE), target);
}
