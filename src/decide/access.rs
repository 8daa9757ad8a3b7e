//! Access decisions, always in this order: resolve, guardrails, separation of duties, policies, default,
//! duration.

use jiff::{Timestamp, civil::Date};

use super::{
    asked::{self, Asked, Bundles, MaybeHistory},
    condition::Known,
    decision::{Considered, Decision, Denial, Effect, Item, Obligation, Outcome, Step},
    duties,
    engine::Engine,
    facts::Facts,
    guardrails::guardrails,
    limits::{Caps, ends, limit_by_waivers},
    policy::{self, Offer},
    service_level, service_request,
    stages::{self, Demand},
    undecidable::Undecidable,
    waiver::waiver,
};
use crate::model::{
    Entry, Kind, Location, Ref, Selector,
    access::{Access, Decision as RuleDecision, Rule},
    person::{Person, PersonStatus},
    request::Request,
    scenario::Verdict,
    service::Risk,
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
    decide_while(engine, request, instant, history, Bundles::default())
}

/// The same, with so much of the beneficiary's bundles taken for theirs.
pub(super) fn decide_while<'a>(
    engine: &Engine<'a>,
    request: &Request,
    instant: Timestamp,
    history: MaybeHistory<'_>,
    bundles: Bundles,
) -> Decision<'a> {
    let mut decision = Decision {
        verdict: Verdict::Denied,
        instant,
        starts: None,
        beneficiary: None,
        asks_for: Vec::new(),
        denials: Vec::new(),
        problems: Vec::new(),
        stages: Vec::new(),
        obligations: Vec::new(),
        items: Vec::new(),
        delivery: None,
        trace: Vec::new(),
    };
    match asked::resolve(engine, request, instant) {
        Err(why) => decision.denials.push(Denial::Undecidable(why)),
        Ok(Err(problems)) => {
            decision.verdict = Verdict::Invalid;
            decision.problems = problems;
        }
        Ok(Ok(mut asked)) => {
            asked.bundles = bundles;
            decision.starts = (asked.starts > instant).then_some(asked.starts);
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

/// The verdict that follows from what was found. What is decided about one thing is never more than what is
/// decided about the request.
fn conclude(decision: &mut Decision<'_>) {
    decision.verdict = if !decision.denials.is_empty() {
        decision.stages.clear();
        Verdict::Denied
    } else if decision.stages.is_empty() {
        Verdict::Approved
    } else {
        Verdict::NeedsApproval
    };
    if let (Verdict::NeedsApproval, Some(delivery)) = (decision.verdict, &mut decision.delivery) {
        delivery.wait_for_approval();
    }
    // A stage that is about nothing in particular is about the request as a whole.
    let whole = decision.stages.iter().any(|asking| asking.about.is_empty());
    for item in &mut decision.items {
        let own = of_offer(&item.offer);
        item.verdict = match decision.verdict {
            Verdict::NeedsApproval
                if !whole && !decision.stages.iter().any(|one| one.about.contains(&own)) =>
            {
                Verdict::Approved
            }
            verdict => verdict,
        };
        if decision.verdict == Verdict::Denied {
            item.expires = None;
            item.caps.clear();
        }
    }
}

/// Evidence that is missing for something about which nobody is asked: there is nobody who could wait for it.
fn missing_evidence(asked: &Asked<'_>, decision: &Decision<'_>, required: &[Required]) -> Vec<Denial> {
    let whole = decision.stages.iter().any(|asking| asking.about.is_empty());
    let waits = |about: &Option<Selector>| match about {
        Some(about) => whole || decision.stages.iter().any(|asking| asking.about.contains(about)),
        None => !decision.stages.is_empty(),
    };
    let mut found: Vec<(Evidence, Option<Selector>)> = Vec::new();
    for required in required.iter().filter(|required| !asked.brings(required.evidence)) {
        if waits(&required.about) {
            continue;
        }
        match found.iter_mut().find(|(evidence, _)| *evidence == required.evidence) {
            // What is missing for several things is missing for the request.
            Some((_, about)) if *about != required.about => *about = None,
            Some(_) => {}
            None => found.push((required.evidence, required.about.clone())),
        }
    }
    found.into_iter().map(|(evidence, about)| Denial::MissingEvidence { evidence, about }).collect()
}

/// What is collected while the parts of a request are looked at.
#[derive(Debug, Default)]
pub(super) struct Collected<'a> {
    /// The workflows that are asked, by who asks for them: the request type, then policies, then duties, then
    /// guardrails.
    pub(super) demands: Vec<Demand<'a>>,
    /// The evidence that is demanded.
    pub(super) required: Vec<Required>,
}

/// Evidence that is demanded.
#[derive(Debug, Clone)]
pub(super) struct Required {
    /// What it is.
    pub(super) evidence: Evidence,
    /// What demands it.
    pub(super) by: Selector,
    /// The entitlement that it is demanded for; none for the request as a whole.
    pub(super) about: Option<Selector>,
}

fn evaluate<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    history: MaybeHistory<'_>,
    decision: &mut Decision<'a>,
) -> Result<(), Undecidable> {
    let today = engine.date(asked.instant);
    decision.denials.extend(not_here(asked.requester, asked.beneficiary, today));
    let mut collected = Collected::default();
    if asked.offers.is_empty() {
        let facts = Facts::new(engine, asked, None, history);
        let (trace, denials) = (&mut decision.trace, &mut decision.denials);
        let (required, mut asks) = (&mut collected.required, Vec::new());
        guardrails(&facts, trace, denials, required, &mut Caps::default(), &mut asks)?;
        collected.demands.append(&mut asks);
        if asked.request_type.is_some_and(|request_type| request_type.workflow.is_none()) {
            // Nobody was asked and no rule allows it.
            by_default(engine, None, decision, &mut collected)?;
        }
    }
    service_request::evaluate(engine, asked, history, decision, &mut collected)?;
    let all: Vec<Facts<'_, 'a>> =
        asked.offers.iter().map(|offer| Facts::new(engine, asked, Some(*offer), history)).collect();
    let mut refused = Vec::new();
    for facts in &all {
        let Some(offer) = facts.offer else { continue };
        decision.denials.extend(not_offered(asked, &offer));
        let before = decision.denials.len();
        let item = item(facts, &offer, decision, &mut collected)?;
        decision.items.push(item);
        refused.push(decision.denials.len() > before);
    }
    // Duties are looked at once the time is known for which each thing would be held.
    for index in 0..decision.items.len() {
        duties::between(engine, asked, index, decision, &mut collected)?;
    }
    for (item, _) in decision.items.iter().zip(refused).filter(|(_, refused)| !refused) {
        if item.expires.is_none() && item.offer.entitlement.risk > Risk::Low {
            decision.denials.push(Denial::NoEnd(of_offer(&item.offer)));
        }
    }
    decision.obligations = obligations(asked, &collected.required);
    if decision.denials.is_empty() {
        let (asking, short) = stages::resolve(engine, &asked.matter(), collected.demands)?;
        // Who is asked in a stage can wait for what the stage demands.
        let of_stages = asking.iter().flat_map(stages::Asking::required);
        let by_stages: Vec<Required> =
            of_stages.map(|(evidence, by)| Required { evidence, by, about: None }).collect();
        decision.stages = asking;
        decision.denials.extend(short);
        if decision.denials.is_empty() {
            let missing = missing_evidence(asked, decision, &collected.required);
            decision.denials.extend(missing);
        }
        collected.required.extend(by_stages);
        decision.obligations = obligations(asked, &collected.required);
    }
    Ok(())
}

/// Why somebody can neither ask nor be given anything on a day: they have left, or have not started yet.
pub(super) fn not_here(requester: &Entry<Person>, beneficiary: &Entry<Person>, today: Date) -> Vec<Denial> {
    let mut found = Vec::new();
    let same = requester.id == beneficiary.id;
    let has_left = |person: &Person| {
        person.status == PersonStatus::Inactive || person.end.is_some_and(|end| end.0 < today)
    };
    for (person, is_beneficiary) in [(requester, false), (beneficiary, true)] {
        if (is_beneficiary || !same) && has_left(person) {
            found.push(Denial::Inactive { person: person.id.clone(), is_beneficiary });
        }
    }
    let later = requester.start.is_some_and(|start| start.0 > today);
    if (requester.status == PersonStatus::Joining || later) && !same {
        found.push(Denial::NotStarted { person: requester.id.clone(), is_beneficiary: false });
    }
    if beneficiary.status == PersonStatus::Joining && beneficiary.start.is_none() {
        found.push(Denial::NotStarted { person: beneficiary.id.clone(), is_beneficiary: true });
    }
    found
}

/// Why an entitlement cannot be asked for at all.
fn not_offered(asked: &Asked<'_>, offer: &Offer<'_>) -> Vec<Denial> {
    let mut found = Vec::new();
    if let Some(lifecycle) = service_level::not_offered(offer.service) {
        found.push(Denial::Lifecycle { service: offer.service.id.clone(), lifecycle });
    }
    if !offer.entitlement.requestable && !asked.comes_with_a_bundle(&offer.reference()) {
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
        held: facts.held_already(&offer.reference()),
        trace: Vec::new(),
    };
    let mut caps = Caps::default();
    let mut asks = Vec::new();
    let required = &mut collected.required;
    guardrails(facts, &mut item.trace, &mut decision.denials, required, &mut caps, &mut asks)?;
    limit_by_waivers(facts, &item.trace, &mut caps)?;
    if decision.denials.len() > before {
        // A guardrail ends it; what a policy would have said does not matter.
        return Ok(item);
    }
    policies(facts, offer, &mut item, decision, collected, &mut caps)?;
    limit_by_waivers(facts, &item.trace, &mut caps)?;
    collected.demands.append(&mut asks);
    if offer.entitlement.training.is_some() {
        let own = of_offer(offer);
        collected.required.push(Required { evidence: Evidence::Training, by: own.clone(), about: Some(own) });
    }
    // Also for what is denied: duties that would not be held at the same time are no reason as well.
    ends(facts, offer, caps, &mut item)?;
    Ok(item)
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
    for (policy, index, rule) in rules(in_order(engine, offer)?) {
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
        collected.required.extend(rule.require.iter().map(|evidence| Required {
            evidence: *evidence,
            by: selector.clone(),
            about: Some(of_offer(offer)),
        }));
        if let Some(longest) = rule.max_duration {
            caps.add(selector.clone(), longest, policy.at(format!("/rule/{index}/max-duration")));
        }
        match &rule.decision {
            RuleDecision::AutoApprove => {}
            RuleDecision::Deny => {
                let (why, about) = (rule.description.clone(), Some(of_offer(offer)));
                decision.denials.push(Denial::Rule { rule: selector, why, about });
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
    by_default(engine, Some(*offer), decision, collected)
}

/// What no rule decides is decided as the project says.
fn by_default<'a>(
    engine: &Engine<'a>,
    about: Option<Offer<'a>>,
    decision: &mut Decision<'a>,
    collected: &mut Collected<'a>,
) -> Result<(), Undecidable> {
    let rulebook = engine.rulebook();
    match &rulebook.settings.decision.default {
        DefaultDecision::Deny => {
            decision.denials.push(Denial::Default(about.as_ref().map(Offer::reference)));
        }
        DefaultDecision::Workflow(workflow) => {
            let at = Location::settings();
            collected.demands.push(Demand {
                workflow: found(rulebook, workflow, at)?,
                because: None,
                about,
                step: Step::Policies,
            });
        }
    }
    Ok(())
}

/// A rule with its policy and its place in it.
type Placed<'a> = (&'a Entry<Access>, usize, &'a Rule);

/// The rules about an entitlement, as the one list that they are read as.
fn rules<'a>(policies: Vec<&'a Entry<Access>>) -> impl Iterator<Item = Placed<'a>> {
    let of = |policy: &'a Entry<Access>| {
        policy.value.rule.iter().enumerate().map(move |(index, rule)| (policy, index, rule))
    };
    policies.into_iter().flat_map(of)
}

/// The policies about an entitlement, in the order in which they are read.
///
/// # Errors
/// When nobody knows which of two comes first.
pub(super) fn in_order<'a>(
    engine: &Engine<'a>,
    offer: &Offer<'a>,
) -> Result<Vec<&'a Entry<Access>>, Undecidable> {
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
    Ok(policies)
}

fn rule_effects(rule: &Rule) -> Vec<Effect> {
    let mut effects = Vec::with_capacity(1 + usize::from(rule.max_duration.is_some()) + rule.require.len());
    effects.push(match &rule.decision {
        RuleDecision::AutoApprove => Effect::AutoApprove,
        RuleDecision::Deny => Effect::Deny,
        RuleDecision::Workflow(workflow) => Effect::Workflow(workflow.id().clone()),
    });
    effects.extend(rule.max_duration.map(Effect::MaxDuration));
    effects.extend(rule.require.iter().copied().map(Effect::Require));
    effects
}

/// What must be brought, each once, with everything that demands it.
fn obligations(asked: &Asked<'_>, required: &[Required]) -> Vec<Obligation> {
    let mut found: Vec<Obligation> = Vec::new();
    for evidence in Evidence::ALL {
        let mut because: Vec<Selector> = Vec::new();
        for required in required.iter().filter(|required| required.evidence == *evidence) {
            if !because.contains(&required.by) {
                because.push(required.by.clone());
            }
        }
        if !because.is_empty() {
            found.push(Obligation { evidence: *evidence, met: asked.brings(*evidence), because });
        }
    }
    found
}
