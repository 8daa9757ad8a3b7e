//! Which rules decide about an entitlement in fact, and for which requests.

use crate::{
    decide::{
        policy::{self, Offer},
        space::{BUDGET, Set, Space, Unsure},
        vocabulary::Vocabulary,
    },
    lint::governance::exception::is_in_force,
    model::{
        Entry, Kind, Ref, Rulebook,
        access::{Access, Decision, Mode, Rule},
        condition::Condition,
        exception::Exception,
        guardrail::Guardrail,
        workflow::Workflow,
    },
};

/// A rule in the list of an entitlement.
#[derive(Debug, Clone, Copy)]
pub(in crate::lint) struct Listed<'a> {
    /// The policy.
    pub(in crate::lint) policy: &'a Entry<Access>,
    /// The place in the policy.
    pub(in crate::lint) index: usize,
    /// The rule.
    pub(in crate::lint) rule: &'a Rule,
}

/// The rules and guardrails that can decide about an entitlement, with what is left of their conditions once
/// everything that is known about it is put in. Rules that can never match are left out.
pub(in crate::lint) struct Plan<'a> {
    /// The entitlement.
    pub(in crate::lint) offer: Offer<'a>,
    /// The rules, in order.
    pub(in crate::lint) rules: Vec<(Listed<'a>, Condition)>,
    /// The guardrails.
    pub(in crate::lint) guardrails: Vec<(&'a Entry<Guardrail>, Condition)>,
}

/// What is decided about an entitlement, and for which requests.
pub(in crate::lint) struct Effective<'a> {
    /// The entitlement.
    pub(in crate::lint) offer: Offer<'a>,
    /// The rules that decide some request, in order, with these requests.
    pub(in crate::lint) outcomes: Vec<(Listed<'a>, Set)>,
    /// The requests that no rule decides.
    pub(in crate::lint) default: Set,
    /// The requests for which each guardrail that asks for an approval does so.
    pub(in crate::lint) approvals: Vec<(&'a Ref<Workflow>, Set)>,
    /// The space that all these sets are part of.
    pub(in crate::lint) space: Space<'a>,
}

/// The rules that decide, in the order in which they are read.
pub(in crate::lint) fn listed<'a>(vocabulary: &Vocabulary<'a>, offer: &Offer<'_>) -> Vec<Listed<'a>> {
    let enforced = |listed: &Listed<'_>| listed.rule.mode == Mode::Enforce;
    policy::policies(vocabulary, offer).into_iter().flat_map(rules).filter(enforced).collect()
}

/// The rules of a policy.
pub(in crate::lint) fn rules(policy: &Entry<Access>) -> impl Iterator<Item = Listed<'_>> {
    policy.value.rule.iter().enumerate().map(move |(index, rule)| Listed { policy, index, rule })
}

/// The first rule that is wanted and decides some request for an entitlement; `None` when there is none.
///
/// It is nearly always one of the first that are wanted, so that the rest of a long list is looked at only
/// when they decide nothing.
///
/// # Errors
/// When the conditions make no sense or are too complicated together.
pub(in crate::lint) fn first<'a>(
    vocabulary: &Vocabulary<'a>,
    offer: Offer<'a>,
    wanted: impl Fn(&Listed<'a>) -> bool,
) -> Result<Option<Listed<'a>>, Unsure> {
    let list = listed(vocabulary, &offer);
    let places: Vec<usize> =
        list.iter().enumerate().filter(|(_, listed)| wanted(listed)).map(|(place, _)| place).collect();
    let Some(end) = places.last().copied() else { return Ok(None) };
    let doubling = std::iter::successors(Some(1_usize), |count| count.checked_mul(2));
    let tries = doubling.map_while(|count| places.get(count - 1).copied()).chain([end]);
    for place in tries {
        let part = list.get(..=place).unwrap_or_default().to_vec();
        let effective = reduced(vocabulary, offer, part).decide(vocabulary, &wanted)?;
        let found = effective.outcomes.iter().map(|(listed, _)| *listed).find(&wanted);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// What can decide about an entitlement, given all that is known about it now, as far as the last rule that
/// matters; `None` when none does.
pub(in crate::lint) fn plan<'a>(
    vocabulary: &Vocabulary<'a>,
    offer: Offer<'a>,
    matters: impl Fn(&Listed<'a>) -> bool,
) -> Option<Plan<'a>> {
    let mut list = listed(vocabulary, &offer);
    let end = list.iter().rposition(matters)?;
    list.truncate(end + 1);
    Some(reduced(vocabulary, offer, list))
}

/// Puts in what is known about an entitlement.
pub(in crate::lint) fn reduced<'a>(
    vocabulary: &Vocabulary<'a>,
    offer: Offer<'a>,
    list: Vec<Listed<'a>>,
) -> Plan<'a> {
    let rulebook = vocabulary.rulebook();
    let reduce = |condition: &Condition| policy::for_offer(vocabulary, &offer, condition, false);
    let rules = list
        .into_iter()
        .map(|listed| (listed, reduce(&listed.rule.when)))
        .filter(|(_, when)| !when.is_never())
        .collect();
    let about = |guardrail: &&Entry<Guardrail>| {
        let scope = guardrail.applies_to.as_ref();
        guardrail.mode == Mode::Enforce
            && scope.is_none_or(|scope| policy::nearness(rulebook, scope, &offer).is_some())
    };
    let guardrails = rulebook
        .guardrails
        .iter()
        .filter(about)
        .map(|guardrail| (guardrail, reduce(&guardrail.when)))
        .filter(|(_, when)| !when.is_never())
        .collect();
    Plan { offer, rules, guardrails }
}

impl<'a> Plan<'a> {
    /// Leaves out the guardrails that an exception waives today, and says by which exceptions. An exception for
    /// some people is enough: what they get must be in order without the guardrail.
    pub(in crate::lint) fn leave_out_waived(
        &mut self,
        rulebook: &'a Rulebook,
        today: jiff::civil::Date,
    ) -> Vec<&'a Entry<Exception>> {
        let mut waivers = Vec::new();
        let offer = self.offer;
        self.guardrails.retain(|(guardrail, _)| {
            let waiver = waiver(rulebook, today, &offer, |exception| {
                exception.rule.kind == Kind::Guardrail && exception.rule.id == guardrail.id
            });
            waivers.extend(waiver);
            waiver.is_none()
        });
        waivers
    }

    /// The same without the access rules that an exception waives today; none when none is. For others these
    /// rules hold: the plan with them has to be in order as well.
    pub(in crate::lint) fn without_waived_rules(
        &self,
        rulebook: &'a Rulebook,
        today: jiff::civil::Date,
    ) -> Option<(Self, Vec<&'a Entry<Exception>>)> {
        let mut waivers = Vec::new();
        let mut rules = self.rules.clone();
        rules.retain(|(listed, _)| {
            let waiver = waiver(rulebook, today, &self.offer, |exception| {
                exception.rule.kind == Kind::Access
                    && exception.rule.id == listed.policy.id
                    && exception.rule.part.as_ref() == Some(&listed.rule.id)
            });
            waivers.extend(waiver);
            waiver.is_none()
        });
        let plan = Self { offer: self.offer, rules, guardrails: self.guardrails.clone() };
        (!waivers.is_empty()).then_some((plan, waivers))
    }

    /// Leaves out the rules after the last one that matters; `None` when none does. What the others decide
    /// stays the same.
    pub(in crate::lint) fn up_to(
        mut self,
        matters: impl Fn(&Listed<'a>, &Condition) -> bool,
    ) -> Option<Self> {
        let last = self.rules.iter().rposition(|(listed, when)| matters(listed, when))?;
        self.rules.truncate(last + 1);
        Some(self)
    }

    /// What is decided, as far as the first decision that is `enough` to know.
    ///
    /// # Errors
    /// When the conditions make no sense or are too complicated together.
    pub(in crate::lint) fn decide(
        self,
        vocabulary: &Vocabulary<'a>,
        enough: impl Fn(&Listed<'a>) -> bool,
    ) -> Result<Effective<'a>, Unsure> {
        let conditions = self.rules.iter().map(|(_, when)| when);
        let conditions = conditions.chain(self.guardrails.iter().map(|(_, when)| when));
        let mut space = Space::new(vocabulary, conditions, BUDGET)?;
        let mut left = Set::EVERYTHING;
        let mut approvals = Vec::new();
        for (guardrail, when) in &self.guardrails {
            let set = space.set(when)?;
            if guardrail.deny {
                left = space.minus(left, set)?;
            }
            if let Some(workflow) = &guardrail.value.require_approval {
                approvals.push((workflow, set));
            }
        }
        let mut outcomes = Vec::new();
        for (listed, when) in &self.rules {
            if left.is_empty() {
                break;
            }
            let set = space.set(when)?;
            let decided = space.and(left, set)?;
            if !decided.is_empty() {
                outcomes.push((*listed, decided));
                if enough(listed) {
                    break;
                }
                left = space.minus(left, set)?;
            }
        }
        Ok(Effective { offer: self.offer, outcomes, default: left, approvals, space })
    }
}

/// The exception in force that waives something for an entitlement.
fn waiver<'a>(
    rulebook: &'a Rulebook,
    today: jiff::civil::Date,
    offer: &Offer<'_>,
    waives: impl Fn(&Exception) -> bool,
) -> Option<&'a Entry<Exception>> {
    let reference = offer.reference();
    rulebook.exceptions.iter().find(|exception| {
        waives(exception)
            && (exception.entitlements.is_empty() || exception.entitlements.contains(&reference))
            && is_in_force(exception, today)
    })
}

impl Listed<'_> {
    /// Whether it grants, by rule or by people.
    pub(in crate::lint) fn grants(&self) -> bool {
        self.rule.decision != Decision::Deny
    }
}
