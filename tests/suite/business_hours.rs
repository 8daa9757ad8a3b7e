//! Business time beside Perl's `Business::Hours` 0.13, the module with which Request Tracker counts its SLAs.
//!
//! It is compared where it is right. Left out are, because it answers otherwise by mistake or by another rule:
//! - windows that run past midnight, and windows in hours in which clocks change;
//! - business time further ahead than 30 days, for which it gives up;
//! - its `between`, which counts the second at the end; the set that it works out is asked for its size instead;
//! - a target used up at closing time, where it names the next opening: that is what our answer is turned into.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    process::{Command, Stdio},
};

use gitsm::time::{Calendar, Due, Pauses, Weekdays, Window, Zone, due, elapsed};
use jiff::{Timestamp, civil::Date};

/// Reads weekly windows and holidays from the first two lines, then a start, seconds to add and an end from each line;
/// answers with the due instant and the business seconds.
const PROGRAM: &str = r"
use strict; use Business::Hours; use Set::IntSpan;
my $hours = Business::Hours->new;
my %week; my $number = 0;
chomp(my $windows = <STDIN>); chomp(my $holidays = <STDIN>);
for my $day (split /;/, $windows) {
    my @edges = map { [split /-/] } split /,/, $day;
    if (@edges) {
        my @breaks = map { { Start => $edges[$_ - 1][1], End => $edges[$_][0] } } 1 .. $#edges;
        $week{$number} = { Name => $number, Start => $edges[0][0], End => $edges[-1][1], Breaks => \@breaks };
    } else {
        $week{$number} = { Name => $number, Start => undef, End => undef };
    }
    $number++;
}
$hours->business_hours(%week);
$hours->holidays(split / /, $holidays);
while (<STDIN>) {
    my ($start, $seconds, $end) = split;
    print $hours->add_seconds($start, $seconds), ' ', $hours->for_timespan(Start => $start, End => $end - 1)->size, qq{\n};
}
";

/// Zones that change their clocks or do not, and one that is not whole hours away.
const ZONES: [&str; 6] =
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu", "Australia/Sydney"];

/// Windows by weekday, Sunday first, as Perl counts.
const WEEKS: [[&str; 7]; 4] = [
    ["", "09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", ""],
    [
        "",
        "08:30-12:00,13:00-17:15",
        "08:30-12:00,13:00-17:15",
        "08:30-12:00",
        "08:30-12:00",
        "10:00-16:00",
        "",
    ],
    [
        "10:00-14:00",
        "08:00-18:00",
        "08:00-18:00",
        "08:00-18:00",
        "08:00-18:00",
        "",
        "09:00-11:00,15:00-19:00",
    ],
    ["", "", "06:00-22:00", "", "", "07:30-07:45", ""],
];

const HOLIDAYS: [&str; 6] =
    ["2025-01-01", "2025-03-31", "2025-05-01", "2025-10-27", "2025-12-25", "2025-12-26"];

/// Cases for each zone and week.
const CASES: usize = 12;

fn calendar(zone: &str, week: [&str; 7]) -> Calendar {
    let mut weekly: [Vec<Window>; 7] = std::array::from_fn(|_| Vec::new());
    for (day, text) in ["sun", "mon", "tue", "wed", "thu", "fri", "sat"].iter().zip(week) {
        for number in day.parse::<Weekdays>().unwrap().days() {
            let windows = text.split(',').filter(|text| !text.is_empty());
            weekly[number] = windows.map(|text| text.parse().unwrap()).collect();
        }
    }
    let holidays: BTreeSet<Date> = HOLIDAYS.iter().map(|date| date.parse().unwrap()).collect();
    Calendar::new(Zone::new(zone).resolve().unwrap(), weekly, holidays, BTreeMap::new())
}

/// Whether the module is there. Where the tests must be complete, its absence is a failure.
fn is_installed() -> bool {
    let probe = Command::new("perl").args(["-MBusiness::Hours", "-e", "1"]).stderr(Stdio::null()).status();
    let there = probe.is_ok_and(|status| status.success());
    let required = ["CI", "GITSM_COMPLETE"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(there || !required, "install libbusiness-hours-perl: these tests must be complete");
    there
}

#[test]
#[allow(clippy::print_stderr, reason = "who runs the tests must see that one of them did nothing")]
fn perl_counts_the_same() {
    if !is_installed() {
        eprintln!("skipped: perl has no Business::Hours (apt install libbusiness-hours-perl)");
        return;
    }
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % below).unwrap()
    };
    let first: Timestamp = "2024-12-20T00:00:00Z".parse().unwrap();
    let mut compared = 0;
    for zone in ZONES {
        for week in WEEKS {
            // From a year, so that clock changes and holidays lie in some of the cases.
            let cases: Vec<(i64, i64, i64)> = (0..CASES)
                .map(|_| {
                    let start = first.as_second() + random(370 * 86_400);
                    (start, random(12 * 3_600), start + 1 + random(20 * 86_400))
                })
                .collect();
            let mut input = format!("{}\n{}\n", week.join(";"), HOLIDAYS.join(" "));
            for (start, seconds, end) in &cases {
                input += &format!("{start} {seconds} {end}\n");
            }
            let calendar = calendar(zone, week);
            let answers = perl(zone, &input);
            assert_eq!(answers.lines().count(), cases.len(), "{zone}: {answers}");
            for ((start, seconds, end), answer) in cases.iter().zip(answers.lines()) {
                let second = |second: i64| Timestamp::from_second(second).unwrap();
                let Due::At(at) = due(&calendar, second(*start), *seconds, Pauses::NONE) else {
                    panic!("{zone} {week:?}: nothing is due");
                };
                let at = calendar.next_open(at).unwrap().as_second();
                let counted = elapsed(&calendar, second(*start), second(*end), Pauses::NONE);
                let ours = format!("{at} {counted}");
                assert_eq!(ours, answer, "{zone} {week:?}: {start} + {seconds}, until {end}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, ZONES.len() * WEEKS.len() * CASES);
}

fn perl(zone: &str, input: &str) -> String {
    let mut command = Command::new("perl");
    command.args(["-e", PROGRAM]).env("TZ", zone).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The answers of a few cases fit into the pipe, so that neither side waits for the other.
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "perl: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
