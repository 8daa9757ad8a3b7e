//! `gitsm plan`: what it says, what it is bound to, and what it refuses.

use serde_json::Value;

use super::{NOW, apply, categories as text, files, is_settled, plan, publish, repository};
use crate::support::{Repository, gitsm};

/// The plan that was written.
pub fn read(repository: &Repository) -> Value {
    serde_json::from_str(&repository.read("plan.json")).unwrap()
}

#[test]
fn planning_writes_nothing_and_the_same_plan_has_the_same_bytes() {
    let repository = repository();
    let run = plan(repository.path(), &["--detailed-exitcode"]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(!repository.path().join("public").exists());
    let first = repository.read("plan.json");
    plan(repository.path(), &[]);
    assert_eq!(repository.read("plan.json"), first);
    let plan = read(&repository);
    assert_eq!(plan["verdict"], "ready");
    assert_eq!(plan["summary"]["total"]["update"], 0);
    assert_eq!(plan["expires"], "2026-11-21T12:00:00Z");
}

#[test]
fn a_changed_field_is_an_update_of_that_field() {
    let repository = repository();
    publish(repository.path());
    let services = repository.read("catalog/services.toml");
    let name = services.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().to_owned();
    repository.write("catalog/services.toml", services.replacen(&name, "\"Another name\"", 1));
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let plan = read(&repository);
    let changed: Vec<&Value> = plan["operations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|operation| operation.get("derived").is_none())
        .collect();
    assert_eq!(changed.len(), 1, "{plan:#}");
    assert_eq!(changed[0]["action"], "update");
    assert_eq!(changed[0]["cause"], "not-applied-yet");
    assert_eq!(changed[0]["changes"][0]["field"], "fields.name");
    assert_eq!(changed[0]["changes"][0]["after"], "Another name");
    assert_eq!(apply(repository.path(), &[]).status, 0);
    is_settled(repository.path());
}

#[test]
fn a_rulebook_with_errors_is_not_planned_and_its_neighbour_is() {
    let repository = repository();
    publish(repository.path());
    let before = files(&repository.path().join("public"));
    repository.write("catalog/more.toml", "[team.empty]\nname = 1\n");
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.contains("nothing is planned"), "{}", run.stderr);
    // Nothing at all is not planned either.
    std::fs::remove_dir_all(repository.path().join("catalog")).unwrap();
    std::fs::remove_dir_all(repository.path().join("policies")).unwrap();
    repository.write("catalog/empty.toml", "");
    assert_eq!(plan(repository.path(), &[]).status, 1);
    assert_eq!(files(&repository.path().join("public")), before);
}

/// A repository with so many categories, published.
fn categories(number: usize) -> Repository {
    let repository = repository();
    repository.write("catalog/categories.toml", text(number));
    publish(repository.path());
    repository
}

#[test]
fn too_many_deletions_are_refused_with_the_setting_and_the_flag() {
    let repository = categories(40);
    repository.write("catalog/categories.toml", text(29));
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    for words in [
        "it would delete 11 objects of kind `category`, and the limit is 10",
        "--max-deletes",
        "target.static.limits.deletes",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(run.stderr.contains("no plan was written"), "{}", run.stderr);
    // One fewer is planned, and so is a higher limit.
    repository.write("catalog/categories.toml", text(30));
    assert_eq!(plan(repository.path(), &["--max-delete-share", "50%"]).status, 0);
    repository.write("catalog/categories.toml", text(29));
    let raised = ["--max-deletes", "11", "--max-delete-share", "50%"];
    assert_eq!(plan(repository.path(), &raised).status, 0);
    // What the plan says about its limits is for people: those that hold are written or said where it is applied.
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("it would delete 11 objects of kind `category`"), "{}", run.stderr);
    assert_eq!(apply(repository.path(), &raised).status, 0);
    is_settled(repository.path());
    assert!(!repository.path().join("public/v1/category/extra-39.json").exists());
}

#[test]
fn what_is_protected_is_not_deleted() {
    let repository = categories(2);
    let settings = repository.read("gitsm.toml");
    repository.write(
        "gitsm.toml",
        format!("{settings}\n[target.static]\ntype = \"static\"\nlimits.protect = [\"category/extra-01\"]\n"),
    );
    repository.write("catalog/categories.toml", text(1));
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("`category/extra-01`, which is protected"), "{}", run.stdout);
    let settings = repository.read("gitsm.toml").replace("extra-01", "extra-00");
    repository.write("gitsm.toml", settings);
    assert_eq!(plan(repository.path(), &[]).status, 0);
}

#[test]
fn what_others_put_there_is_shown_and_never_touched() {
    let repository = repository();
    repository.write("public/index.html", "<h1>Portal</h1>");
    repository.write("public/assets/logo.svg", "<svg/>");
    repository.write("public/v1/service/notes.txt", "mine");
    repository.write("public/v1/service/unknown.json", "{}");
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let unmanaged: Vec<String> = read(&repository)["unmanaged"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(unmanaged, ["assets/", "index.html", "v1/service/notes.txt", "v1/service/unknown.json"]);
    assert_eq!(apply(repository.path(), &[]).status, 0);
    assert_eq!(repository.read("public/index.html"), "<h1>Portal</h1>");
    assert_eq!(repository.read("public/v1/service/unknown.json"), "{}");
    is_settled(repository.path());
}

#[test]
fn a_file_in_the_way_is_refused_unless_it_may_be_taken_over() {
    let other = repository();
    publish(other.path());
    let published = files(&other.path().join("public"));
    let (path, text) = published
        .iter()
        .find(|(path, _)| path.starts_with("v1/service/") && !path.ends_with("index.json"))
        .unwrap();
    let key = path.trim_start_matches("v1/").trim_end_matches(".json");
    let repository = repository();
    // One that is as it must be is taken over without a word; one that differs is not.
    repository.write(&format!("public/{path}"), text);
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("taken over as it is"), "{}", run.stdout);
    repository.write(&format!("public/{path}"), "{\"mine\": true}");
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains(&format!("--adopt {key}")), "{}", run.stdout);
    assert_eq!(plan(repository.path(), &["--adopt", key]).status, 0);
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("was not made by gitsm"), "{}", run.stderr);
    assert_eq!(apply(repository.path(), &["--adopt", key]).status, 0);
    assert_eq!(files(&repository.path().join("public")), published);
    is_settled(repository.path());
}

#[test]
fn what_is_lost_is_said_and_can_fail() {
    let run =
        gitsm(&["plan", "--target", "static", "--folder", "nowhere", "--now", NOW], &crate::support::root());
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("grant"), "{}", run.stdout);
    let run = gitsm(
        &["plan", "--target", "static", "--folder", "nowhere", "--now", NOW, "--fail-on", "lost"],
        &crate::support::root(),
    );
    assert_eq!(run.status, 1, "{run:?}");
    let repository = Repository::with(&[
        ("gitsm.toml", "[project]\nname = \"Small\"\n"),
        ("catalog/a.toml", "[category.mail]\nname = \"Mail\"\nfunction = \"it\"\n"),
    ]);
    let run = plan(repository.path(), &["--fail-on", "emulated"]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn a_target_that_is_not_there_is_said_with_the_one_that_may_be_meant() {
    let repository = repository();
    for (target, words) in [
        ("statik", "did you mean `static`"),
        ("servicenow", "names no target of the sort `servicenow`"),
        ("moon", "there is no target `moon`"),
    ] {
        let run = gitsm(&["plan", "--target", target], repository.path());
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}
