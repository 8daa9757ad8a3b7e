//! `--branch`: what is asked for waits on a branch of the repository here, and nothing else is touched.

use super::support::{NOW, at_path};
use crate::{git::support::Git, support::Repository, support::Run};

const ASK: &str = "request access mail/user --for cleo --duration 30d --branch";
const BRANCH: &str = "gitsm/request-cleo-mail-user-20261120";
const FILE: &str = "policies/grants/cleo-mail-user-20261120.toml";

fn run(status: i32, line: &str, git: &Git) -> Run {
    let run = at_path(NOW, line, git.path());
    assert_eq!(run.status, status, "{line}\n{}\n{}", run.stdout, run.stderr);
    run
}

/// The small repository, in which somebody says who commits.
fn repository() -> Git {
    let git = Git::base();
    git.git(&["config", "user.name", "Eva Schulz"]);
    git.git(&["config", "user.email", "eva@example.com"]);
    git
}

/// What must not change: the work tree, the index, and where the head is.
fn here(git: &Git) -> (String, Vec<u8>, String) {
    let index = std::fs::read(git.path().join(".git/index")).unwrap();
    (git.git(&["status", "--porcelain"]), index, git.git(&["symbolic-ref", "HEAD"]))
}

#[test]
fn a_request_waits_on_a_branch_and_nothing_else_is_touched() {
    let git = repository();
    // A hook that would run, and something that somebody is about to commit.
    git.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    git.write("notes.md", "Mine.\n");
    git.git(&["add", "notes.md"]);
    let (before, head) = (here(&git), git.head());
    let asked = run(0, ASK, &git);
    assert!(asked.stderr.contains(&format!("the branch `{BRANCH}` is new")), "{}", asked.stderr);
    assert!(asked.stdout.contains("proposed"), "{}", asked.stdout);
    assert_eq!((here(&git), git.head()), (before.clone(), head.clone()));
    assert_eq!(git.git(&["rev-parse", &format!("{BRANCH}~1")]), head);
    assert_eq!(git.git(&["diff", "--name-only", "main", BRANCH]), FILE);
    let text = git.git(&["show", &format!("{BRANCH}:{FILE}")]);
    assert!(text.contains(&format!("decision.policy-commit = \"{head}\"")), "{text}");
    let who = git.git(&["log", "-1", "--format=%an %ae %ct %s", BRANCH]);
    assert_eq!(who, "Eva Schulz eva@example.com 1795176000 Access for cleo: mail/user");
    git.git(&["fsck", "--strict"]);
    // The same again is nothing new, and something else comes in its place.
    let first = git.git(&["rev-parse", BRANCH]);
    assert!(run(0, ASK, &git).stderr.contains("holds that already"));
    assert_eq!(git.git(&["rev-parse", BRANCH]), first);
    assert!(run(0, &ASK.replace("30d", "20d"), &git).stderr.contains("holds that now"));
    assert_ne!(git.git(&["rev-parse", BRANCH]), first);
    assert_eq!(git.git(&["rev-list", "--count", &format!("main..{BRANCH}")]), "1");
    assert_eq!(here(&git), before);
    // It can be merged as it is.
    git.git(&["reset", "--quiet"]);
    git.git(&["merge", "--quiet", BRANCH]);
    assert!(git.read(FILE).contains("[grant.cleo-mail-user-20261120]"));
}

#[test]
fn a_branch_of_others_or_that_is_checked_out_is_left_alone() {
    let git = repository();
    run(0, ASK, &git);
    let worktree = tempfile::tempdir().unwrap();
    let folder = worktree.path().join("other");
    git.git(&["worktree", "add", "--quiet", folder.to_str().unwrap(), BRANCH]);
    let there = run(2, &ASK.replace("30d", "20d"), &git);
    assert!(there.stderr.contains("is checked out"), "{}", there.stderr);
    git.git(&["worktree", "remove", folder.to_str().unwrap()]);
    // The neighbour that passes.
    run(0, &ASK.replace("30d", "20d"), &git);
    git.git(&["switch", "--quiet", BRANCH]);
    git.commit("Mine");
    git.git(&["switch", "--quiet", "main"]);
    let tip = git.git(&["rev-parse", BRANCH]);
    let others = run(2, ASK, &git);
    assert!(others.stderr.contains("somebody else committed to the branch"), "{}", others.stderr);
    assert_eq!(git.git(&["rev-parse", BRANCH]), tip);
}

#[test]
fn what_ends_waits_on_a_branch_as_the_last_commit_holds_it() {
    let git = repository();
    let ledger = "[grant.old]\nbeneficiary = \"ben\"\nentitlement = \"mail/admin\"\nstart = 2026-10-25\nend = 2026-11-19\n\
                  decision.verdict = \"approved\"\n\n[grant.new]\nbeneficiary = \"ben\"\nentitlement = \"mail/admin\"\n\
                  start = 2026-11-15\nend = 2026-12-10\ndecision.verdict = \"approved\"\n";
    git.write("policies/ledger.toml", ledger);
    git.commit("Ledger");
    git.write("policies/ledger.toml", format!("# Mine.\n{ledger}"));
    let changed = run(2, "grants expire --branch", &git);
    assert!(changed.stderr.contains("is not as the last commit holds it"), "{}", changed.stderr);
    git.write("policies/ledger.toml", ledger);
    run(0, "grants expire --branch", &git);
    run(0, "grants revoke new --reason moved --branch", &git);
    assert_eq!(git.read("policies/ledger.toml"), ledger);
    for (branch, state) in [("gitsm/grants-expire", "ended"), ("gitsm/revoke-new", "revoked")] {
        let text = git.git(&["show", &format!("{branch}:policies/ledger.toml")]);
        assert_eq!(text.matches(&format!("state = \"{state}\"")).count(), 1, "{branch}: {text}");
    }
    assert!(run(0, "grants expire --branch", &git).stderr.contains("holds that already"));
    // A folder below the top, and a person.
    git.write("catalog/more.toml", super::people::MORE);
    git.commit("Bundles");
    run(0, "request joiner cleo --branch", &git);
    let files = git.git(&["diff", "--name-only", "main", "gitsm/joiner-cleo"]);
    assert_eq!(files.lines().count(), 2, "{files}");
}

#[test]
fn a_branch_needs_a_commit_somebody_who_commits_and_one_place() {
    let git = Git::base();
    let nobody = run(2, ASK, &git);
    assert!(nobody.stderr.contains("nobody says who commits"), "{}", nobody.stderr);
    for both in ["--pull-request", "--dry-run"] {
        let run = run(2, &format!("{ASK} {both}"), &git);
        assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    }
    let many = run(2, "request access --requests none.jsonl --branch", &git);
    assert!(many.stderr.contains("are for one request"), "{}", many.stderr);
    let without = Repository::base();
    let run = at_path(NOW, ASK, without.path());
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("lies in no Git repository"), "{}", run.stderr);
    assert!(!without.path().join("policies/grants").exists());
}
