//! Rules one by one, where more has to be looked at than how a request ends.

use serde_json::json;

use super::{
    super::outcome::{State, Why},
    worlds::{book, events, hour, request, vote, with_status},
};

const TWO: &str = r#"
[[workflow.ask.stage]]
id = "one"
approvers = ["person:ana", "person:ben"]
within = "10h"
on-timeout = "deny"
[[workflow.ask.stage]]
id = "two"
approvers = ["person:ana", "person:dan"]
within = "5h"
on-timeout.escalate = ["person:eve"]
"#;

#[test]
fn a_stage_opens_when_those_before_it_are_satisfied_and_closes_when_they_are_not() {
    let list = [vote(3, "ben", "approve"), vote(5, "ben", "withdraw"), vote(7, "ben", "approve")];
    let at = |now: i64| {
        with_status(&book(TWO), &request("rita"), &events(&list), now, |_, _, status| {
            let stages = status.stages.iter().map(|stage| (stage.opened, stage.due, stage.satisfied));
            stages.collect::<Vec<_>>()
        })
    };
    let first = (Some(hour(0)), Some(hour(10)));
    assert_eq!(at(2), [(first.0, first.1, None), (None, None, None)]);
    assert_eq!(at(4), [(first.0, first.1, Some(hour(3))), (Some(hour(3)), Some(hour(8)), None)]);
    // The time of the first stage is not given anew; that of the second starts again when it opens again.
    assert_eq!(at(6), [(first.0, first.1, None), (None, None, None)]);
    assert_eq!(at(8), [(first.0, first.1, Some(hour(7))), (Some(hour(7)), Some(hour(12)), None)]);
}

#[test]
fn taking_back_after_the_time_of_a_stage_ends_it_at_that_instant() {
    let list = [vote(3, "ben", "approve"), vote(20, "ben", "withdraw")];
    with_status(&book(TWO), &request("rita"), &events(&list), 20, |_, _, status| {
        assert_eq!((status.state, status.since, status.stage), (State::TimedOut, hour(20), Some(0)));
    });
}

#[test]
fn an_approval_given_early_counts_when_its_stage_opens() {
    let list = [vote(1, "dan", "approve"), vote(3, "ben", "approve")];
    with_status(&book(TWO), &request("rita"), &events(&list), 3, |_, _, status| {
        assert_eq!((status.state, status.since), (State::Approved, hour(3)));
        assert_eq!(status.stages[1].satisfied, Some(hour(3)));
    });
}

#[test]
fn whoever_satisfied_a_stage_in_time_can_be_relieved_by_those_it_escalates_to() {
    let stages = r#"
[[workflow.ask.stage]]
id = "one"
approvers = ["person:ana"]
within = "10h"
on-timeout.escalate = ["person:eve"]
[[workflow.ask.stage]]
id = "two"
approvers = ["person:ana"]
"#;
    // Nobody but `ana` can be the second stage; until `eve` is asked, she is the first.
    let list = [vote(1, "ana", "approve"), vote(5, "eve", "approve"), vote(11, "eve", "approve")];
    with_status(&book(stages), &request("rita"), &events(&list), 10, |_, _, status| {
        assert_eq!((status.state, status.stage), (State::Pending, Some(1)));
        assert_eq!(status.not_counted[0].why, Why::NotAskedYet);
    });
    with_status(&book(stages), &request("rita"), &events(&list), 11, |_, _, status| {
        assert_eq!((status.state, status.since), (State::Approved, hour(11)));
    });
    // Whose approval would have counted at that instant can reject, too; an hour before, neither.
    for (at, state) in [(10, State::Pending), (11, State::Rejected)] {
        let list = [vote(1, "ana", "approve"), vote(at, "eve", "reject")];
        with_status(&book(stages), &request("rita"), &events(&list), 12, |_, _, status| {
            assert_eq!(status.state, state);
        });
    }
}

#[test]
fn a_quorum_is_that_of_the_people_who_are_here_when_the_stage_opens() {
    let stages = r#"
[[workflow.ask.stage]]
id = "one"
approvers = ["person:eve"]
[[workflow.ask.stage]]
id = "two"
approvers = ["person:ana", "person:ben", "person:cleo"]
need = "all"
"#;
    let needed = |opens: i64| {
        let list = [vote(opens, "eve", "approve")];
        with_status(&book(stages), &request("rita"), &events(&list), opens, |_, _, status| {
            (status.stages[1].needed, status.stages[1].can_act.len())
        })
    };
    // The last day of `cleo` is the second.
    assert_eq!(needed(47), (3, 3));
    assert_eq!(needed(48), (2, 2));
    // Once it is open, nothing less is enough, and when somebody leaves it can never be satisfied.
    let list = [vote(47, "eve", "approve")];
    with_status(&book(stages), &request("rita"), &events(&list), 60, |_, _, status| {
        assert_eq!((status.state, status.since, status.stage), (State::NoApprover, hour(48), Some(1)));
    });
}

#[test]
fn those_who_stand_in_are_asked_when_the_last_one_leaves() {
    let stages = r#"
[[workflow.ask.stage]]
id = "one"
approvers = ["person:cleo"]
fallback = ["person:eve"]
"#;
    let list = [vote(5, "eve", "approve"), vote(50, "eve", "approve")];
    with_status(&book(stages), &request("rita"), &events(&list), 47, |_, _, status| {
        assert_eq!((status.state, status.stages[0].stand_in), (State::Pending, false));
        assert_eq!(status.not_counted[0].why, Why::NotAskedYet);
    });
    with_status(&book(stages), &request("rita"), &events(&list), 50, |_, _, status| {
        assert_eq!(
            (status.state, status.since, status.stages[0].stand_in),
            (State::Approved, hour(50), true)
        );
    });
}

#[test]
fn a_delegation_covers_nothing_that_was_done_before_it_was_written_down() {
    let mut by_delegate = vote(5, "dan", "approve");
    by_delegate["on-behalf-of"] = json!("ben");
    for (at, state) in [(4, State::Pending), (6, State::Pending)] {
        let delegation = json!({
            "event": "delegation", "from": "ben", "to": "dan", "starts": 0, "ends": 40, "at": at,
            "by": "ben",
        });
        let list = [delegation, by_delegate.clone()];
        with_status(&book(TWO), &request("rita"), &events(&list), 7, |_, _, status| {
            assert_eq!(status.state, state);
            assert_eq!(status.stages[0].counted.len(), usize::from(at == 4));
        });
    }
}

/// A request that names somebody on leave beside another, and `dan` who stands in for them from hour 5 to hour 40.
fn stood_in_for(need: &str, list: &[serde_json::Value], now: i64) -> (State, usize, Vec<Why>, Vec<String>) {
    let stages = format!(
        "[[workflow.ask.stage]]\nid = \"one\"\napprovers = [\"person:ana\", \"person:gus\"]\nneed = {need}\n"
    );
    let book = book(&(AWAY.to_owned() + &stages));
    with_status(&book, &request("rita"), &events(list), now, |_, _, status| {
        let stage = &status.stages[0];
        (
            status.state,
            stage.counted.len(),
            status.not_counted.iter().map(|one| one.why).collect(),
            stage.delegates.iter().map(|one| format!("{} for {}", one.person.id, one.delegator.id)).collect(),
        )
    })
}

const AWAY: &str = "[person.gus]\nname = \"Gus\"\nstatus = \"on-leave\"\n";

fn for_gus(at: i64, decision: &str) -> serde_json::Value {
    let mut vote = vote(at, "dan", decision);
    vote["on-behalf-of"] = json!("gus");
    vote
}

#[test]
fn whoever_stands_in_for_somebody_who_is_away_acts_for_them() {
    let delegation = json!({ "event": "delegation", "from": "gus", "to": "dan", "starts": 5, "ends": 40, "at": 2, "by": "gus" });
    let none: Vec<Why> = Vec::new();
    let list = [delegation.clone(), for_gus(6, "approve")];
    assert_eq!(
        stood_in_for("1", &list, 5),
        (State::Pending, 0, vec![Why::InTheFuture], vec!["dan for gus".to_owned()])
    );
    assert_eq!(stood_in_for("1", &list, 6), (State::Approved, 1, none.clone(), vec![]));
    assert_eq!(stood_in_for("1", &[delegation.clone(), for_gus(6, "reject")], 6).0, State::Rejected);
    // Nobody stands in before that, after it, or without anything written down by whom it is about.
    for (list, why) in [
        (vec![delegation.clone(), for_gus(4, "approve")], Why::DelegationNotInForce),
        (vec![delegation.clone(), for_gus(40, "approve")], Why::DelegationNotInForce),
        (vec![for_gus(6, "approve")], Why::NoDelegation),
        (
            vec![delegation, vote(6, "gus", "approve")],
            Why::Excluded(crate::decide::principals::Exclusion::OnLeave),
        ),
    ] {
        let (state, counted, not_counted, _) = stood_in_for("1", &list, 41);
        assert_eq!((state, counted, not_counted), (State::Pending, 0, vec![why]));
    }
}

#[test]
fn nobody_stands_in_for_themselves_under_another_record() {
    let records = "[person.hal]\nname = \"Hal\"\nstatus = \"on-leave\"\naccounts.chat = \"hal\"\n\
                   [person.hal-two]\nname = \"Hal again\"\naccounts.chat = \"HAL\"\n\
                   [person.hal-old]\nname = \"Hal before\"\nstatus = \"inactive\"\naccounts.chat = \"Hal\"\n";
    let stages = "[[workflow.ask.stage]]\nid = \"one\"\napprovers = [\"person:ana\", \"person:hal\"]\n";
    let book = book(&(records.to_owned() + stages));
    let outcome = |by: &str, to: &str| {
        let delegation = json!({ "event": "delegation", "from": "hal", "to": to, "starts": 1, "ends": 40, "at": 1, "by": by });
        let mut approval = vote(2, to, "approve");
        approval["on-behalf-of"] = json!("hal");
        with_status(&book, &request("rita"), &events(&[delegation, approval]), 3, |_, _, status| {
            (status.state, status.not_counted.iter().map(|one| one.why).collect::<Vec<_>>())
        })
    };
    assert_eq!(
        outcome("hal-two", "hal-two"),
        (State::Pending, vec![Why::EmptyDelegation, Why::NoDelegation])
    );
    // Nor does a record that is switched off let somebody else stand in.
    let inactive = Why::Excluded(crate::decide::principals::Exclusion::Inactive);
    assert_eq!(outcome("hal-old", "dan"), (State::Pending, vec![inactive, Why::NoDelegation]));
    assert_eq!(outcome("hal-two", "dan"), (State::Approved, vec![]));
    assert_eq!(outcome("hal", "dan"), (State::Approved, vec![]));
}

#[test]
fn whoever_stands_in_later_makes_a_share_no_smaller() {
    let delegation = |at: i64| json!({ "event": "delegation", "from": "gus", "to": "dan", "starts": 0, "ends": 40, "at": at, "by": "gus" });
    // Who is away is not one of all, and what somebody says for them later does not stand for one who is.
    let later = [delegation(2), for_gus(6, "approve")];
    assert_eq!(stood_in_for("\"all\"", &later, 7), (State::Pending, 0, vec![Why::NotStoodInFor], vec![]));
    // Whoever says no for them ends it all the same, but only while they stand in.
    assert_eq!(stood_in_for("\"all\"", &[delegation(2), for_gus(6, "reject")], 7).0, State::Rejected);
    assert_eq!(stood_in_for("\"all\"", &[for_gus(6, "reject")], 7).0, State::Pending);
    // Where somebody stood in for them from the start, they are one of all.
    let list = [delegation(0), for_gus(6, "approve")];
    assert_eq!(stood_in_for("\"all\"", &list, 7).0, State::Pending);
    let list = [delegation(0), for_gus(6, "approve"), vote(7, "ana", "approve")];
    assert_eq!(stood_in_for("\"all\"", &list, 7), (State::Approved, 2, vec![], vec![]));
    let list = [delegation(0), vote(7, "ana", "approve")];
    assert_eq!(stood_in_for("\"all\"", &list, 7).0, State::Pending);
}

#[test]
fn many_people_and_many_votes_are_no_trouble() {
    let people = ["ben", "fay", "rita"].into_iter().cycle();
    let decisions = ["approve", "withdraw"].into_iter().cycle();
    let votes = people.zip(decisions).zip((0..9).cycle()).map(|((by, decision), at)| vote(at, by, decision));
    let list: Vec<_> = votes.take(20_000).collect();
    with_status(&book(TWO), &request("rita"), &events(&list), 9, |_, _, status| {
        assert_eq!((status.state, status.stage), (State::Pending, Some(0)));
        assert_eq!(status.not_counted.len() + status.withdrawals.len(), list.len());
    });
}
