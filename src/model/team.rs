//! Teams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, LocalDate, Parts, Ref, calendar::Calendar, category::Function, channel::Channel,
    choice::choice, person::Person, tenant::Tenant,
};

/// People who do work together. Tickets, approvals and ownership go to teams rather than to one person's inbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Team", example = serde_json::json!({
    "name": "Network operations", "lead": "ana.silva", "members": ["ana.silva", "ben.okoro"], "mailbox": "network@example.com"
}))]
pub struct Team {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What the team does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The people in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Ref<Person>>,
    /// Who leads it; approves as `role:team-lead`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<Ref<Person>>,
    /// The team that this one is part of; hierarchical escalation goes there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Ref<Team>>,
    /// The shared address that tickets and questions go to.
    #[schemars(email)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// The function that the team belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Function>,
    /// Where the team stands in the chain of support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_level: Option<SupportLevel>,
    /// Who can be reached when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_call: Option<OnCall>,
    /// How much work the team can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Where the team is told things.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Ref<Channel>>,
    /// The client or company that the team belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Ref<Tenant>>,
}

choice! {
    /// Where a team stands in the chain of support.
    pub enum SupportLevel {
        /// People solve it themselves, with an article or a form.
        SelfService = "self-service",
        /// The service desk: first contact.
        First = "l1",
        /// Specialists.
        Second = "l2",
        /// Engineers and developers.
        Third = "l3",
        /// An outside company.
        Supplier = "supplier",
    }
}

/// An on-call rota: the people take turns, one shift after another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OnCall {
    /// When somebody is on call.
    pub calendar: Ref<Calendar>,
    /// The people who take turns, in order.
    pub rotation: Vec<Ref<Person>>,
    /// How long one turn is.
    pub shift: Duration,
    /// The first day of the first person's first turn.
    pub start: LocalDate,
    /// How long after a call somebody must have answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledge_within: Option<Duration>,
}

/// How much work a team can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Capacity {
    /// Working hours in a week, all people together.
    #[schemars(range(min = 1))]
    pub hours_per_week: u32,
    /// Tickets that the team can close in a week, from experience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets_per_week: Option<u32>,
}

impl Parts for Team {}
