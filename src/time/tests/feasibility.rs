//! Chains of commitments: worked figures, and the sweep over breakpoints compared with every single second.

use proptest::prelude::*;

use super::{calendar, instant, second};
use crate::time::{
    Calendar, Case, Commitment, Due, Feasibility, Pauses, Window, Zone, due, elapsed, feasibility,
};

fn minutes(calendar: &Calendar, minutes: i64) -> Commitment<'_> {
    Commitment { calendar, seconds: minutes * 60 }
}

/// One start by the definition: each step from the end of the one before.
fn one(target: Commitment<'_>, steps: &[Commitment<'_>], start: i64) -> Option<(i64, i64, i64)> {
    let at = |commitment: &Commitment<'_>, from: i64| {
        let Due::At(at) = due(commitment.calendar, second(from), commitment.seconds, Pauses::NONE) else {
            return None;
        };
        Some(at.as_second())
    };
    let completion = steps.iter().try_fold(start, |from, step| at(step, from))?;
    let counted = elapsed(target.calendar, second(start), second(completion), Pauses::NONE);
    Some((completion, at(&target, start)?, counted - target.seconds))
}

fn measured(feasibility: Feasibility) -> (Case, Option<Case>) {
    match feasibility {
        Feasibility::Measured { worst, breach } => (worst, breach),
        other => panic!("{other:?}"),
    }
}

#[test]
fn business_days_are_those_of_the_calendar() {
    let office = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    let seconds = |text: &str| Commitment::new(&office, text.parse().unwrap()).seconds;
    assert_eq!((seconds("2bd"), seconds("2d")), (57_600, 172_800));
}

#[test]
fn a_chain_on_the_same_calendar_has_the_difference_left() {
    let always = Calendar::around_the_clock();
    let steps = [minutes(&always, 30), minutes(&always, 120), minutes(&always, 60)];
    let (from, to) = (instant("2024-01-08T00:00:00Z"), instant("2024-01-15T00:00:00Z"));
    let (worst, breach) = measured(feasibility(minutes(&always, 240), &steps, from, to));
    assert_eq!((worst.start, worst.slack_seconds, breach), (from, 30 * 60, None));
}

#[test]
fn a_supplier_with_office_hours_breaks_a_target_around_the_clock() {
    let always = Calendar::around_the_clock();
    let supplier = calendar("UTC", "mon-fri 08:00-18:00", &[], &[]);
    let target = minutes(&always, 240);
    let steps = [minutes(&always, 30), minutes(&always, 120), minutes(&supplier, 60)];
    let (from, to) = (instant("2024-01-08T00:00:00Z"), instant("2024-01-15T00:00:00Z"));

    // Sampled every 15 minutes: 477 of 672 starts fail, the worst on Friday at 14:45, by 3690 minutes.
    let sampled: Vec<_> = (0..672).map(|step| from.as_second() + step * 900).collect();
    let failing = sampled.iter().filter(|&&start| one(target, &steps, start).unwrap().2 > 0).count();
    assert_eq!(failing, 477);
    let slack = |start: i64| one(target, &steps, start).map(|(completion, due, _)| due - completion).unwrap();
    let worst_sample = sampled.iter().copied().min_by_key(|&start| slack(start)).unwrap();
    assert_eq!((second(worst_sample), slack(worst_sample)), (instant("2024-01-12T14:45:00Z"), -3_690 * 60));

    // Exactly: no second is worse than the samples, but the first of the worst is one second after 14:30, from when on
    // the last second of the supplier's hour falls into the next week.
    let result = feasibility(target, &steps, from, to);
    assert!(!result.is_feasible());
    let expected = Case {
        start: instant("2024-01-12T14:30:01Z"),
        completion: instant("2024-01-15T08:00:01Z"),
        due: instant("2024-01-12T18:30:01Z"),
        slack_seconds: -3_690 * 60,
        overrun_seconds: 3_690 * 60,
    };
    assert_eq!(measured(result), (expected, Some(expected)));
}

#[test]
fn a_supplier_with_longer_hours_leaves_an_hour() {
    let office = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    let supplier = calendar("UTC", "mon-fri 08:00-18:00", &[], &[]);
    let target = minutes(&office, 480);
    let steps = [minutes(&office, 60), minutes(&office, 240), minutes(&supplier, 120)];
    let (from, to) = (instant("2024-01-08T00:00:00Z"), instant("2024-01-15T00:00:00Z"));
    let (worst, breach) = measured(feasibility(target, &steps, from, to));
    assert_eq!((worst.slack_seconds, worst.overrun_seconds, breach), (60 * 60, 0, None));
}

#[test]
fn work_that_ends_after_closing_time_is_late_only_at_the_next_opening() {
    let office = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    let evening = calendar("UTC", "mon-fri 10:00-18:00", &[], &[]);
    let (from, to) = (instant("2024-01-08T08:00:00Z"), instant("2024-01-08T09:00:01Z"));
    // Due at 17:00, done at 18:00: nobody's business time passed in between.
    let result = feasibility(minutes(&office, 480), &[minutes(&evening, 480)], from, to);
    let (worst, breach) = measured(result);
    assert_eq!((worst.slack_seconds, worst.overrun_seconds, breach), (-3_600, 0, None));
    assert!(result.is_feasible());
    // A minute more of work is done on Tuesday at 10:01: an hour and a minute of business time too late.
    let (_, breach) = measured(feasibility(minutes(&office, 480), &[minutes(&evening, 481)], from, to));
    assert_eq!(breach.map(|case| case.overrun_seconds), Some(61 * 60));
}

#[test]
fn the_last_start_of_a_weekend_can_be_the_only_one_too_late() {
    let always = Calendar::around_the_clock();
    let office = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    // Due on Monday at 10:00 whenever it starts; the work takes two days of the weekend.
    let (from, to) = (instant("2024-01-06T00:00:00Z"), instant("2024-01-06T12:00:00Z"));
    let (worst, breach) = measured(feasibility(minutes(&office, 60), &[minutes(&always, 48 * 60)], from, to));
    assert_eq!((worst.start, worst.slack_seconds), (instant("2024-01-06T11:59:59Z"), -7_199));
    assert_eq!(breach.map(|case| (case.start, case.overrun_seconds)), Some((worst.start, 7_199)));
    // Every start up to 10:00 is in time.
    let ten = instant("2024-01-06T10:00:01Z");
    let (_, breach) = measured(feasibility(minutes(&office, 60), &[minutes(&always, 48 * 60)], from, ten));
    assert_eq!(breach, None);
}

#[test]
fn work_that_takes_all_of_the_target_is_no_breach() {
    let always = Calendar::around_the_clock();
    let (from, to) = (instant("2024-01-08T00:00:00Z"), instant("2024-01-15T00:00:00Z"));
    let (worst, breach) = measured(feasibility(minutes(&always, 60), &[minutes(&always, 60)], from, to));
    assert_eq!((worst.slack_seconds, breach), (0, None));
}

#[test]
fn a_step_without_duration_still_waits_for_opening() {
    let always = Calendar::around_the_clock();
    let office = calendar("UTC", "mon-fri 09:00-17:00", &[], &[]);
    let (from, to) = (instant("2024-01-08T00:00:00Z"), instant("2024-01-15T00:00:00Z"));
    let (worst, _) = measured(feasibility(minutes(&always, 60), &[minutes(&office, 0)], from, to));
    let monday = instant("2024-01-15T09:00:00Z");
    assert_eq!((worst.start, worst.completion), (instant("2024-01-12T17:00:00Z"), monday));
}

#[test]
fn what_never_ends_is_said_to_never_end() {
    let always = Calendar::around_the_clock();
    let closed = calendar("UTC", "", &[], &[("2024-01-08", &["09:00-17:00"])]);
    let (from, to) = (instant("2024-01-08T00:00:00Z"), instant("2024-01-15T00:00:00Z"));
    let done = feasibility(minutes(&always, 60), &[minutes(&closed, 60)], from, to);
    assert_eq!(done, Feasibility::NeverDone { start: instant("2024-01-08T16:00:01Z") });
    assert!(!done.is_feasible());
    let never = calendar("UTC", "", &[], &[]);
    assert_eq!(feasibility(minutes(&never, 60), &[minutes(&always, 60)], from, to), Feasibility::NeverDue);
    assert_eq!(feasibility(minutes(&always, 60), &[], to, from), Feasibility::NoStart);
    assert_eq!(feasibility(minutes(&always, 60), &[], from, from), Feasibility::NoStart);
    let endless = Commitment { calendar: &always, seconds: i64::MAX };
    assert_eq!(feasibility(endless, &[minutes(&always, 60)], from, to), Feasibility::NeverDue);
    assert_eq!(
        feasibility(minutes(&always, 60), &[endless], from, to),
        Feasibility::NeverDone { start: from }
    );
    let nothing_to_do = feasibility(minutes(&always, 60), &[], from, to);
    assert_eq!(measured(nothing_to_do).0.slack_seconds, 3_600);
}

/// Calendars with several short windows around a clock change, so that a few minutes of starts meet many edges.
pub(super) fn dense() -> impl Strategy<Value = Calendar> {
    let edges = proptest::sample::subsequence((0..240_u32).collect::<Vec<_>>(), 2..10);
    (edges, proptest::sample::select(&["UTC", "Europe/Berlin", "Europe/London"][..])).prop_map(
        |(edges, zone)| {
            // Edges every 37 seconds from 00:45 on, taken in pairs.
            let windows: Vec<Window> = edges
                .chunks_exact(2)
                .map(|pair| Window::new(2_700 + pair[0] * 37, 2_700 + pair[1] * 37).unwrap())
                .collect();
            let weekly: [Vec<Window>; 7] = std::array::from_fn(|_| windows.clone());
            Calendar::new(Zone::new(zone).resolve().unwrap(), weekly, [].into(), [].into())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_second_is_worse_than_the_breakpoints(
        calendars in proptest::collection::vec(dense(), 4),
        target in prop_oneof![1 => Just(0), 4 => 0..2_400_i64],
        seconds in proptest::collection::vec(prop_oneof![1 => Just(0), 4 => 0..900_i64], 0..4),
        offset in -3_600..7_200_i64,
        length in 1..1_200_i64,
    ) {
        let from = instant("2025-03-30T00:00:00Z").as_second() + offset;
        let target = Commitment { calendar: &calendars[0], seconds: target };
        let steps: Vec<_> = calendars[1..]
            .iter()
            .zip(&seconds)
            .map(|(calendar, &seconds)| Commitment { calendar, seconds })
            .collect();
        let (worst, breach) = measured(feasibility(target, &steps, second(from), second(from + length)));
        let all = (from..from + length).map(|start| (start, one(target, &steps, start).unwrap()));
        let (start, (completion, due, over)) =
            all.clone().min_by_key(|&(_, (completion, due, _))| due - completion).unwrap();
        let expected = Case {
            start: second(start),
            completion: second(completion),
            due: second(due),
            slack_seconds: due - completion,
            overrun_seconds: over.max(0),
        };
        prop_assert_eq!(worst, expected);
        prop_assert_eq!(breach.is_some(), all.clone().any(|(_, (_, _, over))| over > 0));
        if let Some(breach) = breach {
            let (completion, due, over) = one(target, &steps, breach.start.as_second()).unwrap();
            prop_assert!(over > 0);
            prop_assert_eq!(
                (breach.completion, breach.due, breach.overrun_seconds),
                (second(completion), second(due), over)
            );
        }
    }
}
