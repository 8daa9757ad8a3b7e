//! What was asked for and is not decided yet keeps people from what does not go with it.

use serde_json::{Value, json};

use super::{asks, simulate, state, status, world};
use crate::support::{Repository, gitsm};

/// Rita has asked for one of two things that do not go together, and nobody agreed yet.
fn asked(state: &str) -> Repository {
    let repository = world();
    repository.write(
        "policies/grants/rita.toml",
        format!(
            "[grant.rita-create]\nbeneficiary = \"rita\"\nentitlement = \"pay/create\"\nstart = 2026-11-23\n\
             end = 2026-12-03\nstate = \"{state}\"\njustification = \"payments\"\napproval = []\n\
             asked.at = 2026-11-23T08:00:00Z\nasked.duration = \"10d\"\n"
        ),
    );
    repository
}

#[test]
fn what_waits_is_kept_apart_in_every_simulation() {
    let repository = asked("requested");
    let (_, decision) = simulate(&repository, &["rita", "pay/approve", "--duration", "10d"]);
    assert_eq!(
        (&decision["verdict"], &decision["reasons"][0]["kind"]),
        (&json!("denied"), &json!("separation-of-duties"))
    );
    repository.write("request.toml", asks("rita", "pay/approve", "10d"));
    assert_eq!(state(&status(&repository, &[], "11-23T10:00")).1, "denied");
    let arguments = [
        "simulate",
        "request",
        "--request",
        "request.toml",
        "--now",
        "2026-11-23T09:00:00Z",
        "--format",
        "json",
    ];
    let run = gitsm(&arguments, repository.path());
    let decision: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(decision["verdict"], "denied");
    repository.write(
        "policies/scenarios.toml",
        "[scenario.apart]\ndescription = \"what waits counts\"\nnow = 2026-11-23T09:00:00Z\nrequest = { requester = \
         \"rita\", entitlements = [\"pay/approve\"], duration = \"10d\" }\nexpect = { verdict = \"denied\" }\n",
    );
    let run = gitsm(&["test", "--now", "2026-11-23T09:00:00Z"], repository.path());
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn what_is_not_asked_for_any_more_or_not_yet_or_by_somebody_else_does_not_count() {
    for repository in [world(), asked("removed")] {
        let (_, decision) = simulate(&repository, &["rita", "pay/approve", "--duration", "10d"]);
        assert_eq!(decision["verdict"], "approved");
    }
    let repository = asked("requested");
    let (_, decision) = simulate(&repository, &["dan", "pay/approve", "--duration", "10d"]);
    assert_eq!(decision["verdict"], "approved");
    let before = ["rita", "pay/approve", "--duration", "10d", "--now", "2026-11-23T07:00:00Z"];
    assert_eq!(simulate(&repository, &before).1["verdict"], "approved");
    // The request itself is nothing that it is kept apart from.
    let (_, decision) = simulate(&repository, &["rita", "pay/create", "--duration", "10d"]);
    assert_eq!(decision["verdict"], "needs-approval");
}
