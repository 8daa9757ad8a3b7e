//! Channels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parts, Principal, Ref, calendar::Calendar, choice::choice};

/// A way in for requests, or a way out for notifications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Channel", example = serde_json::json!({ "name": "Portal", "medium": "portal", "address": "https://help.example.com", "intake": true }))]
pub struct Channel {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// By what means: a portal, mail, chat and so on.
    pub medium: Medium,
    /// Where it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether requests come in here.
    #[serde(default)]
    pub intake: bool,
    /// Whether notifications go out here.
    #[serde(default)]
    pub notify: bool,
    /// The hours in which somebody answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Ref<Calendar>>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
}

choice! {
    /// What a channel is.
    pub enum Medium {
        /// A web portal.
        Portal = "portal",
        /// E-mail.
        Email = "email",
        /// Telephone.
        Phone = "phone",
        /// A chat.
        Chat = "chat",
        /// A machine that talks.
        VirtualAgent = "virtual-agent",
        /// An event of the monitoring.
        Monitoring = "monitoring",
        /// A desk that people walk up to.
        WalkIn = "walk-in",
        /// A pager or its app.
        Pager = "pager",
        /// Another program.
        Api = "api",
    }
}

impl Parts for Channel {}
