//! Where other systems count business time in another way, and why we do not follow them: every row of the cases that
//! holds another answer is worked out here by the other rule, from the same calendar.

use std::collections::{BTreeMap, BTreeSet};

use gitsm::time::{Calendar, Due, Window, due, elapsed};
use jiff::{Timestamp, tz::TimeZone};

use crate::business_time::{Row, calendar, calendar_of, instant, minutes, pauses, rows};

/// Another way to count.
struct Difference {
    /// The column that holds the answers.
    column: &'static str,
    /// How many cases differ.
    cases: usize,
    /// What the others do, and why we do not.
    reason: &'static str,
    /// The answer that the other rule gives for a row.
    other: fn(&Row) -> String,
}

const DIFFERENCES: [Difference; 3] = [
    Difference {
        column: "alt_due_next_open_utc",
        cases: 20,
        reason: "Zendesk and Request Tracker name the next opening when a target is used up at closing time. No business \
                 time passes in between, so nothing changes about a breach; but people are told a day that is too late, \
                 and a target that is met in the evening looks as if it had time left.",
        other: next_opening,
    },
    Difference {
        column: "alt_holiday_drops_whole_shift",
        cases: 4,
        reason: "Some calendars take away the shift that starts on a holiday, with the hours after midnight, and leave the \
                 morning of the holiday itself open. A holiday is a date, so here it closes that date and nothing else; \
                 who wants the other writes an override without hours instead of a holiday.",
        other: drop_the_shift,
    },
    Difference {
        column: "alt_wallclock_membership",
        cases: 6,
        reason: "Whoever asks for each minute whether the clock on the wall shows opening hours counts a repeated hour \
                 twice, and moves an edge that the clock skips to the end of the gap. Here an edge is one instant: a \
                 skipped one takes the offset from before the change, a repeated one is the first (RFC 5545).",
        other: wall_clock,
    },
];

#[test]
fn every_other_answer_is_the_other_rule() {
    let rows = rows("business_time.csv");
    for Difference { column, cases, reason, other } in DIFFERENCES {
        assert!(reason.len() > 100, "{column} has its reason");
        let differing: Vec<&Row> = rows.iter().filter(|row| !row[column].is_empty()).collect();
        assert_eq!(differing.len(), cases, "{column}");
        for row in differing {
            let ours = match row["op"].as_str() {
                "due" => &row["expected_due_utc"],
                _ => &row["expected_elapsed_seconds"],
            };
            assert_ne!(*ours, row[column], "{}: the other rule makes no difference", row["case_id"]);
            assert_eq!(other(row), row[column], "{}: {column}", row["case_id"]);
        }
    }
}

#[test]
fn answers_that_others_published_are_ours() {
    let rows = rows("business_time.csv");
    let published: Vec<&Row> = rows.iter().filter(|row| !row["published_value"].is_empty()).collect();
    assert!(published.len() > 50, "{} published cases", published.len());
    for row in published {
        let ours = match row["op"].as_str() {
            "due" => &row["expected_due_utc"],
            _ => &row["expected_elapsed_seconds"],
        };
        assert_eq!(*ours, row["published_value"], "{}: {}", row["case_id"], row["source"]);
    }
}

/// The first instant at or after our due instant at which time would count.
fn next_opening(row: &Row) -> String {
    let (calendar, union) = (calendar_of(row), pauses(&row["pauses_utc"]));
    let Due::At(mut at) =
        due(&calendar, instant(&row["start_utc"]), minutes(&row["target_business_minutes"]), &union)
    else {
        return "NONE".to_owned();
    };
    let ends: Vec<Timestamp> = row["pauses_utc"]
        .split(';')
        .filter_map(|pause| pause.split_once('/'))
        .filter(|(_, end)| !end.is_empty())
        .map(|(_, end)| instant(end))
        .collect();
    loop {
        at = calendar.next_open(at).unwrap();
        if !union.contains(at) {
            return at.to_string();
        }
        match ends.iter().filter(|end| **end > at).min() {
            Some(end) => at = *end,
            None => return "NONE".to_owned(),
        }
    }
}

/// The answer when a holiday takes away the shift that starts on it: an override without windows does that.
fn drop_the_shift(row: &Row) -> String {
    let overrides: Vec<(&str, &str)> = row["holidays"].split_whitespace().map(|date| (date, "")).collect();
    answer(row, &calendar(&row["tz"], &row["weekly_windows"], &[], &overrides))
}

fn answer(row: &Row, calendar: &Calendar) -> String {
    let (start, union) = (instant(&row["start_utc"]), pauses(&row["pauses_utc"]));
    match row["op"].as_str() {
        "due" => {
            let due = due(calendar, start, minutes(&row["target_business_minutes"]), &union);
            due.instant().map_or_else(|| "NONE".to_owned(), |at| at.to_string())
        }
        _ => elapsed(calendar, start, instant(&row["end_utc"]), &union).to_string(),
    }
}

/// The answer when each minute counts in which the clock on the wall shows a time within a window.
fn wall_clock(row: &Row) -> String {
    // These cases are open on every day, without holidays and without pauses.
    let (days, text) = row["weekly_windows"].split_once(' ').unwrap();
    assert_eq!((days, row["holidays"].as_str(), row["pauses_utc"].as_str()), ("mon-sun", "", ""));
    let window: Window = text.parse().unwrap();
    let zone = TimeZone::get(&row["tz"]).unwrap();
    let open = |at: Timestamp| {
        let time = zone.to_datetime(at).time();
        let second = u32::try_from(i32::from(time.hour()) * 3_600 + i32::from(time.minute()) * 60).unwrap();
        window.start() <= second && second < window.end()
    };
    let start = instant(&row["start_utc"]).as_second();
    let minutes_from = (0..).map(|minute| Timestamp::from_second(start + minute * 60).unwrap());
    if row["op"] == "elapsed" {
        let end = instant(&row["end_utc"]);
        let open = minutes_from.take_while(|at| *at < end).filter(|at| open(*at)).count();
        return (open * 60).to_string();
    }
    let target = usize::try_from(minutes(&row["target_business_minutes"]) / 60).unwrap();
    let last = minutes_from.filter(|at| open(*at)).nth(target - 1).unwrap();
    Timestamp::from_second(last.as_second() + 60).unwrap().to_string()
}

/// Others say that a target is missed as soon as all of it is used up; we say that it is then just met. Every case in
/// which this matters is one that is read at exactly the whole target.
#[test]
fn exactly_as_long_as_was_promised_is_met() {
    let rows = rows("sla_clock.csv");
    let exact: BTreeMap<&str, &str> = rows
        .iter()
        .filter(|row| row["expected_remaining_seconds"] == "0")
        .map(|row| (row["case_id"].as_str(), row["expected_state"].as_str()))
        .collect();
    assert!(exact.len() >= 3, "{exact:?}");
    assert!(exact.values().all(|state| !state.starts_with("breached")), "{exact:?}");
    let over: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row["expected_remaining_seconds"].starts_with('-'))
        .map(|row| row["expected_state"].as_str())
        .collect();
    assert!(!over.is_empty() && over.iter().all(|state| state.starts_with("breached")), "{over:?}");
}
