//! People about whom something else is known than before.

use std::collections::{BTreeSet, HashMap};

use super::{meaning::Approver, panels::approver, side::Side};
use jiff::civil::Date;

use crate::{
    decide::{ledger::Held, vocabulary::Type},
    model::{
        Entry, Id, Ref,
        person::{Person, PersonStatus},
    },
};

/// How high up managers can be named.
const LEVELS: u8 = 9;

/// Somebody as they were and as they are: on a side on which nothing can be given to them they are not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved<'a> {
    pub(super) was: Option<&'a Entry<Person>>,
    pub(super) is: Option<&'a Entry<Person>>,
}

/// How it changed whether somebody is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// They were here and are here: something else is known about them.
    Stays,
    /// They were not here.
    Comes,
    /// They are not here any more.
    Leaves,
}

impl<'a> Moved<'a> {
    /// The person, as they are where they are here.
    pub(super) fn id(&self) -> Option<&'a Id> {
        self.is.or(self.was).map(|person| &person.id)
    }

    /// Whether they come or leave.
    pub(super) const fn way(&self) -> Move {
        match (self.was, self.is) {
            (None, _) => Move::Comes,
            (_, None) => Move::Leaves,
            _ => Move::Stays,
        }
    }
}

/// Whether something can be given to somebody on a day, or on their first day.
fn is_here(person: &Person, today: Date) -> bool {
    let has_left = person.status == PersonStatus::Inactive || person.end.is_some_and(|end| end.0 < today);
    !has_left && (person.status != PersonStatus::Joining || person.start.is_some())
}

/// The people about whom something else is known: whether they are here, their record, their teams, or who of their
/// managers can act.
pub(super) fn moved<'a>(sides: &[Side<'a>; 2]) -> Vec<Moved<'a>> {
    let [old, new] = sides;
    let here = |side: &Side<'a>, id: &str| {
        let found = side.engine.rulebook().people.get(id);
        found.filter(|person| is_here(person, side.today()))
    };
    let candidates = candidates(sides);
    let all = candidates.into_iter().map(|id| Moved { was: here(old, id), is: here(new, id) });
    let differ = |one: &Moved<'a>| match (one.was, one.is) {
        (None, None) => false,
        (Some(was), Some(is)) => {
            was.value != is.value
                || !hold_the_same(sides, &is.id)
                || teams(old, was) != teams(new, is)
                || managers(old, was) != managers(new, is)
        }
        _ => true,
    };
    all.filter(differ).collect()
}

/// Everybody about whom something else may be known. Nobody is looked at twice: a directory can be large.
fn candidates<'a>(sides: &[Side<'a>; 2]) -> BTreeSet<&'a str> {
    let [old, new] = sides;
    let [before, after] = sides.each_ref().map(|side| side.engine.rulebook());
    let everybody = old.today() != new.today();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    // Both are in the order of ids.
    let (mut was, mut is) = (before.people.iter().peekable(), after.people.iter().peekable());
    while let (Some(one), Some(other)) = (was.peek(), is.peek()) {
        match one.id.cmp(&other.id) {
            std::cmp::Ordering::Less => found.extend(was.next().map(|gone| gone.id.as_str())),
            std::cmp::Ordering::Greater => found.extend(is.next().map(|new| new.id.as_str())),
            std::cmp::Ordering::Equal => {
                if everybody || one.value != other.value {
                    found.insert(other.id.as_str());
                }
                was.next();
                is.next();
            }
        }
    }
    found.extend(was.chain(is).map(|left| left.id.as_str()));
    if !found.is_empty() {
        report_to(&mut found, after.people.iter());
        report_to(&mut found, before.people.iter());
    }
    for (one, other) in [(before, after), (after, before)] {
        for grant in &one.grants {
            let known = other.grants.get(grant.id.as_str());
            if known.is_none_or(|known| known.value != grant.value) {
                found.insert(grant.value.beneficiary.as_str());
            }
        }
    }
    for team in before.teams.iter().chain(&after.teams) {
        let members = |book: &'a crate::model::Rulebook| {
            book.teams.get(team.id.as_str()).map(|team| team.value.members.as_slice()).unwrap_or_default()
        };
        if members(before) != members(after) {
            found.extend(members(before).iter().chain(members(after)).map(Ref::as_str));
        }
    }
    found
}

/// Whether somebody was granted the same on both sides.
pub(super) fn hold_the_same(sides: &[Side<'_>; 2], person: &Id) -> bool {
    let [old, new] = sides.each_ref().map(|side| side.engine.ledger().of(person.as_str()));
    let alike = |(one, other): (&Held<'_>, &Held<'_>)| {
        one.entitlement == other.entitlement && one.from == other.from && one.until == other.until
    };
    old.len() == new.len() && old.iter().zip(new).all(alike)
}

/// Adds those who report to some people, as far up as managers can be named.
fn report_to<'a>(found: &mut BTreeSet<&'a str>, people: impl Iterator<Item = &'a Entry<Person>>) {
    let mut reports: HashMap<&str, Vec<&'a str>> = HashMap::new();
    for person in people {
        if let Some(manager) = &person.value.manager {
            reports.entry(manager.as_str()).or_default().push(person.id.as_str());
        }
    }
    let mut last: Vec<&'a str> = found.iter().copied().collect();
    for _ in 0..LEVELS {
        let mut next = Vec::new();
        for manager in last {
            next.extend(reports.get(manager).into_iter().flatten().filter(|person| found.insert(*person)));
        }
        last = next;
    }
}

fn teams(side: &Side<'_>, person: &Entry<Person>) -> String {
    let value = side.engine.directory().value(person, "teams", &Type::Opaque);
    format!("{value:?}")
}

/// Who can act of somebody's managers today or one day, the nearest first.
pub(super) fn managers(side: &Side<'_>, person: &Entry<Person>) -> Vec<Option<Approver>> {
    let people = &side.engine.rulebook().people;
    let mut found = Vec::new();
    let mut at = Some(person);
    for _ in 0..LEVELS {
        at = at
            .and_then(|person| person.value.manager.as_ref())
            .and_then(|manager| people.get(manager.as_str()));
        found.push(at.and_then(|manager| approver(manager, side.today())));
    }
    found
}
