//! What decisions are made with: a rulebook, made ready once and asked many times.

use std::sync::OnceLock;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    calendars::Calendars,
    guests::Guests,
    hands::Hands,
    ledger::Ledger,
    peers::Peers,
    person::Directory,
    policy::{self, Offer},
    undecidable::Undecidable,
    vocabulary::Vocabulary,
};
use crate::model::{EntitlementRef, Entry, Rulebook, person::Person};

/// A rulebook that is ready to decide. It reads no clock and no file: the instant comes with each question.
#[derive(Debug)]
pub struct Engine<'a> {
    directory: Directory<'a>,
    calendars: Calendars<'a>,
    ledger: Ledger<'a>,
    peers: Peers<'a>,
    guests: Option<&'a Guests>,
    hands: OnceLock<Hands<'a>>,
    zone: TimeZone,
}

impl<'a> Engine<'a> {
    /// Makes a rulebook ready.
    ///
    /// # Errors
    /// When the time zone of the project does not exist, so that nobody knows which day it is.
    pub fn new(rulebook: &'a Rulebook) -> Result<Self, Undecidable> {
        let zone = &rulebook.settings.project.time_zone;
        let zone = zone.resolve().ok_or_else(|| Undecidable::Zone(zone.clone()))?;
        // The directory is asked about people on the day of each question.
        let directory = Directory::new(rulebook, Date::MIN);
        let ledger = Ledger::new(rulebook, &zone);
        let peers = Peers::new(rulebook);
        let (calendars, hands) = (Calendars::new(rulebook), OnceLock::new());
        Ok(Self { calendars, directory, ledger, peers, guests: None, hands, zone })
    }

    /// The same rulebook with people and entitlements beside those that it holds.
    #[must_use]
    pub fn with_guests(mut self, guests: &'a Guests) -> Self {
        self.guests = Some(guests);
        self
    }

    /// The rulebook.
    #[must_use]
    pub fn rulebook(&self) -> &'a Rulebook {
        self.directory.vocabulary().rulebook()
    }

    /// Somebody who can ask for something, or for whom something is asked.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&'a Entry<Person>> {
        let guest = self.guests.and_then(|guests| guests.person(id));
        guest.or_else(|| self.rulebook().people.get(id))
    }

    /// The entitlement that a reference names.
    #[must_use]
    pub fn offer(&self, reference: &EntitlementRef) -> Option<Offer<'a>> {
        policy::offer(self.rulebook(), reference).or_else(|| {
            let (id, like) = self.guests?.entitlement(reference)?;
            Some(Offer { id, ..policy::offer(self.rulebook(), like)? })
        })
    }

    /// The attributes that there are.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary<'a> {
        self.directory.vocabulary()
    }

    /// The people and their teams.
    #[must_use]
    pub fn directory(&self) -> &Directory<'a> {
        &self.directory
    }

    /// Which records of the directory are of one person; found out when it is first asked for.
    #[must_use]
    pub fn hands(&self) -> &Hands<'a> {
        self.hands.get_or_init(|| Hands::new(self.rulebook()))
    }

    /// The calendars.
    #[must_use]
    pub fn calendars(&self) -> &Calendars<'a> {
        &self.calendars
    }

    /// Who holds what.
    #[must_use]
    pub fn ledger(&self) -> &Ledger<'a> {
        &self.ledger
    }

    /// Who is like whom.
    #[must_use]
    pub fn peers(&self) -> &Peers<'a> {
        &self.peers
    }

    /// The time zone of the project, in which dates are meant that have no calendar.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The date in the project's zone.
    #[must_use]
    pub fn date(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.zone.clone()).date()
    }

    /// The first instant of a date in the project's zone.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Option<Timestamp> {
        start_of(&self.zone, date)
    }

    /// The first instant after a date in the project's zone: until then something lasts that has it as its
    /// last day.
    #[must_use]
    pub fn end_of(&self, date: Date) -> Option<Timestamp> {
        end_of(&self.zone, date)
    }
}

/// The first instant of a date.
pub(super) fn start_of(zone: &TimeZone, date: Date) -> Option<Timestamp> {
    date.to_zoned(zone.clone()).ok().map(|start| start.timestamp())
}

/// The first instant after a date.
pub(super) fn end_of(zone: &TimeZone, date: Date) -> Option<Timestamp> {
    start_of(zone, date.tomorrow().ok()?)
}
