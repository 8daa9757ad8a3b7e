//! Access decisions, always in this order: resolve, guardrails, separation of duties, policies, default,
//! duration.

use jiff::Timestamp;

use super::{
    asked::{self, Asked, MaybeHistory},
    decision::{Cap, CapBy, Considered, Decision, Denial, Effect, Item, Obligation, Outcome, Step},
    duties,
    engine::Engine,
    facts::Facts,
    policy::{self, Offer},
    service_request,
    stages::{self, Demand},
    undecidable::Undecidable,
    waiver::waiver,
};
use crate::model::{
    Duration, Entry, Kind, Location, Ref, Selector,
    access::{Access, AppliesTo, Decision as RuleDecision, Rule},
    guardrail::Guardrail,
    person::{Person, PersonStatus},
    request::Request,
    scenario::Verdict,
    service::{Lifecycle, Risk},
    settings::DefaultDecision,
    workflow::{Evidence, Workflow},
};

/// Decides about a request that is made at an instant.
///
/// What cannot be decided is denied, with the reason. `history` says how earlier requests were decided;
/// without it, only the ledger does.
#[must_use]
pub fn decide<'a>(
    engine: &Engine<'a>,
    request: &Request,
    instant: Timestamp,
    history: MaybeHistory<'_>,
) -> Decision<'a> {
    let mut decision = Decision {
        verdict: Verdict::Denied,
        instant,
        beneficiary: None,
        asks_for: Vec::new(),
        denials: Vec::new(),
        problems: Vec::new(),
        stages: Vec::new(),
        obligations: Vec::new(),
        items: Vec::new(),
        trace: Vec::new(),
    };
    match asked::resolve(engine, request, instant) {
        Err(why) => decision.denials.push(Denial::Undecidable(why)),
        Ok(Err(problems)) => {
            decision.verdict = Verdict::Invalid;
            decision.problems = problems;
        }
        Ok(Ok(asked)) => {
            decision.beneficiary = Some(asked.beneficiary);
            decision.asks_for = asked.offers.iter().map(Offer::reference).collect();
            if let Err(why) = evaluate(engine, &asked, history, &mut decision) {
                decision.denials.push(Denial::Undecidable(why));
            }
            conclude(&mut decision);
        }
    }
    decision
}

/// The verdict that follows from what was found.
fn conclude(decision: &mut Decision<'_>) {
    if decision.denials.is_empty() && decision.stages.is_empty() {
        // Nobody is asked who could wait for what is missing.
        let missing = decision.obligations.iter().filter(|obligation| !obligation.met);
        decision.denials.extend(missing.map(|obligation| Denial::MissingEvidence(obligation.evidence)));
    }
    decision.verdict = if !decision.denials.is_empty() {
        decision.stages.clear();
        Verdict::Denied
    } else if decision.stages.is_empty() {
        Verdict::Approved
    } else {
        Verdict::NeedsApproval
    };
}

/// What is collected while the parts of a request are looked at.
#[derive(Debug, Default)]
pub(super) struct Collected<'a> {
    /// The workflows that are asked, by who asks for them: the request type, then policies, then duties, then
    /// guardrails.
    pub(super) demands: Vec<Demand<'a>>,
    /// The evidence that is demanded, and by what.
    pub(super) required: Vec<(Evidence, Selector)>,
}

fn evaluate<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    history: MaybeHistory<'_>,
    decision: &mut Decision<'a>,
) -> Result<(), Undecidable> {
    for (person, is_beneficiary) in [(asked.requester, false), (asked.beneficiary, true)] {
        let same = asked.requester.id == asked.beneficiary.id;
        if (is_beneficiary || !same) && has_left(engine, person, asked.instant) {
            decision.denials.push(Denial::Inactive { person: person.id.clone(), is_beneficiary });
        }
    }
    let mut collected = Collected::default();
    service_request::evaluate(engine, asked, history, decision, &mut collected)?;
    let all: Vec<Facts<'_, 'a>> =
        asked.offers.iter().map(|offer| Facts::new(engine, asked, Some(*offer), history)).collect();
    for facts in &all {
        let Some(offer) = facts.offer else { continue };
        decision.denials.extend(not_offered(asked, &offer));
        let item = item(facts, &offer, decision, &mut collected)?;
        decision.items.push(item);
    }
    // Duties are looked at once the time is known for which each thing would be held.
    for index in 0..decision.items.len() {
        duties::between(engine, asked, index, decision, &mut collected)?;
    }
    decision.obligations = obligations(asked, &collected.required);
    if decision.denials.is_empty() {
        let (asking, short) = stages::resolve(engine, asked, collected.demands)?;
        for (evidence, selector) in asking.iter().flat_map(stages::Asking::required) {
            collected.required.push((evidence, selector));
        }
        decision.obligations = obligations(asked, &collected.required);
        decision.stages = asking;
        decision.denials.extend(short);
    }
    Ok(())
}

/// Whether somebody is not here any more on the day of the request.
fn has_left(engine: &Engine<'_>, person: &Person, instant: Timestamp) -> bool {
    person.status == PersonStatus::Inactive || person.end.is_some_and(|end| end.0 < engine.date(instant))
}

/// Why an entitlement cannot be asked for at all.
fn not_offered(asked: &Asked<'_>, offer: &Offer<'_>) -> Vec<Denial> {
    let mut found = Vec::new();
    let lifecycle = offer.service.lifecycle.unwrap_or(Lifecycle::Proposed);
    if matches!(lifecycle, Lifecycle::Retired | Lifecycle::Proposed) {
        found.push(Denial::Lifecycle { service: offer.service.id.clone(), lifecycle });
    }
    let by_bundle = asked.bundle_is_theirs
        && asked.bundle.is_some_and(|bundle| bundle.entitlements.contains(&offer.reference()));
    if !offer.entitlement.requestable && !by_bundle {
        found.push(Denial::NotRequestable(of_offer(offer)));
    }
    found
}

/// An entitlement as a selector: `service:id/entitlement`.
pub(super) fn of_offer(offer: &Offer<'_>) -> Selector {
    Selector { kind: Kind::Service, id: offer.service.id.clone(), part: Some(offer.id.clone()) }
}

/// Decides about one thing that is asked for: guardrails, then policies, then how long.
fn item<'a>(
    facts: &Facts<'_, 'a>,
    offer: &Offer<'a>,
    decision: &mut Decision<'a>,
    collected: &mut Collected<'a>,
) -> Result<Item<'a>, Undecidable> {
    let before = decision.denials.len();
    let mut item = Item {
        offer: *offer,
        verdict: Verdict::Denied,
        rule: None,
        expires: None,
        caps: Vec::new(),
        trace: Vec::new(),
    };
    let mut caps = Caps::default();
    let mut asks = Vec::new();
    guardrails(facts, offer, &mut item, decision, collected, &mut caps, &mut asks)?;
    if decision.denials.len() > before {
        // A guardrail ends it; what a policy would have said does not matter.
        return Ok(item);
    }
    policies(facts, offer, &mut item, decision, collected, &mut caps)?;
    collected.demands.append(&mut asks);
    if offer.entitlement.training.is_some() {
        collected.required.push((Evidence::Training, of_offer(offer)));
    }
    if decision.denials.len() == before {
        ends(facts, offer, caps, &mut item)?;
        if item.expires.is_none() && offer.entitlement.risk > Risk::Low {
            decision.denials.push(Denial::NoEnd(of_offer(offer)));
        }
    }
    if decision.denials.len() == before {
        let own = offer.reference();
        let about = |demand: &Demand<'a>| demand.about.is_some_and(|about| about.reference() == own);
        let asked = collected.demands.iter().any(about);
        item.verdict = if asked { Verdict::NeedsApproval } else { Verdict::Approved };
    }
    Ok(item)
}

/// Limits on the duration that rules set.
#[derive(Debug, Default)]
struct Caps(Vec<(Selector, Duration, Location)>);

fn guardrails<'a>(
    facts: &Facts<'_, 'a>,
    offer: &Offer<'a>,
    item: &mut Item<'a>,
    decision: &mut Decision<'a>,
    collected: &mut Collected<'a>,
    caps: &mut Caps,
    asks: &mut Vec<Demand<'a>>,
) -> Result<(), Undecidable> {
    let rulebook = facts.engine.rulebook();
    for guardrail in &rulebook.guardrails {
        let everywhere = AppliesTo::Everything;
        let scope = guardrail.applies_to.as_ref().unwrap_or(&everywhere);
        if policy::nearness(rulebook, scope, offer).is_none() {
            continue;
        }
        let rule = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
        let outcome = if facts.holds(&guardrail.value.when, guardrail.origin)? {
            waiver(facts.engine, facts.asked, &rule, &[&offer.reference()])
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
                decision.denials.push(Denial::Rule { rule: considered.rule.clone(), why });
            }
            if let Some(workflow) = &guardrail.value.require_approval {
                asks.push(Demand {
                    workflow: found(rulebook, workflow, guardrail.at("/require-approval"))?,
                    because: Some(considered.rule.clone()),
                    about: Some(*offer),
                    step: Step::Guardrails,
                });
            }
            if let Some(longest) = guardrail.max_duration {
                caps.0.push((considered.rule.clone(), longest, guardrail.at("/max-duration")));
            }
            let required = guardrail.require.iter().map(|evidence| (*evidence, considered.rule.clone()));
            collected.required.extend(required);
        }
        item.trace.push(considered);
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

/// The workflow that is referred to.
pub(super) fn found<'a>(
    rulebook: &'a crate::model::Rulebook,
    workflow: &Ref<Workflow>,
    at: Location,
) -> Result<&'a Entry<Workflow>, Undecidable> {
    let missing = || Undecidable::Missing { kind: Kind::Workflow, id: workflow.to_string(), at };
    rulebook.workflows.get(workflow.as_str()).ok_or_else(missing)
}

fn policies<'a>(
    facts: &Facts<'_, 'a>,
    offer: &Offer<'a>,
    item: &mut Item<'a>,
    decision: &mut Decision<'a>,
    collected: &mut Collected<'a>,
    caps: &mut Caps,
) -> Result<(), Undecidable> {
    let engine = facts.engine;
    let rulebook = engine.rulebook();
    for (policy, index, rule) in rules(engine, offer)? {
        let selector = Selector { kind: Kind::Access, id: policy.id.clone(), part: Some(rule.id.clone()) };
        let outcome = if facts.holds(&rule.when, policy.origin)? {
            waiver(engine, facts.asked, &selector, &[&offer.reference()])
                .map_or(Outcome::Matched, Outcome::Waived)
        } else {
            Outcome::NotMatched
        };
        let considered = Considered {
            step: Step::Policies,
            at: policy.at(format!("/rule/{index}")),
            outcome,
            mode: rule.mode,
            because: facts.because(&rule.when, policy.origin)?,
            effects: rule_effects(rule),
            rule: selector.clone(),
        };
        let decides = considered.decides();
        item.trace.push(considered);
        if !decides {
            continue;
        }
        item.rule = Some(selector.clone());
        collected.required.extend(rule.require.iter().map(|evidence| (*evidence, selector.clone())));
        if let Some(longest) = rule.max_duration {
            caps.0.push((selector.clone(), longest, policy.at(format!("/rule/{index}/max-duration"))));
        }
        match &rule.decision {
            RuleDecision::AutoApprove => {}
            RuleDecision::Deny => {
                decision.denials.push(Denial::Rule { rule: selector, why: rule.description.clone() });
            }
            RuleDecision::Workflow(workflow) => collected.demands.push(Demand {
                workflow: found(rulebook, workflow, policy.at(format!("/rule/{index}/decision")))?,
                because: Some(selector),
                about: Some(*offer),
                step: Step::Policies,
            }),
        }
        return Ok(());
    }
    match &rulebook.settings.decision.default {
        DefaultDecision::Deny => decision.denials.push(Denial::Default),
        DefaultDecision::Workflow(workflow) => {
            let at = Location::Bytes(crate::diag::FileId(0), crate::diag::Span::default());
            collected.demands.push(Demand {
                workflow: found(rulebook, workflow, at)?,
                because: None,
                about: Some(*offer),
                step: Step::Policies,
            });
        }
    }
    Ok(())
}

/// A rule with its policy and its place in it.
type Placed<'a> = (&'a Entry<Access>, usize, &'a Rule);

/// The rules about an entitlement, as the one list that they are read as.
fn rules<'a>(engine: &Engine<'a>, offer: &Offer<'a>) -> Result<Vec<Placed<'a>>, Undecidable> {
    let rulebook = engine.rulebook();
    let policies = policy::policies(engine.vocabulary(), offer);
    for pair in policies.windows(2) {
        let [one, other] = pair else { continue };
        let near = |policy: &Entry<Access>| policy::nearness(rulebook, &policy.applies_to, offer);
        if near(one) == near(other) && (one.order == other.order || one.order.is_none()) {
            return Err(Undecidable::Order {
                one: one.id.clone(),
                other: other.id.clone(),
                at: other.at("/applies-to"),
            });
        }
    }
    let of = |policy: &'a Entry<Access>| {
        policy.value.rule.iter().enumerate().map(move |(index, rule)| (policy, index, rule))
    };
    Ok(policies.into_iter().flat_map(of).collect())
}

fn rule_effects(rule: &Rule) -> Vec<Effect> {
    let mut effects = vec![match &rule.decision {
        RuleDecision::AutoApprove => Effect::AutoApprove,
        RuleDecision::Deny => Effect::Deny,
        RuleDecision::Workflow(workflow) => Effect::Workflow(workflow.id().clone()),
    }];
    effects.extend(rule.max_duration.map(Effect::MaxDuration));
    effects.extend(rule.require.iter().copied().map(Effect::Require));
    effects
}

/// When the access ends: the least of what limits it.
fn ends<'a>(
    facts: &Facts<'_, 'a>,
    offer: &Offer<'a>,
    caps: Caps,
    item: &mut Item<'a>,
) -> Result<(), Undecidable> {
    let asked = facts.asked;
    let after = |duration: Duration, at: &Location| match duration {
        Duration::Elapsed { seconds } => asked
            .instant
            .checked_add(jiff::SignedDuration::from_secs(seconds))
            .map_err(|_| Undecidable::OutOfTime),
        Duration::BusinessDays { .. } => {
            Err(Undecidable::BusinessDays { duration: duration.to_string(), at: at.clone() })
        }
    };
    let mut found: Vec<Cap> = Vec::new();
    if let Some(duration) = asked.request.duration {
        let at = offer.service.at("");
        found.push(Cap { until: after(duration, &at)?, by: CapBy::Request(duration), at: None });
    }
    for (rule, longest, at) in caps.0 {
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
    found.sort_by_key(|cap| cap.until);
    item.expires = found.first().map(|cap| cap.until);
    item.caps = found;
    Ok(())
}

/// What must be brought, each once, with everything that demands it.
fn obligations(asked: &Asked<'_>, required: &[(Evidence, Selector)]) -> Vec<Obligation> {
    let mut found: Vec<Obligation> = Vec::new();
    for evidence in Evidence::ALL {
        let mut because: Vec<Selector> = Vec::new();
        for (_, selector) in required.iter().filter(|(wanted, _)| wanted == evidence) {
            if !because.contains(selector) {
                because.push(selector.clone());
            }
        }
        if !because.is_empty() {
            found.push(Obligation { evidence: *evidence, met: asked.brings(*evidence), because });
        }
    }
    found
}
