//! Which events are about a grant as it stands there, and come from people who are still who they were.

use crate::{
    decide::{engine::Engine, principals::same_hands},
    ledger::standing::was_here,
    load::events::Events,
    model::{
        Entry, Id,
        approval::{Choice, Event, GrantEvent},
        grant::Grant,
    },
};

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The grant.
    pub(super) grant: &'a Entry<Grant>,
    /// The digest of what was asked for and decided.
    pub(super) digest: &'a str,
}

/// The events that are looked at, and a line about each of the others.
///
/// What helps the request has to name it, and has to come from somebody whom the directory of today knows as well. What
/// stands against it counts unless it names another grant.
pub(super) fn about(
    read: Events<GrantEvent>,
    asked: &Asked<'_>,
    present: &Engine<'_>,
) -> (Events, Vec<String>) {
    let mut kept = Events { unit: read.unit, ..Events::default() };
    let mut passed_over = Vec::new();
    let unit = read.unit.name();
    for (named, line) in read.events.into_iter().zip(read.lines) {
        match objection(&named, asked, present) {
            None => {
                kept.events.push(named.event);
                kept.lines.push(line);
            }
            Some(why) => passed_over.push(format!("{unit} {line} does not count: {why}")),
        }
    }
    (kept, passed_over)
}

/// Why an event is not looked at.
fn objection(named: &GrantEvent, asked: &Asked<'_>, present: &Engine<'_>) -> Option<String> {
    if let Some(other) = named.grant.as_ref().filter(|other| **other != asked.grant.id) {
        return Some(format!("it is about the grant `{other}`"));
    }
    let helps = match &named.event {
        Event::Vote(vote) => vote.decision == Choice::Approve,
        Event::Evidence(_) => true,
        Event::Delegation(delegation) => {
            // People write it down, under whichever record of theirs.
            let hands = present.hands();
            let is_theirs = |by: &Id| hands.same(by.as_str(), delegation.from.as_str());
            if !delegation.by.as_ref().is_some_and(is_theirs) || delegation.at.is_none() {
                return Some(format!(
                    "a delegation has to say that `{}` wrote it down, as `by`, and when, as `at`",
                    delegation.from
                ));
            }
            return gone(&[&delegation.from, &delegation.to], None, present);
        }
        Event::Amendment(_) | Event::Cancellation(_) => false,
    };
    if !helps {
        return None;
    }
    if named.grant.is_none() {
        return Some(format!("it does not say what it is about: `\"grant\": \"{}\"`", asked.grant.id));
    }
    match named.digest.as_deref() {
        None => return Some(format!("it does not say as what: `\"digest\": \"{}\"`", asked.digest)),
        Some(digest) if digest != asked.digest => {
            return Some("it is about something else than what stands there now".to_owned());
        }
        Some(_) => {}
    }
    let Event::Vote(vote) = &named.event else { return None };
    let people: Vec<&Id> = std::iter::once(&vote.by).chain(&vote.on_behalf_of).collect();
    gone(&people, Some(vote.at.0), present).or_else(|| own(&people, asked.grant, present))
}

/// Who of some people answers for the account that asks or gets the access, by the directory of today.
fn own(people: &[&Id], grant: &Grant, present: &Engine<'_>) -> Option<String> {
    let rulebook = present.rulebook();
    let theirs = |id: &str| {
        same_hands(rulebook, grant.beneficiary.as_str(), id)
            || grant.requester.as_ref().is_some_and(|requester| same_hands(rulebook, requester.as_str(), id))
    };
    let own = people.iter().find(|id| theirs(id.as_str()))?;
    Some(format!("it is about what `{own}` or an account of theirs asks for or gets"))
}

/// Who of some people is not in the directory of today, or was not here at an instant by what it says.
fn gone(people: &[&Id], at: Option<jiff::Timestamp>, present: &Engine<'_>) -> Option<String> {
    people.iter().find_map(|id| {
        let Some(person) = present.rulebook().people.get(id.as_str()) else {
            return Some(format!("nobody is called `{id}` today"));
        };
        let absent = at.is_some_and(|at| !was_here(&person.value, present.date(at)));
        absent.then(|| format!("`{id}` cannot decide anything, by the directory of today"))
    })
}
