//! Requests as small numbers.

use jiff::{Timestamp, civil::Date};

use super::{Classifier, Reads, offers::LONGEST, people};
use crate::{
    decide::{
        access::not_here,
        asked::{MaybeHistory, brings, check_values},
        facts,
        peers::PeerFigures,
        value::Value,
    },
    model::{Location, request::Request, workflow::Evidence},
};

/// Why only the full engine can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotCovered {
    /// The request names more than one entitlement and the people, or something that does not exist.
    #[error("the request is no plain request for one entitlement")]
    Request,
    /// An attribute has a value, or a rule a test, about which nothing can be said in advance.
    #[error("a rule reads a value about which nothing can be said in advance")]
    Value,
    /// The beneficiary holds something that the entitlement is kept apart from.
    #[error("the beneficiary holds something that is kept apart")]
    Duties,
    /// Who can act depends on more than is known in advance.
    #[error("who can approve depends on more than is known in advance")]
    Approvers,
    /// A date is too late for any clock.
    #[error("a date is too late")]
    Time,
}

/// A request as small numbers, for the classifier that made it.
#[derive(Debug, Clone)]
pub struct Interned {
    pub(super) offer: u32,
    pub(super) requester: u32,
    pub(super) beneficiary: u32,
    pub(super) today: Date,
    /// Whether the people can neither ask nor be given anything today.
    pub(super) refused: bool,
    /// Whether the request or the beneficiary's last day end the access.
    pub(super) ends: bool,
    /// Whether the beneficiary holds something that this is kept apart from.
    pub(super) apart: bool,
    /// The evidence that comes with it.
    pub(super) brings: u8,
    /// Its class in each column that the rules read.
    pub(super) classes: Vec<usize>,
    /// Where the bits of these stand, for the columns that matter.
    pub(super) offsets: Vec<u32>,
}

/// What requests have in common about which every enforced rule says the same, whoever the people are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Class {
    offer: u32,
    ends: bool,
    brings: u8,
    offsets: Box<[u32]>,
}

impl Interned {
    /// The class of the request; none where somebody is not here, or holds what this is kept apart from.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        let plain = !self.refused && !self.apart;
        plain.then(|| Class {
            offer: self.offer,
            ends: self.ends,
            brings: self.brings,
            offsets: self.offsets.as_slice().into(),
        })
    }

    /// The requester and the beneficiary, by their places in the rulebook.
    #[must_use]
    pub const fn people(&self) -> (u32, u32) {
        (self.requester, self.beneficiary)
    }

    /// The day of the request, in the zone of the project.
    #[must_use]
    pub const fn today(&self) -> Date {
        self.today
    }
}

impl<'a> Classifier<'_, 'a> {
    /// Turns a request into numbers, which can be classified as often as wanted.
    ///
    /// # Errors
    /// When only the full engine can decide.
    pub fn intern(
        &self,
        request: &Request,
        instant: Timestamp,
        history: MaybeHistory<'_>,
    ) -> Result<Interned, NotCovered> {
        let plain = request.bundle.is_none() && request.request_type.is_none();
        let [reference] = request.entitlements.as_slice() else { return Err(NotCovered::Request) };
        if !plain
            || !request.pending.is_empty()
            || !request.form.is_empty()
            || instant < Timestamp::UNIX_EPOCH
            || instant.as_second() > LATEST
        {
            return Err(NotCovered::Request);
        }
        let mut problems = Vec::new();
        check_values(request, &mut problems);
        let name = (reference.service.as_str(), reference.entitlement.as_str());
        let place = self.offer_places.get(&name).copied();
        let place = place.filter(|_| problems.is_empty()).ok_or(NotCovered::Request)?;
        let offer = self.offer(place).ok_or(NotCovered::Request)?;
        let (asked, _) = self.offers.get(place as usize).ok_or(NotCovered::Request)?;
        let other_environment = request.environment.is_some_and(|of| of != asked.entitlement.environment);
        let other_service = request.service.as_ref().is_some_and(|named| *named.id() != asked.service.id);
        if other_environment || other_service {
            return Err(NotCovered::Request);
        }
        if offer.ask {
            return Err(NotCovered::Value);
        }
        let requester = self.people.place(request.requester.as_str()).ok_or(NotCovered::Request)?;
        let beneficiary = match &request.beneficiary {
            Some(id) => self.people.place(id.as_str()).ok_or(NotCovered::Request)?,
            None => requester,
        };
        let known = |place: u32| {
            let known = self.people.known(self.engine, &self.columns, &self.slots, place);
            known.zip(self.people.entry(place)).ok_or(NotCovered::Request)
        };
        let (requester_known, requester_entry) = known(requester)?;
        let (beneficiary_known, beneficiary_entry) = known(beneficiary)?;
        let held = beneficiary_known.held.as_deref().ok_or(NotCovered::Value)?;
        let seconds = request.duration.map(|duration| duration.seconds(0));
        let late = beneficiary_known.first.is_some_and(|first| first.as_second() > LATEST);
        if late
            || beneficiary_known.out_of_time
            || seconds.is_some_and(|seconds| !(0..LONGEST).contains(&seconds))
        {
            return Err(NotCovered::Time);
        }
        let own = &offer.reference;
        let waiting = || self.engine.ledger().waiting(beneficiary_entry.id.as_str(), own, instant);
        // What somebody holds under another record the full engine knows.
        let several = self.people.has_several(beneficiary);
        let apart = offer.duties.iter().any(|sod| {
            several
                || held
                    .iter()
                    .map(|held| held.entitlement)
                    .chain(waiting())
                    .any(|other| other != own && sod.conflicts(own, other))
        });
        let case = Reading {
            request,
            instant,
            history,
            seconds,
            place,
            requester,
            beneficiary,
            requester_known,
            beneficiary_known,
            held,
        };
        let mut peers = None;
        let mut offsets = Vec::with_capacity(offer.columns.len());
        let mut classes = Vec::with_capacity(offer.columns.len());
        for (column, matters) in &offer.columns {
            let class = self.class(*column, &case, &mut peers);
            if !self.is_said(*column, class) {
                return Err(NotCovered::Value);
            }
            classes.push(class);
            if *matters {
                offsets.push(self.table.offset(*column, class));
            }
        }
        let today = self.engine.date(instant);
        Ok(Interned {
            offer: place,
            requester,
            beneficiary,
            today,
            refused: !not_here(requester_entry, beneficiary_entry, today).is_empty(),
            ends: seconds.is_some() || beneficiary_entry.end.is_some(),
            apart,
            brings: evidence_of(request),
            classes,
            offsets,
        })
    }

    /// The class of a column for a request.
    fn class(&self, place: usize, case: &Reading<'_, 'a>, peers: &mut Option<PeerFigures>) -> usize {
        let (Some(column), Some(reads)) = (self.columns.get(place), self.reads.get(place)) else {
            return usize::MAX;
        };
        let name = &*column.key.name;
        let nowhere = Location::settings;
        let value = match reads {
            Reads::Person { requester, slot } => {
                let known = if *requester { case.requester_known } else { case.beneficiary_known };
                return known.classes.get(*slot).map_or(usize::MAX, |class| *class as usize);
            }
            Reads::IsBeneficiary | Reads::IsManager => {
                let asked = if *reads == Reads::IsManager { facts::is_manager } else { facts::is_own };
                match (self.people.entry(case.requester), self.people.entry(case.beneficiary)) {
                    (Some(requester), Some(beneficiary)) => {
                        Value::Boolean(asked(self.engine.hands(), requester, beneficiary))
                    }
                    _ => return column.unknown(),
                }
            }
            Reads::Field => {
                facts::of_fields(case.request, case.seconds, case.instant, name).unwrap_or(Value::Absent)
            }
            Reads::OutsideHours => {
                let service = self.offers.get(case.place as usize).map(|(offer, _)| offer.service);
                let test = &column.test;
                match facts::in_support_hours(self.engine, service, case.instant, test, &nowhere) {
                    Ok(inside) => Value::Boolean(!inside),
                    Err(_) => return column.unknown(),
                }
            }
            Reads::Within(calendar) => {
                // Instants are compared by the second.
                let second = Timestamp::from_second(case.instant.as_second());
                match (self.engine.calendars().get(calendar, nowhere), second) {
                    (Ok(calendar), Ok(second)) => Value::Boolean(calendar.is_open(second)),
                    _ => return column.unknown(),
                }
            }
            Reads::Grants => {
                // What comes with what they are is theirs if nobody has to agree to it: the full engine decides that.
                let class = |held: &[crate::decide::ledger::Held<'a>]| {
                    column.class_of(&facts::of_grants(&facts::held_at(held, case.instant), name))
                };
                let (most, least) = (class(case.held), class(&facts::by_ledger(case.held)));
                // Nor does anybody know here what they hold under another record.
                if self.people.has_several(case.beneficiary) {
                    return column.unknown();
                }
                return if most == least { most } else { column.unknown() };
            }
            Reads::Peers => {
                let figures = *peers.get_or_insert_with(|| self.peer_figures(case));
                match facts::of_peers(&figures, case.history.is_some(), name) {
                    Some(value) => value,
                    None => return column.unknown(),
                }
            }
            Reads::Offer | Reads::Nothing => return column.unknown(),
        };
        column.class_of(&value)
    }

    fn peer_figures(&self, case: &Reading<'_, 'a>) -> PeerFigures {
        let entry = self.people.entry(case.beneficiary);
        let offer = self.offer(case.place);
        let figures = entry.zip(offer).map(|(entry, offer)| {
            self.engine.peers().figures(self.engine, entry, &offer.reference, case.instant, case.history)
        });
        figures.unwrap_or_default()
    }
}

/// What the columns of a request are read from.
struct Reading<'r, 'a> {
    request: &'r Request,
    instant: Timestamp,
    history: MaybeHistory<'r>,
    seconds: Option<i64>,
    place: u32,
    requester: u32,
    beneficiary: u32,
    requester_known: &'r people::Known<'a>,
    beneficiary_known: &'r people::Known<'a>,
    held: &'r [crate::decide::ledger::Held<'a>],
}

/// The last second at which any length of time that is looked up here still ends before the year 9999 does.
const LATEST: i64 = 253_402_207_200 - 2 * LONGEST;

fn evidence_of(request: &Request) -> u8 {
    let bit = |(at, one): (usize, &Evidence)| u8::from(brings(request, *one)) << at;
    Evidence::ALL.iter().enumerate().map(bit).fold(0, |all, bit| all | bit)
}
