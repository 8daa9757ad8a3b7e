//! Exceptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EntitlementRef, LocalDate, Parts, Principal, Ref, Selector, person::Person};

/// A waiver of a named rule: for whom, why, what is done instead, who agreed, and when it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Exception", example = serde_json::json!({
    "rule": "sod:payments", "owner": "team:finance", "reason": "only one person in the branch office until the new hire starts",
    "compensating-control": "monthly review of all payments by the head of finance",
    "people": ["ana.silva"], "approved-by": "ben.okoro", "from": "2026-01-01", "expires": "2026-12-31"
}))]
pub struct Exception {
    /// The rule that is waived: a guardrail, a separation of duties, or an access rule.
    pub rule: Selector,
    /// Who answers for the risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// Why it is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is done instead, so that the risk stays bearable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensating_control: Option<String>,
    /// The people that it is for. Without any, everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Ref<Person>>,
    /// The entitlements that it is for. Without any, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<EntitlementRef>,
    /// Who agreed. Never somebody that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Ref<Person>>,
    /// The first day on which it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<LocalDate>,
    /// The last day on which it is in force. A waiver always ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<LocalDate>,
}

impl Parts for Exception {}
