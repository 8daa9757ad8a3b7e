//! Exceptions in force.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::{asked::Asked, engine::Engine, hands::Hands, principals::owners_of_account};
use crate::model::{EntitlementRef, Entry, Rulebook, Selector, exception::Exception, person::Person};

/// The human being who agreed to an exception that waives its rule for anybody on a day.
///
/// An exception without an end waives nothing: it is a change of the rule that nobody agreed to. Nor does one that nobody
/// agreed to, or only software.
#[must_use]
pub fn agreed_by<'a>(rulebook: &'a Rulebook, exception: &Exception, day: Date) -> Option<&'a Entry<Person>> {
    let in_force = exception.from.is_none_or(|from| from.0 <= day)
        && exception.expires.is_some_and(|expires| day <= expires.0);
    let by = rulebook.people.get(exception.approved_by.as_ref()?.as_str())?;
    (in_force && by.employment.is_human()).then_some(by)
}

/// For whom and what a rule would be waived.
#[derive(Debug, Clone, Copy)]
pub struct Whom<'w> {
    /// Who it is for.
    pub beneficiary: &'w str,
    /// Whose agreement is their own: [theirs](own), and that of whoever asked.
    pub own: &'w [&'w str],
    /// What it is about; nothing for a request that asks for no access.
    pub about: &'w [&'w EntitlementRef],
}

/// Some people with every record of theirs, and whoever acts through those of them that are software.
#[must_use]
pub fn own<'a>(rulebook: &'a Rulebook, hands: &Hands<'a>, people: &[&'a Entry<Person>]) -> Vec<&'a str> {
    let mut own: Vec<&'a str> = people.iter().map(|person| person.id.as_str()).collect();
    own.extend(people.iter().flat_map(|person| owners_of_account(rulebook, person)));
    let records: Vec<&'a str> = own.iter().flat_map(|id| hands.others(id)).collect();
    own.extend(records);
    own
}

/// Whether an exception waives a rule for somebody on a day: it is about the rule, them and what they get, and somebody
/// [agreed](agreed_by) to it who neither gets it nor asked for it, through software or not.
#[must_use]
pub fn waives(
    rulebook: &Rulebook,
    exception: &Exception,
    rule: &Selector,
    whom: &Whom<'_>,
    day: Date,
) -> bool {
    let whole_rule = exception.rule.kind == rule.kind && exception.rule.id == rule.id;
    let same = whole_rule && (exception.rule.part.is_none() || exception.rule.part == rule.part);
    let people = &exception.people;
    let for_person = people.is_empty() || people.iter().any(|known| known.as_str() == whom.beneficiary);
    let listed = |entitlement: &&EntitlementRef| exception.entitlements.contains(entitlement);
    // A request that asks for no access is none of the entitlements that an exception names.
    let named = !whom.about.is_empty() && whom.about.iter().all(listed);
    same && for_person
        && (exception.entitlements.is_empty() || named)
        && agreed_by(rulebook, exception, day).is_some_and(|by| !whom.own.contains(&by.id.as_str()))
}

/// The exception that waives a rule for a request, if one is in force. Of several the one that lasts longest waives it, since
/// access ends with it.
#[must_use]
pub(super) fn waiver<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    rule: &Selector,
    about: &[&EntitlementRef],
) -> Option<&'a Entry<Exception>> {
    let (rulebook, today) = (engine.rulebook(), engine.date(asked.instant));
    let own = own(rulebook, engine.hands(), &[asked.beneficiary, asked.requester]);
    let whom = Whom { beneficiary: asked.beneficiary.id.as_str(), own: &own, about };
    // Most rules have no exception, and the first by id of those that end together is named.
    let all = rulebook.exceptions.iter().filter(|exception| waives(rulebook, exception, rule, &whom, today));
    all.min_by_key(|exception| Reverse(exception.expires))
}
