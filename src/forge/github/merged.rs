//! Which pull request a commit merged, and the branch that it is on.

use serde::Deserialize;

use super::{client::GitHub, error::ForgeError};

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// The commit that it is at.
    pub tip: String,
    /// Whether GitHub protects it.
    pub protected: bool,
}

/// A pull request that was merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its number.
    pub number: u64,
    /// The last commit of it.
    pub head: String,
}

#[derive(Debug, Deserialize)]
struct Home {
    default_branch: String,
}

#[derive(Debug, Deserialize)]
struct Found {
    name: String,
    commit: Tip,
    #[serde(default)]
    protected: bool,
}

#[derive(Debug, Deserialize)]
struct Tip {
    sha: String,
}

#[derive(Debug, Deserialize)]
struct Listed {
    number: u64,
}

#[derive(Debug, Deserialize)]
struct Pull {
    number: u64,
    #[serde(default)]
    merged: bool,
    merge_commit_sha: Option<String>,
    base: End,
    head: Tip,
}

#[derive(Debug, Deserialize)]
struct End {
    #[serde(rename = "ref")]
    branch: String,
}

/// The branch whose rulebook is in force.
///
/// # Errors
///
/// When it cannot be read.
pub fn in_force(github: &GitHub, (owner, name): (&str, &str)) -> Result<Branch, ForgeError> {
    let home: Home = github.get(&["repos", owner, name])?;
    let found: Found = github.get(&["repos", owner, name, "branches", home.default_branch.as_str()])?;
    Ok(Branch { name: found.name, tip: found.commit.sha, protected: found.protected })
}

/// The pull requests into a branch that were merged as a commit. GitHub needs a while until it lists them by commit, so the
/// ones that `hints` name are looked at as well: whoever names one proves nothing by it.
///
/// # Errors
///
/// When not everything can be read.
pub fn merged_as(
    github: &GitHub,
    (owner, name): (&str, &str),
    (commit, branch): (&str, &str),
    hints: &[u64],
) -> Result<Vec<Merged>, ForgeError> {
    let path = ["repos", owner, name, "commits", commit, "pulls"];
    let listed: Vec<Listed> = match github.all(&path, &[]) {
        Ok(listed) => listed,
        Err(ForgeError::Hidden(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut numbers: Vec<u64> =
        listed.into_iter().map(|one| one.number).chain(hints.iter().copied()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut found = Vec::new();
    for number in numbers {
        let number = number.to_string();
        let pull: Option<Pull> = github.find(&["repos", owner, name, "pulls", number.as_str()])?;
        let Some(pull) = pull else { continue };
        if pull.merged && pull.merge_commit_sha.as_deref() == Some(commit) && pull.base.branch == branch {
            found.push(Merged { number: pull.number, head: pull.head.sha });
        }
    }
    Ok(found)
}
