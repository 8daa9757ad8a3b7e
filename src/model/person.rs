//! People and other identities.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Id, LocalDate, Parts, Principal, Ref, choice::choice, condition::Literal, tenant::Tenant,
};

/// An identity record: an employee, a contractor, a service account or an agent.
///
/// Large directories come as CSV, named in `gitsm.toml`, rather than as TOML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Person", example = serde_json::json!({
    "name": "Ana Silva", "email": "ana.silva@example.com", "department": "sales", "manager": "joao.costa",
    "employment": "employee"
}))]
pub struct Person {
    /// The name that people know them by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// The address that notifications go to.
    #[schemars(email)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The department, as the directory writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The person they report to, who approves as `role:manager`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Ref<Person>>,
    /// How they are employed.
    #[serde(default)]
    pub employment: Employment,
    /// The state of the identity. Only active people approve or receive access.
    #[serde(default)]
    pub status: PersonStatus,
    /// The first day of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<LocalDate>,
    /// The last day. Access never outlives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<LocalDate>,
    /// Who answers for a service account or agent: `person:…` or `team:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// What a service account or agent is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// How often the secrets of a service account or agent are changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Duration>,
    /// When the secrets were last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_rotated: Option<LocalDate>,
    /// The client or company that the person belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Ref<Tenant>>,
    /// The person's account names in other systems, for example `github = "ana-silva"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<Id, String>,
    /// Attributes declared in `gitsm.toml` under `[attribute.subject]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Id, Literal>,
}

choice! {
    /// How an identity is employed.
    pub enum Employment default Employee {
        /// On the payroll.
        Employee = "employee",
        /// Works for another company or on their own account; needs an end date.
        Contractor = "contractor",
        /// Used by software, not by a person; needs an owner and a purpose.
        ServiceAccount = "service-account",
        /// Software that decides for itself what to do, such as an AI agent; needs an owner and a purpose.
        Agent = "agent",
    }
}

impl Employment {
    /// Whether the identity is a human being.
    #[must_use]
    pub const fn is_human(self) -> bool {
        matches!(self, Self::Employee | Self::Contractor)
    }
}

choice! {
    /// The state of an identity.
    pub enum PersonStatus default Active {
        /// Not started yet.
        Joining = "joining",
        /// Works here.
        Active = "active",
        /// Away for a while; keeps access but does not approve.
        OnLeave = "on-leave",
        /// Left, or switched off.
        Inactive = "inactive",
    }
}

impl Person {
    /// Somebody of whom nothing but the name is known.
    #[must_use]
    pub fn named(name: String) -> Self {
        Self {
            name,
            email: None,
            department: None,
            title: None,
            location: None,
            manager: None,
            employment: Employment::default(),
            status: PersonStatus::default(),
            start: None,
            end: None,
            owner: None,
            purpose: None,
            rotation: None,
            last_rotated: None,
            tenant: None,
            accounts: BTreeMap::new(),
            attributes: BTreeMap::new(),
        }
    }
}

impl Parts for Person {}
