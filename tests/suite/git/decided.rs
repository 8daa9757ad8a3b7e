//! Whether each commit loosened or tightened what is decided.

use serde_json::Value;

use super::support::Git;
use crate::support::Run;

const ACCESS: &str = "policies/access.toml";

fn log(git: &Git, arguments: &[&str]) -> (Run, Vec<Value>) {
    let run = git.gitsm(&[&["log", "--decisions", "--format", "json"], arguments].concat());
    let entries = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (run, entries)
}

#[test]
fn each_commit_says_which_way_it_goes() {
    let git = Git::base();
    for (from, to, message) in [
        ("max-duration = \"30d\"", "max-duration = \"10d\"", "Not so long"),
        ("max-duration = \"10d\"", "max-duration = \"20d\"", "Longer"),
        ("name = \"Mail\"", "name = \"Post\"", "Words"),
    ] {
        git.edit(ACCESS, from, to);
        git.commit(message);
    }
    git.write("policies/broken.toml", "[access.broken");
    git.commit("Broken");
    let (run, entries) = log(&git, &["-n", "4"]);
    let found: Vec<(&str, &str)> = entries
        .iter()
        .map(|entry| {
            let decisions = &entry["decisions"];
            let way = decisions["compared"]["direction"].as_str();
            (entry["subject"].as_str().unwrap(), way.or(decisions["not-compared"].as_str()).unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("Broken", "the rulebook after the change has errors"),
            ("Words", "none"),
            ("Longer", "loosens"),
            ("Not so long", "tightens"),
        ],
        "{}",
        run.stderr
    );
    assert_eq!(run.status, 6, "what is not known is no success");
    assert_eq!(entries[2]["decisions"]["compared"]["counts"]["tightens"], 0);
    let human = git.gitsm(&["log", "--decisions", "-n", "4"]);
    for line in [
        "    ? the decisions cannot be compared: the rulebook after the change has errors\n",
        "    decisions: as before\n",
        "    decisions: 1 change loosens\n",
        "    decisions: 1 tightens\n",
    ] {
        assert!(human.stdout.contains(line), "{line}{}", human.stdout);
    }
    // Without a commit that is broken, all is known; and the base has no commit before it.
    let (run, entries) = log(&git, &["--at", "HEAD~1"]);
    assert_eq!((run.status, entries.len()), (0, 4), "{}", run.stderr);
    let first = &entries[3]["decisions"]["compared"];
    assert_eq!((&entries[3]["subject"], &first["direction"]), (&"Base".into(), &"loosens".into()));
}

#[test]
fn a_clone_that_ends_early_does_not_guess() {
    let git = Git::base();
    git.edit(ACCESS, "max-duration = \"30d\"", "max-duration = \"60d\"");
    git.commit("Longer");
    let shallow = git.clone_with(&["--depth", "1"]);
    let run = crate::support::gitsm(&["log", "--decisions", "--format", "json"], shallow.path());
    let entry: Value = serde_json::from_str(run.stdout.trim()).unwrap();
    let why = entry["decisions"]["not-compared"].as_str().unwrap();
    assert!(why.contains("is missing from this clone: `git fetch --unshallow` gets it"), "{why}");
    assert_eq!(run.status, 6);
}
