//! The one issue about something, which is found again by a marker: opened, written anew, closed with a remark.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{client::GitHub, error::ForgeError};

/// What became of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// There was none, and there is one now.
    Opened(u64),
    /// The one that there was says something else now.
    Updated(u64),
    /// The one that there was says the same.
    Unchanged(u64),
    /// The one that there was is closed.
    Closed(u64),
    /// There was none, and there is none.
    None,
}

impl Kept {
    /// What became of it, in words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Opened(number) => format!("the issue {number} is new"),
            Self::Updated(number) => format!("the issue {number} says so now"),
            Self::Unchanged(number) => format!("the issue {number} says so already"),
            Self::Closed(number) => format!("the issue {number} is closed: there is nothing of it any more"),
            Self::None => "there is no issue about it, and none is needed".to_owned(),
        }
    }
}

/// What an issue says.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its text, which begins with the marker.
    pub body: &'a str,
}

/// An issue that somebody opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub body: String,
    /// The account of whoever opened it, with the number that the account keeps.
    pub by: (String, u64),
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is open.
    pub is_open: bool,
    /// Whether it is a pull request, which GitHub lists among the issues.
    pub is_pull_request: bool,
}

#[derive(Debug, Deserialize)]
struct Found {
    number: u64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    state: String,
    user: Option<Author>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    pull_request: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Author {
    login: String,
    #[serde(default)]
    id: u64,
}

#[derive(Debug, Deserialize)]
struct Label {
    name: String,
}

/// Opens the issue that a marker stands at the beginning of, or writes the open one anew. Only an issue of `login` is written
/// over: whoever else puts the marker before an issue of theirs keeps it.
///
/// # Errors
///
/// When the issues cannot be read to their end, or it was not written.
pub fn keep(
    github: &GitHub,
    (owner, name): (&str, &str),
    (login, marker): (&str, &str),
    issue: &Issue<'_>,
) -> Result<Kept, ForgeError> {
    let content = json!({ "title": issue.title, "body": issue.body });
    let Some(found) = find(github, (owner, name), (login, marker))? else {
        let opened: Found = github.post(&["repos", owner, name, "issues"], &content)?;
        return Ok(Kept::Opened(opened.number));
    };
    // GitHub turns the ends of lines into those of the web.
    let same = |known: &str| known.replace("\r\n", "\n").trim_end() == issue.body.trim_end();
    if found.title == issue.title && found.body.as_deref().is_some_and(same) {
        return Ok(Kept::Unchanged(found.number));
    }
    let number = found.number.to_string();
    let written: Found = github.patch(&["repos", owner, name, "issues", number.as_str()], &content)?;
    Ok(Kept::Updated(written.number))
}

/// Closes the open issue that a marker stands at the beginning of, with a remark.
///
/// # Errors
///
/// As [`keep`].
pub fn close(
    github: &GitHub,
    (owner, name): (&str, &str),
    (login, marker): (&str, &str),
    remark: &str,
) -> Result<Kept, ForgeError> {
    let Some(found) = find(github, (owner, name), (login, marker))? else { return Ok(Kept::None) };
    close_number(github, (owner, name), found.number, remark, "completed")?;
    Ok(Kept::Closed(found.number))
}

/// Closes an issue. `reason` is `completed` or `not_planned`.
///
/// # Errors
///
/// When it was not written.
pub fn shut(
    github: &GitHub,
    (owner, name): (&str, &str),
    number: u64,
    reason: &str,
) -> Result<(), ForgeError> {
    let number = number.to_string();
    let path = ["repos", owner, name, "issues", number.as_str()];
    github.patch::<Value>(&path, &json!({ "state": "closed", "state_reason": reason }))?;
    Ok(())
}

/// Closes an issue with a remark. `reason` is `completed` or `not_planned`.
///
/// # Errors
///
/// When it was not written.
pub fn close_number(
    github: &GitHub,
    (owner, name): (&str, &str),
    number: u64,
    remark: &str,
    reason: &str,
) -> Result<(), ForgeError> {
    let text = number.to_string();
    let comments = ["repos", owner, name, "issues", text.as_str(), "comments"];
    github.post::<Value>(&comments, &json!({ "body": remark }))?;
    shut(github, (owner, name), number, reason)
}

/// An issue by its number.
///
/// # Errors
///
/// When it cannot be read.
pub fn read(github: &GitHub, (owner, name): (&str, &str), number: u64) -> Result<Opened, ForgeError> {
    let number = number.to_string();
    let found: Found = github.get(&["repos", owner, name, "issues", number.as_str()])?;
    Ok(Opened {
        body: found.body.unwrap_or_default().replace("\r\n", "\n"),
        by: found.user.map_or_else(|| ("ghost".to_owned(), 0), |user| (user.login, user.id)),
        labels: found.labels.into_iter().map(|label| label.name).collect(),
        is_open: found.state == "open",
        is_pull_request: found.pull_request.is_some(),
    })
}

fn find(
    github: &GitHub,
    (owner, name): (&str, &str),
    (login, marker): (&str, &str),
) -> Result<Option<Found>, ForgeError> {
    let open: Vec<Found> = github.all(&["repos", owner, name, "issues"], &[("state", "open")])?;
    let ours = open.into_iter().filter(|one| {
        one.pull_request.is_none()
            && one.user.as_ref().is_some_and(|user| user.login == login)
            && one.body.as_deref().is_some_and(|body| body.starts_with(marker))
    });
    Ok(ours.min_by_key(|one| one.number))
}
