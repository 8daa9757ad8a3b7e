//! `gitsm pr apply`: what was merged is applied as it was approved, once, and whoever asks later is told.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    fake::Fake,
    forge::{TOKEN, github},
    support::{Proposal, loosen},
};
use crate::{
    git::support::Git,
    support::{Run, command, run},
};

/// Something that is otherwise at GitHub.
type Change = fn(&mut super::fake::State);

/// A target of the small repository.
fn with_site(git: &Git) {
    let settings = git.read("gitsm.toml");
    git.write("gitsm.toml", format!("{settings}\n[target.site]\ntype = \"static\"\nfolder = \"site\"\n"));
    git.write(".gitignore", "/site\n/out.json\n");
}

fn proposal() -> Proposal {
    Proposal::after(with_site, loosen)
}

/// Merges the proposal, and gives the commit.
fn merge(proposal: &Proposal) -> String {
    proposal.git.git(&["switch", "--quiet", "main"]);
    let message = "Merge pull request #12 from example/proposal";
    proposal.git.git(&["merge", "--quiet", "--no-ff", "--message", message, "proposal"]);
    proposal.git.head()
}

/// The same, and GitHub knows.
fn merge_there(proposal: &Proposal, github: &Fake) -> String {
    let merged = merge(proposal);
    let mut state = github.state.lock().unwrap();
    state.base.clone_from(&merged);
    for (key, value) in
        [("merged", json!(true)), ("state", json!("closed")), ("merge_commit_sha", json!(merged))]
    {
        state.pull[key] = value;
    }
    state.of_commit = vec![12];
    merged
}

fn apply(git: &Git, more: &[&str]) -> Run {
    let mut all = vec!["pr", "apply", "--now", "2026-11-20T12:00:00Z"];
    all.extend(more);
    run(command(&all, git.path()))
}

/// The same where GitHub is asked.
fn apply_there(git: &Git, github: &Fake, more: &[&str]) -> (Run, Value) {
    let url = github.url();
    let mut all = vec!["pr", "apply", "--now", "2026-11-20T12:00:00Z", "--format", "json"];
    all.extend(["--at", "example/rulebook", "--api", url.as_str()]);
    all.extend(more);
    let mut command = command(&all, git.path());
    command.env("GITHUB_TOKEN", TOKEN).env("GITHUB_ACTOR", "ana-at-work");
    let run = run(command);
    let json = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
    (run, json)
}

/// The gate says what it says, there.
fn gate(proposal: &Proposal, github: &Fake) -> Value {
    let run = super::forge::pr(proposal, github, &["check", "--post", "--format", "json"]);
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"))
}

/// What is written down beside the target.
fn evidence(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("site/.gitsm/applies.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn events(folder: &Path) -> Vec<String> {
    evidence(folder).iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_the_gate_showed_is_what_is_applied_and_recorded() {
    let proposal = proposal();
    let github = github(&proposal);
    let judged = gate(&proposal, &github);
    let shown = judged["plans"][0]["effect"].as_str().unwrap().to_owned();
    {
        let state = github.state.lock().unwrap();
        let body = state.comments[0]["body"].as_str().unwrap();
        assert!(body.contains("### What each target would get") && body.contains(&shown), "{body}");
        let (of, told) =
            state.statuses.iter().find(|(_, told)| told["context"] == "gitsm/plan/site").unwrap();
        assert_eq!(*of, proposal.head);
        assert!(told["description"].as_str().unwrap().starts_with(&format!("plan {shown}: ")), "{told}");
        assert_eq!(state.statuses.last().unwrap().1["context"], "gitsm", "the verdict is said last");
    }
    let merged = merge_there(&proposal, &github);
    let out = proposal.git.path().join("out.json");
    let (run, json) = apply_there(&proposal.git, &github, &["--post", "--out", out.to_str().unwrap()]);
    assert_eq!(run.status, 0, "{run:?}");
    let target = &json["targets"][0];
    assert_eq!((&target["outcome"], &target["effect"]), (&json!("done"), &json!(shown)), "{json:#}");
    assert_eq!(target["approved"], json!({ "effect": shown, "by": "gatekeeper" }));
    assert_eq!(json["pull-request"]["number"], 12);
    assert_eq!(json["pull-request"]["gate"], "success");
    assert_eq!(std::fs::read_to_string(out).unwrap(), run.stdout);
    let index: Value = serde_json::from_str(&proposal.git.read("site/index.json")).unwrap();
    assert_eq!(index["commit"], merged);
    {
        let state = github.state.lock().unwrap();
        let [(deployment, states)] = state.deployments.as_slice() else { panic!("{:?}", state.deployments) };
        assert_eq!((&deployment["ref"], &deployment["environment"]), (&json!(merged), &json!("gitsm/site")));
        assert_eq!(deployment["payload"]["effect"], shown);
        assert_eq!(deployment["payload"]["pull-request"]["head"], proposal.head);
        let states: Vec<&str> = states.iter().map(|state| state["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["in_progress", "success"]);
    }
    let lines = evidence(proposal.git.path());
    assert_eq!(events(proposal.git.path()), ["begun", "done"]);
    assert_eq!(lines[0]["approved"]["effect"], shown);
    assert_eq!(lines[0]["actor"], "ana-at-work");
    assert_eq!(lines[1]["previous"].as_str().unwrap().len(), 40);
    // Doing it again does nothing, and says so.
    let (run, json) = apply_there(&proposal.git, &github, &["--post"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(json["targets"][0]["result"]["planned"], 0);
    assert_eq!(events(proposal.git.path()), ["begun", "done"]);
    assert_eq!(github.state.lock().unwrap().deployments.len(), 2);
}

#[test]
fn only_what_the_branch_was_at_is_applied() {
    let proposal = proposal();
    let merged = merge(&proposal);
    // The last commit of the pull request is in the history of the branch, which never was at it.
    for commit in [proposal.head.as_str(), "proposal"] {
        let run = apply(&proposal.git, &["--branch", "main", "--commit", commit]);
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stderr.contains("never was at the commit"), "{}", run.stderr);
    }
    assert!(!proposal.git.path().join("site").exists());
    let run = apply(&proposal.git, &["--commit", &merged]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("name the branch in force"), "{}", run.stderr);
    let run = apply(&proposal.git, &["--branch", "main", "--commit", &merged]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("no plan of it was approved before"), "{}", run.stdout);
    // What was applied is not taken back by a commit that comes before it.
    let run = apply(&proposal.git, &["--branch", "main", "--commit", &proposal.base]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("which comes after this one"), "{}", run.stdout);
}

#[test]
fn a_commit_that_no_pull_request_was_merged_as_is_refused() {
    let proposal = proposal();
    let github = github(&proposal);
    let merged = merge_there(&proposal, &github);
    let changes: [Change; 3] = [
        |state| state.pull["merged"] = json!(false),
        |state| state.pull["merge_commit_sha"] = json!("0".repeat(40)),
        |state| state.pull["base"]["ref"] = json!("other"),
    ];
    for change in changes {
        let before = github.state.lock().unwrap().pull.clone();
        change(&mut github.state.lock().unwrap());
        let (run, _) = apply_there(&proposal.git, &github, &["--post"]);
        assert_eq!((run.status, run.stdout.as_str()), (4, ""), "{run:?}");
        assert!(run.stderr.contains("no pull request into `main` was merged as"), "{}", run.stderr);
        github.state.lock().unwrap().pull = before;
    }
    // A commit that somebody pushed.
    proposal.git.edit("gitsm.toml", "folder = \"site\"", "folder = \"site\" # here");
    let pushed = proposal.git.commit("Pushed");
    github.state.lock().unwrap().base.clone_from(&pushed);
    let (run, _) = apply_there(&proposal.git, &github, &["--post"]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(github.state.lock().unwrap().deployments.is_empty());
    // GitHub lists it late: the message of the commit names it, and the pull request says the same.
    github.state.lock().unwrap().of_commit.clear();
    let (run, _) = apply_there(&proposal.git, &github, &["--post", "--commit", &merged]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn what_was_not_approved_is_not_done() {
    let proposal = proposal();
    let other = "0".repeat(40);
    merge(&proposal);
    let at_main = |more: &[&str]| apply(&proposal.git, &[&["--branch", "main"], more].concat());
    let run = at_main(&["--checksum", &other, "--format", "json"]);
    assert_eq!(run.status, 4, "{run:?}");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let effect = json["targets"][0]["effect"].as_str().unwrap();
    assert_eq!(json["targets"][0]["outcome"], "refused");
    assert!(!proposal.git.path().join("site").exists());
    for wrong in ["123", "desk=0123456789abcdef0123456789abcdef01234567"] {
        assert_eq!(at_main(&["--checksum", wrong]).status, 2);
    }
    assert_eq!(at_main(&["--checksum", &format!("site={effect}")]).status, 0);
}

#[test]
fn what_the_gate_recorded_has_to_be_what_is_done_now() {
    let proposal = proposal();
    let github = github(&proposal);
    let judged = gate(&proposal, &github);
    let effect = judged["plans"][0]["effect"].as_str().unwrap();
    merge_there(&proposal, &github);
    let recorded = github.state.lock().unwrap().statuses.clone();
    let told = |description: &str, by: &str| {
        let status = json!({ "context": "gitsm/plan/site", "state": "success", "description": description,
                             "creator": { "login": by } });
        let mut state = github.state.lock().unwrap();
        state.statuses.clone_from(&recorded);
        state.statuses.push((proposal.head.clone(), status));
    };
    let right = format!("plan {effect}: 3 to create");
    for (description, by, says) in [
        (format!("plan {}: 3 to create", "0".repeat(40)), "gatekeeper", "was approved"),
        ("all is well".to_owned(), "gatekeeper", "names no checksum"),
        (right.clone(), "mallory", "`mallory` recorded the plan"),
    ] {
        told(&description, by);
        let (run, json) = apply_there(&proposal.git, &github, &["--post"]);
        assert_eq!(run.status, 4, "{run:?}");
        let remark = json["targets"][0]["remarks"][0].as_str().unwrap();
        assert!(remark.contains(says), "{remark}");
        let state = github.state.lock().unwrap();
        assert_eq!(state.deployments.last().unwrap().1.last().unwrap()["state"], "failure");
    }
    assert!(!proposal.git.path().join("site/index.json").exists());
    told(&right, "other-app");
    assert_eq!(apply_there(&proposal.git, &github, &["--gate", "other-app"]).0.status, 0);
}

#[test]
#[cfg(unix)]
fn what_was_done_in_part_is_seen_and_done_to_its_end_by_the_same_command() {
    let proposal = proposal();
    let github = github(&proposal);
    gate(&proposal, &github);
    merge_there(&proposal, &github);
    // A limit on the size of files does what a full disk does, for the large files alone.
    let line = format!(
        "trap '' XFSZ; ulimit -f 64; exec '{}' pr apply --post --format json --at example/rulebook --api {}",
        env!("CARGO_BIN_EXE_gitsm"),
        github.url()
    );
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", &line]).current_dir(proposal.git.path()).env_clear();
    command.env("GITHUB_TOKEN", TOKEN).env("GITSM_NOW", "2026-11-20T12:00:00Z");
    let first = run(command);
    assert_eq!(first.status, 5, "{first:?}");
    let json: Value = serde_json::from_str(&first.stdout).unwrap();
    let result = &json["targets"][0]["result"];
    assert!(result["failed"].as_u64().unwrap() > 0 && result["applied"].as_u64().unwrap() > 10, "{result:#}");
    {
        let state = github.state.lock().unwrap();
        let last = state.deployments[0].1.last().unwrap();
        assert_eq!(last["state"], "failure");
        let words = last["description"].as_str().unwrap();
        assert!(words.starts_with("done in part: ") && words.contains(" failed"), "{words}");
    }
    assert_eq!(events(proposal.git.path()), ["begun", "partial"]);
    let (run, json) = apply_there(&proposal.git, &github, &["--post"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(json["targets"][0]["outcome"], "done");
    assert_eq!(events(proposal.git.path()), ["begun", "partial", "begun", "done"]);
    assert_eq!(github.state.lock().unwrap().deployments[1].1.last().unwrap()["state"], "success");
    // What somebody changed since then is no rest of what was approved.
    let mail = proposal.git.read("site/v1/service/mail.json");
    proposal.git.write("site/v1/service/mail.json", mail.replacen("Mailboxes", "Spam", 1));
    let (run, _) = apply_there(&proposal.git, &github, &["--post"]);
    assert_eq!(run.status, 4, "{run:?}");
}

#[test]
fn what_cannot_be_recorded_is_not_done() {
    let proposal = proposal();
    let github = github(&proposal);
    let merged = merge_there(&proposal, &github);
    github.state.lock().unwrap().broken = Some(("/deployments", 500));
    let (run, json) = apply_there(&proposal.git, &github, &["--post"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(
        json["targets"][0]["remarks"][0].as_str().unwrap().contains("does not take what would be recorded")
    );
    assert!(!proposal.git.path().join("site/index.json").exists());
    // Where there can be no deployment, the state of the commit says it.
    {
        let mut state = github.state.lock().unwrap();
        state.broken = None;
        state.no_deployments = true;
    }
    let (run, _) = apply_there(&proposal.git, &github, &["--post"]);
    assert_eq!(run.status, 0, "{run:?}");
    let state = github.state.lock().unwrap();
    let told = state.statuses.iter().filter(|(of, _)| *of == merged);
    let told: Vec<(&str, &str)> = told
        .map(|(_, status)| (status["context"].as_str().unwrap(), status["state"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("gitsm/apply/site", "pending"), ("gitsm/apply/site", "success")]);
}

#[test]
fn a_rulebook_without_a_target_is_applied_nowhere_and_that_is_no_success() {
    let proposal = Proposal::loosens();
    merge(&proposal);
    let run = apply(&proposal.git, &["--branch", "main"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("gitsm.toml names no target"), "{}", run.stderr);
}

#[test]
fn a_target_that_cannot_be_planned_is_never_said_to_stay_as_it_is() {
    let desk = "\n[target.desk]\ntype = \"request-tracker\"\nurl = \"http://127.0.0.1:9\"\ntoken-variable = \"RT_TOKEN\"\n";
    let add = |git: &Git| {
        let settings = git.read("gitsm.toml");
        git.write("gitsm.toml", format!("{settings}{desk}"));
    };
    let both = |git: &Git| {
        with_site(git);
        add(git);
    };
    for (proposal, says) in [
        (Proposal::after(with_site, add), "the change says how it is reached"),
        (Proposal::after(both, loosen), "RT_TOKEN"),
        (
            Proposal::after(both, |git| {
                let settings = git.read("gitsm.toml");
                git.write("gitsm.toml", settings.replace(desk, ""));
            }),
            "what it holds stays as it is",
        ),
    ] {
        let said = proposal.check_offline();
        let plans = said.json["plans"].as_array().unwrap();
        assert_eq!(plans.len(), 2, "{plans:#?}");
        assert!(plans[0]["not-planned"].as_str().unwrap().contains(says), "{}", plans[0]);
        assert!(plans[0].get("plan").is_none() && plans[0].get("effect").is_none());
        assert!(plans[1]["plan"]["summary"]["total"]["create"].as_u64().unwrap() > 10, "{}", plans[1]);
        let comment = proposal.shown("markdown").stdout;
        assert!(comment.contains("**not planned**, so nobody knows"), "{comment}");
        assert!(comment.contains("checksum <code>"), "{comment}");
        let human = proposal.shown("human").stdout;
        assert!(human.contains("desk: not planned: ") && human.contains("site: "), "{human}");
    }
}
