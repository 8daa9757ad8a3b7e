//! Nothing is approved for somebody who has left, or for a time that is over.

use serde_json::{Value, json};

use super::{asks, edit, state, status, world};
use crate::support::gitsm;

fn vote(at: &str, by: &str) -> Value {
    json!({ "event": "vote", "at": format!("2026-{at}:00Z"), "by": by, "decision": "approve" })
}

/// Nobody is in a hurry: the time of no stage runs out.
fn slow() -> crate::support::Repository {
    let repository = world();
    let text = repository.read("policies/policy.toml");
    repository.write("policies/policy.toml", text.replace("\"24h\"", "\"2000h\""));
    repository
}

#[test]
fn nobody_is_given_anything_after_they_left() {
    let repository = slow();
    repository.write("request.toml", asks("fay", "mail/admin", "30d"));
    // Fay is here on the tenth of December, and not on the eleventh.
    for (last, now, expected) in [
        ("12-10T10:00", "12-10T12:00", (0, "approved")),
        ("12-12T10:00", "12-12T12:00", (1, "lapsed")),
        ("12-10T10:00", "12-10T22:59", (0, "approved")),
        ("12-10T10:00", "12-10T23:00", (1, "lapsed")),
    ] {
        let run = status(&repository, &[vote("12-09T10:00", "ana"), vote(last, "dan")], now);
        let (exit, found, _) = state(&run);
        assert_eq!((exit, found.as_str()), expected, "{last} {now}");
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let why = if exit == 0 { Value::Null } else { json!("holder-left") };
        assert_eq!(report["reasons"][0]["kind"], why);
    }
    let arguments =
        ["approvals", "status", "--request", "request.toml", "--votes", "votes.jsonl", "--now", "2026-12-12"];
    let run = gitsm(&arguments, repository.path());
    assert!(run.stdout.starts_with("over: mail/admin for Fay Lund\n"), "{}", run.stdout);
    assert!(run.stdout.contains("who it is for has left"), "{}", run.stdout);
}

#[test]
fn nobody_is_given_what_is_over() {
    let repository = slow();
    repository.write("request.toml", asks("rita", "mail/admin", "1d"));
    for (last, now, expected) in [
        ("11-24T08:59", "11-24T08:59", (0, "approved")),
        ("11-24T08:59", "11-24T09:00", (1, "lapsed")),
        ("12-10T10:00", "12-10T12:00", (1, "lapsed")),
    ] {
        let run = status(&repository, &[vote("11-23T10:00", "ana"), vote(last, "dan")], now);
        let (exit, found, _) = state(&run);
        assert_eq!((exit, found.as_str()), expected, "{last} {now}");
    }
    // Before that a vote was still waited for.
    let run = status(&repository, &[vote("11-23T10:00", "ana")], "11-24T08:00");
    assert_eq!(state(&run).0, 3);
    edit(&repository, "request.toml", "\"1d\"", "\"60d\"");
    let run = status(&repository, &[vote("11-23T10:00", "ana"), vote("12-10T10:00", "dan")], "12-10T12:00");
    assert_eq!(state(&run).1, "approved");
}
