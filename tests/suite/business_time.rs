//! The conformance cases of business time: every row of `business_time.csv` and `sla_clock.csv`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use gitsm::time::{
    Calendar, Clock, ClockState, Due, NeverDue, Pauses, ReadAt, Weekdays, Window, Zone, due, elapsed, percent,
};
use jiff::Timestamp;

pub type Row = HashMap<String, String>;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(name);
    std::fs::read_to_string(path).expect("a conformance file")
}

pub fn rows(name: &str) -> Vec<Row> {
    csv::Reader::from_reader(file(name).as_bytes()).deserialize().collect::<Result<_, _>>().expect("a table")
}

/// The calendar in the notation of the cases: `mon-fri 09:00-12:00,13:00-17:00; sat 10:00-14:00`.
pub fn calendar(zone: &str, weekly: &str, holidays: &[&str], overrides: &[(&str, &str)]) -> Calendar {
    let windows = |text: &str| -> Vec<Window> {
        text.split(',')
            .filter(|text| !text.is_empty())
            .map(|window| window.parse().expect("a window"))
            .collect()
    };
    let mut days: [Vec<Window>; 7] = std::array::from_fn(|_| Vec::new());
    for part in weekly.split(';').map(str::trim) {
        let (key, text) = part.split_once(' ').expect("weekdays and windows");
        for day in key.parse::<Weekdays>().expect("weekdays").days() {
            days[day].extend(windows(text));
        }
    }
    let holidays: BTreeSet<_> = holidays.iter().map(|date| date.parse().expect("a date")).collect();
    let overrides: BTreeMap<_, _> =
        overrides.iter().map(|(date, text)| (date.parse().expect("a date"), windows(text))).collect();
    Calendar::new(Zone::new(zone).resolve().expect("a zone"), days, holidays, overrides)
}

/// The calendars of the JSON file, by id.
fn calendars() -> HashMap<String, Calendar> {
    let list: Vec<serde_json::Value> =
        serde_json::from_str(&file("business_time_calendars.json")).expect("a list of calendars");
    let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
    list.iter()
        .map(|entry| {
            let holidays: Vec<String> =
                entry["holidays"].as_array().expect("a list").iter().map(text).collect();
            let overrides: Vec<(String, String)> = entry["overrides"]
                .as_object()
                .expect("a table")
                .iter()
                .map(|(date, windows)| (date.clone(), text(windows)))
                .collect();
            let holidays: Vec<&str> = holidays.iter().map(String::as_str).collect();
            let overrides: Vec<(&str, &str)> =
                overrides.iter().map(|(date, windows)| (date.as_str(), windows.as_str())).collect();
            (
                text(&entry["id"]),
                calendar(&text(&entry["tz"]), &text(&entry["weekly"]), &holidays, &overrides),
            )
        })
        .collect()
}

/// The calendar spelled out in a row.
pub fn calendar_of(row: &Row) -> Calendar {
    let holidays: Vec<&str> = row["holidays"].split_whitespace().collect();
    let overrides: Vec<(&str, &str)> =
        row["date_overrides"].split('|').filter_map(|text| text.trim().split_once('=')).collect();
    calendar(&row["tz"], &row["weekly_windows"], &holidays, &overrides)
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub fn pauses(text: &str) -> Pauses {
    let pauses = text.split(';').filter(|text| !text.is_empty()).map(|pause| {
        let (start, end) = pause.split_once('/').expect("start and end");
        (instant(start), (!end.is_empty()).then(|| instant(end)))
    });
    Pauses::new(pauses).expect("pauses that end after they start")
}

/// Minutes, possibly with a fraction, in seconds.
pub fn minutes(text: &str) -> i64 {
    let (whole, tenths) = text.split_once('.').unwrap_or((text, "0"));
    assert_eq!(tenths.len(), 1, "`{text}` has more than tenths of minutes");
    whole.parse::<i64>().expect("minutes") * 60 + tenths.parse::<i64>().expect("tenths") * 6
}

fn show(due: Due) -> String {
    due.instant().map_or_else(|| "NONE".to_owned(), |instant| instant.to_string())
}

#[test]
fn every_case_of_business_time() {
    let calendars = calendars();
    let rows = rows("business_time.csv");
    assert_eq!(rows.len(), 384, "cases were lost");
    let mut wrong = Vec::new();
    for row in &rows {
        let start = instant(&row["start_utc"]);
        let pauses = pauses(&row["pauses_utc"]);
        // The row and the file of calendars say the same thing; both are read.
        for calendar in [&calendar_of(row), &calendars[&row["calendar_id"]]] {
            let (expected, found) = match row["op"].as_str() {
                "due" => {
                    let due = due(calendar, start, minutes(&row["target_business_minutes"]), &pauses);
                    (&row["expected_due_utc"], show(due))
                }
                "elapsed" => {
                    let elapsed = elapsed(calendar, start, instant(&row["end_utc"]), &pauses);
                    (&row["expected_elapsed_seconds"], elapsed.to_string())
                }
                other => panic!("unknown operation `{other}`"),
            };
            if *expected != found {
                wrong.push(format!("{}: expected {expected}, found {found}", row["case_id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_case_of_sla_clocks() {
    let calendars = calendars();
    let rows = rows("sla_clock.csv");
    assert_eq!(rows.len(), 22, "cases were lost");
    for row in &rows {
        let case = &row["case_id"];
        let clock = Clock {
            calendar: &calendars[&row["calendar_id"]],
            start: instant(&row["clock_start_utc"]),
            target_seconds: minutes(&row["target_business_minutes"]),
            at_risk_parts_per_million: percent(row["at_risk_pct"].parse().expect("percent")),
            pauses: &pauses(&row["pauses_utc"]),
        };
        let at = match (row["stop_utc"].as_str(), row["now_utc"].as_str()) {
            ("", now) => ReadAt::Running(instant(now)),
            (stop, _) => ReadAt::Stopped(instant(stop)),
        };
        let reading = clock.read(at);
        let number = |column: &str| row[column].parse::<i64>().expect("a number");
        assert_eq!(show(reading.due), row["expected_due_utc"], "{case}: due");
        assert_eq!(show(reading.at_risk), row["expected_at_risk_utc"], "{case}: at risk");
        assert_eq!(reading.elapsed_seconds, number("expected_business_elapsed_seconds"), "{case}: elapsed");
        assert_eq!(
            reading.calendar_seconds,
            number("expected_calendar_elapsed_seconds"),
            "{case}: on the wall"
        );
        assert_eq!(reading.remaining_seconds, number("expected_remaining_seconds"), "{case}: remaining");
        // Percent with four digits, rounded: the seconds above decide it.
        let parts = (reading.elapsed_seconds * 2_000_000 + clock.target_seconds) / (2 * clock.target_seconds);
        let expected: f64 = row["expected_elapsed_pct"].parse().expect("percent");
        assert_eq!(parts.to_string(), format!("{:.0}", expected * 10_000.0), "{case}: percent");
        let state = match reading.state {
            ClockState::OnTrack => "on_track",
            ClockState::AtRisk => "at_risk",
            ClockState::Met => "met",
            ClockState::Breached => "breached",
        };
        let paused = if reading.paused { "+paused" } else { "" };
        assert_eq!(format!("{state}{paused}"), row["expected_state"], "{case}: state");
    }
}

#[test]
fn an_open_pause_and_an_empty_calendar_are_told_apart() {
    let start = instant("2024-01-08T09:00:00Z");
    let nine_to_five = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    let one_morning = calendar("UTC", "mon-fri 09:00-17:00", &[], &[("2024-01-08", "09:00-10:00")]);
    let paused = pauses("2024-01-08T09:30:00Z/");
    assert_eq!(due(&nine_to_five, start, 3_600, &paused), Due::Never(NeverDue::Paused));
    assert_eq!(due(&nine_to_five, start, 1_800, &paused), Due::At(instant("2024-01-08T09:30:00Z")));
    let never: [Vec<Window>; 7] = std::array::from_fn(|_| Vec::new());
    let closed = Calendar::new(one_morning.zone().clone(), never, BTreeSet::new(), BTreeMap::new());
    assert_eq!(due(&closed, start, 1, Pauses::NONE), Due::Never(NeverDue::NoBusinessTime));
    assert_eq!(due(&closed, start, 0, Pauses::NONE), Due::Never(NeverDue::NoBusinessTime));
    assert_eq!(elapsed(&closed, start, instant("2034-01-08T09:00:00Z"), Pauses::NONE), 0);
    assert_eq!(due(&one_morning, start, 3_601, Pauses::NONE), Due::At(instant("2024-01-09T09:00:01Z")));
}
