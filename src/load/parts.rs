//! Parts of an object, such as rules and stages, that have the same id.

use std::collections::HashMap;

use toml::de::DeValue;

use super::codes;
use crate::{
    diag::{Diagnostic, FileId, Span},
    model::Kind,
};

/// The list that holds the parts of an object, which decisions name by their ids.
const fn list(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Access | Kind::Governance | Kind::Routing => Some("rule"),
        Kind::ChangeModel => Some("risk"),
        Kind::Escalation | Kind::RequestType => Some("step"),
        Kind::Workflow => Some("stage"),
        _ => None,
    }
}

/// Finds ids that several parts of an object have.
pub(super) fn check(file: FileId, kind: Kind, id: &str, object: &DeValue<'_>, found: &mut Vec<Diagnostic>) {
    let parts = list(kind).and_then(|list| object.get(list)).and_then(|list| list.get_ref().as_array());
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for part in parts.into_iter().flatten() {
        let Some(written) = part.get_ref().get("id") else { continue };
        let (Some(name), span) = (written.get_ref().as_str(), Span::from(written.span())) else { continue };
        let Some(first) = seen.get(name) else {
            seen.insert(name, span);
            continue;
        };
        found.push(
            Diagnostic::new(
                &codes::DUPLICATE_PART,
                file,
                span,
                format!("`{id}` has two parts called `{name}`"),
            )
            .label("the second one")
            .related(file, *first, "the first one")
            .help("ids of rules, stages and steps are unique in their object: decisions name them"),
        );
    }
}
