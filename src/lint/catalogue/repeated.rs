//! Lists that name something twice.

use std::collections::HashSet;

use crate::{
    diag::{Code, code},
    lint::{Context, Location},
    model::{Id, Kind, Reference, Target},
};

/// A list names something twice.
pub(super) static REPEATED: Code =
    code!("GS2056", "listed-twice", Warning, "a list names the same thing twice");

/// Whether another finding is about lists of this name.
fn is_told_elsewhere(kind: Kind, list: &str) -> bool {
    (kind == Kind::Team && list == "/members")
        || (kind == Kind::Workflow && list.ends_with("/approvers"))
        || list.split('/').any(|part| part == "when")
}

pub(super) fn repeated(context: &mut Context<'_>) {
    let references = &context.rulebook.references;
    // The entries of a list stand one behind another.
    let mut current: (Option<&(Kind, Id)>, &str) = (None, "");
    let mut seen: HashSet<(Kind, &str, Option<&str>)> = HashSet::new();
    let mut found: Vec<(&Reference, String)> = Vec::new();
    for reference in references {
        let Some((list, index)) = reference.field.rsplit_once('/') else { continue };
        let Target::Object { kind, id, part } = &reference.to else { continue };
        let is_entry = index.bytes().all(|byte| byte.is_ascii_digit());
        let from = reference.from.as_ref();
        if !is_entry || from.is_some_and(|(kind, _)| is_told_elsewhere(*kind, list)) {
            continue;
        }
        if current != (from, list) {
            current = (from, list);
            seen.clear();
        }
        // Lists of several kinds of things can name a team and a person of one id.
        if !seen.insert((*kind, &**id, part.as_deref())) {
            let what = part.as_ref().map_or_else(|| id.to_string(), |part| format!("{id}/{part}"));
            let list = list.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or(list);
            found.push((reference, format!("`{what}` is listed twice in `{list}`")));
        }
    }
    for (reference, message) in found {
        context
            .report(Location::of(reference), message)
            .label("again")
            .help("remove one of the two, or name what was meant instead");
    }
}
