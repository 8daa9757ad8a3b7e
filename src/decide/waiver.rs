//! Exceptions in force.

use super::{asked::Asked, engine::Engine};
use crate::model::{EntitlementRef, Entry, Selector, exception::Exception};

/// The exception that waives a rule for a request, if one is in force.
///
/// An exception without an end waives nothing: it is a change of the rule that nobody agreed to. Nor does
/// one that nobody agreed to, or only somebody whom it is for or who asks because of it.
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
    engine.rulebook().exceptions.iter().find(|exception| {
        let whole_rule = exception.rule.kind == rule.kind && exception.rule.id == rule.id;
        let same = whole_rule && (exception.rule.part.is_none() || exception.rule.part == rule.part);
        let in_force = exception.from.is_none_or(|from| from.0 <= today)
            && exception.expires.is_some_and(|expires| today <= expires.0);
        let agreed = exception.approved_by.as_ref().and_then(|by| people.get(by.as_str()));
        let by_somebody_else = agreed
            .is_some_and(|by| by.employment.is_human() && by.id != *person && by.id != asked.requester.id);
        let for_person =
            exception.people.is_empty() || exception.people.iter().any(|known| known.id() == person);
        let listed = |entitlement: &&EntitlementRef| exception.entitlements.contains(entitlement);
        let for_these = exception.entitlements.is_empty() || about.iter().all(listed);
        same && in_force && by_somebody_else && for_person && for_these
    })
}
