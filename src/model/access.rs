//! Access policies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, EntitlementRef, Id, LocalDate, Parts, Principal, Ref,
    category::Category,
    choice::choice,
    condition::{AccessScope, When},
    service::Service,
    workflow::{Evidence, Workflow},
};

/// An access policy: who gets access to what, and who is asked before. Its rules are ordered, and the first
/// that matches decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Access policy", example = serde_json::json!({
    "applies-to": { "service": "salesforce" },
    "rule": [
        { "id": "sales", "when": { "subject": { "department": "sales" } }, "decision": "auto-approve", "max-duration": "180d" },
        { "id": "others", "decision": { "workflow": "manager-then-owner" } }
    ]
}))]
pub struct Access {
    /// The name that people know it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why it is as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// What it decides about: a service, one of its entitlements, a category, or everything. The narrowest
    /// policy is read first.
    pub applies_to: AppliesTo,
    /// Which of two policies about the same thing is read first: the one with the lower number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<i32>,
    /// The rules, from top to bottom: the first whose `when` matches decides, and those below it are not
    /// read.
    pub rule: Vec<Rule>,
    /// The next day on which somebody looks at whether all of this is still so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
}

/// What a policy or guardrail is about: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AppliesTo {
    /// One entitlement. The most specific.
    Entitlement(EntitlementRef),
    /// Every entitlement of a service.
    Service(Ref<Service>),
    /// Every service of a category.
    Category(Ref<Category>),
    /// Everything. The least specific.
    Everything,
}

/// A rule of an access policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// The id, unique in the policy; decisions name it.
    pub id: Id,
    /// Why the rule exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it matches. Without it, always.
    #[serde(default)]
    pub when: When<AccessScope>,
    /// What happens to a request that matches: approve it without asking, send it through a workflow, or
    /// deny it.
    pub decision: Decision,
    /// The longest time that the access is granted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<Duration>,
    /// What the requester must bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub require: Vec<Evidence>,
    /// Whether the rule decides, warns, or is only written down.
    #[serde(default)]
    pub mode: Mode,
}

/// What is decided about a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Approved without asking anybody.
    AutoApprove,
    /// Denied.
    Deny,
    /// Decided by people: `decision.workflow = "manager-then-owner"`.
    Workflow(Ref<Workflow>),
}

choice! {
    /// Whether a rule changes decisions. New rules can be tried out first.
    pub enum Mode default Enforce {
        /// Written into the trace and counted; changes nothing.
        Record = "record",
        /// Shown to the requester; changes nothing.
        Warn = "warn",
        /// Decides.
        Enforce = "enforce",
    }
}

impl Parts for Access {
    fn parts(&self) -> Vec<&Id> {
        self.rule.iter().map(|rule| &rule.id).collect()
    }
}
