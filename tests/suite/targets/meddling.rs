//! Somebody changes the folder or the lock while an apply runs.

use std::fs;

use super::{Stopped, apply, is_settled, plan, small};

#[test]
#[cfg(unix)]
fn a_folder_that_becomes_a_link_while_an_apply_runs_is_not_written_through() {
    use std::os::unix::fs::symlink;
    for (link, words) in [
        ("public/v1/category", "is a link"),
        ("public/v1", "is a link"),
        ("public/.gitsm", "lock"),
        ("public", "lock"),
    ] {
        let (repository, outside) = (small(), tempfile::tempdir().unwrap());
        // What the link leads to has the same folders, so that nothing but the link is in the way.
        for folder in ["category", "v1/category", ".gitsm"] {
            fs::create_dir_all(outside.path().join(folder)).unwrap();
        }
        let path = repository.path().join(link);
        fs::create_dir_all(&path).unwrap();
        assert_eq!(plan(repository.path(), &[]).status, 0);
        let stopped = Stopped::at(repository.path(), "intended:1");
        fs::rename(&path, repository.path().join("moved")).unwrap();
        symlink(outside.path(), &path).unwrap();
        let run = stopped.go();
        assert_eq!(run.status, 5, "{link}: {run:?}");
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains(words), "{link}: {said}");
        let written: Vec<_> = walkdir::WalkDir::new(outside.path())
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().to_owned())
            .collect();
        assert_eq!(written, Vec::<std::path::PathBuf>::new(), "{link}");
        // Once the link is gone the same plan goes on.
        fs::remove_file(&path).unwrap();
        fs::rename(repository.path().join("moved"), &path).unwrap();
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 0, "{link}: {run:?}");
        is_settled(repository.path());
    }
}

#[test]
fn a_folder_that_is_moved_and_back_again_is_written() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let stopped = Stopped::at(repository.path(), "intended:1");
    let (folder, moved) = (repository.path().join("public"), repository.path().join("moved"));
    fs::rename(&folder, &moved).unwrap();
    fs::rename(&moved, &folder).unwrap();
    let run = stopped.go();
    assert_eq!(run.status, 0, "{run:?}");
    is_settled(repository.path());
}

#[test]
fn an_apply_that_lost_its_lock_writes_nothing_more() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let stopped = Stopped::at(repository.path(), "noted:3");
    fs::remove_file(repository.path().join("public/.gitsm/lock")).unwrap();
    // Somebody else is let in, and does all of it.
    let other = apply(repository.path(), &[]);
    assert_eq!(other.status, 0, "{other:?}");
    let remembered = repository.read("public/.gitsm/state.json");
    // What is missing now would be written by the first one.
    fs::remove_file(repository.path().join("public/index.json")).unwrap();
    let run = stopped.go();
    assert_eq!(run.status, 5, "{run:?}");
    assert!(run.stdout.contains("the lock of the target was taken away"), "{run:?}");
    assert!(!repository.path().join("public/index.json").exists());
    assert_eq!(repository.read("public/.gitsm/state.json"), remembered);
    // The one that was let in gave the lock back, and the other one has not taken it from whoever comes next.
    assert_eq!(plan(repository.path(), &[]).status, 0);
    assert_eq!(apply(repository.path(), &[]).status, 0);
    is_settled(repository.path());
}

#[test]
fn an_apply_whose_lock_was_taken_away_alone_ends_and_is_run_again() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let stopped = Stopped::at(repository.path(), "noted:3");
    fs::remove_file(repository.path().join("public/.gitsm/lock")).unwrap();
    assert_eq!(stopped.go().status, 5);
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    is_settled(repository.path());
}

#[test]
fn a_lock_that_says_nothing_readable_is_refused_and_an_empty_one_is_free() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    for text in [&b"\xff\xfe"[..], b"{\"host\": 1}"] {
        repository.write("public/.gitsm/lock", text);
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stderr.contains("does not say who holds it"), "{run:?}");
    }
    repository.write("public/.gitsm/lock", "");
    assert_eq!(apply(repository.path(), &[]).status, 0);
}

#[test]
fn a_plan_that_is_made_while_another_is_applied_says_so() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    for point in ["begun:1", "noted:3"] {
        let stopped = Stopped::at(repository.path(), point);
        let process = format!("process {}", stopped.child.id());
        let run = plan(repository.path(), &["--out", "other.json"]);
        assert!(run.stderr.contains("is being applied to by") && run.stderr.contains(&process), "{run:?}");
        assert!(!run.stderr.contains("ended in the middle"), "{run:?}");
        stopped.kill();
        // Once it was killed, it has ended.
        let run = plan(repository.path(), &["--out", "other.json"]);
        assert!(!run.stderr.contains("is being applied to by"), "{run:?}");
    }
}
