//! Configuration items.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LocalDate, Parts, Principal, Ref, choice::choice, service::Environment, team::Team};

/// A configuration item (CI): a component that services run on, such as a server, a database or a network
/// line. What breaks when it does is known from the services that name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Configuration item", example = serde_json::json!({
    "name": "ERP database", "class": "database", "owner": "team:databases", "environment": "production"
}))]
pub struct ConfigurationItem {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What sort of component it is.
    pub class: ItemClass,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The team that repairs it; incidents about it go there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_team: Option<Ref<Team>>,
    /// Whether it is in production, where a mistake reaches customers, or in a place for tests.
    #[serde(default)]
    pub environment: Environment,
    /// The components that it cannot work without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Ref<ConfigurationItem>>,
    /// The last day on which somebody made sure that this record is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<LocalDate>,
}

choice! {
    /// A sort of component.
    pub enum ItemClass {
        /// A physical or virtual machine.
        Server = "server",
        /// A database.
        Database = "database",
        /// An application.
        Application = "application",
        /// A switch, router, firewall or line.
        Network = "network",
        /// Disks and backups.
        Storage = "storage",
        /// Something that a supplier runs.
        Cloud = "cloud",
        /// A laptop, phone or printer.
        Device = "device",
        /// A building, room or machine.
        Facility = "facility",
    }
}

impl Parts for ConfigurationItem {}
