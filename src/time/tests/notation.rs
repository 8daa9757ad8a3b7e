//! What rulebooks may write, what they may not, and the nearest thing that they may.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::time::{Duration, MAX_BUSINESS_DAYS, MAX_SECONDS, Weekdays, Window, Zone};

fn error<T: std::str::FromStr>(text: &str) -> String
where
    T::Err: std::fmt::Display,
{
    match text.parse::<T>() {
        Ok(_) => panic!("`{text}` was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn durations_have_the_length_they_say() {
    let cases = [
        ("90s", 90),
        ("30m", 1_800),
        ("4h", 14_400),
        ("365d", 31_536_000),
        ("2w", 1_209_600),
        ("1h30m", 5_400),
        ("1w2d3h4m5s", 788_645),
        ("0m", 0),
        ("36525d", MAX_SECONDS),
    ];
    for (text, seconds) in cases {
        assert_eq!(text.parse(), Ok(Duration::Elapsed { seconds }), "{text}");
    }
    for (text, days) in [("0bd", 0), ("2bd", 2), ("10000bd", MAX_BUSINESS_DAYS)] {
        assert_eq!(text.parse(), Ok(Duration::BusinessDays { days }), "{text}");
    }
    assert_eq!("2bd".parse::<Duration>().unwrap().seconds(28_800), 57_600);
    assert_eq!("2d".parse::<Duration>().unwrap().seconds(28_800), 172_800);
    assert!("0bd".parse::<Duration>().unwrap().is_zero() && !"1s".parse::<Duration>().unwrap().is_zero());
}

#[test]
fn durations_that_are_refused_say_what_to_write() {
    let cases = [
        ("", "a duration is empty: write a number"),
        ("h", "`h` stands where a digit must"),
        ("-4h", "`-` stands where a digit must"),
        ("+4h", "`+` stands where a digit must"),
        (" 4h", "` ` stands where a digit must"),
        ("1.5h", "`1.5h` has a fraction"),
        ("1,5h", "`1,5h` has a fraction"),
        ("4h.5m", "unknown unit `h.`"),
        (".5h", "`.` stands where a digit must"),
        ("30", "no unit after `30`: write `30m` for minutes"),
        ("4h30", "no unit after `30`"),
        ("007h", "leading zeros: write `7` instead of `007`"),
        ("00m", "leading zeros: write `0` instead of `00`"),
        ("4 hours", "the unit `hours`: write `4h`"),
        ("4H", "the unit `H`: write `4h`"),
        ("30min", "the unit `min`: write `30m`"),
        ("2weeks", "the unit `weeks`: write `2w`"),
        ("3days", "the unit `days`: write `3d`"),
        ("45sec", "the unit `sec`: write `45s`"),
        ("4h ", "the unit `h`: write `4h`"),
        ("2 business days", "the unit `business days`: write `2bd`"),
        ("3months", "`months`, which has no fixed length: write days"),
        ("1y", "`y`, which has no fixed length"),
        ("5fortnights", "the unknown unit `fortnights`"),
        ("1h1h", "the unit `h` twice"),
        ("30m1h", "`h` after a smaller unit"),
        ("1d2bd", "mixes business days"),
        ("2bd4h", "mixes business days"),
        ("1bd1bd", "mixes business days"),
        ("36525d1s", "too long: write at most 100 years"),
        ("10001bd", "too long"),
        ("99999999999999999999999s", "too long"),
        ("٣h", "stands where a digit must"),
        ("4ｈ", "the unknown unit `ｈ`"),
        ("P1D", "`P` stands where a digit must"),
    ];
    for (text, part) in cases {
        let message = error::<Duration>(text);
        assert!(message.contains(part), "`{text}`: {message}");
    }
}

#[test]
fn durations_are_shown_as_short_as_they_can_be() {
    let cases = [
        ("0m", "0s"),
        ("90s", "90s"),
        ("60m", "1h"),
        ("1h30m", "90m"),
        ("7d", "1w"),
        ("365d", "365d"),
        ("24h", "1d"),
        ("1d1s", "1d1s"),
        ("100h", "4d4h"),
        ("270m", "270m"),
        ("5bd", "5bd"),
    ];
    for (text, shown) in cases {
        assert_eq!(text.parse::<Duration>().unwrap().to_string(), shown, "{text}");
    }
    assert_eq!(Duration::Elapsed { seconds: -90 }.to_string(), "-90s");
}

/// Thirty-two office hours are four days of an office, and nobody should read them as a day and a third.
#[test]
fn hours_of_a_calendar_are_not_shown_as_days() {
    let cases =
        [("24h", "24h"), ("32h", "32h"), ("1w", "168h"), ("90m", "90m"), ("25h30m", "1530m"), ("2bd", "2bd")];
    for (text, shown) in cases {
        let duration = text.parse::<Duration>().unwrap();
        assert_eq!(duration.in_hours().to_string(), shown, "{text}");
        assert_eq!(shown.parse::<Duration>().unwrap(), duration, "{shown}");
    }
}

#[test]
fn windows_are_times_with_a_hyphen() {
    let cases = [
        ("09:00-17:00", "09:00-17:00", 28_800, false),
        ("22:00-06:00", "22:00-06:00", 28_800, true),
        ("22:00-00:00", "22:00-24:00", 7_200, false),
        ("00:00-24:00", "00:00-24:00", 86_400, false),
        ("09:00:30-09:00:45", "09:00:30-09:00:45", 15, false),
        ("00:00:00-24:00:00", "00:00-24:00", 86_400, false),
        ("23:59:59-23:59:58", "23:59:59-23:59:58", 86_399, true),
    ];
    for (text, shown, seconds, overnight) in cases {
        let window: Window = text.parse().unwrap();
        assert_eq!(
            (window.to_string().as_str(), window.seconds(), window.is_overnight()),
            (shown, seconds, overnight)
        );
        assert_eq!(shown.parse(), Ok(window));
    }
    let refused = [
        ("09:00", "write two times with a hyphen"),
        ("09:00-12:00-17:00", "write two times with a hyphen"),
        ("9:00-17:00", "`9:00` is not a time of day"),
        ("09:00 - 17:00", "`09:00 ` is not a time of day"),
        ("09:00-17", "`17` is not a time of day"),
        ("09:00-25:00", "`25:00` is not a time of day"),
        ("09:00-24:01", "`24:01` is not a time of day"),
        ("09:60-17:00", "`09:60` is not a time of day"),
        ("09:00:60-17:00", "`09:00:60` is not a time of day"),
        ("09:00:00:00-17:00", "is not a time of day"),
        ("+9:00-17:00", "is not a time of day"),
        ("24:00-06:00", "starts at the end of the day"),
        ("09:00-09:00", "write `00:00-24:00` for the whole day"),
        ("00:00-00:00", "write `00:00-24:00` for the whole day"),
    ];
    for (text, part) in refused {
        let message = error::<Window>(text);
        assert!(message.contains(part), "`{text}`: {message}");
    }
    assert!(Window::new(86_400, 1).is_err() && Window::new(0, 86_401).is_err() && Window::new(7, 7).is_err());
    assert_eq!(Window::new(32_400, 61_200), Ok("09:00-17:00".parse().unwrap()));
}

#[test]
fn weekdays_are_days_and_runs() {
    let cases: [(&str, &[usize]); 4] = [
        ("mon", &[0]),
        ("mon-fri", &[0, 1, 2, 3, 4]),
        ("sun-thu", &[6, 0, 1, 2, 3]),
        ("tue-mon", &[1, 2, 3, 4, 5, 6, 0]),
    ];
    for (text, days) in cases {
        let weekdays: Weekdays = text.parse().unwrap();
        assert_eq!(weekdays.days().collect::<Vec<_>>(), days, "{text}");
        assert_eq!(weekdays.to_string(), text);
        assert_eq!((0..7).filter(|&day| weekdays.contains(day)).count(), days.len());
    }
    let refused = [
        ("Mon", "write `mon`"),
        ("monday", "write `mon`"),
        ("thurs", "write `thu`"),
        ("mon-FRI", "write `fri`"),
        ("mon,wed", "one key for each day"),
        ("mon fri", "one key for each day"),
        ("mon-mon", "write `mon` for one day, `mon-sun`"),
        ("mo", "`mo` is not a weekday"),
        ("", "`` is not a weekday"),
        ("mon-", "`` is not a weekday"),
        ("weekdays", "`weekdays` is not a weekday"),
    ];
    for (text, part) in refused {
        let message = error::<Weekdays>(text);
        assert!(message.contains(part), "`{text}`: {message}");
    }
}

#[test]
fn zones_are_those_of_the_database_and_no_others() {
    for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "US/Eastern", "EST"] {
        let zone = Zone::new(name);
        assert!(zone.resolve().is_some(), "{name}");
        assert_eq!((zone.as_str(), zone.to_string().as_str()), (name, name));
    }
    for name in
        ["", "europe/berlin", "Europe/Berlin ", "CEST", "+02:00", "Mars/Olympus", "Etc/Unknown", "local"]
    {
        assert!(Zone::new(name).resolve().is_none(), "{name}");
    }
    assert!(Zone::names().len() > 500 && Zone::names().is_sorted());
    assert!(Zone::names().iter().all(|name| Zone::new(name.as_str()).resolve().is_some()));
}

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema, PartialEq, Debug)]
struct Document {
    within: Duration,
    zone: Zone,
    weekly: BTreeMap<Weekdays, Vec<Window>>,
}

#[test]
fn documents_hold_them_as_strings() {
    let text = "within = \"90m\"\nzone = \"Europe/Berlin\"\n\n[weekly]\nmon-thu = [\"09:00-12:00\", \"13:00-17:00\"]\nfri = [\"09:00-15:00\"]\n";
    let document: Document = toml::from_str(text).unwrap();
    assert_eq!(toml::to_string(&document).unwrap(), text);
    let wrong = toml::from_str::<Document>(&text.replace("90m", "1.5h")).unwrap_err();
    assert!(wrong.message().contains("`1.5h` has a fraction"), "{wrong}");
    let wrong = toml::from_str::<Document>(&text.replace("mon-thu", "mon-thur")).unwrap_err();
    assert!(wrong.message().contains("write `thu`"), "{wrong}");
    let wrong = toml::from_str::<Document>(&text.replace("\"90m\"", "90")).unwrap_err();
    assert!(wrong.message().contains("expected a duration such as"), "{wrong}");
}

/// The validator that editors and the loader use agrees with the parser on form.
#[test]
fn schemas_agree_with_the_parsers() {
    let schema = schemars::schema_for!(Document);
    let validator = jsonschema::validator_for(schema.as_value()).unwrap();
    let accepts = |within: &str, key: &str, window: &str| {
        validator.is_valid(&serde_json::json!({"within": within, "zone": "UTC", "weekly": {key: [window]}}))
    };
    for within in ["0m", "90s", "1w2d3h4m5s", "1w5s", "365d", "2bd", "36525d", "10000bd"] {
        assert!(accepts(within, "mon", "09:00-17:00"), "{within}");
    }
    for within in ["", "4", "h", "1.5h", "-4h", "4 h", "007h", "1h1h", "30m1h", "1d2bd", "4H", "4h\n"] {
        assert!(!accepts(within, "mon", "09:00-17:00"), "{within}");
    }
    for window in ["22:00-06:00", "00:00-24:00", "09:00:30-17:00"] {
        assert!(accepts("4h", "mon-fri", window), "{window}");
    }
    for window in ["9:00-17:00", "24:00-06:00", "09:00-24:01", "09:00"] {
        assert!(!accepts("4h", "mon-fri", window), "{window}");
    }
    assert!(!accepts("4h", "monday", "09:00-17:00"), "a key that is no weekday");
}

proptest! {
    #[test]
    fn a_shown_duration_is_the_same_duration(seconds in prop_oneof![0..=MAX_SECONDS, 0..=200_000_i64]) {
        let duration = Duration::Elapsed { seconds };
        let text = duration.to_string();
        prop_assert_eq!(text.parse(), Ok(duration));
        let in_seconds = format!("{seconds}s");
        prop_assert!(text.len() <= in_seconds.len());
    }

    #[test]
    fn a_shown_window_is_the_same_window(start in 0..86_400_u32, end in 0..=86_400_u32) {
        prop_assume!(start != end);
        let window = Window::new(start, end).unwrap();
        prop_assert_eq!(window.to_string().parse(), Ok(window));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "[0-9wdhmsb:,. \\-a-zäß€]{0,12}") {
        for shown in [
            text.parse::<Duration>().map(|value| value.to_string()).ok(),
            text.parse::<Window>().map(|value| value.to_string()).ok(),
            text.parse::<Weekdays>().map(|value| value.to_string()).ok(),
        ].into_iter().flatten() {
            prop_assert!(!shown.contains([' ', ',', '.']), "{}", shown);
        }
    }
}
