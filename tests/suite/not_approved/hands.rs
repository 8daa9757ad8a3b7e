//! People approve, not accounts: whoever owns one, or has a second record, is still the one who asks.

use serde_json::{Value, json};

use super::{approves, asks, edit, simulate, state, status, world};
use crate::support::{Repository, gitsm};

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
fn twice(field: &str) -> Repository {
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

/// Who holds what, or has asked for it, in the ledger.
fn grants(repository: &Repository, who: &str, entitlement: &str, state: &str) {
    let asked = "decision = { verdict = \"approved\", rules = [\"access:pay-create/all\"] }";
    repository.write(
        "policies/grants/one.toml",
        format!(
            "[grant.one]\nbeneficiary = \"{who}\"\nentitlement = \"{entitlement}\"\nstart = 2026-11-01\n\
             end = 2026-12-31\njustification = \"work\"\nstate = \"{state}\"\n{asked}\n"
        ),
    );
}

fn reasons(repository: &Repository, arguments: &[&str]) -> (String, Vec<String>) {
    let (_, decision) = simulate(repository, arguments);
    let reasons = decision["reasons"].as_array().cloned().unwrap_or_default();
    let kind = |reason: &serde_json::Value| reason["kind"].as_str().unwrap().to_owned();
    (decision["verdict"].as_str().unwrap().to_owned(), reasons.iter().map(kind).collect())
}

/// What nobody may hold together, nobody holds with two records.
#[test]
fn a_second_record_does_not_get_around_separation_of_duties() {
    let apart = ("denied".to_owned(), vec!["separation-of-duties".to_owned()]);
    let approved = ("approved".to_owned(), Vec::new());
    for field in ["email = \"RITA@example.com\"", "accounts.github = \"ritav\""] {
        let repository = twice(field);
        for (holder, asker) in [("rita", "rita-admin"), ("rita-admin", "rita")] {
            let asks = [asker, "pay/approve", "--duration", "10d"];
            grants(&repository, holder, "pay/create", "active");
            assert_eq!(reasons(&repository, &asks), apart, "{field}: {holder} holds, {asker} asks");
            // Not decided yet, and asked for earlier.
            grants(&repository, holder, "pay/create", "requested");
            assert_eq!(reasons(&repository, &asks), apart, "{field}: {holder} waits, {asker} asks");
            // The nearest neighbours: what does not conflict, what is over, and somebody else's.
            grants(&repository, holder, "mail/user", "active");
            assert_eq!(reasons(&repository, &asks), approved, "{field}");
            grants(&repository, holder, "pay/create", "ended");
            assert_eq!(reasons(&repository, &asks), approved, "{field}");
            grants(&repository, "cleo", "pay/create", "active");
            assert_eq!(reasons(&repository, &asks), approved, "{field}");
        }
    }
    let repository = twice("email = \"rita@example.com\"");
    grants(&repository, "rita", "pay/create", "active");
    let run = gitsm(
        &["simulate", "access", "rita-admin", "pay/approve", "--now", "2026-11-23T09:00:00Z"],
        repository.path(),
    );
    assert!(run.stdout.contains("`pay/create` of `rita`, who is the same person"), "{}", run.stdout);
    // By a bundle as well.
    let repository = twice("email = \"rita@example.com\"");
    repository.write(
        "policies/bundles.toml",
        "[bundle.sales]\nname = \"Sales\"\nwhen.subject.department = \"sales\"\nentitlements = [\"pay/create\"]\n",
    );
    assert_eq!(reasons(&repository, &["rita-admin", "pay/approve", "--duration", "10d"]), apart);
    assert_eq!(reasons(&repository, &["cleo", "pay/approve", "--duration", "10d"]), approved);
    // Somebody else with another address.
    let other = twice("email = \"ritas@example.com\"");
    grants(&other, "rita", "pay/create", "active");
    assert_eq!(reasons(&other, &["rita-admin", "pay/approve", "--duration", "10d"]), approved);
}

/// A rule that asks what somebody holds is not decided about where the answer depends on which record is meant.
#[test]
fn what_another_record_holds_is_neither_held_nor_not() {
    let asks = ["rita-admin", "pay/approve", "--duration", "10d"];
    for when in ["when.grants.entitlements.contains = \"mail/user\"", "when.grants.count.max = 0"] {
        let repository = twice("email = \"rita@example.com\"");
        edit(
            &repository,
            "policies/policy.toml",
            "decision = \"auto-approve\"",
            &format!("{when}\ndecision = \"auto-approve\""),
        );
        let alone = reasons(&repository, &asks);
        grants(&repository, "rita", "mail/user", "active");
        assert_eq!(
            reasons(&repository, &asks),
            ("denied".to_owned(), vec!["undecidable".to_owned()]),
            "{when}"
        );
        // Under both records it is the same for each.
        grants(&repository, "cleo", "mail/user", "active");
        assert_eq!(reasons(&repository, &asks), alone, "{when}");
    }
}

/// What is held already is found as well.
#[test]
fn a_conflict_that_two_records_hold_is_a_finding() {
    let found_with = |field: &str, exception: &str| {
        let repository = twice(field);
        let grant = |id: &str, who: &str, what: &str| {
            format!(
                "[grant.{id}]\nbeneficiary = \"{who}\"\nentitlement = \"pay/{what}\"\nstart = 2026-11-01\n\
                 end = 2026-12-31\njustification = \"work\"\n"
            )
        };
        let both = grant("one", "rita", "create") + &grant("two", "rita-admin", "approve");
        repository.write("policies/grants/both.toml", both + exception);
        let run = gitsm(&["validate", "--now", "2026-11-23T09:00:00Z"], repository.path());
        run.stdout.contains("GS4089").then_some(run.stdout)
    };
    let found = |field: &str| found_with(field, "");
    let one = found("email = \"rita@example.com\"").expect("it is one person");
    assert!(
        one.contains("`rita` holds `pay/create`, and the same person holds `pay/approve` as `rita-admin`"),
        "{one}"
    );
    assert_eq!(found("email = \"ritas@example.com\""), None);
    // An exception for one of the records says nothing about the other.
    let excepted = |people: &str| {
        let exception = format!(
            "[exception.e]\nrule = \"sod:pay\"\npeople = [{people}]\nexpires = 2026-12-31\nowner = \"person:ana\"\n\
             approved-by = \"ana\"\nreason = \"r\"\ncompensating-control = \"c\"\n"
        );
        found_with("email = \"rita@example.com\"", &exception).is_some()
    };
    assert!(excepted("\"rita\"") && excepted("\"rita-admin\""));
    assert!(!excepted("\"rita\", \"rita-admin\""));
}
