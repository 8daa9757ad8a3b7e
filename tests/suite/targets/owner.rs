//! To which repository a folder belongs.

use std::process::Command;

use super::{CLOCK, NOW};
use crate::{
    git::support::Git,
    support::{Repository, Run, command, run},
};

/// Plans into the folder that is shared.
fn plan(folder: &std::path::Path, shared: &str, more: &[&str]) -> Run {
    let arguments = ["plan", "--target", "static", "--now", NOW, "--out", "plan.json", "--folder", shared];
    run(command(&[&arguments[..], more].concat(), folder))
}

fn apply(folder: &std::path::Path, shared: &str, more: &[&str]) -> Run {
    let arguments = ["apply", "plan.json", "--now", NOW, "--folder", shared];
    let mut command = command(&[&arguments[..], more].concat(), folder);
    command.env(CLOCK, NOW);
    run(command)
}

/// A Git repository of its own with the same name and rulebook.
fn repository(first: &str) -> Git {
    let git = Git::empty();
    let base = Repository::base();
    git.commit(first);
    crate::support::copy(base.path(), git.path());
    git.write(".gitignore", "plan.json\n");
    git.commit("Rulebook");
    git
}

#[test]
fn two_repositories_of_the_same_name_do_not_overwrite_each_other() {
    let shared = tempfile::tempdir().unwrap();
    let shared = shared.path().join("site");
    let shared = shared.to_str().unwrap();
    let (one, other) = (repository("One"), repository("Other"));
    assert_eq!(plan(one.path(), shared, &[]).status, 0);
    assert_eq!(apply(one.path(), shared, &[]).status, 0);
    let run = plan(other.path(), shared, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("of the same name") && run.stderr.contains("--take-over"), "{run:?}");
    // A clone of the first one is the first one, wherever it lies and whatever was committed since.
    let clone = Repository::empty();
    let cloned = clone.path().join("clone");
    let status = Command::new("git")
        .args(["clone", "--quiet", one.path().to_str().unwrap(), cloned.to_str().unwrap()])
        .status()
        .unwrap();
    assert!(status.success());
    let run = plan(&cloned, shared, &["--detailed-exitcode"]);
    assert_eq!(run.status, 0, "{run:?}");
    // Another name makes it no other repository.
    let settings = std::fs::read_to_string(cloned.join("gitsm.toml")).unwrap();
    std::fs::write(cloned.join("gitsm.toml"), settings.replace("\"Example\"", "\"Renamed\"")).unwrap();
    assert_eq!(plan(&cloned, shared, &[]).status, 0);
    // Taking it over is said where it is planned and where it is applied.
    assert_eq!(plan(other.path(), shared, &["--take-over"]).status, 0);
    assert_eq!(apply(other.path(), shared, &[]).status, 4);
    let run = apply(other.path(), shared, &["--take-over"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(plan(other.path(), shared, &[]).status, 0);
    assert_eq!(plan(one.path(), shared, &[]).status, 4);
}

#[test]
fn two_rulebooks_of_one_repository_are_two_owners() {
    let shared = tempfile::tempdir().unwrap();
    let shared = shared.path().join("site");
    let shared = shared.to_str().unwrap();
    let git = Git::empty();
    for folder in ["one", "other"] {
        crate::support::copy(Repository::base().path(), &git.path().join(folder));
    }
    git.commit("Both");
    let (one, other) = (git.path().join("one"), git.path().join("other"));
    assert_eq!(plan(&one, shared, &[]).status, 0);
    assert_eq!(apply(&one, shared, &[]).status, 0);
    assert_eq!(plan(&other, shared, &[]).status, 4);
    assert_eq!(plan(&one, shared, &[]).status, 0);
}

#[test]
fn a_shallow_clone_does_not_know_and_says_what_to_do() {
    let shared = tempfile::tempdir().unwrap();
    let shared = shared.path().join("site");
    let shared = shared.to_str().unwrap();
    let one = repository("One");
    assert_eq!(plan(one.path(), shared, &[]).status, 0);
    assert_eq!(apply(one.path(), shared, &[]).status, 0);
    let clone = Repository::empty();
    let cloned = clone.path().join("clone");
    let from = format!("file://{}", one.path().display());
    let mut git = Command::new("git");
    let status = git.args(["clone", "--quiet", "--depth", "1", &from, cloned.to_str().unwrap()]).status();
    assert!(status.unwrap().success());
    let run = plan(&cloned, shared, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("git fetch --unshallow"), "{run:?}");
    let status = Command::new("git").args(["fetch", "--quiet", "--unshallow"]).current_dir(&cloned).status();
    assert!(status.unwrap().success());
    assert_eq!(plan(&cloned, shared, &[]).status, 0);
}

#[test]
fn folders_without_a_repository_are_told_apart_by_where_they_are() {
    let shared = tempfile::tempdir().unwrap();
    let shared = shared.path().join("site");
    let shared = shared.to_str().unwrap();
    let (one, other) = (Repository::base(), Repository::base());
    assert_eq!(plan(one.path(), shared, &[]).status, 0);
    assert_eq!(apply(one.path(), shared, &[]).status, 0);
    assert_eq!(plan(one.path(), shared, &[]).status, 0);
    let run = plan(other.path(), shared, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    let take_over = ["--take-over"];
    assert_eq!(plan(other.path(), shared, &take_over).status, 0);
    assert_eq!(apply(other.path(), shared, &take_over).status, 0);
    assert_eq!(plan(other.path(), shared, &[]).status, 0);
    // A folder that lies in the repository goes where it goes.
    assert_eq!(plan(one.path(), "public", &[]).status, 0);
    assert_eq!(apply(one.path(), "public", &[]).status, 0);
    let moved = Repository::empty();
    crate::support::copy(one.path(), moved.path());
    assert_eq!(plan(moved.path(), "public", &["--detailed-exitcode"]).status, 0);
}

#[test]
fn whose_a_target_is_depends_on_the_commit_and_not_on_what_is_checked_out() {
    let shared = tempfile::tempdir().unwrap();
    let shared = shared.path().join("site");
    let shared = shared.to_str().unwrap();
    let (one, other) = (repository("One"), repository("Other"));
    let at = |revision: &'static str| ["--at", revision];
    assert_eq!(plan(one.path(), shared, &at("main")).status, 0);
    assert_eq!(apply(one.path(), shared, &[]).status, 0);
    // A commit of the other repository, looked at from the first one.
    one.git(&["fetch", "--quiet", other.path().to_str().unwrap(), "main:other"]);
    let run = plan(one.path(), shared, &at("other"));
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("of the same name"), "{run:?}");
    assert_eq!(plan(one.path(), shared, &at("main")).status, 0);
    // And one of the first repository, whatever is checked out.
    one.git(&["checkout", "--quiet", "other"]);
    assert_eq!(plan(one.path(), shared, &at("main")).status, 0);
    assert_eq!(plan(one.path(), shared, &[]).status, 4);
}

#[test]
fn a_shallow_clone_does_not_leave_a_target_that_is_anybodys() {
    let shared = tempfile::tempdir().unwrap();
    let shared = shared.path().join("site");
    let shared = shared.to_str().unwrap();
    let one = repository("One");
    let clone = Repository::empty();
    let cloned = clone.path().join("clone");
    let from = format!("file://{}", one.path().display());
    let mut git = Command::new("git");
    let status = git.args(["clone", "--quiet", "--depth", "1", &from, cloned.to_str().unwrap()]).status();
    assert!(status.unwrap().success());
    assert_eq!(plan(&cloned, shared, &[]).status, 0);
    for more in [&[][..], &["--take-over"]] {
        let run = apply(&cloned, shared, more);
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stderr.contains("git fetch --unshallow"), "{run:?}");
        assert!(!std::path::Path::new(shared).join("index.json").exists());
    }
    let status = Command::new("git").args(["fetch", "--quiet", "--unshallow"]).current_dir(&cloned).status();
    assert!(status.unwrap().success());
    assert_eq!(plan(&cloned, shared, &[]).status, 0);
    assert_eq!(apply(&cloned, shared, &[]).status, 0);
    assert_eq!(plan(repository("Other").path(), shared, &[]).status, 4);
    assert_eq!(plan(one.path(), shared, &[]).status, 0);
}
