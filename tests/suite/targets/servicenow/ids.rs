//! The map of ids: it is committed, two branches merge, and what it says counts.

use std::{path::Path, process::Command};

use super::{Fake, apply, id, is_settled, plan, repository, settle};
use crate::{
    support::{Repository, copy},
    targets::shared::{Named, SAME, Shared},
};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "user.name=Ana",
        "-c",
        "user.email=ana@example.com",
        "-c",
        "init.defaultBranch=main",
    ]);
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

const WEB: &str = "[team.web]\nname = \"Web\"\nmembers = [\"ana\"]\n";
const APPS: &str = "[team.apps]\nname = \"Apps\"\nmembers = [\"ben\"]\n";

#[test]
fn the_maps_of_two_branches_merge() {
    let fake = Fake::start();
    // The instance gives a `sys_id` of its own, so that only the map knows which row is which.
    fake.state().honours = false;
    let repository = repository(&fake.address());
    settle(&repository);
    let folder = repository.path();
    repository.write(".gitignore", "servicenow/.gitsm\nplan.json\n");
    git(folder, &["init", "-q"]);
    git(folder, &["add", "."]);
    git(folder, &["commit", "-qm", "Everything"]);
    // Each branch makes a team. What the other one made is not wanted on this one, and is taken out of use.
    for (branch, file, team) in [("web", "catalog/web.toml", WEB), ("apps", "catalog/apps.toml", APPS)] {
        git(folder, &["checkout", "-q", "-b", branch, "main"]);
        repository.write(file, team);
        let run = plan(&repository, &[]);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(apply(&repository, &[]).status, 0);
        git(folder, &["add", "."]);
        git(folder, &["commit", "-qm", branch]);
    }
    assert!(!repository.path().join("servicenow/ids/group/web").exists(), "the other branch has it");
    git(folder, &["merge", "-q", "web"]);
    let (web, apps) = (id(&repository, "group/web"), id(&repository, "group/apps"));
    assert_eq!(fake.state().one("sys_user_group", "name", "Web").0, web);
    assert_eq!(fake.state().one("sys_user_group", "name", "Apps").0, apps);
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(apply(&repository, &[]).status, 0);
    is_settled(&repository);
    assert_eq!(fake.state().find("sys_user_group", "active", "true").len(), 5, "nothing was made twice");
}

#[test]
fn rows_are_found_by_the_map_alone() {
    let fake = Fake::start();
    fake.state().honours = false;
    let first = repository(&fake.address());
    settle(&first);
    let rows = fake.state().count();
    // Another machine has the commit, and not what the first one remembers.
    let second = Repository::empty();
    copy(first.path(), second.path());
    std::fs::remove_dir_all(second.path().join("servicenow/.gitsm")).unwrap();
    let desk = fake.state().one("sys_user_group", "name", "Service desk").0;
    fake.state().set("sys_user_group", &desk, "name", "Renamed");
    let run = plan(&second, &[]);
    assert_eq!(run.status, 0, "what the map knows is gitsm's own: {run:?}");
    assert_eq!(apply(&second, &[]).status, 0);
    is_settled(&second);
    assert_eq!(fake.state().count(), rows);
    assert_eq!(fake.state().tables["sys_user_group"][&desk]["name"], "Service desk");
}

#[test]
fn without_a_map_rows_that_gitsm_chose_the_id_of_are_found_and_others_are_in_the_way() {
    for honours in [true, false] {
        let fake = Fake::start();
        fake.state().honours = honours;
        let repository = repository(&fake.address());
        settle(&repository);
        let rows = fake.state().count();
        std::fs::remove_dir_all(repository.path().join("servicenow")).unwrap();
        let run = plan(&repository, &[]);
        if honours {
            assert_eq!(run.status, 0, "{run:?}");
            assert_eq!(apply(&repository, &[]).status, 0);
        } else {
            assert_eq!(run.status, 4, "{run:?}");
            let kinds = [
                "group", "category", "criteria", "schedule", "sla", "service", "offering", "item",
                "variable", "article",
            ];
            let adopt: Vec<String> = kinds.iter().map(|kind| format!("{kind}/*")).collect();
            let adopt: Vec<&str> = adopt.iter().flat_map(|pattern| ["--adopt", pattern.as_str()]).collect();
            let run = plan(&repository, &adopt);
            assert_eq!(run.status, 0, "{run:?}");
            let run = apply(&repository, &adopt);
            assert_eq!(run.status, 0, "{run:?}");
        }
        is_settled(&repository);
        assert_eq!(fake.state().count(), rows, "nothing was made twice");
    }
}

#[test]
fn a_map_that_says_two_things_is_refused() {
    let fake = Fake::start();
    let repository = repository(&fake.address());
    settle(&repository);
    let desk = id(&repository, "group/desk");
    repository.write("servicenow/ids/group/security", format!("{desk}\n"));
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(
        run.stderr.contains("`group/desk` and `group/security` have the same `sys_id`"),
        "{}",
        run.stderr
    );
    let conflict = format!("<<<<<<< HEAD\n{desk}\n=======\n{}\n>>>>>>> web\n", "b".repeat(32));
    repository.write("servicenow/ids/group/security", conflict);
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(
        run.stderr.contains("`servicenow/ids/group/security` does not hold one `sys_id`"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("HEAD"), "{}", run.stderr);
}

/// The `sys_id` of a row says whose it is only to those who have the map, so what has the name of a wanted one is in the way
/// like anybody's.
#[test]
fn two_rulebooks_at_one_instance_have_rows_of_their_own() {
    let fake = Fake::start();
    let first = repository(&fake.address());
    let shared = Shared {
        target: format!(
            "[target.now]\ntype = \"servicenow\"\nurl = \"http://{}\"\ntoken-variable = \"NOW_TOKEN\"\n",
            fake.address()
        ),
        name: "now",
        folder: "servicenow",
        wanted: "group/desk",
        own: "sys_user_group Network",
        gitsm: &super::gitsm,
    };
    // They have the same ids for other things.
    let named = Named { team: ["desk", "Network"], service: ["mail", "DNS"], entitlement: "Names" };
    let other = shared.other(&named);
    settle(&first);
    settle(&other);
    is_settled(&first);
    assert_ne!(id(&first, "group/desk"), id(&other, "group/desk"));
    assert_eq!(fake.state().one("sys_user_group", "name", "Network").0, id(&other, "group/desk"));
    let third = shared.other(&SAME);
    third.write("gitsm.toml", third.read("gitsm.toml").replace("\"theirs\"", "\"thirds\""));
    let run = plan(&third, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    let words = "`group/desk` is there, holds something else, and was not made by gitsm";
    assert!(run.stdout.contains(words), "{run:?}");
}
