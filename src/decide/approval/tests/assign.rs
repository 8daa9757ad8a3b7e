//! Who counts for what, by trying every way.

use std::collections::BTreeSet;

/// `(seat, actor, stage)`, where the people are called by the first record that they have.
pub(super) type Edge = (String, String, usize);

/// The first record of somebody.
pub(super) fn human(id: &str) -> String {
    id.strip_suffix("-two").unwrap_or(id).to_owned()
}

/// Tries every way to give each place a seat and an actor of its own.
pub(super) fn assign(edges: &BTreeSet<Edge>, places: &[usize], taken: &mut Vec<Edge>) -> bool {
    let Some((stage, rest)) = places.split_first() else { return true };
    for edge in edges.iter().filter(|edge| edge.2 == *stage) {
        if taken.iter().any(|other| other.0 == edge.0 || other.1 == edge.1) {
            continue;
        }
        taken.push(edge.clone());
        let done = assign(edges, rest, taken);
        taken.pop();
        if done {
            return true;
        }
    }
    false
}
