//! Which commit a revision names, and what is read of it.

use std::fs;

use serde_json::Value;

use super::support::Git;
use crate::support::{Repository, Run, command, gitsm, root, run};

/// Three commits: one that validates, one with a mistake, one with the next mistake; a tag on the first.
fn history() -> Git {
    let git = Git::base();
    git.git(&["tag", "good"]);
    git.git(&["tag", "-a", "signed-off", "-m", "As agreed"]);
    git.write("catalog/broken.toml", "[team.night]\nnmae = \"Night\"\n");
    git.commit("Night team (#12)");
    git.write("catalog/broken.toml", "[team.night]\nname = \"Night\"\nlaed = \"ana\"\n");
    git.commit("Its lead");
    git
}

fn validate(git: &Git, revision: &str) -> Run {
    git.gitsm(&["validate", "--format", "concise", "--at", revision])
}

#[test]
fn a_revision_is_read_as_git_reads_it() {
    let git = history();
    let (head, first) = (git.head(), git.git(&["rev-parse", "good"]));
    // What lies in the folder does not matter.
    fs::remove_dir_all(git.path().join("catalog")).unwrap();
    for revision in
        ["good", "signed-off", "tags/good", "refs/tags/good", "HEAD~2", "HEAD^^", "main~1^", &first]
    {
        let run = validate(&git, revision);
        assert_eq!(run.status, 0, "{revision}: {}{}", run.stdout, run.stderr);
        let said = format!("the rulebook of commit {} (2026-09-22, Base)\n", &first[..12]);
        assert!(run.stderr.contains(&said), "{revision}: {}", run.stderr);
    }
    for revision in
        ["HEAD", "@", "main", "heads/main", &head, &head[..9], "HEAD^0", "HEAD~0", "HEAD^{commit}"]
    {
        let run = validate(&git, revision);
        assert_eq!(run.status, 1, "{revision}: {}", run.stderr);
        let expected = format!("{}:catalog/broken.toml:3:1: error[", &head[..12]);
        assert!(run.stdout.starts_with(&expected), "{revision}: {}", run.stdout);
        assert!(run.stdout.contains("`laed`"), "{revision}: {}", run.stdout);
    }
    assert!(validate(&git, "HEAD~1").stdout.contains("`nmae`"));
}

#[test]
fn a_revision_that_is_none_is_named_with_what_may_be_meant() {
    let git = history();
    let blob = git.git(&["rev-parse", "HEAD:gitsm.toml"]);
    git.git(&["branch", "v1"]);
    git.git(&["tag", "v1", "HEAD~1"]);
    for (revision, expected) in [
        ("mian", "there is no revision `mian`: did you mean `main`?"),
        ("1234567", "there is no revision `1234567`: `git branch --all` and `git tag` list what there is"),
        ("v1", "`v1` can be `refs/heads/v1` or `refs/tags/v1`: write more of it"),
        ("HEAD~3", "`HEAD~3` goes back further than the history, which begins with "),
        ("HEAD^2", "`HEAD^2` goes back further than the history, which begins with "),
        ("HEAD~x", "the revision `HEAD~x` ends in something else than `~2`, `^2` or `^{commit}`"),
        ("~2", "the revision `~2` names no commit"),
        (":/Base", "the revision `` names no commit"),
        (&blob, "is a file, not a commit"),
        ("HEAD~99999999999999999999", "has a number that is too large"),
        ("a b", "the revision `a b`"),
    ] {
        let run = validate(&git, revision);
        assert_eq!(run.status, 2, "{revision}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{revision}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{revision}");
    }
    // The neighbour of each: what was meant.
    assert_eq!(validate(&git, "refs/tags/v1").status, 1);
    assert_eq!(validate(&git, "HEAD~2").status, 0);
}

#[test]
fn the_beginning_of_a_commit_is_enough_unless_others_begin_so() {
    let git = Git::base();
    let mut seen = std::collections::HashMap::new();
    let (one, other) = (0..2_000)
        .find_map(|number| {
            let id = git_blob(&format!("{number}"));
            seen.insert(id[..4].to_owned(), number).map(|other| (number, other))
        })
        .unwrap();
    let ids = [one, other].map(|number| git.object("blob", format!("{number}").as_bytes()));
    assert_eq!(ids[0][..4], ids[1][..4]);
    let run = validate(&git, &ids[0][..4]);
    assert_eq!(run.status, 2);
    let expected = format!("`{}` can be the object ", &ids[0][..4]);
    assert!(run.stderr.contains(&expected) && run.stderr.contains(": write more of it"), "{}", run.stderr);
}

/// The name that Git gives a text.
fn git_blob(text: &str) -> String {
    git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes()).unwrap().to_string()
}

#[test]
fn every_command_that_reads_a_rulebook_takes_a_revision() {
    let git = Git::base();
    git.write("request.toml", "now = 2026-11-20T08:00:00Z\n[request]\nrequester = \"ben\"\nentitlements = [\"mail/admin\"]\nduration = \"5d\"\njustification = \"moves\"\n");
    git.write("votes.jsonl", "");
    let cases = fs::read_to_string(root().join("tests/decisions/guardrails.toml")).unwrap();
    git.write("catalog/cases.toml", cases);
    let id = git.commit("Scenarios");
    let whole = "validate
show
show service/mail
test
simulate access dan mail/admin --duration 30d
simulate joiner dan
simulate leaver ana
simulate mover dan --set department=sales
simulate incident --service mail --impact high --urgency high
simulate change dan --type normal --service mail --affected-users 9 --tested --start 2026-11-29T05:00:00Z --end 2026-11-29T09:00:00Z
approvals status --request request.toml --votes votes.jsonl
clock due --calendar office --within 4h --start 2026-11-20T15:00:00Z
clock elapsed --calendar office --start 2026-11-20T15:00:00Z --end 2026-11-23T09:00:00Z
clock status --sla standard --priority p1 --start 2026-11-20T15:00:00Z";
    let now = |line: &str| {
        let takes = !line.starts_with("clock") || line.starts_with("clock status");
        if takes { " --now 2026-11-20T20:00:00Z" } else { "" }
    };
    let runs = |at: &str| -> Vec<(i32, Value)> {
        let run = |line: &str| {
            let line = format!("{line}{} --format json{at}", now(line));
            let run = gitsm(&line.split(' ').collect::<Vec<_>>(), git.path());
            let value =
                serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{line}: {}", run.stderr));
            (run.status, value)
        };
        whole.lines().map(run).collect()
    };
    let from_files = runs("");
    fs::remove_dir_all(git.path().join("catalog")).unwrap();
    let from_commit = runs(" --at HEAD");
    for ((line, (status, files)), (other, mut commit)) in whole.lines().zip(from_files).zip(from_commit) {
        assert_eq!(status, other, "{line}");
        let at = commit
            .as_object_mut()
            .unwrap()
            .shift_remove("rulebook")
            .unwrap_or_else(|| panic!("{line} names no commit"));
        assert_eq!(
            (at["commit"].as_str(), at["revision"].as_str()),
            (Some(id.as_str()), Some("HEAD")),
            "{line}"
        );
        assert!(files.get("rulebook").is_none(), "{line}");
        // Only where things were written differs.
        let text = commit.to_string().replace(&format!("{}:", &id[..12]), "");
        assert_eq!(text, files.to_string(), "{line}");
    }
}

#[test]
fn the_rulebook_may_lie_in_a_folder_of_the_repository() {
    let git = Git::empty();
    crate::support::copy(&root().join("tests/base"), &git.path().join("it/desk"));
    git.write("README.md", "Everything.");
    let id = git.commit("Desk");
    git.edit("it/desk/catalog/services.toml", "[service.mail]", "[service.mial]");
    let at = |arguments: &[&str], folder: &str| {
        let arguments = [&["validate", "--format", "concise", "--now", "2026-11-20"], arguments].concat();
        gitsm(&arguments, &git.path().join(folder))
    };
    for (arguments, folder) in [
        (&["--at", "HEAD"][..], "it/desk"),
        (&["--at", "HEAD", "-C", "it/desk"], "."),
        (&["--at", "HEAD:it/desk"], "."),
        (&["--at", "HEAD:it/desk/"], "it"),
    ] {
        assert_eq!(at(arguments, folder).status, 0, "{arguments:?} {}", at(arguments, folder).stderr);
    }
    assert_eq!(at(&[], "it/desk").status, 1);
    let run = at(&["--at", "HEAD"], ".");
    let expected = format!(
        "error: commit {} (2026-09-22, Desk) holds no `gitsm.toml`, so it has no rulebook; `--at REVISION:FOLDER` reads another folder\n",
        &id[..12]
    );
    assert_eq!((run.status, run.stderr.as_str()), (2, expected.as_str()));
    git.commit("Misspelt");
    let run = at(&["--at", "main", "-C", "it/desk"], ".");
    let expected = format!("{}:it/desk/", &git.head()[..12]);
    assert!(run.stdout.lines().next().unwrap().starts_with(&expected), "{}", run.stdout);
}

#[test]
fn bare_shallow_and_linked_repositories_are_read() {
    let git = history();
    let bare = git.clone_with(&["--bare"]);
    let run = gitsm(&["validate", "--at", "good", "--now", "2026-11-20"], bare.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let run = gitsm(&["validate", "--now", "2026-11-20"], bare.path());
    assert_eq!(run.status, 2, "there are no files: {}", run.stderr);

    let shallow = git.clone_with(&["--depth", "1"]);
    let at = |revision: &str| gitsm(&["validate", "--at", revision, "--now", "2026-11-20"], shallow.path());
    let said = "the clone is shallow, so its history ends early: `git fetch --unshallow` gets the rest";
    assert!(at("HEAD").stderr.contains(said), "{}", at("HEAD").stderr);
    let run = at("HEAD~1");
    let before = git.git(&["rev-parse", "HEAD~1"]);
    let expected =
        format!("error: the commit {before} is missing from this clone: `git fetch --unshallow` gets it\n");
    assert_eq!((run.status, run.stderr.as_str()), (2, expected.as_str()));
    let run = at("good");
    assert!(
        run.stderr.contains("there is no revision `good` in this clone, which is shallow"),
        "{}",
        run.stderr
    );

    let linked = git.path().join("linked");
    git.git(&["worktree", "add", "--quiet", "--detach", "linked", "good"]);
    let run = gitsm(&["validate", "--at", "HEAD", "--now", "2026-11-20"], &linked);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(gitsm(&["validate", "--at", "main", "--now", "2026-11-20"], &linked).status, 1);
}

#[test]
fn a_head_without_a_commit_or_a_branch_is_no_surprise() {
    let git = Git::empty();
    crate::support::copy(&root().join("tests/base"), git.path());
    let run = validate(&git, "HEAD");
    assert_eq!((run.status, run.stderr.as_str()), (2, "error: the branch `main` has no commit yet\n"));
    git.commit("Base");
    git.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(validate(&git, "HEAD").status, 0);
    let outside = Repository::base();
    let run = gitsm(&["validate", "--at", "HEAD"], outside.path());
    let expected =
        "error: `.` lies in no Git repository, and only one has revisions: `git init` makes it one\n";
    assert_eq!((run.status, run.stderr.as_str()), (2, expected));
}

#[test]
fn a_pinned_request_is_held_against_the_commit_that_was_read() {
    let git = Git::base();
    let id = git.head();
    let pinned = |commit: &str| {
        git.write("request.toml", format!("now = 2026-11-20T08:00:00Z\npolicy-commit = \"{commit}\"\n[request]\nrequester = \"dan\"\nentitlements = [\"mail/user\"]\n"));
        git.gitsm(&["simulate", "access", "--request", "request.toml", "--at", "main"]).stderr
    };
    let same = format!("the request is pinned to the rulebook of commit `{}`, which was read\n", &id[..10]);
    assert!(pinned(&id[..10]).contains(&same), "{}", pinned(&id[..10]));
    assert!(
        pinned("0123456789").contains(", as `--at` says: without it the other is read\n"),
        "{}",
        pinned("0123456789")
    );
}

#[test]
fn what_writes_files_takes_no_revision() {
    let git = Git::base();
    for flag in ["--fix", "--diff", "--watch"] {
        let run = git.gitsm(&["validate", "--at", "HEAD", flag]);
        assert_eq!(run.status, 2, "{flag}");
        assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    }
    let mut away = command(&["validate", "--at", "HEAD"], &git.path().join("catalog"));
    away.env("GITSM_NOW", "2026-11-20");
    let run = run(away);
    assert!(run.stderr.contains("holds no `catalog/gitsm.toml`"), "{}", run.stderr);
}
