//! Scenarios.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parts, Priority, Ref, choice::choice, person::Person, quantity::Instant, request::Request};

/// A test: a request at a fixed time, and the decision that it must get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Scenario", example = serde_json::json!({
    "description": "sales gets Salesforce without asking", "now": "2026-03-02T09:00:00Z",
    "request": { "requester": "ana.silva", "entitlements": ["salesforce/sales-standard"], "duration": "90d" },
    "expect": { "verdict": "approved", "rules": ["access:salesforce/sales"] }
}))]
pub struct Scenario {
    /// What the test shows.
    #[schemars(regex(pattern = r"\S"))]
    pub description: String,
    /// The time at which it happens.
    pub now: Instant,
    /// What is asked for.
    pub request: Request,
    /// What must come out.
    pub expect: Expectation,
}

/// What must come out of a scenario. What is not written is not checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expectation {
    /// What is decided.
    pub verdict: Verdict,
    /// The rules that decide, as `kind:id` or `kind:id/rule`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The stages that are asked, as `workflow/stage`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
    /// The people who can approve, by stage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub approvers: BTreeMap<String, Vec<Ref<Person>>>,
    /// When the access ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
    /// When it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// The priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
}

choice! {
    /// What is decided about a request.
    pub enum Verdict {
        /// Granted.
        Approved = "approved",
        /// People are asked.
        NeedsApproval = "needs-approval",
        /// Not granted.
        Denied = "denied",
        /// The request makes no sense.
        Invalid = "invalid",
    }
}

impl Parts for Scenario {}
