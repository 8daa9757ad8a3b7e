//! People approve, not accounts: whoever owns one, or has a second record, is still the one who asks.

use serde_json::{Value, json};

use super::{approves, asks, edit, simulate, state, status, world};

/// The request was made longer by somebody, and is decided as it was.
fn longer(at: &str, by: &str) -> Value {
    json!({
        "event": "amendment", "at": format!("2026-11-{at}:00Z"), "by": by, "changed": ["longer-duration"],
        "duration": "40d",
    })
}

#[test]
fn accounts_that_have_no_part_in_a_request_do_not_change_it() {
    let repository = world();
    let votes = |by: &str, voter: &str| {
        state(&status(
            &repository,
            &[longer("23T10:00", by), approves("23T11:00", voter), approves("23T12:00", "dan")],
            "11-23T13:00",
        ))
    };
    let as_before = (0, "approved".to_owned(), vec!["1 not-theirs".to_owned()]);
    assert_eq!(votes("bot", "ben"), as_before);
    assert_eq!(votes("teambot", "ana"), as_before);
    assert_eq!(votes("cleo", "ben"), (0, "approved".to_owned(), vec![]));
    // What an account asks for itself it can change, and whoever answers for it does not approve it.
    repository.write("request.toml", asks("bot", "mail/admin", "30d"));
    let votes = [longer("23T10:00", "bot"), approves("23T11:00", "ben"), approves("23T12:00", "dan")];
    let run = state(&status(&repository, &votes, "11-23T13:00"));
    assert_eq!((run.1.as_str(), &run.2[..]), ("pending", &["2 own-account".to_owned()][..]));
}

#[test]
fn a_team_that_owns_an_account_does_not_approve_what_it_asks_for() {
    let repository = world();
    repository.write("request.toml", asks("teambot", "mail/admin", "30d"));
    let votes = [approves("23T10:00", "ben"), approves("23T11:00", "cleo")];
    // Nobody of the first stage is left.
    let run = status(&repository, &votes, "11-23T12:00");
    assert_eq!((run.status, state(&run).1.as_str()), (1, "no-approver"));
    let (_, decision) = simulate(&repository, &["teambot", "mail/admin", "--duration", "30d"]);
    assert_eq!(decision["verdict"], "denied");
    assert_eq!(decision["reasons"][0]["kind"], "no-approver");
    // Somebody else can, who is named for that.
    edit(
        &repository,
        "policies/policy.toml",
        "within = \"24h\"\non-timeout.escalate",
        "fallback = [\"person:fay\"]\nwithin = \"24h\"\non-timeout.escalate",
    );
    let votes = [approves("23T10:00", "ben"), approves("23T10:30", "fay"), approves("23T11:00", "dan")];
    assert_eq!(
        state(&status(&repository, &votes, "11-23T12:00")),
        (0, "approved".to_owned(), vec!["1 own-account".to_owned()])
    );
    // The lead of the team answers for it as well.
    edit(
        &repository,
        "catalog/world.toml",
        "red = { name = \"Red\", members",
        "red = { name = \"Red\", lead = \"fay\", members",
    );
    assert_eq!(state(&status(&repository, &votes, "11-23T12:00")).1, "no-approver");
}

/// Rita has a second record, which shows in one field, and is named in the first stage.
fn twice(field: &str) -> crate::support::Repository {
    let repository = world();
    edit(
        &repository,
        "catalog/world.toml",
        "rita = { name = \"Rita Vale\",",
        "rita = { name = \"Rita Vale\", accounts.github = \"RitaV\",",
    );
    edit(
        &repository,
        "catalog/world.toml",
        "[team]",
        &format!("rita-admin = {{ name = \"Rita Vale (admin)\", {field} }}\n\n[team]"),
    );
    edit(
        &repository,
        "policies/policy.toml",
        "[\"person:ana\", \"person:ben\"]",
        "[\"person:ana\", \"person:rita-admin\"]",
    );
    repository
}

#[test]
fn a_second_record_of_whoever_asks_does_not_approve() {
    let votes = [approves("23T10:00", "rita-admin"), approves("23T11:00", "cleo")];
    for field in ["email = \"RITA@example.com\"", "accounts.github = \"ritav\""] {
        let repository = twice(field);
        assert_eq!(
            state(&status(&repository, &votes, "11-23T12:00")),
            (3, "pending".to_owned(), vec!["1 own-request".to_owned()]),
            "{field}"
        );
        let (_, decision) = simulate(&repository, &["rita", "mail/admin", "--duration", "30d"]);
        let can: Vec<&str> = decision["stages"][0]["approvers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(can, ["ana"]);
    }
    // Somebody else with another address and another account is somebody else.
    for field in ["email = \"ritas@example.com\"", "accounts.gitlab = \"ritav\""] {
        assert_eq!(
            state(&status(&twice(field), &votes, "11-23T12:00")),
            (0, "approved".to_owned(), vec![]),
            "{field}"
        );
    }
}

#[test]
fn two_records_of_one_person_count_once() {
    let repository = twice("email = \"cleo@example.com\"");
    let votes = [approves("23T10:00", "rita-admin"), approves("23T11:00", "cleo")];
    assert_eq!(state(&status(&repository, &votes, "11-23T12:00")).1, "approved");
    edit(
        &repository,
        "catalog/world.toml",
        "cleo = { name = \"Cleo Martin\" }",
        "cleo = { name = \"Cleo Martin\", email = \"Cleo@example.com\" }",
    );
    assert_eq!(
        state(&status(&repository, &votes, "11-23T12:00")),
        (3, "pending".to_owned(), vec!["2 counted-elsewhere".to_owned()])
    );
    let more = [&votes[..], &[approves("23T11:30", "eve")]].concat();
    assert_eq!(state(&status(&repository, &more, "11-23T12:00")).1, "approved");
    // Both in one stage that needs two: one is not enough, and two are there only with somebody else.
    edit(
        &repository,
        "policies/policy.toml",
        "approvers = [\"person:ana\", \"person:rita-admin\"]",
        "approvers = [\"person:cleo\", \"person:rita-admin\"]\nneed = 2",
    );
    let once = (3, "pending".to_owned(), vec!["1 other-record".to_owned()]);
    assert_eq!(state(&status(&repository, &votes, "11-23T12:00")), once);
    edit(
        &repository,
        "policies/policy.toml",
        "[\"person:cleo\", \"person:rita-admin\"]",
        "[\"person:cleo\", \"person:rita-admin\", \"person:ana\"]",
    );
    assert_eq!(state(&status(&repository, &votes, "11-23T12:00")), once);
    let third = [&votes[..], &[approves("23T11:30", "ana"), approves("23T11:40", "dan")]].concat();
    assert_eq!(state(&status(&repository, &third, "11-23T12:00")).1, "approved");
}

/// What a rule about who asks decides when Rita asks for her second record, and when her manager does.
fn asked_by(rule: &str) -> (Value, Value) {
    let repository = world();
    edit(
        &repository,
        "catalog/world.toml",
        "ana = { name",
        "rita-admin = { name = \"Rita as administrator\", email = \"RITA@example.com\", manager = \"MANAGER\" }\nana = { name",
    );
    edit(
        &repository,
        "policies/policy.toml",
        "decision = \"auto-approve\"",
        &format!("{rule}\ndecision = \"auto-approve\""),
    );
    let world = repository.read("catalog/world.toml");
    let ask = |manager: &str, requester: &str| {
        repository.write("catalog/world.toml", world.replace("MANAGER", manager));
        simulate(&repository, &["rita-admin", "pay/approve", "--requester", requester, "--duration", "5d"]).1
            ["verdict"]
            .clone()
    };
    (ask("rita", "rita"), ask("ana", "ana"))
}

#[test]
fn nobody_manages_or_asks_for_their_own_second_record_as_somebody_else() {
    assert_eq!(asked_by("when.requester.is-manager = true"), (json!("denied"), json!("approved")));
    assert_eq!(asked_by("when.requester.is-beneficiary = false"), (json!("denied"), json!("approved")));
    assert_eq!(asked_by("when.requester.is-beneficiary = true"), (json!("approved"), json!("denied")));
}

#[test]
fn nobody_is_their_own_peer_under_a_second_record() {
    let holder = |email: &str| {
        let repository = world();
        edit(
            &repository,
            "catalog/world.toml",
            "department = \"sales\", manager",
            "department = \"sales\", title = \"Seller\", manager",
        );
        edit(
            &repository,
            "catalog/world.toml",
            "ana = { name",
            &format!(
                "holder = {{ name = \"Holder\", email = \"{email}\", department = \"sales\", title = \"Seller\" }}\nana = {{ name"
            ),
        );
        edit(
            &repository,
            "policies/policy.toml",
            "decision = \"auto-approve\"",
            "when.peers.share.min = 50\ndecision = \"auto-approve\"",
        );
        repository.write(
            "policies/grants/holder.toml",
            "[grant.holder]\nbeneficiary = \"holder\"\nentitlement = \"pay/approve\"\nstart = 2026-11-01\nend = 2026-12-31\n\
             justification = \"pays\"\n",
        );
        simulate(&repository, &["rita", "pay/approve", "--duration", "5d"]).1["verdict"].clone()
    };
    assert_eq!(
        (holder("rita@example.com"), holder("sara@example.com")),
        (json!("denied"), json!("approved"))
    );
}
