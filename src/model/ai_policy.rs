//! Policies for AI agents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, LocalDate, Parts, Principal, Ref, person::Person, service::Classification};

/// What an AI agent may do, which data it may see, and when a person takes over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "AI policy", example = serde_json::json!({
    "name": "Service desk assistant", "owner": "team:service-desk", "agents": ["desk-assistant"],
    "data": "internal", "may": ["suggest articles"], "must-not": ["grant access"], "hand-off": "team:service-desk",
    "hand-off-when": ["the requester asks for a person"], "retention": "90d", "redact": ["email"], "label-output": true
}))]
pub struct AiPolicy {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The agents that it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<Ref<Person>>,
    /// The most sensitive data that they may see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Classification>,
    /// What they may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may: Vec<String>,
    /// What they must not do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_not: Vec<String>,
    /// Who takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand_off: Option<Principal>,
    /// When a person takes over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hand_off_when: Vec<String>,
    /// How long prompts and answers are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Duration>,
    /// What is blacked out before they see it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redact: Vec<String>,
    /// Whether what they write is marked as theirs.
    #[serde(default)]
    pub label_output: bool,
    /// The next day on which somebody looks at whether all of this is still so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
}

impl Parts for AiPolicy {}
