//! The commit of the policy that a decision is one of.

use std::collections::BTreeMap;

use super::settle::folder;
use crate::{
    cli::repository::Repository,
    load::{self, Loaded},
    source::{self, Revision},
};

/// The commit whose rulebook decided: that of `--at`, or the last one when the files that were read are its files. The
/// folder of grants may differ: what was asked for before is no policy.
///
/// # Errors
/// When the folder of grants lies outside the roots.
pub(super) fn policy_commit(repository: &Repository, loaded: &Loaded) -> anyhow::Result<Option<String>> {
    if let Some(at) = repository.at() {
        return Ok(Some(at.commit));
    }
    let grants = format!("{}/", folder(&loaded.rulebook)?);
    let read = || -> Option<(String, Loaded)> {
        // A folder without Git has no commit, and neither has one whose history cannot be read.
        let git = source::Repository::open(&repository.repository).ok()?;
        let head = git.head().ok()??;
        let commit = head.id.to_string();
        let source = Revision::new(&git, head, git.below()).ok()?;
        Some((commit, load::load(&source).ok()?))
    };
    let Some((commit, committed)) = read() else { return Ok(None) };
    let texts = |loaded: &Loaded| -> BTreeMap<String, String> {
        let files = loaded.sources.iter().map(|(_, file)| (file.path.to_string(), file.text.to_string()));
        files.filter(|(path, _)| !path.starts_with(&grants)).collect()
    };
    Ok((texts(loaded) == texts(&committed)).then_some(commit))
}
