//! Coverage: what no scenario reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::scenario::Outcome;
use crate::{
    decide::{decision, policy::offers},
    model::{EntitlementRef, Kind, Location, Rulebook, Selector},
};

/// What scenarios reach, and what they do not.
#[derive(Debug)]
pub struct Coverage {
    /// Every rule with how it was reached, in the order of kinds and ids; rules of a policy in their order.
    pub rules: Vec<Reached>,
    /// Entitlements that no scenario asks for.
    pub entitlements: Vec<EntitlementRef>,
    /// How many entitlements can be asked for.
    pub of_entitlements: usize,
}

/// A rule and how scenarios reached it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The rule.
    pub rule: Selector,
    /// Where it was written.
    pub at: Location,
    /// How many scenarios it matched in.
    pub matched: usize,
    /// How many it was considered in and did not match.
    pub passed_over: usize,
    /// Whether it has a condition; without one it is never passed over.
    pub conditional: bool,
}

impl Reached {
    /// Whether it matched in no scenario.
    #[must_use]
    pub const fn is_unreached(&self) -> bool {
        self.matched == 0
    }

    /// Whether no scenario shows a request that is just not meant by it.
    #[must_use]
    pub const fn is_never_passed_over(&self) -> bool {
        self.conditional && self.passed_over == 0
    }
}

impl Coverage {
    /// How many rules are reached both ways, as far as they can be.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.rules.iter().filter(|rule| !rule.is_unreached() && !rule.is_never_passed_over()).count()
    }
}

/// Looks at what the outcomes of scenarios reached.
#[must_use]
pub fn coverage(rulebook: &Rulebook, outcomes: &[Outcome<'_>]) -> Coverage {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut asked: BTreeSet<EntitlementRef> = BTreeSet::new();
    for outcome in outcomes {
        asked.extend(outcome.decision.asks_for.iter().cloned());
        // A scenario counts once for each rule, however many things it asks for.
        let mut seen: BTreeMap<String, (bool, bool)> = BTreeMap::new();
        for considered in outcome.decision.considered() {
            let (matched, passed_over) = seen.entry(considered.rule.to_string()).or_default();
            match considered.outcome {
                decision::Outcome::NotMatched => *passed_over = true,
                decision::Outcome::Matched | decision::Outcome::Waived(_) => *matched = true,
            }
        }
        for (rule, (matched, passed_over)) in seen {
            let count = counts.entry(rule).or_default();
            count.0 += usize::from(matched);
            count.1 += usize::from(passed_over);
        }
    }
    let reached = |(rule, at, conditional): (Selector, Location, bool)| {
        let (matched, passed_over) = counts.get(&rule.to_string()).copied().unwrap_or_default();
        Reached { rule, at, matched, passed_over, conditional }
    };
    let requestable: Vec<EntitlementRef> = offers(rulebook)
        .filter(|offer| offer.entitlement.requestable)
        .map(|offer| offer.reference())
        .collect();
    Coverage {
        rules: rules(rulebook).into_iter().map(reached).collect(),
        of_entitlements: requestable.len(),
        entitlements: requestable.into_iter().filter(|reference| !asked.contains(reference)).collect(),
    }
}

/// Every rule that decides about requests, where it was written, and whether it has a condition.
#[must_use]
pub fn rules(rulebook: &Rulebook) -> Vec<(Selector, Location, bool)> {
    let mut rules = Vec::new();
    for policy in &rulebook.access {
        for (index, rule) in policy.value.rule.iter().enumerate() {
            let selector =
                Selector { kind: Kind::Access, id: policy.id.clone(), part: Some(rule.id.clone()) };
            rules.push((selector, policy.at(format!("/rule/{index}")), !rule.when.is_always()));
        }
    }
    for guardrail in &rulebook.guardrails {
        let selector = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
        rules.push((selector, guardrail.at(""), !guardrail.value.when.is_always()));
    }
    for sod in &rulebook.sods {
        let selector = Selector { kind: Kind::Sod, id: sod.id.clone(), part: None };
        rules.push((selector, sod.at(""), true));
    }
    for request_type in &rulebook.request_types {
        let selector = Selector { kind: Kind::RequestType, id: request_type.id.clone(), part: None };
        let conditional = request_type.available_when.as_ref().is_some_and(|when| !when.is_always());
        rules.push((selector, request_type.at(""), conditional));
    }
    rules
}
