//! What reviews are worth: votes of people who may agree, and why the others count for nothing.
//!
//! An approval is one of what somebody looked at. It counts when it was given for the commit that would be merged, and
//! after the branch was last moved: which commit a review is of can be made to look otherwise afterwards. What somebody
//! says last counts, whichever account they say it with; a review that was dismissed brings no earlier one back.
//! An objection that was dismissed stays one, unless it is known that nobody who has a part in the change dismissed it.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use super::{
    contributors::{Contributors, Part},
    facts::{Facts, Review, ReviewState},
    identity::{Directory, Unknown, Who, is_program},
};
use crate::{
    decide::principals::{same_hands, unable},
    model::{
        Id, Instant, Rulebook,
        approval::{Choice, Event, Vote},
    },
};

/// The votes of a pull request.
#[derive(Debug, Default)]
pub(super) struct Votes {
    /// Those that can count, as events of an approval.
    pub events: Vec<Event>,
    /// The review behind each event.
    pub reviews: Vec<u64>,
    /// The reviews that count for nothing.
    pub refused: Vec<Refused>,
}

/// A review that counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The number of the review.
    pub review: u64,
    /// The account that it is from.
    pub login: String,
    /// Whose account that is, where it is known.
    pub person: Option<String>,
    /// When it was given.
    pub at: Instant,
    /// Why.
    pub why: Why,
}

/// Why a review counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It was given by a program.
    Program,
    /// Nobody knows who gave it.
    Nobody(Unknown),
    /// They made a part of the change.
    Contributor(Vec<Part>),
    /// It was given before the branch was last moved.
    BeforePush(Instant),
    /// It is one of another commit.
    OtherCommit(Option<String>),
    /// It was taken back.
    Dismissed,
    /// They said something else later.
    Later,
    /// The change brings the first rules about changes, and they could agree to nothing before it.
    Newcomer,
    /// The account is not that of this person any more, by the directory that is in force today.
    NotToday(String),
    /// It was given after the instant that is asked about.
    InTheFuture,
}

impl Why {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Nobody(_) => "unknown-account",
            Self::Contributor(_) => "own-change",
            Self::BeforePush(_) => "before-push",
            Self::OtherCommit(_) => "other-commit",
            Self::Dismissed => "dismissed",
            Self::Later => "later-review",
            Self::Newcomer => "newcomer",
            Self::NotToday(_) => "account-of-before",
            Self::InTheFuture => "in-the-future",
        }
    }
}

/// Who could agree to something before a change that brings the first rules about changes: those who come with it, by a new
/// account or by coming back, could be whoever proposes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'k> {
    /// The rulebook that the change goes into.
    pub base: &'k Rulebook,
    /// The day that is asked about.
    pub today: Date,
}

impl Known<'_> {
    /// Whether somebody could.
    pub(super) fn can_agree(&self, person: &str) -> bool {
        self.base.people.get(person).is_some_and(|person| unable(person, self.today).is_none())
    }
}

/// When the branch was moved last: approvals count after it. Without any push, when the pull request was opened.
#[must_use]
pub fn last_moved(facts: &Facts) -> Instant {
    let pushes = facts.pushes.entries.iter().map(|push| push.at);
    pushes.chain([facts.pull_request.opened_at]).max().unwrap_or(facts.pull_request.opened_at)
}

impl Votes {
    /// The votes by a directory, among people who did not make the change. With `known`, only those agree whom it knows to be
    /// able to.
    #[must_use]
    pub(super) fn of(
        directory: &Directory<'_>,
        (contributors, interested): (&Contributors, &[&str]),
        facts: &Facts,
        known: Option<&Known<'_>>,
        now: Timestamp,
    ) -> Self {
        let mut votes = Self::default();
        let mut said: Vec<&Review> = Vec::new();
        for review in &facts.reviews.entries {
            match review.state {
                ReviewState::Commented | ReviewState::Pending => {}
                _ if review.at.0 > now => votes.refuse(review, None, Why::InTheFuture),
                _ => said.push(review),
            }
        }
        // Of two reviews at the same instant the one with the higher number was given later.
        said.sort_by_key(|review| (review.at, review.id));
        let mut last: BTreeMap<&str, Vec<(&str, &Review)>> = BTreeMap::new();
        for review in said {
            let person = match directory.account(&review.by) {
                _ if is_program(&review.by) => {
                    votes.refuse(review, None, Why::Program);
                    continue;
                }
                Who::Person(person) => person,
                Who::Forge => {
                    votes.refuse(review, None, Why::Program);
                    continue;
                }
                Who::Nobody(unknown) => {
                    votes.refuse(review, None, Why::Nobody(unknown));
                    continue;
                }
            };
            let own = last.entry(directory.hands().of(person)).or_default();
            // People agree and object, whichever record they do it with. That they agree with another one as well takes nothing
            // back: which of them is asked is for whoever counts the votes.
            let beside = |record: &str, before: &Review| {
                record != person && [before, review].iter().all(|one| one.state == ReviewState::Approved)
            };
            let (kept, over) =
                std::mem::take(own).into_iter().partition(|(record, before)| beside(record, before));
            *own = kept;
            own.push((person, review));
            let over: Vec<(&str, &Review)> = over;
            for (record, before) in over {
                votes.refuse(before, Some(record), Why::Later);
            }
        }
        for (person, review) in last.into_values().flatten() {
            let is_newcomer =
                review.state == ReviewState::Approved && known.is_some_and(|known| !known.can_agree(person));
            let weighed = if is_newcomer {
                Err(Why::Newcomer)
            } else {
                weigh(directory, (contributors, interested), facts, (person, review))
            };
            match weighed {
                Ok(event) => {
                    votes.events.push(event);
                    votes.reviews.push(review.id);
                }
                Err(why) => votes.refuse(review, Some(person), why),
            }
        }
        votes.refused.sort_by_key(|refused| (refused.at, refused.review));
        votes
    }

    /// Who gave a vote.
    #[must_use]
    pub(super) fn voter(&self, event: usize) -> Option<String> {
        match self.events.get(event)? {
            Event::Vote(vote) => Some(vote.by.to_string()),
            _ => None,
        }
    }

    fn refuse(&mut self, review: &Review, person: Option<&str>, why: Why) {
        self.refused.push(Refused {
            review: review.id,
            login: review.by.login.clone(),
            person: person.map(str::to_owned),
            at: review.at,
            why,
        });
    }
}

/// What the last review of somebody is worth.
fn weigh(
    directory: &Directory<'_>,
    (contributors, interested): (&Contributors, &[&str]),
    facts: &Facts,
    (person, review): (&str, &Review),
) -> Result<Event, Why> {
    let moved = last_moved(facts);
    let decision = match review.state {
        ReviewState::Approved => Choice::Approve,
        _ if objects(directory, (contributors, interested), Some(person), review) => Choice::Reject,
        _ => return Err(Why::Dismissed),
    };
    let mut at = review.at;
    if decision == Choice::Approve {
        // Only an approval: what commits say about their authors must never silence an objection.
        if let Some(parts) = contributors.people.get(person) {
            return Err(Why::Contributor(parts.iter().copied().collect()));
        }
        if review.commit.as_deref() != Some(facts.pull_request.head.commit.as_str()) {
            return Err(Why::OtherCommit(review.commit.clone()));
        }
        // At the same instant nobody knows which came first.
        if review.at <= moved {
            return Err(Why::BeforePush(moved));
        }
    } else {
        // Whoever objects does so until they say otherwise, whatever is pushed meanwhile.
        at = at.max(moved);
    }
    let by = Id::new(person).ok_or_else(|| Why::Nobody(Unknown::Account(person.to_owned())))?;
    Ok(Event::Vote(Vote { at, by, on_behalf_of: None, decision, stage: None, note: None }))
}

/// Whether a review stands against the change. One that was dismissed still does, unless it was no objection, or whoever gave it
/// took it back, or somebody did who is known and has no part in the change: nobody silences what stands against their own. What
/// it was, or who dismissed it, may not be known; then it stands.
pub(super) fn objects(
    directory: &Directory<'_>,
    (contributors, interested): (&Contributors, &[&str]),
    person: Option<&str>,
    review: &Review,
) -> bool {
    match (review.state, &review.dismissed) {
        (ReviewState::ChangesRequested, _) | (ReviewState::Dismissed, None) => true,
        (ReviewState::Dismissed, Some(dismissal)) => matches!(
            dismissal.was,
            ReviewState::ChangesRequested | ReviewState::Dismissed
        ) && !dismissal.by.as_ref().is_some_and(|by| {
            !is_program(by)
                && matches!(directory.account(by), Who::Person(by) if {
                    let is_own = person.is_some_and(|person| directory.hands().same(by, person));
                    let has_part = contributors.people.contains_key(by);
                    let is_for = interested.iter().any(|one| same_hands(directory.rulebook(), by, one));
                    is_own || !(has_part || is_for)
                })
        }),
        (ReviewState::Approved | ReviewState::Commented | ReviewState::Pending, _) => false,
    }
}
