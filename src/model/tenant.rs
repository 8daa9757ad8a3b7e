//! Tenants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parts, Principal};

/// A client of a service provider, or a company of a group, whose data and access are kept apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Tenant", example = serde_json::json!({ "name": "Example Logistics", "owner": "team:account-management" }))]
pub struct Tenant {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for the relation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
}

impl Parts for Tenant {}
