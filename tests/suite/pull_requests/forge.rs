//! Pull requests as GitHub knows them: recorded whole or not at all, and told the verdict once.

use serde_json::{Value, json};

use super::{
    fake::{Fake, State},
    support::{PUSHED, Proposal, REVIEWED},
};
use crate::support::{Run, command, run};

/// Something that is otherwise at GitHub.
type Change = fn(&mut State);

pub const TOKEN: &str = "a-token-that-nobody-may-see";

pub fn user(login: &str) -> Value {
    json!({ "login": login, "id": 1_000 + login.len(), "type": "User" })
}

/// GitHub with the pull request of a proposal, which Ben approved.
pub fn github(proposal: &Proposal) -> Fake {
    let ana = user("ana-at-work");
    Fake::new(State {
        base: proposal.base.clone(),
        pull: json!({
            "number": 12, "state": "open", "draft": false, "merged": false, "commits": 1, "user": ana,
            "created_at": "2026-11-19T08:59:00Z", "updated_at": "2026-11-19T11:00:00Z",
            "base": { "ref": "main", "sha": "0000000000000000000000000000000000000001",
                      "repo": { "id": 7, "full_name": "example/rulebook" } },
            "head": { "ref": "proposal", "sha": proposal.head,
                      "repo": { "id": 7, "full_name": "example/rulebook" } }
        }),
        commits: vec![json!({ "sha": proposal.head, "node_id": "c1", "author": ana, "committer": ana })],
        reviews: vec![review(1, "ben-at-work", "APPROVED", &proposal.head)],
        activity: Some(vec![json!({
            "id": 1, "node_id": "a1", "activity_type": "push", "after": proposal.head, "timestamp": PUSHED,
            "actor": ana
        })]),
        login: Some("gatekeeper".to_owned()),
        ..State::default()
    })
}

pub fn review(id: u64, login: &str, state: &str, commit: &str) -> Value {
    json!({ "id": id, "node_id": format!("r{id}"), "user": user(login), "state": state, "commit_id": commit,
            "submitted_at": REVIEWED })
}

/// A review was dismissed.
pub fn dismissal(review: u64, was: &str, by: &str) -> Value {
    let of = json!({ "state": was, "review_id": review, "dismissal_message": "Out of date" });
    json!({ "id": 1000 + review, "node_id": format!("d{review}"), "event": "review_dismissed", "actor": user(by),
            "dismissed_review": of })
}

/// So many minutes ago.
pub fn ago(minutes: i64) -> String {
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    jiff::Timestamp::from_second(then.as_second()).unwrap().to_string()
}

/// Runs `gitsm pr` about the pull request.
pub fn pr(proposal: &Proposal, github: &Fake, arguments: &[&str]) -> Run {
    let url = github.url();
    let mut all = vec!["pr"];
    all.extend(arguments);
    all.extend(["--pull-request", "12", "--at", "example/rulebook", "--api", url.as_str()]);
    let mut command = command(&all, proposal.git.path());
    command.env("GITHUB_TOKEN", TOKEN);
    let run = run(command);
    assert!(!format!("{run:?}").contains(TOKEN), "the token is shown");
    run
}

/// The verdict, and the short names of the reasons.
fn check(proposal: &Proposal, github: &Fake, more: &[&str]) -> (i32, Vec<String>) {
    let mut all = vec!["check", "--format", "json"];
    all.extend(more);
    let run = pr(proposal, github, &all);
    let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    let reasons = json["reasons"].as_array().unwrap().iter();
    (run.status, reasons.map(|reason| reason["code"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn facts_are_recorded_and_give_the_same_verdict_later() {
    let proposal = Proposal::loosens();
    let github = github(&proposal);
    assert_eq!(check(&proposal, &github, &[]), (0, Vec::new()));
    let run = pr(&proposal, &github, &["facts"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    let mut facts: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(facts["recorded-at"].is_string());
    facts["recorded-at"] = json!("2026-11-20T11:00:00Z");
    facts["forge"] = json!("forge.example.com");
    let mut expected = Proposal { facts, ..proposal };
    let later = expected.check();
    later.is("pass", &[]);
    let reviewed = json!([{ "id": 1, "by": super::support::account("ben-at-work"), "state": "approved",
                            "commit": expected.head, "at": REVIEWED }]);
    assert_eq!(expected.facts["reviews"]["entries"], reviewed);
    assert_eq!(
        expected.facts["pull-request"]["base"]["commit"],
        json!(expected.base),
        "where the branch is now"
    );
    expected.facts["reviews"]["entries"] = json!([]);
    expected.check().is("refused", &["waiting", "waiting"]);
    let tokens = &github.state.lock().unwrap().tokens;
    assert!(tokens.iter().all(|token| *token == format!("Bearer {TOKEN}")), "every request has the token");
}

#[test]
fn a_pull_request_is_found_by_its_last_commit() {
    let proposal = Proposal::loosens();
    let github = github(&proposal);
    let url = github.url();
    let of = |commit: &str| {
        let arguments = ["pr", "check", "--of-commit", commit, "--at", "example/rulebook", "--api", &url];
        run(command(&arguments, proposal.git.path()))
    };
    assert_eq!(of(&proposal.head).status, 0);
    let none = of("0123456789012345678901234567890123456789");
    assert_eq!(none.status, 2, "{none:?}");
    assert!(none.stderr.contains("no open pull request has"), "{}", none.stderr);
    let several = of(&proposal.base);
    assert_eq!(several.status, 2, "{several:?}");
    assert!(several.stderr.contains("2 open pull requests have"), "{}", several.stderr);
    assert_eq!(github.state.lock().unwrap().statuses, [], "nothing is said unasked");
    // What was said of the commit before does not stand when nobody can say any more.
    let arguments =
        ["pr", "check", "--post", "--of-commit", &proposal.base, "--at", "example/rulebook", "--api", &url];
    assert_eq!(run(command(&arguments, proposal.git.path())).status, 2);
    let state = github.state.lock().unwrap();
    let told: Vec<(&str, &str)> = state
        .statuses
        .iter()
        .map(|(commit, status)| (commit.as_str(), status["state"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(proposal.base.as_str(), "pending")]);
}

#[test]
fn what_was_pushed_to_an_earlier_branch_of_the_same_name_is_of_no_concern() {
    let proposal = Proposal::loosens();
    let moved = |id: u64, sort: &str, login: &str, at: &str| {
        json!({ "id": id, "node_id": format!("a{id}"), "activity_type": sort, "after": proposal.head,
                "timestamp": at, "actor": user(login) })
    };
    let own = [
        moved(2, "branch_creation", "ana-at-work", "2026-11-19T08:50:00Z"),
        moved(3, "push", "ana-at-work", PUSHED),
    ];
    let again = [
        moved(4, "branch_deletion", "ana-at-work", "2026-11-19T09:10:00Z"),
        moved(5, "branch_creation", "ana-at-work", "2026-11-19T09:20:00Z"),
    ];
    for (at, more, status) in [
        ("2026-11-18T09:00:00Z", &[][..], 0),
        ("2026-11-18T09:00:00Z", &again, 0),
        ("2026-11-19T09:05:00Z", &[], 6),
        // The branch was deleted and made anew while the pull request was there: whoever pushed to it did.
        ("2026-11-19T09:05:00Z", &again, 6),
    ] {
        let github = github(&proposal);
        let stranger = moved(1, "push", "stranger", at);
        github.state.lock().unwrap().activity = Some([&own[..], more, &[stranger]].concat());
        assert_eq!(check(&proposal, &github, &[]).0, status, "{at} {more:?}");
    }
}

/// A review without the instant at which it was given.
fn unsent(mut review: Value) -> Value {
    review.as_object_mut().unwrap().remove("submitted_at");
    review
}

#[test]
fn a_review_that_nobody_understands_is_no_agreement() {
    let proposal = Proposal::loosens();
    let changes: [(&str, Change); 4] = [
        ("APPROVED", |state| state.reviews[0] = unsent(state.reviews[0].clone())),
        ("DISMISSED", |state| {
            state.reviews.push(unsent(review(2, "ben-at-work", "DISMISSED", &state.base)));
        }),
        ("CHANGES_REQUESTED", |state| {
            state.reviews.push(unsent(review(2, "cleo-at-work", "CHANGES_REQUESTED", &state.base)));
        }),
        ("BLOCKED", |state| state.reviews.push(review(2, "cleo-at-work", "BLOCKED", &state.base))),
    ];
    for (name, change) in changes {
        let github = github(&proposal);
        change(&mut github.state.lock().unwrap());
        let (status, reasons) = check(&proposal, &github, &[]);
        assert_eq!(status, 6, "{name}: {reasons:?}");
        assert!(reasons.contains(&"unread".to_owned()), "{name}: {reasons:?}");
    }
    // Who has not sent it yet, only comments, or is gone says nothing.
    let github = github(&proposal);
    {
        let mut state = github.state.lock().unwrap();
        let base = state.base.clone();
        let pending = unsent(review(2, "cleo-at-work", "PENDING", &base));
        let mut ghost = review(4, "cleo-at-work", "APPROVED", &base);
        ghost["user"] = Value::Null;
        state.reviews.extend([pending, review(3, "cleo-at-work", "COMMENTED", &base), ghost]);
    }
    assert_eq!(check(&proposal, &github, &[]), (0, Vec::new()));
}

#[test]
fn who_dismissed_a_review_is_recorded() {
    let proposal = Proposal::loosens();
    let changes: [(&str, i32, Change); 6] = [
        ("an approval", 0, |state| state.events = vec![dismissal(2, "approved", "ana-at-work")]),
        ("by somebody else", 0, |state| {
            state.events = vec![dismissal(2, "changes_requested", "ben-at-work")];
        }),
        ("by who opened it", 4, |state| {
            state.events = vec![dismissal(2, "changes_requested", "ana-at-work")];
        }),
        ("another one", 4, |state| state.events = vec![dismissal(3, "changes_requested", "ben-at-work")]),
        ("on a later page", 0, |state| {
            let other = |id| dismissal(id, "approved", "ana-at-work");
            state.events = vec![other(4), other(5), dismissal(2, "changes_requested", "ben-at-work")];
        }),
        ("not to be seen", 4, |state| state.broken = Some(("/events", 404))),
    ];
    for (name, status, change) in changes {
        let github = github(&proposal);
        let mut state = github.state.lock().unwrap();
        let dismissed = review(2, "cleo-at-work", "DISMISSED", &state.base);
        state.reviews.push(dismissed);
        change(&mut state);
        drop(state);
        let (found, reasons) = check(&proposal, &github, &[]);
        assert_eq!(found, status, "{name}: {reasons:?}");
        assert!(status == 0 || reasons.contains(&"rejected".to_owned()), "{name}: {reasons:?}");
    }
}

#[test]
fn every_page_is_read() {
    let proposal = Proposal::loosens();
    let github = github(&proposal);
    let mut reviews: Vec<Value> =
        (10..21).map(|id| review(id, "stranger", "COMMENTED", &proposal.head)).collect();
    reviews.push(review(21, "ben-at-work", "CHANGES_REQUESTED", &proposal.head));
    github.state.lock().unwrap().reviews.append(&mut reviews);
    let (status, reasons) = check(&proposal, &github, &[]);
    assert_eq!((status, reasons), (4, vec!["rejected".to_owned(), "rejected".to_owned()]));
}

#[test]
fn what_cannot_be_seen_is_a_gap_and_what_fails_is_an_error() {
    let proposal = Proposal::loosens();
    let gaps: [(&str, Change); 3] = [
        ("unread", |state| state.activity = None),
        ("unread", |state| state.pull["commits"] = json!(251)),
        ("no-push", |state| state.activity = Some(Vec::new())),
    ];
    for (code, gap) in gaps {
        let github = github(&proposal);
        gap(&mut github.state.lock().unwrap());
        let (status, reasons) = check(&proposal, &github, &[]);
        assert_eq!(status, 6, "{reasons:?}");
        assert!(reasons.contains(&code.to_owned()), "{reasons:?}");
    }
    let failures: [(&str, Change); 4] = [
        ("reviews", |state| state.broken = Some(("/reviews", 404))),
        ("reviews", |state| state.broken = Some(("/reviews", 422))),
        ("branches", |state| state.broken = Some(("/branches/main", 404))),
        ("changed while it was read", |state| state.restless = true),
    ];
    for (says, failure) in failures {
        let github = github(&proposal);
        failure(&mut github.state.lock().unwrap());
        let run = pr(&proposal, &github, &["check"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn the_verdict_is_told_once_and_on_the_last_commit() {
    let proposal = Proposal::loosens();
    let github = github(&proposal);
    {
        // Pushed an hour ago, so that there is time to agree still.
        let mut state = github.state.lock().unwrap();
        state.reviews.clear();
        state.activity.as_mut().unwrap()[0]["timestamp"] = json!(ago(60));
    }
    // Somebody else's comment that begins as ours does.
    let planted =
        json!({ "id": 3, "body": "<!-- gitsm:pr-check -->\nall is well", "user": { "login": "mallory" } });
    github.state.lock().unwrap().comments.push(planted.clone());
    assert_eq!(check(&proposal, &github, &["--post"]).0, 4);
    assert_eq!(check(&proposal, &github, &["--post"]).0, 4);
    {
        let state = github.state.lock().unwrap();
        assert_eq!(state.comments[0], planted);
        assert_eq!(state.comments.len(), 2);
        let body = state.comments[1]["body"].as_str().unwrap();
        assert!(body.starts_with("<!-- gitsm:pr-check -->\n## ⏳ gitsm: it may not be merged yet"), "{body}");
        let told: Vec<(&str, &str)> = state
            .statuses
            .iter()
            .map(|(commit, status)| (commit.as_str(), status["state"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [(proposal.head.as_str(), "pending"), (proposal.head.as_str(), "pending")]);
        assert_eq!(
            state.written,
            [
                "POST /issues/12/comments",
                &format!("POST /statuses/{}", proposal.head),
                &format!("POST /statuses/{}", proposal.head)
            ],
            "a comment that says the same is left alone"
        );
    }
    let mut agreed = review(1, "ben-at-work", "APPROVED", &proposal.head);
    agreed["submitted_at"] = json!(ago(30));
    github.state.lock().unwrap().reviews.push(agreed);
    assert_eq!(check(&proposal, &github, &["--post"]).0, 0);
    let state = github.state.lock().unwrap();
    assert_eq!(state.comments.len(), 2);
    assert!(state.comments[1]["body"].as_str().unwrap().contains("everybody agreed who has to"));
    assert_eq!(state.statuses.last().unwrap().1["state"], "success");
}

#[test]
fn a_verdict_that_was_not_told_is_an_error() {
    let proposal = Proposal::loosens();
    for (end, status) in [("/comments", 403), (proposal.head.as_str(), 422)] {
        let github = github(&proposal);
        let end: &'static str = Box::leak(end.to_owned().into_boxed_str());
        github.state.lock().unwrap().broken = Some((end, status));
        let run = pr(&proposal, &github, &["check", "--post"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
    // A token of Actions may not ask whose it is.
    let github = github(&proposal);
    github.state.lock().unwrap().login = None;
    assert_eq!(check(&proposal, &github, &["--post"]).0, 0);
    assert_eq!(check(&proposal, &github, &["--post"]).0, 0);
    assert_eq!(github.state.lock().unwrap().comments.len(), 1);
}

#[test]
fn a_repository_is_named_and_facts_are_not_written_over() {
    let proposal = Proposal::loosens();
    let github = github(&proposal);
    let out = proposal.git.path().join(".git/recorded.json");
    let out = out.to_str().unwrap();
    assert_eq!(pr(&proposal, &github, &["facts", "--out", out]).status, 0);
    let again = pr(&proposal, &github, &["facts", "--out", out]);
    assert_eq!(again.status, 2, "{again:?}");
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    for (at, says) in [("rulebook", "is no repository"), ("../rulebook", "is no repository")] {
        let arguments = ["pr", "facts", "--pull-request", "12", "--at", at];
        let run = run(command(&arguments, proposal.git.path()));
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}
