//! Every condition of a rulebook, with where it stands and how much it holds for.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::{
    decide::{
        scopes::offers_about,
        space::{BUDGET, Space, Unsure},
        vocabulary::Vocabulary,
    },
    lint::{
        Location,
        tickets::{changes_of, changes_of_type, incidents, is_about_priority, tickets_of},
    },
    model::{
        Document, Entry, Origin, Rulebook,
        access::{AppliesTo, Decision},
        attribute::Scope,
        change_model::ChangeType,
        condition::Condition,
    },
};

/// How much a condition holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Nothing.
    Never,
    /// Everything.
    Always,
    /// Some of it.
    Sometimes,
    /// It cannot be analysed.
    Unsure(Unsure),
}

/// A condition and where it stands.
#[derive(Debug)]
pub(super) struct Site<'a> {
    /// Which attributes exist.
    pub(super) scope: Scope,
    /// The object that it is part of.
    pub(super) origin: Origin,
    /// The field that holds it.
    pub(super) at: Location,
    /// What it is the condition of, such as "the rule `sales`".
    pub(super) what: String,
    /// The condition.
    pub(super) condition: &'a Condition,
    /// How much it holds for.
    pub(super) holds: Holds,
    /// Whether people get something when it holds.
    pub(super) grants: bool,
    /// Whether something is denied, or more is asked for, when it holds.
    pub(super) tightens: bool,
    /// What holds for everything that it is asked about, and why, where that is known.
    pub(super) given: Option<(Condition, &'static str)>,
    /// Whether a lint about that kind of object says it when the condition always holds.
    pub(super) always_elsewhere: bool,
    /// What the requests that it is asked about have in common.
    pub(super) applies_to: Option<&'a AppliesTo>,
}

/// Every condition, by kind and id. A condition that is written many times is analysed once.
pub(super) fn sites<'a>(vocabulary: &Vocabulary<'a>) -> Vec<Site<'a>> {
    let rulebook = vocabulary.rulebook();
    let mut found = Vec::new();
    access(rulebook, &mut found);
    others(rulebook, &mut found);
    incidents_and_changes(rulebook, &mut found);
    let mut places: HashMap<&Condition, usize> = HashMap::new();
    let mut conditions: Vec<&Condition> = Vec::new();
    let of_sites: Vec<usize> = found
        .iter()
        .map(|site| {
            *places.entry(site.condition).or_insert_with(|| {
                conditions.push(site.condition);
                conditions.len() - 1
            })
        })
        .collect();
    let holds: Vec<Holds> =
        conditions.into_par_iter().map(|condition| holds(vocabulary, condition)).collect();
    for (site, place) in found.iter_mut().zip(of_sites) {
        if let Some(holds) = holds.get(place) {
            site.holds = *holds;
        }
    }
    found
}

/// How much a condition holds for.
fn holds(vocabulary: &Vocabulary<'_>, condition: &Condition) -> Holds {
    match Space::new(vocabulary, [condition], BUDGET).and_then(|mut space| space.set(condition)) {
        Ok(set) if set.is_empty() => Holds::Never,
        Ok(set) if set.is_everything() => Holds::Always,
        Ok(_) => Holds::Sometimes,
        Err(why) => Holds::Unsure(why),
    }
}

fn site<'a, T: Document>(
    entry: &'a Entry<T>,
    pointer: impl AsRef<str>,
    scope: Scope,
    what: String,
    condition: &'a Condition,
) -> Site<'a> {
    let at = entry.at(pointer);
    Site {
        scope,
        origin: entry.origin,
        at,
        what,
        condition,
        holds: Holds::Sometimes,
        grants: false,
        tightens: false,
        given: None,
        always_elsewhere: false,
        applies_to: None,
    }
}

fn access<'a>(rulebook: &'a Rulebook, found: &mut Vec<Site<'a>>) {
    for policy in &rulebook.access {
        for (index, rule) in policy.rule.iter().enumerate() {
            let what = format!("the rule `{}`", rule.id);
            let one = site(policy, format!("/rule/{index}/when"), Scope::Access, what, &rule.when);
            let grants = rule.decision != Decision::Deny;
            found.push(Site { grants, tightens: !grants, applies_to: Some(&policy.applies_to), ..one });
        }
    }
    for guardrail in &rulebook.guardrails {
        let what = format!("the guardrail `{}`", guardrail.id);
        let one = site(guardrail, "/when", Scope::Access, what, &guardrail.when);
        found.push(Site { tightens: true, applies_to: guardrail.applies_to.as_ref(), ..one });
    }
}

fn others<'a>(rulebook: &'a Rulebook, found: &mut Vec<Site<'a>>) {
    for bundle in &rulebook.bundles {
        let what = format!("the bundle `{}`", bundle.id);
        found.push(Site { grants: true, ..site(bundle, "/when", Scope::Person, what, &bundle.when) });
    }
    for workflow in &rulebook.workflows {
        for (index, stage) in workflow.stage.iter().enumerate() {
            let Some(condition) = &stage.approvers_when else { continue };
            let what = format!("the approvers of the stage `{}`", stage.id);
            let pointer = format!("/stage/{index}/approvers-when");
            found.push(Site { grants: true, ..site(workflow, pointer, Scope::Person, what, condition) });
        }
    }
    for request_type in &rulebook.request_types {
        let Some(condition) = &request_type.available_when else { continue };
        let what = format!("the request type `{}`", request_type.id);
        let one = site(request_type, "/available-when", Scope::Access, what, condition);
        found.push(Site { grants: true, ..one });
    }
}

fn incidents_and_changes<'a>(rulebook: &'a Rulebook, found: &mut Vec<Site<'a>>) {
    let matrix = |condition: &Condition, tickets: &dyn Fn() -> Condition| {
        is_about_priority(rulebook, condition)
            .then(|| (tickets(), "the priority matrix gives another priority to this impact and urgency"))
    };
    for routing in &rulebook.routings {
        for (index, rule) in routing.rule.iter().enumerate() {
            let what = format!("the rule `{}`", rule.id);
            let given = matrix(&rule.when, &|| tickets_of(rulebook, routing));
            let one = site(routing, format!("/rule/{index}/when"), Scope::Incident, what, &rule.when);
            found.push(Site { given, ..one });
        }
    }
    for major in &rulebook.major_incidents {
        let what = format!("the major incident `{}`", major.id);
        let given = matrix(&major.when, &|| incidents(rulebook));
        found.push(Site { given, ..site(major, "/when", Scope::Incident, what, &major.when) });
    }
    for model in &rulebook.change_models {
        if let Some(condition) = &model.when {
            let what = format!("the change model `{}`", model.id);
            let given =
                Some((changes_of_type(model.change_type), "the model is for changes of another type"));
            let always_elsewhere = model.change_type == ChangeType::Standard;
            let one = site(model, "/when", Scope::Change, what, condition);
            found.push(Site { given, always_elsewhere, ..one });
        }
        for (index, rule) in model.risk.iter().enumerate() {
            let what = format!("the rule `{}`", rule.id);
            let given = Some((changes_of(model), "the model is for other changes"));
            let one = site(model, format!("/risk/{index}/when"), Scope::Change, what, &rule.when);
            found.push(Site { given, ..one });
        }
    }
}

/// Whether a policy or guardrail is about any entitlement at all.
pub(super) fn is_about_something(rulebook: &Rulebook, scope: &AppliesTo) -> bool {
    offers_about(rulebook, scope).next().is_some()
}
