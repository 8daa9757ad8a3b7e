//! Guardrails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Parts, Principal, Ref,
    access::{AppliesTo, Mode},
    condition::{AccessScope, When},
    workflow::{Evidence, Workflow},
};

/// An organisation-wide rule that can only tighten: deny, add an approval, cap the duration, ask for
/// evidence. Order never matters, and only an exception in force can undo it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Guardrail", example = serde_json::json!({
    "description": "contractors never get administrative power for longer than a month", "owner": "team:security",
    "when": { "subject": { "employment": "contractor" }, "entitlement": { "privileged": true } }, "max-duration": "30d"
}))]
pub struct Guardrail {
    /// Why it exists; people who are denied read it.
    #[schemars(regex(pattern = r"\S"))]
    pub description: String,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// What it is about. Without it, everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applies_to: Option<AppliesTo>,
    /// When it matches. Without it, always.
    #[serde(default)]
    pub when: When<AccessScope>,
    /// Denies the request.
    #[serde(default)]
    pub deny: bool,
    /// Adds the stages of this workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_approval: Option<Ref<Workflow>>,
    /// Caps the duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<Duration>,
    /// Asks for evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub require: Vec<Evidence>,
    /// Whether the guardrail changes decisions, warns, or is only written down.
    #[serde(default)]
    pub mode: Mode,
}

impl Parts for Guardrail {}
