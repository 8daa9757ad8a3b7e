//! The lines of a request as a whole: what its type says, and what holds when it asks for no access.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    lines::{Line, Lines, When},
    meaning::{Effect, Ruling},
    panels::panels,
    side::Side,
};
use crate::{
    decide::{
        policy::{self, Offer},
        service_level::not_offered,
        value::{self, Value},
    },
    model::{
        Entry, Id, Kind, Ref, Selector,
        access::{AppliesTo, Mode},
        condition::{Condition, Test},
        guardrail::Guardrail,
        request_type::{Field, FieldType, RequestType},
        service::Service,
        settings::DefaultDecision,
        workflow::Workflow,
    },
};

/// What is asked for with a request type.
#[derive(Debug, Clone, Copy)]
pub(super) enum With<'a> {
    /// No access.
    Nothing,
    /// This access. What the rules say about it is told for the access itself.
    Access(Offer<'a>),
}

impl<'a> Side<'a> {
    /// The service that a request type is about.
    pub(super) fn service_of(&self, request_type: &RequestType) -> Option<&'a Entry<Service>> {
        let service = request_type.service.as_ref()?;
        self.engine.rulebook().services.get(service.as_str())
    }

    /// What is read about requests of a type as a whole.
    pub(super) fn whole(&self, request_type: &'a Entry<RequestType>, with: With<'a>) -> Lines<'a> {
        let offered = &request_type.value.entitlements;
        let service = self.service_of(request_type);
        let given = match with {
            With::Nothing => match offered.as_slice() {
                [] if request_type.value.field.values().any(asks_for_access) => return Lines::none(),
                [] => None,
                // It is asked for, without being named.
                [only] => Some(only.to_string()),
                _ => return Lines::none(),
            },
            With::Access(offer) => {
                if !offered.is_empty() && !offered.contains(&offer.reference()) {
                    return Lines::none();
                }
                None
            }
        };
        if !request_type.lifecycle.is_offered() || is_of_gone_service(service, with) {
            return Lines::none();
        }
        let selector = Selector { kind: Kind::RequestType, id: request_type.id.clone(), part: None };
        let mut lines = vec![own(request_type, given.as_deref())];
        if let Some(condition) = &request_type.value.available_when {
            let left = self.left(condition, Some(request_type), service, with);
            lines.push(Line {
                rule: Some(selector.clone()),
                when: When::Made(Condition::Not(Box::new(left))),
                waivers: Vec::new(),
                effect: Rc::new(Effect::of(Ruling::Deny)),
            });
        }
        if matches!(with, With::Nothing) && given.is_none() {
            lines.extend(self.guards(Some(request_type), service));
        }
        let unordered = lines.len();
        let (rule, effect) = match &request_type.value.workflow {
            // A workflow without any stage asks nobody.
            Some(workflow) => (Some(selector), self.ask_whole(workflow, service)),
            None if matches!(with, With::Access(_)) || given.is_some() => {
                (Some(selector), Rc::new(Effect::of(Ruling::Approve)))
            }
            // Nobody was asked and no rule allows it.
            None => match &self.engine.rulebook().settings.decision.default {
                DefaultDecision::Deny => (None, Rc::new(Effect::of(Ruling::Deny))),
                DefaultDecision::Workflow(workflow) => (None, Rc::new(self.ask_somebody(workflow, service))),
            },
        };
        lines.push(Line { rule, when: When::Always, waivers: Vec::new(), effect });
        Lines { all: lines, unordered }
    }

    /// Whether a guardrail is about requests for no access that are about a service, or about none.
    fn is_about(&self, guardrail: &Guardrail, service: Option<&'a Entry<Service>>) -> bool {
        match (guardrail.applies_to.as_ref().unwrap_or(&AppliesTo::Everything), service) {
            (AppliesTo::Everything, _) => true,
            (AppliesTo::Service(named), Some(service)) => *named.id() == service.id,
            (AppliesTo::Category(named), Some(service)) => service
                .category
                .as_ref()
                .is_some_and(|of| policy::ancestors(self.engine.rulebook(), of).any(|known| known == named)),
            (AppliesTo::Entitlement(_), _) | (_, None) => false,
        }
    }

    /// The guardrails for requests for no access: of a type or of any, about a service or about none.
    pub(super) fn guards(
        &self,
        request_type: Option<&'a Entry<RequestType>>,
        service: Option<&'a Entry<Service>>,
    ) -> Vec<Line<'a>> {
        let all = self.engine.rulebook().guardrails.iter();
        all.filter(|one| one.mode == Mode::Enforce && self.is_about(&one.value, service))
            .map(|one| self.guard(one, request_type, service))
            .collect()
    }

    fn guard(
        &self,
        guardrail: &'a Entry<Guardrail>,
        request_type: Option<&'a Entry<RequestType>>,
        service: Option<&'a Entry<Service>>,
    ) -> Line<'a> {
        let selector = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
        let mut effect = Effect::of(if guardrail.deny { Ruling::Deny } else { Ruling::Nothing });
        if let Some(workflow) = &guardrail.value.require_approval {
            let asked = self.ask_somebody(workflow, service);
            if asked.panels.is_empty() {
                effect.ruling = Ruling::Deny;
            }
            effect.panels = asked.panels;
        }
        effect.evidence.extend(&guardrail.value.require);
        let left = self.left(&guardrail.value.when, request_type, service, With::Nothing);
        let waivers = self.waivers(&selector, &[]);
        Line { rule: Some(selector), when: When::Made(left), waivers, effect: Rc::new(effect) }
    }

    /// What asking the people of a workflow comes to, about nothing but the request.
    pub(super) fn ask_whole(
        &self,
        workflow: &'a Ref<Workflow>,
        service: Option<&'a Entry<Service>>,
    ) -> Rc<Effect> {
        let key = (workflow.as_str(), service.map(|service| service.id.as_str()));
        if let Some(known) = self.asked_whole.borrow().get(&key) {
            return Rc::clone(known);
        }
        let found = self.engine.rulebook().workflows.get(workflow.as_str());
        let made = found
            .and_then(|found| Some((found, panels(&self.engine, found, None, service, self.instant).ok()?)));
        let mut effect = Effect::of(Ruling::Deny);
        if let Some((found, panels)) = made {
            effect.ruling = Ruling::Ask;
            let placed = panels.into_iter().enumerate();
            effect.panels = placed.map(|(index, panel)| (found.id.clone(), index, panel)).collect();
        }
        let effect = Rc::new(effect);
        self.asked_whole.borrow_mut().insert(key, Rc::clone(&effect));
        effect
    }

    /// The same for what lets nothing through when there is nobody to ask.
    fn ask_somebody(&self, workflow: &'a Ref<Workflow>, service: Option<&'a Entry<Service>>) -> Effect {
        let mut effect = Effect::clone(&self.ask_whole(workflow, service));
        if effect.panels.is_empty() {
            effect.ruling = Ruling::Deny;
        }
        effect
    }

    /// What is left of a condition for requests of a type, or of any.
    fn left(
        &self,
        condition: &Condition,
        request_type: Option<&Entry<RequestType>>,
        service: Option<&Entry<Service>>,
        with: With<'a>,
    ) -> Condition {
        policy::given(condition, &|test| self.answer(test, request_type, service, with))
    }

    /// The answer to a test, where it is the same for all requests of a type.
    fn answer(
        &self,
        test: &Test,
        request_type: Option<&Entry<RequestType>>,
        service: Option<&Entry<Service>>,
        with: With<'a>,
    ) -> Option<bool> {
        let vocabulary = self.engine.vocabulary();
        let resolved = vocabulary.known(test).filter(|known| value::fits(test.operator, &known.values))?;
        let passes = |value: &Value<'_>| value::passes(test, &resolved.values, value);
        match (&*test.namespace, with) {
            ("service" | "entitlement", With::Access(offer)) => policy::answer(vocabulary, &offer, test),
            ("entitlement", With::Nothing) => passes(&Value::Absent),
            ("service", With::Nothing) => match service {
                None => passes(&Value::Absent),
                Some(service) => passes(&crate::decide::facts::of_service(
                    self.engine.rulebook(),
                    service,
                    test,
                    &resolved.values,
                )),
            },
            ("request", _) => match (&*test.name, request_type?) {
                ("type", request_type) => passes(&Value::Text(request_type.id.as_str())),
                ("event", request_type) => passes(&Value::Text(request_type.event.name())),
                (name, request_type) => {
                    let asked = name.strip_prefix("form.")?;
                    let field = request_type.field.get(asked);
                    // What the form does not ask, or puts elsewhere, is not answered here.
                    if field.is_some_and(|field| field.attribute.is_none()) {
                        return None;
                    }
                    passes(&Value::Absent)
                }
            },
            _ => None,
        }
    }
}

/// What holds for a request type whatever the rules say.
fn own<'a>(request_type: &Entry<RequestType>, given: Option<&str>) -> Line<'a> {
    let mut effect = Effect::of(Ruling::Nothing);
    let steps = serde_json::to_string(&(request_type.event, &request_type.step, given));
    effect.own = Some((false, steps.unwrap_or_default()));
    let required = request_type.field.iter().filter(|(_, field)| field.required);
    effect.answers = required.map(|(id, _)| id.clone()).collect::<BTreeSet<Id>>();
    Line { rule: None, when: When::Always, waivers: Vec::new(), effect: Rc::new(effect) }
}

/// Whether a field must be answered with access, so that there is no request without.
fn asks_for_access(field: &Field) -> bool {
    field.required && field.field_type == FieldType::Entitlement
}

/// Whether a request is about a service that is no longer offered, and not because of access to that service.
fn is_of_gone_service<'a>(service: Option<&'a Entry<Service>>, with: With<'a>) -> bool {
    let covered = match with {
        With::Nothing => false,
        With::Access(offer) => service.is_some_and(|service| service.id == offer.service.id),
    };
    service.is_some_and(|service| not_offered(service).is_some()) && !covered
}
