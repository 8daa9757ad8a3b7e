//! Access that is asked for by a pull request, and agreed to by the reviews that GitHub has of it.

use serde_json::{Value, json};

use super::{
    fake::{Fake, State},
    forge::{ago, dismissal, github, review, user},
    schedule::gitsm,
    support::Proposal,
};
use crate::{git::support::Git, support::Run};

const ASK: [&str; 10] = [
    "request",
    "access",
    "mail/admin",
    "--for",
    "dan",
    "--duration",
    "10d",
    "--reason",
    "the server moves",
    "--now",
];

/// Something that is otherwise at GitHub.
type Change = fn(&Proposal, &mut State);

/// A pull request by which Dan asks for administration, half an hour ago.
fn asked() -> (Proposal, String) {
    let mut proposal = Proposal::new(|git: &Git| {
        let asked = git.gitsm(&[&ASK[..], &[&ago(40)]].concat());
        assert_eq!(asked.status, 0, "{asked:?}");
    });
    proposal.git.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    proposal.head = proposal.git.commit_by("dan@example.com", "Asked");
    let mut files = std::fs::read_dir(proposal.git.path().join("policies/grants")).unwrap();
    let path = files.next().unwrap().unwrap().path();
    (proposal, path.file_stem().unwrap().to_str().unwrap().to_owned())
}

/// What GitHub has of it, with reviews of these people.
fn there(proposal: &Proposal, reviewers: &[&str]) -> Fake {
    let fake = github(proposal);
    {
        let mut state = fake.state.lock().unwrap();
        state.pull["user"] = user("dan-at-work");
        state.pull["created_at"] = json!(ago(31));
        for part in ["author", "committer"] {
            state.commits[0][part] = user("dan-at-work");
        }
        let push = &mut state.activity.as_mut().unwrap()[0];
        push["actor"] = user("dan-at-work");
        push["timestamp"] = json!(ago(30));
        state.reviews =
            (1..).zip(reviewers).map(|(id, login)| said(proposal, id, login, "APPROVED")).collect();
    }
    fake
}

fn said(proposal: &Proposal, id: u64, login: &str, state: &str) -> Value {
    let mut said = review(id, login, state, &proposal.head);
    said["submitted_at"] = json!(ago(20 - i64::try_from(id).unwrap()));
    said
}

fn approve(proposal: &Proposal, github: &Fake, grant: &str) -> Run {
    // Later than the facts are recorded.
    gitsm(&proposal.git, github, &ago(-5), &["grants", "approve", grant, "--pull-request", "12"])
}

#[test]
fn reviews_at_github_let_access_begin() {
    let (proposal, grant) = asked();
    let path = format!("policies/grants/{grant}.toml");
    let before = proposal.git.read(&path);
    let cases: [(&str, i32, Change); 7] = [
        ("gives nothing yet", 3, |_, state| {
            state.reviews.pop();
        }),
        ("was dismissed", 3, |proposal, state| {
            state.reviews.push(said(proposal, 3, "ben-at-work", "DISMISSED"));
            state.events.push(dismissal(3, "approved", "dan-at-work"));
        }),
        ("wants it changed", 3, |proposal, state| {
            state.reviews.push(said(proposal, 3, "cleo-at-work", "DISMISSED"));
            state.events.push(dismissal(3, "changes_requested", "dan-at-work"));
        }),
        ("opened the pull request", 3, |_, state| state.pull["user"] = user("ben-at-work")),
        ("not all pushes were read", 6, |_, state| state.activity = None),
        ("not all commits were read", 6, |_, state| state.pull["commits"] = json!(2)),
        ("cannot be recorded", 2, |_, state| state.broken = Some(("/reviews", 500))),
    ];
    for (says, status, change) in cases {
        let github = there(&proposal, &["ana-at-work", "ben-at-work"]);
        change(&proposal, &mut github.state.lock().unwrap());
        let run = approve(&proposal, &github, &grant);
        assert_eq!(run.status, status, "{says}: {run:?}");
        assert!(format!("{}{}", run.stdout, run.stderr).contains(says), "{says}: {run:?}");
        assert_eq!(proposal.git.read(&path), before, "{says}");
    }
    let github = there(&proposal, &["ana-at-work", "ben-at-work"]);
    let run = approve(&proposal, &github, &grant);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(proposal.git.read(&path).contains("state = \"active\""));
    assert!(github.state.lock().unwrap().written.is_empty(), "nothing is written there");
}
