//! What a commit that nobody reviewed says about how a target is reached counts for nothing.

use gitsm::plan::Plan;

use super::{CLOCK, NOW};
use crate::{
    git::support::Git,
    support::{Run, command, run},
};

const REACHED: &str = "\n[target.rt]\ntype = \"request-tracker\"\nurl = \"http://127.0.0.1:9\"\ntoken-variable = \"RT_TOKEN\"\n";

/// A repository with a target that is reached so at `main`, and otherwise on the branch `pr`.
fn repository(main: &str, pr: &str) -> Git {
    let git = Git::base();
    let settings = git.read("gitsm.toml");
    git.write(".gitignore", "plan.json\npwned\nasked\npublic\n");
    git.write("gitsm.toml", format!("{settings}{main}"));
    git.commit("A target");
    git.git(&["checkout", "--quiet", "-b", "pr"]);
    git.write("gitsm.toml", format!("{settings}{pr}"));
    git.commit("Reached otherwise");
    git.git(&["checkout", "--quiet", "main"]);
    git
}

fn gitsm(git: &Git, arguments: &[&str]) -> Run {
    let mut command = command(arguments, git.path());
    command.env(CLOCK, NOW).env("RT_TOKEN", "canary-rt").env("OTHER_SECRET", "canary-other");
    command.env("PATH", std::env::var_os("PATH").unwrap());
    run(command)
}

#[test]
fn a_commit_that_was_not_reviewed_runs_nothing_and_sends_nothing_anywhere() {
    let variable = "token-variable = \"RT_TOKEN\"";
    for (pr, field) in [
        (REACHED.replace(variable, "token-command = [\"touch\", \"pwned\"]"), "`token-command`"),
        (REACHED.replace("RT_TOKEN", "OTHER_SECRET"), "`token-variable`"),
        (REACHED.replace(":9\"", ":10\""), "`url`"),
        (REACHED.to_owned() + "folder = \"elsewhere\"\n", "`folder`"),
        (REACHED.to_owned() + "owner = \"theirs\"\n", "`owner`"),
    ] {
        let git = repository(REACHED, &pr);
        for verb in [&["plan"][..], &["drift"], &["import", "target"]] {
            let asked =
                |at: &str| gitsm(&git, &[verb, &["--target", "rt", "--now", NOW, "--at", at]].concat());
            let refused = asked("pr");
            assert_eq!(refused.status, 4, "{verb:?} {field}: {refused:?}");
            assert!(refused.stderr.contains(field), "{verb:?}: {refused:?}");
            assert!(!git.path().join("pwned").exists(), "{verb:?}");
            // Its neighbour, which says the same as what is checked out, gets as far as the system.
            let reached = asked("main");
            assert!(reached.status == 2 && reached.stderr.contains("nobody answers there"), "{reached:?}");
        }
        // What is checked out is trusted.
        git.git(&["checkout", "--quiet", "pr"]);
        let reached = gitsm(&git, &["plan", "--target", "rt", "--now", NOW, "--at", "pr"]);
        assert!(!reached.stderr.contains("says otherwise"), "{reached:?}");
    }
}

#[test]
fn a_target_that_only_the_commit_names_is_refused() {
    let git = repository("", REACHED);
    let run = gitsm(&git, &["plan", "--target", "rt", "--now", NOW, "--at", "pr"]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("the gitsm.toml that is checked out does not"), "{run:?}");
    // A folder that neither names is the usual one of both.
    let run = gitsm(&git, &["plan", "--target", "static", "--now", NOW, "--at", "pr"]);
    assert_eq!(run.status, 0, "{run:?}");
    // Where nothing can be read that would say it, nobody knows.
    git.write("gitsm.toml", "[project\n");
    let run = gitsm(&git, &["plan", "--target", "static", "--now", NOW, "--at", "pr"]);
    assert_eq!(run.status, 4, "{run:?}");
}

/// A plan for the target `rt`, made from one for the folder `public`, sealed with what `edit` does.
fn forged(git: &Git, edit: impl FnOnce(&mut Plan)) {
    let run = gitsm(git, &["plan", "--target", "static", "--at", "main", "--now", NOW, "--out", "plan.json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let mut plan = Plan::read(&git.read("plan.json")).unwrap();
    plan.target.name = "rt".to_owned();
    plan.target.target_type = "request-tracker".to_owned();
    plan.target.place = "http://127.0.0.1:9/".to_owned();
    edit(&mut plan);
    git.write("plan.json", serde_json::to_string(&plan.sealed()).unwrap());
}

#[test]
fn an_edited_plan_runs_nothing_that_another_commit_says() {
    let pr = REACHED.replace("token-variable = \"RT_TOKEN\"", "token-command = [\"touch\", \"pwned\"]");
    let git = repository(REACHED, &pr);
    let commit = git.git(&["rev-parse", "pr"]);
    forged(&git, |plan| plan.commit.as_mut().unwrap().id = commit);
    let run = gitsm(&git, &["apply", "plan.json", "--now", NOW]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(!git.path().join("pwned").exists());
}

#[test]
fn a_plan_is_compared_before_the_token_is_fetched() {
    let own = REACHED.replace("token-variable = \"RT_TOKEN\"", "token-command = [\"touch\", \"asked\"]");
    let git = repository(&own, &own);
    for number in 0..2 {
        forged(&git, |plan| match number {
            0 => plan.made_from.configuration = "another one".to_owned(),
            _ => plan.commit.as_mut().unwrap().subject = "Harmless".to_owned(),
        });
        let run = gitsm(&git, &["apply", "plan.json", "--now", NOW]);
        assert_eq!(run.status, 4, "{number}: {run:?}");
        assert!(!git.path().join("asked").exists(), "{number}");
    }
    // The nearest plan that is one for this commit and these settings fetches it.
    let run = gitsm(&git, &["plan", "--target", "rt", "--now", NOW, "--at", "main"]);
    assert!(run.status == 4 && git.path().join("asked").exists(), "{run:?}");
}

#[test]
fn a_plan_of_a_commit_that_is_not_here_is_refused() {
    let git = Git::base();
    let plan = ["plan", "--target", "static", "--at", "main", "--now", NOW, "--out", "plan.json"];
    assert_eq!(gitsm(&git, &plan).status, 0);
    let other = Git::empty();
    crate::support::copy(crate::support::Repository::base().path(), other.path());
    other.write("more.txt", "more");
    other.commit("Another one");
    other.write("plan.json", git.read("plan.json"));
    let run = gitsm(&other, &["apply", "plan.json", "--now", NOW]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("which this repository does not have"), "{run:?}");
    assert_eq!(gitsm(&git, &["apply", "plan.json", "--now", NOW]).status, 0);
}
