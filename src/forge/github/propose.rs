//! The one pull request about something, which is found again by its branch: a commit of some files on the branch in force.
//!
//! The commit is made by GitHub, which signs it; nothing of the work tree is touched. A branch that proposes the same already
//! is left alone, so that nobody's approval is lost, and so is one that somebody else committed to. What is the same is said by
//! a key in the message of the commit: the files themselves say when they were written.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{client::GitHub, error::ForgeError, merged::Branch};
use crate::forge::proposal;

/// What is proposed.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The branch that it is on.
    pub branch: &'a str,
    /// Where it goes.
    pub into: &'a Branch,
    /// The title, which is also the first line of the commit.
    pub title: &'a str,
    /// The text.
    pub body: &'a str,
    /// What is the same when the same is proposed.
    pub key: &'a str,
    /// The files, by their paths from the top of the repository.
    pub files: &'a [(String, String)],
    /// The accounts that are asked to review it.
    pub reviewers: &'a [String],
}

/// What became of it, and who could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What became of it.
    pub proposed: Proposed,
    /// The accounts that GitHub lets nobody ask: they cannot see the repository, or opened the pull request.
    pub not_asked: Vec<String>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposed {
    /// There was none, and there is one now.
    Opened(u64),
    /// The one that there was proposes something else now.
    Updated(u64),
    /// The one that there was proposes the same.
    Unchanged(u64),
    /// The one that there was is closed.
    Closed(u64),
    /// There was none, and there is none.
    None,
}

/// Why nothing was proposed.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// GitHub cannot be read or written.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// The branch is not only gitsm's own.
    #[error(
        "somebody else committed to the branch `{0}`, so it is left alone: merge what is there, or close it and delete the \
         branch"
    )]
    Others(String),
}

#[derive(Debug, Deserialize)]
struct Pull {
    number: u64,
    head: End,
    base: End,
}

#[derive(Debug, Deserialize)]
struct End {
    #[serde(rename = "ref")]
    branch: String,
    repo: Option<Home>,
}

#[derive(Debug, Deserialize)]
struct Home {
    full_name: String,
}

#[derive(Debug, Deserialize)]
struct Object {
    sha: String,
}

#[derive(Debug, Deserialize)]
struct Reference {
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Commit {
    sha: String,
    message: String,
    tree: Object,
    parents: Vec<Object>,
}

/// A repository at GitHub.
#[derive(Clone, Copy)]
struct At<'a> {
    github: &'a GitHub,
    owner: &'a str,
    name: &'a str,
}

/// Opens the pull request of a branch, or brings the open one up to date, and asks for reviews.
///
/// # Errors
///
/// When something cannot be read or was not written, or somebody else committed to the branch.
pub fn propose(
    github: &GitHub,
    (owner, name): (&str, &str),
    change: &Change<'_>,
) -> Result<Done, ProposeError> {
    let proposed = put(github, (owner, name), change)?;
    let not_asked = match proposed {
        Proposed::Opened(number) | Proposed::Updated(number) => {
            ask(github, (owner, name), number, change.reviewers)?
        }
        Proposed::Unchanged(_) | Proposed::Closed(_) | Proposed::None => Vec::new(),
    };
    Ok(Done { proposed, not_asked })
}

/// Asks accounts to review a pull request, and says which ones GitHub lets nobody ask. When it refuses some, it asks none
/// of those that were named together, so that each is then named alone.
fn ask(
    github: &GitHub,
    (owner, name): (&str, &str),
    number: u64,
    reviewers: &[String],
) -> Result<Vec<String>, ForgeError> {
    let number = number.to_string();
    let path = ["repos", owner, name, "pulls", number.as_str(), "requested_reviewers"];
    let try_to = |logins: &[String]| match github.post::<Value>(&path, &json!({ "reviewers": logins })) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.status(), Some(403 | 404 | 422)) => Ok(false),
        Err(error) => Err(error),
    };
    if reviewers.is_empty() || try_to(reviewers)? {
        return Ok(Vec::new());
    }
    let mut not_asked = Vec::new();
    for login in reviewers {
        if reviewers.len() == 1 || !try_to(std::slice::from_ref(login))? {
            not_asked.push(login.clone());
        }
    }
    Ok(not_asked)
}

fn put(github: &GitHub, (owner, name): (&str, &str), change: &Change<'_>) -> Result<Proposed, ProposeError> {
    let at = At { github, owner, name };
    let open = at.open(change.branch, &change.into.name)?;
    let moved = at.branch(change, open.is_some())?;
    let Some(open) = open else {
        let content = json!({
            "title": change.title, "body": change.body, "head": change.branch, "base": change.into.name,
        });
        let opened: Pull = github.post(&["repos", owner, name, "pulls"], &content)?;
        return Ok(Proposed::Opened(opened.number));
    };
    // The text says when it was made, too.
    if !moved {
        return Ok(Proposed::Unchanged(open.number));
    }
    let number = open.number.to_string();
    let content = json!({ "title": change.title, "body": change.body });
    github.patch::<Value>(&["repos", owner, name, "pulls", number.as_str()], &content)?;
    Ok(Proposed::Updated(open.number))
}

/// Closes the open pull request of a branch with a remark.
///
/// # Errors
///
/// When something cannot be read or was not written.
pub fn withdraw(
    github: &GitHub,
    (owner, name): (&str, &str),
    (branch, into): (&str, &str),
    remark: &str,
) -> Result<Proposed, ProposeError> {
    let at = At { github, owner, name };
    let Some(open) = at.open(branch, into)? else { return Ok(Proposed::None) };
    super::issue::close_number(github, (owner, name), open.number, remark, "not_planned")?;
    Ok(Proposed::Closed(open.number))
}

impl At<'_> {
    /// The open pull request of a branch of this repository, not of a fork.
    fn open(&self, branch: &str, into: &str) -> Result<Option<Pull>, ForgeError> {
        let own = format!("{}/{}", self.owner, self.name);
        let head = format!("{}:{branch}", self.owner);
        let query = [("state", "open"), ("head", head.as_str()), ("base", into)];
        let open: Vec<Pull> = self.github.all(&["repos", self.owner, self.name, "pulls"], &query)?;
        let ours = open.into_iter().filter(|pull| {
            let home = pull.head.repo.as_ref().is_some_and(|repo| repo.full_name.eq_ignore_ascii_case(&own));
            home && pull.head.branch == branch && pull.base.branch == into
        });
        Ok(ours.min_by_key(|pull| pull.number))
    }

    /// Brings the branch to where it must be, and says whether it was elsewhere. With `open` a pull request shows it.
    fn branch(&self, change: &Change<'_>, open: bool) -> Result<bool, ProposeError> {
        let there = self.find(change.branch)?;
        let message = proposal::message(change.title, change.key);
        if let Some(there) = &there {
            if !proposal::is_ours(&there.message, there.parents.len()) {
                return Err(ProposeError::Others(change.branch.to_owned()));
            }
            if open && there.message.trim_end() == message {
                return Ok(false);
            }
        }
        let tip = self.commit(&change.into.tip)?;
        let tree = self.tree(&tip.tree.sha, change.files)?;
        let body = json!({ "message": message, "tree": tree, "parents": [tip.sha] });
        let commit: Object = self.post(&["git", "commits"], &body)?;
        if there.is_some() {
            let mut path = vec!["repos", self.owner, self.name, "git", "refs", "heads"];
            path.extend(change.branch.split('/'));
            self.github.patch::<Value>(&path, &json!({ "sha": commit.sha, "force": true }))?;
        } else {
            let reference = format!("refs/heads/{}", change.branch);
            self.post::<Value>(&["git", "refs"], &json!({ "ref": reference, "sha": commit.sha }))?;
        }
        Ok(true)
    }

    /// The commit that a branch is at; none when there is no such branch.
    fn find(&self, branch: &str) -> Result<Option<Commit>, ForgeError> {
        let mut path = vec!["repos", self.owner, self.name, "git", "ref", "heads"];
        path.extend(branch.split('/'));
        let found: Option<Reference> = self.github.find(&path)?;
        found.map(|found| self.commit(&found.object.sha)).transpose()
    }

    fn commit(&self, id: &str) -> Result<Commit, ForgeError> {
        self.github.get(&["repos", self.owner, self.name, "git", "commits", id])
    }

    /// The tree of another one with some files in it.
    fn tree(&self, base: &str, files: &[(String, String)]) -> Result<String, ForgeError> {
        let entries: Vec<Value> = files
            .iter()
            .map(|(path, text)| json!({ "path": path, "mode": "100644", "type": "blob", "content": text }))
            .collect();
        let tree: Object = self.post(&["git", "trees"], &json!({ "base_tree": base, "tree": entries }))?;
        Ok(tree.sha)
    }

    fn post<T: serde::de::DeserializeOwned>(&self, below: &[&str], body: &Value) -> Result<T, ForgeError> {
        let mut path = vec!["repos", self.owner, self.name];
        path.extend(below);
        self.github.post(&path, body)
    }
}
