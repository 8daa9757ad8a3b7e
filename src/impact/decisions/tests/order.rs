//! What is claimed about stages with deadlines, held against requests that are gone through vote by vote.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::*;
use crate::{
    decide::{
        access::decide,
        approval::{outcome::State, status},
        reference::{compare::seeds, draw::Draw},
        testing::rulebook,
    },
    model::{approval::Event, request::Request},
};

const PEOPLE: [&str; 5] = ["ana", "ben", "cleo", "dan", "rita"];

const BOOK: &str = r#"
person.ana = { name = "Ana" }
person.ben = { name = "Ben" }
person.cleo = { name = "Cleo" }
person.dan = { name = "Dan" }
person.rita = { name = "Rita" }
access.a = { applies-to = "everything", rule = [{ id = "r", decision = { workflow = "w" } }] }
service.mail = { name = "Mail", lifecycle = "active", owner = "person:ana", entitlement.read = { name = "Read", risk = "low" } }
"#;

fn made() -> Timestamp {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

fn stage(draw: &mut Draw, number: usize) -> String {
    let some = |draw: &mut Draw, most: usize| {
        let from = draw.below(4);
        let names = (0..=draw.below(most)).map(|step| format!("\"person:{}\"", PEOPLE[(from + step) % 4]));
        names.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut text =
        format!("id = \"s{number}\", approvers = [{}], need = {}", some(draw, 3), 1 + draw.below(2));
    if draw.chance(60) {
        let _ = write!(text, ", within = \"{}h\"", 1 + draw.below(6));
        if draw.chance(50) {
            text += ", on-timeout = \"deny\"";
        } else if draw.chance(70) {
            let _ = write!(text, ", on-timeout = {{ escalate = [{}] }}", some(draw, 2));
        }
    }
    format!("{{ {text} }}")
}

/// Two workflows that are alike in most, so that something is claimed about them.
fn pair(draw: &mut Draw) -> [String; 2] {
    let before: Vec<String> = (0..=1 + draw.below(2)).map(|number| stage(draw, number)).collect();
    let mut after = before.clone();
    match draw.below(4) {
        0 => after.reverse(),
        1 => after.swap(0, 1),
        2 => {
            let place = draw.below(after.len());
            after[place] = stage(draw, place);
        }
        _ => {
            let place = draw.below(after.len());
            let (from, to) =
                if draw.chance(50) { ("need = 1", "need = 2") } else { ("need = 2", "need = 1") };
            after[place] = after[place].replace(from, to);
        }
    }
    let distinct = draw.chance(70);
    [before, after].map(|stages| {
        let workflow = format!(
            "workflow.w = {{ name = \"W\", distinct = {distinct}, stage = [{}] }}",
            stages.join(", ")
        );
        format!("{BOOK}{workflow}\n")
    })
}

/// Whether a request is approved in the end.
fn approved(engine: &Engine<'_>, votes: &[Event]) -> bool {
    let request = json!({ "requester": "rita", "beneficiary": "rita", "entitlements": ["mail/read"] });
    let request: Request = serde_json::from_value(request).unwrap();
    let decision = decide(engine, &request, made(), None);
    let now = made() + SignedDuration::from_hours(48);
    status(engine, &decision, &request, votes, now).unwrap().state == State::Approved
}

#[test]
fn what_is_as_strict_lets_no_votes_through_that_the_other_does_not() {
    let (mut claimed, mut told, mut through) = (0, 0, 0);
    for seed in seeds(400) {
        let mut draw = Draw::new(seed);
        let texts = pair(&mut draw);
        let [old, new] = texts.each_ref().map(|text| rulebook(text));
        let sides = [&old, &new].map(|book| Side::new(Engine::new(book).unwrap(), made()));
        let outcomes = sides.each_ref().map(|side| {
            let offer = policy::offers(side.engine.rulebook()).next().unwrap();
            let lines = side.lines(&offer, Which::Possible);
            meaning::together(
                lines
                    .all
                    .iter()
                    .map(|line| &*line.effect)
                    .filter(|effect| effect.ruling != meaning::Ruling::Deny),
            )
        });
        let [before, after] = &outcomes;
        let claims = [is_as_strict(after, before), is_as_strict(before, after)];
        claimed += usize::from(claims != [false, false]);
        for _ in 0..60 {
            let votes: Vec<Event> = (0..=draw.below(6))
                .map(|_| {
                    let at = made() + SignedDuration::from_hours(i64::try_from(draw.below(14)).unwrap());
                    let by = PEOPLE[draw.below(4)];
                    let vote =
                        json!({ "event": "vote", "at": at.to_string(), "by": by, "decision": "approve" });
                    serde_json::from_value(vote).unwrap()
                })
                .collect();
            let [was, is] = [OLD, NEW].map(|side| approved(&sides[side].engine, &votes));
            through += usize::from(was);
            let said = || format!("seed {seed}: {votes:?}\n{}\n{}\n{outcomes:#?}", texts[0], texts[1]);
            assert!(!claims[0] || !is || was, "not as strict as before: {}", said());
            assert!(!claims[1] || !was || is, "not as strict as after: {}", said());
            if before == after {
                assert_eq!(was, is, "nothing is told: {}", said());
            }
            told += usize::from(was != is);
        }
    }
    assert!(claimed > 50 && told > 20 && through > 200, "{claimed} {told} {through}");
}
