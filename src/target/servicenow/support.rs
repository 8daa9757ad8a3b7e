//! What of the rulebook `ServiceNow` holds, and why the rest is not there.

use crate::{
    model::Kind,
    plan::{
        Construct,
        Support::{self, Emulated, Lost},
    },
};

/// What becomes of a kind.
#[must_use]
pub(super) const fn of(kind: Kind) -> (Support, &'static str) {
    match kind {
        Kind::Person => {
            (Emulated, "members and managers of groups, found by their e-mail address; no users are made")
        }
        Kind::Team => {
            (Emulated, "a group with its members, manager and parent; no rota, capacity or channels")
        }
        Kind::Category => (Emulated, "a category of the catalogue; its owner is not said"),
        Kind::Service => (
            Emulated,
            "a service and its offering, with criticality, support group and SLA; entitlements and dependencies are not said",
        ),
        Kind::RequestType => (
            Emulated,
            "a catalogue item with its variables, who may see it and how long it takes; no flow that asks and fulfils",
        ),
        Kind::Sla => (
            Emulated,
            "definitions for answering and solving incidents, by priority; no workarounds, news, warnings or reopening",
        ),
        Kind::Calendar => (Emulated, "a schedule with its spans; one that is always open needs none"),
        Kind::Article => (Emulated, "published articles, with their summary and where they are read"),
        Kind::Workflow => {
            (Lost, "approvals are flows, which the Table API can neither read nor write as they are")
        }
        Kind::Escalation => (Lost, "escalations are flows of SLA definitions"),
        Kind::Routing => (Lost, "assignment rules are conditions with scripts"),
        Kind::PriorityMatrix => {
            (Lost, "the lookup of priorities is one for the whole instance, and others use it")
        }
        Kind::Ola | Kind::SupplierContract => {
            (Lost, "definitions for them would need tickets of their own, and incidents have none")
        }
        Kind::Access | Kind::Guardrail | Kind::Sod | Kind::Bundle | Kind::Grant | Kind::Review => {
            (Lost, "access is decided by `gitsm simulate`; the instance asks for it, it does not decide")
        }
        Kind::ChangeModel | Kind::MajorIncident => {
            (Lost, "change models and major incidents are flows and scripts")
        }
        Kind::Tier => (Emulated, "the criticality of services, as one of four words"),
        Kind::Channel | Kind::Tenant | Kind::ConfigurationItem | Kind::Automation => {
            (Lost, "it belongs to those who discover and run it, not to the rulebook")
        }
        Kind::Exception
        | Kind::Control
        | Kind::Governance
        | Kind::AiPolicy
        | Kind::Metric
        | Kind::Scenario => (Lost, "it matters to those who keep the rulebook, who read it itself"),
    }
}

fn lost(construct: &str, reason: String, objects: usize) -> Option<Construct> {
    let construct = construct.to_owned();
    (objects > 0).then_some(Construct { construct, support: Lost, reason, objects })
}

/// Request types that are left out, because nothing stands for who may ask for them.
pub(super) fn unsaid(objects: usize) -> Option<Construct> {
    let reason = "only conditions on departments have user criteria: everybody would see the others, so they are left out";
    lost("request-type.available-when", reason.to_owned(), objects)
}

/// Articles without a knowledge base are lost.
pub(super) fn no_knowledge(constructs: &mut [Construct]) {
    for construct in constructs.iter_mut().filter(|construct| construct.construct == Kind::Article.name()) {
        construct.support = Lost;
        "name a knowledge base for them: `options.knowledge-base`".clone_into(&mut construct.reason);
    }
}

/// People without a user.
pub(super) fn without_user(objects: usize) -> Option<Construct> {
    lost(
        "team.members",
        "they have no active user with their e-mail address at the instance".to_owned(),
        objects,
    )
}

/// Departments and roles that are not there: what needs them fails.
pub(super) fn not_there(names: &[&str]) -> Option<Construct> {
    let reason = format!("{} is not at the instance, and what needs it is not written", names.join(", "));
    lost("request-type.available-when", reason, names.len())
}
