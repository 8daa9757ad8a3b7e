//! Exceptions that could waive a rule.

use jiff::civil::Date;

use super::people::People;
use crate::{
    decide::engine::Engine,
    model::{EntitlementRef, Selector},
};

/// An exception that waives a rule for somebody on some days.
#[derive(Debug)]
pub(super) struct Waiver<'a> {
    from: Option<Date>,
    until: Date,
    by: u32,
    /// For whom; none for everybody.
    people: Option<Box<[u32]>>,
    /// For what; none for everything.
    entitlements: Option<&'a [EntitlementRef]>,
    /// Whether no clock can show when it ends, or whoever agreed to it has several records.
    unclear: bool,
}

/// What a rule comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waived {
    No,
    Yes,
    /// Nobody knows here.
    Ask,
}

/// For whom, what and when it is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'c> {
    pub(super) today: Date,
    pub(super) beneficiary: u32,
    pub(super) entitlement: &'c EntitlementRef,
    /// The requester, the beneficiary and those who answer for them: none of them agrees to an exception of
    /// their own.
    pub(super) own: [&'c [u32]; 3],
}

/// The exceptions that could waive a rule at some time.
pub(super) fn of_rule<'a>(engine: &Engine<'a>, people: &People<'a>, rule: &Selector) -> Box<[Waiver<'a>]> {
    let of = |exception: &'a crate::model::Entry<crate::model::exception::Exception>| {
        let named = &exception.value.rule;
        let whole = named.kind == rule.kind && named.id == rule.id;
        if !whole || named.part.is_some() && named.part != rule.part {
            return None;
        }
        let until = exception.expires?.0;
        let by = people.place(exception.approved_by.as_ref()?.as_str())?;
        if !people.entry(by)?.employment.is_human() {
            return None;
        }
        let places = || exception.people.iter().filter_map(|person| people.place(person.as_str())).collect();
        let entitlements = exception.value.entitlements.as_slice();
        Some(Waiver {
            from: exception.from.map(|from| from.0),
            until,
            by,
            people: (!exception.people.is_empty()).then(places),
            entitlements: (!entitlements.is_empty()).then_some(entitlements),
            unclear: engine.end_of(until).is_none() || people.has_several(by),
        })
    };
    engine.rulebook().exceptions.iter().filter_map(of).collect()
}

/// Whether one of the exceptions is in force.
pub(super) fn waived(waivers: &[Waiver<'_>], case: &Case<'_>) -> Waived {
    let in_force = |waiver: &&Waiver<'_>| {
        waiver.from.is_none_or(|from| from <= case.today)
            && case.today <= waiver.until
            && !case.own.iter().any(|own| own.contains(&waiver.by))
            && waiver.people.as_ref().is_none_or(|people| people.contains(&case.beneficiary))
            && waiver.entitlements.is_none_or(|known| known.contains(case.entitlement))
    };
    let mut found = Waived::No;
    for waiver in waivers.iter().filter(in_force) {
        if waiver.unclear {
            return Waived::Ask;
        }
        found = Waived::Yes;
    }
    found
}
