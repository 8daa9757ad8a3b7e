//! What is read about an entitlement on both sides, held against each other as it was written.
//!
//! Of thousands of entitlements a change is about a few. Those about which the same policies, guardrails and duties
//! are read are looked at together: the rules that differ are found once, and an entitlement about which none of
//! them can be is left out before anything is made for it. What is left out is surely decided as before; what is
//! not left out may be as well.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::side::{Depends, Side};
use crate::{
    decide::policy::{self, Offer},
    model::{
        EntitlementRef, Entry, Id, Kind, Objects, Ref, Selector,
        access::{Access, Decision, Mode, Rule},
        category::Category,
        condition::Condition,
        guardrail::Guardrail,
        settings::DefaultDecision,
        sod::{Sod, SodDecision},
        workflow::Workflow,
    },
};

/// Finds the entitlements about which both sides read the same.
pub(super) struct Readings<'s, 'a> {
    sides: &'s [Side<'a>; 2],
    /// Whether the attributes that the project declares are the same.
    same_attributes: bool,
    /// Whether a service is the same on both sides.
    services: HashMap<&'a str, bool>,
    /// The rules that other exceptions waive.
    waived: Vec<&'a Selector>,
    workflows: HashMap<&'a str, Asking>,
    groups: HashMap<Read, Rc<Group<'a>>>,
}

/// Whether a workflow asks the same people on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Same,
    Other,
    /// That depends on what is asked for.
    Depends,
}

/// The policies and guardrails that are read about an entitlement, in order, on both sides.
type Read = [(Vec<*const Entry<Access>>, Vec<*const Entry<Guardrail>>); 2];

/// For which requests for an entitlement what is read may differ between both sides.
#[derive(Debug, Clone)]
pub(super) enum Differ<'a> {
    /// For none.
    Nowhere,
    /// For those for which one of these holds; the rules that only one side has are about them.
    Where(Vec<&'a Condition>),
    /// That is not known.
    Anywhere,
}

/// Entitlements about which the same is read.
#[derive(Debug, Default)]
struct Group<'a> {
    /// When the lines hold that only one side has.
    differing: [Vec<&'a Condition>; 2],
    /// The workflows of lines that both have, whose people depend on what is asked for.
    asks: Vec<&'a Ref<Workflow>>,
    /// Whether both decide the same by default.
    same_default: bool,
}

/// A rule of a policy, by its names.
type Placed<'a> = ((&'a str, &'a str), &'a Rule);

impl<'s, 'a> Readings<'s, 'a> {
    pub(super) fn new(sides: &'s [Side<'a>; 2]) -> Self {
        let [old, new] = sides;
        let attributes = |side: &Side<'a>| &side.engine.rulebook().settings.attribute;
        let mut waived = waived_only_by(old, new);
        waived.extend(waived_only_by(new, old));
        Self {
            sides,
            same_attributes: attributes(old) == attributes(new) && same_answers(old, new),
            services: HashMap::new(),
            waived,
            workflows: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    /// Whether an entitlement is surely decided alike on both sides.
    pub(super) fn are_same(&mut self, offers: &[Option<Offer<'a>>; 2]) -> bool {
        matches!(self.differ(offers), Differ::Nowhere)
    }

    /// For which requests for an entitlement what is read may differ between both sides.
    pub(super) fn differ(&mut self, offers: &[Option<Offer<'a>>; 2]) -> Differ<'a> {
        let [Some(old), Some(new)] = offers else { return Differ::Anywhere };
        if !self.same_attributes || !self.is_same_service(old, new) {
            return Differ::Anywhere;
        }
        let [of_old, of_new] = self.sides;
        if of_old.is_refused(old) && of_new.is_refused(new) {
            return Differ::Nowhere;
        }
        let group = self.group(old, new);
        let same_elsewhere = group.same_default
            && group.asks.iter().all(|workflow| of_old.ask(workflow, old) == of_new.ask(workflow, new))
            && self.are_same_duties(old, new);
        if !same_elsewhere {
            return Differ::Anywhere;
        }
        let [only_old, only_new] = &group.differing;
        let only_old = only_old.iter().filter(|condition| of_old.can_hold(condition, old));
        let only_new = only_new.iter().filter(|condition| of_new.can_hold(condition, new));
        let conditions: Vec<&Condition> = only_old.chain(only_new).copied().collect();
        if conditions.is_empty() { Differ::Nowhere } else { Differ::Where(conditions) }
    }

    /// Whether a service and its entitlements are the same, as far as a rule can read.
    fn is_same_service(&mut self, old: &Offer<'a>, new: &Offer<'a>) -> bool {
        let [of_old, of_new] = self.sides.each_ref().map(|side| side.engine.rulebook());
        *self.services.entry(old.service.id.as_str()).or_insert_with(|| {
            let function = |categories: &'a Objects<Category>, offer: &Offer<'a>| {
                let category = offer.service.category.as_ref();
                category.and_then(|id| categories.get(id.as_str())).map(|found| found.value.function)
            };
            old.service.value == new.service.value
                && function(&of_old.categories, old) == function(&of_new.categories, new)
        })
    }

    fn are_same_duties(&mut self, old: &Offer<'a>, new: &Offer<'a>) -> bool {
        let own: EntitlementRef = old.reference();
        let [of_old, of_new] = self.sides;
        let (before, after) = (of_old.duties_of(&own), of_new.duties_of(&own));
        before.len() == after.len()
            && before.iter().zip(after).all(|(one, other)| self.is_same_duty(one, other, old, new))
    }

    fn is_same_duty(
        &mut self,
        one: &'a Entry<Sod>,
        other: &'a Entry<Sod>,
        old: &Offer<'a>,
        new: &Offer<'a>,
    ) -> bool {
        let asks = |this: &mut Self| match &one.value.decision {
            SodDecision::Deny => true,
            SodDecision::Workflow(workflow) => match this.asking(workflow, old, new) {
                Asking::Same => true,
                Asking::Other => false,
                Asking::Depends => {
                    let [of_old, of_new] = this.sides;
                    of_old.ask(workflow, old) == of_new.ask(workflow, new)
                }
            },
        };
        one.id == other.id
            && one.value.entitlements == other.value.entitlements
            && one.value.against == other.value.against
            && one.value.decision == other.value.decision
            && !self.is_waived_otherwise(Kind::Sod, one.id.as_str(), None)
            && asks(self)
    }

    fn is_waived_otherwise(&self, kind: Kind, id: &str, part: Option<&Id>) -> bool {
        self.waived.iter().any(|waived| {
            let whole = waived.kind == kind && waived.id.as_str() == id;
            whole && (waived.part.is_none() || waived.part.as_ref() == part)
        })
    }

    /// Whether a workflow asks the same people, on both sides of an entitlement.
    fn asking(&mut self, workflow: &'a Ref<Workflow>, old: &Offer<'a>, new: &Offer<'a>) -> Asking {
        if let Some(known) = self.workflows.get(workflow.as_str()) {
            return *known;
        }
        let [of_old, of_new] = self.sides;
        let nothing = Depends::Nothing;
        let depends = of_old.depends(workflow, old) != nothing || of_new.depends(workflow, new) != nothing;
        let asking = if depends {
            Asking::Depends
        } else if of_old.ask(workflow, old) == of_new.ask(workflow, new) {
            Asking::Same
        } else {
            Asking::Other
        };
        self.workflows.insert(workflow.as_str(), asking);
        asking
    }

    fn group(&mut self, old: &Offer<'a>, new: &Offer<'a>) -> Rc<Group<'a>> {
        let [of_old, of_new] = self.sides;
        let policies = |side: &Side<'a>, offer| policy::policies(side.engine.vocabulary(), offer);
        let (before, after) = (policies(of_old, old), policies(of_new, new));
        let guardrails: [Vec<&'a Entry<Guardrail>>; 2] =
            [of_old.guardrails(old).collect(), of_new.guardrails(new).collect()];
        let pointers = |policies: &[&'a Entry<Access>], guardrails: &[&'a Entry<Guardrail>]| {
            (
                policies.iter().map(|policy| std::ptr::from_ref(*policy)).collect(),
                guardrails.iter().map(|guardrail| std::ptr::from_ref(*guardrail)).collect(),
            )
        };
        let [guard_before, guard_after] = &guardrails;
        let read: Read = [pointers(&before, guard_before), pointers(&after, guard_after)];
        if let Some(known) = self.groups.get(&read) {
            return Rc::clone(known);
        }
        let mut group = Group::default();
        self.rules(&mut group, [&before, &after], old, new);
        self.guardrails(&mut group, &guardrails, old, new);
        group.same_default = self.same_default(&mut group.asks, old, new);
        let group = Rc::new(group);
        self.groups.insert(read, Rc::clone(&group));
        group
    }

    /// Finds the rules that only one side has. Rules of the same name that say the same, in the same order, are
    /// on both.
    fn rules(
        &mut self,
        group: &mut Group<'a>,
        [before, after]: [&[&'a Entry<Access>]; 2],
        old: &Offer<'a>,
        new: &Offer<'a>,
    ) {
        let (before, after) = (placed(before), placed(after));
        let places: HashMap<(&str, &str), usize> =
            after.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
        // For each old rule the place of the new one that says the same.
        let mut same: Vec<Option<usize>> = Vec::with_capacity(before.len());
        for (name, rule) in &before {
            let place = places.get(name).copied();
            let other = place.and_then(|place| after.get(place));
            let says_same = other.is_some_and(|(_, other)| self.is_same_rule(*name, rule, other, old, new));
            same.push(place.filter(|_| says_same));
        }
        let kept = longest_rising(&same);
        let mut matched = BTreeSet::new();
        for (place, (_, rule)) in before.iter().enumerate() {
            let Some(to) = same.get(place).copied().flatten().filter(|_| kept.contains(&place)) else {
                let [differing, _] = &mut group.differing;
                differing.push(&rule.when);
                continue;
            };
            matched.insert(to);
            if let Decision::Workflow(workflow) = &rule.decision {
                self.depends(&mut group.asks, workflow, old, new);
            }
        }
        let only_after = after.iter().enumerate().filter(|(place, _)| !matched.contains(place));
        let [_, differing] = &mut group.differing;
        differing.extend(only_after.map(|(_, (_, rule))| &*rule.when));
    }

    /// Notes a workflow whose people depend on what is asked for.
    fn depends(
        &mut self,
        asks: &mut Vec<&'a Ref<Workflow>>,
        workflow: &'a Ref<Workflow>,
        old: &Offer<'a>,
        new: &Offer<'a>,
    ) {
        let depends = self.asking(workflow, old, new) == Asking::Depends;
        if depends && !asks.iter().any(|known| known.as_str() == workflow.as_str()) {
            asks.push(workflow);
        }
    }

    fn is_same_rule(
        &mut self,
        (policy, _): (&str, &str),
        one: &'a Rule,
        other: &'a Rule,
        old: &Offer<'a>,
        new: &Offer<'a>,
    ) -> bool {
        let asks = match &one.decision {
            Decision::Workflow(workflow) => self.asking(workflow, old, new) != Asking::Other,
            Decision::AutoApprove | Decision::Deny => true,
        };
        asks && one.decision == other.decision
            && one.max_duration == other.max_duration
            && one.require == other.require
            && *one.when == *other.when
            && !self.is_waived_otherwise(Kind::Access, policy, Some(&one.id))
    }

    fn guardrails(
        &mut self,
        group: &mut Group<'a>,
        [before, after]: &[Vec<&'a Entry<Guardrail>>; 2],
        old: &Offer<'a>,
        new: &Offer<'a>,
    ) {
        let mut matched: BTreeSet<&str> = BTreeSet::new();
        for one in before {
            let asks = one.value.require_approval.as_ref();
            let asks_same = asks.is_none_or(|workflow| self.asking(workflow, old, new) != Asking::Other);
            let waived = self.is_waived_otherwise(Kind::Guardrail, one.id.as_str(), None);
            let same = |other: &&&Entry<Guardrail>| {
                let (one, other) = (&one.value, &other.value);
                *one.when == *other.when
                    && one.deny == other.deny
                    && one.require_approval == other.require_approval
                    && one.max_duration == other.max_duration
                    && one.require == other.require
            };
            let other = after.iter().find(|other| other.id == one.id).filter(same);
            if other.is_some() && asks_same && !waived {
                matched.insert(one.id.as_str());
                if let Some(workflow) = asks {
                    self.depends(&mut group.asks, workflow, old, new);
                }
            }
        }
        for (guardrails, differing) in [before, after].into_iter().zip(&mut group.differing) {
            let only = guardrails.iter().filter(|one| !matched.contains(one.id.as_str()));
            differing.extend(only.map(|one| &*one.value.when));
        }
    }

    fn same_default(&mut self, asks: &mut Vec<&'a Ref<Workflow>>, old: &Offer<'a>, new: &Offer<'a>) -> bool {
        let [of_old, of_new] =
            self.sides.each_ref().map(|side| &side.engine.rulebook().settings.decision.default);
        match (of_old, of_new) {
            (DefaultDecision::Deny, DefaultDecision::Deny) => true,
            (DefaultDecision::Workflow(one), DefaultDecision::Workflow(other)) => {
                self.depends(asks, one, old, new);
                one.as_str() == other.as_str() && self.asking(one, old, new) != Asking::Other
            }
            _ => false,
        }
    }
}

/// Whether the answers in forms that both sides have are of the same type.
fn same_answers<'a>(old: &Side<'a>, new: &Side<'a>) -> bool {
    let types = new.engine.rulebook().request_types.iter();
    types.flat_map(|request_type| request_type.value.field.keys()).all(|field| {
        let name = format!("form.{field}");
        let of =
            |side: &Side<'a>| side.engine.vocabulary().resolve("request", &name).map(|found| found.values);
        let (before, after) = (of(old), of(new));
        before.is_none() || before == after
    })
}

/// The rules that exceptions of one side waive otherwise than those of the other.
fn waived_only_by<'a>(one: &Side<'a>, other: &Side<'a>) -> Vec<&'a Selector> {
    let mut found = Vec::new();
    for (exception, waiver) in one.exceptions() {
        let same = other.exceptions().iter().any(|(known, same)| {
            exception.value.rule == known.value.rule
                && exception.value.entitlements == known.value.entitlements
                && waiver == same
        });
        if !same {
            found.push(&exception.value.rule);
        }
    }
    found
}

/// The rules of policies that decide, in the order in which they are read.
fn placed<'a>(policies: &[&'a Entry<Access>]) -> Vec<Placed<'a>> {
    let of = |policy: &&'a Entry<Access>| {
        let (policy, id) = (*policy, policy.id.as_str());
        let enforced = policy.value.rule.iter().filter(|rule| rule.mode == Mode::Enforce);
        enforced.map(move |rule| ((id, rule.id.as_str()), rule))
    };
    policies.iter().flat_map(of).collect()
}

/// The places of a longest choice of numbers that rise.
fn longest_rising(numbers: &[Option<usize>]) -> BTreeSet<usize> {
    // The place of the least number that ends a rising choice of each length, and what comes before each place.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; numbers.len()];
    for (place, number) in numbers.iter().enumerate() {
        let Some(number) = *number else { continue };
        let length = ends.partition_point(|(end, _)| *end < number);
        if let (Some(slot), Some(last)) = (before.get_mut(place), length.checked_sub(1)) {
            *slot = ends.get(last).map(|(_, place)| *place);
        }
        match ends.get_mut(length) {
            Some(end) => *end = (number, place),
            None => ends.push((number, place)),
        }
    }
    let last = ends.last().map(|(_, place)| *place);
    std::iter::successors(last, |place| before.get(*place).copied().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longest_choice_rises_and_leaves_out_as_little_as_can_be() {
        for (numbers, length) in [
            (vec![], 0),
            (vec![Some(0), Some(1), Some(2)], 3),
            (vec![Some(2), Some(0), Some(1)], 2),
            (vec![Some(3), None, Some(0), Some(4), Some(1), Some(2)], 3),
            (vec![None, None], 0),
        ] {
            let kept = longest_rising(&numbers);
            let chosen: Vec<usize> = kept.iter().map(|place| numbers[*place].unwrap()).collect();
            assert_eq!(chosen.len(), length, "{numbers:?}");
            assert!(chosen.is_sorted(), "{numbers:?}");
        }
    }
}
