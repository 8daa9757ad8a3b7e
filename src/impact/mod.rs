//! What a change would do: how two versions of a rulebook differ in what they say.

pub mod commitments;
pub mod decisions;
mod differing;
pub mod grants;
pub mod history;
mod hours;
pub mod semantic;

use crate::{load::Loaded, source::digest};
use semantic::Semantic;

/// Everything in which two versions of a rulebook differ.
#[derive(Debug)]
pub struct Impact {
    /// Objects and fields: what is written otherwise, and means something else.
    pub semantic: Semantic,
}

impl Impact {
    /// What changes from one version to the other.
    #[must_use]
    pub fn of(before: &Loaded, after: &Loaded) -> Self {
        Self { semantic: semantic::compare(before, after) }
    }

    /// Whether everything could be compared. What could not is never taken for equal.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.semantic.uncompared.is_empty()
    }
}

/// Twenty hexadecimal digits that stand for some texts. Nobody can write a change that has the name of another
/// one, which somebody acknowledged.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> String {
    let marked: Vec<String> = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
    digest(marked.concat().as_bytes()).chars().take(20).collect()
}
