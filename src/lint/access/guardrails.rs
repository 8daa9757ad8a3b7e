//! Guardrails that do nothing.

use crate::{
    diag::{Code, code},
    lint::Context,
    model::{Entry, access::Mode, guardrail::Guardrail},
};

/// A guardrail changes nothing.
pub(super) static NO_EFFECT: Code = code!("GS4080", "guardrail-without-effect", fixed Error, "a guardrail neither denies nor asks for anything");
/// A guardrail denies and does more.
pub(super) static DENIES_AND_MORE: Code = code!(
    "GS4081",
    "guardrail-denies-and-more",
    Warning,
    "a guardrail denies, so whatever else it asks for means nothing"
);
/// A guardrail is not enforced.
pub(super) static NOT_ENFORCED: Code = code!(
    "GS4082",
    "control-not-enforced",
    Note,
    "a guardrail or separation of duties is tried out and changes no decision"
);

/// The first thing besides `deny` that a guardrail does.
fn more(guardrail: &Entry<Guardrail>) -> Option<&'static str> {
    if guardrail.require_approval.is_some() {
        Some("require-approval")
    } else if guardrail.max_duration.is_some() {
        Some("max-duration")
    } else if guardrail.require.is_empty() {
        None
    } else {
        Some("require")
    }
}

pub(super) fn no_effect(context: &mut Context<'_>) {
    for guardrail in &context.rulebook.guardrails {
        if !guardrail.deny && more(guardrail).is_none() {
            context
                .report(guardrail.at(""), format!("the guardrail `{}` does nothing", guardrail.id))
                .label("matches and changes no decision")
                .help("add `deny = true`, `require-approval`, `max-duration` or `require`");
        }
    }
}

pub(super) fn denies_and_more(context: &mut Context<'_>) {
    for guardrail in &context.rulebook.guardrails {
        let Some(field) = more(guardrail).filter(|_| guardrail.deny) else { continue };
        context
            .report(
                guardrail.at(format!("/{field}")),
                format!("the guardrail `{}` denies, so `{field}` means nothing", guardrail.id),
            )
            .label("never comes to this")
            .related(guardrail.at("/deny"), "ends every request")
            .help("remove one of them");
    }
}

pub(super) fn not_enforced(context: &mut Context<'_>) {
    let mut found = Vec::new();
    for guardrail in context.rulebook.guardrails.iter().filter(|one| one.mode != Mode::Enforce) {
        found.push((guardrail.at("/mode"), format!("the guardrail `{}`", guardrail.id)));
    }
    for sod in context.rulebook.sods.iter().filter(|one| one.mode != Mode::Enforce) {
        found.push((sod.at("/mode"), format!("the separation of duties `{}`", sod.id)));
    }
    for (at, what) in found {
        context
            .report(at, format!("{what} changes no decision"))
            .label("tried out")
            .help("write `mode = \"enforce\"` once it is known whom it touches");
    }
}
