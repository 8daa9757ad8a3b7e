//! On-call rotas.

use super::identity::{is_gone, is_in_doubt};
use crate::{
    diag::{Code, code},
    lint::Context,
};

/// Somebody who does not answer.
pub(super) static STRANGER: Code =
    code!("GS2128", "on-call-outsider", Warning, "somebody on call has left or is not a member of the team");
/// A rota that calls nobody.
pub(super) static NOBODY: Code =
    code!("GS2129", "on-call-nobody", Error, "a rota has nobody in it or turns of no length");

pub(super) fn stranger(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for team in &rulebook.teams {
        let Some(rota) = &team.on_call else { continue };
        for (index, person) in rota.rotation.iter().enumerate() {
            let found = rulebook.people.get(person.as_str());
            if found.is_some_and(|found| is_in_doubt(found, today)) {
                continue;
            }
            let left = found.is_some_and(|found| is_gone(found));
            let member = team.members.contains(person);
            // A member who has left is reported among the members.
            if member || (team.members.is_empty() && !left) {
                continue;
            }
            let (message, help) = if left {
                (
                    "has left and is still on call for",
                    "remove them from the rotation: their turns are answered by nobody",
                )
            } else {
                (
                    "is on call for and not a member of",
                    "list them among the members, or remove them from the rotation",
                )
            };
            context
                .report(
                    team.at(format!("/on-call/rotation/{index}")),
                    format!("`{person}` {message} the team `{}`", team.id),
                )
                .label("takes turns")
                .help(help);
        }
    }
}

pub(super) fn nobody(context: &mut Context<'_>) {
    for team in &context.rulebook.teams {
        let Some(rota) = &team.on_call else { continue };
        let (field, label, help) = if rota.rotation.is_empty() {
            ("rotation", "nobody takes turns", "list the people who take turns: `rotation = [\"…\"]`")
        } else if rota.shift.is_zero() {
            ("shift", "no time at all", "write how long a turn is: `shift = \"1w\"`")
        } else {
            continue;
        };
        context
            .report(
                team.at(format!("/on-call/{field}")),
                format!("nobody is ever on call for the team `{}`", team.id),
            )
            .label(label)
            .help(help);
    }
}
