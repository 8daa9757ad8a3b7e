//! The lines that are read about an entitlement, in order, and what each does.

use std::rc::Rc;

use jiff::civil::Date;

use super::{
    apart::are_apart,
    meaning::{Effect, Ruling},
    side::Side,
};
use crate::{
    decide::{
        policy::{self, Offer},
        service_level::not_offered,
    },
    model::{
        Duration, EntitlementRef, Entry, Kind, Ref, Selector,
        access::{Access, AppliesTo, Decision, Mode, Rule},
        condition::{Condition, Literal, Operator, Test},
        guardrail::Guardrail,
        service::Risk,
        settings::DefaultDecision,
        sod::SodDecision,
        workflow::Evidence,
    },
};

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
    pub(super) effect: Rc<Effect>,
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

/// Which lines are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which<'w, 'a> {
    /// Those that can apply to a request for the entitlement.
    Possible,
    /// Of the rules of policies only those of them that can apply together with one of these conditions.
    With(&'w [&'a Condition]),
    /// All of them, to hold the others against.
    #[cfg(test)]
    All,
}

impl Lines<'_> {
    /// The lines about something that there is not.
    pub(super) fn none() -> Self {
        Self { all: vec![nothing()], unordered: 0 }
    }
}

impl<'a> Lines<'a> {
    /// A condition, for a space that has to tell apart whom it is about.
    pub(super) fn when(condition: &'a Condition) -> Self {
        Self { all: vec![Line { when: When::Holds(condition), ..nothing() }], unordered: 0 }
    }
}

#[cfg(test)]
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
    /// Whether something cannot be asked for at all, not even with a bundle that holds it.
    pub(super) fn is_refused(&self, offer: &Offer<'_>) -> bool {
        let reference = offer.reference();
        let mut bundles = self.engine.rulebook().bundles.iter();
        not_offered(offer.service).is_some()
            || (!offer.entitlement.requestable
                && !bundles.any(|bundle| bundle.value.entitlements.contains(&reference)))
    }

    /// The lines that are read about an entitlement. The guardrails and duties come first; the first line
    /// that decides ends it.
    pub(super) fn lines(&self, offer: &Offer<'a>, which: Which<'_, 'a>) -> Lines<'a> {
        if self.is_refused(offer) {
            return Lines::none();
        }
        let mut lines = vec![own(offer)];
        for guardrail in self.guardrails(offer) {
            lines.extend(self.guardrail(guardrail, offer, which));
        }
        self.duty_lines(offer, &mut lines);
        let unordered = lines.len();
        let own = offer.reference();
        for policy in policy::policies(self.engine.vocabulary(), offer) {
            match which {
                Which::Possible | Which::With(_) => lines.extend(
                    self.index(policy)
                        .about(offer)
                        .filter(|rule| self.can_hold(&rule.when, offer) && self.matters(&rule.when, which))
                        .map(|rule| self.rule(policy, rule, offer, &own)),
                ),
                #[cfg(test)]
                Which::All => {
                    let rules = policy.value.rule.iter().filter(|rule| rule.mode == Mode::Enforce);
                    lines.extend(rules.map(|rule| self.rule(policy, rule, offer, &own)));
                }
            }
        }
        lines.push(self.by_default(offer));
        Lines { all: lines, unordered }
    }

    /// The lines that are read about something that comes with a bundle which holds all of these: what must not be held
    /// together is held together by whoever gets the bundle.
    pub(super) fn birthright(&self, offer: &Offer<'a>, all: &[EntitlementRef]) -> Lines<'a> {
        let mut lines = self.lines(offer, Which::Possible);
        let own = offer.reference();
        let together: Vec<When<'a>> =
            all.iter().filter(|other| **other != own).map(|other| When::Made(held(other))).collect();
        let is_duty = |line: &&mut Line<'a>| line.rule.as_ref().is_some_and(|rule| rule.kind == Kind::Sod);
        for line in lines.all.iter_mut().filter(is_duty) {
            if together.contains(&line.when) {
                line.when = When::Always;
            }
        }
        lines
    }

    /// The guardrails that are about an entitlement.
    pub(super) fn guardrails(&self, offer: &Offer<'a>) -> impl Iterator<Item = &'a Entry<Guardrail>> {
        let rulebook = self.engine.rulebook();
        rulebook.guardrails.iter().filter(|guardrail| guardrail.mode == Mode::Enforce).filter(
            move |guardrail| {
                let scope = guardrail.value.applies_to.as_ref().unwrap_or(&AppliesTo::Everything);
                policy::nearness(rulebook, scope, offer).is_some()
            },
        )
    }

    /// Whether a condition can hold for a request for an entitlement, by what is known about that.
    pub(super) fn can_hold(&self, condition: &Condition, offer: &Offer<'a>) -> bool {
        policy::known(condition, &|test| policy::answer(self.engine.vocabulary(), offer, test)) != Some(false)
    }

    /// Whether a rule can apply together with what it is wanted for.
    fn matters(&self, condition: &Condition, which: Which<'_, 'a>) -> bool {
        let Which::With(conditions) = which else { return true };
        conditions.iter().any(|wanted| !are_apart(self.engine.vocabulary(), condition, wanted))
    }

    fn guardrail(
        &self,
        guardrail: &'a Entry<Guardrail>,
        offer: &Offer<'a>,
        which: Which<'_, 'a>,
    ) -> Option<Line<'a>> {
        let all = match which {
            Which::Possible | Which::With(_) => false,
            #[cfg(test)]
            Which::All => true,
        };
        if !all && !self.can_hold(&guardrail.value.when, offer) {
            return None;
        }
        let selector = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
        let mut effect = Effect::of(if guardrail.deny { Ruling::Deny } else { Ruling::Nothing });
        if let Some(workflow) = &guardrail.value.require_approval {
            effect.panels.clone_from(&self.ask(workflow, offer).panels);
            if effect.panels.is_empty() {
                effect.ruling = Ruling::Deny;
            }
        }
        cap(&mut effect, guardrail.max_duration);
        effect.evidence.extend(&guardrail.value.require);
        let waivers = self.waivers(&selector, &[&offer.reference()]);
        let when = When::Holds(&guardrail.value.when);
        Some(Line { rule: Some(selector), when, waivers, effect: Rc::new(effect) })
    }

    /// Duties that are kept apart: conditions on what the beneficiary holds, has asked for or asks for with it.
    fn duty_lines(&self, offer: &Offer<'a>, lines: &mut Vec<Line<'a>>) {
        let own = offer.reference();
        for sod in self.duties_of(&own) {
            let others = sod.value.entitlements.iter().chain(&sod.value.against);
            let others: Vec<&EntitlementRef> = others.filter(|other| sod.conflicts(&own, other)).collect();
            let selector = Selector { kind: Kind::Sod, id: sod.id.clone(), part: None };
            let effect = match &sod.value.decision {
                SodDecision::Deny => Effect::of(Ruling::Deny),
                SodDecision::Workflow(workflow) => {
                    let mut effect = Effect::clone(&self.ask(workflow, offer));
                    if effect.ruling == Ruling::Ask {
                        effect.ruling = Ruling::Nothing;
                    }
                    effect
                }
            };
            let effect = Rc::new(effect);
            for other in others {
                lines.push(Line {
                    rule: Some(selector.clone()),
                    when: When::Made(held(other)),
                    waivers: self.waivers(&selector, &[&own, other]),
                    effect: Rc::clone(&effect),
                });
            }
        }
    }

    fn rule(
        &self,
        policy: &'a Entry<Access>,
        rule: &'a Rule,
        offer: &Offer<'a>,
        own: &EntitlementRef,
    ) -> Line<'a> {
        let selector = Selector { kind: Kind::Access, id: policy.id.clone(), part: Some(rule.id.clone()) };
        let workflow = match &rule.decision {
            Decision::Workflow(workflow) => Some(workflow),
            Decision::AutoApprove | Decision::Deny => None,
        };
        let effect = self.ruled(rule, workflow, offer, || {
            let mut effect = match &rule.decision {
                Decision::AutoApprove => Effect::of(Ruling::Approve),
                Decision::Deny => return Effect::of(Ruling::Deny),
                Decision::Workflow(workflow) => Effect::clone(&self.ask(workflow, offer)),
            };
            cap(&mut effect, rule.max_duration);
            effect.evidence.extend(&rule.require);
            effect
        });
        let waivers = self.waivers(&selector, &[own]);
        Line { rule: Some(selector), when: When::Holds(&rule.when), waivers, effect }
    }

    fn by_default(&self, offer: &Offer<'a>) -> Line<'a> {
        let effect = match &self.engine.rulebook().settings.decision.default {
            DefaultDecision::Deny => Rc::new(Effect::of(Ruling::Deny)),
            DefaultDecision::Workflow(workflow) => self.ask(workflow, offer),
        };
        Line { rule: None, when: When::Always, waivers: Vec::new(), effect }
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
    Line { rule: None, when: When::Always, waivers: Vec::new(), effect: Rc::new(effect) }
}

/// The only line about something that there is not.
fn nothing<'a>() -> Line<'a> {
    Line { rule: None, when: When::Always, waivers: Vec::new(), effect: Rc::new(Effect::of(Ruling::Deny)) }
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
    Condition::Test(Test {
        namespace: namespace.into(),
        name: name.into(),
        operator,
        operands,
        key: place,
        place,
    })
}
