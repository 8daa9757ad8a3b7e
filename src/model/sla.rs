//! Agreements about time: with customers, between teams, and with suppliers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, LocalDate, Money, Parts, Percent, Principal, Priority, Ref, Selector, calendar::Calendar,
    choice::choice, escalation::Escalation, team::Team, tenant::Tenant,
};

/// A service level agreement (SLA): what is promised to customers, such as a first response within an hour,
/// by priority and counted in business hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Service level agreement", example = serde_json::json!({
    "name": "Gold", "calendar": "berlin", "target": { "p1": { "respond": "15m", "resolve": "4h" } },
    "pause-in": ["awaiting-requester"], "at-risk": ["75%"]
}))]
pub struct Sla {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it being met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The hours in which its clocks run.
    pub calendar: Ref<Calendar>,
    /// The targets by priority: how long until somebody answers, tells news, and has it working again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target: BTreeMap<Priority, Targets>,
    /// States of a ticket that start the clock.
    #[serde(default = "start_states")]
    pub start_in: Vec<TicketState>,
    /// States of a ticket in which the clock stands still.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pause_in: Vec<TicketState>,
    /// States of a ticket that stop the clock.
    #[serde(default = "stop_states")]
    pub stop_in: Vec<TicketState>,
    /// Shares of the target at which the ticket counts as at risk and people are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_risk: Vec<Percent>,
    /// How many tickets must meet the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attainment: Option<Percent>,
    /// What happens as the target gets close or is missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Ref<Escalation>>,
    /// The promises that this one rests on, in the order in which the work passes through them:
    /// `ola:…` or `supplier-contract:…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supported_by: Vec<Selector>,
    /// What happens to the clock when a ticket is reopened.
    #[serde(default)]
    pub reopen: Reopen,
    /// Whether a clock that is attached later counts from the opening of the ticket.
    #[serde(default)]
    pub retroactive_start: bool,
    /// Whether a clock that is attached later takes over the pauses so far.
    #[serde(default)]
    pub retroactive_pause: bool,
    /// The next day on which the agreement is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
    /// The client or company that the agreement is with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Ref<Tenant>>,
}

fn start_states() -> Vec<TicketState> {
    vec![TicketState::New]
}

fn stop_states() -> Vec<TicketState> {
    vec![TicketState::Resolved, TicketState::Closed, TicketState::Cancelled]
}

/// How long things may take, counted in the hours of a calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Targets {
    /// Until somebody who can help has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respond: Option<Duration>,
    /// Until the requester hears news, again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Duration>,
    /// Until there is a workaround.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workaround: Option<Duration>,
    /// Until it is solved or delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve: Option<Duration>,
}

choice! {
    /// What a target is about.
    pub enum TargetKind {
        /// Somebody who can help has answered.
        Respond = "respond",
        /// The requester has heard news.
        Update = "update",
        /// There is a workaround.
        Workaround = "workaround",
        /// It is solved or delivered.
        Resolve = "resolve",
    }
}

impl Targets {
    /// The target of this kind, if there is one.
    #[must_use]
    pub const fn of(&self, kind: TargetKind) -> Option<Duration> {
        match kind {
            TargetKind::Respond => self.respond,
            TargetKind::Update => self.update,
            TargetKind::Workaround => self.workaround,
            TargetKind::Resolve => self.resolve,
        }
    }
}

choice! {
    /// What happens to the clock when a ticket is reopened.
    pub enum Reopen default Accumulate {
        /// The time while it was resolved counts as a pause.
        Accumulate = "accumulate",
        /// A new clock starts from zero.
        NewCycle = "new-cycle",
        /// The clock ran on all the time.
        RunThrough = "run-through",
    }
}

choice! {
    /// The state of a ticket.
    pub enum TicketState {
        /// Reported; nobody has looked at it.
        New = "new",
        /// Somebody is responsible for it.
        Assigned = "assigned",
        /// Somebody works on it.
        InProgress = "in-progress",
        /// Waits for an approval.
        AwaitingApproval = "awaiting-approval",
        /// Waits for an answer of the requester.
        AwaitingRequester = "awaiting-requester",
        /// Waits for a supplier.
        AwaitingSupplier = "awaiting-supplier",
        /// Waits for a change to be carried out.
        AwaitingChange = "awaiting-change",
        /// Waits for a date that was agreed.
        Scheduled = "scheduled",
        /// Solved or delivered; the requester can still object.
        Resolved = "resolved",
        /// Finished.
        Closed = "closed",
        /// Withdrawn.
        Cancelled = "cancelled",
    }
}

/// An operational level agreement (OLA): what one team of the company promises another, so that an SLA can
/// be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Operational level agreement", example = serde_json::json!({
    "name": "Network to service desk", "provider": "network", "calendar": "berlin", "target": { "p1": { "resolve": "2h" } }
}))]
pub struct Ola {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The team that promises.
    pub provider: Ref<Team>,
    /// The team that it is promised to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer: Option<Ref<Team>>,
    /// The hours in which its clocks run.
    pub calendar: Ref<Calendar>,
    /// The targets by priority.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target: BTreeMap<Priority, Targets>,
    /// The next day on which the agreement is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
}

/// An underpinning contract: what a supplier promises, so that an SLA can be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Supplier contract", example = serde_json::json!({
    "name": "Leased lines", "supplier": "Example Telecom", "owner": "team:network", "calendar": "always",
    "target": { "p1": { "resolve": "3h" } }, "end": "2027-12-31"
}))]
pub struct SupplierContract {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The company that promises.
    #[schemars(regex(pattern = r"\S"))]
    pub supplier: String,
    /// Who looks after the contract on our side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The number of the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Where the supplier is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The hours in which its clocks run.
    pub calendar: Ref<Calendar>,
    /// The targets by priority.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target: BTreeMap<Priority, Targets>,
    /// How much of the time the supplied service must work, over a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Percent>,
    /// What it costs in a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_per_year: Option<Money>,
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<LocalDate>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<LocalDate>,
    /// How long before the end it must be cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Duration>,
}

impl Parts for Sla {}
impl Parts for Ola {}
impl Parts for SupplierContract {}
