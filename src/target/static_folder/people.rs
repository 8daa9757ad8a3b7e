//! Which people are published, and what of them.
//!
//! Only people whom something that is published names, or who can approve something, and of these only the id and the
//! name. Addresses, departments, managers, dates and attributes stay in the repository.

use std::collections::BTreeSet;

use super::{resolve::Approvers, support};
use crate::model::{Kind, Rulebook, Target};

/// The ids of the people who are published.
#[must_use]
pub(super) fn published<'a>(rulebook: &'a Rulebook, approvers: &[Approvers<'a>]) -> BTreeSet<&'a str> {
    let mut ids: BTreeSet<&str> = approvers.iter().flat_map(Approvers::people).collect();
    for reference in &rulebook.references {
        let from = reference.from.as_ref().map(|(kind, _)| *kind);
        let names = from.is_some_and(|kind| kind != Kind::Person && support::is_published(kind));
        if let (true, Target::Object { kind: Kind::Person, id, .. }) = (names, &reference.to)
            && let Some(person) = rulebook.people.get(id)
        {
            ids.insert(person.id.as_str());
        }
    }
    ids
}
