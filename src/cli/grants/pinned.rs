//! The rules that a grant is pinned to: the rulebook of the commit that it names, with the ledger of today.

use anyhow::{anyhow, bail};

use crate::{
    cli::{
        decidable, exit::Exit, output::Output, repository::Repository, request::commit::in_history,
        terminal::plain,
    },
    load::Loaded,
    model::{Entry, grant::Grant},
    source,
};

/// Reads the rulebook of the commit that a grant names. The ledger in it is that of `present`: what was given since is kept
/// apart from as well. With it comes what stands before its paths.
///
/// # Errors
/// When the grant names no commit, none that led to the last one, or another one than `--at`, or it cannot be read.
pub(super) fn load(
    repository: &Repository,
    grant: &Entry<Grant>,
    present: &Loaded,
    output: &mut Output,
) -> anyhow::Result<Result<(Loaded, String), Exit>> {
    let id = &grant.id;
    let named = grant.decision.as_ref().and_then(|decision| decision.policy_commit.as_deref());
    let Some(named) = named else {
        bail!(
            "the grant `{id}` names no commit of the policy, so nobody can say which rules decided: commit the rulebook, \
             and ask again"
        );
    };
    let git = source::Repository::open(&repository.repository)?;
    let commit = git.resolve(named)?;
    let full = commit.id.to_string();
    if !full.starts_with(named) {
        bail!(
            "`{}` is the name of a branch or a tag, and the grant `{id}` has to name a commit",
            plain(named)
        );
    }
    if let Some(at) = &repository.at {
        let other = git.resolve(at)?;
        if other.id != commit.id {
            bail!(
                "the grant `{id}` is pinned to the commit {named}, and `--at {}` is another one: votes only count under \
                 the rules that decided",
                plain(at)
            );
        }
    }
    if !in_history(&git, &commit, &present.rulebook)? {
        bail!(
            "the grant `{id}` names the commit {named}, whose rules never were those of this branch: ask again"
        );
    }
    let pinned = Repository::new(repository.repository.clone(), repository.now, Some(full.clone()));
    let mut loaded = match decidable::load(&pinned, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(Err(exit)),
    };
    // A branch can be called like a commit.
    if pinned.at().is_none_or(|at| at.commit != full) {
        return Err(anyhow!("`{full}` is the name of a branch or a tag as well: rename it"));
    }
    loaded.rulebook.grants.clone_from(&present.rulebook.grants);
    Ok(Ok((loaded, pinned.prefix())))
}
