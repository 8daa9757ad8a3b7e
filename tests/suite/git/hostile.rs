//! What somebody can put beside or into a repository so that its history reads otherwise.

use std::fs;

use super::{
    diff::desk,
    history::{branched, history, log, merge_notes, short},
    support::{Git, bytes_of, entry, objects},
};
use crate::support::{gitsm, root};

const DESK: &str = "catalog/desk.toml";
const WHO: &str = "Ana Lima <ana.lima@example.com> 1790000000 +0000";

#[test]
fn a_commit_graph_that_lies_changes_nothing() {
    let git = branched();
    git.git(&["merge", "--quiet", "--no-ff", "--message", "Merge", "feature"]);
    let (honest, lines) = (log(&git, &["--all-parents"]).1, git.git(&["log", "--oneline"]));
    git.git(&["commit-graph", "write", "--reachable"]);
    let path = objects(&git).join("info/commit-graph");
    let mut bytes = fs::read(&path).unwrap();
    // The table of chunks begins behind eight bytes: four for a name, eight for a place.
    let chunk = (8..).step_by(12).find(|at| &bytes[*at..at + 4] == b"CDAT").unwrap();
    let place =
        |at: usize| usize::try_from(u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap();
    let (from, to) = (place(chunk + 4), place(chunk + 16));
    // No commit has a parent.
    for record in bytes[from..to].chunks_exact_mut(36) {
        record[20..28].copy_from_slice(&[0x70, 0, 0, 0, 0x70, 0, 0, 0]);
    }
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    assert_ne!(git.git(&["log", "--oneline"]), lines, "`git` is deceived");
    assert_eq!(log(&git, &["--all-parents"]).1, honest);
    assert_eq!(merge_notes(&log(&git, &[]).1[0]), Vec::<String>::new());
    let run = git.gitsm(&["diff", "main^1...main^2", "--format", "json"]);
    assert!(run.status == 0 && run.stdout.contains("the merge base of"), "{}", run.stderr);
}

#[test]
fn borrowed_objects_are_said_to_be_borrowed() {
    let git = history();
    let borrowing = Git::empty();
    let from = objects(&git).canonicalize().unwrap();
    borrowing.write(".git/objects/info/alternates", format!("{}\n", from.display()));
    borrowing.git(&["update-ref", "refs/heads/main", &git.head()]);
    let run = gitsm(&["log", "--format", "json"], borrowing.path());
    assert_eq!(run.stdout, gitsm(&["log", "--format", "json"], git.path()).stdout);
    let said = format!(
        "objects are also read from `{}` (`objects/info/alternates`), each held against its name\n",
        from.display()
    );
    assert!(run.status == 0 && run.stderr.contains(&said), "{}", run.stderr);
    assert_eq!(gitsm(&["log"], git.path()).stderr, "", "where nothing is borrowed, nothing is said");
    borrowing.write(".git/objects/info/alternates", "/nowhere/objects\n");
    let run = gitsm(&["log"], borrowing.path());
    assert!(run.status == 2 && run.stderr.contains("is missing from this clone"), "{}", run.stderr);
}

#[test]
fn a_clone_without_files_names_what_gets_them() {
    let git = history();
    git.git(&["config", "uploadpack.allowFilter", "true"]);
    let partial = git.clone_with(&["--filter=blob:none", "--no-checkout"]);
    for arguments in [&["log"][..], &["log", "--all-parents"], &["blame", "access/late"]] {
        let run = gitsm(arguments, partial.path());
        let expected =
            "is missing from this clone: the clone is partial, and `git fetch --refetch --no-filter` gets it";
        // What every commit changed is not known. Without the rulebook in force there is nothing to name commits for.
        let (status, said) = if arguments[0] == "log" { (6, &run.stdout) } else { (2, &run.stderr) };
        assert!(
            run.status == status && said.contains(expected),
            "{arguments:?}: {}{}",
            run.stdout,
            run.stderr
        );
    }
}

#[test]
fn a_history_is_read_wherever_its_repository_lies() {
    let git = history();
    let lines = |folder: &std::path::Path, arguments: &[&str]| {
        let run = gitsm(&[&["log", "--format", "json"], arguments].concat(), folder);
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.stdout
    };
    let expected = lines(git.path(), &[]);
    assert_eq!(lines(git.clone_with(&["--bare"]).path(), &[]), expected);
    git.git(&["worktree", "add", "--quiet", "--detach", "linked", "HEAD"]);
    assert_eq!(lines(&git.path().join("linked"), &[]), expected, "a linked work tree, detached");
    let outer = Git::empty();
    let from = format!("file://{}", git.path().display());
    outer.git(&["submodule", "--quiet", "add", &from, "desk"]);
    outer.commit("With a submodule");
    assert_eq!(lines(&outer.path().join("desk"), &[]), expected, "a submodule by itself");
    let run = gitsm(&["log"], outer.path());
    assert_eq!(run.stderr, "no commit says anything about a rulebook\n", "which its outer one does not hold");
    // Files that nobody committed, a lock that somebody left, and names that somebody would like to have.
    git.write("catalog/more.toml", "[team.more]\nname = \"More\"\n");
    git.write(".git/index.lock", "");
    git.write(".mailmap", "Somebody Else <else@example.com> <ana.lima@example.com>\n");
    git.git(&["config", "log.mailmap", "true"]);
    assert_eq!(lines(git.path(), &[]), expected);

    let unborn = Git::empty();
    crate::support::copy(&root().join("tests/base"), unborn.path());
    for arguments in [&["log"][..], &["blame", "service/mail"]] {
        let run = gitsm(arguments, unborn.path());
        assert_eq!((run.status, run.stderr.as_str()), (2, "error: the branch `main` has no commit yet\n"));
    }
}

/// Puts a commit with this header and message on main.
fn commit(git: &Git, header: &str, message: &[u8]) -> String {
    let (tree, parent) = (git.git(&["write-tree"]), git.head());
    let head = format!("tree {tree}\nparent {parent}\n{header}\n\n");
    let id = git.object("commit", &[head.as_bytes(), message].concat());
    git.git(&["update-ref", "refs/heads/main", &id]);
    id
}

#[test]
fn a_signature_that_programs_verify_differently_is_odd() {
    let git = desk();
    git.edit(DESK, "lead = \"ana\"", "lead = \"ben\"");
    git.git(&["add", "--all"]);
    let start = git.head();
    let good = "-----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----";
    for (fields, expected) in [
        (format!("gpgsig {good}"), "ssh"),
        (format!("gpgsig {good}\ngpgsig {good}"), "odd"),
        (format!("gpgsig {good}\ngpgsig-sha256 {good}"), "odd"),
        (format!("gpgsig-sha256 {good}"), "odd"),
        (format!("gpgsig {good}\n {good}"), "odd"),
        (format!("gpgsig Approved by everybody\n {good}"), "odd"),
        (format!("x-gpgsig {good}"), "none"),
    ] {
        git.git(&["update-ref", "refs/heads/main", &start]);
        let header = format!("author {WHO}\ncommitter {WHO}\n{fields}");
        commit(&git, &header, b"Signed");
        let (run, entries) = log(&git, &["-n", "1"]);
        assert_eq!(entries[0]["signature"], expected, "{fields}: {}", run.stderr);
    }
}

#[test]
fn a_commit_that_programs_read_differently_ends_the_history_by_name() {
    let git = desk();
    git.edit(DESK, "lead = \"ana\"", "lead = \"ben\"");
    git.git(&["add", "--all"]);
    let start = git.head();
    let other = WHO.replace("Ana Lima", "Somebody Else");
    let twice = commit(&git, &format!("author {WHO}\nauthor {other}\ncommitter {WHO}"), b"Two authors");
    let run = gitsm(&["log"], git.path());
    let expected = format!("the commit {twice} has two fields `author`, and programs read that differently");
    assert!(run.status == 2 && run.stderr.contains(&expected), "{}", run.stderr);
    git.git(&["update-ref", "refs/heads/main", &start]);
    commit(&git, &format!("author {WHO}\ncommitter {WHO}"), b"One author");
    assert_eq!(short(&log(&git, &["-n", "1"]).1), ["One author: changed team/night lead"]);
    let at = |path: &str| git.git(&["rev-parse", path]);
    let file = entry("100644", "desk.toml", &at(&format!("HEAD:{DESK}")));
    let catalog = git.object("tree", &[file.clone(), file].concat());
    let top = [entry("40000", "catalog", &catalog), entry("100644", "gitsm.toml", &at("HEAD:gitsm.toml"))];
    let tree = git.object("tree", &top.concat());
    let id = git.git(&["commit-tree", &tree, "-p", "HEAD", "-m", "Two of one file"]);
    let run = gitsm(&["log", "--at", &id], git.path());
    let expected =
        format!("? what it changed is not known: the tree {catalog} has two entries called `desk.toml`");
    assert!(run.status == 6 && run.stdout.contains(&expected), "{}", run.stdout);
}

/// A commit on top of the head in which `catalog` is another tree. No work tree can hold it.
fn with_catalog(git: &Git, catalog: &[u8]) -> String {
    let catalog = git.object("tree", catalog);
    let settings = entry("100644", "gitsm.toml", &git.git(&["rev-parse", "HEAD:gitsm.toml"]));
    let tree = git.object("tree", &[entry("40000", "catalog", &catalog), settings].concat());
    git.git(&["commit-tree", &tree, "-p", "HEAD", "-m", "By hand"])
}

#[test]
fn a_tree_that_git_does_not_write_is_no_change_that_is_known() {
    let git = desk();
    let file = git.git(&["rev-parse", &format!("HEAD:{DESK}")]);
    let desk = entry("100644", "desk.toml", &file);
    let name = [b"100644 \xff.toml\0".as_slice(), &bytes_of(&file)].concat();
    for (catalog, expected) in [
        (
            entry("100664", "desk.toml", &file),
            "has `desk.toml` with the mode 100664, which Git does not write",
        ),
        (entry("777", "desk.toml", &file), "has `desk.toml` with the mode 777, which Git does not write"),
        ([desk.clone(), name].concat(), "has an entry whose name is not Unicode (`\u{fffd}.toml`)"),
    ] {
        let id = with_catalog(&git, &catalog);
        let run = gitsm(&["log", "--at", &id], git.path());
        assert!(run.status == 6 && run.stdout.contains(expected), "{expected}: {}{}", run.stdout, run.stderr);
        let run = git.gitsm(&["validate", "--at", &id]);
        assert_eq!(run.status, 2, "{}", run.stderr);
    }
    for same in [desk, entry("100755", "desk.toml", &file)] {
        // The file is as it was, executable or not; the others are gone.
        let run = gitsm(&["log", "--at", &with_catalog(&git, &same), "-n", "1"], git.path());
        assert!(run.status == 0 && !run.stdout.contains("desk.toml"), "{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn folders_can_be_nested_as_deep_as_somebody_likes() {
    let git = desk();
    let file = git.git(&["rev-parse", &format!("HEAD:{DESK}")]);
    let mut inner = git.object(
        "tree",
        &entry("100644", "deep.toml", &git.object("blob", b"[team.deep]\nname = \"Deep\"\n")),
    );
    for _ in 0..1_500 {
        inner = git.object("tree", &entry("40000", "d", &inner));
    }
    let id = with_catalog(&git, &[entry("40000", "d", &inner), entry("100644", "desk.toml", &file)].concat());
    let run = gitsm(&["log", "--at", &id, "-n", "1", "--format", "json"], git.path());
    assert!(run.status == 0 && run.stdout.contains("\"team/deep\""), "{}: {}", run.status, run.stderr);
    let run = git.gitsm(&["validate", "--at", &id]);
    assert!([0, 1].contains(&run.status), "{}: {}", run.status, run.stderr);
}

#[test]
fn a_merge_is_made_once_more_whatever_its_dates_say() {
    for date in ["99999999999999999999", "-5", "1", "4102444800"] {
        let git = branched();
        let (tree, base) = (git.git(&["rev-parse", "feature^{tree}"]), git.git(&["rev-parse", "feature~1"]));
        let who = WHO.replace("1790000000", date);
        let text = format!("tree {tree}\nparent {base}\nauthor {who}\ncommitter {who}\n\nTitle\n");
        let side = git.object("commit", text.as_bytes());
        git.edit(DESK, "name = \"Night access\"", "name = \"Evil access\"");
        git.git(&["add", "--all"]);
        let merged = git.git(&["write-tree"]);
        let id = git.git(&["commit-tree", &merged, "-p", "main", "-p", &side, "-m", "Merge"]);
        let (run, entries) = log(&git, &["--at", &id, "-n", "1"]);
        assert_eq!(merge_notes(&entries[0]), ["made access/night"], "{date}: {}", run.stderr);
    }
}
