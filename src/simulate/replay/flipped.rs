//! What is otherwise between two rulebooks, counted, with a few examples.

use std::collections::BTreeMap;

use super::EXAMPLES;

/// How many there are, and the first of them.
#[derive(Debug, Clone)]
pub struct Flipped<T> {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Vec<T>,
}

impl<T> Default for Flipped<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T> Flipped<T> {
    /// Counts one more, which is looked at only while examples are kept.
    pub(super) fn add(&mut self, example: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < EXAMPLES {
            self.first.push(example());
        }
    }
}

/// Adds everything of others, which come after these.
pub(super) fn merge<K: Ord, T>(own: &mut BTreeMap<K, Flipped<T>>, others: BTreeMap<K, Flipped<T>>) {
    for (change, others) in others {
        let own = own.entry(change).or_default();
        own.count += others.count;
        own.first.extend(others.first);
        own.first.truncate(EXAMPLES);
    }
}
