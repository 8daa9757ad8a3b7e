//! Escalations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Id, Parts, Percent, Principal, Priority, Ref, calendar::Calendar, channel::Channel,
    choice::choice, service::Service, tier::Tier,
};

/// Who is told when, as a ticket gets older or its SLA target closer, so that nothing is forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Escalation", example = serde_json::json!({
    "name": "Critical", "calendar": "always", "priorities": ["p1"],
    "step": [
        { "id": "lead", "after": "30m", "to": ["role:team-lead"], "kind": "functional" },
        { "id": "head-of-it", "at": "100%", "to": ["person:ana.silva"], "kind": "hierarchical" }
    ]
}))]
pub struct Escalation {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The hours in which `after` counts.
    pub calendar: Ref<Calendar>,
    /// The priorities that it is for. Without any, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub priorities: Vec<Priority>,
    /// The services that it is for. Without any services or tiers, all that
    /// name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Ref<Service>>,
    /// The tiers whose services it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Ref<Tier>>,
    /// The steps, in the order of time.
    #[schemars(length(min = 1))]
    pub step: Vec<EscalationStep>,
}

/// A step of an escalation: `after` a time, or `at` a share of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EscalationStep {
    /// The id, unique in the escalation.
    pub id: Id,
    /// How long after the trigger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Duration>,
    /// The share of the SLA target that is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Percent>,
    /// What must be the case.
    #[serde(default)]
    pub trigger: Trigger,
    /// Who is told at this step.
    #[schemars(length(min = 1))]
    pub to: Vec<Principal>,
    /// Whether it goes to more skill or to more authority.
    pub kind: EscalationKind,
    /// By which channels they are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Ref<Channel>>,
    /// How often it is repeated until somebody reacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_every: Option<Duration>,
}

choice! {
    /// What an escalation step reacts to.
    pub enum Trigger default Open {
        /// The ticket is still open.
        Open = "open",
        /// Nobody has acknowledged it.
        Unacknowledged = "unacknowledged",
        /// The target is missed.
        Breached = "breached",
        /// It went from team to team.
        Reassigned = "reassigned",
    }
}

choice! {
    /// The direction of an escalation.
    pub enum EscalationKind {
        /// To a team with more skill.
        Functional = "functional",
        /// To people with more authority.
        Hierarchical = "hierarchical",
    }
}

impl Parts for Escalation {
    fn parts(&self) -> Vec<&Id> {
        self.step.iter().map(|step| &step.id).collect()
    }
}
