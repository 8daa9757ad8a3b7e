//! Which SLA and which hours hold for a service.

use crate::model::{
    Entry, Ref, Rulebook,
    calendar::Calendar,
    service::{Lifecycle, Service},
    sla::Sla,
};

/// Where a service is in its life when nobody can have it: not yet, or not any more.
#[must_use]
pub fn not_offered(service: &Service) -> Option<Lifecycle> {
    let lifecycle = service.lifecycle.unwrap_or(Lifecycle::Proposed);
    (!lifecycle.is_offered()).then_some(lifecycle)
}

/// The SLA of a service: its own, else that of its tier.
#[must_use]
pub fn sla<'a>(rulebook: &'a Rulebook, service: &'a Service) -> Option<&'a Entry<Sla>> {
    let tier = || rulebook.tiers.get(service.tier.as_ref()?.as_str())?.value.sla.as_ref();
    rulebook.slas.get(service.sla.as_ref().or_else(tier)?.as_str())
}

/// The hours in which a service is supported: its own, else those of its SLA.
#[must_use]
pub fn hours<'a>(rulebook: &'a Rulebook, service: &'a Service) -> Option<&'a Ref<Calendar>> {
    service.support_hours.as_ref().or_else(|| Some(&sla(rulebook, service)?.value.calendar))
}
