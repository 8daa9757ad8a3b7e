//! What does not change about somebody from one request to the next, found out when it is first asked for.

use std::sync::OnceLock;

use jiff::{Timestamp, civil::Date};

use super::columns::Columns;
use crate::{
    decide::{asked::holdings, engine::Engine, hashing::Names, ledger::Held, principals::owners_of_account},
    model::{
        Entry, Ref,
        person::{Person, PersonStatus},
    },
};

/// The people of a rulebook, by their place in it.
#[derive(Debug)]
pub(super) struct People<'a> {
    entries: Vec<&'a Entry<Person>>,
    places: Names<&'a str, u32>,
    /// The first and the last day on which somebody can act.
    able: Vec<(Date, Date)>,
    /// Whether somebody has other records as well: then it is not only theirs that matters.
    several: Vec<bool>,
    known: Vec<OnceLock<Known<'a>>>,
}

/// What is known about somebody.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// Their classes, by the slot of the column.
    pub(super) classes: Box<[u32]>,
    /// What they hold, at whatever time; none when nobody can say.
    pub(super) held: Option<Box<[Held<'a>]>>,
    /// Who answers for them, when they are software.
    pub(super) owners: Box<[u32]>,
    /// The first instant of their first day.
    pub(super) first: Option<Timestamp>,
    /// Whether no clock can show when their last day ends.
    pub(super) out_of_time: bool,
}

/// A place that nobody has.
pub(super) const NOBODY: u32 = u32::MAX;

impl<'a> People<'a> {
    pub(super) fn new(engine: &Engine<'a>) -> Self {
        let entries: Vec<&'a Entry<Person>> = engine.rulebook().people.iter().collect();
        let places = (0..).zip(&entries).map(|(place, entry)| (entry.id.as_str(), place)).collect();
        let able = entries.iter().map(|entry| days(entry)).collect();
        let hands = engine.hands();
        let several = entries.iter().map(|entry| hands.has_several(entry.id.as_str())).collect();
        let known = entries.iter().map(|_| OnceLock::new()).collect();
        Self { entries, places, able, several, known }
    }

    pub(super) fn place(&self, id: &str) -> Option<u32> {
        self.places.get(id).copied()
    }

    pub(super) fn entry(&self, place: u32) -> Option<&'a Entry<Person>> {
        self.entries.get(place as usize).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &'a Entry<Person>)> {
        (0..).zip(self.entries.iter().copied())
    }

    /// Whether somebody has other records in the directory as well.
    pub(super) fn has_several(&self, place: u32) -> bool {
        self.several.get(place as usize).copied().unwrap_or(true)
    }

    /// Whether somebody can act on a day, whatever it is about.
    pub(super) fn is_able(&self, place: u32, today: Date) -> bool {
        self.able.get(place as usize).is_some_and(|(first, last)| *first <= today && today <= *last)
    }

    /// The manager of somebody; none when they have none, an error when nobody knows who that is.
    pub(super) fn manager(&self, place: u32) -> Result<Option<u32>, ()> {
        let named = self.entry(place).and_then(|entry| entry.value.manager.as_ref()).map(Ref::as_str);
        named.map(|id| self.place(id).ok_or(())).transpose()
    }

    /// What is known about somebody.
    pub(super) fn known(
        &self,
        engine: &Engine<'a>,
        columns: &Columns<'a>,
        slots: &[usize],
        place: u32,
    ) -> Option<&Known<'a>> {
        let slot = self.known.get(place as usize)?;
        let entry = self.entry(place)?;
        Some(slot.get_or_init(|| self.find_out(engine, columns, slots, entry)))
    }

    fn find_out(
        &self,
        engine: &Engine<'a>,
        columns: &Columns<'a>,
        slots: &[usize],
        entry: &'a Entry<Person>,
    ) -> Known<'a> {
        let class = |place: &usize| {
            let class = columns.get(*place).map(|column| {
                let value = engine.directory().value(entry, &column.key.name, &column.values);
                column.class_of(&value)
            });
            class.and_then(|class| u32::try_from(class).ok()).unwrap_or(u32::MAX)
        };
        let owners = owners_of_account(engine.rulebook(), entry);
        Known {
            classes: slots.iter().map(class).collect(),
            held: holdings(engine, entry, None).ok().map(|(held, _)| held.into()),
            owners: owners.into_iter().filter_map(|id| self.place(id)).collect(),
            first: entry.start.and_then(|start| engine.start_of(start.0)),
            out_of_time: entry.end.is_some_and(|end| engine.end_of(end.0).is_none()),
        }
    }
}

/// The days on which somebody can act: none for whoever never can.
fn days(person: &Person) -> (Date, Date) {
    if person.status != PersonStatus::Active || !person.employment.is_human() {
        return (Date::MAX, Date::MIN);
    }
    (person.start.map_or(Date::MIN, |start| start.0), person.end.map_or(Date::MAX, |end| end.0))
}
