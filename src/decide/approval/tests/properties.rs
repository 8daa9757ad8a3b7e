//! What holds for every request.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::outcome::{State, Status},
    reference::{Summary, reference},
    worlds::{
        NAMES, book, drawn_vote, events, happenings, hour, request, stages, staying, vote, with_status,
        written,
    },
};
use crate::model::{Rulebook, approval::Event};

fn summary(status: &Status<'_, '_>) -> Summary {
    let stages = status
        .stages
        .iter()
        .map(|stage| (stage.opened, stage.satisfied, stage.escalated, stage.needed, stage.counted.len()));
    Summary { state: status.state, since: status.since, stages: stages.collect() }
}

fn of(rulebook: &Rulebook, beneficiary: &str, list: &[Value], now: i64) -> Summary {
    with_status(rulebook, &request(beneficiary), &events(list), now, |_, _, status| summary(status))
}

/// How far a request has come: only what is approved or can be is any good.
fn rank(state: State) -> u8 {
    match state {
        State::Approved => 2,
        State::Pending => 1,
        _ => 0,
    }
}

fn beneficiary() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("rita"), Just("fay"), Just("ben"), Just("cleo"), Just("robot"), Just("dan-two")]
}

/// Everything that is said about events, by their content: their places depend on the file.
fn said(status: &Status<'_, '_>, events: &[Event]) -> Vec<String> {
    let name = |place: usize| serde_json::to_string(&events[place]).unwrap();
    let counted = status.stages.iter().map(|stage| {
        let of = stage.counted.iter().map(|one| (name(one.event), one.person, one.delegate));
        let can: Vec<&str> = stage.can_act.iter().map(|person| person.id.as_str()).collect();
        format!("{:?} {can:?}", of.collect::<Vec<_>>())
    });
    let refused = status.not_counted.iter().map(|one| format!("{} {:?}", name(one.event), one.why));
    counted.chain(refused).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_slow_computation_agrees(
        drawn in stages(true), distinct in proptest::bool::weighted(0.8), list in happenings(),
        beneficiary in beneficiary(), now in 0_i64..80,
    ) {
        let rulebook = book(&written(&drawn, distinct));
        let (request, events) = (request(beneficiary), events(&list));
        with_status(&rulebook, &request, &events, now, |engine, decision, status| {
            let slow = reference(engine, decision, &request, &events, hour(now));
            prop_assert_eq!(summary(status), slow, "{}", written(&drawn, distinct));
            Ok(())
        })?;
    }

    #[test]
    fn the_order_of_the_file_never_matters(
        drawn in stages(true), distinct in any::<bool>(), now in 0_i64..80,
        (list, shuffled) in happenings().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
    ) {
        let rulebook = book(&written(&drawn, distinct));
        let seen = [list, shuffled].map(|list| {
            let events = events(&list);
            with_status(&rulebook, &request("rita"), &events, now, |_, _, status| {
                (summary(status), said(status, &events))
            })
        });
        prop_assert_eq!(&seen[0], &seen[1]);
    }

    #[test]
    fn every_event_is_accounted_for_once(
        drawn in stages(true), distinct in any::<bool>(), list in happenings(), now in 0_i64..80,
    ) {
        let rulebook = book(&written(&drawn, distinct));
        let events = events(&list);
        with_status(&rulebook, &request("rita"), &events, now, |_, _, status| {
            let counted: BTreeSet<usize> =
                status.stages.iter().flat_map(|stage| &stage.counted).map(|one| one.event).collect();
            let mut all: Vec<usize> = counted.into_iter().collect();
            all.extend(status.not_counted.iter().map(|one| one.event));
            all.extend(&status.withdrawals);
            all.extend(status.decided_by);
            all.sort_unstable();
            let all: Vec<usize> =
                all.into_iter().filter(|event| matches!(events[*event], Event::Vote(_))).collect();
            let votes: Vec<usize> =
                (0..events.len()).filter(|event| matches!(events[*event], Event::Vote(_))).collect();
            prop_assert_eq!(all, votes);
            Ok(())
        })?;
    }

    #[test]
    fn what_is_final_stays(
        drawn in stages(true), distinct in any::<bool>(), list in happenings(), now in 0_i64..70,
        later in 0_i64..40,
    ) {
        let rulebook = book(&written(&drawn, distinct));
        let before = of(&rulebook, "rita", &list, now);
        let after = of(&rulebook, "rita", &list, now + later);
        if before.state == State::Approved && after.state == State::Lapsed {
            // What was approved is over one day.
            prop_assert!(after.since > hour(now), "{:?} at {}", after, hour(now));
        } else if before.state != State::Pending {
            prop_assert_eq!(before, after);
        } else if after.state != State::Pending {
            // A deadline is over right after its instant.
            prop_assert!(after.since >= hour(now), "{:?} at {}", after, hour(now));
        }
    }

    #[test]
    fn one_more_approval_never_hurts(
        drawn in stages(false), distinct in any::<bool>(), list in happenings(), more in drawn_vote("approve"),
    ) {
        let rulebook = staying(&written(&drawn, distinct));
        let less = of(&rulebook, "rita", &list, 80);
        let more = of(&rulebook, "rita", &with(&list, more), 80);
        // An approval may open a stage in which it shows that nobody can act: whoever widened the request is
        // kept from it. Then nobody's approval would have brought it further.
        let everybody = NAMES.iter().fold(list.clone(), |list, name| with(&list, vote(79, name, "approve")));
        let doomed = of(&rulebook, "rita", &everybody, 80).state != State::Approved;
        let shown = less.state == State::Pending && more.state == State::NoApprover && doomed;
        prop_assert!(shown || rank(more.state) >= rank(less.state), "{:?} became {:?}", less, more);
    }

    /// Time is the one exception: the stage after it opens sooner, and has to be decided sooner.
    #[test]
    fn one_more_approval_never_hurts_unless_it_starts_a_clock(
        drawn in stages(true), distinct in any::<bool>(), list in happenings(), more in drawn_vote("approve"),
    ) {
        let rulebook = staying(&written(&drawn, distinct));
        let calm = |event: &&Value| {
            event["event"] != "amendment" && event["decision"] != "withdraw"
        };
        let list: Vec<Value> = list.iter().filter(calm).cloned().collect();
        let less = of(&rulebook, "rita", &list, 80);
        let more = of(&rulebook, "rita", &with(&list, more), 80);
        let opened = |summary: &Summary| -> Vec<Timestamp> {
            summary.stages.iter().map(|stage| stage.0.unwrap_or(Timestamp::MAX)).collect()
        };
        let sooner = opened(&more).iter().zip(&opened(&less)).any(|(more, less)| more < less);
        prop_assert!(sooner || rank(more.state) >= rank(less.state), "{:?} became {:?}", less, more);
    }

    #[test]
    fn whoever_is_kept_out_changes_nothing(
        drawn in stages(true), distinct in any::<bool>(), list in happenings(), now in 0_i64..80,
        at in 0_i64..72, who in proptest::sample::select(vec!["rita", "ben", "robot", "fay", "nobody"]),
        decision in proptest::sample::select(vec!["approve", "reject", "withdraw"]),
        behalf in proptest::option::of(proptest::sample::select(vec!["rita", "ben", "robot", "fay"])),
    ) {
        let rulebook = book(&written(&drawn, distinct));
        let mut more = vote(at, who, decision);
        if let Some(behalf) = behalf {
            more["on-behalf-of"] = json!(behalf);
        }
        let less = of(&rulebook, "ben", &list, now);
        prop_assert_eq!(less, of(&rulebook, "ben", &with(&list, more), now));
    }
}

fn with(list: &[Value], more: Value) -> Vec<Value> {
    list.iter().cloned().chain([more]).collect()
}
