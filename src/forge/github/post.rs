//! What is said on a pull request: one comment, written anew each time, and the state of a commit.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{client::GitHub, error::ForgeError};

/// What became of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// There was none, and there is one now.
    Created(u64),
    /// The one that there was says something else now.
    Updated(u64),
    /// The one that there was says the same.
    Unchanged(u64),
}

/// Whether a commit may be merged, as GitHub shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Success,
    /// Not yet: somebody has to agree.
    Pending,
    /// It may not.
    Failure,
    /// Nobody can say.
    Error,
}

impl Standing {
    /// How GitHub writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Pending => "pending",
            Self::Failure => "failure",
            Self::Error => "error",
        }
    }
}

#[derive(Debug, Deserialize)]
struct Comment {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    user: Option<Author>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Author {
    login: String,
}

/// Writes the comment that a marker stands at the beginning of: in the place of the one that is there, or a new one.
///
/// Only a comment of `login` is written over: whoever else puts the marker before a comment of theirs keeps it.
///
/// # Errors
///
/// When the comments cannot be read to their end, or it was not written.
pub fn comment(
    github: &GitHub,
    (owner, name): (&str, &str),
    number: u64,
    (login, marker): (&str, &str),
    body: &str,
) -> Result<Posted, ForgeError> {
    let number = number.to_string();
    let list = ["repos", owner, name, "issues", number.as_str(), "comments"];
    let comments: Vec<Comment> = github.all(&list, &[])?;
    let is_ours = |comment: &&Comment| {
        comment.user.as_ref().is_some_and(|user| user.login == login)
            && comment.body.as_deref().is_some_and(|body| body.starts_with(marker))
    };
    // GitHub turns the ends of lines into those of the web.
    let same = |known: &str| known.replace("\r\n", "\n").trim_end() == body.trim_end();
    match comments.iter().find(is_ours) {
        Some(comment) if comment.body.as_deref().is_some_and(same) => Ok(Posted::Unchanged(comment.id)),
        Some(comment) => {
            let id = comment.id.to_string();
            let path = ["repos", owner, name, "issues", "comments", id.as_str()];
            let written: Comment = github.patch(&path, &json!({ "body": body }))?;
            Ok(Posted::Updated(written.id))
        }
        None => {
            let written: Comment = github.post(&list, &json!({ "body": body }))?;
            Ok(Posted::Created(written.id))
        }
    }
}

/// Says how a commit stands. `context` names who says so; `description` is cut to what GitHub takes.
///
/// # Errors
///
/// When it was not written.
pub fn status(
    github: &GitHub,
    (owner, name): (&str, &str),
    commit: &str,
    (context, standing): (&str, Standing),
    description: &str,
) -> Result<(), ForgeError> {
    let description = description_of(description);
    let body = json!({ "state": standing.name(), "context": context, "description": description });
    github.post::<Value>(&["repos", owner, name, "statuses", commit], &body)?;
    Ok(())
}

/// As much of a description as GitHub takes.
pub(super) fn description_of(text: &str) -> String {
    const MOST: usize = 140;
    text.chars().take(MOST).collect()
}

/// What was said about a commit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Told {
    /// Who says so, as `gitsm`.
    pub context: String,
    /// `success`, `pending`, `failure` or `error`.
    pub state: String,
    /// In a few words.
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    creator: Option<Author>,
}

impl Told {
    /// The account that said it; none when that is gone.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        self.creator.as_ref().map(|creator| creator.login.as_str())
    }
}

/// Everything that was said about a commit, the last first.
///
/// # Errors
///
/// When the list cannot be read to its end.
pub fn told(github: &GitHub, (owner, name): (&str, &str), commit: &str) -> Result<Vec<Told>, ForgeError> {
    github.all(&["repos", owner, name, "commits", commit, "statuses"], &[])
}
