//! Major incidents: defined, decidable, and with consequences.

use crate::{
    diag::{Code, code},
    lint::Context,
    model::routing::TicketKind,
};

use super::shared::constant;

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

pub(super) fn major_incident_constant(context: &mut Context<'_>) {
    for major in &context.rulebook.major_incidents {
        let Some(always) = constant(&major.when) else { continue };
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
