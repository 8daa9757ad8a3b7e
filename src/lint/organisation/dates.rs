//! First and last days.

use std::collections::BTreeSet;

use super::identity::{has_left, person_named};
use crate::{
    diag::{Code, code},
    lint::{Context, common},
    model::{
        Entry, Reference, Rulebook,
        person::{Employment, Person, PersonStatus},
    },
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
        let hangs = if ended.is_some() { named_by(rulebook, person) } else { Vec::new() };
        let finding = context.report(person.at(field), message);
        finding.label("has passed").help(format!("write `status = \"{instead}\"`, or mend the day"));
        if !hangs.is_empty() {
            finding.note(format!("still named by {}", some(&hangs)));
        }
    }
}

/// What names a person, such as "the team `desk`".
fn named_by(rulebook: &Rulebook, person: &Entry<Person>) -> Vec<String> {
    let names =
        |reference: &&Reference| person_named(rulebook, reference).is_some_and(|one| one.id == person.id);
    let from: BTreeSet<_> =
        rulebook.references.iter().filter(names).filter_map(|one| one.from.as_ref()).collect();
    from.into_iter()
        .filter(|(_, id)| *id != person.id)
        .map(|(kind, id)| format!("the {} `{id}`", kind.name()))
        .collect()
}

/// The first few of some names, and how many more there are.
fn some(names: &[String]) -> String {
    const FEW: usize = 5;
    let mut words: Vec<String> = names.iter().take(FEW).cloned().collect();
    match names.len().saturating_sub(FEW) {
        0 => {}
        more => words.push(format!("{more} more")),
    }
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
