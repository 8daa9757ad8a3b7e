//! The reviews of a pull request that asks for access, as votes about that request.
//!
//! They are counted as the gate counts them: by the directory that the pull request goes into, for the commit that was looked
//! at, and of people who made no part of it. Whether those who agree are the ones who have to is for whoever counts the votes.

use jiff::Timestamp;

use super::{
    contributors::Contributors,
    facts::{Facts, Review},
    gaps::{Recorded, gaps},
    identity::{Directory, Who},
    verdict::Gap,
    votes::{Refused, Votes, Why},
};
use crate::{
    model::{
        Rulebook,
        approval::{Choice, Event},
    },
    source::Commit,
};

/// A pull request that asks for access.
#[derive(Debug)]
pub struct Reviewed<'r> {
    /// The rulebook that it goes into, whose directory says who people are.
    pub base: &'r Rulebook,
    /// The rulebook in force today: an account agrees only for whom it belongs to in both.
    pub present: &'r Rulebook,
    /// Who asks and who gets it: an objection that they dismiss stays.
    pub interested: &'r [&'r str],
    /// The commits that it adds.
    pub commits: &'r [Commit],
    /// What was recorded about it.
    pub facts: &'r Facts,
    /// The instant that is asked about.
    pub now: Timestamp,
}

/// What its reviews are worth.
#[derive(Debug)]
pub struct Ballot {
    /// The votes.
    pub events: Vec<Event>,
    /// The number of the review behind each.
    pub reviews: Vec<u64>,
    /// The reviews that count for nothing.
    pub refused: Vec<Refused>,
}

/// Counts the reviews of a pull request.
///
/// # Errors
/// When something has to be known that is not: what is missing then is no agreement.
pub fn ballot(reviewed: &Reviewed<'_>) -> Result<Ballot, Vec<Gap>> {
    let Reviewed { base, present, interested, commits, facts, now } = *reviewed;
    let directory = Directory::new(base);
    let made_by = Contributors::of(&directory, commits, Some(facts));
    let pull_request = &facts.pull_request;
    let mut found = gaps(&Recorded {
        facts,
        base: Some(base),
        interested,
        commits,
        base_commit: &pull_request.base.commit,
        head_commit: &pull_request.head.commit,
        now,
    });
    found.extend(made_by.unknown.iter().map(|(unknown, part)| Gap::Somebody(unknown.clone(), *part)));
    if !found.is_empty() {
        return Err(found);
    }
    let votes = Votes::of(&directory, (&made_by, interested), facts, None, now);
    let today = Directory::new(present);
    let mut ballot = Ballot { events: Vec::new(), reviews: Vec::new(), refused: votes.refused };
    for (event, number) in votes.events.into_iter().zip(votes.reviews) {
        let review = facts.reviews.entries.iter().find(|review| review.id == number);
        if let Some(refused) = review.and_then(|review| not_today(&today, &event, review)) {
            ballot.refused.push(refused);
            continue;
        }
        ballot.events.push(event);
        ballot.reviews.push(number);
    }
    Ok(ballot)
}

/// An approval by an account that is somebody else's by now, or nobody's. Whoever objects does so with any.
fn not_today(today: &Directory<'_>, event: &Event, review: &Review) -> Option<Refused> {
    let Event::Vote(vote) = event else { return None };
    let by = vote.by.as_str();
    let is_theirs =
        matches!(today.account(&review.by), Who::Person(person) if today.hands().same(person, by));
    (vote.decision == Choice::Approve && !is_theirs).then(|| Refused {
        review: review.id,
        login: review.by.login.clone(),
        person: Some(by.to_owned()),
        at: review.at,
        why: Why::NotToday(by.to_owned()),
    })
}
