//! What was once approved and must not be, each beside the nearest request that still is.

mod amended;
mod bundles;
mod hands;
mod moves;
mod over;
mod pending;
mod pinned;
mod proof;
mod scenarios;

use serde_json::{Value, json};

use crate::support::{Repository, Run, gitsm};

/// Settings, people and what can be asked for.
const FILES: [(&str, &str); 3] = [
    ("gitsm.toml", "[project]\nname = \"Holes\"\ntime-zone = \"Europe/Berlin\"\n"),
    (
        "catalog/world.toml",
        r#"
[person]
rita = { name = "Rita Vale", department = "sales", manager = "ana", email = "rita@example.com" }
ana = { name = "Ana Silva" }
ben = { name = "Ben Okoro" }
cleo = { name = "Cleo Martin" }
dan = { name = "Dan Kim" }
eve = { name = "Eve Berg" }
fay = { name = "Fay Lund", end = 2026-12-10 }
bot = { name = "Bot", employment = "service-account", owner = "person:ben" }
teambot = { name = "Team bot", employment = "service-account", owner = "team:red" }

[team]
red = { name = "Red", members = ["ana", "ben", "cleo"] }
blue = { name = "Blue", members = ["dan", "eve"] }

[tier.standard]
name = "Standard"
rank = 1

[service.mail]
name = "Mail"
owner = "person:ana"
tier = "standard"
lifecycle = "active"

[service.mail.entitlement.admin]
name = "Mail administrator"
description = "everything about mail"
risk = "medium"
max-duration = "90d"

[service.mail.entitlement.user]
name = "Mailbox"
description = "a mailbox"
risk = "medium"
max-duration = "90d"

[service.pay]
name = "Pay"
owner = "person:ana"
tier = "standard"
lifecycle = "active"

[service.pay.entitlement.create]
name = "Create payments"
description = "create payments"
risk = "medium"
max-duration = "90d"

[service.pay.entitlement.approve]
name = "Approve payments"
description = "approve payments"
risk = "medium"
max-duration = "30d"
"#,
    ),
    ("policies/policy.toml", POLICY),
];

const POLICY: &str = r#"
[access.mail-admin]
applies-to.entitlement = "mail/admin"
[[access.mail-admin.rule]]
id = "all"
decision.workflow = "two"

[access.pay-create]
applies-to.entitlement = "pay/create"
[[access.pay-create.rule]]
id = "all"
decision.workflow = "two"

[access.pay-approve]
applies-to.entitlement = "pay/approve"
[[access.pay-approve.rule]]
id = "all"
decision = "auto-approve"
max-duration = "30d"

[sod.pay]
entitlements = ["pay/create", "pay/approve"]
description = "nobody creates and approves the same payment"
risk = "high"
decision = "deny"

[workflow.two]
name = "Two"
[[workflow.two.stage]]
id = "one"
approvers = ["person:ana", "person:ben"]
within = "24h"
on-timeout.escalate = ["person:eve"]
[[workflow.two.stage]]
id = "second"
approvers = ["team:blue", "person:cleo"]
within = "24h"
on-timeout = "deny"
"#;

/// A repository of these files.
fn world() -> Repository {
    let repository = Repository::with(&FILES);
    repository.write("request.toml", asks("rita", "mail/admin", "30d"));
    repository
}

/// A request, made on a Monday at ten in the zone of the project.
fn asks(requester: &str, entitlement: &str, duration: &str) -> String {
    format!(
        "now = 2026-11-23T09:00:00Z\n[request]\nrequester = \"{requester}\"\nentitlements = \
         [\"{entitlement}\"]\nduration = \"{duration}\"\n"
    )
}

/// Writes a text in the place of another, which must be there once.
fn edit(repository: &Repository, path: &str, from: &str, to: &str) {
    let text = repository.read(path);
    assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
    repository.write(path, text.replace(from, to));
}

/// An approval in November.
fn approves(at: &str, by: &str) -> Value {
    json!({ "event": "vote", "at": format!("2026-11-{at}:00Z"), "by": by, "decision": "approve" })
}

/// How far the request has come at an instant of November or December.
fn status(repository: &Repository, events: &[Value], now: &str) -> Run {
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    repository.write("votes.jsonl", lines);
    let now = format!("2026-{now}:00Z");
    let arguments = [
        "approvals",
        "status",
        "--request",
        "request.toml",
        "--votes",
        "votes.jsonl",
        "--now",
        &now,
        "--format",
        "json",
    ];
    gitsm(&arguments, repository.path())
}

/// The state, and why each event that does not count does not.
fn state(run: &Run) -> (i32, String, Vec<String>) {
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    let ignored = report["not-counted"].as_array().unwrap();
    let why = ignored.iter().map(|one| format!("{} {}", one["line"], one["why"].as_str().unwrap()));
    (run.status, report["state"].as_str().unwrap().to_owned(), why.collect())
}

/// What is simulated about access.
fn simulate(repository: &Repository, arguments: &[&str]) -> (i32, Value) {
    let mut all = vec!["simulate", "access"];
    all.extend(arguments);
    if !arguments.contains(&"--now") {
        all.extend(["--now", "2026-11-23T09:00:00Z"]);
    }
    all.extend(["--format", "json"]);
    let run = gitsm(&all, repository.path());
    let value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    (run.status, value)
}

#[test]
fn votes_of_two_different_people_approve() {
    let repository = world();
    let votes = [approves("23T10:00", "ana"), approves("23T11:00", "dan")];
    assert_eq!(state(&status(&repository, &votes, "11-23T12:00")), (0, "approved".to_owned(), vec![]));
}
