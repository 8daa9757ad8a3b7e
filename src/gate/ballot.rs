//! The reviews of a pull request that asks for access, as votes about that request.
//!
//! They are counted as the gate counts them: by the directory that the pull request goes into, for the commit that was looked
//! at, and of people who made no part of it. Whether those who agree are the ones who have to is for whoever counts the votes.

use jiff::Timestamp;

use super::{
    contributors::Contributors,
    facts::Facts,
    gaps::{Recorded, gaps},
    identity::Directory,
    verdict::Gap,
    votes::{Refused, Votes},
};
use crate::{
    model::{Rulebook, approval::Event},
    source::Commit,
};

/// A pull request that asks for access.
#[derive(Debug)]
pub struct Reviewed<'r> {
    /// The rulebook that it goes into, whose directory says who people are.
    pub base: &'r Rulebook,
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
    let Reviewed { base, commits, facts, now } = *reviewed;
    let directory = Directory::new(base);
    let made_by = Contributors::of(&directory, commits, Some(facts));
    let pull_request = &facts.pull_request;
    let mut found = gaps(&Recorded {
        facts,
        base: Some(base),
        commits,
        base_commit: &pull_request.base.commit,
        head_commit: &pull_request.head.commit,
        now,
    });
    found.extend(made_by.unknown.iter().map(|(unknown, part)| Gap::Somebody(unknown.clone(), *part)));
    if !found.is_empty() {
        return Err(found);
    }
    let votes = Votes::of(&directory, &made_by, facts, None, now);
    Ok(Ballot { events: votes.events, reviews: votes.reviews, refused: votes.refused })
}
