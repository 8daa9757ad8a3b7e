//! Managers and addresses.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{can_act, has_left, is_gone};
use crate::{
    diag::{Code, code},
    lint::{Context, graph},
    model::{Entry, person::Person},
};

/// People who manage each other.
pub(super) static MANAGER_CYCLE: Code =
    code!("GS2101", "manager-cycle", Error, "people manage each other in a circle");
/// A person without a manager.
pub(super) static NO_MANAGER: Code = code!(
    "GS2102",
    "person-without-manager",
    Note,
    "somebody who leads nobody has no manager who could approve for them"
);
/// The manager has left.
pub(super) static MANAGER_LEFT: Code =
    code!("GS2103", "manager-has-left", Warning, "the manager of an active person has left");
/// Two people of one address.
pub(super) static SAME_EMAIL: Code =
    code!("GS2104", "same-email", Warning, "two active people have the same e-mail address");

pub(super) fn manager_cycle(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let edges = rulebook
        .people
        .iter()
        .filter_map(|person| Some((person.id.as_str(), person.manager.as_ref()?.as_str())));
    for cycle in graph::cycles(edges) {
        let Some(person) = cycle.first().and_then(|id| rulebook.people.get(id)) else { continue };
        let message = match cycle.as_slice() {
            [only] => format!("`{only}` is their own manager"),
            _ => format!("`{}` manages themselves: {}", person.id, graph::path(&cycle)),
        };
        context
            .report(person.at("/manager"), message)
            .label("leads back here")
            .help("remove the `manager` of the one at the top: an approval chain must end");
    }
}

pub(super) fn no_manager(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let leads: BTreeSet<&str> = rulebook
        .people
        .iter()
        .filter_map(|person| Some(person.manager.as_ref()?.as_str()))
        .chain(rulebook.teams.iter().filter_map(|team| Some(team.lead.as_ref()?.as_str())))
        .collect();
    // A directory without managers keeps them elsewhere.
    if rulebook.people.iter().all(|person| person.manager.is_none()) {
        return;
    }
    for person in &rulebook.people {
        let counts = person.employment.is_human() && can_act(person, today);
        if counts && person.manager.is_none() && !leads.contains(person.id.as_str()) {
            context
                .report(person.at("/manager"), format!("`{}` has no manager", person.id))
                .label("no `manager`")
                .help("name who approves for them as `role:manager`: `manager = \"…\"`");
        }
    }
}

pub(super) fn manager_left(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for person in rulebook.people.iter().filter(|person| !has_left(person, today)) {
        let manager = person.manager.as_ref().and_then(|manager| rulebook.people.get(manager.as_str()));
        // Somebody who is their own manager is reported as that.
        if let Some(manager) = manager.filter(|manager| is_gone(manager) && manager.id != person.id) {
            context
                .report(
                    person.at("/manager"),
                    format!("`{}`, the manager of `{}`, has left", manager.id, person.id),
                )
                .label("no longer active")
                .related(manager.at(""), "defined here")
                .help("name whoever took over: until then nobody approves for them");
        }
    }
}

pub(super) fn same_email(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let mut seen: BTreeMap<String, &Entry<Person>> = BTreeMap::new();
    // An address may pass to somebody else after its owner has left, and accounts of software may share one.
    for person in
        rulebook.people.iter().filter(|person| person.employment.is_human() && !has_left(person, today))
    {
        let Some(email) = &person.email else { continue };
        if let Some(first) = seen.get(&email.to_lowercase()) {
            context
                .report(
                    person.at("/email"),
                    format!("`{}` and `{}` have the same address", first.id, person.id),
                )
                .label("the second one")
                .related(first.at("/email"), "the first one")
                .help("mend one of them: votes and notifications go to the wrong person");
        } else {
            seen.insert(email.to_lowercase(), person);
        }
    }
}
