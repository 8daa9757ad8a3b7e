//! The commit of a proposal, wherever it is made: what its message says, and how it is known again.

use std::fmt::Write as _;

/// What stands before the key in the message of a commit.
const KEY: &str = "Gitsm-Proposal: ";

/// The message of the commit of a proposal: its title, and the key that is the same when the same is proposed.
#[must_use]
pub fn message(title: &str, key: &str) -> String {
    let mut message = title.to_owned();
    // Writing into a string does not fail.
    let _ = write!(message, "\n\n{KEY}{key}");
    message
}

/// Whether a commit is one of gitsm's own proposals: its message ends with a key, and it has one parent.
#[must_use]
pub fn is_ours(message: &str, parents: usize) -> bool {
    parents == 1 && message.trim_end().lines().last().is_some_and(|last| last.starts_with(KEY))
}
