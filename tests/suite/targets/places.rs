//! Which target a folder remembers, what two targets must not share, and what is known without a memory.

use std::path::Path;

use super::{
    CLOCK, NOW, categories, plan as plan_static, publish,
    stand_in::{Labels, StandIn},
};
use crate::support::{Repository, Run, command, run};

fn gitsm(repository: &Repository, arguments: &[&str]) -> Run {
    let mut command = command(arguments, repository.path());
    command.env(CLOCK, NOW).env("GITHUB_TOKEN", "canary-hub");
    run(command)
}

fn plan(repository: &Repository, more: &[&str]) -> Run {
    let arguments = ["plan", "--target", "forge", "--now", NOW, "--out", "plan.json"];
    gitsm(repository, &[&arguments[..], more].concat())
}

fn apply(repository: &Repository) -> Run {
    gitsm(repository, &["apply", "plan.json", "--now", NOW])
}

fn drift(repository: &Repository) -> Run {
    gitsm(repository, &["drift", "--target", "forge", "--now", NOW])
}

fn settle(repository: &Repository) {
    let planned = plan(repository, &[]);
    assert_eq!(planned.status, 0, "{planned:?}");
    let applied = apply(repository);
    assert_eq!(applied.status, 0, "{applied:?}");
    let run = plan(repository, &["--detailed-exitcode"]);
    assert_eq!(run.status, 0, "{run:?}");
}

fn settings(url: &str, of: &str, more: &str) -> String {
    format!(
        "{}\n[target.forge]\ntype = \"github\"\nrepository = \"{of}\"\nurl = \"{url}\"\ntoken-variable = \"GITHUB_TOKEN\"\n\
         options.teams = false\n{more}",
        Repository::base().read("gitsm.toml")
    )
}

fn repository(server: &StandIn, of: &str) -> Repository {
    let repository = Repository::base();
    repository.write("gitsm.toml", settings(&server.url, of, ""));
    repository
}

#[test]
fn a_folder_remembers_which_system_it_is_about() {
    let labels = Labels::default();
    let server = labels.serve();
    let repository = repository(&server, "example/staging");
    settle(&repository);
    let before = labels.of("example/staging");
    assert!(!before.is_empty());
    // Somebody else's, with the same names.
    for label in &before {
        labels.add("example/production", label["name"].as_str().unwrap(), "mine");
    }
    let other = settings(&server.url, "example/production", "");
    repository.write("gitsm.toml", &other);
    for run in [plan(&repository, &[]), plan(&repository, &["--take-over"]), drift(&repository)] {
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stderr.contains("this folder remembers `example/staging at http"), "{run:?}");
    }
    // In a folder of its own it is a target like every other one: what is in the way is in the way.
    repository.write("gitsm.toml", format!("{other}folder = \"production\"\n"));
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("was not made by gitsm"), "{run:?}");
    assert!(labels.of("example/production").iter().all(|label| label["description"] == "mine"));
    repository.write("gitsm.toml", settings(&server.url, "example/staging", ""));
    assert_eq!(plan(&repository, &["--detailed-exitcode"]).status, 0);
}

#[test]
fn a_memory_that_names_no_target_is_not_relied_on() {
    let labels = Labels::default();
    let server = labels.serve();
    let repository = repository(&server, "example/staging");
    settle(&repository);
    let file = "github/.gitsm/state.json";
    let mut state: serde_json::Value = serde_json::from_str(&repository.read(file)).unwrap();
    let target = state.as_object_mut().unwrap().remove("target").unwrap();
    repository.write(file, state.to_string());
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("does not say which target it is about"), "{run:?}");
    // What the message says helps.
    assert!(run.stderr.contains(&format!("`\"target\": {target}`")), "{run:?}");
    state["target"] = target;
    repository.write(file, state.to_string());
    assert_eq!(plan(&repository, &["--detailed-exitcode"]).status, 0);
}

#[test]
fn two_targets_with_one_folder_or_one_system_are_findings() {
    let forge = |name: &str, of: &str, folder: &str| {
        format!("[target.{name}]\ntype = \"github\"\nrepository = \"example/{of}\"\n{folder}\n")
    };
    let site = |folder: &str| format!("[target.site]\ntype = \"static\"\nfolder = \"{folder}\"\n");
    let (one, other) = (forge("one", "one", ""), forge("other", "other", "folder = \"other\""));
    for (lines, words) in [
        (one.clone() + &forge("two", "two", ""), Some("share a folder")),
        (one.clone() + &other, None),
        (one.clone() + &forge("two", "ONE", "folder = \"two\""), Some("are the same system")),
        (one.clone() + &site("github"), Some("share a folder")),
        (one.clone() + &site("./GitHub/site"), Some("share a folder")),
        (one.clone() + &site("github-site"), None),
        (site("catalog"), Some("shared with the documents")),
        (site("policies/x"), Some("shared with the documents")),
        (site("catalogue"), None),
        (forge("one", "..", ""), Some("leads elsewhere")),
        (forge("one", ".github", ""), None),
        (site("public") + "token-variable = \"T\"\n", Some("have no use for it")),
        (site("public") + "options.teams = true\n", Some("have no use for it")),
        (site("public") + "owner = \"mine\"\n", Some("have no use for it")),
        (site("public") + "repository = \"example/one\"\n", Some("have no use for it")),
        (site("public") + "limits.deletes = 1\n", None),
    ] {
        let repository = Repository::base();
        repository.write("gitsm.toml", repository.read("gitsm.toml") + "\n" + &lines);
        let run = gitsm(&repository, &["validate"]);
        assert_eq!(run.status, i32::from(words.is_some()), "{lines}: {run:?}");
        assert!(run.stdout.contains(words.unwrap_or_default()), "{lines}: {run:?}");
    }
}

#[test]
fn no_flag_leads_past_what_another_target_protects() {
    let repository = Repository::base();
    let lines = "\n[target.site]\ntype = \"static\"\nfolder = \"site\"\nlimits.protect = [\"service/mail\"]\n\
                 \n[target.other]\ntype = \"static\"\nfolder = \"other\"\n";
    repository.write("gitsm.toml", repository.read("gitsm.toml") + lines);
    std::fs::create_dir(repository.path().join("site")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(repository.path(), repository.path().join("around")).unwrap();
    let planned =
        |folder: &str| gitsm(&repository, &["plan", "--target", "other", "--folder", folder, "--now", NOW]);
    let full = repository.path().join("site");
    let shared = ["site", "./site", "site/below", "catalog", full.to_str().unwrap()];
    for folder in shared.into_iter().chain(cfg!(unix).then_some("around/site")) {
        let run = planned(folder);
        assert_eq!(run.status, 4, "{folder}: {run:?}");
        assert!(run.stderr.contains("is shared with"), "{folder}: {run:?}");
    }
    for folder in ["site-2", "other"] {
        let run = planned(folder);
        assert_eq!(run.status, 0, "{folder}: {run:?}");
    }
}

/// Forgets what was applied, as a fresh clone does.
fn forget(repository: &Repository) {
    std::fs::remove_dir_all(repository.path().join("github/.gitsm")).unwrap();
}

#[test]
fn what_is_taken_over_and_overwritten_counts_as_updated() {
    let labels = Labels::default();
    let server = labels.serve();
    let repository = repository(&server, "example/site");
    settle(&repository);
    forget(&repository);
    // As it must be, it is taken over and nothing is overwritten.
    let with = |more: &str| {
        repository.write("gitsm.toml", settings(&server.url, "example/site", more));
        plan(&repository, &[])
    };
    assert_eq!(with("limits.updates = 0\n").status, 0);
    labels.change("example/site", 2);
    let run = with("limits.updates = 0\n");
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("of which it would take over, and the limit is 0"), "{run:?}");
    assert!(!repository.path().join("plan.json").exists(), "no older plan is left");
    let run = with("limits.updates = 2\n");
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn what_carries_a_mark_and_is_nobodys_is_named() {
    let labels = Labels::default();
    let server = labels.serve();
    let repository = repository(&server, "example/site");
    settle(&repository);
    labels.add("example/site", "help wanted", "by somebody");
    let run = drift(&repository);
    assert_eq!(run.status, 0, "{run:?}");
    labels.add("example/site", "old", "It was once. [gitsm service-label/old]");
    let run = drift(&repository);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stdout.contains("service-label/old") && !run.stdout.contains("no drift"), "{run:?}");
    let run = gitsm(&repository, &["drift", "--target", "forge", "--now", NOW, "--format", "json"]);
    assert!(run.stdout.contains("\"abandoned\": [\n    \"service-label/old\""), "{run:?}");
    let run = plan(&repository, &[]);
    assert!(run.stdout.contains("service-label/old") && run.stdout.contains("never touched"), "{run:?}");
    assert_eq!(apply(&repository).status, 0);
    assert_eq!(labels.of("example/site").iter().filter(|label| label["name"] == "old").count(), 1);
}

#[test]
fn an_option_that_is_neither_true_nor_false_is_refused() {
    let labels = Labels::default();
    let server = labels.serve();
    let repository = repository(&server, "example/site");
    let text = settings(&server.url, "example/site", "");
    for (value, status) in [("\"false\"", 4), ("0", 4), ("false", 0)] {
        repository.write("gitsm.toml", text.replace("teams = false", &format!("teams = {value}")));
        let run = plan(&repository, &[]);
        assert_eq!(run.status, status, "{value}: {run:?}");
        assert!(status == 0 || run.stderr.contains("neither true nor false"), "{value}: {run:?}");
    }
}

#[test]
fn no_older_plan_is_left_where_the_new_one_is_refused_or_lacks_something() {
    let repository = Repository::base();
    repository.write("catalog/categories.toml", categories(4));
    publish(repository.path());
    let is_there = || repository.path().join("plan.json").exists();
    let planned = |more: &[&str]| plan_static(repository.path(), more);
    repository.write("catalog/categories.toml", categories(3));
    assert_eq!(planned(&[]).status, 0);
    assert!(is_there());
    let run = planned(&["--max-deletes", "0"]);
    assert!(run.status == 4 && !is_there(), "{run:?}");
    assert_eq!(planned(&[]).status, 0);
    let run = planned(&["--fail-on", "emulated"]);
    assert!(run.status == 1 && run.stderr.contains("no plan was written") && !is_there(), "{run:?}");
    assert_eq!(planned(&[]).status, 0);
    repository.write("catalog/broken.toml", "[service.x]\n");
    let run = planned(&[]);
    assert!(run.status == 1 && !is_there(), "{run:?}");
    // What is no plan is nobody's to remove.
    repository.write("plan.json", "mine");
    assert_ne!(planned(&[]).status, 0);
    assert_eq!(repository.read("plan.json"), "mine");
}

#[test]
#[cfg(unix)]
fn a_device_in_the_place_of_a_folder_is_refused() {
    let repository = Repository::base();
    publish(repository.path());
    let folder = repository.path().join("public/v1/team");
    let kept = repository.path().join("kept");
    std::fs::rename(&folder, &kept).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&folder).status().unwrap();
    assert!(made.success());
    let run = plan_static(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("is a link or a device"), "{run:?}");
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&kept, &folder).unwrap();
    assert_eq!(plan_static(repository.path(), &["--detailed-exitcode"]).status, 0);
}

/// Where the repository itself lies says nothing about folders.
#[test]
fn a_repository_whose_documents_lie_everywhere_can_be_published() {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    assert!(Path::new(&repository.path().join("catalog")).exists());
    repository.write("gitsm.toml", settings.replace("[project]", "[project]\nroots = [\".\"]"));
    let run = plan_static(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
}
