//! Guardrails: all that match apply, and only an exception in force undoes one.

use super::{
    access::{Required, found, of_offer},
    condition::Known,
    decision::{Considered, Denial, Effect, Outcome, Step},
    facts::Facts,
    limits::Caps,
    policy::{self, Offer},
    stages::Demand,
    undecidable::Undecidable,
    waiver::waiver,
};
use crate::model::{Kind, Selector, access::AppliesTo, guardrail::Guardrail};

/// Looks at every guardrail: about an entitlement, or about a request that asks for no access.
pub(super) fn guardrails<'a>(
    facts: &Facts<'_, 'a>,
    trace: &mut Vec<Considered<'a>>,
    denials: &mut Vec<Denial>,
    required: &mut Vec<Required>,
    caps: &mut Caps,
    asks: &mut Vec<Demand<'a>>,
) -> Result<(), Undecidable> {
    let offer = facts.offer.as_ref();
    let rulebook = facts.engine.rulebook();
    for guardrail in &rulebook.guardrails {
        let everywhere = AppliesTo::Everything;
        let scope = guardrail.applies_to.as_ref().unwrap_or(&everywhere);
        let is_about = match offer {
            Some(offer) => policy::nearness(rulebook, scope, offer).is_some(),
            None => facts.is_in(scope),
        };
        if !is_about {
            continue;
        }
        let about = offer.map(Offer::reference);
        let rule = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
        let outcome = if facts.holds(&guardrail.value.when, guardrail.origin)? {
            waiver(facts.engine, facts.asked, &rule, &about.iter().collect::<Vec<_>>())
                .map_or(Outcome::Matched, Outcome::Waived)
        } else {
            Outcome::NotMatched
        };
        let considered = Considered {
            step: Step::Guardrails,
            at: guardrail.at(""),
            outcome,
            mode: guardrail.mode,
            because: facts.because(&guardrail.value.when, guardrail.origin)?,
            effects: effects_of(guardrail),
            rule,
        };
        if considered.decides() {
            if guardrail.deny {
                let why = Some(guardrail.description.clone());
                let (rule, about) = (considered.rule.clone(), offer.map(of_offer));
                denials.push(Denial::Rule { rule, why, about });
            }
            if let Some(workflow) = &guardrail.value.require_approval {
                asks.push(Demand {
                    workflow: found(rulebook, workflow, guardrail.at("/require-approval"))?,
                    because: Some(considered.rule.clone()),
                    about: facts.offer,
                    step: Step::Guardrails,
                });
            }
            if let Some(longest) = guardrail.max_duration {
                caps.add(considered.rule.clone(), longest, guardrail.at("/max-duration"));
            }
            required.extend(guardrail.require.iter().map(|evidence| Required {
                evidence: *evidence,
                by: considered.rule.clone(),
                about: offer.map(of_offer),
            }));
        }
        trace.push(considered);
    }
    Ok(())
}

fn effects_of(guardrail: &Guardrail) -> Vec<Effect> {
    let mut effects = Vec::new();
    effects.extend(guardrail.deny.then_some(Effect::Deny));
    effects
        .extend(guardrail.require_approval.as_ref().map(|workflow| Effect::Workflow(workflow.id().clone())));
    effects.extend(guardrail.max_duration.map(Effect::MaxDuration));
    effects.extend(guardrail.require.iter().copied().map(Effect::Require));
    effects
}
