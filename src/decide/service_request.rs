//! What holds for a request as a whole because of its type: whether it is offered, to whom, and who agrees.

use super::{
    access::{Collected, found},
    asked::{Asked, MaybeHistory},
    clocks,
    condition::Known,
    decision::{Considered, Decision, Delivery, Denial, Effect, Outcome, Step},
    engine::Engine,
    facts::Facts,
    service_level,
    stages::Demand,
    undecidable::Undecidable,
};
use crate::model::{Entry, Kind, Selector, access::Mode, request_type::RequestType};

/// Looks at the request type, if there is one.
///
/// # Errors
/// When its condition or its workflow makes no sense.
pub(super) fn evaluate<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    history: MaybeHistory<'_>,
    decision: &mut Decision<'a>,
    collected: &mut Collected<'a>,
) -> Result<(), Undecidable> {
    let Some(request_type) = asked.request_type else { return Ok(()) };
    decision.delivery = Some(delivery(engine, asked, request_type)?);
    let lifecycle = request_type.lifecycle;
    if !lifecycle.is_offered() {
        let request_type = request_type.id.clone();
        decision.denials.push(Denial::TypeLifecycle { request_type, lifecycle });
    }
    if let Some(service) = asked.service {
        let covered = asked.offers.iter().any(|offer| offer.service.id == service.id);
        if let Some(lifecycle) = service_level::not_offered(service).filter(|_| !covered) {
            decision.denials.push(Denial::Lifecycle { service: service.id.clone(), lifecycle });
        }
    }
    let rule = Selector { kind: Kind::RequestType, id: request_type.id.clone(), part: None };
    let mut effects = Vec::new();
    let mut available = true;
    let mut because = Vec::new();
    if let Some(condition) = &request_type.value.available_when {
        // It has to hold for everything that is asked for with it.
        let mut each: Vec<_> = asked.offers.iter().copied().map(Some).collect();
        if each.is_empty() {
            each.push(None);
        }
        for offer in each {
            let facts = Facts::new(engine, asked, offer, history);
            if !facts.holds(condition, request_type.origin)? {
                available = false;
            }
            because = facts.because(condition, request_type.origin)?;
            if !available {
                break;
            }
        }
    }
    if !available {
        decision.denials.push(Denial::NotAvailable(rule.clone()));
        effects.push(Effect::Deny);
    } else if let Some(workflow) = &request_type.value.workflow {
        effects.push(Effect::Workflow(workflow.id().clone()));
        collected.demands.push(Demand {
            workflow: found(engine.rulebook(), workflow, request_type.at("/workflow"))?,
            because: Some(rule.clone()),
            about: None,
            step: Step::RequestType,
        });
    }
    decision.trace.push(Considered {
        step: Step::RequestType,
        at: request_type.at(""),
        outcome: if available { Outcome::Matched } else { Outcome::NotMatched },
        mode: Mode::Enforce,
        because,
        effects,
        rule,
    });
    Ok(())
}

/// How the request is delivered, and by when at each priority.
fn delivery<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    request_type: &'a Entry<RequestType>,
) -> Result<Delivery<'a>, Undecidable> {
    let named = request_type.value.sla.as_ref();
    let sla = named.and_then(|sla| engine.rulebook().slas.get(sla.as_str()));
    let mut due = Vec::new();
    for (priority, _) in sla.into_iter().flat_map(|sla| &sla.value.target) {
        if let Some(sla) = sla {
            let clocks = clocks::of(engine, sla, priority, asked.instant)?;
            due.extend(
                clocks.into_iter().filter(|clock| clock.target == "resolve").map(|clock| (priority, clock)),
            );
        }
    }
    let category = request_type.value.category.as_ref();
    let answers = request_type.value.field.iter().filter_map(|(id, field)| {
        let answer = asked.request.form.get(id)?;
        Some((id.clone(), field.label.as_str(), answer.to_string()))
    });
    Ok(Delivery {
        request_type,
        category: category.and_then(|category| engine.rulebook().categories.get(category.as_str())),
        answers: answers.collect(),
        sla,
        due,
        waits_for_approval: false,
    })
}
