//! What does not change about an entitlement from one request to the next, found out when it is first asked for.

use std::sync::OnceLock;

use super::{
    Classifier, Reads,
    approvers::Steps,
    bits::Bits,
    table::{Action, Rows},
};
use crate::{
    decide::{access, facts, policy, policy::Offer, service_level::not_offered, value::Value},
    model::{
        Duration, EntitlementRef, Entry,
        access::{AppliesTo, Mode},
        service::Risk,
        sod::Sod,
    },
};

/// What is known about an entitlement.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combinations occur")]
pub(super) struct Known<'a> {
    pub(super) reference: EntitlementRef,
    /// Whether the full engine has to be asked whatever the request is.
    pub(super) ask: bool,
    /// Whether nobody knows which policy is read first.
    pub(super) without_order: bool,
    /// Whether it cannot be asked for at all.
    pub(super) refused: bool,
    /// Whether access needs an end.
    pub(super) needs_end: bool,
    /// Whether it sets one.
    pub(super) ends: bool,
    pub(super) training: bool,
    /// What keeps it apart from other entitlements.
    pub(super) duties: Box<[&'a Entry<Sod>]>,
    /// The rows about it that its own attributes leave.
    pub(super) mask: Box<[u64]>,
    /// The guardrails about it.
    pub(super) guardrails: Box<[usize]>,
    /// The rules of each policy about it, in the order in which they are read.
    pub(super) policies: Box<[std::ops::Range<usize>]>,
    /// The columns that it alone decides, with its class.
    pub(super) fixed: Box<[(usize, usize)]>,
    /// The columns that its rules read, each with whether some row that is left does; those that divide most
    /// come first.
    pub(super) columns: Box<[(usize, bool)]>,
    /// The stages of each workflow.
    pub(super) workflows: Box<[OnceLock<Option<Steps>>]>,
}

/// Rows that belong together, and the columns that are read there.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) rows: std::ops::Range<usize>,
    pub(super) columns: Box<[usize]>,
}

impl Part {
    /// Notes what was added to the rows since they were so many.
    pub(super) fn since(start: usize, rows: &Rows, columns: Vec<usize>) -> Self {
        Self { rows: start..rows.len(), columns: columns.into() }
    }
}

impl<'a> Classifier<'_, 'a> {
    /// What is known about an entitlement.
    pub(super) fn offer(&self, place: u32) -> Option<&Known<'a>> {
        let (offer, slot) = self.offers.get(place as usize)?;
        Some(slot.get_or_init(|| self.find_out(offer)))
    }

    fn find_out(&self, offer: &Offer<'a>) -> Known<'a> {
        let rulebook = self.engine.rulebook();
        let mut rows = Bits::none(self.table.rows());
        let mut reads = Bits::none(self.columns.iter().count());
        let mut take = |part: &Part| {
            part.rows.clone().for_each(|row| rows.add(row));
            part.columns.iter().for_each(|column| reads.add(*column));
        };
        let (mut guardrails, mut policies, mut fixed) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (guardrail, part)) in rulebook.guardrails.iter().zip(&self.guardrail_parts).enumerate() {
            let scope = guardrail.value.applies_to.as_ref().unwrap_or(&AppliesTo::Everything);
            if policy::nearness(rulebook, scope, offer).is_some() {
                guardrails.push(place);
                take(part);
            }
        }
        let order = access::in_order(self.engine, offer);
        let without_order = order.is_err();
        let mut ask = false;
        let mut last = 0;
        for policy in order.into_iter().flatten() {
            match self.policy_parts.get(policy.id.as_str()) {
                // The rows must stand in the order in which this entitlement reads them.
                Some((part, rules)) if part.rows.start >= last => {
                    last = part.rows.end;
                    policies.push(rules.clone());
                    take(part);
                }
                _ => ask = true,
            }
        }
        let mut mask = self.table.mask(&rows);
        let reference = offer.reference();
        let mut columns: Vec<usize> = Vec::new();
        for place in reads.iter() {
            if self.reads.get(place) == Some(&Reads::Offer) {
                let class = self.narrow(offer, &reference, place, &mut mask);
                ask |= !self.is_said(place, class);
                fixed.push((place, class));
            } else {
                columns.push(place);
            }
        }
        columns.sort_by(|one, other| self.table.weight(*other).total_cmp(&self.table.weight(*one)));
        let columns = columns.into_iter().map(|place| (place, self.table.is_read(&mask, place))).collect();
        let longest = offer.entitlement.max_duration;
        ask |= longest.is_some_and(|longest| !is_sane(longest));
        let duties = rulebook.sods.iter().filter(|sod| {
            sod.mode == Mode::Enforce
                && (sod.entitlements.contains(&reference) || sod.against.contains(&reference))
        });
        Known {
            ask,
            without_order,
            refused: not_offered(offer.service).is_some() || !offer.entitlement.requestable,
            needs_end: offer.entitlement.risk > Risk::Low,
            ends: longest.is_some(),
            training: offer.entitlement.training.is_some(),
            duties: duties.collect(),
            mask: mask.into(),
            guardrails: guardrails.into(),
            policies: policies.into(),
            fixed: fixed.into(),
            columns,
            workflows: (0..self.workflows.len()).map(|_| OnceLock::new()).collect(),
            reference,
        }
    }

    /// Keeps the rows that accept what an entitlement is; its class.
    fn narrow(&self, offer: &Offer<'a>, reference: &EntitlementRef, place: usize, mask: &mut [u64]) -> usize {
        let Some(column) = self.columns.get(place) else { return usize::MAX };
        let rulebook = self.engine.rulebook();
        let name = reference.to_string();
        let value: Value<'_> = if &*column.key.namespace == "service" {
            facts::of_service(rulebook, offer.service, &column.test, &column.values)
        } else {
            facts::of_entitlement(rulebook, offer, &name, &column.test, &column.values)
        };
        let class = column.class_of(&value);
        self.table.narrow(mask, place, class);
        class
    }
}

/// Whether a length of time is one that no date is too late for.
pub(super) fn is_sane(duration: Duration) -> bool {
    matches!(duration, Duration::Elapsed { seconds } if (0..LONGEST).contains(&seconds))
}

/// A thousand years, in seconds.
pub(super) const LONGEST: i64 = 1_000 * 366 * 86_400;

/// What a row that is always read does.
pub(super) const ASK: Action = Action::Ask;
