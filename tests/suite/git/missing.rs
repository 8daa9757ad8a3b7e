//! Histories of which an object is missing or damaged: what it matters to is named, and the rest is shown.

use std::fs;

use serde_json::Value;

use super::{
    history::{branched, history, log, merge, merge_notes, short},
    support::{Git, loose},
};
use crate::support::gitsm;

const DESK: &str = "catalog/desk.toml";

/// The name of an object.
fn at(git: &Git, revision: &str) -> String {
    git.git(&["rev-parse", revision])
}

fn lose(git: &Git, revision: &str) -> String {
    let id = at(git, revision);
    fs::remove_file(loose(git, &id)).unwrap();
    id
}

/// The subjects of the commits of which something is not known.
fn named(entries: &[Value]) -> Vec<&str> {
    let missing = entries.iter().filter(|entry| entry.get("missing").is_some());
    missing.map(|entry| entry["subject"].as_str().unwrap()).collect()
}

/// The commit with a subject.
fn called(git: &Git, subject: &str) -> String {
    at(git, &format!(":/{subject}"))
}

#[test]
fn one_file_that_is_missing_ends_no_history() {
    let git = history();
    let whole = short(&log(&git, &[]).1);
    assert_eq!(log(&git, &[]).0.status, 0);
    let longer = called(&git, "Longer");
    let id = lose(&git, &format!("{longer}:{DESK}"));
    for cached in [&[][..], &["--no-cache"]] {
        let (run, entries) = log(&git, cached);
        assert_eq!(run.status, 6, "{}", run.stderr);
        assert_eq!(
            named(&entries),
            ["In hours", "Longer (#7)"],
            "the one that wrote it, and the one that wrote over it"
        );
        // What they changed is not known; the rest is as before.
        let rest: Vec<String> = short(&entries).into_iter().filter(|one| !one.ends_with(": ")).collect();
        let known: Vec<String> = whole
            .iter()
            .filter(|one| !one.starts_with("Longer") && !one.starts_with("In hours"))
            .cloned()
            .collect();
        assert_eq!(rest, known);
    }
    let human = gitsm(&["log", "access/late"], git.path());
    assert_eq!(human.status, 6);
    let expected = format!(
        "    Longer (#7)\n    ? what it changed in `{DESK}` is not known: the file {id} is missing from this clone: `git fetch --refetch` gets it\n"
    );
    assert!(human.stdout.contains(&expected), "{}", human.stdout);
    assert!(human.stdout.contains("    + access/night  catalog/desk.toml:6\n"), "{}", human.stdout);
    // Where nothing is asked about that can have been in it, nothing is said.
    assert_eq!(log(&git, &["settings"]).0.status, 0);
    assert_eq!(log(&git, &["--since", &longer, "--at", "HEAD"]).0.status, 6);
    assert_eq!(log(&git, &["--since", "HEAD~2"]).0.status, 0);
    // Nobody is named for a field that may have been changed where nobody knows.
    let blame = gitsm(&["blame", "access/late"], git.path());
    assert_eq!(blame.status, 6, "{}", blame.stderr);
    assert!(
        blame.stderr.contains(&format!("changed is not known: the file {id} is missing")),
        "{}",
        blame.stderr
    );
    let line = |end: &str| blame.stdout.lines().find(|line| line.ends_with(end)).unwrap_or_default();
    assert!(line("rule.helpers.max-duration = \"4320h\"").starts_with("????????????"), "{}", blame.stdout);
    assert!(line(" name = \"Late access\"").starts_with(&git.head()[..12]), "{}", blame.stdout);
}

#[test]
fn a_folder_or_a_commit_that_is_damaged_ends_no_history_before_it() {
    let git = history();
    let longer = called(&git, "Longer");
    let id = lose(&git, &format!("{longer}:catalog"));
    let (run, entries) = log(&git, &[]);
    assert_eq!(run.status, 6, "{}", run.stderr);
    assert_eq!(named(&entries), ["In hours", "Longer (#7)"]);
    let why = entries.iter().find_map(|entry| entry["missing"][0]["why"].as_str()).unwrap();
    assert_eq!(why, format!("the tree {id} is missing from this clone: `git fetch --refetch` gets it"));
    assert!(short(&entries).last().unwrap().starts_with("Base: added gitsm.toml; "), "{:?}", short(&entries));

    for damage in [true, false] {
        for arguments in [&[][..], &["--all-parents"]] {
            let git = history();
            let longer = called(&git, "Longer");
            let file = loose(&git, &longer);
            fs::remove_file(&file).unwrap();
            if damage {
                fs::write(&file, b"not zlib").unwrap();
            }
            let (run, entries) = log(&git, arguments);
            assert_eq!(run.status, 6, "{}", run.stderr);
            assert_eq!(named(&entries), ["In hours"]);
            assert_eq!(entries.last().unwrap()["cut-off"], true);
            let human = gitsm(&[&["log"], arguments].concat(), git.path()).stdout;
            let expected = format!(
                "    ? the clone ends here, and what came before is not known: the commit {longer} is "
            );
            assert!(human.contains(&expected), "{human}");
        }
    }
}

#[test]
fn a_merge_of_which_something_is_missing_is_not_called_clean() {
    let git = branched();
    merge(&git, |_| {});
    assert_eq!(merge_notes(&log(&git, &[]).1[0]), Vec::<String>::new());
    lose(&git, &format!("feature~1:{DESK}"));
    let (run, entries) = log(&git, &[]);
    assert_eq!(run.status, 6, "{}", run.stderr);
    assert_eq!(merge_notes(&entries[0]), ["not-repeated "]);
    assert_eq!(entries[0]["missing"][0]["about"], "merge");
    assert_eq!(
        short(&entries)[0],
        "Merge pull request #9 from desk/feature: changed access/night name",
        "what it brought is known"
    );
}
