//! Joiners, movers and leavers as pull requests: one for each person, left alone while it says the same, and merged by rule
//! where the rules give the same.

use serde_json::json;

use super::{
    fake::{Fake, State},
    schedule::gitsm,
    support::Proposal,
};
use crate::{
    git::support::Git,
    grants::people::{MORE, happened},
};

const NOW: &str = "2026-11-20T12:00:00Z";

fn there(git: &Git) -> Fake {
    Fake::new(State { base: git.head(), login: Some("gatekeeper".to_owned()), ..State::default() })
}

#[test]
fn each_person_has_a_pull_request_that_is_left_alone_while_the_same_follows() {
    let git = happened();
    let github = there(&git);
    let line = ["request", "lifecycle", "--since", "HEAD~1", "--pull-request"];
    let run = gitsm(&git, &github, NOW, &line);
    // Something that comes with a job is denied.
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(git.git(&["status", "--porcelain"]), "", "nothing is written here");
    {
        let state = github.state.lock().unwrap();
        let heads: Vec<&str> = state.pulls.iter().map(|one| one["head"]["ref"].as_str().unwrap()).collect();
        assert_eq!(heads, ["gitsm/leaver-ben", "gitsm/mover-dan"]);
        let body = state.pulls[0]["body"].as_str().unwrap();
        assert!(body.contains("Somebody else has to take over") && body.contains("team&#58;desk"), "{body}");
        assert_eq!(state.pulls[0]["title"], "Access of ben, who leaves");
        let files: Vec<usize> =
            state.trees.iter().map(|tree| tree["tree"].as_array().unwrap().len()).collect();
        assert_eq!(files, [2, 4], "one file for each grant that ends, is shorter or is new");
    }
    let again = gitsm(&git, &github, "2026-11-21T12:00:00Z", &line);
    assert_eq!(again.stderr.matches("proposes so already").count(), 2, "{again:?}");
    assert_eq!(github.state.lock().unwrap().made.len(), 2);
    // Something else was merged meanwhile: nobody's approval is lost.
    git.write("README.md", "More.\n");
    github.state.lock().unwrap().base = git.commit("More");
    let line = ["request", "lifecycle", "--since", "HEAD~2", "--pull-request"];
    let again = gitsm(&git, &github, "2026-11-21T13:00:00Z", &line);
    assert_eq!(again.stderr.matches("proposes so already").count(), 2, "{again:?}");
    // Done by hand: the pull request is closed.
    assert_eq!(git.gitsm(&["request", "leaver", "ben"]).status, 0);
    github.state.lock().unwrap().base = git.commit("By hand");
    let one = gitsm(&git, &github, NOW, &["request", "leaver", "ben", "--pull-request"]);
    assert_eq!(one.status, 0, "{one:?}");
    assert!(one.stderr.contains("the pull request 200 is closed"), "{}", one.stderr);
}

/// A proposal that a program made and opened.
fn by_program(change: impl FnOnce(&Git)) -> Proposal {
    made_by_program(|git| git.write("catalog/more.toml", MORE), change)
}

/// The same, where the repository is another one before.
pub fn made_by_program(prepare: impl FnOnce(&Git), change: impl FnOnce(&Git)) -> Proposal {
    let mut proposal = Proposal::after(prepare, change);
    proposal.git.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    proposal.head = proposal.git.commit_by("99+example-app[bot]@users.noreply.github.com", "Access");
    let bot = json!({ "login": "example-app[bot]", "id": 99, "kind": "bot" });
    let head = proposal.head.clone();
    proposal.with(|facts| {
        facts["pull-request"]["opened-by"] = bot.clone();
        facts["pull-request"]["head"]["commit"] = json!(head);
        facts["commits"]["entries"][0] = json!({ "commit": head, "author": bot, "committer": bot });
        facts["pushes"]["entries"][0]["commit"] = json!(head);
        facts["pushes"]["entries"][0]["by"] = bot;
    })
}

/// What comes with a job needs nobody, and whatever is said to and does not needs people.
#[test]
fn what_comes_with_a_job_by_the_rules_needs_nobody() {
    let join = |git: &Git| {
        let run = git.gitsm(&["request", "joiner", "cleo", "--now", "2026-11-19T08:30:00Z"]);
        assert_eq!(run.status, 0, "{run:?}");
    };
    let said = by_program(join).check();
    said.is("pass", &[]);
    assert_eq!(said.json["touches"]["ledger"], json!([]), "{}", said.json["touches"]);
    let changes: [(&str, &str); 4] = [
        ("provisioned.groups = [\"list-sales\"]", "provisioned.groups = [\"list-it\"]"),
        ("beneficiary = \"cleo\"", "beneficiary = \"dan\""),
        ("\"bundle:sales\", ", ""),
        ("\"bundle:sales\"", "\"bundle:it\""),
    ];
    for (from, to) in changes {
        let said = by_program(|git| {
            join(git);
            git.edit("policies/grants/cleo-list-sales-20261119.toml", from, to);
        });
        let said = said.check();
        assert_ne!(said.run.status, 0, "{to}");
        assert_eq!(said.json["touches"]["ledger"].as_array().unwrap().len(), 1, "{to}");
    }
}
