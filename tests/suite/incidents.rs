//! What follows from an incident, through the real binary.

use serde_json::{Value, json};

use crate::support::{Repository, Run, gitsm};

/// A Monday morning in Berlin.
const NOW: &str = "2026-11-23T09:00:00Z";

const MORE: &str = r#"
[team.network]
name = "Network"
members = ["ben", "dan"]
lead = "ben"

[team.network.on-call]
calendar = "always"
rotation = ["ben", "dan"]
shift = "7d"
start = 2026-11-16

[calendar.always]
name = "Always"
time-zone = "Europe/Berlin"
weekly.mon-sun = ["00:00-24:00"]

[configuration-item.switch]
name = "Switch"
class = "network"
support-team = "network"

[category.lines]
name = "Lines"
function = "it"
parent = "software"
owner = "team:network"
"#;

const RULES: &str = r#"
[[routing.incidents.rule]]
id = "lines"
when.incident.category = "lines"
when.not.incident.security = true
team = "network"
queue = "NET"

[[routing.incidents.rule]]
id = "items"
when.incident.configuration-item.exists = true
to = "configuration-item-team"

[[routing.incidents.rule]]
id = "mail"
when.service.id = "mail"
when.incident.outside-hours = true
to = "support-team"
"#;

fn repository() -> Repository {
    let repository = Repository::base();
    repository.write("catalog/more.toml", MORE);
    let incidents = repository.read("policies/incidents.toml");
    repository.write("policies/incidents.toml", format!("{incidents}{RULES}"));
    repository
}

fn simulate(repository: &Repository, arguments: &[&str], now: &str) -> (Run, Value) {
    let mut all = vec!["simulate", "incident", "--now", now, "--format", "json"];
    all.extend(arguments);
    let run = gitsm(&all, repository.path());
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    (run, report)
}

#[test]
fn the_matrix_gives_the_priority_and_the_sla_the_instants() {
    let repository = repository();
    let (run, report) =
        simulate(&repository, &["--service", "mail", "--impact", "high", "--urgency", "low"], NOW);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let decision = &report["decision"];
    assert_eq!(decision["priority"], "p2");
    assert_eq!(decision["team"], "desk");
    assert_eq!(decision["sla"], "standard");
    // Office hours are 09:00 to 17:00 in Berlin: it is ten, and eight hours are up at ten on the next day.
    let dues: Vec<(&str, &str)> = decision["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clock| (clock["target"].as_str().unwrap(), clock["due"].as_str().unwrap()))
        .collect();
    assert_eq!(dues, [("respond", "2026-11-23T10:00:00Z"), ("resolve", "2026-11-24T09:00:00Z")]);
    assert_eq!(decision["clocks"][1]["at-risk"], json!([{ "share": "75%", "at": "2026-11-23T15:00:00Z" }]));
    assert_eq!(decision["cost-per-hour"], "1000 EUR");
    assert_eq!(decision["major"], json!([]));
    let told: Vec<(&str, &str)> = decision["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alarm| (alarm["step"].as_str().unwrap(), alarm["at"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("standard/lead", "2026-11-23T15:00:00Z"), ("standard/head", "2026-11-24T09:00:00Z")]);
    assert_eq!(decision["timeline"][0]["people"][0]["id"], "ana");
}

#[test]
fn a_major_incident_says_what_follows() {
    let repository = repository();
    let (_, report) =
        simulate(&repository, &["--service", "mail", "--impact", "high", "--urgency", "high"], NOW);
    let major = &report["decision"]["major"][0];
    assert_eq!(major["definition"], "default");
    assert_eq!(major["commander"][0]["id"], "ana");
    assert_eq!((&major["problem-record"], &major["change-link"]), (&json!(true), &json!(true)));
    let (_, neighbour) =
        simulate(&repository, &["--service", "mail", "--impact", "low", "--urgency", "high"], NOW);
    assert_eq!(neighbour["decision"]["major"], json!([]));
}

#[test]
fn who_cannot_be_reached_is_not_on_call() {
    let repository = repository();
    let organisation = repository.read("catalog/organisation.toml");
    let lines = ["--service", "mail", "--category", "lines", "--impact", "low", "--urgency", "low"];
    for (change, why) in [
        ("end = 2026-11-22", "is inactive"),
        ("status = \"inactive\"", "is inactive"),
        ("status = \"on-leave\"", "is on leave"),
        ("start = 2026-11-24", "has not started yet"),
    ] {
        let changed = organisation.replacen("[person.dan]\n", &format!("[person.dan]\n{change}\n"), 1);
        assert_ne!(changed, organisation);
        repository.write("catalog/organisation.toml", changed);
        let (run, report) = simulate(&repository, &lines, NOW);
        assert_eq!(run.status, 0, "{run:#?}");
        let decision = &report["decision"];
        assert_eq!((&decision["team"], &decision["on-call"]), (&json!("network"), &Value::Null), "{change}");
        assert_eq!((&decision["absent"]["id"], &decision["absent"]["why"]), (&json!("dan"), &json!(why)));
        let read = gitsm(&[&["simulate", "incident", "--now", NOW], &lines[..]].concat(), repository.path());
        assert!(read.stdout.contains(&format!("  on call: nobody, Dan Kim {why}\n")), "{}", read.stdout);
    }
    repository.write(
        "catalog/organisation.toml",
        organisation.replacen("[person.dan]\n", "[person.dan]\nend = 2026-11-23\n", 1),
    );
    let (_, report) = simulate(&repository, &lines, NOW);
    let decision = &report["decision"];
    assert_eq!((&decision["on-call"]["id"], &decision["absent"]), (&json!("dan"), &Value::Null));
}

#[test]
fn the_first_rule_that_matches_routes() {
    let repository = repository();
    let route = |arguments: &[&str], now: &str| {
        let mut all = vec!["--impact", "low", "--urgency", "low"];
        all.extend(arguments);
        let (run, report) = simulate(&repository, &all, now);
        assert_eq!(run.status, 0, "{report:#}");
        let decision = &report["decision"];
        let text = |field: &str| decision[field].as_str().unwrap_or("-").to_owned();
        let on_call = decision["on-call"]["id"].as_str().unwrap_or("-").to_owned();
        (text("team"), text("routed-by"), on_call)
    };
    let by = |team: &str, rule: &str, on_call: &str| (team.to_owned(), rule.to_owned(), on_call.to_owned());
    // The second week of the rota is Dan's.
    let lines = ["--service", "mail", "--category", "lines"];
    assert_eq!(route(&lines, NOW), by("network", "routing:incidents/lines", "dan"));
    assert_eq!(route(&lines, "2026-11-22T22:59:59Z").2, "ben", "until midnight in Berlin it is Ben's");
    assert_eq!(route(&lines, "2026-11-15T22:59:59Z").2, "-", "before its first day the rota has nobody");
    let security = ["--service", "mail", "--category", "lines", "--security"];
    assert_eq!(route(&security, NOW), by("desk", "-", "-"));
    let item = ["--service", "mail", "--configuration-item", "switch"];
    assert_eq!(route(&item, NOW), by("network", "routing:incidents/items", "dan"));
    // Mail has no support hours of its own: those of its SLA hold.
    assert_eq!(
        route(&["--service", "mail"], "2026-11-23T20:00:00Z"),
        by("desk", "routing:incidents/mail", "-")
    );
    assert_eq!(route(&["--service", "mail"], NOW), by("desk", "-", "-"));
}

#[test]
fn what_makes_no_sense_is_said() {
    let repository = repository();
    for (arguments, why) in [
        (&["--impact", "huge", "--urgency", "low"][..], "`impact` is `huge`: write one of high, low"),
        (&["--impact", "low", "--urgency", "low", "--service", "nail"], "there is no service `nail`"),
        (&["--impact", "low", "--urgency", "low", "--category", "x"], "there is no category `x`"),
        (&["--impact", "low", "--urgency", "low"], "the incident is about no service"),
    ] {
        let (run, report) = simulate(&repository, arguments, NOW);
        assert_eq!(run.status, 1, "{arguments:?}");
        assert!(report["problems"][0].as_str().unwrap().contains(why), "{why}: {report:#}");
        assert_eq!(report["decision"], Value::Null);
    }
    let (run, report) =
        simulate(&repository, &["--impact", "low", "--urgency", "low", "--service", "mail"], "1969-12-31");
    assert_eq!(run.status, 1);
    assert!(report["problems"][0].as_str().unwrap().contains("1970"), "{report:#}");
}

#[test]
fn incidents_come_as_a_stream_too() {
    let repository = repository();
    repository.write(
        "incidents.jsonl",
        "{\"id\":\"a\",\"now\":\"2026-11-23T09:00:00Z\",\"incident\":{\"service\":\"mail\",\"impact\":\"high\",\"urgency\":\"high\"}}\n{\"incident\":{\"impact\":\"high\"}}\n",
    );
    let run = gitsm(&["simulate", "incident", "--batch", "incidents.jsonl"], repository.path());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["decision"]["priority"]), (&json!("a"), &json!("p1")));
    assert!(lines[1]["error"].as_str().unwrap().contains("urgency"), "{}", lines[1]);
}

#[test]
fn escalations_that_list_a_service_or_its_tier_need_no_name() {
    let repository = repository();
    let levels = repository.read("catalog/service-levels.toml").replace("escalation = \"standard\"\n", "");
    let told = |list: &str, priority: (&str, &str)| {
        let listed = levels.replace("[escalation.standard]\n", &format!("[escalation.standard]\n{list}\n"));
        assert_ne!(listed, levels);
        repository.write("catalog/service-levels.toml", listed);
        let arguments = ["--service", "mail", "--impact", priority.0, "--urgency", priority.1];
        let (run, report) = simulate(&repository, &arguments, NOW);
        assert_eq!(run.status, 0, "{run:#?}");
        let steps = report["decision"]["timeline"].as_array().unwrap();
        steps.iter().map(|alarm| alarm["step"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = ["standard/lead", "standard/head"];
    assert_eq!(told("services = [\"mail\"]", ("high", "low")), both);
    assert_eq!(told("tiers = [\"standard\"]", ("high", "low")), both);
    assert_eq!(told("services = [\"mail\"]\npriorities = [\"p2\"]", ("high", "low")), both);
    let none: [&str; 0] = [];
    assert_eq!(told("services = [\"mail\"]\npriorities = [\"p1\"]", ("high", "low")), none);
    assert_eq!(told("", ("high", "low")), none, "nothing names it, and it lists nothing");
}

#[test]
fn the_service_of_an_incident_follows_from_its_item() {
    let repository = repository();
    let on = |item: &str, arguments: &[&str]| {
        let mut all = vec!["--impact", "high", "--urgency", "low", "--configuration-item", item];
        all.extend(arguments);
        simulate(&repository, &all, NOW)
    };
    let services = repository.read("catalog/services.toml");
    let mail = "[service.mail]\n";
    assert!(services.contains(mail));
    let runs = services.replace(mail, "[service.mail]\nconfiguration-items = [\"server\"]\n");
    repository.write("catalog/services.toml", &runs);
    let server = "[configuration-item.server]\nname = \"Server\"\nclass = \"server\"\ndepends-on = [\"switch\"]\nsupport-team = \"network\"\n";
    repository.write("catalog/more.toml", format!("{MORE}\n{server}"));
    for item in ["server", "switch"] {
        let (run, report) = on(item, &[]);
        assert_eq!(run.status, 0, "{run:#?}");
        let decision = &report["decision"];
        assert_eq!((&decision["service"], &decision["sla"]), (&json!("mail"), &json!("standard")), "{item}");
        assert_eq!(on(item, &["--service", "mail"]).1, report, "{item}");
    }
    // A second service on the server: nobody says which of them suffers.
    let second = runs
        .get(runs.find(mail).unwrap()..)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap()
        .replace(mail, "[service.post]\n");
    let other = second.replace("[service.post]", "[service.paper]").replace("[\"server\"]", "[]");
    repository.write("catalog/second.toml", format!("{second}\n\n{other}\n"));
    let (run, report) = on("server", &[]);
    assert_eq!(run.status, 1, "{report:#}");
    let several = "several services run on `server`: write as `service` the most important of `mail`, `post`";
    assert_eq!(report["problems"], json!([several]));
    assert_eq!(on("server", &["--service", "post"]).1["decision"]["service"], "post");
    let (run, report) = on("server", &["--service", "paper"]);
    assert_eq!(run.status, 1, "{report:#}");
    let wrong = "`service` is `paper`, which does not run on `server`: write one of `mail`, `post`";
    assert_eq!(report["problems"], json!([wrong]));
}

/// Nobody can have a service that was switched off or is only planned: an incident about it is decided about, and says so.
#[test]
fn an_incident_about_a_service_that_is_not_in_use_says_so() {
    let arguments = ["--service", "mail", "--impact", "high", "--urgency", "low"];
    for (lifecycle, words) in [
        ("retired", Some("the service `mail` is retired: it was switched off")),
        ("proposed", Some("the service `mail` is proposed: it is not in use yet")),
        ("active", None),
        ("deprecated", None),
    ] {
        let repository = repository();
        let services = repository.read("catalog/services.toml");
        let written = format!("lifecycle = \"{lifecycle}\"");
        repository.write("catalog/services.toml", services.replacen("lifecycle = \"active\"", &written, 1));
        let (run, report) = simulate(&repository, &arguments, NOW);
        let decision = &report["decision"];
        assert_eq!((run.status, &decision["priority"]), (0, &json!("p2")), "{lifecycle}: {}", run.stderr);
        let remarks = decision["remarks"].as_array().cloned().unwrap_or_default();
        assert_eq!(remarks.len(), usize::from(words.is_some()), "{lifecycle}");
        let all = [&["simulate", "incident", "--now", NOW], &arguments[..]].concat();
        let human = gitsm(&all, repository.path()).stdout;
        let Some(words) = words else {
            assert!(!human.contains("the service `mail` is"), "{human}");
            continue;
        };
        assert_eq!(
            (&remarks[0]["kind"], &remarks[0]["text"]),
            (&json!("service-not-offered"), &json!(words))
        );
        assert!(remarks[0]["place"].as_str().unwrap().starts_with("catalog/services.toml:"), "{remarks:?}");
        // Once in the answer and once among the reasons for it.
        assert_eq!(human.matches(words).count(), 2, "{human}");
    }
}
