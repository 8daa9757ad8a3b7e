//! What GitHub knows about a pull request, recorded as facts.
//!
//! Each list is read to its end or the facts say that it was not. A pull request that changes while it is looked at is
//! looked at again: facts of two moments are no facts.

use jiff::Timestamp;
use serde::Deserialize;

use super::{client::GitHub, error::ForgeError};
use crate::{
    gate::facts::{
        Account, AccountKind, Branch, CommitFact, Dismissal, FORMAT_VERSION, Facts, Listed, PullRequest,
        PullRequestState, Push, Repository, Review, ReviewState,
    },
    model::Instant,
};

/// How often a pull request is looked at that changes meanwhile.
const ATTEMPTS: usize = 3;
/// The most commits of a pull request that GitHub lists. Of more nobody sees the rest.
const MOST_COMMITS: u64 = 250;

/// Records what is known about a pull request of the repository `owner/name`.
///
/// # Errors
///
/// When something of it cannot be read, or it changes all the time.
pub fn record(
    github: &GitHub,
    forge: &str,
    (owner, name): (&str, &str),
    number: u64,
) -> Result<Facts, ForgeError> {
    let number_text = number.to_string();
    let path = ["repos", owner, name, "pulls", number_text.as_str()];
    let mut before: Pull = github.get(&path)?;
    for _ in 0..ATTEMPTS {
        let facts = read(github, forge, (owner, name), &before)?;
        let after: Pull = github.get(&path)?;
        if after.is_as(&before) {
            return Ok(facts);
        }
        before = after;
    }
    Err(ForgeError::Moving { list: format!("/{}", path.join("/")) })
}

/// The numbers of the open pull requests of a repository whose last commit this is, those from forks included.
///
/// # Errors
///
/// When the list cannot be read to its end.
pub fn open_with_head(
    github: &GitHub,
    (owner, name): (&str, &str),
    commit: &str,
) -> Result<Vec<u64>, ForgeError> {
    let open: Vec<Open> = github.all(&["repos", owner, name, "pulls"], &[("state", "open")])?;
    Ok(open.into_iter().filter(|pull| pull.head.sha == commit).map(|pull| pull.number).collect())
}

fn read(github: &GitHub, forge: &str, (owner, name): (&str, &str), pull: &Pull) -> Result<Facts, ForgeError> {
    let number = pull.number.to_string();
    let below = |last| ["repos", owner, name, "pulls", number.as_str(), last];
    let repository: Home = github.get(&["repos", owner, name])?;
    // Where the branch is now; the pull request names where it was when it was last pushed to.
    let base: BranchTip = github.get(&["repos", owner, name, "branches", pull.base.branch.as_str()])?;
    let commits: Vec<PullCommit> = github.all(&below("commits"), &[])?;
    let reviews: Vec<PullReview> = github.all(&below("reviews"), &[])?;
    let dismissals = if reviews.iter().any(|one| one.state == "DISMISSED") {
        dismissals(github, &["repos", owner, name, "issues", number.as_str(), "events"])?
    } else {
        Vec::new()
    };
    let pushes = pushes(github, pull)?;
    let now = Timestamp::now();
    Ok(Facts {
        format_version: FORMAT_VERSION,
        recorded_at: Instant(Timestamp::from_second(now.as_second()).unwrap_or(now)),
        forge: forge.to_owned(),
        repository: Repository {
            id: repository.id,
            name: repository.full_name,
            default_branch: repository.default_branch,
        },
        pull_request: PullRequest {
            number: pull.number,
            state: match (pull.merged, pull.state.as_str()) {
                (true, _) => PullRequestState::Merged,
                (false, "open") => PullRequestState::Open,
                (false, _) => PullRequestState::Closed,
            },
            draft: pull.draft,
            opened_by: account(pull.user.as_ref()),
            opened_at: pull.created_at,
            base: Branch { branch: pull.base.branch.clone(), commit: base.commit.sha },
            head: Branch { branch: pull.head.branch.clone(), commit: pull.head.sha.clone() },
        },
        commits: Listed {
            complete: pull.commits <= MOST_COMMITS,
            total: Some(pull.commits),
            entries: commits
                .into_iter()
                .map(|commit| CommitFact {
                    commit: commit.sha,
                    author: commit.author.as_ref().map(|user| account(Some(user))),
                    committer: commit.committer.as_ref().map(|user| account(Some(user))),
                })
                .collect(),
        },
        pushes,
        reviews: Listed {
            complete: reviews.iter().all(is_understood),
            total: None,
            entries: reviews.into_iter().filter_map(|one| review(&one, &dismissals)).collect(),
        },
    })
}

/// Every time that the branch was moved. Without the repository that it lies in nobody knows.
fn pushes(github: &GitHub, pull: &Pull) -> Result<Listed<Push>, ForgeError> {
    let unknown = Listed { complete: false, total: None, entries: Vec::new() };
    let Some((owner, name)) = pull.head.repo.as_ref().and_then(|repo| repo.full_name.split_once('/')) else {
        return Ok(unknown);
    };
    let reference = format!("refs/heads/{}", pull.head.branch);
    let query = [("ref", reference.as_str())];
    let moved: Vec<Activity> = match github.all(&["repos", owner, name, "activity"], &query) {
        Ok(moved) => moved,
        // A fork that the token may not look into.
        Err(ForgeError::Hidden(_)) => return Ok(unknown),
        Err(error) => return Err(error),
    };
    // A name can be used again: what was pushed to an earlier branch of that name is of no concern. Of a branch that is
    // deleted and made anew while the pull request is there, it is: whoever pushed a part of it did so all the same.
    let before = |one: &&Activity| one.sort == "branch_creation" && one.timestamp <= pull.created_at;
    let created = moved.iter().filter(before).map(|one| one.timestamp).max();
    let moved = moved.into_iter().filter(|one| created.is_none_or(|created| one.timestamp >= created));
    let entries = moved.filter(|one| one.sort != "branch_deletion").map(|one| Push {
        by: account(one.actor.as_ref()),
        at: one.timestamp,
        commit: one.after,
    });
    Ok(Listed { complete: true, total: None, entries: entries.collect() })
}

/// Whether it is known what a review says, and when: of one that nobody understands nobody knows what it would stop, and one
/// without an instant could be from before the last push.
fn is_understood(one: &PullReview) -> bool {
    match one.state.as_str() {
        "PENDING" | "COMMENTED" => true,
        "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED" => one.submitted_at.is_some(),
        _ => false,
    }
}

/// A review; none for one that was begun and not sent, which has no instant.
fn review(one: &PullReview, dismissals: &[Event]) -> Option<Review> {
    let state = match one.state.as_str() {
        "APPROVED" => ReviewState::Approved,
        "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
        "DISMISSED" => ReviewState::Dismissed,
        "PENDING" => return None,
        // Whatever else it says, it is no approval.
        _ => ReviewState::Commented,
    };
    Some(Review {
        id: one.id,
        by: account(one.user.as_ref()),
        state,
        commit: one.commit_id.clone(),
        at: one.submitted_at?,
        dismissed: if state == ReviewState::Dismissed { dismissal(one.id, dismissals) } else { None },
    })
}

/// What happened to a pull request. Where the token may not see that, nobody knows who dismissed a review.
fn dismissals(github: &GitHub, path: &[&str]) -> Result<Vec<Event>, ForgeError> {
    match github.all(path, &[]) {
        Err(ForgeError::Hidden(_)) => Ok(Vec::new()),
        events => events,
    }
}

/// What a review was before it was dismissed, and by whom; none when GitHub does not say so once.
fn dismissal(review: u64, events: &[Event]) -> Option<Dismissal> {
    let of_it = |event: &&Event| event.dismissed_review.as_ref().is_some_and(|one| one.review_id == review);
    let mut found = events.iter().filter(of_it);
    let (event, None) = (found.next()?, found.next()) else { return None };
    let was = match event.dismissed_review.as_ref()?.state.to_ascii_lowercase().as_str() {
        "approved" => ReviewState::Approved,
        "changes_requested" => ReviewState::ChangesRequested,
        "commented" => ReviewState::Commented,
        _ => return None,
    };
    Some(Dismissal { was, by: event.actor.as_ref().map(|user| account(Some(user))) })
}

/// An account; that of somebody who is gone is nobody's.
fn account(user: Option<&User>) -> Account {
    match user {
        Some(user) => Account {
            login: user.login.clone(),
            id: user.id,
            kind: if user.kind == "User" { AccountKind::User } else { AccountKind::Bot },
        },
        None => Account { login: "ghost".to_owned(), id: 0, kind: AccountKind::Bot },
    }
}

#[derive(Debug, Deserialize)]
struct Open {
    number: u64,
    head: Tip,
}

#[derive(Debug, Deserialize)]
struct Home {
    id: u64,
    full_name: String,
    default_branch: String,
}

#[derive(Debug, Deserialize)]
struct Repo {
    full_name: String,
}

#[derive(Debug, Deserialize)]
struct BranchTip {
    commit: Tip,
}

#[derive(Debug, Deserialize)]
struct Tip {
    sha: String,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
    id: u64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Pull {
    number: u64,
    state: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    merged: bool,
    user: Option<User>,
    created_at: Instant,
    updated_at: Instant,
    commits: u64,
    base: End,
    head: End,
}

impl Pull {
    /// Whether nothing happened to it in between.
    fn is_as(&self, other: &Self) -> bool {
        self.updated_at == other.updated_at
            && self.head.sha == other.head.sha
            && self.base.sha == other.base.sha
    }
}

#[derive(Debug, Deserialize)]
struct End {
    #[serde(rename = "ref")]
    branch: String,
    sha: String,
    repo: Option<Repo>,
}

#[derive(Debug, Deserialize)]
struct PullCommit {
    sha: String,
    author: Option<User>,
    committer: Option<User>,
}

#[derive(Debug, Deserialize)]
struct PullReview {
    id: u64,
    user: Option<User>,
    state: String,
    commit_id: Option<String>,
    submitted_at: Option<Instant>,
}

#[derive(Debug, Deserialize)]
struct Event {
    actor: Option<User>,
    dismissed_review: Option<DismissedReview>,
}

#[derive(Debug, Deserialize)]
struct DismissedReview {
    review_id: u64,
    state: String,
}

#[derive(Debug, Deserialize)]
struct Activity {
    #[serde(rename = "activity_type")]
    sort: String,
    after: String,
    timestamp: Instant,
    actor: Option<User>,
}
