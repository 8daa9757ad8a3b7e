//! What of the rulebook a SCIM service holds, and why the rest is not there.

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
            "a user with name and address, only with `options.users = true`; otherwise users are found by name or address",
        ),
        Kind::Service => {
            (Emulated, "a group for each entitlement, and those that entitlements name; nothing else of it")
        }
        Kind::Grant => (
            Emulated,
            "membership while it is in force on the day of the plan: it does not end by itself, but with the next plan; \
             no licence, role or anything else that it gives",
        ),
        Kind::Bundle => {
            (Emulated, "a group of those who get it on the day of the plan, and what it gives them")
        }
        Kind::Access | Kind::Guardrail | Kind::Sod | Kind::Review | Kind::Exception => {
            (Lost, "access is decided by `gitsm`; SCIM holds what was decided, and no rules about it")
        }
        Kind::Team => (Lost, "teams have work, not access; what its members may use is granted to them"),
        Kind::RequestType | Kind::Workflow | Kind::Routing | Kind::Escalation => {
            (Lost, "SCIM knows who has access, and nothing of how they ask for it")
        }
        Kind::Sla
        | Kind::Ola
        | Kind::SupplierContract
        | Kind::Calendar
        | Kind::PriorityMatrix
        | Kind::ChangeModel
        | Kind::MajorIncident
        | Kind::Article
        | Kind::Tier
        | Kind::Category
        | Kind::Channel
        | Kind::Tenant
        | Kind::ConfigurationItem
        | Kind::Automation => (Lost, "SCIM knows users and groups, and nothing there stands for it"),
        Kind::Control | Kind::Governance | Kind::AiPolicy | Kind::Metric | Kind::Scenario => {
            (Lost, "it matters to those who keep the rulebook, who read it itself")
        }
    }
}
