//! Who is asked about an entitlement, and for which requests.

use std::collections::HashMap;

use super::people::{Column, Kind, Kinds};
use crate::{
    decide::{
        policy::Offer,
        service_level::not_offered,
        space::{BUDGET, Facet, Key, Set, Space, Unsure},
        value::Value,
        vocabulary::Vocabulary,
    },
    lint::access::effective::{Listed, Plan, listed, reduced},
    model::{
        Entry, Kind as ObjectKind, Ref,
        access::Decision,
        condition::Condition,
        exception::Exception,
        guardrail::Guardrail,
        service::{Environment, Risk},
        settings::DefaultDecision,
        workflow::Workflow,
    },
};

/// What besides the rules makes entitlements of one case different.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Terms {
    environment: Environment,
    /// Whether access without an end is denied unless something limits it.
    needs_end: bool,
    /// The exceptions that are about the entitlement, by their place in [`Kinds::exceptions`], each with the
    /// place of the policy that it is about.
    pub(super) exceptions: Vec<(u32, usize)>,
}

impl Terms {
    /// The terms of an entitlement; none when nobody can ask for it.
    pub(super) fn new(
        offer: &Offer<'_>,
        policies: &[&Entry<crate::model::access::Access>],
        exceptions: &[&Entry<Exception>],
    ) -> Option<Self> {
        if not_offered(offer.service).is_some() || !offer.entitlement.requestable {
            return None;
        }
        let about = |exception: &Entry<Exception>| {
            let reference = offer.reference();
            if !exception.entitlements.is_empty() && !exception.entitlements.contains(&reference) {
                return None;
            }
            match exception.rule.kind {
                ObjectKind::Guardrail => Some(usize::MAX),
                ObjectKind::Access => policies.iter().position(|policy| policy.id == exception.rule.id),
                _ => None,
            }
        };
        let exceptions = (0..).zip(exceptions).filter_map(|(place, one)| Some((place, about(one)?)));
        Some(Self {
            environment: offer.entitlement.environment,
            needs_end: offer.entitlement.risk > Risk::Low && offer.entitlement.max_duration.is_none(),
            exceptions: exceptions.collect(),
        })
    }
}

/// Requests that are sent to the same workflows by the same rule.
pub(super) struct Leaf<'a> {
    /// The rule of a policy that decides; none when the project's default does.
    pub(super) rule: Option<Listed<'a>>,
    /// The workflows, each once, in the order in which they are asked.
    pub(super) workflows: Vec<&'a Ref<Workflow>>,
    /// Such requests.
    set: Set,
    /// Those of them that people can make whose last day is not known.
    lasting: Set,
}

/// What is decided about the entitlements of a case for people for whom the same exceptions hold.
pub(super) struct Case<'a> {
    /// The requests about which somebody is asked.
    pub(super) leaves: Vec<Leaf<'a>>,
    space: Space<'a>,
    /// What is the same for every request, by variable.
    fixed: Vec<Option<u32>>,
    /// The variables that are about who asks.
    columns: Vec<(usize, Column)>,
    /// The variables of which nobody can say what such a request has.
    lacking: Vec<usize>,
}

impl<'a> Case<'a> {
    /// Works out who is asked. `waives` says which exceptions hold.
    ///
    /// # Errors
    /// When the conditions make no sense or are too complicated together.
    pub(super) fn new(
        vocabulary: &Vocabulary<'a>,
        kinds: &Kinds<'a>,
        offer: Offer<'a>,
        terms: &Terms,
        waives: &[u32],
    ) -> Result<Self, Unsure> {
        let plan = reduced(vocabulary, offer, listed(vocabulary, &offer));
        let conditions = plan.rules.iter().map(|(_, when)| when);
        let conditions = conditions.chain(plan.guardrails.iter().map(|(_, when)| when));
        let mut space = Space::new(vocabulary, conditions, BUDGET)?;
        let exceptions: Vec<&Exception> = terms
            .exceptions
            .iter()
            .filter(|(place, _)| waives.contains(place))
            .filter_map(|(place, _)| kinds.exceptions.get(*place as usize))
            .map(|exception| &exception.value)
            .collect();
        let sets = Sets::new(vocabulary, &plan, &exceptions, &mut space)?;
        let mut leaves = Vec::new();
        let keys: Vec<Key> = space.variables().cloned().collect();
        let possible = of_environment(&mut space, &keys, terms.environment)?;
        let ending = with_duration(&mut space, &keys)?;
        let ending = space.or(sets.capped, ending)?;
        for (rule, workflows, set) in sets.found {
            let set = space.and(set, possible)?;
            let capped = rule.is_some_and(|listed| listed.rule.max_duration.is_some());
            let lasting = if terms.needs_end && !capped { space.and(set, ending)? } else { set };
            if !set.is_empty() {
                leaves.push(Leaf { rule, workflows, set, lasting });
            }
        }
        let mut case =
            Self { leaves, fixed: vec![None; keys.len()], columns: Vec::new(), lacking: Vec::new(), space };
        for (variable, key) in keys.iter().enumerate() {
            case.look_up(kinds, variable, key);
        }
        Ok(case)
    }

    /// Finds out what is known about a variable.
    fn look_up(&mut self, kinds: &Kinds<'_>, variable: usize, key: &Key) {
        let fixed = match (&*key.namespace, &*key.name) {
            ("requester", "is-beneficiary") => Value::Boolean(true),
            ("requester", "is-manager") => Value::Boolean(false),
            ("subject" | "requester" | "grants", _) => {
                let column = kinds.translated(key, &self.space, variable);
                return self.columns.extend(column.map(|column| (variable, column)));
            }
            // What only a form can say.
            ("request", name) if !PLAIN.contains(&name) => match key.facet {
                Facet::Value => Value::Absent,
                Facet::Member(_) | Facet::Within(_) => Value::Boolean(false),
            },
            _ => return,
        };
        let class = self.space.class_of(variable, &fixed);
        if let Some(slot) = self.fixed.get_mut(variable) {
            *slot = class;
        }
        if class.is_none() {
            self.lacking.push(variable);
        }
    }

    /// For each leaf, the kinds of people who can make such a request.
    pub(super) fn possible(&self, kinds: &[Kind], candidates: &[u32]) -> Vec<Vec<bool>> {
        let mut known: HashMap<(Vec<Option<u32>>, bool), Vec<bool>> = HashMap::new();
        let mut found = vec![vec![false; kinds.len()]; self.leaves.len()];
        let matters: Vec<Vec<usize>> = self.leaves.iter().map(|leaf| self.space.matters(leaf.set)).collect();
        for number in candidates {
            let Some(kind) = kinds.get(*number as usize) else { continue };
            let mut classes = self.fixed.clone();
            for (variable, column) in &self.columns {
                let class = column.of(kind);
                if let Some(slot) = classes.get_mut(*variable) {
                    *slot = class;
                }
            }
            let answers = known.entry((classes, kind.leaves)).or_insert_with_key(|(classes, leaves)| {
                // Nothing is decided about people of whom nobody knows what a rule has to know.
                let unknown = |variable: &usize| {
                    let about_people = self.columns.iter().any(|(column, _)| column == variable);
                    let none = classes.get(*variable).copied().flatten().is_none();
                    none && about_people || self.lacking.contains(variable)
                };
                let can = |(leaf, matters): (&Leaf<'_>, &Vec<usize>)| {
                    let set = if *leaves { leaf.set } else { leaf.lasting };
                    !matters.iter().any(unknown) && self.space.is_possible(set, classes)
                };
                self.leaves.iter().zip(&matters).map(can).collect()
            });
            for (list, possible) in found.iter_mut().zip(answers.iter()) {
                if let Some(slot) = list.get_mut(*number as usize) {
                    *slot = *possible;
                }
            }
        }
        found
    }
}

/// The fields that a request has without a form.
const PLAIN: [&str; 8] = [
    "duration",
    "environment",
    "justification",
    "ticket",
    "project",
    "instant",
    "emergency",
    "outside-hours",
];

/// Requests that name the environment of the entitlement, or none: others make no sense.
fn of_environment(space: &mut Space<'_>, keys: &[Key], own: Environment) -> Result<Set, Unsure> {
    let Some(variable) = place_of(keys, "environment") else { return Ok(Set::EVERYTHING) };
    let allowed: Vec<Option<u32>> = [Value::Absent, Value::Text(own.name())]
        .iter()
        .map(|value| space.class_of(variable, value))
        .collect();
    let accepted: Vec<bool> =
        (0..).zip(0..space.width(variable)).map(|(class, _)| allowed.contains(&Some(class))).collect();
    space.choose(variable, &accepted)
}

/// Requests that say how long access is needed.
fn with_duration(space: &mut Space<'_>, keys: &[Key]) -> Result<Set, Unsure> {
    let Some(variable) = place_of(keys, "duration") else { return Ok(Set::EVERYTHING) };
    let absent = space.class_of(variable, &Value::Absent);
    let accepted: Vec<bool> =
        (0..).zip(0..space.width(variable)).map(|(class, _)| Some(class) != absent).collect();
    space.choose(variable, &accepted)
}

fn place_of(keys: &[Key], name: &str) -> Option<usize> {
    keys.iter().position(|key| &*key.namespace == "request" && &*key.name == name)
}

/// A rule, the workflows that are asked with it, and the requests about which they are.
type Found<'a> = (Option<Listed<'a>>, Vec<&'a Ref<Workflow>>, Set);

/// The requests about which somebody is asked, and those whose access ends whatever they say.
struct Sets<'a> {
    found: Vec<Found<'a>>,
    capped: Set,
}

impl<'a> Sets<'a> {
    fn new(
        vocabulary: &Vocabulary<'a>,
        plan: &Plan<'a>,
        exceptions: &[&Exception],
        space: &mut Space<'a>,
    ) -> Result<Self, Unsure> {
        let mut sets = Self { found: Vec::new(), capped: Set::NOTHING };
        let (mut left, mut asks) = (Set::EVERYTHING, Vec::new());
        for (guardrail, when) in &plan.guardrails {
            let guardrail: &'a Entry<Guardrail> = guardrail;
            let waived = exceptions.iter().any(|one| is_of_guardrail(one, guardrail));
            sets.guardrail(space, guardrail, when, waived, &mut left, &mut asks)?;
        }
        for (listed, when) in &plan.rules {
            if left.is_empty() {
                break;
            }
            let set = space.set(when)?;
            let decided = space.and(left, set)?;
            if exceptions.iter().any(|one| is_of_rule(one, listed)) {
                // Access that an exception made possible ends with it.
                sets.capped = space.or(sets.capped, decided)?;
                continue;
            }
            left = space.minus(left, set)?;
            let workflow = match &listed.rule.decision {
                Decision::Deny => continue,
                Decision::AutoApprove => None,
                Decision::Workflow(workflow) => Some(workflow),
            };
            sets.found.push((Some(*listed), workflow.into_iter().collect(), decided));
        }
        if let DefaultDecision::Workflow(workflow) = &vocabulary.rulebook().settings.decision.default {
            sets.found.push((None, vec![workflow], left));
        }
        for (workflow, set) in asks {
            sets.split(space, workflow, set)?;
        }
        sets.found.retain(|(_, workflows, set)| !workflows.is_empty() && !set.is_empty());
        Ok(sets)
    }

    fn guardrail(
        &mut self,
        space: &mut Space<'a>,
        guardrail: &'a Guardrail,
        when: &Condition,
        waived: bool,
        left: &mut Set,
        asks: &mut Vec<(&'a Ref<Workflow>, Set)>,
    ) -> Result<(), Unsure> {
        let set = space.set(when)?;
        if waived || guardrail.max_duration.is_some() {
            self.capped = space.or(self.capped, set)?;
        }
        if waived {
            return Ok(());
        }
        if guardrail.deny {
            *left = space.minus(*left, set)?;
        }
        asks.extend(guardrail.require_approval.as_ref().map(|workflow| (workflow, set)));
        Ok(())
    }

    /// Divides what was found by whether a guardrail asks a workflow as well.
    fn split(&mut self, space: &mut Space<'a>, workflow: &'a Ref<Workflow>, set: Set) -> Result<(), Unsure> {
        for (rule, workflows, whole) in std::mem::take(&mut self.found) {
            let (with, without) = (space.and(whole, set)?, space.minus(whole, set)?);
            if !with.is_empty() {
                let mut more = workflows.clone();
                if !workflows.contains(&workflow) {
                    more.push(workflow);
                }
                self.found.push((rule, more, with));
            }
            if !without.is_empty() {
                self.found.push((rule, workflows, without));
            }
        }
        Ok(())
    }
}

fn is_of_guardrail(exception: &Exception, guardrail: &Entry<Guardrail>) -> bool {
    exception.rule.kind == ObjectKind::Guardrail && exception.rule.id == guardrail.id
}

fn is_of_rule(exception: &Exception, listed: &Listed<'_>) -> bool {
    let part = exception.rule.part.as_ref();
    exception.rule.kind == ObjectKind::Access
        && exception.rule.id == listed.policy.id
        && part.is_none_or(|part| *part == listed.rule.id)
}
