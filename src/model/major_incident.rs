//! Major incidents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Parts, Principal, Ref,
    channel::Channel,
    condition::{IncidentScope, When},
    escalation::Escalation,
};

/// When an incident is major: so bad that the usual way is too slow. It is decided from fields of the
/// incident alone, and says what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Major incident", example = serde_json::json!({
    "name": "Major incident", "owner": "team:service-desk", "when": { "incident": { "priority": "p1", "affected-users": { "min": 100 } } },
    "commander": "on-call:operations", "problem-record": true, "review-within": "5bd"
}))]
pub struct MajorIncident {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// When an incident is major.
    pub when: When<IncidentScope>,
    /// Who leads while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commander: Option<Principal>,
    /// Who else is called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responders: Vec<Principal>,
    /// Where people are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Ref<Channel>>,
    /// How often people are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_every: Option<Duration>,
    /// Who is told when, as it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Ref<Escalation>>,
    /// Whether there must be a problem record about the cause.
    #[serde(default)]
    pub problem_record: bool,
    /// Whether the changes that caused it or mended it must be linked.
    #[serde(default)]
    pub change_link: bool,
    /// How long after its end it is looked back on, without blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_within: Option<Duration>,
}

impl Parts for MajorIncident {}
