//! Separation of duties: against what the beneficiary holds, what else is asked for, and what is pending.

use jiff::Timestamp;

use super::{
    access::{Collected, found},
    asked::Asked,
    decision::{Considered, Decision, Denial, Effect, Outcome, Step},
    engine::Engine,
    limits::limit_by_waiver,
    stages::Demand,
    undecidable::Undecidable,
    waiver::waiver,
};
use crate::model::{
    EntitlementRef, Entry, Kind, Selector,
    access::Mode,
    exception::Exception,
    sod::{Sod, SodDecision},
};

/// Looks at what one of the things that are asked for does not go with.
///
/// A conflict exists only where the two would be held at the same time. Two things of one request conflict
/// at both, so that it does not matter which was named first; a denial says it once.
///
/// # Errors
/// When a workflow does not exist.
pub(super) fn between<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    index: usize,
    decision: &mut Decision<'a>,
    collected: &mut Collected<'a>,
) -> Result<(), Undecidable> {
    let Some(item) = decision.items.get(index) else { return Ok(()) };
    let denies = |considered: &Considered<'_>| {
        considered.step == Step::Guardrails
            && considered.decides()
            && considered.effects.contains(&Effect::Deny)
    };
    if item.trace.iter().any(denies) {
        // A guardrail has ended it.
        return Ok(());
    }
    let own = item.offer.reference();
    let until = item.expires;
    let asked_for: Vec<EntitlementRef> =
        decision.items.iter().map(|item| item.offer.reference()).filter(|other| *other != own).collect();
    let elsewhere = elsewhere(engine, asked, &own, until);
    for sod in &engine.rulebook().sods {
        if !sod.entitlements.contains(&own) && !sod.against.contains(&own) {
            continue;
        }
        let mut others: Vec<&EntitlementRef> = Vec::new();
        others.extend(held(asked, &own, until));
        others.extend(&asked_for);
        others.extend(&asked.request.pending);
        // What nobody agreed to yet takes nothing of a bundle away: it is decided with what the bundle gives.
        if !asked.is_about_a_bundle() {
            others.extend(engine.ledger().waiting(asked.beneficiary.id.as_str(), &own, asked.instant));
        }
        let mut conflicts: Vec<(&EntitlementRef, Option<&str>)> =
            others.into_iter().map(|other| (other, None)).collect();
        conflicts.extend(elsewhere.iter().map(|(record, other)| (*other, Some(*record))));
        conflicts.retain(|(other, _)| sod.conflicts(&own, other));
        conflicts.sort_unstable();
        // What they hold under this record as well is said without another one.
        conflicts.dedup_by_key(|(other, _)| *other);
        consider(engine, asked, sod, (index, &own), &conflicts, decision, collected)?;
    }
    Ok(())
}

/// What the same person holds or has asked for under another record, each with the record. Whoever has two of them must not
/// hold together with both what nobody may hold together.
fn elsewhere<'h, 'a>(
    engine: &'h Engine<'a>,
    asked: &'h Asked<'a>,
    own: &'h EntitlementRef,
    until: Option<Timestamp>,
) -> Vec<(&'a str, &'a EntitlementRef)> {
    let person = asked.beneficiary.id.as_str();
    let held = asked.elsewhere.iter().filter(|(_, held)| held.overlaps(asked.starts, until));
    let mut found: Vec<_> = held.map(|(record, held)| (*record, held.entitlement)).collect();
    if asked.is_about_a_bundle() || !engine.hands().has_several(person) {
        return found;
    }
    for record in engine.hands().others(person) {
        let waiting = engine.ledger().waiting_under(person, record, own, asked.instant);
        found.extend(waiting.map(|entitlement| (record, entitlement)));
    }
    found
}

/// What is held at a time at which something new would be held.
fn held<'h>(
    asked: &'h Asked<'_>,
    own: &EntitlementRef,
    until: Option<Timestamp>,
) -> impl Iterator<Item = &'h EntitlementRef> {
    let overlaps = move |held: &&super::ledger::Held<'_>| held.overlaps(asked.starts, until);
    let other = own.clone();
    let held = asked.held.iter().filter(overlaps).map(|held| held.entitlement);
    held.filter(move |held| **held != other)
}

fn consider<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    sod: &'a Entry<Sod>,
    (index, own): (usize, &EntitlementRef),
    conflicts: &[(&EntitlementRef, Option<&str>)],
    decision: &mut Decision<'a>,
    collected: &mut Collected<'a>,
) -> Result<(), Undecidable> {
    let rule = Selector { kind: Kind::Sod, id: sod.id.clone(), part: None };
    let mut effects = vec![match &sod.decision {
        SodDecision::Deny => Effect::Deny,
        SodDecision::Workflow(workflow) => Effect::Workflow(workflow.id().clone()),
    }];
    let mut outcome = Outcome::NotMatched;
    let mut pair = None;
    let mut waived: Vec<&Entry<Exception>> = Vec::new();
    for (other, record) in conflicts {
        let (first, second) = sod.in_order(own, other);
        effects.push(Effect::Apart(first.to_string(), second.to_string()));
        if let Some(exception) = waiver(engine, asked, &rule, &[own, other]) {
            waived.push(exception);
            if outcome == Outcome::NotMatched {
                outcome = Outcome::Waived(exception);
            }
        } else {
            outcome = Outcome::Matched;
            // What another record of the same person holds stands beside that record.
            let (first, second) = if record.is_some() { (own, *other) } else { (first, second) };
            pair.get_or_insert(((first.to_string(), second.to_string()), record.map(str::to_owned)));
        }
    }
    let considered = Considered {
        step: Step::Duties,
        rule: rule.clone(),
        at: sod.at(""),
        outcome,
        mode: sod.mode,
        because: Vec::new(),
        effects,
    };
    if considered.decides()
        && let Some((pair, record)) = pair
    {
        match &sod.value.decision {
            SodDecision::Deny if is_said(decision, &rule, &pair) => {}
            SodDecision::Deny => {
                let why = sod.description.clone();
                decision.denials.push(Denial::Duties { rule, why, pair, record });
            }
            SodDecision::Workflow(workflow) => {
                let about = decision.items.get(index).map(|item| item.offer);
                collected.demands.push(Demand {
                    workflow: found(engine.rulebook(), workflow, sod.at("/decision"))?,
                    because: Some(rule),
                    about,
                    step: Step::Duties,
                });
            }
        }
    }
    if let Some(item) = decision.items.get_mut(index) {
        if sod.mode == Mode::Enforce {
            waived.iter().try_for_each(|exception| limit_by_waiver(engine, exception, item))?;
        }
        // Duties come before policies in the evaluation, whatever was needed to look at them.
        let place = item.trace.iter().position(|known| known.step > Step::Duties);
        item.trace.insert(place.unwrap_or(item.trace.len()), considered);
    }
    Ok(())
}

/// Whether a denial already says that two things of the request do not go together.
fn is_said(decision: &Decision<'_>, rule: &Selector, pair: &(String, String)) -> bool {
    decision.denials.iter().any(|denial| match denial {
        Denial::Duties { rule: known, pair: (one, other), .. } => {
            known == rule && ((one, other) == (&pair.0, &pair.1) || (one, other) == (&pair.1, &pair.0))
        }
        _ => false,
    })
}
