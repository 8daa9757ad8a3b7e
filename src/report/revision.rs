//! The commit that an answer is about.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::plain;
use crate::source::Commit;

/// The commit that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct At {
    /// What was asked for.
    pub revision: String,
    /// The commit.
    pub commit: String,
    /// When it was made, by the account of whoever made it; absent when it says no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed: Option<String>,
    /// The first line of its message.
    pub subject: String,
}

impl At {
    /// What is said about a commit.
    #[must_use]
    pub fn new(revision: &str, commit: &Commit) -> Self {
        Self {
            revision: revision.to_owned(),
            commit: commit.id.to_string(),
            committed: commit.committer.seconds.and_then(instant),
            subject: commit.subject().to_owned(),
        }
    }

    /// The commit in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let short: String = self.commit.chars().take(12).collect();
        let date = self.committed.as_deref().and_then(|instant| instant.get(..10));
        let date = date.map(|date| format!("{date}, ")).unwrap_or_default();
        format!("commit {short} ({date}{})", plain::short(&self.subject))
    }
}

/// An instant in UTC; none for one that no calendar reaches.
#[must_use]
pub fn instant(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|instant| instant.to_string())
}
