//! Major incidents: defined, led, and with consequences. Whether their condition decides anything is looked at with
//! all other conditions.

use crate::{
    diag::{Code, code},
    lint::Context,
    model::routing::TicketKind,
};

use super::shared::unreachable;

/// No definition of a major incident.
pub(super) static NO_MAJOR_INCIDENT: Code = code!(
    "GS5010",
    "no-major-incident",
    Warning,
    "incidents are routed, but nothing says when an incident is major"
);
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
