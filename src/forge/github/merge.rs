//! Merging a pull request: as the commit that was looked at, or not at all.

use serde::Deserialize;
use serde_json::json;

use super::{client::GitHub, error::ForgeError};

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeOutcome {
    /// It is merged, as this commit.
    Merged(String),
    /// Somebody pushed to it meanwhile: what is there now was not looked at.
    Moved,
    /// GitHub does not let it be merged, for this reason.
    Refused(String),
}

#[derive(Debug, Deserialize)]
struct Answer {
    sha: String,
    #[serde(default)]
    merged: bool,
    #[serde(default)]
    message: String,
}

/// Merges a pull request whose last commit is `head`.
///
/// # Errors
///
/// When nobody knows what became of it.
pub fn merge(
    github: &GitHub,
    (owner, name): (&str, &str),
    number: u64,
    (head, method): (&str, &str),
) -> Result<MergeOutcome, ForgeError> {
    let number = number.to_string();
    let path = ["repos", owner, name, "pulls", number.as_str(), "merge"];
    match github.put::<Answer>(&path, &json!({ "sha": head, "merge_method": method })) {
        Ok(answer) if answer.merged => Ok(MergeOutcome::Merged(answer.sha)),
        Ok(answer) => Ok(MergeOutcome::Refused(answer.message)),
        Err(error) => match error.status() {
            Some(409) => Ok(MergeOutcome::Moved),
            Some(403 | 405 | 422) => Ok(MergeOutcome::Refused(error.to_string())),
            _ => Err(error),
        },
    }
}

#[derive(Debug, Deserialize)]
struct Commit {
    parents: Vec<Parent>,
}

#[derive(Debug, Deserialize)]
struct Parent {
    sha: String,
}

/// The commit that comes so many steps before another one, by first parents; none when its history is shorter.
///
/// # Errors
///
/// When one of them cannot be read.
pub fn before(
    github: &GitHub,
    (owner, name): (&str, &str),
    commit: &str,
    steps: usize,
) -> Result<Option<String>, ForgeError> {
    let mut at = commit.to_owned();
    for _ in 0..steps {
        let path = ["repos", owner, name, "git", "commits", at.as_str()];
        let found: Commit = github.get(&path)?;
        let Some(parent) = found.parents.into_iter().next() else { return Ok(None) };
        at = parent.sha;
    }
    Ok(Some(at))
}
