//! Owners: teams rather than one person's inbox, and somebody who is still there.

use crate::{
    diag::{Code, code},
    lint::{
        Context, Location,
        organisation::identity::{
            has_left, is_gone, is_ownership, person_named, somebody_can_act, team_named,
        },
    },
    model::{Kind, Principal, Reference, Role, service::Lifecycle},
};

/// One person owns a service.
pub(super) static ONE_PERSON: Code =
    code!("GS2006", "owner-is-one-person", Warning, "a service is owned by one person rather than a team");
/// The owner has left.
pub(super) static CANNOT_ACT: Code = code!(
    "GS2007",
    "owner-cannot-act",
    Error,
    "an owner has left, is a team in which nobody is active, or is a role that is nobody"
);

pub(super) fn one_person(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for service in &rulebook.services {
        let Some(Principal::Person(id)) = &service.owner else { continue };
        // An owner who has left is the more urgent finding.
        if rulebook.people.get(id.as_str()).is_none_or(|person| has_left(person, today)) {
            continue;
        }
        context
            .report(service.at("/owner"), format!("the service `{}` belongs to one person", service.id))
            .label("approvals and questions stop when this person is away")
            .help("name a team: `owner = \"team:…\"`");
    }
}

/// Roles are somebody in a request. What is owned is there without one.
fn is_nobody(context: &mut Context<'_>) {
    for service in &context.rulebook.services {
        if service.lifecycle == Some(Lifecycle::Retired) {
            continue;
        }
        if let Some(Principal::Role(role)) = &service.owner {
            report_role(context, service.at("/owner"), &format!("service `{}`", service.id), *role);
        }
        for (id, entitlement) in &service.value.entitlement {
            // Whoever owns the service can own what it gives.
            if let Some(Principal::Role(role)) = &entitlement.owner
                && *role != Role::ServiceOwner
            {
                let at = service.at(format!("/entitlement/{id}/owner"));
                report_role(context, at, &format!("entitlement `{}/{id}`", service.id), *role);
            }
        }
    }
}

fn report_role(context: &mut Context<'_>, at: Location, owned: &str, role: Role) {
    context
        .report(
            at,
            format!("the {owned} belongs to `{}`, which is nobody without a request", Principal::Role(role)),
        )
        .label("nobody in particular")
        .help("name a team: `owner = \"team:…\"`");
}

pub(super) fn cannot_act(context: &mut Context<'_>) {
    is_nobody(context);
    let (rulebook, today) = (context.rulebook, context.today);
    for reference in rulebook.references.iter().filter(|reference| is_ownership(reference)) {
        let owned = || {
            reference.from.as_ref().map_or_else(String::new, |(kind, id)| format!("{} `{id}`", kind.name()))
        };
        if let Some(person) = person_named(rulebook, reference).filter(|person| is_gone(person))
            && is_in_use(context, reference)
        {
            let owned = owned();
            context
                .report(
                    Location::of(reference),
                    format!("`{}`, who answers for the {owned}, has left", person.id),
                )
                .label("no longer active")
                .related(person.at(""), "defined here")
                .help("name a team, or whoever took over");
        }
        if let Some(team) = team_named(rulebook, reference)
            && !somebody_can_act(rulebook, team, today)
            && is_in_use(context, reference)
        {
            let owned = owned();
            context
                .report(
                    Location::of(reference),
                    format!("nobody in the team `{}`, which answers for the {owned}, is active", team.id),
                )
                .label("a team without an active member")
                .related(team.at("/members"), "its members")
                .help("give the team a member, or name another team");
        }
    }
}

/// Whether what is owned still matters: nobody has to take over what is switched off.
fn is_in_use(context: &Context<'_>, reference: &Reference) -> bool {
    let (rulebook, today) = (context.rulebook, context.today);
    match &reference.from {
        Some((Kind::Person, id)) => {
            rulebook.people.get(id.as_str()).is_none_or(|person| !has_left(person, today))
        }
        Some((Kind::Service, id)) => rulebook
            .services
            .get(id.as_str())
            .is_none_or(|service| service.lifecycle != Some(Lifecycle::Retired)),
        _ => true,
    }
}
