//! Escalation: who is told when, if an incident stays as it is.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    clocks::{self, Clock},
    incident::{Alarm, Major, Reported, people},
    undecidable::Undecidable,
};
use crate::model::{
    Entry, Id, Kind, Location, Priority,
    escalation::{Escalation, EscalationStep, Trigger},
    sla::Sla,
    tier::Tier,
};

/// Who is told when, if the incident stays as it is.
pub(super) fn timeline<'a>(
    reported: &Reported<'_, 'a>,
    sla: Option<&'a Entry<Sla>>,
    tier: Option<&'a Entry<Tier>>,
    clocks: &[Clock],
    major: &[Major<'a>],
) -> Result<Vec<Alarm<'a>>, Undecidable> {
    let rulebook = reported.engine.rulebook();
    let named = sla.and_then(|sla| sla.value.escalation.as_ref());
    let of_tier = tier.and_then(|tier| tier.value.escalation.as_ref());
    let of_major = major.iter().filter_map(|major| major.definition.value.escalation.as_ref());
    let (service, tier) = (reported.service.map(|service| &service.id), tier.map(|tier| &tier.id));
    let mut escalations: Vec<&'a Entry<Escalation>> = Vec::new();
    for reference in named.into_iter().chain(of_tier).chain(of_major) {
        let missing = || Undecidable::Missing {
            kind: Kind::Escalation,
            id: reference.to_string(),
            at: sla.map_or_else(Location::settings, |sla| sla.at("/escalation")),
        };
        escalations.push(rulebook.escalations.get(reference.as_str()).ok_or_else(missing)?);
    }
    escalations.extend(rulebook.escalations.iter().filter(|entry| says_what_for(entry)));
    escalations.retain(|entry| is_for(entry, reported.priority, service, tier));
    let mut seen = BTreeSet::new();
    escalations.retain(|entry| seen.insert(&entry.id));
    let mut alarms = Vec::new();
    for escalation in escalations {
        for (index, step) in escalation.value.step.iter().enumerate() {
            if let Some(at) = when(reported, escalation, index, step, sla, clocks)? {
                let place = escalation.at(format!("/step/{index}"));
                // A rota may have changed over by then.
                let people = people(reported, &step.to, at)?;
                alarms.push(Alarm { at, escalation, step, place, people });
            }
        }
    }
    alarms.sort_by(|one, other| {
        one.at.cmp(&other.at).then_with(|| one.escalation.id.cmp(&other.escalation.id))
    });
    Ok(alarms)
}

/// Whether an escalation lists what it is for, so that nothing has to name it.
#[must_use]
pub fn says_what_for(escalation: &Escalation) -> bool {
    !(escalation.services.is_empty() && escalation.tiers.is_empty())
}

/// Whether an escalation is for tickets of a priority, about a service of a tier.
#[must_use]
pub fn is_for(
    escalation: &Escalation,
    priority: Option<&Priority>,
    service: Option<&Id>,
    tier: Option<&Id>,
) -> bool {
    let by_priority = escalation.priorities.is_empty()
        || priority.is_some_and(|priority| escalation.priorities.contains(priority));
    by_priority && is_about(escalation, service, tier)
}

/// Whether an escalation is for some tickets about a service of a tier, whatever their priority.
#[must_use]
pub fn is_about(escalation: &Escalation, service: Option<&Id>, tier: Option<&Id>) -> bool {
    let by_service =
        service.is_some_and(|service| escalation.services.iter().any(|known| known.id() == service));
    let by_tier = tier.is_some_and(|tier| escalation.tiers.iter().any(|known| known.id() == tier));
    !says_what_for(escalation) || by_service || by_tier
}

/// When a step is due; none when it waits for something that has no time, such as a reassignment.
fn when<'a>(
    reported: &Reported<'_, 'a>,
    escalation: &'a Entry<Escalation>,
    index: usize,
    step: &EscalationStep,
    sla: Option<&'a Entry<Sla>>,
    clocks: &[Clock],
) -> Result<Option<Timestamp>, Undecidable> {
    if step.trigger == Trigger::Reassigned {
        return Ok(None);
    }
    // Whether somebody has answered is what the response target is about.
    let wanted = if step.trigger == Trigger::Unacknowledged { "respond" } else { "resolve" };
    let clock = clocks.iter().find(|clock| clock.target == wanted);
    if let Some(share) = step.at {
        let (Some(sla), Some(clock)) = (sla, clock) else { return Ok(None) };
        return clocks::share(reported.engine, sla, clock, share, reported.instant);
    }
    let breached = step.trigger == Trigger::Breached;
    let start = match clock.and_then(|clock| clock.due) {
        Some(due) if breached => due,
        None if breached => return Ok(None),
        _ => reported.instant,
    };
    let Some(after) = step.after else { return Ok(breached.then_some(start)) };
    let calendar = reported
        .engine
        .calendars()
        .get(escalation.calendar.as_str(), || escalation.at(format!("/step/{index}/after")))?;
    Ok(clocks::after(calendar, start, after))
}
