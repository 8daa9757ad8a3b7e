//! Scenarios about incidents, changes, joiners and leavers, and when requests are delivered.

use serde_json::Value;

use crate::support::{Repository, gitsm};

const NOW: &str = "2026-11-23T09:00:00Z";

const MORE: &str = r#"
[category.lines]
name = "Lines"
function = "it"
parent = "software"
owner = "team:desk"

[[routing.incidents.rule]]
id = "lines"
when.incident.category = "lines"
when.not.incident.security = true
team = "security"
queue = "Lines"

[bundle.it]
name = "IT"
owner = "team:desk"
when.subject.department = "it"
entitlements = ["mail/user"]

[service.list]
name = "Lists"
description = "Letters to many."
owner = "team:desk"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"
review-date = 2030-01-01

[request-type.letterbox]
name = "A letterbox"
category = "software"
event = "provision"
owner = "team:desk"
workflow = "manager"
sla = "standard"
"#;

const SCENARIOS: &str = r#"
[scenario.mail-is-down]
description = "nobody gets mail"
now = 2026-11-23T09:00:00Z
incident.service = "mail"
incident.impact = "high"
incident.urgency = "high"
expect.priority = "p1"
expect.team = "desk"
expect.major = true
expect.rules = ["priority-matrix:incidents", "routing:incidents", "sla:standard", "major-incident:default"]
expect.due.respond = 2026-11-23T09:30:00Z
expect.due.resolve = 2026-11-23T13:00:00Z
expect.escalation = ["standard/lead", "standard/head"]
expect.told."standard/lead".at = 2026-11-23T12:00:00Z
expect.told."standard/lead".people = ["ana"]

[scenario.a-line-is-down]
description = "lines are for those who look after them"
now = 2026-11-23T09:00:00Z
incident.service = "mail"
incident.category = "lines"
incident.impact = "high"
incident.urgency = "low"
expect.priority = "p2"
expect.team = "security"
expect.queue = "Lines"
expect.major = false
expect.rules = ["routing:incidents/lines"]

[scenario.no-such-impact]
description = "a word that the matrix does not have"
now = 2026-11-23T09:00:00Z
incident.impact = "medium"
incident.urgency = "low"
expect.verdict = "invalid"

[scenario.a-small-change]
description = "the manager agrees to a small change, in the window and early enough"
now = 2026-11-20T12:00:00Z
change.requester = "ben"
change.type = "normal"
change.service = "mail"
change.affected-users = 5
change.downtime = "5m"
change.tested = true
change.rollback-plan = true
change.start = 2026-11-29T05:00:00Z
change.end = 2026-11-29T09:00:00Z
expect.verdict = "needs-approval"
expect.model = "normal"
expect.risk = "low"
expect.rules = ["change-model:normal", "change-model:normal/small"]
expect.stages = ["manager/manager"]
expect.approvers."manager/manager" = ["ana"]
expect.window = "inside"
expect.freezes = []
expect.earliest = 2026-11-23T12:00:00Z
expect.due.approval = 2026-11-24T12:00:00Z

[scenario.outside-the-window]
description = "a second longer than the window"
now = 2026-11-20T12:00:00Z
change.requester = "ben"
change.type = "normal"
change.service = "mail"
change.affected-users = 5
change.downtime = "5m"
change.tested = true
change.rollback-plan = true
change.start = 2026-11-29T05:00:00Z
change.end = 2026-11-29T09:00:01Z
expect.verdict = "denied"
expect.window = "outside"
expect.reasons = ["outside-window"]
expect.rules = ["change-model:normal/small"]

[scenario.a-restart]
description = "a restart needs nobody"
now = 2026-11-20T12:00:00Z
change.requester = "ben"
change.type = "standard"
change.procedure = "restart"
change.service = "mail"
change.category = "configuration"
change.affected-users = 5
change.downtime = "5m"
change.start = 2026-11-20T13:00:00Z
change.end = 2026-11-20T14:00:00Z
expect.verdict = "authorised"
expect.rules = ["change-model:standard/always"]
expect.stages = []
expect.window = "none"

[scenario.an-emergency]
description = "somebody looks back on it within three office days"
now = 2026-11-20T12:00:00Z
change.requester = "ben"
change.type = "emergency"
change.service = "mail"
change.affected-users = 5
change.downtime = "5m"
change.rollback-plan = true
change.start = 2026-11-20T13:00:00Z
change.end = 2026-11-20T14:00:00Z
expect.verdict = "needs-approval"
expect.due.review = 2026-11-25T14:00:00Z

[scenario.a-new-engineer]
description = "whoever joins IT has mail"
now = 2026-11-23T09:00:00Z
joiner = "ben"
expect.given = ["mail/user"]
expect.rules = ["bundle:it"]

[scenario.an-engineer-leaves]
description = "what came with the department goes"
now = 2026-11-23T09:00:00Z
leaver = "ben"
expect.removed = ["mail/user"]

[scenario.an-engineer-moves]
description = "what came with the department goes, and what they asked for is asked anew"
now = 2026-11-23T09:00:00Z
mover = { person = "dan", department = "sales" }
expect.given = []
expect.removed = ["mail/user"]
expect.asked-anew = []
expect.rules = ["bundle:it"]

[scenario.somebody-moves-to-it]
description = "whoever moves to IT has mail"
now = 2026-11-23T09:00:00Z
mover = { person = "cleo", department = "it", title = "Engineer" }
expect.given = ["mail/user"]
expect.removed = []
expect.rules = ["bundle:it"]

[scenario.a-mailbox]
description = "delivered within the hours of the agreement, by its priority"
now = 2026-11-23T09:00:00Z
request.requester = "cleo"
request.type = "letterbox"
request.entitlements = ["mail/user"]
expect.verdict = "needs-approval"
expect.reasons = []
expect.due.approval = 2026-11-25T09:00:00Z
expect.due.delivery.p1 = 2026-11-23T13:00:00Z
expect.due.delivery.p2 = 2026-11-24T09:00:00Z
"#;

fn repository(scenarios: &str) -> Repository {
    let repository = Repository::base();
    let incidents = repository.read("policies/incidents.toml");
    let (routing, rest) = MORE.split_at(MORE.find("[bundle.it]").unwrap());
    repository.write("policies/incidents.toml", format!("{incidents}{routing}"));
    repository.write("catalog/more.toml", rest);
    repository.write("policies/scenarios.toml", scenarios);
    repository
}

fn test(scenarios: &str, arguments: &[&str]) -> (i32, Value) {
    let repository = repository(scenarios);
    let mut all = vec!["test", "--now", NOW, "--format", "json"];
    all.extend(arguments);
    let run = gitsm(&all, repository.path());
    let report = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
    (run.status, report)
}

#[test]
fn everything_that_can_happen_is_tested() {
    let repository = repository(SCENARIOS);
    let run = gitsm(&["test", "--now", NOW], repository.path());
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    let run = gitsm(&["validate", "--now", NOW], repository.path());
    assert_eq!(run.status, 0, "{}", run.stdout);
}

/// Each expectation, changed, fails and is named with what is there instead.
#[test]
fn each_expectation_can_fail() {
    let cases = [
        ("expect.priority = \"p1\"", "expect.priority = \"p2\"", "priority", "p1"),
        ("expect.team = \"security\"", "expect.team = \"desk\"", "team", "security"),
        ("expect.queue = \"Lines\"", "expect.queue = \"lines\"", "queue", "Lines"),
        ("expect.queue = \"Lines\"", "expect.on-call = \"ben\"", "on-call", "nobody"),
        ("expect.major = false", "expect.major = true", "major", "not major"),
        (
            "\"sla:standard\", ",
            "\"sla:standard\", \"routing:incidents/lines\", ",
            "rules.3",
            "priority-matrix:incidents, routing:incidents, sla:standard, major-incident:default",
        ),
        (
            "respond = 2026-11-23T09:30:00Z",
            "respond = 2026-11-23T09:30:01Z",
            "due.respond",
            "2026-11-23T09:30:00Z",
        ),
        ("resolve = 2026-11-23T13:00:00Z", "update = 2026-11-23T13:00:00Z", "due.update", "never"),
        (
            "[\"standard/lead\", \"standard/head\"]",
            "[\"standard/lead\"]",
            "escalation",
            "standard/lead, standard/head",
        ),
        (
            "at = 2026-11-23T12:00:00Z",
            "at = 2026-11-23T12:00:01Z",
            "told.standard/lead.at",
            "2026-11-23T12:00:00Z",
        ),
        ("people = [\"ana\"]", "people = [\"ana\", \"ben\"]", "told.standard/lead.people", "ana"),
        ("expect.model = \"normal\"", "expect.model = \"standard\"", "model", "normal"),
        ("expect.risk = \"low\"", "expect.risk = \"high\"", "risk", "low"),
        (
            "\"change-model:normal/small\"]",
            "\"change-model:normal/other\"]",
            "rules.1",
            "change-model:normal, change-model:normal/small",
        ),
        ("expect.window = \"inside\"", "expect.window = \"none\"", "window", "inside"),
        ("expect.freezes = []", "expect.freezes = [\"Year end\"]", "freezes", "none"),
        (
            "earliest = 2026-11-23T12:00:00Z",
            "earliest = 2026-11-23T13:00:00Z",
            "earliest",
            "2026-11-23T12:00:00Z",
        ),
        (
            "approval = 2026-11-24T12:00:00Z",
            "approval = 2026-11-24T13:00:00Z",
            "due.approval",
            "2026-11-24T12:00:00Z",
        ),
        (
            "approvers.\"manager/manager\" = [\"ana\"]",
            "approvers.\"manager/manager\" = [\"dan\"]",
            "approvers.manager/manager",
            "ana",
        ),
        ("reasons = [\"outside-window\"]", "reasons = [\"frozen\"]", "reasons", "outside-window"),
        ("verdict = \"authorised\"", "verdict = \"denied\"", "verdict", "authorised"),
        ("stages = []", "stages = [\"manager/manager\"]", "stages", "none"),
        (
            "review = 2026-11-25T14:00:00Z",
            "review = 2026-11-25T14:00:01Z",
            "due.review",
            "2026-11-25T14:00:00Z",
        ),
        ("given = [\"mail/user\"]", "given = []", "given", "mail/user"),
        ("removed = [\"mail/user\"]", "removed = []", "removed", "mail/user"),
        ("asked-anew = []", "asked-anew = [\"mail/user\"]", "asked-anew", "none"),
        (
            "title = \"Engineer\" }\nexpect.given = [\"mail/user\"]",
            "title = \"Engineer\" }\nexpect.given = []",
            "given",
            "mail/user",
        ),
        (
            "delivery.p2 = 2026-11-24T09:00:00Z",
            "delivery.p3 = 2026-11-24T09:00:00Z",
            "due.delivery.p3",
            "2026-11-26T09:00:00Z",
        ),
    ];
    for (before, after, field, got) in cases {
        assert!(SCENARIOS.contains(before), "{before}");
        let (status, report) = test(&SCENARIOS.replacen(before, after, 1), &[]);
        assert_eq!((status, &report["failed"]), (1, &Value::from(1)), "{field}: {report:#}");
        let failed = report["scenarios"].as_array().unwrap().iter().find(|one| one["passed"] == false);
        let failed = failed.unwrap();
        let difference = &failed["differences"][0];
        assert_eq!(difference["field"], format!("expect.{field}"));
        assert_eq!(difference["got"], got, "{field}");
        assert_eq!(failed["differences"].as_array().unwrap().len(), 1, "{failed:#}");
        assert!(failed["decision"].is_object(), "what was decided is shown: {failed:#}");
    }
}

/// What fails is shown with its trace, in the words of what it is about.
#[test]
fn what_failed_is_shown_with_its_trace() {
    let scenarios = SCENARIOS
        .replace("expect.queue = \"Lines\"", "expect.queue = \"Desk\"")
        .replace("expect.risk = \"low\"", "expect.risk = \"high\"")
        .replace("expect.given = [\"mail/user\"]", "expect.given = []");
    let repository = repository(&scenarios);
    let run = gitsm(&["test", "--now", NOW], repository.path());
    assert_eq!(run.status, 1);
    for part in [
        "failed  a-line-is-down",
        "expect.queue  policies/scenarios.toml:",
        "    expected  Desk\n    got       Lines\n",
        "  | p2: security for mail",
        "  |   routing:incidents/lines  goes to team:security",
        "  | needs approval: normal change of mail, low risk",
        "  |   change-model:normal/small  gives it low risk",
        "failed  a-new-engineer",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    let run = gitsm(&["test", "--now", NOW, "--format", "junit", "a-line"], repository.path());
    assert!(
        run.stdout.contains("<testsuite name=\"scenarios\" tests=\"1\" failures=\"1\""),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("expect.queue: expected Desk, got Lines"), "{}", run.stdout);
}

/// A scenario that could not fail is a failed one, whatever validation says about it.
#[test]
fn a_scenario_that_could_not_fail_fails() {
    let scenario =
        |lines: &str| format!("[scenario.x]\ndescription = \"x\"\nnow = 2026-11-23T09:00:00Z\n{lines}\n");
    let incident = "incident = { impact = \"high\", urgency = \"high\" }\n";
    let request = "request = { requester = \"ben\", entitlements = [\"mail/user\"] }\n";
    for (text, got) in [
        (scenario("expect.priority = \"p1\""), "0"),
        (scenario(&format!("{incident}{request}expect.verdict = \"approved\"")), "2"),
        (scenario(&format!("{incident}expect = {{}}")), "nothing is expected"),
        (scenario(&format!("{request}expect.rules = [\"access:mail/everybody\"]")), "none is written"),
        (scenario(&format!("{incident}expect.risk = \"low\"")), "it has no such thing"),
        (
            scenario("mover = { person = \"ben\", department = \"it\" }\nexpect.given = []"),
            "everything is as it was",
        ),
        (scenario("joiner = \"ben\"\nexpect.asked-anew = []"), "it has no such thing"),
    ] {
        let (status, report) = test(&text, &[]);
        assert_eq!(status, 1, "{text}");
        assert_eq!(report["scenarios"][0]["differences"][0]["got"], got, "{text}");
    }
    for text in [
        scenario(&format!("{incident}expect.priority = \"p1\"")),
        scenario(&format!("{request}expect.verdict = \"approved\"")),
        scenario("mover = { person = \"ben\", department = \"sales\" }\nexpect.asked-anew = []"),
    ] {
        assert_eq!(test(&text, &[]).0, 0, "{text}");
    }
}

fn names(report: &Value, path: &str, name: &str) -> Vec<String> {
    let all = report.pointer(path).unwrap().as_array().unwrap().iter();
    all.map(|one| one[name].as_str().unwrap().to_owned()).collect()
}

#[test]
fn coverage_reaches_incidents_and_changes() {
    let (_, report) = test(SCENARIOS, &["--coverage"]);
    let uncovered = names(&report, "/coverage/uncovered", "rule");
    let about =
        |kind: &str| uncovered.iter().filter(|rule| rule.starts_with(kind)).cloned().collect::<Vec<_>>();
    assert_eq!(about("routing"), Vec::<String>::new());
    assert_eq!(about("major-incident"), Vec::<String>::new());
    assert_eq!(
        about("change-model"),
        ["change-model:normal/small", "change-model:normal/other", "change-model:standard"],
        "never passed over, never reached, never passed over"
    );
    let cells = report["coverage"]["never-reached"].as_array().unwrap();
    let cells: Vec<String> =
        cells.iter().map(|cell| format!("{} {}", cell["row"], cell["column"]).replace('"', "")).collect();
    assert_eq!(cells, ["low high", "low low"]);
    assert_eq!(report["coverage"]["cells"], 4);
    let (_, report) = test(SCENARIOS, &["--coverage", "restart"]);
    let uncovered = names(&report, "/coverage/uncovered", "rule");
    for rule in ["routing:incidents", "routing:incidents/lines", "major-incident:default"] {
        assert!(uncovered.iter().any(|one| one == rule), "{rule} is not reached by a change: {uncovered:?}");
    }
}

#[test]
fn a_changed_condition_of_an_incident_or_a_change_is_noticed() {
    let survivors = |scenarios: &str| -> Vec<String> {
        let (_, report) = test(scenarios, &["--mutate"]);
        let all = report["mutation"]["survivors"].as_array().unwrap().iter();
        let texts =
            all.map(|one| format!("{}: {}", one["rule"].as_str().unwrap(), one["change"].as_str().unwrap()));
        let about = |text: &String| ["routing", "major", "change"].iter().any(|kind| text.starts_with(kind));
        texts.filter(about).collect()
    };
    assert_eq!(
        survivors(SCENARIOS),
        [
            "routing:incidents/lines: can be dropped: `incident.security is true`",
            "change-model:normal/small: can be dropped: `change.affected-users is less than 10`",
            "change-model:normal/other: can be removed as a whole",
            "change-model:standard: can be dropped: `service.id is mail`",
            "change-model:standard: can be dropped: `change.category is configuration`",
        ]
    );
    let more = r#"
[scenario.an-attack-on-a-line]
description = "an attack is not for those who look after lines"
now = 2026-11-23T09:00:00Z
incident.category = "lines"
incident.security = true
incident.impact = "low"
incident.urgency = "low"
expect.team = "desk"

[scenario.a-large-change]
description = "ten people are many"
now = 2026-11-20T12:00:00Z
change.requester = "ben"
change.type = "normal"
change.service = "mail"
change.affected-users = 10
change.downtime = "5m"
change.start = 2026-11-29T05:00:00Z
change.end = 2026-11-29T09:00:00Z
expect.verdict = "needs-approval"
expect.rules = ["change-model:normal/other"]

[scenario.no-standard-change-of-data]
description = "only what is configured"
now = 2026-11-20T12:00:00Z
change.requester = "ben"
change.type = "standard"
change.procedure = "restart"
change.service = "mail"
change.category = "data"
change.affected-users = 5
change.downtime = "5m"
change.start = 2026-11-20T13:00:00Z
change.end = 2026-11-20T14:00:00Z
expect.verdict = "denied"
expect.reasons = ["no-model"]

[scenario.no-standard-change-of-lists]
description = "only of mail"
now = 2026-11-20T12:00:00Z
change.requester = "ben"
change.type = "standard"
change.procedure = "restart"
change.service = "list"
change.category = "configuration"
change.affected-users = 5
change.downtime = "5m"
change.start = 2026-11-20T13:00:00Z
change.end = 2026-11-20T14:00:00Z
expect.verdict = "denied"
expect.reasons = ["no-model"]
"#;
    assert_eq!(survivors(&format!("{SCENARIOS}{more}")), Vec::<String>::new());
}
