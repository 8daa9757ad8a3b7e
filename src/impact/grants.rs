//! What a change does to the ledger: who gets what until when, what ends, and what lasts longer or is another.
//!
//! It is told, and judged by nobody here: the gate decides about each grant once more.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    decide::{engine::Engine, undecidable::Undecidable},
    ledger::standing::{Standing, ends, standing},
    model::{
        EntitlementRef, Entry, Id, Rulebook,
        grant::{Grant, GrantState},
    },
};

/// What becomes of access by a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Somebody gets it.
    Gives,
    /// Somebody has it for longer.
    Longer,
    /// Something else about it is another: from when it is there, or what was set up.
    Otherwise,
    /// Somebody asks for it, and has nothing by it yet.
    Asked,
    /// Somebody has it no more.
    Ends,
    /// Somebody has it for a shorter time.
    Shorter,
    /// What is written down about it is another, and nobody has more or less by it.
    Noted,
}

impl Effect {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] =
        [Self::Gives, Self::Longer, Self::Otherwise, Self::Asked, Self::Ends, Self::Shorter, Self::Noted];

    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gives => "gives",
            Self::Longer => "longer",
            Self::Otherwise => "otherwise",
            Self::Asked => "asked",
            Self::Ends => "ends",
            Self::Shorter => "shorter",
            Self::Noted => "noted",
        }
    }
}

/// From when until when a grant says that it gives something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The first day.
    pub from: String,
    /// The last day, or the instant at which it ends if that is before its last day is over; none without an end.
    pub until: Option<String>,
}

/// What a change does to access by one grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantChange {
    /// What becomes of it.
    pub effect: Effect,
    /// Who has it, or had it.
    pub beneficiary: Id,
    /// What.
    pub entitlement: EntitlementRef,
    /// The grant.
    pub grant: Id,
    /// From when until when before the change; none when there was no such grant.
    pub before: Option<Term>,
    /// From when until when after it; none when there is no such grant.
    pub after: Option<Term>,
}

/// What a change does to the ledger, as of an instant: what gives more first, and of that in the order of people.
///
/// # Errors
/// When the time zone of one of the rulebooks does not exist.
pub fn compare(before: &Rulebook, after: &Rulebook, now: Timestamp) -> Result<Vec<GrantChange>, Undecidable> {
    let sides = [Engine::new(before)?, Engine::new(after)?];
    let ids: BTreeSet<&Id> = before.grants.iter().chain(&after.grants).map(|grant| &grant.id).collect();
    let mut differing: Vec<[Option<&Entry<Grant>>; 2]> = Vec::new();
    for id in ids {
        let [was, is] = [before, after].map(|rulebook| rulebook.grants.get(id.as_str()));
        if was.map(|grant| &grant.value) != is.map(|grant| &grant.value) {
            differing.push([was, is]);
        }
    }
    without_renamed(&mut differing);
    let mut found: Vec<GrantChange> =
        differing.into_iter().flat_map(|both| changes(&sides, both, now)).collect();
    found.sort_by(|one, other| {
        let key =
            |change: &GrantChange| (change.effect, change.beneficiary.clone(), change.entitlement.clone());
        key(one).cmp(&key(other)).then_with(|| one.grant.cmp(&other.grant))
    });
    Ok(found)
}

/// Takes out grants that say the same under another id.
fn without_renamed(differing: &mut Vec<[Option<&Entry<Grant>>; 2]>) {
    let said = |grant: &Entry<Grant>| serde_json::to_string(&grant.value).unwrap_or_default();
    // How many of each there are more after the change than before it, of those with an id that is on one side only.
    let mut texts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for both in differing.iter() {
        let (side, grant) = match both {
            [Some(grant), None] => (0, grant),
            [None, Some(grant)] => (1, grant),
            _ => continue,
        };
        if let Some(count) = texts.entry(said(grant)).or_default().get_mut(side) {
            *count += 1;
        }
    }
    let mut same: BTreeMap<String, [usize; 2]> =
        texts.into_iter().map(|(text, [gone, new])| (text, [gone.min(new); 2])).collect();
    differing.retain(|both| {
        let (side, grant) = match both {
            [Some(grant), None] => (0, grant),
            [None, Some(grant)] => (1, grant),
            _ => return true,
        };
        match same.get_mut(&said(grant)).and_then(|counts| counts.get_mut(side)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        }
    });
}

fn changes(sides: &[Engine<'_>; 2], both: [Option<&Entry<Grant>>; 2], now: Timestamp) -> Vec<GrantChange> {
    let [old, new] = sides;
    let [was, is] = both;
    let gives = |engine: &Engine<'_>, grant: Option<&Entry<Grant>>| {
        grant.is_some_and(|grant| matches!(standing(engine, grant, now), Standing::InForce | Standing::Later))
    };
    let (gave, gives) = (gives(old, was), gives(new, is));
    let about = |effect, grant: &Entry<Grant>, [was, is]: [Option<&Entry<Grant>>; 2]| GrantChange {
        effect,
        beneficiary: grant.beneficiary.id().clone(),
        entitlement: grant.value.entitlement.clone(),
        grant: grant.id.clone(),
        before: was.map(|grant| term(old, grant)),
        after: is.map(|grant| term(new, grant)),
    };
    match (was, is) {
        (Some(was), Some(is)) if gave && gives => {
            if was.beneficiary != is.beneficiary || was.value.entitlement != is.value.entitlement {
                // It is another access, under one id.
                return vec![
                    about(Effect::Gives, is, [None, Some(is)]),
                    about(Effect::Ends, was, [Some(was), None]),
                ];
            }
            let [last, lasts] = [ends(old, was), ends(new, is)].map(|end| end.unwrap_or(Timestamp::MAX));
            let same = was.start == is.start && was.provisioned == is.provisioned;
            let effect = match lasts.cmp(&last) {
                std::cmp::Ordering::Greater => Effect::Longer,
                _ if !same => Effect::Otherwise,
                std::cmp::Ordering::Less => Effect::Shorter,
                std::cmp::Ordering::Equal => Effect::Noted,
            };
            vec![about(effect, is, both)]
        }
        (_, Some(is)) if gives => vec![about(Effect::Gives, is, both)],
        (Some(was), _) if gave => vec![about(Effect::Ends, was, both)],
        (was, Some(is)) => {
            let asked =
                is.state == GrantState::Requested && was.is_none_or(|was| was.state != GrantState::Requested);
            vec![about(if asked { Effect::Asked } else { Effect::Noted }, is, both)]
        }
        (Some(was), None) => vec![about(Effect::Noted, was, both)],
        (None, None) => Vec::new(),
    }
}

fn term(engine: &Engine<'_>, grant: &Grant) -> Term {
    let last = grant.end.and_then(|end| engine.end_of(end.0));
    let until = grant.until.as_ref().filter(|until| last.is_none_or(|last| until.0 < last));
    let until = until.map(ToString::to_string).or_else(|| grant.end.map(|end| end.to_string()));
    Term { from: grant.start.to_string(), until }
}
