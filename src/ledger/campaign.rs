//! Campaigns in which somebody looks at each grant: who is asked about which, what was answered, and what follows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    ending::{Ending, over},
    standing::{Standing, standing, was_here},
};
use crate::{
    decide::{
        engine::Engine,
        policy,
        principals::{self, Subject, same_hands, unable},
        undecidable::Undecidable,
    },
    model::{
        Entry, Id, LocalDate, Principal, Ref, Rulebook,
        grant::{EndReason, Grant, GrantState},
        person::Person,
        review::{NoDecision, Review, ReviewDecision, ReviewVerdict},
    },
};

/// What was answered about a grant: the strictest of what counts.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// Nothing that counts.
    Nothing,
    /// It is still needed.
    Keep,
    /// It is needed until a day.
    Reduce(LocalDate, &'a ReviewDecision),
    /// It is not needed.
    Revoke(&'a ReviewDecision),
}

/// The grants that a campaign is about: those in its scope that have begun before it is over and have not ended.
pub fn scope<'a>(rulebook: &'a Rulebook, campaign: &'a Review) -> impl Iterator<Item = &'a Entry<Grant>> {
    rulebook
        .grants
        .iter()
        .filter(move |grant| grant.state == GrantState::Active && in_scope(campaign, &grant.value))
}

/// Whether a campaign is about a grant, as long as it is active.
fn in_scope(campaign: &Review, grant: &Grant) -> bool {
    let reference = &grant.entitlement;
    grant.start <= campaign.closes
        && (campaign.entitlements.contains(reference)
            || campaign.services.iter().any(|service| *service.id() == reference.service))
}

/// The parts of a campaign: itself, and the sheet of each reviewer.
pub fn sheets<'a>(
    rulebook: &'a Rulebook,
    campaign: &'a Entry<Review>,
) -> impl Iterator<Item = &'a Entry<Review>> {
    rulebook.reviews.iter().filter(move |review| {
        review.id == campaign.id || review.of.as_ref().is_some_and(|of| *of.id() == campaign.id)
    })
}

/// Whether a decision says who decided and when, and was made by whom the sheet is for.
#[must_use]
pub fn is_signed(sheet: &Review, decision: &ReviewDecision) -> bool {
    let own = match (&sheet.of, &sheet.reviewer) {
        (Some(_), Principal::Person(reviewer)) => decision.by.as_ref().map(Ref::id) == Some(reviewer),
        _ => decision.by.is_some(),
    };
    own && decision.at.is_some()
}

/// Why an answer is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCounted {
    /// It says too little, or is by somebody else than whom the sheet is for.
    NotSigned,
    /// Whoever answered holds the grant, or answers for the account that does, or for both.
    Own,
    /// The campaign does not ask them, or they were not here, or are no people.
    NotAsked,
    /// It was given before the campaign opened or after it closed.
    OutOfTime,
    /// It says that it is given later than now.
    InTheFuture,
    /// The sheet says other days than its campaign.
    OtherDays,
    /// The campaign is not about the grant.
    OutOfScope,
    /// The sheet is the sheet of a sheet.
    NoCampaign,
}

impl NotCounted {
    /// Why, in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotSigned => "it does not say who made it and when",
            Self::Own => "it is about their own access",
            Self::NotAsked => "they are not among those who can look at it in this campaign",
            Self::OutOfTime => "it was made while the campaign was not open",
            Self::InTheFuture => "it is made in the future",
            Self::OtherDays => "the sheet says other days than its campaign",
            Self::OutOfScope => "the campaign is not about this grant",
            Self::NoCampaign => "the sheet belongs to another sheet, and to no campaign",
        }
    }
}

/// Whether the days of a sheet are those of its campaign.
#[must_use]
pub fn has_days_of(sheet: &Review, campaign: &Review) -> bool {
    sheet.opens == campaign.opens && sheet.closes == campaign.closes
}

/// Looks whether an answer in a sheet of a campaign counts at an instant.
///
/// Somebody who holds the access may say that it is not needed, and nothing else.
///
/// # Errors
/// Why it does not, or that nobody can say who is asked.
pub fn counts(
    engine: &Engine<'_>,
    campaign: &Entry<Review>,
    sheet: &Entry<Review>,
    decision: &ReviewDecision,
    now: Timestamp,
) -> Result<Result<(), NotCounted>, Undecidable> {
    let rulebook = engine.rulebook();
    let (Some(by), Some(at)) = (&decision.by, decision.at) else { return Ok(Err(NotCounted::NotSigned)) };
    if !is_signed(&sheet.value, decision) {
        return Ok(Err(NotCounted::NotSigned));
    }
    let Some(grant) = rulebook.grants.get(decision.grant.as_str()) else {
        return Ok(Err(NotCounted::OutOfScope));
    };
    if !in_scope(&campaign.value, &grant.value) {
        return Ok(Err(NotCounted::OutOfScope));
    }
    if !has_days_of(&sheet.value, &campaign.value) {
        return Ok(Err(NotCounted::OtherDays));
    }
    if at.0 > now {
        return Ok(Err(NotCounted::InTheFuture));
    }
    let day = engine.date(at.0);
    if day < campaign.opens.0 {
        return Ok(Err(NotCounted::OutOfTime));
    }
    let late = day > campaign.closes.0;
    // What nobody answered is left to the owner when the campaign says so: they come after it.
    if late && campaign.value.no_decision == NoDecision::Revoke {
        return Ok(Err(NotCounted::OutOfTime));
    }
    let here = rulebook.people.get(by.as_str()).is_some_and(|person| was_here(&person.value, day));
    if is_of(rulebook, &grant.value, by.as_str()) {
        let own_no = decision.decision == ReviewVerdict::Revoke && here && !late;
        return Ok(if own_no { Ok(()) } else { Err(NotCounted::Own) });
    }
    let able = |named: &[Principal]| {
        let able = able_at(engine, grant, named, at.0)?;
        Ok::<_, Undecidable>((able.iter().any(|person| person.id == *by.id()), able.is_empty()))
    };
    let owner: Vec<Principal> = campaign.value.owner.iter().cloned().collect();
    let asked = if late {
        able(&owner)?.0
    } else {
        let (asked, nobody) = able(std::slice::from_ref(&campaign.value.reviewer))?;
        asked || nobody && able(&owner)?.0
    };
    Ok(if asked { Ok(()) } else { Err(NotCounted::NotAsked) })
}

/// What was answered about each grant that somebody decided about.
///
/// Of several decisions the strictest holds. A decision that does not [count](counts) is none, and where nobody can say
/// whether it does it is none either.
#[must_use]
pub fn answers<'a>(
    engine: &Engine<'a>,
    campaign: &'a Entry<Review>,
    now: Timestamp,
) -> BTreeMap<&'a Id, Answer<'a>> {
    let rulebook = engine.rulebook();
    let mut found: BTreeMap<&Id, Answer<'a>> = BTreeMap::new();
    for sheet in sheets(rulebook, campaign) {
        for decision in &sheet.value.decision {
            if !matches!(counts(engine, campaign, sheet, decision, now), Ok(Ok(()))) {
                continue;
            }
            let Some(grant) = rulebook.grants.get(decision.grant.as_str()) else { continue };
            let answer = match decision.decision {
                ReviewVerdict::Undecided => continue,
                ReviewVerdict::Revoke => Answer::Revoke(decision),
                ReviewVerdict::Keep => Answer::Keep,
                ReviewVerdict::Reduce => match decision.until {
                    Some(until) => Answer::Reduce(until, decision),
                    None => continue,
                },
            };
            let known = found.entry(&grant.id).or_insert(Answer::Nothing);
            *known = stricter(*known, answer);
        }
    }
    found
}

/// Whether a grant is in the hands of somebody: they have it, or it belongs to an account that they answer for.
fn is_of(rulebook: &Rulebook, grant: &Grant, person: &str) -> bool {
    same_hands(rulebook, grant.beneficiary.as_str(), person)
}

fn stricter<'a>(one: Answer<'a>, other: Answer<'a>) -> Answer<'a> {
    let rank = |answer: &Answer<'_>| match answer {
        Answer::Nothing => 0,
        Answer::Keep => 1,
        Answer::Reduce(..) => 2,
        Answer::Revoke(_) => 3,
    };
    match (one, other) {
        (Answer::Reduce(first, _), Answer::Reduce(second, _)) => {
            if second < first {
                other
            } else {
                one
            }
        }
        _ => {
            if rank(&other) > rank(&one) {
                other
            } else {
                one
            }
        }
    }
}

/// What is to be done to the ledger at an instant.
#[derive(Debug, Default)]
pub struct Due<'a> {
    /// What ends.
    pub endings: Vec<Ending<'a>>,
    /// What ends earlier than it says, and the campaign that said so.
    pub shorter: Vec<(&'a Entry<Grant>, LocalDate, &'a Id)>,
    /// What nobody decided about in a campaign that leaves this to its owner.
    pub waiting: Vec<(&'a Entry<Grant>, &'a Id)>,
    /// The campaigns that are over, and from which nothing follows any more once all of this is done.
    pub done: Vec<&'a Entry<Review>>,
}

/// Whether everything that a campaign decided was done. What is written before it is over says nothing.
#[must_use]
pub fn is_settled(engine: &Engine<'_>, campaign: &Review) -> bool {
    campaign.settled.is_some_and(|settled| engine.date(settled.0) > campaign.closes.0)
}

/// Whether nothing follows from a campaign any more at an instant, as the ledger is: it is over, and all that was decided and
/// not answered was done.
#[must_use]
pub fn is_done<'a>(engine: &Engine<'a>, campaign: &'a Entry<Review>, now: Timestamp) -> bool {
    let mut due = Due::default();
    follow(engine, campaign, now, &mut due, &mut BTreeSet::new());
    !due.done.is_empty() && due.endings.is_empty() && due.shorter.is_empty() && due.waiting.is_empty()
}

/// Everything that is to be done to the ledger at an instant: what is past its end, whose holder has left, and what
/// campaigns decided. Nobody's answer takes effect when a campaign is over, decisions do at once.
#[must_use]
pub fn due<'a>(engine: &Engine<'a>, now: Timestamp) -> Due<'a> {
    let rulebook = engine.rulebook();
    let today = engine.date(now);
    let mut due = Due { endings: over(engine, now), ..Due::default() };
    let mut known: BTreeSet<&Id> = due.endings.iter().map(|ending| &ending.grant.id).collect();
    for campaign in rulebook.reviews.iter().filter(|review| review.of.is_none() && review.opens.0 <= today) {
        if !is_settled(engine, &campaign.value) {
            follow(engine, campaign, now, &mut due, &mut known);
        }
    }
    // Of several the earliest day counts.
    due.shorter.sort_by(|one, other| (&one.0.id, one.1).cmp(&(&other.0.id, other.1)));
    due.shorter.dedup_by(|other, one| one.0.id == other.0.id);
    due.shorter.retain(|(grant, ..)| !known.contains(&grant.id));
    due.waiting.retain(|(grant, _)| !known.contains(&grant.id));
    let waiting = &due.waiting;
    due.done.retain(|campaign| waiting.iter().all(|(_, of)| **of != campaign.id));
    due
}

/// Adds what follows from a campaign. Those that are `known` end already.
fn follow<'a>(
    engine: &Engine<'a>,
    campaign: &'a Entry<Review>,
    now: Timestamp,
    due: &mut Due<'a>,
    known: &mut BTreeSet<&'a Id>,
) {
    let today = engine.date(now);
    let answers = answers(engine, campaign, now);
    let is_over = campaign.closes.0 < today;
    if is_over {
        due.done.push(campaign);
    }
    for grant in scope(engine.rulebook(), &campaign.value) {
        let ending = |why, decision: Option<&ReviewDecision>| Ending {
            grant,
            why,
            by: decision.and_then(|decision| decision.by.clone()),
            review: Some(Ref::new(campaign.id.clone())),
            reason: decision.and_then(|decision| decision.reason.clone()),
        };
        match answers.get(&grant.id).copied().unwrap_or(Answer::Nothing) {
            Answer::Keep => {}
            Answer::Reduce(until, _) if until.0 >= today => {
                if grant.end.is_none_or(|end| until < end) {
                    due.shorter.push((grant, until, &campaign.id));
                }
            }
            Answer::Revoke(decision) | Answer::Reduce(_, decision) => {
                if known.insert(&grant.id) {
                    due.endings.push(ending(EndReason::NotNeeded, Some(decision)));
                }
            }
            Answer::Nothing if !is_over => {}
            Answer::Nothing => match campaign.no_decision {
                NoDecision::Escalate => due.waiting.push((grant, &campaign.id)),
                NoDecision::Revoke => {
                    if known.insert(&grant.id) {
                        due.endings.push(ending(EndReason::NotAnswered, None));
                    }
                }
            },
        }
    }
}

/// Who looks at which grants of a campaign.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    /// The grants that each reviewer is asked about and that stand in no sheet yet.
    pub sheets: BTreeMap<&'a Id, Vec<&'a Entry<Grant>>>,
    /// Grants that nobody can look at who does not hold them.
    pub nobody: Vec<&'a Entry<Grant>>,
    /// How many stand in a sheet already.
    pub known: usize,
}

/// Spreads the grants of a campaign over its reviewers. Never is the holder asked, or whoever answers for the account
/// that has it. Of several who could be asked, whoever has the least to look at is.
///
/// # Errors
/// When it cannot be said who reviews.
pub fn ask<'a>(
    engine: &Engine<'a>,
    campaign: &'a Entry<Review>,
    now: Timestamp,
) -> Result<Asked<'a>, Undecidable> {
    let rulebook = engine.rulebook();
    let listed: BTreeSet<&Id> = sheets(rulebook, campaign)
        .flat_map(|sheet| sheet.value.decision.iter().map(|decision| decision.grant.id()))
        .collect();
    let mut asked = Asked::default();
    let wanted = scope(rulebook, &campaign.value)
        .filter(|grant| matches!(standing(engine, grant, now), Standing::InForce | Standing::Later));
    for grant in wanted {
        if listed.contains(&grant.id) {
            asked.known += 1;
            continue;
        }
        let mut able = able(engine, grant, std::slice::from_ref(&campaign.value.reviewer), now)?;
        if able.is_empty() {
            let owner: Vec<Principal> = campaign.value.owner.iter().cloned().collect();
            able = self::able(engine, grant, &owner, now)?;
        }
        let load = |person: &&Entry<Person>| asked.sheets.get(&person.id).map_or(0, Vec::len);
        match able.iter().min_by_key(|person| (load(person), &person.id)).copied() {
            Some(reviewer) => asked.sheets.entry(&reviewer.id).or_default().push(grant),
            None => asked.nobody.push(grant),
        }
    }
    Ok(asked)
}

/// Who of those that are named can look at a grant now.
fn able<'a>(
    engine: &Engine<'a>,
    grant: &'a Entry<Grant>,
    named: &[Principal],
    now: Timestamp,
) -> Result<Vec<&'a Entry<Person>>, Undecidable> {
    let today = engine.date(now);
    let mut people = able_at(engine, grant, named, now)?;
    people.retain(|person| unable(person, today).is_none());
    Ok(people)
}

/// Who of those that are named could look at a grant at an instant, as far as the directory of today says.
fn able_at<'a>(
    engine: &Engine<'a>,
    grant: &'a Entry<Grant>,
    named: &[Principal],
    instant: Timestamp,
) -> Result<Vec<&'a Entry<Person>>, Undecidable> {
    let rulebook = engine.rulebook();
    let offer = policy::offer(rulebook, &grant.value.entitlement);
    let subject = Subject {
        beneficiary: rulebook.people.get(grant.value.beneficiary.as_str()),
        offer,
        service: offer.map(|offer| offer.service),
        instant,
        change_owner: None,
    };
    let day = engine.date(instant);
    let mut people = principals::people(engine, &subject, named)?;
    people
        .retain(|person| was_here(&person.value, day) && !is_of(rulebook, &grant.value, person.id.as_str()));
    Ok(people)
}

/// The id of the sheet of a reviewer.
#[must_use]
pub fn sheet_id(campaign: &Id, reviewer: &Id) -> Option<Id> {
    let whole = format!("{campaign}-{reviewer}");
    Id::new(&whole).or_else(|| {
        let start: String = whole.chars().take(55).collect();
        let mark: String = crate::source::digest(whole.as_bytes()).chars().take(7).collect();
        Id::new(&format!("{}-{mark}", start.trim_end_matches(['-', '.', '_'])))
    })
}
