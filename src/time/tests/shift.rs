//! What a change moves: worked figures, and the sweep over stretches compared with every single second.

use jiff::Timestamp;
use proptest::prelude::*;

use super::{calendar, feasibility::dense, instant, second};
use crate::time::{Calendar, Commitment, Due, Instance, Moved, Pauses, Shift, Starts, due, shift};

fn starts(from: &str, to: &str) -> Starts {
    Starts { from: instant(from), to: instant(to), prefer: instant(from) }
}

fn hours(calendar: &Calendar, hours: i64) -> Vec<Commitment<'_>> {
    vec![Commitment { calendar, seconds: hours * 3_600 }]
}

/// The first of several chains by the definition: each step from the end of the one before.
fn first(chains: &[Vec<Commitment<'_>>], start: i64) -> Option<i64> {
    let step =
        |from: i64, step: &Commitment<'_>| match due(step.calendar, second(from), step.seconds, Pauses::NONE)
        {
            Due::At(at) => Some(at.as_second()),
            Due::Never(_) => None,
        };
    chains.iter().filter_map(|chain| chain.iter().try_fold(start, step)).min()
}

fn by(instance: &Instance) -> i64 {
    match (instance.before, instance.after) {
        (Some(before), Some(after)) => (after.as_second() - before.as_second()).abs(),
        _ => i64::MAX,
    }
}

/// The same, start by start.
fn slow(before: &[Vec<Commitment<'_>>], after: &[Vec<Commitment<'_>>], starts: Starts) -> Shift {
    let mut found = Shift::default();
    for start in starts.from.as_second()..starts.to.as_second() {
        let (was, is) = (first(before, start), first(after, start));
        let later = was.is_some() && is.is_none_or(|is| was.is_some_and(|was| is > was));
        if was == is {
            found.same += 1;
            continue;
        }
        let instance = Instance { start: second(start), before: was.map(second), after: is.map(second) };
        let moved = if later { &mut found.later } else { &mut found.earlier };
        let moved = moved.get_or_insert(Moved {
            starts: 0,
            first: instance.start,
            last: instance.start,
            most: instance,
        });
        moved.starts += 1;
        moved.last = instance.start;
        let preferred = moved.most.start < starts.prefer && starts.prefer <= instance.start;
        if by(&instance) > by(&moved.most) || (by(&instance) == by(&moved.most) && preferred) {
            moved.most = instance;
        }
    }
    found
}

#[test]
fn a_longer_target_on_the_same_hours_is_later_whenever_it_starts() {
    let always = Calendar::around_the_clock();
    let starts = Starts {
        prefer: instant("2026-11-20T12:00:00Z"),
        ..starts("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    };
    let found = shift(&[hours(&always, 6)], &[hours(&always, 8)], starts);
    assert_eq!((found.earlier, found.same), (None, 0));
    let later = found.later.unwrap();
    assert_eq!(later.starts, 365 * 86_400);
    let most = Instance {
        start: starts.prefer,
        before: Some(instant("2026-11-20T18:00:00Z")),
        after: Some(instant("2026-11-20T20:00:00Z")),
    };
    assert_eq!(later.most, most);
    // Taken back, it is earlier.
    let back = shift(&[hours(&always, 8)], &[hours(&always, 6)], starts);
    assert_eq!((back.later, back.earlier.map(|moved| moved.starts)), (None, Some(later.starts)));
}

#[test]
fn a_larger_number_can_be_earlier() {
    // Four hours of office time are due on Monday where eight hours around the clock are due on Saturday.
    let (always, office) = (Calendar::around_the_clock(), calendar("UTC", "mon-fri 09:00-17:00", &[], &[]));
    let found = shift(
        &[hours(&office, 4)],
        &[hours(&always, 8)],
        starts("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
    );
    let (earlier, later) = (found.earlier.unwrap(), found.later.unwrap());
    // All starts of Friday afternoon move as far; the first full hour of them is named.
    assert_eq!(earlier.most.before, Some(instant("2026-11-23T10:00:00Z")));
    assert_eq!(earlier.most.start, instant("2026-11-20T14:00:00Z"));
    assert_eq!(later.most.start, instant("2026-11-16T09:00:00Z"));
    assert_eq!(found.same + earlier.starts + later.starts, 7 * 86_400);
}

#[test]
fn a_holiday_moves_only_what_meets_it() {
    let plain = calendar("Europe/Berlin", "mon-fri 06:00-22:00", &[], &[]);
    let with = calendar("Europe/Berlin", "mon-fri 06:00-22:00", &["2026-12-28"], &[]);
    let found = shift(
        &[hours(&plain, 8)],
        &[hours(&with, 8)],
        starts("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
    );
    let later = found.later.unwrap();
    assert_eq!(found.earlier, None);
    // A ticket of Friday afternoon is due on Monday, and from one second after 14:00 on was not yet.
    assert_eq!(later.first, instant("2026-12-25T13:00:01Z"));
    assert_eq!(later.last, instant("2026-12-28T20:59:59Z"));
}

#[test]
fn what_is_never_due_any_more_is_later_than_anything() {
    let always = Calendar::around_the_clock();
    let once = calendar("UTC", "", &[], &[("2024-01-08", &["09:00-17:00"])]);
    let starts = starts("2024-01-08T00:00:00Z", "2024-01-09T00:00:00Z");
    let found = shift(&[hours(&always, 30)], &[hours(&once, 1)], starts);
    let (earlier, later) = (found.earlier.unwrap(), found.later.unwrap());
    assert_eq!(earlier.last, instant("2024-01-08T16:00:00Z"));
    assert_eq!((later.first, later.most.after), (instant("2024-01-08T16:00:01Z"), None));
    assert_eq!(shift(&[], &[], starts).same, 86_400);
    assert_eq!(shift(&[], &[hours(&always, 1)], starts).earlier.unwrap().starts, 86_400);
    assert_eq!(shift(&[hours(&always, 1)], &[], starts).later.unwrap().most.after, None);
    let none = Starts { to: starts.from, ..starts };
    assert_eq!(shift(&[hours(&always, 1)], &[], none), Shift::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::cases(40)))]

    #[test]
    fn every_second_agrees(
        calendars in proptest::collection::vec(dense(), 6),
        seconds in proptest::collection::vec(prop_oneof![1 => Just(0), 4 => 0..1_500_i64], 6),
        shape in 0..4_usize,
        offset in -3_600..7_200_i64,
        length in 1..1_000_i64,
        prefer in -10..1_100_i64,
    ) {
        let from = instant("2025-03-30T00:00:00Z").as_second() + offset;
        let starts = Starts { from: second(from), to: second(from + length), prefer: second(from + prefer) };
        let step = |place: usize| Commitment { calendar: &calendars[place], seconds: seconds[place] };
        // One step each, a chain against one step, two chains against one, two chains each.
        let (before, after) = match shape {
            0 => (vec![vec![step(0)]], vec![vec![step(1)]]),
            1 => (vec![vec![step(0), step(1)]], vec![vec![step(2)]]),
            2 => (vec![vec![step(0)], vec![step(1)]], vec![vec![step(2)]]),
            _ => (vec![vec![step(0), step(1)], vec![step(2)]], vec![vec![step(3)], vec![step(4), step(5)]]),
        };
        let found = shift(&before, &after, starts);
        let reference = slow(&before, &after, starts);
        prop_assert_eq!(found.same, reference.same);
        for (one, other) in [(found.earlier, reference.earlier), (found.later, reference.later)] {
            let counted = |moved: Moved| (moved.starts, moved.first, moved.last);
            prop_assert_eq!(one.map(counted), other.map(counted));
            if let (Some(one), Some(other)) = (one, other) {
                // Of starts that move as far another one may be named.
                let start = one.most.start.as_second();
                prop_assert_eq!(one.most.before.map(Timestamp::as_second), first(&before, start));
                prop_assert_eq!(one.most.after.map(Timestamp::as_second), first(&after, start));
                prop_assert_eq!(by(&one.most), by(&other.most));
                prop_assert_eq!(one.most.start >= starts.prefer, other.most.start >= starts.prefer);
            }
        }
        let back = shift(&after, &before, starts);
        prop_assert_eq!(back.same, found.same);
        prop_assert_eq!(back.earlier.map(|moved| moved.starts), found.later.map(|moved| moved.starts));
        prop_assert_eq!(shift(&before, &before, starts).same, length);
    }
}
