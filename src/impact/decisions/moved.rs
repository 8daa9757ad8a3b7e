//! People about whom something else is known than before.

use std::collections::{BTreeSet, HashMap};

use super::side::Side;
use crate::{
    decide::{principals::unable, vocabulary::Type},
    model::{Entry, Id, Ref, person::Person},
};

/// How high up managers can be named.
const LEVELS: u8 = 9;

/// Somebody as they were and as they are.
pub(super) type Moved<'a> = (&'a Entry<Person>, &'a Entry<Person>);

/// The people of both rulebooks about whom something else is known: their record, their teams, or who of their
/// managers can act.
pub(super) fn moved<'a>(sides: &[Side<'a>; 2]) -> Vec<Moved<'a>> {
    let [old, new] = sides;
    let people = |side: &Side<'a>, id: &str| side.engine.rulebook().people.get(id);
    let candidates = candidates(sides);
    let both = candidates.into_iter().filter_map(|id| Some((people(old, id)?, people(new, id)?)));
    let differ = |(was, is): &Moved<'a>| {
        was.value != is.value || teams(old, was) != teams(new, is) || managers(old, was) != managers(new, is)
    };
    both.filter(differ).collect()
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

/// Who can act of somebody's managers, the nearest first.
pub(super) fn managers(side: &Side<'_>, person: &Entry<Person>) -> Vec<Option<Id>> {
    let people = &side.engine.rulebook().people;
    let mut found = Vec::new();
    let mut at = Some(person);
    for _ in 0..LEVELS {
        at = at
            .and_then(|person| person.value.manager.as_ref())
            .and_then(|manager| people.get(manager.as_str()));
        let able = at.filter(|manager| unable(manager, side.today()).is_none());
        found.push(able.map(|manager| manager.id.clone()));
    }
    found
}
