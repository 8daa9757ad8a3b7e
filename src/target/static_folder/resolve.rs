//! What follows from what is written: the SLA and hours of a service, who decides about its entitlements, and who can
//! approve.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{
    decide::{
        approvers::{self, Eligible},
        person::Directory,
        policy::{nearness, offers_of, policies},
        service_level,
    },
    model::{
        Entry, Ref, Rulebook,
        access::Decision,
        calendar::Calendar,
        service::Service,
        workflow::{OnTimeout, Stage, Workflow},
    },
};

/// Who can approve in a workflow.
#[derive(Debug)]
pub(super) struct Approvers<'a> {
    /// The workflow.
    pub(super) workflow: &'a Entry<Workflow>,
    /// For each stage: who is asked, who is asked later, and who is asked when nobody else can.
    stages: Vec<[Eligible<'a>; 3]>,
}

impl<'a> Approvers<'a> {
    /// Finds them; none when the condition of a stage makes no sense.
    #[must_use]
    pub(super) fn of(directory: &Directory<'a>, workflow: &'a Entry<Workflow>) -> Option<Self> {
        let of_stage = |stage: &Stage| {
            let later = match &stage.on_timeout {
                Some(OnTimeout::Escalate(more)) => approvers::eligible(directory, more),
                _ => Eligible::default(),
            };
            Some([
                approvers::of_stage(directory, stage)?,
                later,
                approvers::eligible(directory, &stage.fallback),
            ])
        };
        let stages: Option<Vec<_>> = workflow.value.stage.iter().map(of_stage).collect();
        Some(Self { workflow, stages: stages? })
    }

    /// Everybody who can approve something.
    pub(super) fn people(&self) -> impl Iterator<Item = &'a str> {
        self.stages.iter().flatten().flat_map(|eligible| eligible.people.iter().copied())
    }

    /// Who can approve, as it is published.
    #[must_use]
    pub(super) fn value(&self, rulebook: &Rulebook) -> Value {
        let stages =
            self.workflow.value.stage.iter().zip(&self.stages).map(|(stage, [first, later, fallback])| {
                let mut fields = Map::new();
                fields.insert("id".to_owned(), json!(stage.id.as_str()));
                fields.insert("need".to_owned(), json!(stage.need.to_string()));
                fields.insert("approvers".to_owned(), somebody(rulebook, first));
                for (name, who) in [("after-timeout", later), ("fallback", fallback)] {
                    if !who.is_nobody() {
                        fields.insert(name.to_owned(), somebody(rulebook, who));
                    }
                }
                Value::Object(fields)
            });
        json!({
            "workflow": self.workflow.id.as_str(),
            "name": self.workflow.value.name,
            "automatic": self.workflow.value.automatic,
            "stages": stages.collect::<Vec<_>>(),
        })
    }
}

/// People by id and name, and roles that each request resolves.
fn somebody(rulebook: &Rulebook, eligible: &Eligible<'_>) -> Value {
    let people = eligible.people.iter().map(|id| {
        let name = rulebook.people.get(id).map(|person| person.value.name.as_str());
        json!({ "id": id, "name": name })
    });
    json!({
        "people": people.collect::<Vec<_>>(),
        "roles": eligible.roles.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// What follows for a service from its tier, its SLA and the access policies.
#[must_use]
pub(super) fn service(directory: &Directory<'_>, service: &Entry<Service>) -> Value {
    let vocabulary = directory.vocabulary();
    let rulebook = vocabulary.rulebook();
    let value = &service.value;
    let tier = value.tier.as_ref().and_then(|tier| rulebook.tiers.get(tier.as_str()));
    let availability = value.availability.or_else(|| tier?.value.availability);
    let entitlements = offers_of(service).map(|offer| {
        let mut workflows = BTreeSet::new();
        let mut rules = Vec::new();
        for policy in policies(vocabulary, &offer) {
            for rule in &policy.value.rule {
                if let Decision::Workflow(workflow) = &rule.decision {
                    workflows.insert(workflow.as_str());
                }
                rules.push(format!("access:{}/{}", policy.id, rule.id));
            }
        }
        let mut guardrails = Vec::new();
        for guardrail in &rulebook.guardrails {
            let scope = guardrail.value.applies_to.as_ref();
            if scope.is_none_or(|scope| nearness(rulebook, scope, &offer).is_some()) {
                workflows.extend(guardrail.value.require_approval.as_ref().map(Ref::as_str));
                guardrails.push(format!("guardrail:{}", guardrail.id));
            }
        }
        json!({
            "id": offer.id.as_str(),
            "owner": offer.entitlement.owner.as_ref().or(value.owner.as_ref()),
            "rules": rules,
            "guardrails": guardrails,
            "workflows": workflows,
        })
    });
    without_nothing(json!({
        "sla": service_level::sla(rulebook, value).map(|sla| sla.id.as_str()),
        "support-hours": service_level::hours(rulebook, value).map(Ref::as_str),
        "availability": availability,
        "entitlements": entitlements.collect::<Vec<_>>(),
    }))
}

/// What follows for a calendar: its closed days, with those that it takes from others.
#[must_use]
pub(super) fn calendar(rulebook: &Rulebook, calendar: &Entry<Calendar>) -> Value {
    let dates = calendar.value.closed_dates(rulebook).unwrap_or_default();
    json!({ "closed": dates.iter().map(ToString::to_string).collect::<Vec<_>>() })
}

/// An object without the fields that hold nothing.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        other => other,
    }
}
