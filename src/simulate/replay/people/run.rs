//! Rows in, people out.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use jiff::{Timestamp, civil::Date};

use super::{
    bundles,
    flips::{Flips, Side},
    row::{Plan, Said},
};
use crate::{
    decide::person::Directory,
    load::rows::{ColumnError, Row, Rows, RowsError},
    model::{
        Id, Rulebook,
        replay_map::{PersonAction, TeamRole},
    },
    simulate::replay::{Observer, Reject, RejectKind, Rejects, requests::Subject},
};

/// How changes of people are replayed.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether every column was named, so that one that no row has is a mistake.
    pub named: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many rows were read.
    pub rows: u64,
    /// Those that could not be used.
    pub rejects: Rejects,
    /// What was counted.
    pub tally: Tally,
    /// What another rulebook gives and takes otherwise, if there is one.
    pub flips: Option<Flips>,
}

/// What is counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// All events.
    pub all: Counts,
    /// Events by year; those without an instant are in none.
    pub years: BTreeMap<i16, Counts>,
    /// Rows that say an earlier instant than one before them.
    pub out_of_order: u64,
    /// When the first and the last event was.
    pub period: Option<(Timestamp, Timestamp)>,
    /// People who are there at the end.
    pub people: u64,
    /// Memberships at the end.
    pub memberships: u64,
    /// What bundles would have given and taken.
    pub bundles: BTreeMap<Id, BundleUse>,
    /// Whether a team was named at all, so that the end can be held against the rulebook.
    pub has_teams: bool,
    /// Memberships of the end that the rulebook does not hold.
    pub only_in_events: Vec<Membership>,
    /// Memberships of the rulebook that the events do not end in.
    pub only_in_rulebook: Vec<Membership>,
}

/// How many events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Somebody came who was not there.
    pub joiners: u64,
    /// Something changed for somebody.
    pub movers: u64,
    /// Somebody went.
    pub leavers: u64,
    /// Something changed for somebody who was not there and is not.
    pub others: u64,
}

/// What a bundle would have done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BundleUse {
    /// How often it was given.
    pub given: u64,
    /// How often it was taken.
    pub taken: u64,
    /// Who has it at the end.
    pub held: u64,
}

/// Somebody in a team.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// The team.
    pub team: Id,
    /// Who.
    pub person: Id,
}

/// Why a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The rows cannot be read to their end.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A column that should be read was in no row.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// Rows that were rejected cannot be written down.
    #[error("rejected rows cannot be written down")]
    Rejects(#[source] io::Error),
}

/// Somebody, as far as the events told.
#[derive(Debug, Default)]
struct Somebody {
    /// Whether they are there for another reason than a team.
    joined: bool,
    roles: BTreeSet<(Id, TeamRole)>,
    subject: Option<Subject>,
    bundles: Vec<Id>,
}

impl Somebody {
    /// The teams that they are in; who was in one formerly is in none.
    fn teams(&self) -> BTreeSet<&Id> {
        self.roles.iter().filter(|(_, role)| *role != TeamRole::Former).map(|(team, _)| team).collect()
    }

    fn is_here(&self) -> bool {
        self.joined || self.roles.iter().any(|(_, role)| *role != TeamRole::Former)
    }
}

/// Lets everything happen once more. The first rulebook is the one that is asked about; the second, if there is one, is the one
/// that it is held against.
///
/// # Errors
/// When the rows cannot be read to their end: what was counted so far is then not handed out.
pub fn replay(
    rows: &mut Rows,
    plan: &Plan,
    (rulebook, against): (&Rulebook, Option<&Rulebook>),
    options: Options,
    observer: &mut dyn Observer,
) -> Result<Outcome, ReplayError> {
    // Nothing about a day is asked of it.
    let directory = Directory::new(rulebook, Date::MIN);
    let other = against.map(|against| Directory::new(against, Date::MIN));
    let mut sides = against
        .zip(other.as_ref())
        .map(|(against, other)| [Side::new(against, other), Side::new(rulebook, &directory)]);
    let mut outcome = Outcome { flips: against.map(|_| Flips::default()), ..Outcome::default() };
    let mut people: BTreeMap<Id, Somebody> = BTreeMap::new();
    let mut row = Row::default();
    while rows.read(&mut row)? {
        outcome.rows += 1;
        let done = plan.said(&row, rulebook).and_then(|said| {
            let who = said.person.clone();
            happen(said, rulebook, &directory, &mut people, &mut outcome.tally).map(|()| who)
        });
        match (done, &mut sides, &mut outcome.flips) {
            (Ok(who), Some(sides), Some(flips)) => {
                compare((row.number, row.line), &who, &people, sides, flips);
            }
            (Ok(_), ..) => {}
            (Err(reject), ..) => {
                observer.rejected(&row, &reject).map_err(ReplayError::Rejects)?;
                outcome.rejects.add(row.number, row.line, reject);
            }
        }
        if outcome.rows.is_multiple_of(1_024) {
            observer.read(outcome.rows);
        }
    }
    plan.finish(options.named)?;
    finish(&people, rulebook, &mut outcome.tally);
    Ok(outcome)
}

/// Compares what two rulebooks give to somebody and take from them because of what happened in a row.
fn compare(
    row: (u64, u64),
    who: &Id,
    people: &BTreeMap<Id, Somebody>,
    sides: &mut [Side<'_>; 2],
    flips: &mut Flips,
) {
    let Some(somebody) = people.get(who) else { return };
    let teams: Vec<&str> = somebody.teams().into_iter().map(Id::as_str).collect();
    let subject = somebody.subject.as_ref().filter(|_| somebody.is_here());
    let [before, after] = sides.each_mut().map(|side| {
        let person = subject.map(|subject| subject.person(side.rulebook()));
        side.happen(who, person.as_ref(), &teams)
    });
    flips.add(row, who, &before, &after);
}

/// Lets something happen to somebody, or says why that cannot be.
fn happen(
    said: Said,
    rulebook: &Rulebook,
    directory: &Directory<'_>,
    people: &mut BTreeMap<Id, Somebody>,
    tally: &mut Tally,
) -> Result<(), Reject> {
    let known = people.get(&said.person);
    let was_here = known.is_some_and(Somebody::is_here);
    let invalid = |why: String| Err(Reject::new(RejectKind::Invalid, why));
    let person = &said.person;
    let has = |role: &(Id, TeamRole)| known.is_some_and(|known| known.roles.contains(role));
    match (said.action, &said.team) {
        (PersonAction::Add, Some(team)) if has(team) => {
            return invalid(format!("`{person}` is {} of `{}` already", team.1, team.0));
        }
        (PersonAction::Remove, Some(team)) if !has(team) => {
            return invalid(format!("`{person}` is not {} of `{}`", team.1, team.0));
        }
        (PersonAction::Join, _) if known.is_some_and(|known| known.joined) => {
            return invalid(format!("`{person}` is here already"));
        }
        (PersonAction::Change | PersonAction::Leave, _) if !was_here => {
            return invalid(format!("`{person}` is not here"));
        }
        _ => {}
    }
    let somebody = people.entry(said.person.clone()).or_default();
    match (said.action, said.team) {
        (PersonAction::Add, Some(team)) => {
            tally.has_teams = true;
            somebody.roles.insert(team);
        }
        (PersonAction::Remove, Some(team)) => {
            tally.has_teams = true;
            somebody.roles.remove(&team);
        }
        (PersonAction::Join, _) => somebody.joined = true,
        (PersonAction::Leave, _) => {
            somebody.joined = false;
            somebody.roles.retain(|(_, role)| *role == TeamRole::Former);
        }
        (PersonAction::Add | PersonAction::Remove | PersonAction::Change, _) => {}
    }
    somebody.subject = Some(match somebody.subject.take() {
        Some(before) => before.then(said.subject),
        None => said.subject,
    });
    let is_here = somebody.is_here();
    tally.note(said.at, was_here, is_here);
    if !rulebook.bundles.is_empty() {
        give_and_take(somebody, rulebook, directory, tally, is_here)?;
    }
    Ok(())
}

/// Counts what bundles give to somebody and take from them.
fn give_and_take(
    somebody: &mut Somebody,
    rulebook: &Rulebook,
    directory: &Directory<'_>,
    tally: &mut Tally,
    is_here: bool,
) -> Result<(), Reject> {
    let mut now: Vec<Id> = Vec::new();
    if let Some(subject) = somebody.subject.as_ref().filter(|_| is_here) {
        let teams: Vec<&str> = somebody.teams().into_iter().map(Id::as_str).collect();
        let person = subject.person(rulebook);
        let found = bundles::of(directory, rulebook, &person, &teams);
        let found = found.ok_or_else(|| {
            Reject::new(RejectKind::Invalid, "the condition of a bundle makes no sense for them".to_owned())
        })?;
        now.extend(found.into_iter().cloned());
    }
    for id in now.iter().filter(|id| !somebody.bundles.contains(id)) {
        tally.bundles.entry(id.clone()).or_default().given += 1;
    }
    for id in somebody.bundles.iter().filter(|id| !now.contains(id)) {
        tally.bundles.entry(id.clone()).or_default().taken += 1;
    }
    somebody.bundles = now;
    Ok(())
}

impl Tally {
    /// Memberships that differ between the end and the rulebook.
    #[must_use]
    pub const fn differences(&self) -> u64 {
        (self.only_in_events.len() + self.only_in_rulebook.len()) as u64
    }

    fn note(&mut self, at: Option<Timestamp>, was_here: bool, is_here: bool) {
        if let Some(at) = at {
            let period = self.period.get_or_insert((at, at));
            self.out_of_order += u64::from(at < period.1);
            *period = (period.0.min(at), period.1.max(at));
            let year = at.to_zoned(jiff::tz::TimeZone::UTC).year();
            self.years.entry(year).or_default().add(was_here, is_here);
        }
        self.all.add(was_here, is_here);
    }
}

impl Counts {
    const fn add(&mut self, was_here: bool, is_here: bool) {
        match (was_here, is_here) {
            (false, true) => self.joiners += 1,
            (true, false) => self.leavers += 1,
            (true, true) => self.movers += 1,
            (false, false) => self.others += 1,
        }
    }
}

/// Holds the end against the teams of the rulebook.
fn finish(people: &BTreeMap<Id, Somebody>, rulebook: &Rulebook, tally: &mut Tally) {
    let mut end: BTreeSet<Membership> = BTreeSet::new();
    for (person, somebody) in people {
        tally.people += u64::from(somebody.is_here());
        for id in &somebody.bundles {
            tally.bundles.entry(id.clone()).or_default().held += 1;
        }
        end.extend(
            somebody
                .teams()
                .into_iter()
                .map(|team| Membership { team: team.clone(), person: person.clone() }),
        );
    }
    tally.memberships = end.len() as u64;
    if !tally.has_teams {
        return;
    }
    let held: BTreeSet<Membership> = rulebook
        .teams
        .iter()
        .flat_map(|team| {
            let member = |member: &crate::model::Ref<crate::model::person::Person>| Membership {
                team: team.id.clone(),
                person: member.id().clone(),
            };
            team.value.members.iter().map(member)
        })
        .collect();
    tally.only_in_events = end.difference(&held).cloned().collect();
    tally.only_in_rulebook = held.difference(&end).cloned().collect();
}
