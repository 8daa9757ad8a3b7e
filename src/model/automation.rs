//! Automations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Parts, Principal, Ref, ai_policy::AiPolicy, service::Risk};

/// Work that runs without a person: when it may start, when it is done, what it must never do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Automation", example = serde_json::json!({
    "name": "Group membership", "owner": "team:identity", "starts-when": "the request is approved",
    "done-when": "the person is a member of the group", "guardrails": ["never adds to groups that are not in the catalogue"],
    "log": "identity provider audit log"
}))]
pub struct Automation {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// What must be the case before it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_when: Option<String>,
    /// How it is known that it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_when: Option<String>,
    /// What it must never do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guardrails: Vec<String>,
    /// Where it writes down what it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// What happens when it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
    /// The identity that it runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs_as: Option<Ref<super::person::Person>>,
    /// The most harm that it can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// How long it may run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// The rules for the AI agent in it, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_policy: Option<Ref<AiPolicy>>,
}

impl Parts for Automation {}
