//! Whether the time of a change is right: the window, freezes, the lead time, and the review afterwards.

use super::{ChangeDecision, ChangeDenial, Deadline, Frozen, facts::Facts};
use crate::{
    decide::{clocks, undecidable::Undecidable},
    model::{Duration, change_model::ChangeType},
};

/// Looks at the time of a change.
///
/// # Errors
/// When a calendar does not exist or nobody can count on it.
pub(super) fn check<'a>(
    facts: &Facts<'_, '_, 'a>,
    decision: &mut ChangeDecision<'a>,
) -> Result<(), Undecidable> {
    let (model, named) = (facts.model, facts.named);
    decision.window = facts.window()?;
    if let Some(window) = &decision.window
        && let Some(from) = window.outside
    {
        decision.denials.push(ChangeDenial::OutsideWindow { calendar: window.calendar.id.clone(), from });
    }
    for (index, freeze) in facts.freezes() {
        if freeze.authority.is_none() {
            let (name, from, until) = (freeze.name.clone(), freeze.from.0, freeze.until.0);
            decision.denials.push(ChangeDenial::Frozen { name, from, until });
        }
        decision.freezes.push(Frozen { freeze, at: model.at(format!("/freeze/{index}")) });
    }
    if let Some(lead_time) = model.lead_time {
        let lead = deadline(facts, lead_time, "lead-time", named.instant)?;
        if lead.instant.is_none_or(|earliest| named.start() < earliest) {
            decision.denials.push(ChangeDenial::TooLate { lead_time, earliest: lead.instant });
        }
        decision.lead = Some(lead);
    } else if model.change_type != ChangeType::Emergency && named.start() < named.instant {
        decision.denials.push(ChangeDenial::Begun);
    }
    if let (ChangeType::Emergency, Some(within)) = (model.change_type, model.begins_within) {
        let latest = deadline(facts, within, "begins-within", named.instant)?.instant;
        if latest.is_none_or(|latest| named.start() > latest) {
            decision.denials.push(ChangeDenial::CanWait { within, latest });
        }
    }
    if let (ChangeType::Emergency, Some(within)) = (model.change_type, model.review_within) {
        decision.review = Some(deadline(facts, within, "review-within", named.end())?);
    }
    Ok(())
}

fn deadline<'a>(
    facts: &Facts<'_, '_, 'a>,
    within: Duration,
    field: &str,
    from: jiff::Timestamp,
) -> Result<Deadline<'a>, Undecidable> {
    let (hours, calendar) = facts.hours(within, field)?;
    let instant = clocks::after(hours, from, within);
    Ok(Deadline { within, calendar, instant, at: facts.model.at(format!("/{field}")) })
}
