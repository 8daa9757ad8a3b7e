//! What of the rulebook Request Tracker holds, and why the rest is not there.

use crate::{
    model::Kind,
    plan::Support::{self, Emulated, Lost},
};

/// What becomes of a kind.
#[must_use]
pub(super) const fn of(kind: Kind) -> (Support, &'static str) {
    match kind {
        Kind::Person => (
            Emulated,
            "members of teams are found by their e-mail address; users are made for them only with `options.users = true`",
        ),
        Kind::Team => {
            (Emulated, "a group with the members and a queue that it watches; no rota, capacity or parent")
        }
        Kind::RequestType => (
            Emulated,
            "a queue with a custom field for each field of the form; nobody is asked to approve, and steps are not made",
        ),
        Kind::Article => (Emulated, "published articles, with their summary and where they are read"),
        Kind::Sla => (
            Emulated,
            "levels in a file of configuration, since the interface has none: for answering, keeping informed and solving",
        ),
        Kind::Calendar => (
            Emulated,
            "business hours in a file of configuration, for calendars of SLAs; days with other hours keep the usual ones",
        ),
        Kind::Workflow => {
            (Lost, "approvals are templates and scrips, which the interface can neither read nor write")
        }
        Kind::Service => (Lost, "assets are things that people hold, not services"),
        Kind::Escalation => {
            (Lost, "escalations are scrips and a scheduled job, which the interface cannot write")
        }
        Kind::Routing => (Lost, "rules that move tickets are scrips, which the interface cannot write"),
        Kind::PriorityMatrix => (Lost, "a priority is one number there, without impact and urgency"),
        Kind::Ola | Kind::SupplierContract => (Lost, "a ticket has one level, that of the SLA"),
        Kind::Access | Kind::Guardrail | Kind::Sod | Kind::Bundle | Kind::Grant | Kind::Review => {
            (Lost, "access is decided by `gitsm simulate`; a ticket system holds no rules about it")
        }
        Kind::ChangeModel | Kind::MajorIncident => {
            (Lost, "there are tickets only, and no processes around them")
        }
        Kind::Tier
        | Kind::Category
        | Kind::Channel
        | Kind::Tenant
        | Kind::ConfigurationItem
        | Kind::Automation => (Lost, "nothing there stands for it"),
        Kind::Exception
        | Kind::Control
        | Kind::Governance
        | Kind::AiPolicy
        | Kind::Metric
        | Kind::Scenario => (Lost, "it matters to those who keep the rulebook, not to a ticket"),
    }
}
