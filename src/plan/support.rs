//! What becomes of the parts of a rulebook at a target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How well a target holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// It means the same there.
    Exact,
    /// Something of the target stands for it that is not quite the same.
    Emulated,
    /// It does not reach the target.
    Lost,
}

impl Support {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Emulated => "emulated",
            Self::Lost => "lost",
        }
    }
}

/// A part of the rulebook and what becomes of it at a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Construct {
    /// What it is about: a kind, or a field of one, such as `person.email`.
    pub construct: String,
    /// What becomes of it.
    pub support: Support,
    /// Why, and what stands there instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// How many objects of the rulebook are concerned.
    pub objects: usize,
}
