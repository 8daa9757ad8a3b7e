//! Categories.

use crate::{
    diag::{Code, code},
    lint::{Context, graph},
    model::Rulebook,
};

/// Categories inside each other.
pub(super) static CYCLE: Code =
    code!("GS2051", "category-cycle", Error, "categories are part of each other in a circle");
/// A category nobody answers for.
pub(super) static OWNER: Code =
    code!("GS2052", "category-without-owner", Warning, "nobody answers for a category");

pub(super) fn cycle(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let edges = rulebook
        .categories
        .iter()
        .filter_map(|category| Some((category.id.as_str(), category.parent.as_ref()?.as_str())));
    for cycle in graph::cycles(edges) {
        let Some(category) = cycle.first().and_then(|id| rulebook.categories.get(id)) else { continue };
        context
            .report(
                category.at("/parent"),
                format!("the category `{}` is part of itself: {}", category.id, graph::path(&cycle)),
            )
            .label("leads back here")
            .help("remove the `parent` of the one at the top");
    }
}

/// Whether a category or one that it is part of has an owner.
fn has_owner(rulebook: &Rulebook, id: &str) -> bool {
    let mut at = rulebook.categories.get(id);
    // No way up is longer than there are categories, unless it is a circle.
    for _ in 0..rulebook.categories.len() {
        let Some(category) = at else { return false };
        if category.owner.is_some() {
            return true;
        }
        at = category.parent.as_ref().and_then(|parent| rulebook.categories.get(parent.as_str()));
    }
    false
}

pub(super) fn owner(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for category in &rulebook.categories {
        if !has_owner(rulebook, category.id.as_str()) {
            context
                .report(category.at("/owner"), format!("the category `{}` has no owner", category.id))
                .label("no `owner`, and no parent with one")
                .help("name the team that answers for it: `owner = \"team:…\"`");
        }
    }
}
