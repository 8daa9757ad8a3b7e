//! Changes, as they are asked for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Id, Instant, Ref,
    article::Article,
    change_model::{ChangeCategory, ChangeType},
    choice::choice,
    condition::Literal,
    configuration_item::ConfigurationItem,
    person::Person,
    service::{Environment, Service},
    workflow::Evidence,
};

/// A change, as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Change {
    /// Who asks for it.
    pub requester: Ref<Person>,
    /// Who is responsible for it. Without it, who asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Ref<Person>>,
    /// Who carries it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implementers: Vec<Ref<Person>>,
    /// The type of change.
    #[serde(rename = "type")]
    pub change_type: ChangeType,
    /// The service that is changed. Without it, the one that runs on the configuration item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref<Service>>,
    /// The item that is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_item: Option<Ref<ConfigurationItem>>,
    /// What is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<ChangeCategory>,
    /// Where it is changed. Without it, where the configuration item runs, else in production.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The written procedure that it follows to the letter. A standard change is authorised for that of its model alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<Ref<Article>>,
    /// How many people use what is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affected_users: Option<u32>,
    /// Whether it was tested in staging.
    #[serde(default)]
    pub tested: bool,
    /// Whether there is a way back.
    #[serde(default)]
    pub rollback_plan: bool,
    /// How long the service is expected to be down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime: Option<Duration>,
    /// When it begins.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
    /// What the requester brings because a stage demands it, such as a ticket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Attributes declared in `gitsm.toml` under `[attribute.change]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Id, Literal>,
    /// Other changes that are planned; those that get in the way are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherChange>,
}

/// Another change that is planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OtherChange {
    /// Its number.
    pub id: String,
    /// The service that it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref<Service>>,
    /// The item that it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_item: Option<Ref<ConfigurationItem>>,
    /// Who carries it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implementers: Vec<Ref<Person>>,
    /// When it begins.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
}

/// A change with the instant at which it is asked for, as files and streams of changes hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Change", example = serde_json::json!({
    "now": "2026-03-02T09:00:00Z",
    "change": {
        "requester": "ben.okoro", "type": "normal", "service": "mail", "affected-users": 120, "downtime": "5m",
        "tested": true, "rollback-plan": true, "start": "2026-03-08T06:00:00Z", "end": "2026-03-08T07:00:00Z"
    }
}))]
pub struct DatedChange {
    /// A name for the change; it comes back with the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it is asked for. Without it, the `--now` of the command, or now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Instant>,
    /// What is asked for.
    pub change: Change,
}

choice! {
    /// What is decided about a change.
    pub enum ChangeVerdict {
        /// It may be carried out; nobody is asked.
        Authorised = "authorised",
        /// People are asked.
        NeedsApproval = "needs-approval",
        /// It may not be carried out like this.
        Denied = "denied",
        /// What is asked for makes no sense.
        Invalid = "invalid",
    }
}
