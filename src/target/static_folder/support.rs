//! What of the rulebook is published, and why the rest is not.

use crate::{
    model::Kind,
    plan::Support::{self, Emulated, Exact, Lost},
};

/// What becomes of a kind.
#[must_use]
pub(super) const fn of(kind: Kind) -> (Support, &'static str) {
    match kind {
        Kind::Team
        | Kind::Channel
        | Kind::Tier
        | Kind::Category
        | Kind::Service
        | Kind::RequestType
        | Kind::Bundle
        | Kind::Article
        | Kind::Calendar
        | Kind::Sla
        | Kind::Ola
        | Kind::Workflow
        | Kind::Access
        | Kind::Guardrail
        | Kind::Sod
        | Kind::ChangeModel
        | Kind::PriorityMatrix
        | Kind::MajorIncident
        | Kind::Escalation
        | Kind::Routing => (Exact, ""),
        Kind::Person => (
            Emulated,
            "only the id and the name, and only of people whom something published names: personal data",
        ),
        Kind::Tenant => (Lost, "the names of clients are not for everybody who reads the catalogue"),
        Kind::ConfigurationItem => (Lost, "components are for those who run them, and help attackers"),
        Kind::Automation => (Lost, "how work is automated is for those who run it"),
        Kind::SupplierContract => (Lost, "what suppliers promise is confidential between the parties"),
        Kind::Exception => (Lost, "a waived rule shows where control is weak"),
        Kind::Control => (Lost, "evidence for auditors, who read the repository"),
        Kind::Governance => (Lost, "who approves changes to the repository matters only in it"),
        Kind::AiPolicy => (Lost, "limits of agents are for those who run them"),
        Kind::Metric => (Lost, "measures and their targets are internal"),
        Kind::Grant => (Lost, "who has what access is personal data"),
        Kind::Review => (Lost, "who may keep what access is personal data"),
        Kind::Scenario => (Lost, "tests of the rulebook, not a part of it"),
    }
}

/// Whether objects of a kind get a file each.
#[must_use]
pub(super) const fn is_published(kind: Kind) -> bool {
    matches!(of(kind).0, Exact | Emulated)
}
