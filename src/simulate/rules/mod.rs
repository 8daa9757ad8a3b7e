//! Everything of a rulebook that decides and can be reached or changed: the registry, kind by kind.
//!
//! Coverage and mutation read it, so that what is here is both shown and tried out. A kind without an arm does not
//! compile, and a test walks the schemas: a condition without a row in [`CONDITIONS`] fails it.

mod conditions;

use std::collections::BTreeSet;

pub use self::conditions::{CONDITIONS, Row, condition};
use crate::model::{
    Document, Entry, Id, Kind, Location, Origin, Ref, Rulebook, Selector,
    access::{Decision as RuleDecision, Mode},
    condition::Condition,
    exception::Exception,
    routing::TicketKind,
    settings::DefaultDecision,
    sod::SodDecision,
};

/// Something that decides: a rule, a set of things that are kept apart, a stage, a waiver, a bundle.
#[derive(Debug, Clone)]
pub struct Rule<'a> {
    /// Its name.
    pub rule: Selector,
    /// Where it was written.
    pub at: Location,
    /// Its condition, if it has one that is written.
    pub when: Option<(&'a Condition, Origin)>,
    /// Whether there is anything that it does not hold for.
    pub conditional: bool,
    /// Whether it decides, rather than only say what it would do.
    pub decides: bool,
}

/// Everything that decides, in the order in which the kinds are decided about.
#[must_use]
pub fn all(rulebook: &Rulebook) -> Vec<Rule<'_>> {
    const FIRST: [Kind; 10] = [
        Kind::Access,
        Kind::Guardrail,
        Kind::Sod,
        Kind::RequestType,
        Kind::Workflow,
        Kind::Exception,
        Kind::Bundle,
        Kind::MajorIncident,
        Kind::Routing,
        Kind::ChangeModel,
    ];
    let rest = Kind::ALL.into_iter().filter(|kind| !FIRST.contains(kind));
    FIRST.into_iter().chain(rest).flat_map(|kind| of(rulebook, kind)).collect()
}

/// What of a kind decides about requests, incidents, changes and people.
#[must_use]
pub fn of(rulebook: &Rulebook, kind: Kind) -> Vec<Rule<'_>> {
    match kind {
        Kind::Access => access(rulebook),
        Kind::Guardrail => {
            let each = rulebook.guardrails.iter();
            each.map(|one| whole(one, Some(&one.value.when)).deciding(one.value.mode)).collect()
        }
        Kind::Sod => {
            let each = rulebook.sods.iter();
            each.map(|one| whole(one, None).deciding(one.value.mode).selective()).collect()
        }
        Kind::RequestType => {
            let each = rulebook.request_types.iter();
            each.map(|one| whole(one, one.value.available_when.as_deref())).collect()
        }
        Kind::Workflow => stages(rulebook),
        Kind::Exception => {
            // A waiver that nobody agreed to, or that never ends, waives nothing.
            let counts = |one: &&Entry<Exception>| one.approved_by.is_some() && one.expires.is_some();
            rulebook.exceptions.iter().filter(counts).map(|one| whole(one, None).selective()).collect()
        }
        Kind::Bundle => rulebook.bundles.iter().map(|one| whole(one, Some(&one.value.when))).collect(),
        Kind::ChangeModel => change_models(rulebook),
        Kind::MajorIncident => {
            rulebook.major_incidents.iter().map(|one| whole(one, Some(&one.value.when))).collect()
        }
        Kind::Routing => routings(rulebook),
        // What people, things and agreements are; when something is due by them follows without a condition. The
        // cells of a priority matrix are counted on their own.
        Kind::Person
        | Kind::Team
        | Kind::Tenant
        | Kind::Channel
        | Kind::Tier
        | Kind::Category
        | Kind::Service
        | Kind::ConfigurationItem
        | Kind::Article
        | Kind::Automation
        | Kind::Calendar
        | Kind::Sla
        | Kind::Ola
        | Kind::SupplierContract
        | Kind::PriorityMatrix
        | Kind::Escalation
        | Kind::Grant
        // What is decided about the repository itself, by `gitsm pr check`, or only measured.
        | Kind::Control
        | Kind::Governance
        | Kind::AiPolicy
        | Kind::Metric
        | Kind::Review
        | Kind::Scenario => Vec::new(),
    }
}

impl Rule<'_> {
    fn deciding(mut self, mode: Mode) -> Self {
        self.decides = mode == Mode::Enforce;
        self
    }

    /// It names what it is about, and so leaves out the rest.
    fn selective(mut self) -> Self {
        self.conditional = true;
        self
    }
}

fn whole<'a, T: Document>(entry: &'a Entry<T>, when: Option<&'a Condition>) -> Rule<'a> {
    part(entry, None, "", when)
}

fn part<'a, T: Document>(
    entry: &'a Entry<T>,
    id: Option<&Id>,
    pointer: &str,
    when: Option<&'a Condition>,
) -> Rule<'a> {
    Rule {
        rule: Selector { kind: T::KIND, id: entry.id.clone(), part: id.cloned() },
        at: entry.at(pointer),
        when: when.map(|when| (when, entry.origin)),
        conditional: when.is_some_and(|when| !when.is_always()),
        decides: true,
    }
}

fn access(rulebook: &Rulebook) -> Vec<Rule<'_>> {
    let mut found = Vec::new();
    for policy in &rulebook.access {
        for (index, rule) in policy.value.rule.iter().enumerate() {
            let pointer = format!("/rule/{index}");
            found.push(part(policy, Some(&rule.id), &pointer, Some(&rule.when)).deciding(rule.mode));
        }
    }
    found
}

/// The stages of every workflow that a decision can ask.
fn stages(rulebook: &Rulebook) -> Vec<Rule<'_>> {
    let asked = asked(rulebook);
    let mut found = Vec::new();
    for workflow in rulebook.workflows.iter().filter(|workflow| asked.contains(workflow.id.as_str())) {
        for (index, stage) in workflow.value.stage.iter().enumerate() {
            let pointer = format!("/stage/{index}");
            found.push(part(workflow, Some(&stage.id), &pointer, stage.approvers_when.as_deref()));
        }
    }
    found
}

/// The workflows that a rule asks that decides. What governance asks is not asked by a request.
fn asked(rulebook: &Rulebook) -> BTreeSet<&str> {
    let mut asked = BTreeSet::new();
    let rules = rulebook.access.iter().flat_map(|policy| &policy.value.rule);
    for rule in rules.filter(|rule| rule.mode == Mode::Enforce) {
        if let RuleDecision::Workflow(workflow) = &rule.decision {
            asked.insert(workflow.as_str());
        }
    }
    for guardrail in rulebook.guardrails.iter().filter(|guardrail| guardrail.mode == Mode::Enforce) {
        asked.extend(guardrail.value.require_approval.iter().map(Ref::as_str));
    }
    for sod in rulebook.sods.iter().filter(|sod| sod.mode == Mode::Enforce) {
        if let SodDecision::Workflow(workflow) = &sod.value.decision {
            asked.insert(workflow.as_str());
        }
    }
    for request_type in &rulebook.request_types {
        asked.extend(request_type.value.workflow.iter().map(Ref::as_str));
    }
    for model in &rulebook.change_models {
        asked.extend(model.value.authority.values().map(Ref::as_str));
        let authorities = model.value.freeze.iter().filter_map(|freeze| freeze.authority.as_ref());
        asked.extend(authorities.map(Ref::as_str));
    }
    if let DefaultDecision::Workflow(workflow) = &rulebook.settings.decision.default {
        asked.insert(workflow.as_str());
    }
    asked
}

/// The change models, each with its rules about risk.
fn change_models(rulebook: &Rulebook) -> Vec<Rule<'_>> {
    let mut found = Vec::new();
    for model in &rulebook.change_models {
        found.push(whole(model, model.value.when.as_deref()));
        for (index, rule) in model.value.risk.iter().enumerate() {
            found.push(part(model, Some(&rule.id), &format!("/risk/{index}"), Some(&rule.when)));
        }
    }
    found
}

/// The rules of the routing of incidents, with its default. Nothing else is routed by a decision.
fn routings(rulebook: &Rulebook) -> Vec<Rule<'_>> {
    let mut found = Vec::new();
    for routing in rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident) {
        for (index, rule) in routing.value.rule.iter().enumerate() {
            found.push(part(routing, Some(&rule.id), &format!("/rule/{index}"), Some(&rule.when)));
        }
        // After a rule that always matches, nothing is left for the default.
        let is_left = !routing.value.rule.iter().any(|rule| rule.when.is_always());
        if routing.value.default.is_some() && is_left {
            found.push(part(routing, None, "/default", None));
        }
    }
    found
}
