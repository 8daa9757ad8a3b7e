//! Which rules decide about an entitlement in fact, and for which requests.

use crate::{
    decide::{
        policy::{self, Offer},
        space::{BUDGET, Set, Space, Unsure},
        vocabulary::Vocabulary,
    },
    model::{
        Entry, Ref, Rulebook,
        access::{Access, Decision, Mode, Rule},
        condition::Condition,
        guardrail::Guardrail,
        settings::DefaultDecision,
        workflow::Workflow,
    },
};

/// A rule in the list of an entitlement.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    /// The policy.
    pub(super) policy: &'a Entry<Access>,
    /// The place in the policy.
    pub(super) index: usize,
    /// The rule.
    pub(super) rule: &'a Rule,
}

/// What is decided about an entitlement, and for which requests.
pub(super) struct Effective<'a> {
    /// The entitlement.
    pub(super) offer: Offer<'a>,
    /// The rules that decide some request, in order, with these requests.
    pub(super) outcomes: Vec<(Listed<'a>, Set)>,
    /// The requests that no rule decides.
    pub(super) default: Set,
    /// The requests for which each guardrail that asks for an approval does so.
    pub(super) approvals: Vec<(&'a Entry<Guardrail>, &'a Ref<Workflow>, Set)>,
    /// Whether a policy is about it at all.
    pub(super) has_policy: bool,
    /// The space that all these sets are part of.
    pub(super) space: Space<'a>,
}

/// The rules that decide, in the order in which they are read.
pub(super) fn listed<'a>(rulebook: &'a Rulebook, offer: &Offer<'_>) -> Vec<Listed<'a>> {
    let enforced = |listed: &Listed<'_>| listed.rule.mode == Mode::Enforce;
    policy::policies(rulebook, offer).into_iter().flat_map(rules).filter(enforced).collect()
}

/// The rules of a policy.
pub(super) fn rules(policy: &Entry<Access>) -> impl Iterator<Item = Listed<'_>> {
    policy.value.rule.iter().enumerate().map(move |(index, rule)| Listed { policy, index, rule })
}

/// What is decided about an entitlement, given all that is known about it now.
pub(super) fn effective<'a>(vocabulary: &Vocabulary<'a>, offer: Offer<'a>) -> Result<Effective<'a>, Unsure> {
    let rulebook = vocabulary.rulebook();
    let rules = listed(rulebook, &offer);
    let guardrails: Vec<&Entry<Guardrail>> = rulebook
        .guardrails
        .iter()
        .filter(|guardrail| guardrail.mode == Mode::Enforce)
        .filter(|guardrail| {
            let scope = guardrail.applies_to.as_ref();
            scope.is_none_or(|scope| policy::nearness(rulebook, scope, &offer).is_some())
        })
        .collect();
    let reduce = |condition: &Condition| policy::for_offer(vocabulary, &offer, condition, false);
    let when_rules: Vec<Condition> = rules.iter().map(|listed| reduce(&listed.rule.when)).collect();
    let when_guardrails: Vec<Condition> =
        guardrails.iter().map(|guardrail| reduce(&guardrail.when)).collect();
    let mut space = Space::new(vocabulary, when_rules.iter().chain(&when_guardrails), BUDGET)?;
    let mut left = Set::EVERYTHING;
    let mut approvals = Vec::new();
    for (guardrail, when) in guardrails.iter().zip(&when_guardrails) {
        let set = space.set(when)?;
        if guardrail.deny {
            left = space.minus(left, set)?;
        }
        if let Some(workflow) = guardrail.value.require_approval.as_ref().filter(|_| !set.is_empty()) {
            approvals.push((*guardrail, workflow, set));
        }
    }
    let mut outcomes = Vec::new();
    for (listed, when) in rules.iter().zip(&when_rules) {
        if left.is_empty() {
            break;
        }
        let set = space.set(when)?;
        let decided = space.and(left, set)?;
        if !decided.is_empty() {
            outcomes.push((*listed, decided));
            left = space.minus(left, set)?;
        }
    }
    let has_policy = !policy::policies(rulebook, &offer).is_empty();
    Ok(Effective { offer, outcomes, default: left, approvals, has_policy, space })
}

impl Effective<'_> {
    /// Whether any request can be granted, by a rule or by people.
    pub(super) fn can_be_granted(&self, default: &DefaultDecision) -> bool {
        let by_rule = self.outcomes.iter().any(|(listed, _)| listed.rule.decision != Decision::Deny);
        by_rule || (!self.default.is_empty() && *default != DefaultDecision::Deny)
    }
}
