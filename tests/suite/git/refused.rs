//! Repositories that somebody made to deceive, or that are broken.

use std::fs;

use super::support::{Git, entry, loose, objects};
use crate::support::{Run, command, gitsm, run};

fn validate(git: &Git, revision: &str) -> Run {
    git.gitsm(&["validate", "--at", revision])
}

/// A repository with a second commit that deletes a guardrail, so that reading the wrong commit shows.
fn two_commits() -> Git {
    let git = Git::base();
    git.edit("catalog/organisation.toml", "[person.ben]", "[person.benjamin]");
    git.commit("Another");
    git
}

#[test]
fn configuration_decides_nothing() {
    let git = two_commits();
    let before = validate(&git, "HEAD~1");
    assert_eq!(before.status, 0, "{}", before.stderr);
    let elsewhere = Git::empty();
    elsewhere.write("canary.sh", "#!/bin/sh\ntouch \"$(dirname \"$0\")/ran\"\n");
    let canary = elsewhere.path().join("canary.sh");
    let canary = canary.to_str().unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(canary, fs::Permissions::from_mode(0o755)).unwrap();
        for hook in ["post-checkout", "pre-commit", "post-index-change", "reference-transaction"] {
            fs::create_dir_all(git.path().join(".git/hooks")).unwrap();
            std::os::unix::fs::symlink(canary, git.path().join(".git/hooks").join(hook)).unwrap();
        }
    }
    git.write(".gitattributes", "*.toml filter=evil diff=evil merge=evil eol=crlf\n");
    elsewhere.write("more.config", format!("[core]\n\tfsmonitor = {canary}\n\tsshCommand = {canary}\n"));
    let more = elsewhere.path().join("more.config");
    for (key, value) in [
        ("core.worktree", elsewhere.path().to_str().unwrap()),
        ("core.fsmonitor", canary),
        ("core.hooksPath", elsewhere.path().to_str().unwrap()),
        ("core.attributesFile", canary),
        ("filter.evil.smudge", canary),
        ("filter.evil.clean", canary),
        ("filter.evil.process", canary),
        ("diff.evil.textconv", canary),
        ("merge.evil.driver", canary),
        ("gpg.program", canary),
        ("gpg.ssh.program", canary),
        ("core.gitProxy", canary),
        ("credential.helper", canary),
        ("include.path", more.to_str().unwrap()),
    ] {
        let config = git.path().join(".git/config");
        git.git(&["config", "--file", config.to_str().unwrap(), key, value]);
    }
    assert_eq!(validate(&git, "HEAD~1"), before);
    assert!(!elsewhere.path().join("ran").exists(), "nothing was run");
}

#[test]
fn the_environment_decides_nothing() {
    let git = two_commits();
    let before = validate(&git, "HEAD~1");
    let other = Git::base();
    other.commit("Third");
    let folder = other.path().join(".git");
    for (name, value) in [
        ("GIT_DIR", folder.to_str().unwrap()),
        ("GIT_WORK_TREE", other.path().to_str().unwrap()),
        ("GIT_COMMON_DIR", folder.to_str().unwrap()),
        ("GIT_INDEX_FILE", "/dev/null"),
        ("GIT_OBJECT_DIRECTORY", "/dev/null"),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/dev/null"),
        ("GIT_NAMESPACE", "other"),
        ("GIT_CEILING_DIRECTORIES", git.path().to_str().unwrap()),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_COUNT", "x"),
        ("GIT_REPLACE_REF_BASE", "refs/heads/"),
        ("GIT_SHALLOW_FILE", "/dev/null"),
        ("GIT_GRAFT_FILE", "/dev/zero"),
    ] {
        let mut command =
            command(&["validate", "--at", "HEAD~1", "--now", "2026-11-20T12:00:00Z"], git.path());
        command.env(name, value);
        assert_eq!(run(command), before, "{name}");
    }
}

#[test]
fn a_repository_of_somebody_else_is_refused_with_what_trusts_it() {
    let git = Git::base();
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Only root can give a folder away.
        if fs::metadata(git.path()).unwrap().uid() != 0 {
            return;
        }
        let folders = walkdir::WalkDir::new(git.path()).into_iter().map(Result::unwrap);
        folders.for_each(|entry| std::os::unix::fs::chown(entry.path(), Some(12_345), Some(12_345)).unwrap());
        let run = validate(&git, "HEAD");
        let top = git.path().canonicalize().unwrap();
        let expected = format!(
            "error: the Git repository `{0}` belongs to another user, whose files would say what is read: \
             `git config --global --add safe.directory {0}` trusts them\n",
            top.display()
        );
        assert_eq!((run.status, run.stderr), (2, expected));
        // The fix of the message is one, in the configuration of the user and not in that of the repository.
        let home = Git::empty();
        home.write(".gitconfig", format!("[safe]\n\tdirectory = {}\n", top.display()));
        let mut trusting = command(&["validate", "--at", "HEAD", "--now", "2026-11-20"], git.path());
        trusting.env("HOME", home.path());
        let run = crate::support::run(trusting);
        assert_eq!(run.status, 0, "{}", run.stderr);
    }
}

#[test]
fn grafts_are_refused_and_replaced_objects_are_read_as_they_were_named() {
    let git = two_commits();
    let (head, base) = (git.head(), git.git(&["rev-parse", "HEAD~1"]));
    let forged = git.git(&["commit-tree", &format!("{base}^{{tree}}"), "-m", "Forged"]);
    git.git(&["replace", &head, &forged]);
    let shown = git.git(&["show", "--no-patch", "--format=%s", "HEAD"]);
    assert_eq!(shown, "Forged", "`git` is deceived");
    let run = validate(&git, "HEAD");
    assert!(run.stderr.contains("Another)"), "{}", run.stderr);
    let said = "`git` shows 1 replaced object of this repository as something else (`refs/replace`)";
    assert!(run.stderr.contains(said), "{}", run.stderr);

    git.write(".git/info/grafts", format!("{head}\n"));
    let run = validate(&git, "HEAD");
    let expected = "error: `.git/info/grafts` pretends that commits have other parents than they have";
    assert!(run.status == 2 && run.stderr.starts_with(expected), "{}", run.stderr);
    git.write(".git/info/grafts", "");
    assert_ne!(validate(&git, "HEAD").status, 2);
}

#[test]
fn a_shallow_file_in_a_whole_clone_hides_nothing() {
    let git = two_commits();
    git.write(".git/shallow", format!("{}\n", git.head()));
    let run = validate(&git, "HEAD~1");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stderr.contains("the clone is shallow"), "{}", run.stderr);
}

#[test]
fn formats_that_cannot_be_read_are_named() {
    let formats: &[(&[&str], &str)] = &[
        (&["--object-format=sha256"], "names its objects by SHA-256: only SHA-1 can be read so far"),
        (
            &["--ref-format=reftable"],
            "keeps its references in a reftable: `git refs migrate --ref-format=files` writes them as files",
        ),
    ];
    for (format, expected) in formats {
        let git = Git::empty();
        fs::remove_dir_all(git.path().join(".git")).unwrap();
        git.git(&[&["init", "--quiet"], *format].concat());
        git.write("gitsm.toml", "[project]\nname = \"x\"\n");
        git.commit("First");
        let run = validate(&git, "HEAD");
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    let git = Git::base();
    git.git(&["config", "uploadpack.allowFilter", "true"]);
    let partial = git.clone_with(&["--filter=blob:none", "--no-checkout"]);
    let run = gitsm(&["validate", "--at", "HEAD"], partial.path());
    let expected =
        "is missing from this clone: the clone is partial, and `git fetch --refetch --no-filter` gets it";
    assert!(run.status == 2 && run.stderr.contains(expected), "{}", run.stderr);
    git.git(&["-C", partial.path().to_str().unwrap(), "fetch", "--quiet", "--refetch", "--no-filter"]);
    let run = gitsm(&["validate", "--at", "HEAD", "--now", "2026-11-20"], partial.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    git.git(&["config", "core.repositoryformatversion", "1"]);
    git.git(&["config", "extensions.timeTravel", "true"]);
    let run = validate(&git, "HEAD");
    assert!(run.status == 2 && run.stderr.contains("needs what cannot be read here"), "{}", run.stderr);
}

#[test]
fn objects_that_are_missing_or_damaged_are_named() {
    let git = Git::base();
    let tree = git.git(&["rev-parse", "HEAD^{tree}"]);
    for (path, kind) in [
        ("HEAD:catalog/services.toml", "file"),
        ("HEAD:catalog", "tree"),
        ("HEAD^{tree}", "tree"),
        ("HEAD", "commit"),
    ] {
        let id = git.git(&["rev-parse", path]);
        let file = loose(&git, &id);
        let kept = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let run = validate(&git, "main");
        let missing = format!("the {kind} {id} is missing from this clone: `git fetch --refetch` gets it");
        assert!(run.status == 2 && run.stderr.contains(&missing), "{path}: {}", run.stderr);
        // Another object in its place, whose own bytes are fine.
        let other = git.object(if kind == "file" { "blob" } else { kind }, &other_bytes(&git, kind, &tree));
        fs::copy(loose(&git, &other), &file).unwrap();
        let run = validate(&git, "main");
        let damaged = format!("the {kind} {id} is damaged (");
        assert!(run.status == 2 && run.stderr.contains(&damaged), "{path}: {}", run.stderr);
        fs::remove_file(&file).unwrap();
        fs::write(&file, b"not zlib").unwrap();
        let run = validate(&git, "main");
        assert!(run.status == 2 && run.stderr.contains(&damaged), "{path}: {}", run.stderr);
        fs::remove_file(&file).unwrap();
        fs::write(&file, kept).unwrap();
        assert_eq!(validate(&git, "main").status, 0, "{path}");
    }
}

/// libgit2 waits forever for the rest of an object that was cut off.
#[test]
fn objects_that_were_cut_off_are_named() {
    let git = Git::base();
    // Long enough that its middle is not its header, and not to be packed well.
    let long: String =
        (0..4_000_u32).map(|line| format!("# {}\n", line.wrapping_mul(2_654_435_761))).collect();
    git.write("catalog/long.toml", &long);
    git.commit("Long");
    git.edit("catalog/long.toml", "# 0\n", "# Edited\n");
    let head = git.commit("Edited");
    let borrowing = Git::empty();
    let from = objects(&git).canonicalize().unwrap();
    borrowing.write(".git/objects/info/alternates", format!("{}\n", from.display()));
    borrowing.git(&["update-ref", "refs/heads/main", &head]);
    for (path, kind) in [
        ("HEAD:catalog/services.toml", "file"),
        ("HEAD:catalog/long.toml", "file"),
        ("HEAD:catalog", "tree"),
        ("HEAD", "commit"),
    ] {
        let id = git.git(&["rev-parse", path]);
        let file = loose(&git, &id);
        let kept = fs::read(&file).unwrap();
        for cut in [0, 1, 10, kept.len() / 2, kept.len() * 9 / 10, kept.len() - 4, kept.len() - 1] {
            fs::remove_file(&file).unwrap();
            fs::write(&file, &kept[..cut]).unwrap();
            let damaged = format!("the {kind} {id} is damaged (");
            for (arguments, git) in [
                (&["validate", "--at", "main"][..], &git),
                (&["validate", "--at", "main"], &borrowing),
                (&["log"], &git),
                (&["diff", "main~1..main"], &git),
            ] {
                let run = git.gitsm(arguments);
                let said = [run.stdout.as_str(), run.stderr.as_str()].concat();
                // What every commit changed is not known, unless the first one is not.
                let expected = if arguments == ["log"] && kind != "commit" { 6 } else { 2 };
                // What both commits have is not read for what is different.
                let is_the_same = path.ends_with("services.toml") && arguments[0] == "diff";
                if !is_the_same {
                    assert_eq!(run.status, expected, "{arguments:?} {path} {cut}: {said}");
                }
                assert!(said.contains(&damaged) || is_the_same, "{arguments:?} {path} {cut}: {said}");
            }
        }
        fs::remove_file(&file).unwrap();
        fs::write(&file, [kept.as_slice(), b"more"].concat()).unwrap();
        assert!([0, 2].contains(&validate(&git, "main").status), "{path}: more than there should be");
        fs::remove_file(&file).unwrap();
        fs::write(&file, kept).unwrap();
        assert_eq!(validate(&git, "main").status, 0, "{path}");
    }
}

/// The bytes of an object of a kind that is another one than any of the repository.
fn other_bytes(git: &Git, kind: &str, tree: &str) -> Vec<u8> {
    let empty = git.object("blob", b"");
    match kind {
        "file" => b"[team.forged]\n".to_vec(),
        "tree" => entry("100644", "forged", &empty),
        _ => {
            let who = "Forger <forger@example.com> 1 +0000";
            format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nForged\n").into_bytes()
        }
    }
}

#[test]
fn trees_that_programs_read_differently_are_refused() {
    let git = Git::base();
    let at = |path: &str| git.git(&["rev-parse", path]);
    let settings = at("HEAD:gitsm.toml");
    let services = at("HEAD:catalog/services.toml");
    let other = git.object("blob", b"[service.other]\n");
    let rest = [
        entry("100644", "organisation.toml", &at("HEAD:catalog/organisation.toml")),
        entry("100644", "service-levels.toml", &at("HEAD:catalog/service-levels.toml")),
    ]
    .concat();
    let commit = |catalog: &[u8]| {
        let catalog = git.object("tree", catalog);
        let top = [
            entry("40000", "catalog", &catalog),
            entry("100644", "gitsm.toml", &settings),
            entry("40000", "policies", &at("HEAD:policies")),
        ];
        git.commit_of(&git.object("tree", &top.concat()))
    };
    let with = |entries: &[Vec<u8>]| commit(&[rest.as_slice(), &entries.concat()].concat());
    let good = with(&[entry("100644", "services.toml", &services)]);
    assert_eq!(validate(&git, &good).status, 0, "{}", validate(&git, &good).stderr);
    let executable = with(&[entry("100755", "services.toml", &services)]);
    assert_eq!(validate(&git, &executable).status, 0);
    for (entries, expected) in [
        (
            vec![entry("100644", "services.toml", &services), entry("100644", "services.toml", &other)],
            "has two entries called `services.toml`, and programs read that differently",
        ),
        (
            vec![entry("100644", "services.toml", &other), entry("100644", "services.toml", &services)],
            "has two entries called `services.toml`",
        ),
        (
            vec![entry("100664", "services.toml", &services)],
            "has `services.toml` with the mode 100664, which Git does not write",
        ),
        (
            vec![entry("0100644", "services.toml", &services)],
            "with the mode 100644, which Git does not write",
        ),
        (
            vec![entry("100644", "services.toml", &services), entry("100644", "a.toml", &other)],
            "has `a.toml` in the wrong place",
        ),
        (vec![entry("40000", "..", &at("HEAD:policies"))], "has an entry called `..`"),
        (vec![entry("40000", ".git", &at("HEAD:policies"))], "has an entry called `.git`"),
    ] {
        let mut sorted = entries.clone();
        if expected.contains("`..`") || expected.contains("`.git`") {
            sorted = vec![];
            let catalog = [entries.concat(), rest.clone()].concat();
            let run = validate(&git, &commit(&catalog));
            assert!(run.status == 2 && run.stderr.contains(expected), "{expected}: {}", run.stderr);
        }
        if !sorted.is_empty() {
            let run = validate(&git, &with(&sorted));
            assert!(run.status == 2 && run.stderr.contains(expected), "{expected}: {}", run.stderr);
        }
    }
    // What is in the commit and can be named is a finding rather than a failure.
    let link = git.object("blob", b"services.toml");
    let head = git.head();
    for (entries, expected) in [
        (
            vec![entry("100644", "services.toml", &services), entry("120000", "z.toml", &link)],
            "`catalog/z.toml` is a symbolic link",
        ),
        (
            vec![entry("100644", "services.toml", &services), entry("160000", "z", &head)],
            "`catalog/z` is a submodule",
        ),
    ] {
        let run = validate(&git, &with(&entries));
        assert_eq!(run.status, 1, "{expected}: {}", run.stderr);
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    }
}

#[test]
fn a_commit_with_two_of_one_field_is_refused() {
    let git = Git::base();
    let tree = git.git(&["rev-parse", "HEAD^{tree}"]);
    let who = "Ana Lima <ana.lima@example.com> 1790000000 +0000";
    let good = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nText\n");
    let id = git.object("commit", good.as_bytes());
    assert_eq!(validate(&git, &id).status, 0);
    for (from, to) in [
        ("tree", format!("tree {tree}\ntree")),
        ("author", format!("author {who}\nauthor")),
        ("committer", format!("committer {who}\ncommitter")),
    ] {
        let id = git.object("commit", good.replacen(from, &to, 1).as_bytes());
        let run = validate(&git, &id);
        // libgit2 or gitsm: whoever sees it first.
        assert_eq!(run.status, 2, "{from}: {}", run.stderr);
        assert!(run.stderr.contains(&id[..12]) || run.stderr.contains("cannot be read"), "{}", run.stderr);
    }
    // A name, an address and a date that are none are no reason to read nothing.
    let odd = good.replace(who, "\u{1b}[31m <> 99999999999999999999 +9999");
    let id = git.object("commit", odd.as_bytes());
    let run = validate(&git, &id);
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains("panic"), "{}", run.stderr);
}
