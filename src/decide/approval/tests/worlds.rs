//! Small rulebooks in which one workflow decides, and what can happen to a request in them.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{outcome::Status, status};
use crate::{
    decide::{access::decide, decision::Decision, engine::Engine, testing::rulebook},
    model::{Rulebook, approval::Event, request::Request},
};

/// Everybody whom a stage can name. `cleo` leaves on the second day; `robot` is software; `rita` asks. Two of them have a
/// second record, which shows in an account.
pub(super) const NAMES: [&str; 9] =
    ["ana", "ben", "cleo", "dan", "dan-two", "eve", "rita", "rita-two", "robot"];

const PEOPLE: &str = r#"
[person]
ana = { name = "Ana" }
ben = { name = "Ben" }
cleo = { name = "Cleo", end = 2026-03-03 }
dan = { name = "Dan", accounts.chat = "dan" }
dan-two = { name = "Dan again", accounts.chat = "DAN" }
eve = { name = "Eve" }
fay = { name = "Fay" }
rita = { name = "Rita", accounts.chat = "rita" }
rita-two = { name = "Rita again", accounts.chat = "Rita" }
robot = { name = "Robot", employment = "service-account", owner = "person:ana" }

[service.mail]
name = "Mail"
owner = "person:ana"
lifecycle = "active"

[service.mail.entitlement.shared]
name = "Shared mailbox"
description = "a mailbox"
risk = "low"
max-duration = "90d"

[access.mail]
applies-to.service = "mail"

[[access.mail.rule]]
id = "ask"
decision.workflow = "ask"
"#;

/// When requests are made: a Monday at midnight in the zone of the project.
pub(super) fn hour(hour: i64) -> Timestamp {
    let made: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    made + SignedDuration::from_hours(hour)
}

/// A rulebook whose workflow has these stages.
pub(super) fn book(stages: &str) -> Rulebook {
    rulebook(&format!("{PEOPLE}\n[workflow.ask]\nname = \"Ask\"\n{stages}"))
}

/// The same where nobody leaves.
pub(super) fn staying(stages: &str) -> Rulebook {
    let people = PEOPLE.replace(", end = 2026-03-03", "");
    rulebook(&format!("{people}\n[workflow.ask]\nname = \"Ask\"\n{stages}"))
}

/// A request by `rita` for somebody.
pub(super) fn request(beneficiary: &str) -> Request {
    let request = json!({
        "requester": "rita", "beneficiary": beneficiary, "entitlements": ["mail/shared"], "duration": "30d",
    });
    serde_json::from_value(request).unwrap()
}

/// Events, written as JSON with hours for instants.
pub(super) fn events(list: &[Value]) -> Vec<Event> {
    let read = |value: &Value| {
        let mut value = value.clone();
        for field in ["at", "starts", "ends"] {
            if let Some(written) = value.get(field).and_then(Value::as_i64) {
                value[field] = json!(hour(written).to_string());
            }
        }
        serde_json::from_value(value).unwrap()
    };
    list.iter().map(read).collect()
}

/// A vote at an hour.
pub(super) fn vote(at: i64, by: &str, decision: &str) -> Value {
    json!({ "event": "vote", "at": at, "by": by, "decision": decision })
}

/// Decides, and then says how far the request is at an hour.
pub(super) fn with_status<T>(
    rulebook: &Rulebook,
    request: &Request,
    events: &[Event],
    now: i64,
    look: impl for<'d, 'a> FnOnce(&Engine<'a>, &'d Decision<'a>, &Status<'d, 'a>) -> T,
) -> T {
    let engine = Engine::new(rulebook).unwrap();
    let decision = decide(&engine, request, hour(0), None);
    let status = status(&engine, &decision, request, events, hour(now)).unwrap();
    look(&engine, &decision, &status)
}

/// What is drawn for a stage.
#[derive(Debug, Clone)]
pub(super) struct DrawnStage {
    approvers: Vec<&'static str>,
    need: &'static str,
    within: Option<u8>,
    timeout: Option<Vec<&'static str>>,
    fallback: Vec<&'static str>,
    requires: bool,
}

fn some_names(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(NAMES.to_vec(), 1..=most)
}

/// Stages, with or without limits of time.
pub(super) fn stages(timed: bool) -> impl Strategy<Value = Vec<DrawnStage>> {
    let within = if timed { proptest::option::weighted(0.6, 1_u8..30).boxed() } else { Just(None).boxed() };
    let timeout = proptest::option::weighted(0.8, prop_oneof![1 => Just(Vec::new()), 2 => some_names(3)]);
    let stage = (
        some_names(5),
        prop_oneof![4 => Just("1"), 2 => Just("2"), 1 => Just("\"all\""), 1 => Just("\"50%\"")],
        within,
        timeout,
        prop_oneof![2 => Just(Vec::new()), 1 => some_names(3)],
        proptest::bool::weighted(0.2),
    );
    let stage = stage.prop_map(|(approvers, need, within, timeout, fallback, requires)| DrawnStage {
        approvers,
        need,
        within,
        timeout,
        fallback,
        requires,
    });
    proptest::collection::vec(stage, 1..4)
}

/// The stages as they are written.
pub(super) fn written(stages: &[DrawnStage], distinct: bool) -> String {
    let principals =
        |names: &[&str]| names.iter().map(|name| format!("\"person:{name}\"")).collect::<Vec<_>>().join(", ");
    let mut text = format!("distinct = {distinct}\n");
    for (index, stage) in stages.iter().enumerate() {
        let _ = write!(
            text,
            "[[workflow.ask.stage]]\nid = \"s{index}\"\napprovers = [{}]\nneed = {}\n",
            principals(&stage.approvers),
            stage.need
        );
        if let Some(within) = stage.within {
            let _ = writeln!(text, "within = \"{within}h\"");
        }
        match stage.timeout.as_deref() {
            Some([]) => text.push_str("on-timeout = \"deny\"\n"),
            Some(to) => {
                let _ = writeln!(text, "on-timeout.escalate = [{}]", principals(to));
            }
            None => {}
        }
        if !stage.fallback.is_empty() {
            let _ = writeln!(text, "fallback = [{}]", principals(&stage.fallback));
        }
        if stage.requires {
            text.push_str("require = [\"training\"]\n");
        }
    }
    text
}

/// Somebody who acts: those who can be named, and two who cannot.
fn actor() -> impl Strategy<Value = &'static str> {
    let mut names = NAMES.to_vec();
    names.extend(["fay", "nobody"]);
    proptest::sample::select(names)
}

/// One vote, somewhere in the first three days.
pub(super) fn drawn_vote(decision: &'static str) -> impl Strategy<Value = Value> {
    let delegator = proptest::option::weighted(0.3, proptest::sample::select(NAMES.to_vec()));
    let stage = proptest::option::weighted(0.2, proptest::sample::select(vec!["s0", "ask/s1", "s2", "s9"]));
    (0_i64..72, actor(), delegator, stage).prop_map(move |(at, by, delegator, stage)| {
        let mut vote = vote(at, by, decision);
        if let Some(delegator) = delegator {
            vote["on-behalf-of"] = json!(delegator);
        }
        if let Some(stage) = stage {
            vote["stage"] = json!(stage);
        }
        vote
    })
}

/// What can happen to a request.
pub(super) fn happenings() -> impl Strategy<Value = Vec<Value>> {
    let at = proptest::option::weighted(0.9, 0_i64..60);
    let by = prop_oneof![8 => Just(None), 1 => actor().prop_map(Some)];
    let delegation =
        (actor(), actor(), 0_i64..60, 1_i64..50, at, by).prop_map(|(from, to, starts, hours, at, by)| {
            let mut delegation = json!({
                "event": "delegation", "from": from, "to": to, "starts": starts, "ends": starts + hours,
                "by": by.unwrap_or(from),
            });
            if let Some(at) = at {
                delegation["at"] = json!(at);
            }
            delegation
        });
    let change =
        proptest::sample::select(vec!["item", "longer-duration", "longer-duration", "shorter-duration"]);
    // Most say how long; the longest is longer than it is given for, and changes nothing of who is asked.
    let to =
        proptest::option::weighted(0.8, proptest::sample::select(vec!["1h", "50h", "30d", "31d", "100d"]));
    let amendment = (0_i64..72, actor(), change, to).prop_map(|(at, by, change, to)| {
        let mut amendment = json!({ "event": "amendment", "at": at, "by": by, "changed": [change] });
        // A shorter time is always written.
        let to = to.or_else(|| (change == "shorter-duration").then_some("50h"));
        if let Some(to) = to.filter(|_| change != "item") {
            amendment["duration"] = json!(to);
        }
        amendment
    });
    let theirs = prop_oneof![3 => Just("rita"), 1 => Just("rita-two"), 2 => actor()];
    let evidence = (0_i64..72, theirs)
        .prop_map(|(at, by)| json!({ "event": "evidence", "at": at, "by": by, "evidence": "training" }));
    let cancellation = (0_i64..72, proptest::option::of(actor())).prop_map(|(at, by)| {
        let mut cancellation = json!({ "event": "cancellation", "at": at });
        if let Some(by) = by {
            cancellation["by"] = json!(by);
        }
        cancellation
    });
    let event = prop_oneof![
        24 => drawn_vote("approve"),
        2 => drawn_vote("reject"),
        5 => drawn_vote("withdraw"),
        6 => delegation,
        2 => amendment,
        3 => evidence,
        1 => cancellation,
    ];
    proptest::collection::vec(event, 0..14)
}
