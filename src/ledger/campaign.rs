//! Campaigns in which somebody looks at each grant: who is asked about which, what was answered, and what follows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    ending::{Ending, over},
    standing::{Standing, standing},
};
use crate::{
    decide::{
        engine::Engine,
        policy,
        principals::{self, Subject, owners_of_account, unable},
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
    rulebook.grants.iter().filter(move |grant| {
        let reference = &grant.value.entitlement;
        grant.state == GrantState::Active
            && grant.start <= campaign.closes
            && (campaign.entitlements.contains(reference)
                || campaign.services.iter().any(|service| *service.id() == reference.service))
    })
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

/// What was answered about each grant that somebody decided about.
///
/// Of several decisions the strictest holds. A decision that is not signed does not count, and neither does one with which
/// somebody keeps what they or an account of theirs holds.
#[must_use]
pub fn answers<'a>(rulebook: &'a Rulebook, campaign: &'a Entry<Review>) -> BTreeMap<&'a Id, Answer<'a>> {
    let mut found: BTreeMap<&Id, Answer<'a>> = BTreeMap::new();
    for sheet in sheets(rulebook, campaign) {
        for decision in sheet.value.decision.iter().filter(|decision| is_signed(sheet, decision)) {
            let Some(grant) = rulebook.grants.get(decision.grant.as_str()) else { continue };
            let holds = decision.by.as_ref().is_some_and(|by| is_of(rulebook, &grant.value, by.as_str()));
            let answer = match decision.decision {
                ReviewVerdict::Undecided => continue,
                ReviewVerdict::Revoke => Answer::Revoke(decision),
                _ if holds => continue,
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

/// Whether somebody has a grant, or answers for the account that has it.
fn is_of(rulebook: &Rulebook, grant: &Grant, person: &str) -> bool {
    let holder = rulebook.people.get(grant.beneficiary.as_str());
    grant.beneficiary.as_str() == person
        || holder.is_some_and(|holder| owners_of_account(rulebook, &holder.value).contains(&person))
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
}

/// Everything that is to be done to the ledger at an instant: what is past its end, whose holder has left, and what
/// campaigns decided. Nobody's answer takes effect when a campaign is over, decisions do at once.
#[must_use]
pub fn due<'a>(engine: &Engine<'a>, now: Timestamp) -> Due<'a> {
    let rulebook = engine.rulebook();
    let today = engine.date(now);
    let mut due = Due { endings: over(engine, now), ..Due::default() };
    let mut known: BTreeSet<&Id> = due.endings.iter().map(|ending| &ending.grant.id).collect();
    let mut shorter: BTreeMap<&Id, (&'a Entry<Grant>, LocalDate, &'a Id)> = BTreeMap::new();
    for campaign in rulebook.reviews.iter().filter(|review| review.of.is_none() && review.opens.0 <= today) {
        let answers = answers(rulebook, campaign);
        let is_over = campaign.closes.0 < today;
        for grant in scope(rulebook, &campaign.value) {
            let ending = |why, decision: Option<&ReviewDecision>| Ending {
                grant,
                why,
                by: decision.and_then(|decision| decision.by.clone()),
                review: Some(Ref::new(campaign.id.clone())),
                reason: decision.and_then(|decision| decision.reason.clone()),
            };
            match answers.get(&grant.id).copied().unwrap_or(Answer::Nothing) {
                Answer::Keep => {}
                Answer::Revoke(decision) => {
                    if known.insert(&grant.id) {
                        due.endings.push(ending(EndReason::NotNeeded, Some(decision)));
                    }
                }
                Answer::Reduce(until, decision) => {
                    if until.0 < today {
                        if known.insert(&grant.id) {
                            due.endings.push(ending(EndReason::NotNeeded, Some(decision)));
                        }
                    } else if grant.end.is_none_or(|end| until < end) {
                        let new = (grant, until, &campaign.id);
                        let slot = shorter.entry(&grant.id).or_insert(new);
                        if until < slot.1 {
                            *slot = new;
                        }
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
    due.shorter = shorter.into_values().filter(|(grant, ..)| !known.contains(&grant.id)).collect();
    due.waiting.retain(|(grant, _)| !known.contains(&grant.id));
    due
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

/// Who of those that are named can look at a grant.
fn able<'a>(
    engine: &Engine<'a>,
    grant: &'a Entry<Grant>,
    named: &[Principal],
    now: Timestamp,
) -> Result<Vec<&'a Entry<Person>>, Undecidable> {
    let rulebook = engine.rulebook();
    let offer = policy::offer(rulebook, &grant.value.entitlement);
    let subject = Subject {
        beneficiary: rulebook.people.get(grant.value.beneficiary.as_str()),
        offer,
        service: offer.map(|offer| offer.service),
        instant: now,
        change_owner: None,
    };
    let today = engine.date(now);
    let mut people = principals::people(engine, &subject, named)?;
    people.retain(|person| {
        unable(person, today).is_none() && !is_of(rulebook, &grant.value, person.id.as_str())
    });
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
