//! What is missing in the facts of a pull request, so that nobody knows who agreed to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    contributors::Contributors,
    facts::{Facts, Listed, Review, ReviewState},
    identity::{Directory, Unknown, Who},
    verdict::Gap,
    votes::objects,
};
use crate::{model::Rulebook, source::Commit};

/// What facts have to go together with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorded<'r> {
    /// The facts.
    pub(super) facts: &'r Facts,
    /// The rulebook that the pull request goes into; none when it cannot be relied upon.
    pub(super) base: Option<&'r Rulebook>,
    /// Who asks for access by it, and who gets it.
    pub(super) interested: &'r [&'r str],
    /// The commits that it adds.
    pub(super) commits: &'r [Commit],
    /// The commit that it goes into, in hexadecimal digits.
    pub(super) base_commit: &'r str,
    /// The last of its commits.
    pub(super) head_commit: &'r str,
    /// The instant that is asked about.
    pub(super) now: Timestamp,
}

/// What is missing, or does not go together.
pub(super) fn gaps(recorded: &Recorded<'_>) -> Vec<Gap> {
    let facts = recorded.facts;
    let mut found = Vec::new();
    let mut gap = |gap: Gap| found.push(gap);
    unread("commits", &facts.commits).into_iter().for_each(&mut gap);
    unread("pushes", &facts.pushes).into_iter().for_each(&mut gap);
    unread("reviews", &facts.reviews).into_iter().for_each(&mut gap);
    if let Some(base) = recorded.base {
        objectors(&Directory::new(base), recorded).into_iter().map(Gap::Objection).for_each(&mut gap);
    }
    let pull_request = &facts.pull_request;
    if pull_request.base.branch != facts.repository.default_branch {
        gap(Gap::OtherBranch {
            branch: pull_request.base.branch.clone(),
            default: facts.repository.default_branch.clone(),
        });
    }
    if pull_request.head.commit != recorded.head_commit {
        gap(Gap::OtherHead {
            facts: pull_request.head.commit.clone(),
            judged: recorded.head_commit.to_owned(),
        });
    }
    if pull_request.base.commit != recorded.base_commit {
        gap(Gap::OtherBase {
            facts: pull_request.base.commit.clone(),
            judged: recorded.base_commit.to_owned(),
        });
    }
    match facts.pushes.entries.iter().max_by_key(|push| push.at) {
        None => gap(Gap::NoPush),
        // Of several at that instant nobody knows which was the last.
        Some(last) => {
            let mut latest = facts.pushes.entries.iter().filter(|push| push.at == last.at);
            if let Some(other) = latest.find(|push| push.commit != pull_request.head.commit) {
                gap(Gap::OtherPush(other.commit.clone()));
            }
        }
    }
    let listed: BTreeSet<&str> = facts.commits.entries.iter().map(|one| one.commit.as_str()).collect();
    let held: BTreeSet<String> = recorded.commits.iter().map(|commit| commit.id.to_string()).collect();
    if listed != held.iter().map(String::as_str).collect() {
        gap(Gap::OtherCommits);
    }
    let pushes = facts.pushes.entries.iter().map(|push| push.at);
    let reviews = facts.reviews.entries.iter().map(|review| review.at);
    let last = pushes.chain(reviews).max();
    if last.is_some_and(|last| last > facts.recorded_at) || facts.pull_request.opened_at > facts.recorded_at {
        gap(Gap::Clock("something happened after the facts were recorded".to_owned()));
    }
    if recorded.now < facts.recorded_at.0 {
        gap(Gap::Clock(format!("the facts were recorded at {}, which is later", facts.recorded_at)));
    }
    found
}

/// Accounts that object and belong to several people, or to somebody under another number: whose objection it is decides
/// whether it counts, and an objection is never lost because somebody wrote an account down twice.
fn objectors(directory: &Directory<'_>, recorded: &Recorded<'_>) -> Vec<Unknown> {
    let Recorded { facts, now, .. } = *recorded;
    let made_by = Contributors::of(directory, recorded.commits, Some(facts));
    let mut last: BTreeMap<&str, &Review> = BTreeMap::new();
    let mut said: Vec<&Review> = facts.reviews.entries.iter().filter(|review| review.at.0 <= now).collect();
    said.sort_by_key(|review| (review.at, review.id));
    for review in said {
        if !matches!(review.state, ReviewState::Commented | ReviewState::Pending) {
            last.insert(review.by.login.as_str(), review);
        }
    }
    let objections =
        last.into_values().filter(|review| objects(directory, (&made_by, recorded.interested), None, review));
    objections
        .filter_map(|review| match directory.account(&review.by) {
            Who::Nobody(unknown @ (Unknown::Several { .. } | Unknown::Number { .. })) => Some(unknown),
            _ => None,
        })
        .collect()
}

fn unread<T>(name: &'static str, list: &Listed<T>) -> Option<Gap> {
    (!list.is_whole()).then_some(Gap::Unread(name))
}
