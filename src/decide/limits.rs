//! How long access lasts: the least of everything that limits it.

use jiff::Timestamp;

use super::{
    decision::{Cap, CapBy, Considered, Item, Outcome},
    engine::Engine,
    facts::Facts,
    policy::Offer,
    undecidable::Undecidable,
};
use crate::model::{Duration, Entry, Id, Location, Selector, access::Mode, exception::Exception};

/// Limits on the duration that rules set.
#[derive(Debug, Default)]
pub(super) struct Caps {
    /// By rules and guardrails.
    rules: Vec<(Selector, Duration, Location)>,
    /// By exceptions that waived one.
    waivers: Vec<(Id, Timestamp, Location)>,
}

impl Caps {
    /// Adds what a rule or guardrail gives at most.
    pub(super) fn add(&mut self, rule: Selector, longest: Duration, at: Location) {
        self.rules.push((rule, longest, at));
    }
}

/// Access that a waiver made possible ends with it.
pub(super) fn limit_by_waivers(
    facts: &Facts<'_, '_>,
    trace: &[Considered<'_>],
    caps: &mut Caps,
) -> Result<(), Undecidable> {
    caps.waivers.clear();
    for considered in trace {
        if let Outcome::Waived(exception) = considered.outcome
            && considered.mode == Mode::Enforce
            && let Some(expires) = exception.expires
        {
            let until = facts.engine.end_of(expires.0).ok_or(Undecidable::OutOfTime)?;
            caps.waivers.push((exception.id.clone(), until, exception.at("/expires")));
        }
    }
    Ok(())
}

/// When the access ends: the least of what limits it.
pub(super) fn ends<'a>(
    facts: &Facts<'_, 'a>,
    offer: &Offer<'a>,
    caps: Caps,
    item: &mut Item<'a>,
) -> Result<(), Undecidable> {
    let asked = facts.asked;
    let starts = asked.starts;
    let after = |duration: Duration, at: &Location| match duration {
        Duration::Elapsed { seconds } => {
            starts.checked_add(jiff::SignedDuration::from_secs(seconds)).map_err(|_| Undecidable::OutOfTime)
        }
        Duration::BusinessDays { .. } => {
            Err(Undecidable::BusinessDays { duration: duration.to_string(), at: at.clone() })
        }
    };
    let mut found: Vec<Cap> = Vec::new();
    if let Some(duration) = asked.request.duration {
        let at = offer.service.at("");
        found.push(Cap { until: after(duration, &at)?, by: CapBy::Request(duration), at: None });
    }
    for (exception, until, at) in caps.waivers {
        found.push(Cap { until, by: CapBy::Exception(exception), at: Some(at) });
    }
    for (rule, longest, at) in caps.rules {
        found.push(Cap { until: after(longest, &at)?, by: CapBy::Rule(rule, longest), at: Some(at) });
    }
    if let Some(longest) = offer.entitlement.max_duration {
        let at = offer.service.at(format!("/entitlement/{}/max-duration", offer.id));
        found.push(Cap { until: after(longest, &at)?, by: CapBy::Entitlement(longest), at: Some(at) });
    }
    if let Some(end) = asked.beneficiary.end {
        let until = facts.engine.end_of(end.0).ok_or(Undecidable::OutOfTime)?;
        found.push(Cap { until, by: CapBy::LastDay(end.0), at: Some(asked.beneficiary.at("")) });
    }
    item.caps = found;
    tightest(item);
    Ok(())
}

/// Access that a waived separation of duties made possible ends with the waiver as well.
pub(super) fn limit_by_waiver(
    engine: &Engine<'_>,
    exception: &Entry<Exception>,
    item: &mut Item<'_>,
) -> Result<(), Undecidable> {
    let Some(expires) = exception.expires else { return Ok(()) };
    let until = engine.end_of(expires.0).ok_or(Undecidable::OutOfTime)?;
    let cap = Cap { until, by: CapBy::Exception(exception.id.clone()), at: Some(exception.at("/expires")) };
    if !item.caps.contains(&cap) {
        item.caps.push(cap);
        tightest(item);
    }
    Ok(())
}

fn tightest(item: &mut Item<'_>) {
    item.caps.sort_by_key(|cap| cap.until);
    item.expires = item.caps.first().map(|cap| cap.until);
}
