//! One of the two rulebooks: the lines that are read about an entitlement, in order, and what each does.

use std::{cell::RefCell, collections::HashMap};

use jiff::{Timestamp, civil::Date};

use super::{
    meaning::{Effect, Ruling},
    panels::panels,
};
use crate::{
    decide::{
        engine::Engine,
        policy::{self, Offer},
        principals::owners_of_account,
        undecidable::Undecidable,
    },
    model::{
        Duration, EntitlementRef, Entry, Kind, Ref, Selector,
        access::{AppliesTo, Decision, Mode, Rule},
        condition::{Condition, Literal, Operator, Test},
        exception::Exception,
        service::{Lifecycle, Risk},
        settings::DefaultDecision,
        sod::SodDecision,
        workflow::{Evidence, Workflow},
    },
};

/// One of the two rulebooks that are compared.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) instant: Timestamp,
    today: Date,
    /// What workflows come to, by workflow and by what answers differently for each entitlement.
    asked: RefCell<HashMap<(&'a str, Option<EntitlementRef>), Effect>>,
    /// The exceptions in force by what they waive.
    exceptions: Vec<&'a Entry<Exception>>,
}

/// The lines that are read about one entitlement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lines<'a> {
    /// All of them.
    pub(super) all: Vec<Line<'a>>,
    /// How many of them, from the first on, apply whatever their order is.
    pub(super) unordered: usize,
}

/// A line of the rules about one entitlement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line<'a> {
    /// What it is; none for what the project decides by default, and for the entitlement itself.
    pub(super) rule: Option<Selector>,
    /// When it applies.
    pub(super) when: When<'a>,
    /// For whom an exception waives it.
    pub(super) waivers: Vec<Waiver<'a>>,
    /// What it does.
    pub(super) effect: Effect,
}

/// When a line applies.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum When<'a> {
    /// Always.
    Always,
    /// When a condition holds.
    Holds(&'a Condition),
    /// When a condition holds that is made from other data than conditions.
    Made(Condition),
}

/// Somebody for whom an exception waives a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waiver<'a> {
    /// For whom: everybody where it names nobody.
    pub(super) people: &'a [Ref<crate::model::person::Person>],
    /// For whom not, and not where they ask: those who agreed to it, and the accounts that they answer for.
    pub(super) except: Vec<&'a str>,
    /// The last day.
    pub(super) until: Date,
}

impl Lines<'_> {
    /// The lines about something that there is not.
    pub(super) fn none() -> Self {
        Self { all: vec![nothing()], unordered: 0 }
    }
}

impl When<'_> {
    /// The condition; none for what applies always.
    pub(super) const fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Always => None,
            Self::Holds(condition) => Some(condition),
            Self::Made(condition) => Some(condition),
        }
    }
}

impl Waiver<'_> {
    /// For whom it is, and for whom and at whose request it is not.
    pub(super) fn conditions(&self) -> (Option<Condition>, [Condition; 2]) {
        let people = self.people.iter().map(Ref::as_str);
        let except = |namespace| is_one_of(namespace, self.except.iter().copied());
        let named = (!self.people.is_empty()).then(|| is_one_of("subject", people));
        (named, [except("subject"), except("requester")])
    }
}

impl<'a> Side<'a> {
    pub(super) fn new(engine: Engine<'a>, instant: Timestamp) -> Self {
        let today = engine.date(instant);
        let in_force = |exception: &&Entry<Exception>| {
            exception.from.is_none_or(|from| from.0 <= today)
                && exception.expires.is_some_and(|expires| today <= expires.0)
        };
        let exceptions = engine.rulebook().exceptions.iter().filter(in_force).collect();
        Self { engine, instant, today, asked: RefCell::default(), exceptions }
    }

    /// The lines that are read about an entitlement. The guardrails and duties come first; the first line
    /// that decides ends it.
    pub(super) fn lines(&self, offer: &Offer<'a>) -> Lines<'a> {
        if let Some(refused) = refused(offer) {
            return Lines { all: vec![refused], unordered: 0 };
        }
        let mut lines = vec![own(offer)];
        self.guardrails(offer, &mut lines);
        self.duties(offer, &mut lines);
        let unordered = lines.len();
        for policy in policy::policies(self.engine.vocabulary(), offer) {
            for rule in policy.value.rule.iter().filter(|rule| rule.mode == Mode::Enforce) {
                let selector =
                    Selector { kind: Kind::Access, id: policy.id.clone(), part: Some(rule.id.clone()) };
                let waivers = self.waivers(&selector, &[&offer.reference()]);
                lines.push(Line {
                    when: When::Holds(&rule.when),
                    effect: self.rule(rule, offer),
                    rule: Some(selector),
                    waivers,
                });
            }
        }
        lines.push(self.by_default(offer));
        Lines { all: lines, unordered }
    }

    fn guardrails(&self, offer: &Offer<'a>, lines: &mut Vec<Line<'a>>) {
        let rulebook = self.engine.rulebook();
        for guardrail in rulebook.guardrails.iter().filter(|guardrail| guardrail.mode == Mode::Enforce) {
            let scope = guardrail.value.applies_to.as_ref().unwrap_or(&AppliesTo::Everything);
            if policy::nearness(rulebook, scope, offer).is_none() {
                continue;
            }
            let selector = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
            let mut effect = Effect::of(if guardrail.deny { Ruling::Deny } else { Ruling::Nothing });
            if let Some(workflow) = &guardrail.value.require_approval {
                effect.panels = self.ask(workflow, offer).panels;
                if effect.panels.is_empty() {
                    effect.ruling = Ruling::Deny;
                }
            }
            cap(&mut effect, guardrail.max_duration);
            effect.evidence.extend(&guardrail.value.require);
            let waivers = self.waivers(&selector, &[&offer.reference()]);
            lines.push(Line {
                rule: Some(selector),
                when: When::Holds(&guardrail.value.when),
                waivers,
                effect,
            });
        }
    }

    /// Duties that are kept apart: conditions on what the beneficiary holds, has asked for or asks for with it.
    fn duties(&self, offer: &Offer<'a>, lines: &mut Vec<Line<'a>>) {
        let own = offer.reference();
        for sod in self.engine.rulebook().sods.iter().filter(|sod| sod.mode == Mode::Enforce) {
            let others: Vec<&EntitlementRef> = sod
                .value
                .entitlements
                .iter()
                .chain(&sod.value.against)
                .filter(|other| sod.conflicts(&own, other))
                .collect();
            let selector = Selector { kind: Kind::Sod, id: sod.id.clone(), part: None };
            let effect = match &sod.value.decision {
                SodDecision::Deny => Effect::of(Ruling::Deny),
                SodDecision::Workflow(workflow) => {
                    let mut effect = self.ask(workflow, offer);
                    if effect.ruling == Ruling::Ask {
                        effect.ruling = Ruling::Nothing;
                    }
                    effect
                }
            };
            for other in others {
                lines.push(Line {
                    rule: Some(selector.clone()),
                    when: When::Made(held(other)),
                    waivers: self.waivers(&selector, &[&own, other]),
                    effect: effect.clone(),
                });
            }
        }
    }

    fn rule(&self, rule: &'a Rule, offer: &Offer<'a>) -> Effect {
        let mut effect = match &rule.decision {
            Decision::AutoApprove => Effect::of(Ruling::Approve),
            Decision::Deny => return Effect::of(Ruling::Deny),
            Decision::Workflow(workflow) => self.ask(workflow, offer),
        };
        cap(&mut effect, rule.max_duration);
        effect.evidence.extend(&rule.require);
        effect
    }

    fn by_default(&self, offer: &Offer<'a>) -> Line<'a> {
        let effect = match &self.engine.rulebook().settings.decision.default {
            DefaultDecision::Deny => Effect::of(Ruling::Deny),
            DefaultDecision::Workflow(workflow) => self.ask(workflow, offer),
        };
        Line { rule: None, when: When::Always, waivers: Vec::new(), effect }
    }

    /// What asking the people of a workflow comes to. Where it cannot be said who they are, nobody can agree.
    pub(super) fn ask(&self, workflow: &'a Ref<Workflow>, offer: &Offer<'a>) -> Effect {
        let key = (workflow.as_str(), Some(offer.reference()));
        if let Some(known) = self.asked.borrow().get(&key) {
            return known.clone();
        }
        let found = self.engine.rulebook().workflows.get(workflow.as_str());
        let panels = found.and_then(|found| self.panels_of(found, offer).ok());
        let effect = match (found, panels) {
            (Some(found), Some(panels)) if !panels.is_empty() => {
                let mut effect = Effect::of(Ruling::Ask);
                let placed = panels.into_iter().enumerate();
                effect.panels = placed.map(|(index, panel)| (found.id.clone(), index, panel)).collect();
                effect
            }
            _ => Effect::of(Ruling::Deny),
        };
        self.asked.borrow_mut().insert(key, effect.clone());
        effect
    }

    fn panels_of(
        &self,
        workflow: &'a Entry<Workflow>,
        offer: &Offer<'a>,
    ) -> Result<Vec<super::meaning::Panel>, Undecidable> {
        panels(&self.engine, workflow, Some(*offer), self.instant)
    }

    /// The exceptions in force that waive a rule for requests for these entitlements.
    fn waivers(&self, rule: &Selector, about: &[&EntitlementRef]) -> Vec<Waiver<'a>> {
        let rulebook = self.engine.rulebook();
        let mut found = Vec::new();
        for exception in &self.exceptions {
            let whole = exception.rule.kind == rule.kind && exception.rule.id == rule.id;
            let same = whole && (exception.rule.part.is_none() || exception.rule.part == rule.part);
            let listed = |entitlement: &&EntitlementRef| exception.entitlements.contains(entitlement);
            let for_these = exception.entitlements.is_empty() || about.iter().all(listed);
            let agreed = exception.approved_by.as_ref().and_then(|by| rulebook.people.get(by.as_str()));
            let (Some(by), Some(expires)) = (agreed.filter(|by| by.employment.is_human()), exception.expires)
            else {
                continue;
            };
            if !same || !for_these {
                continue;
            }
            let owned = rulebook.people.iter().filter(|account| {
                !account.employment.is_human()
                    && owners_of_account(rulebook, account).contains(&by.id.as_str())
            });
            let except = std::iter::once(by).chain(owned).map(|person| person.id.as_str()).collect();
            found.push(Waiver { people: &exception.value.people, except, until: expires.0 });
        }
        found
    }

    /// The day on which both are looked at, in the zone of this one.
    pub(super) const fn today(&self) -> Date {
        self.today
    }
}

/// What holds for the entitlement whatever the rules say.
fn own<'a>(offer: &Offer<'a>) -> Line<'a> {
    let entitlement = offer.entitlement;
    let gives = serde_json::to_string(&(
        &entitlement.role,
        &entitlement.licence_tier,
        &entitlement.groups,
        entitlement.environment,
        &entitlement.provision,
        &entitlement.remove,
    ));
    let mut effect = Effect::of(Ruling::Nothing);
    effect.own = Some((entitlement.risk > Risk::Low, gives.unwrap_or_default()));
    effect.evidence.extend(entitlement.training.as_ref().map(|_| Evidence::Training));
    cap(&mut effect, entitlement.max_duration);
    Line { rule: None, when: When::Always, waivers: Vec::new(), effect }
}

/// The line of something that cannot be asked for at all.
fn refused<'a>(offer: &Offer<'a>) -> Option<Line<'a>> {
    let lifecycle = offer.service.lifecycle.unwrap_or(Lifecycle::Proposed);
    let gone =
        matches!(lifecycle, Lifecycle::Retired | Lifecycle::Proposed) || !offer.entitlement.requestable;
    gone.then(nothing)
}

/// The only line about something that there is not.
fn nothing<'a>() -> Line<'a> {
    Line { rule: None, when: When::Always, waivers: Vec::new(), effect: Effect::of(Ruling::Deny) }
}

/// Limits what an effect gives. Business days are no fixed time, so nothing is granted for them.
fn cap(effect: &mut Effect, longest: Option<Duration>) {
    match longest {
        Some(Duration::Elapsed { seconds }) => effect.longest = Some(seconds),
        Some(Duration::BusinessDays { .. }) => effect.ruling = Ruling::Deny,
        None => {}
    }
}

/// The condition that somebody holds something.
fn held(entitlement: &EntitlementRef) -> Condition {
    test("grants", "entitlements", Operator::Contains, vec![Literal::Text(entitlement.to_string().into())])
}

/// The condition that an id is one of some.
fn is_one_of<'p>(namespace: &str, ids: impl Iterator<Item = &'p str>) -> Condition {
    test(namespace, "id", Operator::In, ids.map(|id| Literal::Text(id.into())).collect())
}

fn test(namespace: &str, name: &str, operator: Operator, operands: Vec<Literal>) -> Condition {
    let place = crate::diag::Place::default();
    Condition::Test(Test { namespace: namespace.into(), name: name.into(), operator, operands, place })
}
