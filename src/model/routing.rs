//! Routing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Id, Parts, Principal, Ref,
    choice::choice,
    condition::{IncidentScope, When},
    priority_matrix::PriorityMatrix,
    team::Team,
};

/// Which team gets a ticket, so that none lies without an owner: the first rule that matches decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Routing", example = serde_json::json!({
    "name": "Incidents", "for": "incident", "default": "service-desk",
    "rule": [{ "id": "network", "when": { "incident": { "category": "network" } }, "team": "network" }]
}))]
pub struct Routing {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The tickets that it is for.
    #[serde(rename = "for")]
    pub tickets: TicketKind,
    /// The matrix that gives their priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_matrix: Option<Ref<PriorityMatrix>>,
    /// The rules, from top to bottom: the first whose `when` matches decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rule: Vec<RoutingRule>,
    /// The team that gets what no rule matches. No ticket is without a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Ref<Team>>,
}

choice! {
    /// A sort of ticket.
    pub enum TicketKind {
        /// Something is broken.
        Incident = "incident",
        /// Somebody wants something.
        Request = "request",
    }
}

/// A rule of a routing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RoutingRule {
    /// The id, unique in the routing.
    pub id: Id,
    /// When it matches. Without it, always.
    #[serde(default)]
    pub when: When<IncidentScope>,
    /// The team that gets it. Without it, whoever `to` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref<Team>>,
    /// Where it goes when not to a fixed team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// The name of the queue in the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
}

choice! {
    /// A destination that depends on the ticket.
    pub enum Destination {
        /// The team that supports the service.
        SupportTeam = "support-team",
        /// The team that supports the configuration item.
        ConfigurationItemTeam = "configuration-item-team",
        /// Whoever of the support team is on call.
        OnCall = "on-call",
    }
}

impl Parts for Routing {
    fn parts(&self) -> Vec<&Id> {
        self.rule.iter().map(|rule| &rule.id).collect()
    }
}
