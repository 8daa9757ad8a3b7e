//! Governance of this repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, Parts, Principal, Ref, choice::choice, service::Risk, tier::Tier, workflow::Workflow};

/// Who must approve changes to this repository, by kind, path and effect. Every rule that matches a change applies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Governance", example = serde_json::json!({
    "rule": [{ "id": "access", "kinds": ["access", "workflow"], "effect": "loosens", "workflow": "security-review" }]
}))]
pub struct Governance {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The rules; every one that matches applies.
    #[schemars(length(min = 1))]
    pub rule: Vec<GovernanceRule>,
}

/// A rule of the governance. Conditions that are not written match everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GovernanceRule {
    /// The id, unique in the governance.
    pub id: Id,
    /// Why the rule exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The kinds of the objects that are changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Patterns of the paths that are changed: `policies/finance/**`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// What the change does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// The change touches at least so many people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_min: Option<u32>,
    /// The change touches services of this tier or of a more critical one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Ref<Tier>>,
    /// The change touches entitlements of at least this risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_min: Option<Risk>,
    /// Who must approve.
    pub workflow: Ref<Workflow>,
}

choice! {
    /// What a change does to control.
    pub enum Effect {
        /// Anything.
        Any = "any",
        /// Somebody gets more, or with less agreement, or for longer; also whatever cannot be compared.
        Loosens = "loosens",
        /// Nobody gets more.
        Tightens = "tightens",
        /// Targets, calendars or escalations move.
        Commitment = "commitment",
    }
}

impl Parts for Governance {
    fn parts(&self) -> Vec<&Id> {
        self.rule.iter().map(|rule| &rule.id).collect()
    }
}
