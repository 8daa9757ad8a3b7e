//! First and last days.

use super::identity::has_left;
use crate::{
    diag::{Code, code},
    lint::{Context, common},
    model::person::{Employment, Person, PersonStatus},
};

/// A contractor for ever.
pub(super) static CONTRACTOR: Code =
    code!("GS2110", "contractor-without-end", Warning, "a contractor has no last day");
/// The last day before the first.
pub(super) static BACKWARDS: Code =
    code!("GS2111", "ends-before-start", Error, "the last day of a person lies before the first");
/// The state says one thing and the dates another.
pub(super) static STATUS: Code = code!(
    "GS2112",
    "status-against-dates",
    Warning,
    "the state of a person does not agree with the first or last day"
);

pub(super) fn contractor(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for person in &rulebook.people {
        if person.employment == Employment::Contractor && person.end.is_none() && !has_left(person, today) {
            context
                .report(person.at("/end"), format!("the contractor `{}` has no last day", person.id))
                .label("no `end`")
                .help("write when the contract ends: access never outlives it");
        }
    }
}

pub(super) fn backwards(context: &mut Context<'_>) {
    common::backwards(
        context,
        ["start", "end"],
        |person: &Person| person.start.zip(person.end),
        |person, start, end| format!("`{}` leaves on {end} and starts on {start}", person.id),
    );
}

pub(super) fn status(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for person in &rulebook.people {
        let here = matches!(person.status, PersonStatus::Active | PersonStatus::OnLeave);
        // A person whose days are the wrong way round is reported as that.
        let forwards = person.start.zip(person.end).is_none_or(|(start, end)| start <= end);
        let ended = person.end.filter(|end| forwards && here && end.0 < today);
        let started = person.start.filter(|start| person.status == PersonStatus::Joining && start.0 < today);
        let (field, message) = match (ended, started) {
            (Some(end), _) => {
                ("/end", format!("`{}` left on {end} and is still {}", person.id, person.status))
            }
            (None, Some(start)) => {
                ("/start", format!("`{}` started on {start} and is still joining", person.id))
            }
            (None, None) => continue,
        };
        let instead = if ended.is_some() { "inactive" } else { "active" };
        context
            .report(person.at(field), message)
            .label("has passed")
            .help(format!("write `status = \"{instead}\"`, or mend the day"));
    }
}
