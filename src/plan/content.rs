//! What an object at a target holds, as normalised text.

use std::sync::Arc;

use serde_json::Value;

use crate::source::digest;

/// What an object holds: JSON, always laid out in the same way, with its digest. Two objects that hold the same have
/// the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    text: Arc<str>,
    digest: Arc<str>,
}

impl Content {
    /// The content that a value stands for.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Self::from_text(&format!("{value:#}\n"))
    }

    /// The content that has this text.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self { digest: digest(text.as_bytes()).into(), text: text.into() }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name that Git gives to a file with this text: what `git hash-object` prints.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}
