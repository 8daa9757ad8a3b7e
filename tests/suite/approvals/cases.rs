//! Cases of other systems and of our own: agreeing, or differing on purpose with the reason beside them.

use std::{collections::BTreeSet, fs};

use gitsm::{
    decide::{
        access::decide,
        approval::{outcome::Status, status},
        engine::Engine,
    },
    load,
    model::{approval::Event, request::Request},
    source::WorkTree,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{MADE, SETTINGS, WORLD, instant, policy};
use crate::support::{Repository, root};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Case {
    /// The cases of other systems that ask the same.
    from: Vec<String>,
    shows: String,
    /// Why gitsm answers otherwise, where it does.
    differs: Option<String>,
    #[serde(default)]
    when: String,
    #[serde(default = "ask")]
    decision: String,
    #[serde(default)]
    require: Vec<String>,
    #[serde(default)]
    extra: String,
    justification: Option<String>,
    /// Who asks.
    #[serde(default = "rita")]
    requester: String,
    /// Who it is for, when that is somebody else.
    beneficiary: Option<String>,
    #[serde(default = "yes")]
    distinct: bool,
    stages: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default = "later")]
    now: String,
    state: String,
    since: Option<String>,
    counted: Option<Vec<String>>,
    not_counted: Option<Vec<String>>,
    can_act: Option<Vec<String>>,
    #[serde(default)]
    missing: Vec<String>,
}

fn ask() -> String {
    "{ workflow = \"ask\" }".to_owned()
}

const fn yes() -> bool {
    true
}

fn rita() -> String {
    "rita".to_owned()
}

fn later() -> String {
    "72h".to_owned()
}

/// Cases that ask about something else than how far an approval has come, and where that is tested.
const ELSEWHERE: &[(&str, &[&str])] = &[
    (
        "what is written must have a meaning: the loader and the lints",
        &["PB-53", "PB-55", "PB-56", "TP-17", "TP-19", "TP-20", "TP-31", "TP-55"],
    ),
    (
        "what can be asked for, and what denies it: access decisions",
        &[
            "TP-16", "TP-22", "TP-23", "TP-25", "TP-26", "TP-32", "TP-34", "TP-35", "TP-49", "TP-56",
            "TP-58", "MP-19",
        ],
    ),
    ("how long access lasts: access decisions", &["TP-37", "TP-38", "TP-40", "TP-41", "TP-46"]),
    ("what goes together: separation of duties", &["MP-01", "MP-02", "MP-04", "MP-05"]),
    ("what is held already: the ledger", &["GL-08", "MP-20", "MP-22", "TP-28"]),
];

/// Cases that have no meaning here.
const NO_MEANING: &[(&str, &[&str])] = &[
    ("a request has no commits by several hands: whoever widens it is named by the amendment", &["PB-20"]),
    (
        "an event is a fact: there is no text of it to edit, and no comment to find a vote in",
        &["PB-23", "PB-25", "PB-58"],
    ),
    ("whether a rejection counts does not depend on a condition", &["PB-52"]),
    (
        "changed files, their lines and their authors: a request has none",
        &["PB-61", "PB-62", "PB-64", "PB-65", "PB-67"],
    ),
    (
        "leaving events out of the file, or another rulebook: the file and the folder are arguments",
        &["PB-68", "PB-70", "PB-71"],
    ),
    ("a request does not lapse by itself, only the time of its stages does", &["TP-43", "TP-44"]),
    ("requests that are made or reviewed by a program", &["TP-47", "TP-50"]),
    ("reviews of what is held are no approvals", &["TP-53", "MC-01", "MC-02", "MC-04", "MC-05"]),
];

fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for file in ["people.toml", "course.toml"] {
        let text = fs::read_to_string(root().join("tests/approvals").join(file)).unwrap();
        let read: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        all.extend(read.case);
    }
    all
}

/// An event as the cases write it: `9h ana approve for ben in stage`, `delegate ana ben 0h 9h`.
fn event(text: &str) -> Event {
    let words: Vec<&str> = text.split(' ').collect();
    let after = |word: &str| words.iter().position(|one| *one == word).map(|at| words[at + 1]);
    let mut value = match words[..] {
        ["delegate", from, to, starts, ends, ..] => json!({
            "event": "delegation", "from": from, "to": to, "starts": instant(starts), "ends": instant(ends),
            "at": instant(after("at").unwrap_or("-24h")), "by": after("by").unwrap_or(from),
        }),
        [_, "cancel"] => json!({ "event": "cancellation" }),
        [_, "cancel", "by", by] => json!({ "event": "cancellation", "by": by }),
        [_, "bring", evidence] => json!({ "event": "evidence", "evidence": evidence, "by": "rita" }),
        [_, "bring", evidence, "by", by] => json!({ "event": "evidence", "evidence": evidence, "by": by }),
        [_, "amend", change, "by", by] => {
            let (change, duration) =
                change.split_once('=').map_or((change, None), |(change, to)| (change, Some(to)));
            let mut amendment = json!({ "event": "amendment", "changed": [change], "by": by });
            if let Some(duration) = duration {
                amendment["duration"] = json!(duration);
            }
            amendment
        }
        [_, by, decision, ..] => json!({ "event": "vote", "by": by, "decision": decision }),
        _ => panic!("`{text}`"),
    };
    if words[0] != "delegate" {
        value["at"] = Value::from(instant(words[0]));
    }
    for (word, field) in [("for", "on-behalf-of"), ("in", "stage")] {
        if let Some(name) = after(word) {
            value[field] = Value::from(name);
        }
    }
    serde_json::from_value(value).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn check(case: &Case) {
    let require = format!("require = {:?}", case.require);
    let text = policy(&case.when, &case.decision, &require, case.distinct, &case.stages);
    let repository = Repository::with(&[
        ("gitsm.toml", SETTINGS),
        ("catalog/world.toml", WORLD),
        ("policies/policy.toml", &format!("{text}\n{}", case.extra)),
    ]);
    let loaded = load::load(&WorkTree::new(repository.path())).unwrap();
    let dangling = load::codes::DANGLING_REFERENCE.id;
    let wrong: Vec<_> = loaded.found.iter().filter(|found| found.code.id != dangling).collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", case.shows);
    let mut request = json!({
        "requester": case.requester, "entitlements": ["mail/shared"], "duration": "30d",
    });
    if let Some(beneficiary) = &case.beneficiary {
        request["beneficiary"] = Value::from(beneficiary.as_str());
    }
    if let Some(justification) = &case.justification {
        request["justification"] = Value::from(justification.as_str());
    }
    let request: Request = serde_json::from_value(request).unwrap();
    let engine = Engine::new(&loaded.rulebook).unwrap();
    let decision = decide(&engine, &request, MADE.parse().unwrap(), None);
    let mut events: Vec<Event> = case.events.iter().map(|text| event(text)).collect();
    for turn in 0..2 {
        let now = instant(&case.now).parse().unwrap();
        let status = status(&engine, &decision, &request, &events, now).unwrap();
        compare(case, &status, turn);
        // The order of the file says nothing.
        events.reverse();
    }
}

fn compare(case: &Case, status: &Status<'_, '_>, turn: usize) {
    let named = format!("{} (turn {turn}): {status:#?}", case.shows);
    assert_eq!(status.state.name(), case.state, "{named}");
    if let Some(since) = &case.since {
        assert_eq!(status.since.to_string(), instant(since), "{named}");
    }
    let counted = status.stages.iter().flat_map(|stage| &stage.counted);
    let mut counted: Vec<String> = counted
        .map(|one| one.delegate.map_or(one.person.to_owned(), |by| format!("{} by {by}", one.person)))
        .collect();
    counted.sort();
    if let Some(expected) = &case.counted {
        assert_eq!(&counted, expected, "{named}");
    }
    let why: Vec<&str> = status.not_counted.iter().map(|one| one.why.name()).collect();
    assert_eq!(why, case.not_counted.clone().unwrap_or_default(), "{named}");
    if let Some(expected) = &case.can_act {
        let until_now = &status.stages[..=status.stage.unwrap()];
        let can = until_now.iter().flat_map(|stage| &stage.can_act).map(|person| person.id.as_str());
        let can: BTreeSet<&str> = can.collect();
        let can: Vec<&str> = can.into_iter().collect();
        assert_eq!(&can, expected, "{named}");
    }
    let missing: Vec<&str> = status.missing.iter().map(|evidence| evidence.name()).collect();
    if status.state.name() == "pending" {
        assert_eq!(missing, case.missing, "{named}");
    }
}

#[test]
fn every_case_comes_out_as_it_is_written() {
    let all = cases();
    assert!(all.len() > 50, "the cases were found");
    all.iter().for_each(check);
}

#[test]
fn every_case_of_another_system_stands_in_one_place() {
    let cases = cases();
    let mut all: Vec<&str> = cases.iter().flat_map(|case| &case.from).map(String::as_str).collect();
    all.extend(ELSEWHERE.iter().chain(NO_MEANING).flat_map(|(_, ids)| ids.iter().copied()));
    let once: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(once.len(), all.len(), "no case stands in two places");
    for (system, count) in
        [("PB-", 48), ("TP-", 39), ("OB-", 4), ("SE-", 8), ("GL-", 6), ("MP-", 15), ("MC-", 4)]
    {
        let found = once.iter().filter(|id| id.starts_with(system)).count();
        assert_eq!(found, count, "{system}");
    }
    let differing = cases.iter().filter(|case| case.differs.is_some());
    for case in differing {
        assert!(!case.from.is_empty(), "{}: it differs from something", case.shows);
    }
}
