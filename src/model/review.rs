//! Recertification.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    EntitlementRef, LocalDate, Parts, Principal, Ref, choice::choice, grant::Grant, person::Person,
    quantity::Instant, service::Service,
};

/// A recertification campaign: somebody looks at each grant and says whether it is still needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Review", example = serde_json::json!({
    "name": "ERP, second half", "owner": "team:finance", "reviewer": "role:manager", "services": ["erp"],
    "opens": "2026-07-01", "closes": "2026-07-31"
}))]
pub struct Review {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The campaign that this is the part of one reviewer of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<Ref<Review>>,
    /// Who decides; never the holder.
    pub reviewer: Principal,
    /// The services whose grants are looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Ref<Service>>,
    /// The entitlements whose grants are looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<EntitlementRef>,
    /// The first day of the campaign.
    pub opens: LocalDate,
    /// The last day of the campaign.
    pub closes: LocalDate,
    /// What happens to a grant that nobody decided about.
    #[serde(default)]
    pub no_decision: NoDecision,
    /// When everything that was decided was done, after the last day. From then on nothing follows from it any more, whatever
    /// becomes of those who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Instant>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decision: Vec<ReviewDecision>,
}

choice! {
    /// What happens to a grant that nobody decided about.
    pub enum NoDecision default Revoke {
        /// It ends.
        Revoke = "revoke",
        /// It is looked at by the owner of the campaign.
        Escalate = "escalate",
    }
}

/// A decision about one grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReviewDecision {
    /// The grant.
    pub grant: Ref<Grant>,
    /// What was decided.
    pub decision: ReviewVerdict,
    /// The new last day, for `reduce`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<LocalDate>,
    /// Who decided. A decision by nobody does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Ref<Person>>,
    /// When. A decision without an instant does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

choice! {
    /// What was decided about a grant.
    pub enum ReviewVerdict {
        /// Still needed.
        Keep = "keep",
        /// Not needed.
        Revoke = "revoke",
        /// Needed, but shorter: until the day that is written beside it.
        Reduce = "reduce",
        /// Not decided yet.
        Undecided = "undecided",
    }
}

impl Parts for Review {}
