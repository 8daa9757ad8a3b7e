//! A request stays one of the commit that it names.

use serde_json::{Value, json};

use super::{FILES, POLICY, approves};
use crate::{git::support::Git, support::Run};

/// Two commits: in the first two people have to agree, in the second nobody. The files are those of the second.
fn loosened() -> (Git, String) {
    let git = Git::empty();
    for (path, text) in FILES {
        git.write(path, text);
    }
    let first = git.commit("Ask two people");
    git.write(
        "policies/policy.toml",
        POLICY.replacen("decision.workflow = \"two\"", "decision = \"auto-approve\"", 1),
    );
    git.commit("Ask nobody");
    (git, first)
}

/// A request that names a commit, or none.
fn request(commit: Option<&str>) -> String {
    let named = commit.map(|commit| format!("policy-commit = \"{commit}\"\n")).unwrap_or_default();
    format!("{named}{}", super::asks("rita", "mail/admin", "30d"))
}

fn status(git: &Git, more: &[&str]) -> Run {
    git.write("votes.jsonl", "");
    let mut arguments = vec![
        "approvals",
        "status",
        "--request",
        "request.toml",
        "--votes",
        "votes.jsonl",
        "--now",
        "2026-11-23T10:00:00Z",
        "--format",
        "json",
    ];
    arguments.extend(more);
    git.gitsm(&arguments)
}

fn verdict(run: &Run) -> (i32, String) {
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    (run.status, report["verdict"].as_str().or(report["state"].as_str()).unwrap().to_owned())
}

#[test]
fn the_rules_of_the_named_commit_decide() {
    let (git, first) = loosened();
    for name in [first.as_str(), &first[..10]] {
        git.write("request.toml", request(Some(name)));
        let run = status(&git, &[]);
        assert_eq!(verdict(&run), (3, "pending".to_owned()));
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["policy-commit"]["compared"], true);
        assert_eq!(report["rulebook"]["commit"], first);
        for what in ["access", "request"] {
            let run = git.gitsm(&["simulate", what, "--request", "request.toml", "--format", "json"]);
            assert_eq!(verdict(&run), (0, "needs-approval".to_owned()), "{what}");
        }
    }
    // Another commit is read when somebody says so, and that is said.
    let run = status(&git, &["--at", "main"]);
    assert_eq!(verdict(&run), (0, "approved".to_owned()));
    assert!(run.stderr.contains("was read, as `--at` says"), "{}", run.stderr);
    // One that names no commit is decided by the files.
    git.write("request.toml", request(None));
    assert_eq!(verdict(&status(&git, &[])), (0, "approved".to_owned()));
}

#[test]
fn each_line_of_a_batch_is_decided_by_its_commit() {
    let (git, first) = loosened();
    let line = |commit: Option<&str>| {
        let mut line = serde_json::json!({
            "now": "2026-11-23T09:00:00Z",
            "request": { "requester": "rita", "entitlements": ["mail/admin"], "duration": "30d" },
        });
        if let Some(commit) = commit {
            line["policy-commit"] = commit.into();
        }
        format!("{line}\n")
    };
    git.write("batch.jsonl", [line(None), line(Some(&first)), line(None)].concat());
    for what in ["access", "request"] {
        let run = git.gitsm(&["simulate", what, "--batch", "batch.jsonl"]);
        let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let verdicts: Vec<&str> = lines.iter().map(|line| line["verdict"].as_str().unwrap()).collect();
        assert_eq!(
            (run.status, &verdicts[..]),
            (0, &["approved", "needs-approval", "approved"][..]),
            "{}",
            run.stderr
        );
        assert_eq!(lines[1]["rulebook"]["commit"], first);
        assert_eq!(lines[0].get("rulebook"), None);
    }
    // A line that nobody can decide is answered so, and the others are decided.
    for (commit, words) in [("deadbeef", "`deadbeef`"), ("", "write the 7 to 64 hexadecimal digits")] {
        git.write("batch.jsonl", [line(None), line(Some(commit)), line(Some(&first))].concat());
        let run = git.gitsm(&["simulate", "access", "--batch", "batch.jsonl"]);
        let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((run.status, lines.len()), (1, 3), "{}{}", run.stdout, run.stderr);
        assert_eq!(lines[1]["line"], 2);
        assert!(lines[1]["error"].as_str().unwrap().contains(words), "{}", lines[1]);
        assert_eq!(
            (&lines[0]["verdict"], &lines[2]["verdict"]),
            (&"approved".into(), &"needs-approval".into())
        );
    }
    git.write("batch.jsonl", [line(None), line(Some("deadbeef"))].concat());
    // With `--at` every line is decided by that commit, on purpose.
    let run = git.gitsm(&["simulate", "access", "--batch", "batch.jsonl", "--at", "main"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
}

#[test]
fn a_commit_that_cannot_be_read_is_a_refusal() {
    let (git, first) = loosened();
    // Rules that were never those of this branch decide nothing either.
    git.git(&["checkout", "--quiet", "-b", "aside", &first]);
    git.write(
        "policies/policy.toml",
        POLICY.replace("decision.workflow = \"two\"", "decision = \"auto-approve\""),
    );
    let aside = git.commit("Ask nobody about anything");
    git.git(&["checkout", "--quiet", "main"]);
    git.git(&["branch", "feedface", &first]);
    for (commit, words) in [
        ("deadbeef", "`deadbeef`"),
        ("main", "hexadecimal digits"),
        ("feedface", "branch or a tag"),
        (&aside, "never were those of this branch"),
    ] {
        git.write("request.toml", request(Some(commit)));
        let runs = [
            status(&git, &[]),
            git.gitsm(&["simulate", "access", "--request", "request.toml"]),
            git.gitsm(&["simulate", "request", "--request", "request.toml"]),
        ];
        for run in runs {
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{commit}: {}", run.stderr);
            assert!(run.stderr.contains(words), "{commit}: {}", run.stderr);
        }
    }
    let folder = super::world();
    folder.write("request.toml", request(Some(&first)));
    let run = super::status(&folder, &[approves("23T10:00", "ana")], "11-23T11:00");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("policy-commit"), "{}", run.stderr);
}

/// Who could agree on the day of the request may have left since: what they agreed to before stays readable.
#[test]
fn what_was_approved_stays_so_when_people_leave() {
    let git = Git::empty();
    for (path, text) in FILES {
        git.write(
            path,
            text.replace(
                "ana = { name = \"Ana Silva\" }",
                "ana = { name = \"Ana Silva\", end = 2026-11-24 }",
            ),
        );
    }
    git.edit(
        "policies/policy.toml",
        "decision.workflow = \"two\"\n\n[access.pay-create]",
        "decision.workflow = \"ana\"\n\n[access.pay-create]",
    );
    let with_ana = "[workflow.ana]\nname = \"Ana\"\n[[workflow.ana.stage]]\nid = \"ana\"\napprovers = [\"person:ana\"]\n";
    let policy = git.read("policies/policy.toml");
    git.write("policies/policy.toml", format!("{policy}\n{with_ana}"));
    let commit = git.commit("Ask Ana");
    for named in [Some(commit.as_str()), None] {
        git.write("request.toml", request(named));
        let at = |now: &str, voted: bool| {
            let vote = r#"{"event":"vote","at":"2026-11-24T09:00:00Z","by":"ana","decision":"approve"}"#;
            git.write("votes.jsonl", if voted { vote } else { "" });
            let arguments = ["approvals", "status", "--request", "request.toml", "--votes", "votes.jsonl"];
            verdict(&git.gitsm(&[&arguments[..], &["--now", now, "--format", "json"]].concat()))
        };
        assert_eq!(at("2026-11-24T10:00:00Z", true), (0, "approved".to_owned()));
        assert_eq!(at("2026-11-27T10:00:00Z", true), (0, "approved".to_owned()), "{named:?}");
        assert_eq!(at("2026-11-27T10:00:00Z", false), (1, "no-approver".to_owned()), "{named:?}");
        let run =
            git.gitsm(&["simulate", "access", "--request", "request.toml", "--now", "2026-11-27T10:00:00Z"]);
        assert_eq!(run.status, 0, "{named:?} {}{}", run.stdout, run.stderr);
    }
    // Of many requests as well, each on its day, once the rulebook of today is in order.
    git.edit("policies/policy.toml", "approvers = [\"person:ana\"]", "approvers = [\"person:cleo\"]");
    git.commit("Ask Cleo");
    for (day, status) in [("23", 0), ("25", 1)] {
        let line = json!({
            "now": format!("2026-11-{day}T09:00:00Z"), "policy-commit": commit,
            "request": { "requester": "rita", "entitlements": ["mail/admin"], "duration": "30d" },
        });
        git.write("lines.jsonl", format!("{line}\n"));
        let run =
            git.gitsm(&["simulate", "access", "--batch", "lines.jsonl", "--now", "2026-11-27T10:00:00Z"]);
        assert_eq!(run.status, status, "{day} {}{}", run.stdout, run.stderr);
    }
    // Whoever asks after she left has nobody to ask.
    git.write("request.toml", request(Some(&commit)).replace("11-23", "11-25"));
    let run =
        git.gitsm(&["simulate", "access", "--request", "request.toml", "--now", "2026-11-27T10:00:00Z"]);
    assert_eq!(run.status, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("nothing is decided"), "{}", run.stderr);
}
