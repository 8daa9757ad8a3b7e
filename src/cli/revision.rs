//! Reading the rulebook of a commit: `--at`.

use std::path::Path;

use anyhow::anyhow;

use super::terminal::plain;
use crate::{
    load::{self, LoadError, Loaded, settings::FILE, suggest::nearest},
    report::revision::At,
    source::{GitError, Repository, Revision, is_commit_id},
};

/// A commit that was read, and what has to be known about it.
#[derive(Debug, Clone)]
pub(super) struct Read {
    /// The commit.
    pub(super) at: At,
    /// What stands before paths of it.
    pub(super) prefix: String,
    /// What has to be known about the repository.
    pub(super) remarks: Vec<String>,
}

/// Reads the rulebook of a revision of the repository that a folder lies in: `REVISION`, or `REVISION:FOLDER` for
/// another folder of the repository.
///
/// # Errors
/// When there is no such revision, or it holds no rulebook or one that cannot be read.
pub(super) fn load(folder: &Path, written: &str) -> anyhow::Result<(Loaded, Read)> {
    let repository = Repository::open(folder)?;
    let (revision, other) = match written.split_once(':') {
        Some((revision, folder)) => (revision, Some(format!("{}/", folder.trim_end_matches('/')))),
        None => (written, None),
    };
    let below = other.as_deref().map_or(repository.below(), |other| if other == "/" { "" } else { other });
    let commit = repository.resolve(revision).map_err(unresolved)?;
    let source = Revision::new(&repository, commit.clone(), below)?;
    let at = At::new(written, &commit);
    let loaded = load::load(&source).map_err(|error| match error {
        LoadError::NotARepository { .. } => {
            anyhow!(
                "{} holds no `{below}{FILE}`, so it has no rulebook; `--at REVISION:FOLDER` reads another folder",
                plain(&at.line())
            )
        }
        LoadError::Source(_) => {
            anyhow::Error::new(error).context(format!("`{}` cannot be read", plain(written)))
        }
    })?;
    Ok((loaded, Read { at, prefix: source.prefix.clone(), remarks: repository.remarks() }))
}

/// A revision that was not found, with the name that may be meant.
pub(super) fn unresolved(error: GitError) -> anyhow::Error {
    if let GitError::Unknown { revision, names, shallow: false } = &error {
        let named = match nearest(revision, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`git branch --all` and `git tag` list what there is".to_owned(),
        };
        return anyhow!("{error}: {named}");
    }
    error.into()
}

/// A commit that was not found; one that facts name may have to be fetched.
pub(super) fn fetched(name: &str, error: GitError) -> anyhow::Error {
    let missing = matches!(error, GitError::Unknown { .. } | GitError::Missing { kind: "commit", .. });
    if missing && is_commit_id(name) {
        return anyhow!("the commit {name} is not in this clone: `git fetch origin {name}` gets it");
    }
    unresolved(error)
}
