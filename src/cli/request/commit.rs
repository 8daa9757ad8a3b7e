//! The commit of the policy that a decision is one of.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use anyhow::{Context as _, bail};

use super::settle::folder;
use crate::{
    cli::{repository::Repository, terminal::plain},
    diag::FileId,
    load::{self, Loaded, document},
    model::{Kind, Rulebook},
    source::{self, Commit, Revision},
};

/// The commit whose rulebook decided: that of `--at`, or the last one when the files that were read are its files. Files
/// in the folder of grants that hold nothing else may differ: what was asked for before is no policy.
///
/// # Errors
/// When the folder of grants lies outside the roots, or the rules of `--at` never were those of this branch.
pub(super) fn policy_commit(repository: &Repository, loaded: &Loaded) -> anyhow::Result<Option<String>> {
    if let Some(at) = repository.at() {
        let git = source::Repository::open(&repository.repository)?;
        let commit = git.resolve(&at.commit)?;
        if commit.id.to_string() != at.commit || !in_history(&git, &commit, &loaded.rulebook)? {
            bail!(
                "the rules of `--at {}` never were those of this branch: nothing is given by them",
                repository.at.as_deref().map(plain).unwrap_or_default()
            );
        }
        return Ok(Some(at.commit));
    }
    let Some((commit, committed)) = last(&repository.repository) else { return Ok(None) };
    let grants = folder(&loaded.rulebook)?;
    Ok((policy(loaded, &grants) == policy(&committed, &grants)).then_some(commit))
}

/// The last commit and its rulebook. A folder without Git has none, and neither has one whose history cannot be read.
fn last(folder: &Path) -> Option<(String, Loaded)> {
    let git = source::Repository::open(folder).ok()?;
    let head = git.head().ok()??;
    let commit = head.id.to_string();
    Some((commit, read(&git, head).ok()?))
}

fn read(git: &source::Repository, commit: Commit) -> anyhow::Result<Loaded> {
    let source = Revision::new(git, commit, git.below())?;
    load::load(&source).context("the rulebook of a commit cannot be read")
}

/// The texts that decide: all but those files in the folder of grants that hold nothing else.
fn policy(loaded: &Loaded, grants: &str) -> BTreeMap<String, String> {
    let below = format!("{}/", grants.trim_end_matches('/'));
    let files = loaded.sources.iter().map(|(_, file)| (file.path.to_string(), file.text.to_string()));
    files.filter(|(path, text)| !(path.starts_with(&below) && is_ledger(text))).collect()
}

/// Whether a document holds grants and reviews, and nothing else or nothing that cannot be read.
fn is_ledger(text: &str) -> bool {
    let read = document::read(FileId(0), text.as_bytes().to_vec());
    read.found.is_empty()
        && read.objects.iter().all(|object| matches!(object.document.kind(), Kind::Grant | Kind::Review))
}

/// Whether the rules of a commit were those of this branch at some time: it is one of the commits that the branch went
/// through, or came into it by a merge and has the rules of the one that it left the branch at.
///
/// # Errors
/// When the history cannot be read.
pub(in crate::cli) fn in_history(
    git: &source::Repository,
    commit: &Commit,
    rulebook: &Rulebook,
) -> anyhow::Result<bool> {
    match git.head()? {
        Some(head) => in_history_of(git, &head, commit, rulebook),
        None => Ok(false),
    }
}

/// The same, of the branch that is at a commit.
///
/// # Errors
/// When the history cannot be read.
pub(in crate::cli) fn in_history_of(
    git: &source::Repository,
    head: &Commit,
    commit: &Commit,
    rulebook: &Rulebook,
) -> anyhow::Result<bool> {
    let objects = git.objects()?;
    let (mut line, mut at) = (HashSet::new(), head.clone());
    loop {
        if at.id == commit.id {
            return Ok(true);
        }
        line.insert(at.id);
        match at.parents.first() {
            Some(parent) => at = objects.commit(*parent)?,
            None => break,
        }
    }
    if git.merge_bases(commit.id, head.id)? != [commit.id] {
        return Ok(false);
    }
    let mut left = commit.clone();
    while !line.contains(&left.id) {
        let Some(parent) = left.parents.first() else { return Ok(false) };
        left = objects.commit(*parent)?;
    }
    let grants = folder(rulebook)?;
    Ok(policy(&read(git, commit.clone())?, &grants) == policy(&read(git, left)?, &grants))
}
