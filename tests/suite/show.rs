//! `gitsm show`.

use gitsm::model::Kind;
use serde_json::Value;

use crate::{
    golden::Folder,
    support::{Repository, Run, gitsm},
};

const NOW: &str = "2026-11-20T12:00:00Z";

/// The repository that `gitsm init` writes.
fn example() -> Repository {
    let repository = Repository::empty();
    let run = gitsm(&["init", "--name", "Example", "--now", NOW], repository.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    repository
}

fn show(arguments: &[&str], repository: &Repository) -> Run {
    gitsm(&[&["show", "--now", NOW], arguments].concat(), repository.path())
}

fn json(what: &[&str], repository: &Repository) -> Value {
    let run = show(&[what, &["--format", "json"]].concat(), repository);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["format-version"], 1);
    report
}

#[test]
fn what_people_see_is_kept() {
    let repository = example();
    let mut kept = Folder::new("tests/snapshots/show", ".txt");
    for (name, what) in [
        ("kinds", None),
        ("services", Some("service")),
        ("people", Some("person")),
        ("service", Some("service/mail")),
        ("request-type", Some("request-type/mail-access")),
        ("team", Some("team/security")),
        ("person", Some("person/tomas.reyes")),
        ("workflow", Some("workflow/manager-and-security")),
        ("access", Some("access/mail")),
        ("calendar", Some("calendar/office")),
        ("sla", Some("sla/standard")),
        ("matrix", Some("priority-matrix/incidents")),
    ] {
        let arguments: Vec<&str> = what.into_iter().collect();
        let run = show(&arguments, &repository);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{name}");
        for line in run.stdout.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
            assert_eq!(line, line.trim_end(), "{name}");
        }
        kept.check(name, &run.stdout);
        let coloured =
            gitsm(&[&["--color", "always", "show", "--now", NOW], &*arguments].concat(), repository.path());
        assert_eq!(anstream::adapter::strip_str(&coloured.stdout).to_string(), run.stdout, "{name}");
        assert_ne!(coloured.stdout, run.stdout, "{name}");
    }
    kept.finish();
}

#[test]
fn every_object_of_every_kind_can_be_shown() {
    let repository = example();
    let mut number = 0;
    for kind in Kind::ALL {
        let run = show(&[kind.name()], &repository);
        assert_eq!(run.status, 0, "{}: {}", kind.name(), run.stderr);
        for object in json(&[kind.name()], &repository)["objects"]["list"].as_array().unwrap() {
            let what = format!("{}/{}", kind.name(), object["id"].as_str().unwrap());
            assert_eq!(show(&[&what], &repository).status, 0, "{what}");
            assert_eq!(json(&[&what], &repository)["object"]["fields"], object["fields"], "{what}");
            number += 1;
        }
    }
    assert!(number > 15, "{number} objects");
}

#[test]
fn a_service_is_resolved() {
    let repository = example();
    let service = json(&["service/mail"], &repository)["object"].take();
    let people = |who: &Value| -> Vec<String> {
        let people = who["people"].as_array().unwrap().iter();
        people.map(|person| person["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(people(&service["owner"]), ["Maya Lindqvist", "Tomas Reyes", "Priya Nair"]);
    assert_eq!(service["tier"]["rank"], 2);
    assert_eq!(service["tier"]["downtime-cost"], "1000 EUR");
    let level = &service["service-level"];
    assert_eq!(
        (level["agreement"].as_str(), level["through"].as_str()),
        (Some("sla/standard"), Some("tier/standard"))
    );
    assert_eq!(
        level["targets"][0],
        serde_json::json!({ "priority": "p1", "respond": "30m", "resolve": "4h" })
    );
    assert_eq!(level["calendar"]["weekly"], serde_json::json!(["mon-fri 09:00-17:00"]));
    assert_eq!(service["entitlements"][0]["owner"], "team:service-desk", "inherited from the service");
    assert_eq!(service["entitlements"][1]["owner"], "team:security");
    let rules: Vec<&str> =
        service["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["access:mail/everybody", "access:mail/administrators"]);
    let stages = service["workflows"][0]["stages"].as_array().unwrap();
    assert_eq!(people(&stages[1]["approvers"][0]), ["Tomas Reyes", "Priya Nair", "Jonas Weber"]);
}

#[test]
fn places_are_lines_of_the_files() {
    let repository = example();
    let service = json(&["service/mail"], &repository)["object"].take();
    let line = |place: &Value| {
        let text = repository.read(place["file"].as_str().unwrap());
        let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
        text.lines().nth(line - 1).unwrap().to_owned()
    };
    assert_eq!(line(&service["place"]), "[service.mail]");
    assert_eq!(line(&service["rules"][1]["place"]), "[[access.mail.rule]]");
    for link in service["refers-to"].as_array().unwrap() {
        let object = link["object"].as_str().unwrap().split('/').take(2).collect::<Vec<_>>().join(".");
        assert!(line(&link["place"]).contains(&object), "{link}");
    }
    let referring = service["referred-by"].as_array().unwrap();
    assert_eq!(referring.len(), 7);
    for link in referring {
        assert!(line(&link["place"]).contains("mail"), "{link}");
    }
}

#[test]
fn policies_are_in_the_order_in_which_they_are_read() {
    let repository = example();
    let policy = |id: &str, scope: &str| {
        format!(
            "[access.{id}]\nname = \"{id}\"\napplies-to{scope}\nrule = [{{ id = \"x\", decision = \"deny\" }}]\n\n"
        )
    };
    let text = [
        policy("a", " = \"everything\""),
        policy("b", ".category = \"collaboration\""),
        policy("z", ".entitlement = \"mail/administrator\""),
        policy("c", ".service = \"other\""),
        "[service.other]\nname = \"Other\"\n".to_owned(),
    ];
    repository.write("policies/more.toml", text.concat());
    let service = json(&["service/mail"], &repository)["object"].take();
    let rules: Vec<&str> =
        service["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert_eq!(
        rules,
        ["access:z/x", "access:mail/everybody", "access:mail/administrators", "access:b/x", "access:a/x"]
    );
}

#[test]
fn people_who_cannot_act_are_marked() {
    let repository = example();
    let text = repository.read("catalog/organisation.toml");
    repository.write(
        "catalog/organisation.toml",
        text.replace("name = \"Priya Nair\"", "name = \"Priya Nair\"\nstatus = \"on-leave\""),
    );
    let run = show(&["team/security"], &repository);
    assert!(
        run.stdout.lines().any(|line| line.contains("Priya Nair") && line.ends_with("on-leave")),
        "{}",
        run.stdout
    );
    assert!(show(&["service/mail"], &repository).stdout.contains("Priya Nair [on-leave]"));
}

#[test]
fn unknown_names_get_a_hint() {
    let repository = example();
    for (what, hint) in [
        ("servce", "did you mean `service`?"),
        ("qqqq", "`gitsm schema` lists the kinds"),
        ("service/mial", "did you mean `service/mail`?"),
        ("team/mail", "did you mean `service/mail`?"),
        ("service/qqqq", "`gitsm show service` lists what there is"),
        ("service/mail/mailbox", "`gitsm show service/mail` shows it"),
        ("service/\u{1b}[31m", "`gitsm show service`"),
    ] {
        let run = show(&[what], &repository);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{what}");
        assert!(run.stderr.contains(hint), "{what}: {}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    }
    // The usual slips are understood.
    for what in ["services", "service/", "service:mail"] {
        assert_eq!(show(&[what], &repository).status, 0, "{what}");
    }
}

#[test]
fn a_repository_with_findings_is_shown_all_the_same() {
    let repository = example();
    repository.write("catalog/more.toml", "[tenant.acme]\nname = \"Acme\"\nowner = \"team:nobody\"\n");
    let run = show(&["tenant/acme"], &repository);
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("team:nobody"), "{}", run.stdout);
    assert!(run.stderr.contains("the repository has 1 error: `gitsm validate`"), "{}", run.stderr);
    repository.write("catalog/more.toml", "[tenant.acme\n");
    let run = show(&["tenant/acme"], &repository);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("not everything could"), "{}", run.stderr);
}

#[test]
fn managers_in_a_circle_are_listed_once() {
    let repository = example();
    let text = repository.read("catalog/organisation.toml");
    let circle = text.replace("title = \"Head of IT\"", "title = \"Head of IT\"\nmanager = \"tomas.reyes\"");
    repository.write("catalog/organisation.toml", circle);
    let person = json(&["person/jonas.weber"], &repository)["object"].take();
    let managers: Vec<&str> = person["managers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|manager| manager["id"].as_str().unwrap())
        .collect();
    assert_eq!(managers, ["maya.lindqvist", "tomas.reyes"]);
}

#[test]
fn nothing_raw_reaches_the_terminal() {
    let repository = example();
    let nasty = "\\u001b[31m\\u202e\\u0007\\nx";
    let text = format!(
        "[tenant.nasty]\nname = \"{nasty}\"\ndescription = \"{nasty}\"\nowner = \"person:nasty\"\n\n\
         [person.nasty]\nname = \"{nasty}\"\ntitle = \"{nasty}\"\n\n[team.nasty]\nname = \"{nasty}\"\nmembers = [\"nasty\"]\n"
    );
    repository.write("catalog/nasty.toml", text);
    for what in [
        &["tenant"][..],
        &["tenant", "--wide"],
        &["tenant/nasty"],
        &["person/nasty"],
        &["team/nasty"],
        &["person"],
        &[],
    ] {
        let run = show(what, &repository);
        assert_eq!(run.status, 0, "{what:?}: {}", run.stderr);
        assert!(!run.stdout.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{what:?}: {:?}", run.stdout);
    }
}

#[test]
fn long_lists_are_cut_and_wide_ones_are_not() {
    let repository = example();
    let long = "a very long name of a tenant that does not fit into the width of a terminal at all";
    repository
        .write("catalog/more.toml", format!("[tenant.acme]\nname = \"{long}\"\nowner = \"team:security\"\n"));
    let run = show(&["tenant"], &repository);
    assert!(
        run.stdout.contains('…') && run.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        run.stdout
    );
    let run = show(&["tenant", "--wide"], &repository);
    assert!(run.stdout.contains(&format!("acme  {long}  team:security")), "{}", run.stdout);
}

#[test]
fn outside_a_repository_there_is_nothing_to_show() {
    let folder = Repository::empty();
    let run = gitsm(&["show"], folder.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
}

#[test]
fn a_rulebook_that_could_be_read_in_part_only_is_not_shown_as_if_it_were_whole() {
    let repository = Repository::base();
    assert_eq!(gitsm(&["show", "service/mail"], repository.path()).status, 0);
    let access = repository.read("policies/access.toml").replace("id = \"everybody\"", "id = 1");
    repository.write("policies/access.toml", access);
    let run = gitsm(&["show", "service/mail"], repository.path());
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.contains("not everything could be read"), "{}", run.stderr);
}

#[test]
fn what_was_guessed_is_said() {
    let repository = Repository::base();
    let run = |what: &str| gitsm(&["show", what, "--now", "2026-11-20"], repository.path());
    assert_eq!(run("service").stderr, "");
    assert_eq!(run("service:mail").stderr, "");
    for what in ["services", "services/mail", "services/"] {
        let guessed = run(what);
        assert_eq!(
            (guessed.status, guessed.stderr.as_str()),
            (0, "`services` is taken for the kind `service`\n")
        );
        assert_eq!(guessed.stdout, run(&what.replace("services", "service")).stdout);
    }
}

#[test]
fn what_could_not_be_read_is_not_said_to_be_missing() {
    let repository = Repository::base();
    let run = || gitsm(&["show", "bundle", "--now", "2026-11-20"], repository.path());
    assert_eq!((run().status, run().stdout.as_str()), (0, "there is no bundle in the repository\n"));
    repository.write("catalog/broken.toml", "[bundle.sales\n");
    assert_eq!((run().status, run().stdout.as_str()), (1, "there is no bundle in what could be read\n"));
}
