//! What a simulation says about a request, and why nobody can approve one.

use serde_json::{Value, json};

use crate::support::{Repository, Run, gitsm};

const NOW: &str = "2026-11-23T09:00:00Z";

fn simulate(repository: &Repository, arguments: &[&str]) -> (Run, Value) {
    let all = [&["simulate"], arguments, &["--now", NOW]].concat();
    let shown = gitsm(&all, repository.path());
    let read = gitsm(&[&all[..], &["--format", "json"]].concat(), repository.path());
    let report =
        serde_json::from_str(&read.stdout).unwrap_or_else(|error| panic!("{error}: {}", read.stderr));
    (shown, report)
}

const MAILBOX: [&str; 8] = [
    "request",
    "cleo",
    "mailbox",
    "--entitlement",
    "mail/user",
    "--field",
    "reason=For the team",
    "--field=duration=30d",
];

#[test]
fn a_request_says_its_class_and_its_answers() {
    let repository = Repository::base();
    let (shown, report) = simulate(&repository, &MAILBOX);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    let delivery = &report["delivery"];
    for (field, value) in
        [("category", "software"), ("function", "it"), ("event", "provision"), ("risk", "low")]
    {
        assert_eq!(delivery[field], value, "{report:#}");
    }
    let reason = json!({ "field": "reason", "label": "Why do you need it?", "answer": "For the team" });
    assert_eq!(delivery["answers"][0], reason);
    for words in [
        "provision, low risk, category software of it\n",
        "Why do you need it? For the team\n",
        "For how long? 30d\n",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
}

#[test]
fn what_pauses_until_everybody_agreed_has_no_due_instant() {
    let repository = Repository::base();
    let (shown, report) = simulate(&repository, &MAILBOX);
    let due = |report: &Value| report["delivery"]["due"][0]["due"].clone();
    assert_eq!(report["verdict"], "needs-approval");
    assert_eq!(
        (&report["delivery"]["waits-for-approval"], due(&report)),
        (&json!(false), json!("2026-11-23T13:00:00Z"))
    );
    assert!(shown.stdout.contains("due at p1: Mon 2026-11-23 14:00"), "{}", shown.stdout);
    let levels = repository.read("catalog/service-levels.toml");
    let pausing =
        levels.replace("[\"awaiting-requester\"]", "[\"awaiting-requester\", \"awaiting-approval\"]");
    assert_ne!(pausing, levels);
    repository.write("catalog/service-levels.toml", pausing);
    let (shown, report) = simulate(&repository, &MAILBOX);
    assert_eq!((&report["delivery"]["waits-for-approval"], due(&report)), (&json!(true), Value::Null));
    assert!(shown.stdout.contains("due at p1: within 4h once everybody agreed"), "{}", shown.stdout);
    // Where nobody is asked, its time runs at once.
    let services = repository.read("catalog/services.toml");
    repository.write("catalog/services.toml", services.replace("workflow = \"manager\"\n", ""));
    let (_, report) = simulate(&repository, &MAILBOX);
    assert_eq!((&report["verdict"], due(&report)), (&json!("approved"), json!("2026-11-23T13:00:00Z")));
}

#[test]
fn who_cannot_approve_is_named_with_the_reason() {
    let repository = Repository::base();
    let people = repository.read("catalog/organisation.toml");
    let away = people.replace("[person.ana]\n", "[person.ana]\nstatus = \"on-leave\"\n");
    repository.write("catalog/organisation.toml", away);
    let access = repository.read("policies/access.toml");
    let only = access.replacen("fallback = [\"team:desk\"]", "fallback = [\"person:dan\"]", 1);
    assert_ne!(only, access);
    repository.write("policies/access.toml", &only);
    let ask = ["access", "dan", "mail/admin", "--duration", "10d", "--justification", "Disks"];
    let (shown, report) = simulate(&repository, &ask);
    assert_eq!(report["verdict"], "denied", "{report:#}");
    let reason = &report["reasons"][0];
    assert_eq!((&reason["kind"], &reason["about"]), (&json!("no-approver"), &json!("mail/admin")));
    let excluded = json!([
        { "person": "ana", "why": "is on leave" }, { "person": "dan", "why": "asks for it themselves" },
    ]);
    assert_eq!(reason["excluded"], excluded);
    let place = reason["place"].as_str().unwrap();
    assert!(place.starts_with("policies/access.toml:"), "{place}");
    let text =
        "nobody can approve `manager-and-security/manager`: `ana` is on leave, `dan` asks for it themselves";
    assert!(shown.stdout.contains(&format!("  {text}  {place}\n")), "{}", shown.stdout);
    let (_, neighbour) =
        simulate(&repository, &["access", "ben", "mail/admin", "--duration", "10d", "--justification", "x"]);
    assert_eq!(neighbour["verdict"], "needs-approval", "{neighbour:#}");
}

#[test]
fn limits_have_places_and_reasons_name_their_item() {
    let repository = Repository::base();
    let ask = ["access", "dan", "mail/admin", "--duration", "90d", "--justification", "Disks"];
    let (shown, report) = simulate(&repository, &ask);
    let place = report["items"][0]["limits"][0]["place"].as_str().unwrap();
    assert!(shown.stdout.contains(&format!(" at most  {place}\n")), "{}", shown.stdout);
    // Of one thing, the reason does not repeat what it is about; of several, each says it.
    let access = repository.read("policies/access.toml");
    let denied = access.replacen("decision = \"auto-approve\"", "decision = \"deny\"", 1);
    repository.write("policies/access.toml", denied);
    let (_, one) = simulate(&repository, &["access", "dan", "mail/user", "--duration", "9d"]);
    let reason = &one["reasons"][0];
    assert_eq!(
        (&reason["about"], &reason["text"]),
        (&json!("mail/user"), &json!("access:mail/everybody denies it"))
    );
    let both = ["access", "dan", "mail/user", "mail/admin", "--duration", "9d", "--justification", "Disks"];
    let (shown, _) = simulate(&repository, &both);
    assert!(shown.stdout.contains("  `mail/user`: access:mail/everybody denies it\n"), "{}", shown.stdout);
}

#[test]
fn another_now_in_the_file_is_announced() {
    let repository = Repository::base();
    let text = "[request]\nrequester = \"dan\"\nentitlements = [\"mail/user\"]\nduration = \"9d\"\n";
    let ask = ["access", "--request", "request.toml"];
    repository.write("request.toml", format!("now = 2026-11-20T08:00:00Z\n{text}"));
    let (shown, report) = simulate(&repository, &ask);
    assert_eq!(report["at"], "2026-11-20T08:00:00Z");
    assert!(
        shown.stderr.contains("2026-11-20T08:00:00Z, which holds, and not `--now 2026-11-23T09:00:00Z`"),
        "{}",
        shown.stderr
    );
    for same in [format!("now = {NOW}\n{text}"), text.to_owned()] {
        repository.write("request.toml", same);
        assert_eq!(simulate(&repository, &ask).0.stderr, "");
    }
    let line = "{\"now\":\"2026-11-20T08:00:00Z\",\"request\":{\"requester\":\"dan\",\"entitlements\":[\"mail/user\"]}}\n";
    repository.write("batch.jsonl", line.repeat(2));
    let run = gitsm(&["simulate", "access", "--batch", "batch.jsonl", "--now", NOW], repository.path());
    assert_eq!(run.stderr.matches("which holds").count(), 1, "{}", run.stderr);
}
