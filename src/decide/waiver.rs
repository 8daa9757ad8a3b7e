//! Exceptions in force.

use std::cmp::Reverse;

use super::{asked::Asked, engine::Engine, principals::owners_of_account};
use crate::model::{EntitlementRef, Entry, Selector, exception::Exception};

/// The exception that waives a rule for a request, if one is in force.
///
/// An exception without an end waives nothing: it is a change of the rule that nobody agreed to. Nor does
/// one that nobody agreed to, or only somebody whom it is for or who asks because of it, through software or
/// not. Of several the one that lasts longest waives it, since access ends with it.
#[must_use]
pub(super) fn waiver<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    rule: &Selector,
    about: &[&EntitlementRef],
) -> Option<&'a Entry<Exception>> {
    let today = engine.date(asked.instant);
    let person = &asked.beneficiary.id;
    let people = &engine.rulebook().people;
    let hands = engine.hands();
    let mut own = vec![asked.beneficiary.id.as_str(), asked.requester.id.as_str()];
    own.extend(owners_of_account(engine.rulebook(), asked.beneficiary));
    own.extend(owners_of_account(engine.rulebook(), asked.requester));
    let is_own = |by: &str| own.iter().any(|own| hands.same(own, by));
    let waives = |exception: &&'a Entry<Exception>| {
        let whole_rule = exception.rule.kind == rule.kind && exception.rule.id == rule.id;
        let same = whole_rule && (exception.rule.part.is_none() || exception.rule.part == rule.part);
        let in_force = exception.from.is_none_or(|from| from.0 <= today)
            && exception.expires.is_some_and(|expires| today <= expires.0);
        let agreed = exception.approved_by.as_ref().and_then(|by| people.get(by.as_str()));
        let by_somebody_else = agreed.is_some_and(|by| by.employment.is_human() && !is_own(by.id.as_str()));
        let for_person =
            exception.people.is_empty() || exception.people.iter().any(|known| known.id() == person);
        let listed = |entitlement: &&EntitlementRef| exception.entitlements.contains(entitlement);
        // A request that asks for no access is none of the entitlements that an exception names.
        let named = !about.is_empty() && about.iter().all(listed);
        let for_these = exception.entitlements.is_empty() || named;
        same && in_force && by_somebody_else && for_person && for_these
    };
    // Most rules have no exception, and the first by id of those that end together is named.
    let all = engine.rulebook().exceptions.iter().filter(waives);
    all.min_by_key(|exception| Reverse(exception.expires))
}
