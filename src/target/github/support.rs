//! What of the rulebook GitHub holds, and why the rest is not there.

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
            "members of teams, by `accounts.github`; nobody is invited to the organisation or removed from it",
        ),
        Kind::Team => (
            Emulated,
            "a team with its members, named by its id; no lead, rota, capacity or parent, and no rights to repositories",
        ),
        Kind::RequestType => (
            Emulated,
            "an issue form in a file and a label for its issues; nobody is asked to approve, and steps are not made",
        ),
        Kind::Service => (Emulated, "a label for its issues"),
        Kind::Governance => (
            Emulated,
            "code owners in a file, and with `options.ruleset = true` a ruleset: alike for every change; `gitsm` decides",
        ),
        Kind::Workflow => {
            (Lost, "only whom it asks by name or team, as code owners of what a governance rule names")
        }
        Kind::Sla
        | Kind::Ola
        | Kind::SupplierContract
        | Kind::Calendar
        | Kind::Escalation
        | Kind::Routing
        | Kind::PriorityMatrix
        | Kind::MajorIncident => (Lost, "an issue has no clock, and nobody who is told when it is late"),
        Kind::ChangeModel => (
            Lost,
            "the reviewers of an environment are the same for every deployment, whatever its risk, time or owner",
        ),
        Kind::Access | Kind::Guardrail | Kind::Sod | Kind::Bundle | Kind::Grant | Kind::Review => {
            (Lost, "access is decided by `gitsm simulate`; GitHub holds no rules about that of other systems")
        }
        Kind::Article => (Lost, "a repository has files for that, and this one holds the rulebook"),
        Kind::Tier
        | Kind::Category
        | Kind::Channel
        | Kind::Tenant
        | Kind::ConfigurationItem
        | Kind::Automation => (Lost, "nothing there stands for it"),
        Kind::Exception | Kind::Control | Kind::AiPolicy | Kind::Metric | Kind::Scenario => {
            (Lost, "it matters to those who keep the rulebook, who read it itself")
        }
    }
}
