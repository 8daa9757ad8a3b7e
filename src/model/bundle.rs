//! Bundles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    EntitlementRef, LocalDate, Parts, Principal,
    condition::{PersonScope, When},
};

/// Birthright access: what people of a role or department get when they join, and lose when they move or
/// leave. Nobody is asked each time, so it should hold only what does little harm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Bundle", example = serde_json::json!({
    "name": "Sales", "owner": "team:sales-systems", "when": { "subject": { "department": "sales" } },
    "entitlements": ["salesforce/sales-standard"]
}))]
pub struct Bundle {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// Who gets it: a condition on the department, the location and so on of a person.
    pub when: When<PersonScope>,
    /// What they get without asking, as `service/entitlement`.
    #[schemars(length(min = 1))]
    pub entitlements: Vec<EntitlementRef>,
    /// The next day on which somebody looks at whether all of this is still so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
}

impl Parts for Bundle {}
