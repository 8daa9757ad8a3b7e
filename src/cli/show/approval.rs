//! Who agrees: the access rules and workflows that apply to an object.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    object::{Place, place, place_of_part},
    people::{Who, who},
    words,
};
use crate::cli::terminal::push;
use crate::{
    load::Loaded,
    model::{
        Entry, Kind, Principal, Ref, Rulebook,
        access::{Access, AppliesTo, Decision, Mode},
        guardrail::Guardrail,
        service::Service,
        workflow::{OnTimeout, Stage, Workflow},
    },
};

/// The rules and workflows that apply to an object.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Approvals {
    /// Access rules in the order in which they are read: the first that matches decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<Rule>,
    /// Guardrails: every one that matches applies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) guardrails: Vec<Rule>,
    /// The workflows that these lead to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) workflows: Vec<Resolved>,
}

/// An access rule or a guardrail.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Rule {
    /// As `access:salesforce/sales` or `guardrail:contractors`.
    #[serde(rename = "rule")]
    pub(super) reference: String,
    pub(super) applies_to: String,
    /// When it matches, in words.
    pub(super) when: String,
    /// What it does, in words.
    pub(super) does: String,
    pub(super) mode: &'static str,
    pub(super) place: Place,
}

/// A workflow with the people of its stages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Resolved {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) stages: Vec<ResolvedStage>,
}

/// A stage with its people.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ResolvedStage {
    pub(super) id: String,
    /// How many are needed.
    pub(super) need: String,
    pub(super) approvers: Vec<Who>,
    /// Approvers by attribute, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approvers_when: Option<String>,
    /// How long they have, and what happens then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) within: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fallback: Vec<Who>,
}

/// What applies to an object.
///
/// # Errors
/// When a condition cannot be put into words.
pub(super) fn of(
    loaded: &Loaded,
    kind: Kind,
    id: &str,
    service: Option<(&str, &Service)>,
) -> serde_json::Result<Approvals> {
    let rulebook = &loaded.rulebook;
    let mut approvals = Approvals::default();
    let mut workflows: Vec<&str> = Vec::new();
    match kind {
        Kind::Workflow => workflows.extend(rulebook.workflows.get(id).map(|workflow| workflow.id.as_str())),
        Kind::Access => {
            let policies: Vec<_> = rulebook.access.get(id).into_iter().collect();
            add_rules(loaded, &policies, &mut approvals, &mut workflows)?;
        }
        Kind::Guardrail => {
            workflows.extend(
                rulebook
                    .guardrails
                    .get(id)
                    .and_then(|guardrail| guardrail.require_approval.as_ref())
                    .map(Ref::as_str),
            );
        }
        Kind::Service => {
            if let Some((id, service)) = service {
                add_rules(loaded, &policies(rulebook, id, service), &mut approvals, &mut workflows)?;
                add_guardrails(loaded, id, service, &mut approvals, &mut workflows)?;
            }
        }
        Kind::RequestType => {
            let request_type = rulebook.request_types.get(id);
            workflows.extend(
                request_type.and_then(|request_type| request_type.workflow.as_ref()).map(Ref::as_str),
            );
            let asks_for_access =
                request_type.is_some_and(|request_type| !request_type.entitlements.is_empty());
            if let (Some((id, service)), true) = (service, asks_for_access) {
                add_rules(loaded, &policies(rulebook, id, service), &mut approvals, &mut workflows)?;
                add_guardrails(loaded, id, service, &mut approvals, &mut workflows)?;
            }
        }
        _ => {}
    }
    let mut seen = std::collections::HashSet::new();
    workflows.retain(|workflow| seen.insert(*workflow));
    let service = service.map(|(_, service)| service);
    let found = workflows.iter().filter_map(|workflow| rulebook.workflows.get(workflow));
    approvals.workflows =
        found.map(|workflow| resolve(rulebook, workflow, service)).collect::<serde_json::Result<_>>()?;
    Ok(approvals)
}

/// The policies that apply to a service, the most specific first and then by their order, as they are read
/// when somebody asks for access.
fn policies<'a>(rulebook: &'a Rulebook, id: &str, service: &Service) -> Vec<&'a Entry<Access>> {
    let mut policies: Vec<&Entry<Access>> =
        rulebook.access.iter().filter(|policy| covers(&policy.applies_to, id, service)).collect();
    policies
        .sort_by_key(|policy| (Reverse(specificity(&policy.applies_to)), policy.order, policy.id.clone()));
    policies
}

fn covers(applies_to: &AppliesTo, id: &str, service: &Service) -> bool {
    match applies_to {
        AppliesTo::Entitlement(entitlement) => entitlement.service.as_str() == id,
        AppliesTo::Service(named) => named.as_str() == id,
        AppliesTo::Category(category) => service.category.as_ref() == Some(category),
        AppliesTo::Everything => true,
    }
}

const fn specificity(applies_to: &AppliesTo) -> u8 {
    match applies_to {
        AppliesTo::Entitlement(_) => 3,
        AppliesTo::Service(_) => 2,
        AppliesTo::Category(_) => 1,
        AppliesTo::Everything => 0,
    }
}

fn applies_to(applies_to: &AppliesTo) -> String {
    match applies_to {
        AppliesTo::Entitlement(entitlement) => entitlement.to_string(),
        AppliesTo::Service(service) => format!("service {service}"),
        AppliesTo::Category(category) => format!("category {category}"),
        AppliesTo::Everything => "everything".to_owned(),
    }
}

fn when(condition: &impl Serialize) -> serde_json::Result<String> {
    // Without a condition it always holds, and there is nothing to say.
    Ok(words::condition(&serde_json::to_value(condition)?).unwrap_or_default())
}

fn add_rules<'a>(
    loaded: &'a Loaded,
    policies: &[&'a Entry<Access>],
    approvals: &mut Approvals,
    workflows: &mut Vec<&'a str>,
) -> serde_json::Result<()> {
    for policy in policies {
        for (index, rule) in policy.rule.iter().enumerate() {
            let mut does = match &rule.decision {
                Decision::AutoApprove => "approved without asking".to_owned(),
                Decision::Deny => "denied".to_owned(),
                Decision::Workflow(workflow) => {
                    workflows.push(workflow.as_str());
                    format!("workflow {workflow}")
                }
            };
            limits(&mut does, rule.max_duration, &rule.require);
            approvals.rules.push(Rule {
                reference: format!("access:{}/{}", policy.id, rule.id),
                applies_to: applies_to(&policy.applies_to),
                when: when(&rule.when)?,
                does,
                mode: rule.mode.name(),
                place: place_of_part(loaded, policy.origin, &format!("/access/{}/rule/{index}", policy.id)),
            });
        }
    }
    Ok(())
}

fn limits(
    does: &mut String,
    max_duration: Option<crate::model::Duration>,
    require: &[crate::model::workflow::Evidence],
) {
    if let Some(duration) = max_duration {
        push(does, format_args!(", for at most {duration}"));
    }
    if !require.is_empty() {
        let evidence: Vec<&str> = require.iter().map(|evidence| evidence.name()).collect();
        push(does, format_args!(", with {}", evidence.join(" and ")));
    }
}

fn add_guardrails<'a>(
    loaded: &'a Loaded,
    id: &str,
    service: &Service,
    approvals: &mut Approvals,
    workflows: &mut Vec<&'a str>,
) -> serde_json::Result<()> {
    let all = loaded.rulebook.guardrails.iter();
    let applying = all.filter(|guardrail| {
        guardrail.applies_to.as_ref().is_none_or(|applies_to| covers(applies_to, id, service))
    });
    for guardrail in applying {
        workflows.extend(guardrail.require_approval.as_ref().map(Ref::as_str));
        approvals.guardrails.push(Rule {
            reference: format!("guardrail:{}", guardrail.id),
            applies_to: guardrail.applies_to.as_ref().map_or_else(|| "everything".to_owned(), applies_to),
            when: when(&guardrail.when)?,
            does: guards(guardrail),
            mode: guardrail.mode.name(),
            place: place(loaded, guardrail.origin),
        });
    }
    Ok(())
}

fn guards(guardrail: &Guardrail) -> String {
    let mut does = if guardrail.deny { vec!["denied".to_owned()] } else { Vec::new() };
    does.extend(guardrail.require_approval.as_ref().map(|workflow| format!("also workflow {workflow}")));
    does.extend(guardrail.max_duration.map(|duration| format!("for at most {duration}")));
    if !guardrail.require.is_empty() {
        let evidence: Vec<&str> = guardrail.require.iter().map(|evidence| evidence.name()).collect();
        does.push(format!("with {}", evidence.join(" and ")));
    }
    does.join(", ")
}

fn resolve(
    rulebook: &Rulebook,
    workflow: &Entry<Workflow>,
    service: Option<&Service>,
) -> serde_json::Result<Resolved> {
    let stages = workflow.stage.iter().map(|stage| resolve_stage(rulebook, stage, service));
    Ok(Resolved {
        id: workflow.id.to_string(),
        name: workflow.name.clone(),
        stages: stages.collect::<serde_json::Result<_>>()?,
    })
}

fn resolve_stage(
    rulebook: &Rulebook,
    stage: &Stage,
    service: Option<&Service>,
) -> serde_json::Result<ResolvedStage> {
    let all = |principals: &[Principal]| -> Vec<Who> {
        principals.iter().map(|principal| who(rulebook, principal, service)).collect()
    };
    let within = stage.within.map(|within| {
        let calendar = stage.calendar.as_ref().map(|calendar| format!(" of {calendar}")).unwrap_or_default();
        let then = match &stage.on_timeout {
            None => String::new(),
            Some(OnTimeout::Deny) => ", then denied".to_owned(),
            Some(OnTimeout::Escalate(more)) => {
                let more: Vec<String> = more.iter().map(ToString::to_string).collect();
                format!(", then also {}", more.join(", "))
            }
        };
        format!("{within}{calendar}{then}")
    });
    Ok(ResolvedStage {
        id: stage.id.to_string(),
        need: stage.need.to_string(),
        approvers: all(&stage.approvers),
        approvers_when: stage.approvers_when.as_ref().map(when).transpose()?,
        within,
        fallback: all(&stage.fallback),
    })
}

/// Whether a mode changes decisions.
#[must_use]
pub(super) fn is_enforced(mode: &str) -> bool {
    mode == Mode::Enforce.name()
}
