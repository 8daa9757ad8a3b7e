//! What gitsm knows about what it made at a target.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Key;
use crate::model::Instant;

/// The version of the ledger's format.
pub const FORMAT_VERSION: u32 = 1;

/// What was applied to a target: which objects are gitsm's own, and what they held when it wrote them last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ledger {
    /// The version of this format.
    pub format_version: u32,
    /// The repository that the target belongs to, by `project.name`; empty before the first apply.
    pub repository: String,
    /// What tells that repository from others of the same name: where its history begins and where in it the rulebook lies;
    /// none where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The target that all of this is about; none before the first apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<About>,
    /// The commit that was applied last; none when files of a folder were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The objects that gitsm made or adopted, with the digest of what it wrote last.
    pub objects: BTreeMap<Key, String>,
    /// Plans that were used and could be tried again, because they have not expired.
    pub plans: Vec<Used>,
}

/// A target, as far as it must not be taken for another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct About {
    /// What sort of system it is.
    #[serde(rename = "type")]
    pub target_type: String,
    /// Where the system is; none where the ledger lies in what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A plan that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Used {
    /// Its checksum.
    pub checksum: String,
    /// When it expires.
    pub expires: Instant,
    /// How far it came.
    pub progress: Progress,
}

/// How far a plan came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// It began, and nobody wrote down how it ended; or some of it failed.
    Begun,
    /// All of it was done.
    Done,
}

impl Ledger {
    /// How far a plan came; none when it was never used.
    #[must_use]
    pub fn progress(&self, checksum: &str) -> Option<Progress> {
        self.plans.iter().find(|plan| plan.checksum == checksum).map(|plan| plan.progress)
    }

    /// Notes how far a plan came, and forgets plans that expired.
    pub fn note(&mut self, used: Used, now: Instant) {
        self.plans.retain(|plan| plan.expires >= now && plan.checksum != used.checksum);
        self.plans.push(used);
    }
}
