//! Replay maps: how the columns of an export become requests, tickets or changes of people.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    EntitlementRef,
    choice::choice,
    import_map::{Constant, Transform},
};
use crate::time::Zone;

/// How the columns of an export become requests, tickets or changes of people. `gitsm replay` reads it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Replay map", example = serde_json::json!({
    "missing": ["?"], "instants": "%d/%m/%Y %H:%M", "time-zone": "Europe/Berlin",
    "fields": {
        "requester": { "column": "Requested for", "transform": "email-to-id" },
        "entitlements": { "column": "Item", "values": { "CRM user": "crm/user" } },
        "now": { "column": "Opened" },
        "outcome": { "column": "Result", "values": { "Granted": "approved", "Refused": "denied" } }
    },
    "subject": { "department": { "column": "Department" } }
}))]
pub struct ReplayMap {
    /// What separates the columns, when it is not a comma: `";"`, or `"\t"` for a tab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1))]
    pub delimiter: Option<String>,
    /// Words that stand for a missing value in any column. An empty value is always missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// How instants are written, in the notation of strftime: `%d/%m/%Y %H:%M`. Without it, as
    /// `2026-05-01T09:00:00Z`, `2026-05-01 09:00:00` or `2026-05-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"\S"))]
    pub instants: Option<String>,
    /// The zone of instants that do not say it [default: that of the project].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Zone>,
    /// For requests: the entitlement that one which the catalogue does not hold is like, so that requests for what
    /// was retired since can be decided. Without it, such requests are rejected. Rules about the service decide
    /// about it, rules about this one alone do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<EntitlementRef>,
    /// Where each field comes from.
    pub fields: IndexMap<String, ReplayField>,
    /// For requests: what the person was like at the time, by attribute. It counts in place of what the directory
    /// says today, and people whom the directory does not hold any more can be decided about.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub subject: IndexMap<String, ReplayField>,
}

/// Where a field comes from: a column, or the same value in every row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReplayField {
    /// The heading of the column; in JSON Lines the name of the field, or its path: `user.email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The value of every row, instead of a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Constant>,
    /// Words of the export and what they mean here: `{ "1" = "approved", "0" = "denied" }`. A row with another
    /// word is rejected, unless there is a `default`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub values: IndexMap<String, String>,
    /// What counts where the value is missing or has no translation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What the text is turned into before the prefix is put in front of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<Transform>,
    /// What is put in front of the value, such as `crm/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// What separates the entries of a list inside the column [default: `,` or `;`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub separator: Option<String>,
    /// Further words that stand for a missing value in this column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

choice! {
    /// A field of a request of the past.
    pub enum RequestField {
        /// A name for the request, to find it again.
        Id = "id",
        /// When it was made. Without it, all requests are decided as of one instant.
        Now = "now",
        /// Who asked.
        Requester = "requester",
        /// Who it was for, when that was somebody else.
        Beneficiary = "beneficiary",
        /// What was asked for, as `service/entitlement`; several separated by `,` or `;`.
        Entitlements = "entitlements",
        /// The bundle that was asked for.
        Bundle = "bundle",
        /// The request type that was filled in.
        Type = "type",
        /// The service that it was about.
        Service = "service",
        /// How long it was asked for.
        Duration = "duration",
        /// The environment.
        Environment = "environment",
        /// Why.
        Justification = "justification",
        /// The ticket that was named.
        Ticket = "ticket",
        /// The project that was named.
        Project = "project",
        /// What was brought: `training`, `agreement`, `mfa`.
        Evidence = "evidence",
        /// Whether it was marked as an emergency.
        Emergency = "emergency",
        /// What was decided at the time: `approved`, `auto-approved` or `denied`.
        Outcome = "outcome",
    }
}

choice! {
    /// What was decided about a request at the time.
    pub enum Recorded {
        /// Approved.
        Approved = "approved",
        /// Approved without asking anybody.
        AutoApproved = "auto-approved",
        /// Denied.
        Denied = "denied",
    }
}

choice! {
    /// A field of something that happened to a ticket.
    pub enum TicketField {
        /// The number of the ticket.
        Id = "id",
        /// When it happened.
        At = "at",
        /// When the ticket was opened [default: when the first thing happened].
        Opened = "opened",
        /// When it was solved, as the last row says it. What happened later is not looked at. Without it, states say it.
        Resolved = "resolved",
        /// The state that the ticket is in from then on.
        State = "state",
        /// Its priority from then on.
        Priority = "priority",
        /// The SLA that holds from then on.
        Sla = "sla",
        /// The service that it is about, whose SLA holds.
        Service = "service",
        /// A target that was reached: `respond`, `update` or `workaround`.
        Done = "done",
        /// Whether the target to solve it was kept, as the file says: `met` or `breached`.
        Recorded = "recorded",
    }
}

choice! {
    /// Whether a target was kept.
    pub enum Kept {
        /// It was.
        Met = "met",
        /// It was not.
        Breached = "breached",
    }
}

choice! {
    /// A field of something that happened to somebody.
    pub enum PersonChangeField {
        /// Who.
        Person = "person",
        /// When.
        At = "at",
        /// What happened: `join`, `change`, `leave`, or for a team `add`, `remove`.
        Action = "action",
        /// The team.
        Team = "team",
        /// As what: `member`, `lead` or `former` [default: `member`].
        Role = "role",
    }
}

choice! {
    /// What happened to somebody.
    pub enum PersonAction {
        /// They came.
        Join = "join",
        /// Something about them changed.
        Change = "change",
        /// They went.
        Leave = "leave",
        /// They came into a team.
        Add = "add",
        /// They left a team.
        Remove = "remove",
    }
}

choice! {
    /// What somebody is in a team.
    pub enum TeamRole {
        /// A member.
        Member = "member",
        /// The one who leads it, or one of them.
        Lead = "lead",
        /// In it no more, and still listed.
        Former = "former",
    }
}
