//! What commands print for programs: the published schemas, and real output held against them.

use serde_json::{Value, json};

use crate::{
    golden::Folder,
    support::{Repository, gitsm, root},
};

/// A repository in which every command has something to say.
fn repository() -> Repository {
    let repository = Repository::empty();
    let run = gitsm(&["init", "--name", "Example", "--now", "2026-11-20T12:00:00Z"], repository.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    repository.write("catalog/broken.toml", "[team.night]\nnmae = \"Night\"\nlead = \"nobody\"\n");
    repository.write(
        "map.toml",
        "[fields]\nid = { column = \"id\" }\nname = { column = \"name\" }\n\
         support-level = { column = \"level\" }\n",
    );
    repository.write(
        "export.csv",
        "id,name,level,more\nday,Day,l1,x\nsecurity,Safety,l2,\n,None,l1,\nbad,Bad,x,\n",
    );
    repository
}

/// A request whose approval is under way, with something of each part of a report about it.
const APPROVAL: &str = r#"id = "R-1"
now = 2026-11-20T08:00:00Z
policy-commit = "COMMIT"
[request]
requester = "ben"
entitlements = ["mail/admin"]
duration = "5d"
justification = "the mail server moves"
"#;

/// A change with something of each part of a report about it.
const CHANGE: &str = r#"id = "C-1"
now = 2026-11-20T12:00:00Z
[change]
requester = "dan"
implementers = ["ben"]
type = "emergency"
service = "mail"
start = 2026-11-29T05:00:00Z
end = 2026-11-29T06:00:00Z
others = [{ id = "C-2", service = "mail", start = 2026-11-29T05:30:00Z, end = 2026-11-29T09:00:00Z }]
"#;

/// Tickets with something of each part of a report about them.
const TICKETS: &str = "id,opened,resolved,priority,recorded,service\n\
    T-1,2026-03-02T09:00:00Z,2026-03-20T09:00:00Z,p1,met,mail\n\
    T-2,2026-03-02T09:00:00Z,,p1,,mail\nT-3,never,,p1,,mail\n";

const VOTES: &str = r#"
{"event":"delegation","from":"ana","to":"cleo","starts":"2026-11-01T00:00:00Z","ends":"2026-12-01T00:00:00Z","at":"2026-11-01T00:00:00Z","by":"ana"}
{"event":"delegation","from":"ana","to":"ana","starts":"2026-11-01T00:00:00Z","ends":"2026-12-01T00:00:00Z","at":"2026-11-01T00:00:00Z","by":"ana"}
{"event":"vote","at":"2026-11-20T09:00:00Z","by":"cleo","on-behalf-of":"ana","decision":"approve"}
{"event":"vote","at":"2026-11-20T09:10:00Z","by":"ben","decision":"approve"}
{"event":"vote","at":"2026-11-20T09:20:00Z","by":"dan","decision":"approve"}
{"event":"vote","at":"2026-11-20T09:30:00Z","by":"dan","decision":"withdraw"}
"#;

/// A repository with nothing wrong in it and scenarios that pass and fail.
fn decidable() -> Repository {
    let repository = Repository::base();
    let cases = std::fs::read_to_string(root().join("tests/decisions/guardrails.toml")).unwrap();
    let once = "expect.verdict = \"approved\"";
    assert!(cases.contains(once));
    repository.write("catalog/cases.toml", cases.replacen(once, "expect.verdict = \"denied\"", 1));
    repository.write("requests.csv", crate::replay::REQUESTS.replace("ben,", "nobody,"));
    repository.write("people.csv", crate::replay::PEOPLE);
    repository.write("tickets.csv", TICKETS);
    crate::support::copy(&root().join("tests/base"), &repository.path().join("other"));
    let policies = repository.read("other/policies/access.toml");
    repository.write("other/policies/access.toml", policies.replace("risk = \"low\"", "risk.max = \"high\""));
    repository.write("request.toml", APPROVAL);
    repository.write("votes.jsonl", VOTES);
    let changes = repository.read("policies/changes.toml");
    let freeze = "[[change-model.emergency.freeze]]\nname = \"Sunday\"\nfrom = 2026-11-29T00:00:00Z\n\
                  until = 2026-11-30T00:00:00Z\nauthority = \"manager-and-security\"\n";
    repository.write("policies/changes.toml", format!("{changes}\n{freeze}"));
    repository.write("change.toml", CHANGE);
    let before = [
        ("gitsm.toml", repository.read("gitsm.toml").replace("name = ", "currency = \"EUR\"\nname = ")),
        (
            "catalog/organisation.toml",
            repository.read("catalog/organisation.toml").replace("[person.dan]", "[person.daniel]"),
        ),
        (
            "catalog/services.toml",
            repository
                .read("catalog/services.toml")
                .replace("owner = ", "stakeholders = [\"team:desk\"]\nowner = "),
        ),
        ("catalog/odd.toml", "[team.odd]\nname = 7\n".to_owned()),
        ("policies/changes.toml", changes.replace("[change-model.emergency]", "[change-model.urgent]")),
    ];
    for (path, text) in before {
        repository.write(&format!("before/{path}"), text);
    }
    repository.write(
        "ticket.json",
        r#"{"id":"T-1","priority":"p2","events":[
            {"at":"2026-11-20T14:00:00Z","state":"awaiting-requester"},{"at":"2026-11-20T14:30:00Z","priority":"p1"},
            {"at":"2026-11-20T14:40:00Z","state":"resolved"},{"at":"2026-11-20T16:00:00Z","done":"update"}]}"#,
    );
    repository
}

/// Runs of each command whose output follows the schema.
#[allow(clippy::too_many_lines, reason = "a table, with a row for each command")]
fn runs(output: &str) -> Vec<Vec<&'static str>> {
    const NOW: &str = "2026-11-20T12:00:00Z";
    match output {
        "output/validate" => vec![vec!["validate", "--now", NOW]],
        "output/explain" => vec![vec!["explain"], vec!["explain", "GS1201", "GS1102"]],
        "output/show" => [None, Some("service"), Some("service/mail"), Some("team/security")]
            .into_iter()
            .chain([
                Some("access/mail"),
                Some("request-type/mail-access"),
                Some("workflow/manager-and-security"),
            ])
            .chain([Some("person/tomas.reyes"), Some("calendar/office"), Some("sla/standard")])
            .map(|what| ["show", "--now", NOW].into_iter().chain(what).collect())
            .collect(),
        _ if output.starts_with("output/replay-") => replays(output),
        "output/simulate" => vec![
            vec!["simulate", "access", "dan", "mail/admin", "--now", NOW, "--duration", "30d"],
            vec!["simulate", "access", "nobody", "mail/user", "--now", NOW],
        ],
        "output/approvals" => {
            let status =
                "approvals status --request request.toml --votes votes.jsonl --now 2026-11-20T12:00:00Z";
            vec![status.split(' ').collect()]
        }
        "output/lifecycle" => vec![
            vec!["simulate", "joiner", "dan", "--now", NOW],
            vec!["simulate", "mover", "dan", "--set", "department=sales", "--now", NOW],
            vec!["simulate", "leaver", "ana", "--now", NOW],
        ],
        "output/change" => {
            let normal = "simulate change dan --type normal --service mail --affected-users 9 --tested \
                          --start 2026-11-29T05:00:00Z --end 2026-11-29T09:00:00Z --now 2026-11-20T12:00:00Z";
            let late = "simulate change dan --type normal --service mail --affected-users 9 \
                        --start 2026-11-22T04:00:00Z --end 2026-11-22T06:00:00Z --now 2026-11-20T12:00:00Z";
            let emergency = "simulate change --change change.toml";
            [normal, late, emergency].map(|line| line.split(' ').collect()).to_vec()
        }
        "output/incident" => vec![
            vec![
                "simulate",
                "incident",
                "--service",
                "mail",
                "--impact",
                "high",
                "--urgency",
                "high",
                "--now",
                NOW,
            ],
            vec!["simulate", "incident", "--impact", "x", "--urgency", "high", "--now", NOW],
        ],
        "output/test" => vec![
            vec!["test", "--now", NOW],
            vec!["test", "--coverage", "--mutate", "--suggest", "--now", NOW],
        ],
        "output/clock-due" => {
            let flags = "clock due --calendar office --within 4h --start 2026-11-20T15:00:00Z";
            let pause = "--pause 2026-11-20T15:30:00Z..2026-11-20T15:40:00Z --pause 2026-11-20T15:50:00Z..";
            let mail = "clock due --service mail --priority p1 --start 2026-11-20T15:00:00Z";
            let words = |line: &'static str| line.split(' ');
            vec![words(flags).chain(words(pause)).collect(), words(mail).collect()]
        }
        "output/clock-elapsed" => {
            let flags = "clock elapsed --calendar office --start 2026-11-20T15:00:00Z --end 2026-11-23T09:00:00Z \
                         --pause 2026-11-20T15:30:00Z..2026-11-20T15:40:00Z";
            vec![flags.split(' ').collect()]
        }
        "output/clock-status" => {
            let start = "clock status --sla standard --priority p1 --start 2026-11-20T15:00:00Z";
            let now = "--now 2026-11-20T15:20:00Z --pause 2026-11-20T15:10:00Z..";
            let stop = "--stop 2026-11-23T18:00:00Z";
            let history = "clock status --sla standard --history ticket.json --now 2026-11-20T15:00:00Z";
            let words = |line: &'static str| line.split(' ');
            vec![
                words(start).chain(words(now)).collect(),
                words(start).chain(words(stop)).collect(),
                words(history).collect(),
            ]
        }
        "output/blame" => vec![vec!["blame", "access/late"], vec!["blame", "team/night"]],
        "output/log" => vec![
            vec!["log", "-n", "1"],
            vec!["log", "-n", "1", "--decisions", "--all-parents"],
            vec!["log", "-n", "1", "--at", "HEAD~1"],
            vec!["log", "-n", "1", "--at", "HEAD~4"],
        ],
        "output/diff" => {
            vec![vec!["diff", "before", ".", "--now", NOW], vec!["diff", ".", "before", "--now", NOW]]
        }
        "output/apply" | "output/drift" | "output/plan" | "output/targets" => plans(output),
        "output/pr-apply" => {
            let line = "pr apply --branch main --commit main --target static --now 2026-11-20T12:00:00Z";
            let other = "--checksum 0123456789abcdef0123456789abcdef01234567";
            let words = |line: &'static str| line.split(' ');
            vec![words(line).chain(words(other)).collect(), words(line).collect()]
        }
        "output/pr-check" => vec![
            vec!["pr", "check", "--facts", ".git/facts.json", "--now", NOW],
            vec!["pr", "check", "--base", "main", "--head", "proposal", "--now", NOW],
        ],
        "output/grants-ended" => vec![
            vec!["grants", "expire", "--dry-run", "--now", NOW],
            vec!["grants", "revoke", "gone", "new", "--reason", "moved", "--dry-run", "--now", NOW],
        ],
        "output/grants-list" => vec![vec!["grants", "list", "--all", "--now", NOW]],
        "output/grants-review" => vec![vec!["grants", "review", "mail", "--dry-run", "--now", NOW]],
        "output/request" => vec![
            vec![
                "request",
                "access",
                "mail/user",
                "--for",
                "cleo",
                "--duration",
                "30d",
                "--dry-run",
                "--now",
                NOW,
            ],
            vec!["request", "access", "mail/admin", "--for", "cleo", "--now", NOW],
            vec!["grants", "renew", "other", "--reason", "more", "--dry-run", "--now", NOW],
        ],
        "output/request-lifecycle" => {
            let words = |line: &'static str| line.split(' ').collect::<Vec<_>>();
            vec![
                words("request lifecycle --since HEAD~1 --dry-run --now 2026-11-20T12:00:00Z"),
                words("request joiner cleo --dry-run --now 2026-11-20T12:00:00Z"),
            ]
        }
        "output/import" => {
            vec![vec!["import", "csv", "export.csv", "--kind", "team", "--map", "map.toml", "--dry-run"]]
        }
        _ => panic!("nothing is known to print `{output}`: add a run of the command"),
    }
}

/// A repository with a ledger that has something of each thing that is said about one.
fn ledger() -> Repository {
    let repository = Repository::base();
    let grant = |id: &str, person: &str, what: &str, end: &str, more: &str| {
        format!(
            "[grant.{id}]\nbeneficiary = \"{person}\"\nentitlement = \"mail/{what}\"\nstart = 2026-11-01\nend = {end}\n{more}\n"
        )
    };
    let review = |id: &str, entitlement: &str, closes: &str, more: &str| {
        format!(
            "[review.{id}]\nname = \"{id}\"\nowner = \"team:security\"\nreviewer = \"person:ana\"\nentitlements = [\"mail/{entitlement}\"]\nopens = 2026-11-02\ncloses = {closes}\n{more}\n"
        )
    };
    let decision = "[[review.mail.decision]]\ngrant = \"new\"\ndecision = \"reduce\"\nuntil = 2026-11-22\nby = \"ana\"\nat = 2026-11-19T09:00:00Z\n";
    repository.write(
        "policies/ledger.toml",
        [
            grant(
                "gone",
                "ben",
                "admin",
                "2026-11-18",
                "decision.verdict = \"approved\"\ndecision.rules = [\"access:mail/administrators\"]\n",
            ),
            grant("new", "ben", "admin", "2026-11-30", ""),
            grant(
                "past",
                "cleo",
                "user",
                "2026-11-15",
                "state = \"ended\"\nended.at = 2026-11-16T00:00:00Z\nended.why = \"expired\"\n",
            ),
            grant("other", "dan", "admin", "2026-11-30", ""),
            grant("own", "ana", "admin", "2026-11-30", ""),
            grant("kept", "dan", "user", "2026-11-30", ""),
            review("mail", "admin", "2026-11-27", ""),
            decision.to_owned(),
            review("mailbox", "user", "2026-11-10", "no-decision = \"escalate\""),
        ]
        .concat()
        .replace(
            "owner = \"team:security\"\nreviewer = \"person:ana\"\nentitlements = [\"mail/admin\"]",
            "reviewer = \"person:ana\"\nentitlements = [\"mail/admin\"]",
        ),
    );
    repository
}

/// A repository with a plan that waits to be applied.
fn planned() -> Repository {
    let repository = Repository::base();
    let now = "2026-11-20T12:00:00Z";
    let run = gitsm(&["plan", "--target", "static", "--now", now, "--out", "plan.json"], repository.path());
    assert_eq!(run.status, 0, "{run:?}");
    repository
}

/// Runs of the commands about targets.
fn plans(output: &str) -> Vec<Vec<&'static str>> {
    let words = |line: &'static str| line.split(' ').collect::<Vec<_>>();
    match output {
        "output/apply" => vec![words("apply plan.json --now 2026-11-20T12:00:00Z")],
        "output/drift" => vec![words("drift --target static --now 2026-11-20T12:00:00Z")],
        "output/plan" => vec![words("plan --target static --now 2026-11-20T12:00:00Z")],
        _ => vec![vec!["targets"], vec!["targets", "static"]],
    }
}

/// Runs of `gitsm replay`.
fn replays(output: &str) -> Vec<Vec<&'static str>> {
    let words = |line: &'static str| line.split(' ').collect::<Vec<_>>();
    let limited =
        "replay requests requests.csv --now 2026-11-20T12:00:00Z --min-automatic 1 --max-wrong-approvals 50%";
    let against = "replay requests requests.csv --now 2026-11-20T12:00:00Z --against other --max-flips 0";
    let tickets = "replay incidents tickets.csv --sla standard --now 2026-11-20T12:00:00Z --max-breaches 0";
    match output {
        "output/replay-incidents" => vec![words(tickets)],
        "output/replay-people" => vec![words("replay people people.csv --max-differences 0")],
        "output/replay-requests" => vec![words(limited), words(against)],
        _ => panic!("nothing is known to print `{output}`: add a run of the command"),
    }
}

/// Every field of a value that no schema describes, as pointers: a schema that says nothing about a field
/// lets everything through.
fn undescribed(schema: &Value, root: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(fields) = value else {
        if let Value::Array(items) = value {
            let inner = alternatives(schema, root).into_iter().find_map(|schema| schema.get("items"));
            for item in items {
                undescribed(inner.unwrap_or(&Value::Null), root, item, &format!("{at}/*"), found);
            }
        }
        return;
    };
    let schemas = alternatives(schema, root);
    // What is written in the rulebook is described by the schemas of the kinds.
    if at.ends_with("/fields") {
        return;
    }
    for (key, value) in fields {
        let at = format!("{at}/{key}");
        match schemas.iter().find_map(|schema| schema.get("properties")?.get(key)) {
            Some(inner) => undescribed(inner, root, value, &at, found),
            None => found.push(at),
        }
    }
}

/// A schema with everything that it refers to or combines.
fn alternatives<'a>(schema: &'a Value, root: &'a Value) -> Vec<&'a Value> {
    let mut all = vec![schema];
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let inner = root.pointer(reference.trim_start_matches('#')).unwrap();
        all.extend(alternatives(inner, root));
    }
    for combined in ["anyOf", "oneOf", "allOf"] {
        for inner in schema.get(combined).and_then(Value::as_array).into_iter().flatten() {
            all.extend(alternatives(inner, root));
        }
    }
    all
}

#[test]
#[allow(clippy::too_many_lines, reason = "every output stands once, with the repository that it is about")]
fn real_output_follows_the_schemas_that_are_published() {
    let repository = repository();
    let list = gitsm(&["schema"], repository.path()).stdout;
    let outputs: Vec<&str> = list.split('`').filter(|word| word.starts_with("output/")).collect();
    assert_eq!(
        outputs,
        [
            "output/apply",
            "output/approvals",
            "output/blame",
            "output/change",
            "output/clock-due",
            "output/clock-elapsed",
            "output/clock-status",
            "output/diff",
            "output/drift",
            "output/explain",
            "output/grants-ended",
            "output/grants-list",
            "output/grants-review",
            "output/import",
            "output/incident",
            "output/lifecycle",
            "output/log",
            "output/plan",
            "output/pr-apply",
            "output/pr-check",
            "output/replay-incidents",
            "output/replay-people",
            "output/replay-requests",
            "output/request",
            "output/request-lifecycle",
            "output/show",
            "output/simulate",
            "output/targets",
            "output/test",
            "output/validate"
        ]
    );
    let mut kept = Folder::new("schemas/output", ".schema.json");
    for output in outputs {
        let run = gitsm(&["schema", output], repository.path());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{output}");
        kept.check(output.strip_prefix("output/").unwrap(), &run.stdout);
        let schema: Value = serde_json::from_str(&run.stdout).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let decides = output.starts_with("output/clock-")
            || [
                "output/approvals",
                "output/change",
                "output/diff",
                "output/simulate",
                "output/incident",
                "output/lifecycle",
                "output/replay-incidents",
                "output/replay-people",
                "output/replay-requests",
                "output/test",
            ]
            .contains(&output);
        let plans = ["output/apply", "output/drift", "output/plan"].contains(&output);
        let keeps = output.starts_with("output/grants-") || output == "output/request";
        let repository = match (plans, decides) {
            _ if keeps => ledger(),
            (true, _) => planned(),
            (false, true) => decidable(),
            (false, false) => self::repository(),
        };
        let with_history =
            ["output/blame", "output/log"].contains(&output).then(crate::git::history::history);
        let proposed = output.starts_with("output/pr-").then(crate::pull_requests::support::everything);
        let happened = (output == "output/request-lifecycle").then(crate::grants::people::happened);
        let pinned = (output == "output/approvals").then(|| {
            let git = crate::git::support::Git::around(decidable());
            let commit = git.commit("What the request is one of");
            git.write("request.toml", APPROVAL.replace("COMMIT", &commit));
            git
        });
        let git = with_history.as_ref().or(proposed.as_ref()).or(happened.as_ref()).or(pinned.as_ref());
        let folder = git.map_or(repository.path(), crate::git::support::Git::path);
        for mut arguments in runs(output) {
            arguments.extend(["--format", "json"]);
            let mut command = crate::support::command(&arguments, folder);
            // A plan expires by the clock of the machine.
            command.env(crate::targets::CLOCK, crate::targets::NOW);
            let run = crate::support::run(command);
            let mut report: Value = serde_json::from_str(&run.stdout)
                .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}", run.stderr));
            let errors: Vec<String> = validator
                .iter_errors(&report)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(errors, Vec::<String>::new(), "{arguments:?}");
            let mut more = Vec::new();
            undescribed(&schema, &schema, &report, "", &mut more);
            assert_eq!(more, Vec::<String>::new(), "{arguments:?} prints what the schema does not know");
            report["format-version"] = json!("one");
            assert!(!validator.is_valid(&report), "the schema of {output} can say no");
        }
    }
    kept.finish();
    // The import of the example has one of each thing that a report can hold.
    let mut arguments = runs("output/import").remove(0);
    arguments.extend(["--format", "json"]);
    let report: Value = serde_json::from_str(&gitsm(&arguments, repository.path()).stdout).unwrap();
    for list in ["updated", "unmapped-columns", "problems", "files"] {
        assert!(report[list].as_array().is_some_and(|list| !list.is_empty()), "{list}: {report:#}");
    }
}

#[test]
fn the_help_that_promises_a_schema_is_right() {
    let help = gitsm(&["import", "csv", "--help"], &root()).stdout;
    assert!(help.contains("`gitsm schema` lists the schemas"), "{help}");
}
