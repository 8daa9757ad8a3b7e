//! Service accounts and agents.

use super::{
    days::{days_between, whole_days},
    identity::has_left,
};
use crate::{
    diag::{Code, code},
    lint::Context,
    model::{Entry, Principal, person::Person},
};

/// An account no person answers for.
pub(super) static OWNER: Code = code!(
    "GS2105",
    "non-human-without-owner",
    Error,
    "no person or team answers for a service account or agent"
);
/// An account for nothing.
pub(super) static PURPOSE: Code = code!(
    "GS2106",
    "non-human-without-purpose",
    Warning,
    "a service account or agent does not say what it is for"
);
/// An account for ever.
pub(super) static NO_END: Code = code!(
    "GS2107",
    "non-human-without-end",
    Warning,
    "a service account or agent has neither an end nor a rotation of its secrets"
);
/// Old secrets.
pub(super) static ROTATION: Code = code!(
    "GS2108",
    "rotation-overdue",
    Warning,
    "the secrets of a service account or agent are older than its rotation allows"
);

fn machines<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Entry<Person>> + use<'a> {
    let today = context.today;
    context
        .rulebook
        .people
        .iter()
        .filter(move |person| !person.employment.is_human() && !has_left(person, today))
}

pub(super) fn owner(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for machine in machines(context) {
        let problem = match &machine.owner {
            None => "has no owner",
            Some(Principal::Role(_)) => "is owned by a role, which only a request resolves",
            Some(Principal::Person(id)) => match rulebook.people.get(id.as_str()) {
                Some(owner) if !owner.employment.is_human() => "is owned by software",
                _ => continue,
            },
            Some(Principal::Team(_) | Principal::OnCall(_)) => continue,
        };
        context
            .report(machine.at("/owner"), format!("the {} `{}` {problem}", machine.employment, machine.id))
            .label("nobody to ask")
            .help("name the team or person who answers for it: `owner = \"team:…\"`");
    }
}

pub(super) fn purpose(context: &mut Context<'_>) {
    for machine in machines(context) {
        if machine.purpose.as_ref().is_none_or(|purpose| purpose.trim().is_empty()) {
            context
                .report(
                    machine.at("/purpose"),
                    format!("the {} `{}` does not say what it is for", machine.employment, machine.id),
                )
                .label("no `purpose`")
                .help("say what uses it: `purpose = \"…\"`");
        }
    }
}

pub(super) fn no_end(context: &mut Context<'_>) {
    for machine in machines(context) {
        if machine.end.is_none() && machine.rotation.is_none() {
            context
                .report(
                    machine.at(""),
                    format!("the {} `{}` and its secrets last for ever", machine.employment, machine.id),
                )
                .label("neither `end` nor `rotation`")
                .help("write how often its secrets are changed, `rotation = \"90d\"`, or its last day");
        }
    }
}

pub(super) fn rotation(context: &mut Context<'_>) {
    let today = context.today;
    for machine in machines(context) {
        let Some(rotation) = machine.rotation else { continue };
        let Some(last) = machine.last_rotated else {
            context
                .report(
                    machine.at("/last-rotated"),
                    format!("nothing says when the secrets of `{}` were last changed", machine.id),
                )
                .label("no `last-rotated`")
                .related(machine.at("/rotation"), format!("to be changed every {rotation}"))
                .help("change them, and write the day: `last-rotated = 2026-11-20`");
            continue;
        };
        let age = days_between(last, today);
        if age > whole_days(rotation) {
            context
                .report(
                    machine.at("/last-rotated"),
                    format!("the secrets of `{}` are {age} days old", machine.id),
                )
                .label(format!("last changed on {last}"))
                .related(machine.at("/rotation"), format!("to be changed every {rotation}"))
                .help("change them, and write the day of doing so");
        }
    }
}
