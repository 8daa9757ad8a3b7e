//! `gitsm init`.

use std::{collections::BTreeMap, fs, path::Path};

use crate::support::{Repository, Run, gitsm, root};

const NOW: &str = "2026-11-20T12:00:00Z";

fn init(arguments: &[&str], folder: &Path) -> Run {
    gitsm(&[&["init", "--now", NOW], arguments].concat(), folder)
}

/// Every file below a folder with its text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn what_is_written_validates_and_is_laid_out() {
    let folder = Repository::empty();
    let run = init(&["new/rulebook"], folder.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let rulebook = folder.path().join("new/rulebook");
    let written = files(&rulebook);
    let listed: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(listed, written.keys().map(String::as_str).collect::<Vec<_>>());
    assert!(run.stderr.contains("\nnext\n  cd new/rulebook && gitsm validate  "), "{}", run.stderr);
    for path in [
        ".github/actions/gitsm/action.yml",
        ".github/workflows/gitsm.yml",
        ".github/workflows/gitsm-gate.yml",
        ".taplo.toml",
        "README.md",
        "gitsm.toml",
        "schemas/gitsm.schema.json",
    ] {
        assert!(written.contains_key(path), "{path}");
    }
    assert!(written["gitsm.toml"].contains("name = \"rulebook\"\n"), "{}", written["gitsm.toml"]);
    // Also a year later, when the reviews are due, but not after.
    for now in [NOW, "2027-10-01T00:00:00Z"] {
        let run = gitsm(&["validate", "--format", "json", "--deny-warnings", "--now", now], &rulebook);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        if now == NOW {
            assert_eq!(report["findings"], serde_json::json!([]), "{now}");
        }
        assert!(
            !report["findings"].as_array().unwrap().iter().any(|finding| finding["level"] == "error"),
            "{now}"
        );
    }
    let run = gitsm(&["fmt", "--check"], &rulebook);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let run = gitsm(&["test"], &rulebook);
    assert_eq!((run.status, run.stderr.as_str()), (0, "3 scenarios: all passed\n"), "{}", run.stdout);
}

#[test]
fn schemas_are_found_where_documents_say() {
    let folder = Repository::empty();
    assert_eq!(init(&["."], folder.path()).status, 0);
    let mut number = 0;
    for (path, text) in files(folder.path()) {
        if let Some(schema) = text.lines().next().and_then(|line| line.strip_prefix("#:schema ")) {
            let schema = folder.path().join(path).parent().unwrap().join(schema);
            assert!(schema.is_file(), "{}", schema.display());
            number += 1;
        }
    }
    assert_eq!(number, 8);
    let taplo: toml::Table = folder.read(".taplo.toml").parse().unwrap();
    for rule in taplo["rule"].as_array().unwrap() {
        assert!(folder.path().join(rule["schema"]["path"].as_str().unwrap()).is_file());
    }
}

#[test]
fn the_check_of_pull_requests_can_do_nothing_but_read() {
    let folder = Repository::empty();
    assert_eq!(init(&[], folder.path()).status, 0);
    let workflow = folder.read(".github/workflows/gitsm.yml");
    assert!(workflow.contains("permissions:\n  contents: read\n"));
    assert!(workflow.contains("on:\n  pull_request:\n    types: ["));
    assert!(!workflow.contains("github.token"), "the program has nothing to write with");
    assert!(workflow.contains("run: gitsm validate --format github\n"));
    for word in ["secrets.", "pull_request_target", "write", "{{ name"] {
        assert!(!workflow.contains(word) || word == "write" && !workflow.contains(": write"), "{word}");
    }
    pinned(&workflow);
}

#[test]
fn what_is_written_about_workflows_is_what_this_repository_uses() {
    let folder = Repository::empty();
    assert_eq!(init(&[], folder.path()).status, 0);
    let written = files(folder.path());
    let mut number = 0;
    for (path, text) in written.iter().filter(|(path, _)| path.starts_with(".github/")) {
        assert_eq!(*text, fs::read_to_string(root().join(path)).unwrap(), "{path}");
        number += 1;
    }
    assert_eq!(number, 6);
    // What this repository has beside them is about its own source.
    for path in files(&root().join(".github")).into_keys().filter(|path| path.contains("gitsm")) {
        assert!(written.contains_key(&format!(".github/{path}")), "{path} is not written");
    }
}

#[test]
fn only_workflows_of_the_default_branch_can_write_and_each_may_only_do_what_it_does() {
    let folder = Repository::empty();
    assert_eq!(init(&[], folder.path()).status, 0);
    let expected: [(&str, &[&str], &str); 4] = [
        ("apply", &["deployments", "statuses"], "gitsm pr apply --commit \"$COMMIT\" --post"),
        (
            "schedule",
            &["issues", "contents", "pull-requests", "contents", "pull-requests", "issues"],
            "gitsm grants expire --pull-request",
        ),
        (
            "schedule",
            &["issues", "contents", "pull-requests", "contents", "pull-requests", "issues"],
            "gitsm request lifecycle --since \"$since\" --pull-request",
        ),
        ("requests", &["contents", "issues", "pull-requests"], "gitsm request from-issue --issue \"$ISSUE\""),
    ];
    for (name, may, runs) in expected {
        let workflow = folder.read(&format!(".github/workflows/gitsm-{name}.yml"));
        assert!(workflow.contains("\npermissions: {}\n") && workflow.contains("\nconcurrency:\n"), "{name}");
        for trigger in ["pull_request:", "pull_request_target", "pull_request_review"] {
            assert!(!workflow.contains(trigger), "{name}: {trigger}");
        }
        let writes = workflow.lines().filter_map(|line| line.trim().split_once(": write"));
        let writes: Vec<&str> = writes.map(|(what, _)| what).collect();
        assert_eq!(writes, may, "{name}");
        assert!(workflow.contains(runs), "{name}");
        // Nothing that somebody wrote reaches a shell as a part of a command.
        for block in workflow.split("run: ").skip(1) {
            let commands = block.split("\n      - ").next().unwrap();
            assert!(!commands.contains("${{"), "{name}: {commands}");
        }
        pinned(&workflow);
    }
}

/// Every action is one that nobody can put another in the place of.
fn pinned(workflow: &str) {
    let mut actions = 0;
    for action in workflow.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")) {
        if action == "./.github/actions/gitsm" {
            continue;
        }
        actions += 1;
        let digest = action.split_once('@').unwrap().1.split_whitespace().next().unwrap();
        assert!(digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
        assert!(action.contains(" # v"), "{action}");
    }
    assert!(actions > 0, "{workflow}");
}

#[test]
fn the_gate_is_the_one_of_the_default_branch_and_runs_nothing_of_a_pull_request() {
    let folder = Repository::empty();
    assert_eq!(init(&[], folder.path()).status, 0);
    let gate = folder.read(".github/workflows/gitsm-gate.yml");
    let (gate, merge) = gate.split_once("\n  # What gitsm proposed itself").unwrap();
    assert!(gate.contains("\non:\n  workflow_run: #"), "{gate}");
    assert!(gate.contains("\n    workflows: [gitsm]\n    types: [completed]\n\n"), "{gate}");
    assert!(gate.contains("\npermissions: {}\n"), "{gate}");
    let written: Vec<&str> = gate.lines().filter(|line| line.contains(": write")).map(str::trim).collect();
    assert_eq!(written, ["pull-requests: write # the comment", "statuses: write # the state of the commit"]);
    for word in
        ["secrets.", "pull_request_target", "ref:", "checkout \"$HEAD\"", "switch", "download-artifact"]
    {
        assert!(!gate.contains(word), "{word}");
    }
    // What the event says reaches the shell as a variable, never as a part of the command.
    for line in gate.lines().filter(|line| line.contains("${{ github.event")) {
        let line = line.trim();
        assert!(line.starts_with("HEAD: ") || line.starts_with("group: "), "{line}");
    }
    assert!(gate.contains("gitsm pr check --of-commit \"$HEAD\" --post"), "{gate}");
    pinned(gate);
    // What merges runs after the verdict, only for branches of gitsm's own, and runs nothing of them either.
    let written = merge.lines().filter_map(|line| line.trim().split_once(": write"));
    assert_eq!(written.map(|(what, _)| what).collect::<Vec<_>>(), ["contents", "issues", "pull-requests"]);
    assert!(merge.contains("needs: gate") && merge.contains("head_branch, 'gitsm/')"), "{merge}");
    assert!(merge.contains("gitsm pr merge --of-commit \"$HEAD\""), "{merge}");
    for word in ["ref:", "checkout \"$HEAD\"", "switch", "download-artifact"] {
        assert!(!merge.contains(word), "{word}");
    }
    assert_eq!(merge.matches("secrets.").count(), 1, "{merge}");
    pinned(merge);
    // It runs after the check, and the check after each push and each review.
    let check = folder.read(".github/workflows/gitsm.yml");
    assert!(check.contains("name: gitsm\n") && check.contains("  pull_request_review:\n"), "{check}");
}

#[test]
fn nothing_is_overwritten_and_nothing_is_half_written() {
    let folder = Repository::empty();
    folder.write("gitsm.toml", "mine");
    folder.write("policies/access.toml", "mine too");
    let before = files(folder.path());
    let run = init(&[], folder.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("  gitsm.toml\n  policies/access.toml\n"), "{}", run.stderr);
    assert!(!run.stderr.contains("organisation.toml"), "{}", run.stderr);
    assert_eq!(files(folder.path()), before);
    assert!(!folder.path().join("catalog").exists());
}

#[test]
fn a_file_in_place_of_a_folder_is_in_the_way() {
    let folder = Repository::empty();
    folder.write("catalog", "a file");
    let run = init(&[], folder.path());
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("  catalog/organisation.toml\n  catalog/services.toml\n"), "{}", run.stderr);
    assert_eq!(files(folder.path()).len(), 1);
    let run = init(&["catalog"], folder.path());
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn a_readme_that_is_there_stays() {
    let folder = Repository::empty();
    folder.write("README.md", "# Ours\n");
    let run = init(&[], folder.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(folder.read("README.md"), "# Ours\n");
    assert!(run.stderr.contains("README.md"), "{}", run.stderr);
}

#[test]
fn names_are_written_so_that_they_mean_themselves() {
    for name in
        ["Example \"Ltd\"", "O'Neill & \"Sons\"", "Müller GmbH", "a\\b", "{{ name }}", "[x] <b>*y*</b>"]
    {
        let folder = Repository::empty();
        let run = init(&["--name", name], folder.path());
        assert_eq!(run.status, 0, "{name}: {}", run.stderr);
        let settings: toml::Table = folder.read("gitsm.toml").parse().unwrap();
        assert_eq!(settings["project"]["name"].as_str(), Some(name));
        assert_eq!(gitsm(&["fmt", "--check"], folder.path()).status, 0, "{name}");
        assert!(!folder.read("README.md").contains("<b>"), "{name}");
    }
    for name in
        ["", "  ", "a\nb", "\u{1b}[31m", "a\u{200b}b", "\u{202e}ltd", "\u{2028}", "\u{e0041}x", "\u{feff}"]
    {
        let folder = Repository::empty();
        let run = init(&["--name", name], folder.path());
        assert_eq!(run.status, 2, "{name:?}");
        assert!(!run.stderr.contains('\u{1b}'));
        assert!(files(folder.path()).is_empty(), "{name:?}");
    }
}

#[test]
fn the_same_day_gives_the_same_files() {
    let (one, other) = (Repository::empty(), Repository::empty());
    for folder in [&one, &other] {
        assert_eq!(init(&["--name", "Example"], folder.path()).status, 0);
    }
    assert_eq!(files(one.path()), files(other.path()));
}
