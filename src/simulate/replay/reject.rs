//! Rows that cannot be used. Each is counted by its reason, and none is left out without a word.

use std::collections::BTreeMap;

use super::EXAMPLES;

/// Why a row cannot be used, as a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectKind {
    /// It is no row.
    Malformed,
    /// Something that is needed is not said.
    Missing,
    /// A value is not what it should be.
    Value,
    /// Somebody or something is not known.
    Unknown,
    /// It makes no sense as a whole.
    Invalid,
}

impl RejectKind {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Missing => "missing-value",
            Self::Value => "bad-value",
            Self::Unknown => "unknown",
            Self::Invalid => "invalid",
        }
    }
}

/// Why a row cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The sort of reason.
    pub kind: RejectKind,
    /// The reason in words.
    pub why: String,
}

impl Reject {
    /// A reason.
    #[must_use]
    pub const fn new(kind: RejectKind, why: String) -> Self {
        Self { kind, why }
    }

    /// A field without a value.
    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::new(RejectKind::Missing, format!("`{field}` is not said"))
    }

    /// A value that is not what it should be.
    #[must_use]
    pub fn value(field: &str, why: impl std::fmt::Display) -> Self {
        Self::new(RejectKind::Value, format!("`{field}`: {why}"))
    }
}

/// The rows that could not be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejects {
    /// How many, by the sort of reason.
    pub counts: BTreeMap<RejectKind, u64>,
    /// The first of them: row, line and reason.
    pub first: Vec<(u64, u64, Reject)>,
}

impl Rejects {
    /// Counts a row.
    pub fn add(&mut self, row: u64, line: u64, reject: Reject) {
        *self.counts.entry(reject.kind).or_default() += 1;
        if self.first.len() < EXAMPLES {
            self.first.push((row, line, reject));
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}
