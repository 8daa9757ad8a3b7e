//! The commits that changed what a rulebook says.

use std::fs;

use serde_json::Value;

use super::{diff::desk, support::Git};
use crate::support::{Run, gitsm};

const DESK: &str = "catalog/desk.toml";

pub fn log(git: &Git, arguments: &[&str]) -> (Run, Vec<Value>) {
    let run = gitsm(&[&["log", "--format", "json"], arguments].concat(), git.path());
    let entries = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (run, entries)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Each commit in short: `Subject: changed team/night members; …`.
pub fn short(entries: &[Value]) -> Vec<String> {
    let change = |change: &Value| {
        let fields = change["fields"].as_array().into_iter().flatten();
        let paths: Vec<&str> = fields.map(|field| text(&field["path"])).collect();
        format!("{} {} {}", text(&change["change"]), text(&change["object"]), paths.join(" "))
            .trim_end()
            .to_owned()
    };
    let entry = |entry: &Value| {
        let changes: Vec<String> = entry["changes"].as_array().unwrap().iter().map(change).collect();
        format!("{}: {}", text(&entry["subject"]), changes.join("; "))
    };
    entries.iter().map(entry).collect()
}

/// A history of the desk: edits, a move, names that change, and what means the same.
pub fn history() -> Git {
    let git = desk();
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer (#7)");
    git.edit(DESK, "max-duration = \"180d\"", "max-duration = \"4320h\"");
    git.commit("In hours");
    let moved = git.read(DESK);
    fs::remove_file(git.path().join(DESK)).unwrap();
    git.write(
        "catalog/deep/night.toml",
        format!("# moved\n{}", moved.replace("lead = \"ana\"", "lead = \"ben\"")),
    );
    git.commit("Elsewhere, with another lead");
    let path = "catalog/deep/night.toml";
    git.edit(path, "id = \"first\"", "id = \"helpers\"");
    git.commit("A better name for the rule");
    let text = git.read(path);
    git.write(
        path,
        text.replace("[access.night]", "[access.late]").replace("access.night.rule", "access.late.rule"),
    );
    git.commit("A better name for the policy");
    git.edit(path, "name = \"Night access\"", "name = \"Late access\"");
    git.commit("A better title");
    git
}

#[test]
fn an_object_is_followed_through_files_and_names() {
    let git = history();
    let (run, entries) = log(&git, &["access/late"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        short(&entries),
        [
            "A better title: changed access/late name",
            "A better name for the policy: renamed access/late",
            "A better name for the rule: changed access/night rule.helpers",
            "Longer (#7): changed access/night rule.first.max-duration",
            "Night: added access/night",
        ]
    );
    assert_eq!(entries[3]["pull-request"], 7);
    assert_eq!(entries[3]["author"]["name"], "Ana Lima");
    assert_eq!(entries[3]["committer"]["email"], "ben.okoro@example.com");
    assert_eq!(entries[3]["signature"], "none");
    assert_eq!(entries[0]["changes"][0]["place"], "catalog/deep/night.toml:7");
    // By the name that it had before, all of it is shown, and how it is called now.
    let (by_old, of_old) = log(&git, &["access/night"]);
    assert_eq!(short(&of_old), short(&entries));
    assert!(by_old.stderr.contains("`access/night` is called `access/late` now"), "{}", by_old.stderr);
    // What has the name again is what is asked about.
    assert!(!run.stderr.contains("is called"), "{}", run.stderr);
    // One rule, whatever it was called.
    let of_rule = short(&log(&git, &["access/late/helpers"]).1);
    assert_eq!(
        of_rule,
        [
            "A better name for the policy: renamed access/late",
            "A better name for the rule: changed access/night rule.helpers",
            "Longer (#7): changed access/night rule.first.max-duration",
            "Night: added access/night",
        ]
    );
    assert_eq!(short(&log(&git, &["access/late/third"]).1).len(), 2);
    assert_eq!(short(&log(&git, &["teams"]).1)[0], "Elsewhere, with another lead: changed team/night lead");
    // In force at an earlier commit, and since one.
    assert_eq!(short(&log(&git, &["access/night", "--at", "HEAD~2"]).1).len(), 3);
    assert_eq!(log(&git, &["--since", "HEAD~2"]).1.len(), 2);
    assert_eq!(log(&git, &["-n", "1"]).1.len(), 1);
    let human = gitsm(&["log", "access/late", "-n", "4"], git.path()).stdout;
    let expected = "2026-09-24  Ana Lima <ana.lima@example.com>, committed by Ben Okoro <ben.okoro@example.com>  #7  not signed\n    Longer (#7)\n    ~ access/night  catalog/desk.toml:6\n        rule.first.max-duration\n          \"90d\" → \"180d\"\n\n";
    assert!(human.contains(expected), "{human}");
}

#[test]
fn what_nobody_knows_is_named_with_what_may_be_meant() {
    let git = history();
    for (what, status, expected) in [
        ("access/laet", 0, "there is no access `laet`: did you mean `access/late`?"),
        ("acces", 2, "there is no kind `acces`: did you mean `access`?"),
        ("settings", 0, ""),
        ("service/mail/nothing", 0, ""),
    ] {
        let (run, _) = log(&git, &[what]);
        assert_eq!(run.status, status, "{what}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{what}: {}", run.stderr);
    }
    let run = gitsm(&["log", "--since", "mian"], git.path());
    assert!(run.status == 2 && run.stderr.contains("did you mean `main`?"), "{}", run.stderr);
    for (what, expected) in [
        ("access/laet", "did you mean `access/late`?"),
        ("access", "`access` is not an object: write its kind and its id, such as `access/mail`"),
        ("access/late/none", "`access/late` has no part `none`"),
    ] {
        let run = gitsm(&["blame", what], git.path());
        assert!(run.status == 2 && run.stderr.contains(expected), "{what}: {}", run.stderr);
    }
}

#[test]
fn blame_names_the_commit_that_gave_a_field_its_meaning() {
    let git = history();
    let run = gitsm(&["blame", "access/late", "--format", "json"], git.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let subject = |id: &Value| {
        let commits = report["commits"].as_array().unwrap();
        text(&commits.iter().find(|commit| commit["commit"] == *id).unwrap()["subject"]).to_owned()
    };
    let of = |path: &str| {
        let fields = report["fields"].as_array().unwrap();
        let field = fields.iter().find(|field| field["path"] == path && field["place"] == false).unwrap();
        subject(&field["commit"])
    };
    for (path, expected) in [
        ("name", "A better title"),
        // It is written in hours since later, and means the same.
        ("rule.helpers.max-duration", "Longer (#7)"),
        ("rule.helpers.decision", "Night"),
        ("rule.third.decision", "Night"),
        ("owner", "Night"),
    ] {
        assert_eq!(of(path), expected, "{path}");
    }
    let human = gitsm(&["blame", "access/late/helpers"], git.path()).stdout;
    assert!(human.contains(" Ana Lima  rule.helpers.max-duration = \"4320h\"\n"), "{human}");
    assert!(!human.contains("rule.third"), "{human}");
    // An entry of a list is given by the commit that added it, and a place by the one that moved it.
    git.edit(
        "catalog/deep/night.toml",
        "members = [\"ana\", \"ben\"]",
        "members = [\"ben\", \"dan\", \"ana\"]",
    );
    git.commit("Dan");
    let human = gitsm(&["blame", "team/night"], git.path()).stdout;
    let dan = git.head();
    for (line, given) in
        [("members has \"dan\"", true), ("members has \"ana\"", false), ("lead = \"ben\"", false)]
    {
        let found =
            human.lines().find(|one| one.ends_with(line)).unwrap_or_else(|| panic!("{line}: {human}"));
        assert_eq!(found.starts_with(&dan[..12]), given, "{found}");
    }
    let path = "catalog/deep/night.toml";
    let parts: Vec<String> = git.read(path).split("[[access.late.rule]]").map(str::to_owned).collect();
    git.write(
        path,
        [&parts[0], &parts[2], &parts[1], &parts[3]].map(String::as_str).join("[[access.late.rule]]"),
    );
    git.commit("Swap");
    let human = gitsm(&["blame", "access/late"], git.path()).stdout;
    let head = git.head();
    let places: Vec<bool> = human
        .lines()
        .filter(|line| line.contains(" is number "))
        .map(|line| line.starts_with(&head[..12]))
        .collect();
    assert_eq!(places.iter().filter(|given| **given).count(), 1, "{human}");
}

/// A merge of a branch into main, with whatever the work tree holds when it is committed.
pub fn merge(git: &Git, edit: impl Fn(&Git)) -> String {
    git.git(&["merge", "--quiet", "--no-ff", "--no-commit", "feature"]);
    edit(git);
    git.git(&["add", "--all"]);
    git.git(&["commit", "--quiet", "--message", "Merge pull request #9 from desk/feature"]);
    git.head()
}

/// A branch that changes the title, beside a main branch that changes the lead.
pub fn branched() -> Git {
    let git = desk();
    git.git(&["checkout", "--quiet", "-b", "feature"]);
    git.edit(DESK, "name = \"Night access\"", "name = \"Late access\"");
    git.commit("Title");
    git.git(&["checkout", "--quiet", "main"]);
    git.edit(DESK, "lead = \"ana\"", "lead = \"ben\"");
    git.commit("Lead");
    git
}

pub fn merge_notes(entry: &Value) -> Vec<String> {
    let notes = entry["merge"].as_array().into_iter().flatten();
    notes.map(|note| format!("{} {}", text(&note["did"]), text(&note["object"]))).collect()
}

#[test]
fn a_merge_that_does_more_than_merge_shows() {
    let git = branched();
    merge(&git, |_| {});
    let (_, entries) = log(&git, &[]);
    assert_eq!(short(&entries)[0], "Merge pull request #9 from desk/feature: changed access/night name");
    assert_eq!(entries[0]["pull-request"], 9);
    assert_eq!(merge_notes(&entries[0]), Vec::<String>::new(), "a merge that only merges");

    let git = branched();
    merge(&git, |git| git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"999d\""));
    let (_, entries) = log(&git, &[]);
    assert_eq!(merge_notes(&entries[0]), ["made access/night"]);
    assert_eq!(git.git(&["log", "-p", "-1", "--format=", "HEAD"]), "", "`git log -p` shows nothing of it");
    let human = gitsm(&["log", "-n", "1"], git.path()).stdout;
    assert!(
        human.contains(
            "    ! the merge itself changed `access/night` (rule.first.max-duration): neither of its parents has it so\n"
        ),
        "{human}"
    );
    assert!(human.contains("          \"90d\" → \"999d\"\n"), "{human}");

    let git = branched();
    merge(&git, |git| git.write("catalog/evil.toml", "[team.dawn]\nname = \"Dawn\"\n"));
    assert_eq!(merge_notes(&log(&git, &[]).1[0]), ["made team/dawn"]);

    // What the merged side brought is left out: for the first parent nothing changed at all.
    let git = branched();
    git.git(&["merge", "--quiet", "--no-ff", "--strategy", "ours", "--message", "Ours", "feature"]);
    let (_, entries) = log(&git, &[]);
    assert_eq!(short(&entries)[0], "Ours: ");
    assert_eq!(merge_notes(&entries[0]), ["dropped access/night"]);
    assert_eq!(merge_notes(&log(&git, &["access/night"]).1[0]), ["dropped access/night"]);
    assert_eq!(short(&log(&git, &["team/night"]).1)[0], "Lead: changed team/night lead");

    // Both sides changed the same field.
    let git = branched();
    git.edit(DESK, "name = \"Night access\"", "name = \"Access by night\"");
    git.commit("Another title");
    git.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "--strategy-option",
        "theirs",
        "--message",
        "Theirs",
        "feature",
    ]);
    assert_eq!(merge_notes(&log(&git, &[]).1[0]), ["resolved access/night"]);
}

#[test]
fn a_file_that_could_not_be_read_is_held_against_what_it_said_before() {
    let git = desk();
    let good = git.read(DESK);
    git.write(DESK, format!("{good}\n[broken"));
    git.commit("Broken");
    git.write(DESK, format!("{good}\n[still broken"));
    git.commit("Still broken");
    git.write(DESK, good.replace("lead = \"ana\"", "lead = \"ben\""));
    git.commit("Mended, with another lead");
    let (_, entries) = log(&git, &[]);
    assert_eq!(
        short(&entries)[..3],
        ["Mended, with another lead: changed team/night lead", "Still broken: ", "Broken: "]
    );
    assert_eq!(entries[2]["unread"][0]["what"], DESK);
    assert_eq!(entries[2]["unread"][0]["side"], "after");
    assert!(entries[0].get("unread").is_none());
    // An object that makes no sense is compared as it was written, and that is said.
    git.edit(DESK, "lead = \"ben\"", "lead = 7");
    git.commit("No lead");
    let (_, entries) = log(&git, &["team/night"]);
    assert_eq!(short(&entries)[0], "No lead: changed team/night lead");
    assert_eq!(
        (&entries[0]["unread"][0]["what"], &entries[0]["unread"][0]["object"]),
        (&"team/night".into(), &true.into())
    );
}

#[test]
fn a_clone_that_ends_early_says_so() {
    let git = history();
    let shallow = git.clone_with(&["--depth", "3"]);
    let run = gitsm(&["log"], shallow.path());
    assert_eq!(run.status, 6, "{}", run.stderr);
    assert!(
        run.stdout.contains("    ? the clone ends here, and what came before is not known"),
        "{}",
        run.stdout
    );
    let commits = run.stdout.lines().filter(|line| line.starts_with("commit "));
    assert_eq!(commits.count(), 3, "{}", run.stdout);
    assert!(
        run.stdout.contains("is missing from this clone: `git fetch --unshallow` gets it"),
        "{}",
        run.stdout
    );
    let run = gitsm(&["blame", "access/late"], shallow.path());
    assert_eq!(run.status, 6, "{}", run.stderr);
    assert!(run.stdout.contains("???????????? "), "{}", run.stdout);
    assert!(run.stdout.contains("  name = \"Late access\"\n"), "{}", run.stdout);
}

#[test]
fn names_dates_and_messages_are_shown_and_believed_by_nobody() {
    let git = desk();
    let tree = {
        git.edit(DESK, "lead = \"ana\"", "lead = \"ben\"");
        git.git(&["add", "--all"]);
        git.git(&["write-tree"])
    };
    let parent = git.head();
    let commit = |header: &str, message: &[u8]| {
        let head = format!("tree {tree}\nparent {parent}\n{header}\n\n");
        let id = git.object("commit", &[head.as_bytes(), message].concat());
        git.git(&["update-ref", "refs/heads/main", &id]);
        let run = gitsm(&["log", "-n", "1"], git.path());
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
        assert!(run.stdout.contains("lead"), "{}", run.stdout);
        run.stdout
    };
    let who = "Ana Lima <ana.lima@example.com>";
    let odd = commit(
        "author \u{1b}[2J\u{202e}x <> 99999999999999999999 +0000\ncommitter  <> -5 +0000",
        b"\x1b]0;x\x07 (#3)\xff\0hidden",
    );
    assert!(odd.contains("no date") && odd.contains("\\u{1b}[2J"), "{odd}");
    let latin =
        commit(&format!("author {who} 1 +0000\ncommitter {who} 1 +0000\nencoding ISO-8859-1"), b"K\xfcche");
    assert!(latin.contains("1970-01-01") && latin.contains("K\u{fc}che"), "{latin}");
    let signed = commit(
        &format!(
            "author {who} 1 +0000\ncommitter {who} 1 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----"
        ),
        b"Signed",
    );
    assert!(signed.contains("signed by OpenPGP, not verified"), "{signed}");
    let twice = commit(
        &format!(
            "author {who} 1 +0000\ncommitter {who} 1 +0000\ngpgsig -----BEGIN SSH SIGNATURE-----\n a\ngpgsig -----BEGIN SSH SIGNATURE-----\n b"
        ),
        b"Signed twice",
    );
    assert!(twice.contains("signed in an odd way"), "{twice}");
}
