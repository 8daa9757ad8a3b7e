//! The rulebook that something is pinned to: that of the commit that it names, and of no other.

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::{
    decidable, exit::Exit, output::Output, repository::Repository, request::commit::in_history, revision,
    terminal::plain,
};
use crate::{
    lint,
    load::Loaded,
    model::Rulebook,
    source::{self, Commit},
};

/// The repository and its rulebook that a request is decided with: of the commit that it names, unless `--at` asks for
/// another one on purpose. Errors are those that it had on the day on which it was asked.
///
/// # Errors
/// When the commit cannot be read, or its rules never were those of this branch: what was decided then is not known.
pub(super) fn open(
    repository: &Repository,
    named: Option<&str>,
    asked: Option<Timestamp>,
    output: &mut Output,
) -> anyhow::Result<Result<(Repository, Loaded), Exit>> {
    let Some(named) = named else { return plainly(repository, asked, output) };
    check(named)?;
    if repository.at.is_some() {
        return plainly(repository, asked, output);
    }
    let (pinned, loaded) = of_request(repository, named, asked)?;
    pinned.say(output)?;
    Ok(decidable::sound(&pinned, loaded, "decided", output)?.map(|loaded| (pinned, loaded)))
}

/// The repository as the arguments say.
fn plainly(
    repository: &Repository,
    asked: Option<Timestamp>,
    output: &mut Output,
) -> anyhow::Result<Result<(Repository, Loaded), Exit>> {
    let loaded = decidable::load_for(repository, asked, output)?;
    // Only now it knows which commit was read.
    Ok(loaded.map(|loaded| (repository.clone(), loaded)))
}

/// Looks whether a text can be the name of a commit.
///
/// # Errors
/// When it cannot: a branch or a tag moves on.
pub(super) fn check(named: &str) -> anyhow::Result<()> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if (7..=64).contains(&named.len()) && named.bytes().all(is_hex) {
        return Ok(());
    }
    bail!("`policy-commit` is `{}`: write the 7 to 64 hexadecimal digits of a commit", plain(named))
}

/// Reads the rulebook of the commit that a request names, with the findings of the day on which it was asked.
///
/// # Errors
/// When it cannot be read, or its rules never were those of this branch.
fn of_request(
    repository: &Repository,
    named: &str,
    asked: Option<Timestamp>,
) -> anyhow::Result<(Repository, Loaded)> {
    let (pinned, mut loaded) = unchecked(repository, named)?;
    let day = pinned.day(&loaded, asked);
    lint::run_fixed(&mut loaded, day);
    Ok((pinned, loaded))
}

/// The same, without the findings of a day.
///
/// # Errors
/// As [`of_request`].
pub(super) fn unchecked(repository: &Repository, named: &str) -> anyhow::Result<(Repository, Loaded)> {
    const WHAT: &str = "the request";
    let help = || {
        format!(
            "the request is decided by the rulebook of the commit `{named}`, which its `policy-commit` names: read it \
             where that commit is, or decide by another one on purpose with `--at`"
        )
    };
    let git = source::Repository::open(&repository.repository).with_context(help)?;
    let commit = commit(&git, WHAT, named).with_context(help)?;
    let (pinned, loaded) = read(repository, &commit)?;
    was_ours(&git, &commit, &loaded.rulebook, WHAT, named)?;
    Ok((pinned, loaded))
}

/// The commit that something names.
///
/// # Errors
/// When there is no such commit, or it is the name of something that moves.
pub(super) fn commit(git: &source::Repository, what: &str, named: &str) -> anyhow::Result<Commit> {
    let commit = git.resolve(named).map_err(revision::unresolved)?;
    if !commit.id.to_string().starts_with(named) {
        bail!("`{}` is the name of a branch or a tag, and {what} has to name a commit", plain(named));
    }
    Ok(commit)
}

/// Looks whether the rules of a commit were those of this branch at some time.
///
/// # Errors
/// When they never were: whoever can make a commit could name it.
pub(super) fn was_ours(
    git: &source::Repository,
    commit: &Commit,
    rulebook: &Rulebook,
    what: &str,
    named: &str,
) -> anyhow::Result<()> {
    if in_history(git, commit, rulebook)? {
        return Ok(());
    }
    bail!("{what} names the commit {named}, whose rules never were those of this branch: ask again")
}

/// Reads the rulebook of a commit, without its findings.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(repository: &Repository, commit: &Commit) -> anyhow::Result<(Repository, Loaded)> {
    let full = commit.id.to_string();
    let pinned = Repository::new(repository.repository.clone(), repository.now, Some(full.clone()));
    let loaded = pinned.load_only()?;
    // A branch can be called like a commit.
    if pinned.at().is_none_or(|at| at.commit != full) {
        bail!("`{full}` is the name of a branch or a tag as well: rename it");
    }
    Ok((pinned, loaded))
}
