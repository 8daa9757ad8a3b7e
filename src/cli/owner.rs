//! What tells a repository from others of the same name.
//!
//! A name is soon given twice. The first commit of a history is the same in every clone and stays the same whatever is
//! committed later, and one history can hold several rulebooks, each in a folder of its own. Without a history there is
//! nothing as steady: then it is the place of the folder, unless the target lies in it and goes where it goes.

use std::path::Path;

use crate::{
    apply::ApplyError,
    plan::Commit,
    source::{GitError, Repository, digest},
    target::{Reader, TargetError},
};

/// Who somebody is to a target.
pub(super) enum Owner {
    /// The owner with this name.
    Known(String),
    /// There is a Git repository, and nobody can say which one: this is what helps.
    Unknown(&'static str),
    /// There is no history that would tell, and the target goes where the folder goes.
    Nobody,
}

/// What tells the repository in a folder from others, for the target of a reader. The history is that of the commit whose
/// rulebook it is, whatever is checked out; without one that of the head.
///
/// # Errors
/// When its history cannot be read.
pub(super) fn of(folder: &Path, commit: Option<&Commit>, reader: &dyn Reader) -> Result<Owner, ApplyError> {
    let unreadable = |error: &GitError| {
        TargetError::refused(
            format!("nobody can say which repository this is: {error}"),
            "mend the repository, then try again",
        )
    };
    let repository = match Repository::open(folder) {
        Ok(repository) => repository,
        Err(GitError::NoRepository { .. }) => return Ok(without_history(folder, reader)),
        Err(error) => return Err(unreadable(&error).into()),
    };
    if repository.is_shallow() {
        return Ok(Owner::Unknown(
            "the clone is shallow, so where its history begins is not known here: `git fetch --unshallow` gets it",
        ));
    }
    match repository.first(commit.map(|commit| commit.id.as_str())).map_err(|error| unreadable(&error))? {
        Some(first) => Ok(Owner::Known(format!("git:{first}:{}", repository.below()))),
        None => Ok(without_history(folder, reader)),
    }
}

fn without_history(folder: &Path, reader: &dyn Reader) -> Owner {
    let Ok(full) = folder.canonicalize() else { return Owner::Nobody };
    // Where the target lies, as far as it is there: what is not there yet cannot be a link.
    let state = reader.state_folder();
    let target = state.ancestors().find_map(|above| above.canonicalize().ok());
    if target.is_some_and(|target| target.starts_with(&full)) {
        return Owner::Nobody;
    }
    // A digest, because what is kept with the target may be published.
    Owner::Known(format!("folder:{}", digest(full.as_os_str().as_encoded_bytes())))
}
