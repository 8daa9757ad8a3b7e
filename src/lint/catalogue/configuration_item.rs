//! Configuration items.

use jiff::ToSpan;

use crate::{
    diag::{Code, code},
    lint::{Context, graph},
};

/// A component nobody answers for.
pub(super) static OWNER: Code =
    code!("GS2071", "item-without-owner", Warning, "nobody answers for a configuration item");
/// A record that may be wrong.
pub(super) static STALE: Code = code!(
    "GS2072",
    "item-not-verified",
    Warning,
    "nobody has made sure for a year that a configuration item is right"
);
/// Components that need each other.
pub(super) static CYCLE: Code =
    code!("GS2073", "item-dependency-cycle", Warning, "configuration items depend on each other in a circle");

pub(super) fn owner(context: &mut Context<'_>) {
    for item in &context.rulebook.configuration_items {
        if item.owner.is_none() {
            context
                .report(item.at("/owner"), format!("the configuration item `{}` has no owner", item.id))
                .label("no `owner`")
                .help("name the team that answers for it: `owner = \"team:…\"`");
        }
    }
}

pub(super) fn stale(context: &mut Context<'_>) {
    let Ok(a_year_ago) = context.today.checked_sub(1.year()) else { return };
    for item in &context.rulebook.configuration_items {
        if let Some(day) = item.verified_on.filter(|day| day.0 < a_year_ago) {
            context
                .report(
                    item.at("/verified-on"),
                    format!("the configuration item `{}` was last verified on {day}", item.id),
                )
                .label("over a year ago")
                .help("compare the record with what runs, and write the day of doing so");
        }
    }
}

pub(super) fn cycle(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let edges = rulebook
        .configuration_items
        .iter()
        .flat_map(|item| item.depends_on.iter().map(|needed| (item.id.as_str(), needed.as_str())));
    for cycle in graph::cycles(edges) {
        let Some(item) = cycle.first().and_then(|id| rulebook.configuration_items.get(id)) else { continue };
        context
            .report(
                item.at("/depends-on"),
                format!("the configuration item `{}` depends on itself: {}", item.id, graph::path(&cycle)),
            )
            .label("leads back here")
            .help("remove the dependency that is none: impact would run in a circle");
    }
}
