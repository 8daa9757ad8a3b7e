//! What people hold, and from when until when.

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};

use super::engine::{end_of, start_of};
use crate::model::{
    EntitlementRef, Entry, Rulebook,
    bundle::Bundle,
    grant::{Grant, GrantState},
};

/// The grants of a rulebook, by who holds them.
#[derive(Debug)]
pub struct Ledger<'a> {
    grants: HashMap<&'a str, Vec<Held<'a>>>,
    waiting: HashMap<&'a str, Vec<Waiting<'a>>>,
}

/// Something that somebody asked for and that is not decided yet.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    /// What they asked for.
    pub entitlement: &'a EntitlementRef,
    /// When; none where nobody wrote that down.
    pub at: Option<Timestamp>,
}

/// Something that somebody holds for some time.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// What they hold.
    pub entitlement: &'a EntitlementRef,
    /// Why they hold it.
    pub by: HeldBy<'a>,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant at which they do not hold it any more; none when it has no end.
    pub until: Option<Timestamp>,
}

/// Why somebody holds something.
#[derive(Debug, Clone, Copy)]
pub enum HeldBy<'a> {
    /// It stands in the ledger.
    Grant(&'a Entry<Grant>),
    /// It comes with their role or department, whether or not the ledger says so.
    Bundle(&'a Entry<Bundle>),
}

impl Held<'_> {
    /// Whether it is held at an instant.
    #[must_use]
    pub fn is_at(&self, instant: Timestamp) -> bool {
        self.from <= instant && self.until.is_none_or(|until| instant < until)
    }

    /// Whether it is held at any time from one instant until before another.
    #[must_use]
    pub fn overlaps(&self, from: Timestamp, until: Option<Timestamp>) -> bool {
        self.until.is_none_or(|own| from < own) && until.is_none_or(|until| self.from < until)
    }
}

impl<'a> Ledger<'a> {
    /// The ledger of a rulebook; days are those of `zone`.
    #[must_use]
    pub fn new(rulebook: &'a Rulebook, zone: &TimeZone) -> Self {
        let mut grants: HashMap<&str, Vec<Held<'a>>> = HashMap::new();
        let mut waiting: HashMap<&str, Vec<Waiting<'a>>> = HashMap::new();
        for grant in &rulebook.grants {
            if grant.state == GrantState::Requested {
                let at = grant.asked.as_ref().map(|asked| asked.at.0);
                let waiting_for = Waiting { entitlement: &grant.value.entitlement, at };
                waiting.entry(grant.value.beneficiary.as_str()).or_default().push(waiting_for);
            }
            if grant.state != GrantState::Active {
                continue;
            }
            // A date that no clock can show is as far away as it can be: access is rather seen than missed.
            let from = start_of(zone, grant.start.0).unwrap_or(Timestamp::MIN);
            let last = grant.end.and_then(|end| end_of(zone, end.0));
            // The earlier of the two, whichever is written.
            let until = last.into_iter().chain(grant.until.map(|until| until.0)).min();
            let held = Held { entitlement: &grant.value.entitlement, by: HeldBy::Grant(grant), from, until };
            grants.entry(grant.value.beneficiary.as_str()).or_default().push(held);
        }
        Self { grants, waiting }
    }

    /// What somebody was granted and was not taken from them, whenever it starts or ends.
    #[must_use]
    pub fn of(&self, person: &str) -> &[Held<'a>] {
        self.grants.get(person).map_or(&[], Vec::as_slice)
    }

    /// What somebody had asked for by an instant and is not decided yet, besides something that they ask for now. Of two
    /// things that both wait, the one that was asked for first is decided first.
    pub fn waiting<'l>(
        &'l self,
        person: &str,
        own: &'l EntitlementRef,
        instant: Timestamp,
    ) -> impl Iterator<Item = &'a EntitlementRef> + 'l {
        self.waiting_under(person, person, own, instant)
    }

    /// The same, asked for under another record of the same person.
    pub fn waiting_under<'l>(
        &'l self,
        person: &str,
        record: &str,
        own: &'l EntitlementRef,
        instant: Timestamp,
    ) -> impl Iterator<Item = &'a EntitlementRef> + 'l {
        let of = |person: &str| self.waiting.get(person).map_or(&[][..], Vec::as_slice);
        let asked = of(person).iter().filter(|one| one.entitlement == own).filter_map(|one| one.at).min();
        let by = asked.map_or(instant, |asked| asked.min(instant));
        let is_earlier = move |one: &&Waiting<'a>| one.entitlement != own && one.at.is_none_or(|at| at <= by);
        of(record).iter().filter(is_earlier).map(|one| one.entitlement)
    }
}
