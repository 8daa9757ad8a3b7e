//! The ledger of access.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EntitlementRef, Id, LocalDate, Parts, Ref, choice::choice, person::Person, quantity::Instant};

/// Access that was given: to whom, what, on whose decision, and until when. It outlives the ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Grant", example = serde_json::json!({
    "beneficiary": "ana.silva", "entitlement": "salesforce/sales-standard", "start": "2026-01-01", "end": "2026-06-30",
    "request": "REQ-1042", "decision": { "verdict": "approved", "rules": ["access:salesforce/sales"] }
}))]
pub struct Grant {
    /// The person or account that has the access.
    pub beneficiary: Ref<Person>,
    /// Who asked for it, when that was somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<Ref<Person>>,
    /// What they have.
    pub entitlement: EntitlementRef,
    /// The first day on which the access is in force.
    pub start: LocalDate,
    /// The last day. Only low-risk access may be without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<LocalDate>,
    /// The project that it ends with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Why it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// The number of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The decision behind it: what was decided, and by which rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<GrantDecision>,
    /// Who agreed, stage by stage of the workflow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval: Vec<Approval>,
    /// What was given exactly, by name: licence tier, role, groups.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub provisioned: BTreeMap<Id, String>,
    /// Where it is in its life.
    #[serde(default)]
    pub state: GrantState,
}

/// The decision behind a grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GrantDecision {
    /// What was decided.
    pub verdict: GrantVerdict,
    /// The rules that decided, as `kind:id` or `kind:id/rule`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The commit of the policy that decided.
    #[schemars(regex(pattern = "^[0-9a-f]{7,64}$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_commit: Option<String>,
}

choice! {
    /// What was decided about a grant.
    pub enum GrantVerdict {
        /// Approved by rule.
        AutoApproved = "auto-approved",
        /// Approved by people.
        Approved = "approved",
        /// Comes with a role or department.
        Birthright = "birthright",
        /// Was there before gitsm.
        Imported = "imported",
    }
}

/// One person's approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Approval {
    /// The stage.
    pub stage: Id,
    /// Who approved.
    pub by: Ref<Person>,
    /// On whose behalf, when they stood in for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Ref<Person>>,
    /// When.
    pub at: Instant,
}

choice! {
    /// Where a grant is in its life.
    pub enum GrantState default Active {
        /// In force, or will be on its first day.
        Active = "active",
        /// Ended, and seen to be gone.
        Removed = "removed",
        /// Taken away before its end.
        Revoked = "revoked",
    }
}

impl Parts for Grant {}
