//! Incidents, as they are reported.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Id, Instant, Ref, category::Category, channel::Channel, condition::Literal,
    configuration_item::ConfigurationItem, person::Person, service::Service,
};

/// Something that is broken, as somebody or something reports it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Incident {
    /// Who reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<Ref<Person>>,
    /// The service that it is about. Without it, the one that runs on the item, if only one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref<Service>>,
    /// The effect on the business: a row or column of the priority matrix.
    pub impact: String,
    /// How long a solution can wait: a column or row of the priority matrix.
    pub urgency: String,
    /// The category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Ref<Category>>,
    /// The item that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_item: Option<Ref<ConfigurationItem>>,
    /// How it was reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Ref<Channel>>,
    /// How many people are affected.
    #[serde(default)]
    pub affected_users: u32,
    /// How many incidents have this one as their parent.
    #[serde(default)]
    pub children: u32,
    /// The number of the incident that this one belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether it is a security incident.
    #[serde(default)]
    pub security: bool,
    /// Attributes declared in `gitsm.toml` under `[attribute.incident]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Id, Literal>,
}

/// An incident with the instant at which it is reported, as files and streams of incidents hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Incident", example = serde_json::json!({
    "now": "2026-03-02T09:00:00Z",
    "incident": { "service": "mail", "impact": "high", "urgency": "high", "affected-users": 120 }
}))]
pub struct DatedIncident {
    /// A name for the incident; it comes back with the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it is reported. Without it, the `--now` of the command, or now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Instant>,
    /// What is reported.
    pub incident: Incident,
}
