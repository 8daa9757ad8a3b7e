//! What is decided about a change, through the real binary.

mod input;
mod schedule;
mod stated;

use serde_json::{Value, json};

use crate::support::{Repository, Run, gitsm};

/// A Friday noon.
const NOW: &str = "2026-11-20T12:00:00Z";
/// The window of the Sunday after next: 06:00 to 10:00 in Berlin.
const OPENS: &str = "2026-11-29T05:00:00Z";
const CLOSES: &str = "2026-11-29T09:00:00Z";

const MORE: &str = r#"
[calendar.night]
name = "Night of the Sunday"
time-zone = "Europe/Berlin"
weekly.sun = ["01:00-04:00"]

[person.bot]
name = "Deployment"
employment = "service-account"
owner = "person:ben"

[service.portal]
name = "Portal"
description = "What customers see."
owner = "team:desk"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"
review-date = 2030-01-01
configuration-items = ["app", "shared"]

[service.shop]
name = "Shop"
description = "What customers buy."
owner = "team:desk"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"
review-date = 2030-01-01
configuration-items = ["shared"]

[workflow.board]
name = "Board"
owner = "team:security"
stage = [{ id = "board", approvers = ["team:security"], within = "1d", on-timeout = "deny" }]

[configuration-item.app]
name = "Application"
class = "application"
depends-on = ["base"]

[configuration-item.base]
name = "Database"
class = "database"

[configuration-item.shared]
name = "Load balancer"
class = "network"

[configuration-item.lone]
name = "Badge printer"
class = "device"

[configuration-item.rehearsal]
name = "Staging machine"
class = "server"
environment = "staging"
"#;

/// The base with more in it, and with texts of its changes replaced.
fn with(changes: &[(&str, &str)]) -> Repository {
    let repository = Repository::base();
    repository.write("catalog/more.toml", MORE);
    let mut policies = repository.read("policies/changes.toml");
    for (old, new) in changes {
        assert!(policies.contains(old), "{old}");
        policies = policies.replacen(old, new, 1);
    }
    repository.write("policies/changes.toml", policies);
    repository
}

fn run(repository: &Repository, arguments: &[&str], now: &str) -> (Run, Value) {
    let mut all = vec!["simulate", "change", "--now", now, "--format", "json"];
    all.extend(arguments);
    let run = gitsm(&all, repository.path());
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"));
    (run, report)
}

/// A normal change of mail for few people, tested and with a way back.
fn small(repository: &Repository, start: &str, end: &str, more: &[&str], now: &str) -> (Run, Value) {
    let mut all = vec!["dan", "--type", "normal", "--service", "mail", "--affected-users", "9"];
    all.extend(["--tested", "--rollback-plan", "--start", start, "--end", end]);
    all.extend(more);
    run(repository, &all, now)
}

fn ids(people: &Value) -> Vec<&str> {
    people.as_array().unwrap().iter().map(|person| person["id"].as_str().unwrap()).collect()
}

fn kinds(report: &Value) -> Vec<&str> {
    let reasons = report["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    reasons.iter().map(|reason| reason["kind"].as_str().unwrap()).collect()
}

fn text(report: &Value) -> &str {
    report["reasons"][0]["text"].as_str().unwrap()
}

#[test]
fn the_risk_says_who_authorises() {
    let repository = with(&[]);
    let (result, report) = small(&repository, OPENS, CLOSES, &[], NOW);
    assert_eq!((result.status, result.stderr.as_str()), (0, ""));
    assert_eq!(report["verdict"], "needs-approval");
    assert_eq!((&report["model"], &report["risk"]), (&json!("normal"), &json!("low")));
    assert_eq!(report["risk-rule"], "change-model:normal/small");
    assert_eq!(report["stages"].as_array().unwrap().len(), 1);
    assert_eq!(report["stages"][0]["stage"], "manager/manager");
    assert_eq!(ids(&report["stages"][0]["approvers"]), ["ana"]);
    // Friday one o'clock in Berlin, and two days of office hours.
    assert_eq!(report["stages"][0]["due"], "2026-11-24T12:00:00Z");
    assert_eq!(report["stages"][0]["because"], json!(["change-model:normal/small"]));
    assert_eq!(report["window"]["inside"], true);
    assert_eq!(report["freezes"], json!([]));
    let brought = |report: &Value| -> Vec<(String, bool)> {
        let all = report["obligations"].as_array().unwrap();
        all.iter().map(|one| (one["evidence"].as_str().unwrap().to_owned(), one["met"] == true)).collect()
    };
    let each =
        |tested, way_back| vec![("staging-test".to_owned(), tested), ("rollback-plan".to_owned(), way_back)];
    assert_eq!(brought(&report), each(true, true));
    // Where the rules in the trace were written.
    let policies = repository.read("policies/changes.toml");
    let line = 1 + policies.lines().position(|line| line == "[[change-model.normal.risk]]").unwrap();
    let looked = report["trace"].as_array().unwrap();
    let rule = looked.iter().find(|looked| looked["rule"] == "change-model:normal/small").unwrap();
    assert_eq!(rule["place"], format!("policies/changes.toml:{line}"));
    assert_eq!((&rule["outcome"], &rule["because"][0]["actual"]), (&json!("matched"), &json!("9")));

    let more = ["dan", "--type", "normal", "--service", "mail", "--affected-users", "10", "--start", OPENS];
    let (_, report) = run(&repository, &[&more[..], &["--end", CLOSES]].concat(), NOW);
    assert_eq!((&report["risk"], &report["verdict"]), (&json!("high"), &json!("needs-approval")));
    let stages: Vec<&str> =
        report["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["manager-and-security/manager", "manager-and-security/security"]);
    // Those who are asked can wait for what is missing.
    assert_eq!(brought(&report), each(false, false));
}

#[test]
fn a_standard_change_asks_nobody() {
    let repository = with(&[]);
    let standard = |more: &[&str]| {
        let first =
            ["dan", "--type", "standard", "--procedure", "restart", "--start", OPENS, "--end", CLOSES];
        run(&repository, &[&first[..], more].concat(), NOW)
    };
    let (result, report) = standard(&["--service", "mail", "--category", "configuration"]);
    assert_eq!((result.status, &report["verdict"]), (0, &json!("authorised")), "{report:#}");
    assert_eq!(report["stages"], json!([]));
    let (result, report) = standard(&["--service", "mail", "--category", "data"]);
    assert_eq!((result.status, kinds(&report)), (0, vec!["no-model"]));
    // It is authorised for the procedure of its model, and has to say that it follows that one.
    let other = "\n[article.reinstall]\ntitle = \"Reinstall\"\nowner = \"team:desk\"\n\
                 review-date = 2030-01-01\ncovers = [\"service:mail\"]\naudience = \"support\"\n";
    repository.write("catalog/articles-of-changes.toml", other);
    let mail = ["dan", "--type", "standard", "--service", "mail", "--category", "configuration"];
    let mail = [&mail[..], &["--start", OPENS, "--end", CLOSES]].concat();
    for (more, says) in [
        (&[][..], "it does not say which `procedure` it follows"),
        (&["--procedure", "reinstall"], "it follows the procedure `reinstall`"),
    ] {
        let (result, report) = run(&repository, &[&mail[..], more].concat(), NOW);
        assert_eq!((result.status, kinds(&report)), (0, vec!["other-procedure"]), "{report:#}");
        assert!(
            text(&report).starts_with(says) && text(&report).contains("`standard` for `restart`"),
            "{report:#}"
        );
    }
    let (result, report) = run(&repository, &[&mail[..], &["--procedure", "nowhere"]].concat(), NOW);
    assert_eq!((result.status, &report["verdict"]), (1, &json!("invalid")), "{report:#}");
    // What is not published was not authorised: nobody could follow it, or nobody should any more.
    let own = [&mail[..], &["--procedure", "restart"]].concat();
    for (from, to, says) in [
        (
            "audience = \"support\"",
            "audience = \"support\"\nstate = \"draft\"",
            "`restart` of `standard` is not published",
        ),
        (
            "audience = \"support\"",
            "audience = \"support\"\nstate = \"retired\"",
            "`restart` of `standard` is not published",
        ),
        ("procedure = \"restart\"\n", "", "`standard` has no `procedure`"),
    ] {
        let repository = with(&[(from, to)]);
        for arguments in [&own, &mail] {
            let (result, report) = run(&repository, arguments, NOW);
            assert_eq!((result.status, kinds(&report)), (0, vec!["no-procedure"]), "{report:#}");
            assert!(text(&report).contains(says), "{report:#}");
        }
        let checked = gitsm(&["validate", "--now", NOW], repository.path());
        assert!(checked.stdout.contains("GS5054"), "{checked:#?}");
    }
    let published = with(&[("audience = \"support\"", "audience = \"support\"\nstate = \"published\"")]);
    let (_, report) = run(&published, &own, NOW);
    assert_eq!(report["verdict"], "authorised", "{report:#}");
    // It may not be risky, and nobody can wait for what is missing.
    let risky = with(&[("risk = \"low\" }]", "risk = \"medium\" }]")]);
    let mail = ["dan", "--type", "standard", "--service", "mail", "--category", "configuration"];
    let all = [&mail[..], &["--procedure", "restart", "--start", OPENS, "--end", CLOSES]].concat();
    let (_, report) = run(&risky, &all, NOW);
    assert_eq!(kinds(&report), ["standard-not-low-risk"]);
    let careful = with(&[("proven = 12", "proven = 12\nrollback-plan = true")]);
    let (_, report) = run(&careful, &all, NOW);
    assert_eq!(kinds(&report), ["missing"]);
    let (_, report) = run(&careful, &[&all[..], &["--rollback-plan"]].concat(), NOW);
    assert_eq!(report["verdict"], "authorised");
}

#[test]
fn nobody_approves_their_own_change() {
    let repository = with(&[]);
    let excluded = |report: &Value| -> Vec<(String, String)> {
        let all = report["stages"][0]["excluded"].as_array().cloned().unwrap_or_default();
        let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
        all.iter().map(|one| (text(one, "person"), text(one, "why"))).collect()
    };
    let who = |person: &str, why: &str| (person.to_owned(), why.to_owned());
    // Ana is responsible, so security stands in; of these Dan asks and Ben carries it out.
    let more = ["--owner", "ana", "--implementer", "ben"];
    let (_, report) = small(&repository, OPENS, CLOSES, &more, NOW);
    assert_eq!(ids(&report["stages"][0]["approvers"]), ["cleo"], "{report:#}");
    assert_eq!(
        excluded(&report),
        [
            who("ana", "is responsible for the change"),
            who("ben", "carries the change out"),
            who("dan", "asks for it themselves")
        ]
    );
    // What an account carries out, its owner does.
    let (_, report) = small(&repository, OPENS, CLOSES, &["--owner", "ana", "--implementer", "bot"], NOW);
    assert_eq!(ids(&report["stages"][0]["approvers"]), ["cleo"]);
    let everybody = ["--owner", "ana", "--implementer", "ben,cleo"];
    let (_, report) = small(&repository, OPENS, CLOSES, &everybody, NOW);
    assert_eq!(kinds(&report), ["no-approver"]);
    // Whoever is responsible for a change is found by that role, and still does not approve it.
    let catalog = repository.read("policies/access.toml");
    let role = catalog.replacen(
        "approvers = [\"role:manager\"]",
        "approvers = [\"role:change-owner\", \"person:cleo\"]",
        1,
    );
    assert_ne!(role, catalog);
    repository.write("policies/access.toml", role);
    let (_, report) = small(&repository, OPENS, CLOSES, &["--owner", "ana"], NOW);
    assert_eq!(ids(&report["stages"][0]["approvers"]), ["cleo"], "{report:#}");
    assert_eq!(excluded(&report), [who("ana", "is responsible for the change")]);
}

#[test]
fn the_model_with_a_condition_comes_first() {
    let data = "[change-model.data]\nname = \"Data\"\ntype = \"normal\"\nowner = \"team:desk\"\n\
        when.change.category = \"data\"\nauthority.critical = \"manager\"\nstaging-test = true\nrollback-plan = true\n\
        maintenance-window = \"maintenance\"\n\n[change-model.emergency]";
    let repository = with(&[("[change-model.emergency]", data)]);
    let (_, report) = small(&repository, OPENS, CLOSES, &["--category", "data"], NOW);
    // No rule gives the risk, so that it is the highest.
    let got = (&report["model"], &report["risk"], &report["risk-rule"]);
    assert_eq!(got, (&json!("data"), &json!("critical"), &Value::Null), "{report:#}");
    assert_eq!(report["verdict"], "needs-approval");
    let (_, report) = small(&repository, OPENS, CLOSES, &["--category", "facility"], NOW);
    assert_eq!(report["model"], "normal");
    let policies = repository.read("policies/changes.toml");
    let without = policies.replacen("authority.critical = \"manager\"", "authority.high = \"manager\"", 1);
    repository.write("policies/changes.toml", without);
    let (_, report) = small(&repository, OPENS, CLOSES, &["--category", "data"], NOW);
    assert_eq!(kinds(&report), ["no-authority"], "{report:#}");
}

#[test]
fn two_models_for_one_change_decide_nothing() {
    let model = |id: &str, when: &str| {
        format!(
            "[change-model.{id}]\nname = \"{id}\"\ntype = \"normal\"\nowner = \"team:desk\"\n{when}\n\
             authority.critical = \"manager\"\nmaintenance-window = \"maintenance\"\nstaging-test = true\n\n"
        )
    };
    let both = model("data", "when.change.category = \"data\"")
        + &model("mail", "when.service.id = \"mail\"")
        + "[change-model.emergency]";
    let repository = with(&[("[change-model.emergency]", &both)]);
    let (result, report) = small(&repository, OPENS, CLOSES, &["--category", "data"], NOW);
    assert_eq!((result.status, kinds(&report)), (1, vec!["undecidable"]), "{report:#}");
    assert!(text(&report).contains("`data` and `mail` are both for it"), "{report:#}");
    assert!(report["reasons"][0]["place"].as_str().unwrap().starts_with("policies/changes.toml:"));
    let (result, report) = small(&repository, OPENS, CLOSES, &["--category", "facility"], NOW);
    assert_eq!((result.status, &report["model"]), (0, &json!("mail")));
}

/// A change of an item beside others, through a file.
fn beside(repository: &Repository, change: &Value, others: &Value) -> (Run, Value) {
    let mut change = change.clone();
    change["others"] = others.clone();
    let dated = json!({ "id": "C-1", "now": NOW, "change": change });
    repository.write("change.json", dated.to_string());
    run(repository, &["--change", "change.json"], "1999-01-01T00:00:00Z")
}

#[test]
fn what_belongs_together_is_not_changed_at_once() {
    let repository = with(&[]);
    let change = |item: &str| {
        json!({ "requester": "dan", "type": "normal", "configuration-item": item, "affected-users": 3,
            "tested": true, "rollback-plan": true, "start": OPENS, "end": "2026-11-29T07:00:00Z" })
    };
    let other = |id: &str, field: &str, value: &str, start: &str, end: &str| {
        let mut other = json!({ "id": id, "start": start, "end": end });
        other[field] = json!(value);
        other
    };
    let item = "configuration-item";
    let others = json!([
        other("later", item, "app", "2026-11-29T07:00:00Z", CLOSES),
        other("earlier", item, "app", "2026-11-29T04:00:00Z", OPENS),
        other("same", item, "app", "2026-11-29T06:59:59Z", CLOSES),
        other("below", item, "base", "2026-11-29T06:00:00Z", CLOSES),
        other("sibling", item, "shared", "2026-11-29T05:30:00Z", "2026-11-29T05:40:00Z"),
        other("whole", "service", "portal", "2026-11-29T04:00:00Z", "2026-11-29T05:00:01Z"),
        other("apart", "service", "mail", OPENS, CLOSES),
        other("alone", item, "lone", OPENS, CLOSES),
    ]);
    let found = |report: &Value| -> Vec<[String; 3]> {
        let all = report["conflicts"].as_array().unwrap();
        let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
        all.iter().map(|one| ["id", "kind", "with"].map(|field| text(one, field))).collect()
    };
    let (result, report) = beside(&repository, &change("app"), &others);
    assert_eq!((result.status, &report["id"]), (0, &json!("C-1")), "{report:#}");
    assert_eq!(report["at"], NOW, "the instant of the file comes first");
    assert_eq!(report["service"], "portal", "the only service that runs on it");
    assert_eq!(
        found(&report),
        [
            ["whole", "same-service", "portal"],
            ["sibling", "same-service", "portal"],
            ["below", "depends-on", "base"],
            ["same", "same-item", "app"],
        ]
    );
    assert_eq!(report["conflicts"][0]["end"], "2026-11-29T05:00:01Z");
    assert_eq!(report["verdict"], "needs-approval", "those who are asked weigh it");
    let (_, report) =
        beside(&repository, &change("base"), &json!([other("above", item, "app", OPENS, CLOSES)]));
    assert_eq!(found(&report), [["above", "needed-by", "app"]]);
    // Nobody is asked about a standard change, so that nobody weighs what gets in its way.
    let standard = json!({ "requester": "dan", "type": "standard", "service": "mail", "category": "configuration",
        "procedure": "restart",
        "start": OPENS, "end": CLOSES });
    let (_, report) = beside(
        &repository,
        &standard,
        &json!([other("move", "service", "mail", "2026-11-29T08:59:59Z", "2026-11-30T00:00:00Z")]),
    );
    assert_eq!(kinds(&report), ["conflict"]);
    let (_, report) = beside(
        &repository,
        &standard,
        &json!([other("move", "service", "mail", CLOSES, "2026-11-30T00:00:00Z")]),
    );
    assert_eq!(report["verdict"], "authorised");
}

#[test]
fn changes_of_services_that_need_each_other_get_in_each_others_way() {
    let repository = with(&[]);
    let more = repository.read("catalog/more.toml");
    let needs = |service: &str, other: &str, text: &str| {
        let heading = format!("[service.{service}]\n");
        assert!(text.contains(&heading));
        text.replacen(&heading, &format!("{heading}depends-on = [\"{other}\"]\n"), 1)
    };
    // The shop needs the portal, and the portal needs mail.
    repository.write("catalog/more.toml", needs("portal", "mail", &needs("shop", "portal", &more)));
    let standard = |service: &str| {
        json!({ "requester": "dan", "type": "standard", "service": service, "category": "configuration",
            "procedure": "restart",
            "start": OPENS, "end": CLOSES })
    };
    let met = |own: &str, theirs: &str| {
        let other = json!([{ "id": "C-7", "start": OPENS, "end": CLOSES, "service": theirs }]);
        let (_, report) = beside(&repository, &standard(own), &other);
        let conflict = &report["conflicts"][0];
        let text = |field: &str| conflict[field].as_str().unwrap_or("-").to_owned();
        (text("kind"), text("with"), report["verdict"].as_str().unwrap().to_owned())
    };
    let said = |kind: &str, with: &str, verdict: &str| (kind.to_owned(), with.to_owned(), verdict.to_owned());
    assert_eq!(met("portal", "mail"), said("depends-on", "mail", "denied"));
    assert_eq!(met("shop", "mail"), said("depends-on", "mail", "denied"), "by way of the portal");
    assert_eq!(met("mail", "shop"), said("needed-by", "shop", "denied"));
    repository.write("catalog/more.toml", needs("shop", "portal", &more));
    let (kind, with, _) = met("shop", "mail");
    assert_eq!((kind.as_str(), with.as_str()), ("-", "-"), "mail is needed by neither");
    assert_eq!(met("mail", "portal").2, "authorised", "nor does mail need the portal");
}

#[test]
fn whoever_has_left_changes_nothing() {
    let repository = with(&[]);
    let people = repository.read("catalog/organisation.toml");
    let left = people.replacen("[person.dan]\n", "[person.dan]\nend = 2026-11-19\n", 1);
    assert_ne!(left, people);
    repository.write("catalog/organisation.toml", &left);
    let (_, report) = small(&repository, OPENS, CLOSES, &[], NOW);
    assert_eq!(kinds(&report), ["unable"], "{report:#}");
    repository.write("catalog/organisation.toml", left.replace("2026-11-19", "2026-11-20"));
    let (_, report) = small(&repository, OPENS, CLOSES, &[], NOW);
    assert_eq!(report["verdict"], "needs-approval", "{report:#}");
    // Software carries changes out, and answers for none.
    let (_, report) = small(&repository, OPENS, CLOSES, &["--owner", "bot"], NOW);
    assert_eq!(kinds(&report), ["unable"]);
}

#[test]
fn people_read_the_verdict_first() {
    let repository = with(&[]);
    let all = ["simulate", "change", "--now", NOW, "dan", "--type", "normal", "--service", "mail"];
    let times = ["--affected-users", "9", "--tested", "--start", OPENS, "--end", CLOSES];
    let run = gitsm(&[&all[..], &times].concat(), repository.path());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let parts = [
        "needs approval: normal change of mail, low risk\n",
        "\nwho has to agree\n  1. manager/manager",
        "at the latest Tue 2026-11-24 13:00 Europe/Berlin; after that it is denied",
        "\nwhen\n  from Sun 2026-11-29 06:00 Europe/Berlin to Sun 2026-11-29 10:00 Europe/Berlin\n",
        "  inside the maintenance window  calendar:maintenance  policies/changes.toml:",
        "\nwhat has to be brought\n  staging-test: brought",
        "  rollback-plan: missing",
        "\nwhy\n  change-model:normal  is the model that it follows  policies/changes.toml:",
        "  change-model:normal/small  gives it low risk  policies/changes.toml:",
    ];
    let mut rest = run.stdout.as_str();
    assert!(rest.starts_with(parts[0]), "{rest}");
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("`{part}` is not in {}", run.stdout));
        rest = &rest[at + part.len()..];
    }
}

/// What is changed before anybody uses it, or after it was switched off, is decided like any other change, and says so.
#[test]
fn a_change_of_a_service_that_is_not_in_use_says_so() {
    for (lifecycle, words) in [
        ("retired", Some("the service `mail` is retired: it was switched off")),
        ("proposed", Some("the service `mail` is proposed: it is not in use yet")),
        ("active", None),
        ("deprecated", None),
    ] {
        let repository = with(&[]);
        let services = repository.read("catalog/services.toml");
        let written = format!("lifecycle = \"{lifecycle}\"");
        repository.write("catalog/services.toml", services.replacen("lifecycle = \"active\"", &written, 1));
        let (run, report) = small(&repository, OPENS, CLOSES, &[], NOW);
        assert_eq!(
            (run.status, &report["verdict"]),
            (0, &json!("needs-approval")),
            "{lifecycle}: {report:#}"
        );
        let remarks = report["remarks"].as_array().cloned().unwrap_or_default();
        let found: Vec<&str> = remarks.iter().map(|one| one["text"].as_str().unwrap()).collect();
        assert_eq!(found, words.into_iter().collect::<Vec<_>>(), "{lifecycle}");
    }
}
