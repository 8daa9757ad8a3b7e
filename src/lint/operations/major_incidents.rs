//! Major incidents: defined, decidable, and with consequences.

use crate::{
    diag::{Code, code},
    lint::Context,
    model::{
        Id,
        condition::{Literal, Operator, Test},
        routing::TicketKind,
    },
};

use super::shared::{partly, unreachable};

/// No definition of a major incident.
pub(super) static NO_MAJOR_INCIDENT: Code = code!(
    "GS5010",
    "no-major-incident",
    Warning,
    "incidents are routed, but nothing says when an incident is major"
);
/// A definition that is met always or never.
pub(super) static MAJOR_INCIDENT_CONSTANT: Code =
    code!("GS5011", "major-incident-constant", Error, "every incident is major, or none is");
/// A major incident without consequences.
pub(super) static MAJOR_INCIDENT_WITHOUT_CONSEQUENCE: Code = code!(
    "GS5012",
    "major-incident-without-consequence",
    Warning,
    "a major incident has no commander, problem record, link to changes or review"
);

/// A commander who cannot be reached.
pub(super) static COMMANDER_UNREACHABLE: Code = code!(
    "GS5013",
    "commander-unreachable",
    Error,
    "whoever leads a major incident has left or is in no on-call rota"
);

pub(super) fn no_major_incident(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut routings = rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident);
    if let (true, Some(routing)) = (rulebook.major_incidents.is_empty(), routings.next()) {
        context
            .report(routing.at(""), "incidents are routed, but nothing says when one is major")
            .note("in an outage people would have to agree on that first")
            .help("add `[major-incident.…]` with a condition that can be read off the incident");
    }
}

/// What a test of an incident is whatever the incident: every priority is one of all priorities, and a count
/// is never below 0.
fn of_any_incident(test: &Test, priorities: &[Id]) -> Option<bool> {
    if &*test.namespace != "incident" {
        return None;
    }
    let number = match test.operands.as_slice() {
        [Literal::Integer(number)] => Some(*number),
        _ => None,
    };
    let lists_all =
        || priorities.iter().all(|known| test.operands.contains(&Literal::Text(known.as_str().into())));
    match (&*test.name, test.operator, number) {
        ("priority", Operator::Is | Operator::In, _) => lists_all().then_some(true),
        ("priority", Operator::NotIn, _) => lists_all().then_some(false),
        ("affected-users" | "children", Operator::Min, Some(least)) => (least <= 0).then_some(true),
        ("affected-users" | "children", Operator::Above, Some(least)) => (least < 0).then_some(true),
        ("affected-users" | "children", Operator::Max, Some(most)) => (most < 0).then_some(false),
        ("affected-users" | "children", Operator::Below, Some(most)) => (most <= 0).then_some(false),
        _ => None,
    }
}

pub(super) fn major_incident_constant(context: &mut Context<'_>) {
    let priorities = &context.rulebook.settings.project.priorities;
    for major in &context.rulebook.major_incidents {
        let Some(always) = partly(&major.when, &|test| of_any_incident(test, priorities)) else { continue };
        let what = if always { "every incident" } else { "no incident" };
        context
            .report(major.at("/when"), format!("{what} is major by `{}`", major.id))
            .help("test fields of the incident, such as `when.incident.priority = \"p1\"`");
    }
}

pub(super) fn major_incident_without_consequence(context: &mut Context<'_>) {
    for major in &context.rulebook.major_incidents {
        let missing = [
            (major.commander.is_some(), "nobody leads it", "commander = \"on-call:…\""),
            (major.problem_record, "its cause is not looked for", "problem-record = true"),
            (major.change_link, "changes that caused it are not linked", "change-link = true"),
            (major.review_within.is_some(), "nobody looks back on it", "review-within = \"5bd\""),
        ];
        let missing: Vec<_> = missing.into_iter().filter(|(given, ..)| !given).collect();
        if missing.is_empty() {
            continue;
        }
        let facts: Vec<&str> = missing.iter().map(|(_, fact, _)| *fact).collect();
        let keys: Vec<String> = missing.iter().map(|(.., key)| format!("`{key}`")).collect();
        context
            .report(
                major.at(""),
                format!("when an incident is major by `{}`, {}", major.id, facts.join(", ")),
            )
            .help(format!("add {}", keys.join(", ")));
    }
}

pub(super) fn commander_unreachable(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for major in &rulebook.major_incidents {
        let Some(commander) = &major.commander else { continue };
        if let Some(reason) = unreachable(rulebook, commander, today) {
            context
                .report(major.at("/commander"), format!("nobody leads a major incident by `{}`", major.id))
                .label(reason)
                .help("name somebody who works here, or give the team an on-call rota");
        }
    }
}
