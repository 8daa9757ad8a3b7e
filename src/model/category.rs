//! Categories.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parts, Principal, Ref, choice::choice};

/// A class of services, requests and incidents, such as network or payroll, and the function of the
/// business that owns it. Tickets are routed and counted by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Category", example = serde_json::json!({ "name": "Networking", "function": "it", "owner": "team:network" }))]
pub struct Category {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What belongs in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The function that owns it.
    pub function: Function,
    /// Who answers for it; approves as `role:category-owner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The category that this one is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Ref<Category>>,
}

choice! {
    /// A function of the business that offers services.
    pub enum Function {
        /// Information technology.
        It = "it",
        /// Human resources.
        Hr = "hr",
        /// Buildings, desks and everything in them.
        Facilities = "facilities",
        /// Finance and purchasing.
        Finance = "finance",
        /// Legal and compliance.
        Legal = "legal",
        /// Information security.
        Security = "security",
        /// Marketing and communication.
        Marketing = "marketing",
        /// Anything else.
        Other = "other",
    }
}

impl Parts for Category {}
