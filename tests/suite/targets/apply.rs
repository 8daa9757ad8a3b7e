//! `gitsm apply`, `drift` and `import target`: what is done, and what is refused because something is otherwise.

use std::fs;

use serde_json::Value;

use super::{CLOCK, NOW, apply, apply_at, is_settled, plan, publish, repository};
use crate::{
    git::support::Git,
    support::{Repository, gitsm},
};

#[test]
fn what_was_applied_plans_empty_and_an_empty_plan_writes_nothing() {
    let repository = repository();
    publish(repository.path());
    is_settled(repository.path());
    let stamp = |path: &str| fs::metadata(repository.path().join(path)).unwrap().modified().unwrap();
    let paths = [
        "public/index.json",
        "public/.gitsm/state.json",
        "public/.gitsm/journal.jsonl",
        "public/.gitsm/lock",
    ];
    let before = paths.map(stamp);
    let run = apply(repository.path(), &["--format", "json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&report["planned"], &report["applied"]), (&0.into(), &0.into()));
    assert_eq!(paths.map(stamp), before);
}

#[test]
fn an_edited_plan_is_refused_and_the_plan_as_it_was_is_not() {
    let repository = repository();
    plan(repository.path(), &[]);
    let text = repository.read("plan.json");
    for (from, to, status) in [
        ("\"expires\": \"2026-11-21", "\"expires\": \"2027-11-21", 4),
        ("\"deletes\": 10", "\"deletes\": 1000", 4),
        ("\"format-version\": 1", "\"format-version\": 2", 4),
        ("\"format-version\": 1", "\"format-version\": \"1\"", 4),
        ("\"tool\"", "\"tol\"", 4),
        ("{", "[", 4),
    ] {
        assert!(text.contains(from), "{from}");
        repository.write("plan.json", text.replacen(from, to, 1));
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, status, "{from}: {run:?}");
    }
    assert!(!repository.path().join("public").exists());
    repository.write("plan.json", &text);
    assert_eq!(apply(repository.path(), &[]).status, 0);
}

#[test]
fn a_plan_that_was_forged_does_not_hold() {
    let repository = repository();
    plan(repository.path(), &[]);
    // Somebody takes an operation out and seals the plan anew.
    let mut forged = gitsm::plan::Plan::read(&repository.read("plan.json")).unwrap();
    let taken = forged.operations.remove(0);
    let forged = forged.sealed();
    repository.write("plan.json", serde_json::to_string(&forged).unwrap());
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    let words = format!("`{}`: nothing was planned, and now it would be create", taken.object);
    assert!(run.stderr.contains(&words), "{}", run.stderr);
}

#[test]
fn a_plan_expires_at_its_second() {
    let repository = repository();
    plan(repository.path(), &[]);
    // What counts as now for the rulebook does not bring an expired plan back.
    let at = |clock: &str| apply_at(repository.path(), clock, &[]);
    let run = at("2026-11-21T12:00:00Z");
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("expired at 2026-11-21T12:00:00Z"), "{}", run.stderr);
    assert_eq!(at("2026-11-21T11:59:59Z").status, 0);
}

#[test]
fn what_changed_since_the_plan_is_named() {
    let repository = repository();
    publish(repository.path());
    let services = repository.read("catalog/services.toml");
    let changed = services.replacen("Mailboxes and calendars", "Mailboxes", 1);
    assert_ne!(services, changed);
    repository.write("catalog/services.toml", &changed);
    plan(repository.path(), &[]);
    // The rulebook changes.
    repository.write("catalog/services.toml", services.replacen("Mailboxes and calendars", "Post", 1));
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(
        run.stderr.contains("`service/mail`: update as before, but the rulebook says something else"),
        "{}",
        run.stderr
    );
    // The folder changes.
    repository.write("catalog/services.toml", &changed);
    let file = repository.read("public/v1/service/mail.json");
    repository.write("public/v1/service/mail.json", file.replacen("Mailboxes", "Nothing", 1));
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(
        run.stderr.contains("`service/mail`: update as before, but the target holds something else"),
        "{}",
        run.stderr
    );
    repository.write("public/v1/service/mail.json", file);
    assert_eq!(apply(repository.path(), &[]).status, 0);
    is_settled(repository.path());
}

#[test]
fn a_plan_is_for_its_repository_its_target_and_its_commit() {
    let repository = repository();
    plan(repository.path(), &[]);
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", settings.replacen("\"Example\"", "\"Other\"", 1));
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("the repository was `Example` and is `Other`"), "{}", run.stderr);
    repository.write(
        "gitsm.toml",
        format!("{settings}\n[target.static]\ntype = \"static\"\nfolder = \"elsewhere\"\n"),
    );
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("the place of the target was `public` and is `elsewhere`"), "{}", run.stderr);
    repository.write("gitsm.toml", &settings);
    assert_eq!(apply(repository.path(), &[]).status, 0);
    // The folder belongs to this repository from now on.
    repository.write("gitsm.toml", settings.replacen("\"Example\"", "\"Other\"", 1));
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("holds what the repository `Example` says"), "{}", run.stderr);
}

#[test]
fn a_plan_of_a_commit_is_applied_as_the_commit_says() {
    let git = Git::base();
    let run = plan(git.path(), &["--at", "main"]);
    assert_eq!(run.status, 0, "{run:?}");
    // What is in the folder by now does not matter, and neither does where `main` is.
    git.write("catalog/more.toml", "[team.more\n");
    git.commit("More");
    let run = apply(git.path(), &["--at", "main"]);
    assert_eq!(run.status, 1, "{run:?}");
    git.write("catalog/more.toml", "");
    git.commit("Less");
    let run = apply(git.path(), &["--at", "main"]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("the rulebook was `"), "{}", run.stderr);
    let run = apply(git.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let index: Value = serde_json::from_str(&git.read("public/index.json")).unwrap();
    assert_eq!(index["commit"], git.git(&["rev-parse", "main~2"]).trim());
    // Another repository does not have the commit.
    let other = repository();
    fs::copy(git.path().join("plan.json"), other.path().join("plan.json")).unwrap();
    let run = apply(other.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("there is no Git repository here"), "{run:?}");
}

#[test]
fn drift_tells_what_others_did_from_what_is_not_applied_yet() {
    let repository = repository();
    publish(repository.path());
    let drift = || {
        let run =
            gitsm(&["drift", "--target", "static", "--now", NOW, "--format", "json"], repository.path());
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let names = |list: &str| {
            let list = report[list].as_array().unwrap().iter();
            list.filter(|one| one.get("derived").is_none())
                .map(|one| format!("{} {}", one["action"].as_str().unwrap(), one["object"].as_str().unwrap()))
                .collect::<std::collections::BTreeSet<_>>()
        };
        (run.status, names("changed-outside"), names("not-applied-yet"))
    };
    let none = std::collections::BTreeSet::<String>::new();
    assert_eq!(drift(), (0, none.clone(), none.clone()));
    let mail = repository.read("public/v1/service/mail.json");
    repository.write("public/v1/service/mail.json", mail.replace("Mailboxes", "Spam"));
    fs::remove_file(repository.path().join("public/v1/tier/standard.json")).unwrap();
    assert_eq!(
        drift(),
        (3, ["create tier/standard", "update service/mail"].map(str::to_owned).into(), none.clone())
    );
    let services = repository.read("catalog/services.toml");
    repository.write("catalog/services.toml", services.replacen("\"Software\"", "\"Programs\"", 1));
    let (status, outside, pending) = drift();
    assert_eq!((status, outside.len()), (3, 2));
    assert_eq!(pending, ["update category/software".to_owned()].into());
    // Planning and applying sets all of it right.
    publish(repository.path());
    is_settled(repository.path());
    assert_eq!(drift(), (0, none.clone(), none));
}

#[test]
fn what_is_imported_plans_empty() {
    let repository = Repository::with(&[
        ("gitsm.toml", "[project]\nname = \"Small\"\n"),
        (
            "catalog/a.toml",
            "[category.mail]\nname = \"Mail\"\nfunction = \"it\"\n\n[calendar.office]\nname = \"Office\"\n\
             time-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"09:00-17:00\"]\nholidays.2026-12-25 = \"Christmas\"\n\
             overrides.2026-12-24 = [\"09:00-12:00\"]\n",
        ),
    ]);
    publish(repository.path());
    fs::remove_file(repository.path().join("catalog/a.toml")).unwrap();
    let import = |more: &[&str]| {
        gitsm(&[&["import", "target", "--target", "static"], more].concat(), repository.path())
    };
    let shown = import(&["--dry-run"]);
    assert_eq!(shown.status, 0, "{shown:?}");
    assert!(!repository.path().join("catalog/imported-static.toml").exists());
    let run = import(&[]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(gitsm(&["validate"], repository.path()).status, 0);
    assert_eq!(gitsm(&["fmt", "--check"], repository.path()).status, 0);
    is_settled(repository.path());
    let again = import(&[]);
    assert_eq!(again.status, 0, "{again:?}");
    assert!(again.stderr.contains("nothing that the rulebook does not have"), "{}", again.stderr);
    let text = repository.read("catalog/imported-static.toml");
    repository.write("catalog/imported-static.toml", text.replace("\"Mail\"", "\"Post\""));
    let run = import(&[]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.contains("`category/mail` differs"), "{}", run.stderr);
}

#[test]
fn no_secret_of_the_environment_and_none_of_a_document_gets_out() {
    let canary = "canary-7f3a9c";
    let repository = repository();
    let run = |arguments: &[&str]| {
        let mut command = crate::support::command(arguments, repository.path());
        command.env(CLOCK, NOW).env("GITSM_TOKEN", canary).env("SERVICE_DESK_TOKEN", canary);
        crate::support::run(command)
    };
    let settings = repository.read("gitsm.toml");
    repository.write(
        "gitsm.toml",
        format!("{settings}\n[target.site]\ntype = \"static\"\nfolder = \"public\"\ntoken-variable = \"SERVICE_DESK_TOKEN\"\n"),
    );
    let mut shown = String::new();
    for arguments in [
        &["plan", "--target", "site", "--now", NOW, "--out", "plan.json"][..],
        &["plan", "--target", "site", "--now", NOW, "--format", "json"],
        &["plan", "--target", "site", "--now", NOW, "--format", "markdown"],
        &["apply", "plan.json", "--now", NOW],
        &["drift", "--target", "site", "--now", NOW],
        &["apply", "plan.json", "--now", NOW],
    ] {
        let run = run(arguments);
        shown += &run.stdout;
        shown += &run.stderr;
    }
    for entry in walkdir::WalkDir::new(repository.path()) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            shown += &String::from_utf8_lossy(&fs::read(entry.path()).unwrap());
        }
    }
    assert!(!shown.contains(canary));
    // A secret in a document is not published even where its finding is silenced.
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    repository.write("gitsm.toml", format!("{settings}\n[lints]\nlevels.GS2091 = \"off\"\n"));
    let services = repository.read("catalog/services.toml");
    repository.write("catalog/services.toml", services.replacen("Mailboxes and", &format!("{token} and"), 1));
    let run = run(&["plan", "--target", "static", "--now", NOW]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(
        run.stderr.contains("`service/mail` would publish a GitHub token in its field `fields.description`"),
        "{}",
        run.stderr
    );
    assert!(!format!("{run:?}").contains(token));
}
