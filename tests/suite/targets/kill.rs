//! The program is killed at each point of an apply, and the same command is run again.

use super::{NOW, Stopped, apply, files, is_settled, plan, publish, small};
use crate::support::Repository;

/// Applies `plan.json`, and kills the program where it stops.
fn killed(repository: &Repository, at: &str) {
    Stopped::at(repository.path(), at).kill();
}

/// Kills it at points, and runs the same command again.
fn goes_on(points: &[&str]) {
    let reference = small();
    publish(reference.path());
    let expected = files(&reference.path().join("public"));
    assert_eq!(expected.len(), 10);
    for point in points {
        let repository = small();
        assert_eq!(plan(repository.path(), &[]).status, 0);
        killed(&repository, point);
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 0, "{point}: {run:?}");
        assert!(run.stderr.contains("ended in the middle"), "{point}: {}", run.stderr);
        assert_eq!(files(&repository.path().join("public")), expected, "{point}");
        is_settled(repository.path());
    }
}

#[test]
fn the_same_command_goes_on_where_it_was_killed_around_the_writes() {
    goes_on(&["before-state:1", "begun:1", "opened:1", "before-intent:1", "intended:1", "finished:1"]);
}

#[test]
fn the_same_command_goes_on_where_it_was_killed_among_the_writes() {
    goes_on(&["written:1", "written:5", "written:10", "noted:1", "noted:5", "noted:10"]);
}

#[test]
fn a_plan_is_applied_once_even_when_it_was_killed_at_the_very_end() {
    for killed_at in [None, Some("after-state:1")] {
        let repository = small();
        assert_eq!(plan(repository.path(), &[]).status, 0);
        match killed_at {
            Some(point) => killed(&repository, point),
            None => assert_eq!(apply(repository.path(), &[]).status, 0),
        }
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stderr.contains("was applied before"), "{}", run.stderr);
        is_settled(repository.path());
    }
}

#[test]
fn a_new_plan_goes_on_as_well() {
    for (point, number) in [("begun", 1), ("intended", 1), ("written", 3), ("noted", 3), ("finished", 1)] {
        let repository = small();
        assert_eq!(plan(repository.path(), &[]).status, 0);
        killed(&repository, &format!("{point}:{number}"));
        let planned = plan(repository.path(), &[]);
        assert_eq!(planned.status, 0, "{planned:?}");
        // What was written before it was killed is known to be gitsm's own.
        assert!(!planned.stdout.contains("taken over"), "{point}: {}", planned.stdout);
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 0, "{point}: {run:?}");
        is_settled(repository.path());
    }
}

#[test]
fn a_journal_that_was_cut_loses_nothing_and_one_that_was_changed_is_refused() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    killed(&repository, "noted:5");
    let journal = repository.read("public/.gitsm/journal.jsonl");
    repository.write("public/.gitsm/journal.jsonl", journal.replacen("\"intent\"", "\"inten\"", 1));
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("journal.jsonl` is damaged (line 2"), "{}", run.stderr);
    // Cut in the middle of its last line, as when the machine lost its power.
    repository.write("public/.gitsm/journal.jsonl", &journal[..journal.len() - 10]);
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    is_settled(repository.path());
}

#[test]
fn two_applies_at_once_are_one() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let stopped = Stopped::at(repository.path(), "written:3");
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    let process = format!("process {}", stopped.child.id());
    assert!(run.stderr.contains(&process) && run.stderr.contains(NOW), "{}", run.stderr);
    stopped.kill();
    assert_eq!(apply(repository.path(), &[]).status, 0);
}

#[test]
fn a_lock_of_another_machine_is_taken_over_by_name_only() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let holder = r#"{"host":"build-7.example.com","process":4711,"since":"2026-11-20T11:00:00Z"}"#;
    repository.write("public/.gitsm/lock", holder);
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    for words in [
        "process 4711 on `build-7.example.com` since 2026-11-20T11:00:00Z",
        "--break-lock build-7.example.com:4711",
    ] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    assert_eq!(apply(repository.path(), &["--break-lock", "build-7.example.com:1"]).status, 4);
    let run = apply(repository.path(), &["--break-lock", "build-7.example.com:4711"]);
    assert_eq!(run.status, 0, "{run:?}");
}
