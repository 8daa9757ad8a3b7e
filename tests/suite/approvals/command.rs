//! `gitsm approvals status`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{SETTINGS, WORLD, policy};
use crate::{
    golden::Folder,
    support::{Repository, Run, gitsm},
};

const STAGES: &str = r#"
id = "owner"
name = "Owner"
approvers = ["person:ana"]
fallback = ["team:blue"]
within = "2d"
on-timeout.escalate = ["person:fay"]
[[workflow.ask.stage]]
id = "second"
name = "Two of the others"
approvers = ["team:red", "team:blue"]
need = 2
within = "8h"
calendar = "office"
on-timeout = "deny"
require = ["training"]
"#;

const REQUEST: &str = r#"now = 2026-03-02T08:00:00Z
[request]
requester = "rita"
entitlements = ["mail/shared"]
duration = "30d"
"#;

fn repository() -> Repository {
    let text = policy("", "{ workflow = \"ask\" }", "", true, STAGES);
    let repository = Repository::with(&[
        ("gitsm.toml", SETTINGS),
        ("catalog/world.toml", WORLD),
        ("policies/policy.toml", &text),
        ("request.toml", REQUEST),
    ]);
    repository.write("votes.jsonl", "");
    repository
}

fn vote(at: &str, by: &str, decision: &str) -> Value {
    json!({ "event": "vote", "at": format!("2026-03-{at}:00Z"), "by": by, "decision": decision })
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

fn status(repository: &Repository, now: &str, more: &[&str]) -> Run {
    let now = format!("2026-03-{now}:00Z");
    let mut arguments =
        vec!["approvals", "status", "--request", "request.toml", "--votes", "votes.jsonl", "--now", &now];
    arguments.extend(more);
    gitsm(&arguments, repository.path())
}

#[test]
fn each_state_has_its_words_and_its_exit_status() {
    let repository = repository();
    let mut kept = Folder::new("tests/snapshots/approvals", ".txt");
    let training =
        json!({ "event": "evidence", "at": "2026-03-02T09:00:00Z", "by": "rita", "evidence": "training" });
    let delegation = json!({
        "event": "delegation", "from": "cleo", "to": "eve",
        "starts": "2026-03-01T00:00:00Z", "ends": "2026-04-01T00:00:00Z",
        "at": "2026-03-01T00:00:00Z", "by": "cleo",
    });
    let mut by_delegate = vote("02T12:00", "eve", "approve");
    by_delegate["on-behalf-of"] = json!("cleo");
    let all = [
        vote("02T09:00", "ana", "approve"),
        vote("02T10:00", "rita", "approve"),
        vote("02T11:00", "ben", "approve"),
        delegation,
        training,
        by_delegate,
        vote("02T13:00", "robot", "approve"),
    ];
    for (name, events, now, exit) in [
        ("pending", &all[..4], "02T12:00", 3),
        ("approved", &all[..], "02T14:00", 0),
        ("rejected", &[all[0].clone(), vote("02T10:00", "dan", "reject")][..], "03T09:00", 1),
        ("timed-out", &all[..1], "05T09:00", 1),
        ("escalated", &[], "05T09:00", 3),
    ] {
        repository.write("votes.jsonl", lines(events));
        let run = status(&repository, now, &[]);
        assert_eq!(run.status, exit, "{name}: {}{}", run.stdout, run.stderr);
        kept.check(name, &run.stdout);
        let run = status(&repository, now, &["--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let state = if name == "escalated" { "pending" } else { name };
        assert_eq!((run.status, report["state"].as_str()), (exit, Some(state)), "{name}");
    }
    kept.finish();
}

#[test]
fn what_is_approved_says_how_long_it_lasts() {
    let repository = repository();
    let text = policy(
        "",
        "{ workflow = \"ask\" }",
        "max-duration = \"60d\"",
        true,
        "id = \"one\"\napprovers = [\"person:ana\"]",
    );
    repository.write("policies/policy.toml", text);
    let amended = |duration: &str| {
        let amendment = json!({
            "event": "amendment", "at": "2026-03-02T09:00:00Z", "by": "rita", "changed": ["longer-duration"],
            "duration": duration,
        });
        lines(&[amendment, vote("02T10:00", "ana", "approve")])
    };
    for (events, lasts, end, limit) in [
        (lines(&[vote("02T10:00", "ana", "approve")]), "30d", "2026-04-01", "30d were asked for"),
        (amended("50d"), "50d", "2026-04-21", "50d were asked for"),
        // The rule lets it last no longer, whatever is asked for.
        (amended("80d"), "60d", "2026-05-01", "access:mail/ask gives 60d at most  policies/policy.toml:"),
    ] {
        repository.write("votes.jsonl", events);
        let report: Value =
            serde_json::from_str(&status(&repository, "02T12:00", &["--format", "json"]).stdout).unwrap();
        let given = &report["given"][0];
        assert_eq!((&report["state"], &given["lasts"]), (&json!("approved"), &json!(lasts)), "{report:#}");
        assert_eq!(given["ends"], format!("{end}T08:00:00Z"));
        let shown = status(&repository, "02T12:00", &[]).stdout;
        assert!(shown.contains(&format!("  mail/shared for {lasts}, ends ")), "{shown}");
        assert!(shown.contains(limit), "{shown}");
    }
    repository.write("votes.jsonl", "");
    let pending = status(&repository, "02T12:00", &[]).stdout;
    assert!(!pending.contains("what is given"), "{pending}");
}

#[test]
fn delegates_in_force_stand_under_who_can_approve() {
    let repository = repository();
    let delegation = |from: &str, to: &str, ends: &str| {
        json!({
            "event": "delegation", "from": from, "to": to, "by": from, "at": "2026-03-01T00:00:00Z",
            "starts": "2026-03-01T00:00:00Z", "ends": ends,
        })
    };
    let over = delegation("ana", "fay", "2026-03-02T10:00:00Z");
    let of_none = json!({
        "event": "delegation", "from": "ana", "to": "cleo",
        "starts": "2026-03-01T00:00:00Z", "ends": "2026-03-20T00:00:00Z",
    });
    let events = [
        delegation("ana", "eve", "2026-03-20T00:00:00Z"),
        over,
        of_none,
        delegation("ana", "rita", "2026-03-20T00:00:00Z"),
    ];
    repository.write("votes.jsonl", lines(&events));
    let report: Value =
        serde_json::from_str(&status(&repository, "02T12:00", &["--format", "json"]).stdout).unwrap();
    let expected = json!([{
        "person": { "id": "eve", "name": "Eve Berg" }, "on-behalf-of": { "id": "ana", "name": "Ana Silva" },
        "until": "2026-03-20T00:00:00Z",
    }]);
    assert_eq!(report["stages"][0]["delegates"], expected, "{report:#}");
    assert_eq!(report["not-counted"][0]["why"], "unsigned-delegation");
    let shown = status(&repository, "02T12:00", &[]).stdout;
    assert!(shown.contains("Eve Berg on behalf of Ana Silva, before "), "{shown}");
}

#[test]
fn lines_and_an_array_and_standard_input_say_the_same() {
    let repository = repository();
    let events = [vote("02T09:00", "ana", "approve"), vote("02T10:00", "ben", "approve")];
    let json = |repository: &Repository| {
        let run = status(repository, "02T12:00", &["--format", "json"]);
        assert_eq!(run.status, 3, "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    repository.write("votes.jsonl", lines(&events));
    let by_line = json(&repository);
    repository.write("votes.jsonl", serde_json::to_string_pretty(&events).unwrap());
    assert_eq!(by_line, json(&repository));
    repository.write("request.json", r#"{"now":"2026-03-02T08:00:00Z","request":{"requester":"rita","entitlements":["mail/shared"],"duration":"30d"},"id":"R-1"}"#);
    let run = gitsm(
        &[
            "approvals",
            "status",
            "--request",
            "request.json",
            "--votes",
            "-",
            "--now",
            "2026-03-02T12:00:00Z",
        ],
        repository.path(),
    );
    assert_eq!((run.status, run.stderr.as_str()), (3, ""), "nothing on standard input is no vote");
}

#[test]
fn nothing_is_taken_for_an_approval() {
    let repository = repository();
    for nothing in ["", "\n \n", "[]"] {
        repository.write("votes.jsonl", nothing);
        let run = status(&repository, "02T09:00", &[]);
        assert_eq!(run.status, 3, "{nothing:?}: {}", run.stderr);
        assert!(run.stdout.starts_with("pending: mail/shared for Rita Vale\n"), "{}", run.stdout);
    }
}

#[test]
fn what_is_wrong_with_the_votes_is_said_by_line() {
    let repository = repository();
    let good = vote("02T09:00", "ana", "approve").to_string();
    let unknown = good.replace("approve", "agree");
    let no_time = good.replace("09:00:00Z", "09:00");
    repository.write("votes.jsonl", format!("{good}\n{unknown}\n{{\"event\":\"vote\"\n{no_time}\n"));
    let run = status(&repository, "02T12:00", &[]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    for words in ["line 2: ", "unknown variant `agree`", "line 3: ", "line 4: ", "is not an instant"] {
        assert!(run.stderr.contains(words), "`{words}`: {}", run.stderr);
    }
    assert!(!run.stderr.contains("line 1: "), "{}", run.stderr);
    repository.write("votes.jsonl", format!("[{good}, {unknown}]"));
    let run = status(&repository, "02T12:00", &[]);
    assert!(run.status == 2 && run.stderr.contains("event 2: "), "{}", run.stderr);
}

#[test]
fn who_and_what_is_unknown_is_said() {
    let repository = repository();
    repository.write(
        "votes.jsonl",
        lines(&[
            vote("02T07:00", "ana", "approve"),
            vote("02T09:00", "ghost", "reject"),
            vote("02T11:00", "ana", "approve"),
        ]),
    );
    let run = status(&repository, "02T10:00", &["--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let ignored = report["not-counted"].as_array().unwrap();
    let why: Vec<(&Value, &Value)> = ignored.iter().map(|one| (&one["line"], &one["why"])).collect();
    let expected = [
        (json!(1), json!("before-request")),
        (json!(2), json!("unknown-person")),
        (json!(3), json!("in-the-future")),
    ];
    assert_eq!(why, expected.iter().map(|(line, why)| (line, why)).collect::<Vec<_>>());
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    let repository = repository();
    for (from, to, words) in [
        ("\"rita\"", "\"ghost\"", "there is no person `ghost`"),
        ("now = 2026-03-02T08:00:00Z\n", "", "does not say when the request was made"),
        ("2026-03-02T08", "2026-03-09T08", "is made at 2026-03-09T08:00:00Z, which is after"),
        ("[request]", "policy-commit = \"main\"\n[request]", "write the 7 to 64 hexadecimal digits"),
        ("30d", "0d", "is no time at all"),
        ("[request]", "[requst]", "requst"),
    ] {
        assert!(REQUEST.contains(from));
        repository.write("request.toml", REQUEST.replace(from, to));
        let run = status(&repository, "02T09:00", &[]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{to}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{to}: {}", run.stderr);
    }
    repository.write("request.toml", REQUEST);
    assert_eq!(status(&repository, "02T09:00", &[]).status, 3);
    repository.write("catalog/broken.toml", "[team.more]\nname = \"More\"\nlead = \"ghost\"\n");
    let run = status(&repository, "02T09:00", &[]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "nothing is decided with a broken rulebook");
}

/// Many votes of many people, most of which are worth nothing, some taken back again and again.
#[test]
fn a_hundred_thousand_votes_are_counted() {
    let repository = repository();
    let mut text = String::new();
    let start: jiff::Timestamp = "2026-03-02T08:00:01Z".parse().unwrap();
    let people = ["ben", "rita", "cleo", "ghost", "robot", "eve", "dan"];
    for index in 0..100_000_i64 {
        let at = start + jiff::SignedDuration::from_millis(index * 10);
        let by = people[usize::try_from(index).unwrap() % people.len()];
        let decision = if index % 5 == 3 { "withdraw" } else { "approve" };
        let _ = writeln!(
            text,
            "{{\"event\":\"vote\",\"at\":\"{at}\",\"by\":\"{by}\",\"decision\":\"{decision}\"}}"
        );
    }
    repository.write("votes.jsonl", text);
    let before = std::time::Instant::now();
    let run = status(&repository, "02T12:00", &["--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.status, &report["state"], &report["events"]), (3, &json!("pending"), &json!(100_000)));
    let counted: usize = report["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage["approved-by"].as_array().unwrap().len())
        .sum();
    let ignored = report["not-counted"].as_array().unwrap().len();
    let withdrawals = report["withdrawals"].as_array().unwrap().len();
    assert_eq!(counted + ignored + withdrawals, 100_000);
    assert!(before.elapsed().as_secs() < 60, "{:?}", before.elapsed());
    let human = status(&repository, "02T12:00", &[]).stdout;
    assert!(human.lines().count() < 100, "a person is shown the first of them");
}
