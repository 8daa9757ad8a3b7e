//! Where a grant stands at an instant.

use jiff::{Timestamp, civil::Date};

use crate::{
    decide::engine::Engine,
    model::{
        Entry,
        grant::{EndReason, Grant, GrantState},
        person::{Person, PersonStatus},
    },
};

/// Where a grant stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// People have to agree first.
    Requested,
    /// It begins later.
    Later,
    /// It gives what it says.
    InForce,
    /// It is over, and the ledger does not say so yet.
    Over(EndReason),
    /// It is over.
    Ended,
}

impl Standing {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Later => "later",
            Self::InForce => "in-force",
            Self::Over(_) => "over",
            Self::Ended => "ended",
        }
    }
}

/// Whether somebody has left for good.
#[must_use]
pub fn has_left(person: &Person, today: Date) -> bool {
    person.status == PersonStatus::Inactive || person.end.is_some_and(|end| end.0 < today)
}

/// Whether it is known that an identity could not decide anything on a day: it is software, or was not here.
#[must_use]
pub fn was_absent(person: &Person, day: Date) -> bool {
    !person.employment.is_human()
        || person.end.is_some_and(|end| end.0 < day)
        || person.start.is_some_and(|start| start.0 > day)
}

/// Whether somebody could decide something on a day, as far as the directory of today says. Of somebody who has left
/// without a last day nobody knows.
#[must_use]
pub fn was_here(person: &Person, day: Date) -> bool {
    let dated = match person.status {
        PersonStatus::Inactive => person.end.is_some(),
        PersonStatus::Joining => person.start.is_some(),
        PersonStatus::Active | PersonStatus::OnLeave => true,
    };
    dated && !was_absent(person, day)
}

/// The first instant at which a grant gives nothing any more, as far as it says so itself.
#[must_use]
pub fn ends(engine: &Engine<'_>, grant: &Grant) -> Option<Timestamp> {
    let last = grant.end.and_then(|end| engine.end_of(end.0));
    last.into_iter().chain(grant.until.map(|until| until.0)).min()
}

/// Where a grant stands at an instant. Somebody who is not in the directory is somebody who has left.
#[must_use]
pub fn standing(engine: &Engine<'_>, grant: &Entry<Grant>, now: Timestamp) -> Standing {
    match grant.state {
        GrantState::Requested => return Standing::Requested,
        GrantState::Ended | GrantState::Removed | GrantState::Revoked => return Standing::Ended,
        GrantState::Active => {}
    }
    let today = engine.date(now);
    let holder = engine.rulebook().people.get(grant.beneficiary.as_str());
    if holder.is_none_or(|holder| has_left(holder, today)) {
        return Standing::Over(EndReason::HolderLeft);
    }
    if ends(engine, grant).is_some_and(|end| end <= now) {
        return Standing::Over(EndReason::Expired);
    }
    let begins = holder.and_then(|holder| holder.start).map_or(grant.start, |first| first.max(grant.start));
    if begins.0 > today { Standing::Later } else { Standing::InForce }
}
