//! Which services are escalated, beside those for which an agreement holds.

use super::{levels::Subjects, side::Side, times::Times};
use crate::{
    decide::timeline::{is_about, says_what_for},
    model::{Entry, Id, Kind, Ref, Selector, escalation::Escalation},
};

/// The subjects, with the services for which no agreement holds and that can be escalated all the same.
pub(super) fn with_escalation_only<'a>(times: &Times<'_, 'a>, subjects: &Subjects<'a>) -> Subjects<'a> {
    let mut all = subjects.clone();
    for side in times.sides {
        let rulebook = side.rulebook();
        let is_major = rulebook.major_incidents.iter().any(|major| major.value.escalation.is_some());
        for service in &rulebook.services {
            let tier = service.value.tier.as_ref().and_then(|tier| rulebook.tiers.get(tier.as_str()));
            let is_listed =
                listing(side, &service.id, service.value.tier.as_ref().map(Ref::id)).next().is_some();
            if is_major || is_listed || tier.is_some_and(|tier| tier.value.escalation.is_some()) {
                all.entry(Selector { kind: Kind::Service, id: service.id.clone(), part: None }).or_default();
            }
        }
    }
    all
}

/// The escalations that list a service or its tier: nothing has to name them.
pub(super) fn listing<'a>(
    side: &Side<'a>,
    service: &Id,
    tier: Option<&Id>,
) -> impl Iterator<Item = &'a Entry<Escalation>> {
    let all = side.rulebook().escalations.iter();
    all.filter(move |one| says_what_for(one) && is_about(one, Some(service), tier))
}
