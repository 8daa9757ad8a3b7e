//! The rules that a grant is pinned to: the rulebook of the commit that it names, with the ledger of today.

use anyhow::bail;
use jiff::Timestamp;

use crate::{
    cli::{decidable, exit::Exit, output::Output, pinning, repository::Repository, terminal::plain},
    lint,
    load::Loaded,
    model::{Entry, grant::Grant},
    source,
};

/// Reads the rulebook of the commit that a grant names, which was asked for at an instant. The ledger in it is that of `present`: what was given since is kept
/// apart from as well. With it comes what stands before its paths.
///
/// # Errors
/// When the grant names no commit, none that led to the last one, or another one than `--at`, or it cannot be read.
pub(super) fn load(
    repository: &Repository,
    grant: &Entry<Grant>,
    asked: Timestamp,
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
    let what = format!("the grant `{id}`");
    let commit = pinning::commit(&git, &what, named)?;
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
    pinning::was_ours(&git, &commit, &present.rulebook, &what, named)?;
    let (pinned, mut loaded) = pinning::read(repository, &commit)?;
    pinned.say(output)?;
    // What was wrong on the day of the request: people who could agree then may have left since.
    let day = pinned.day(&loaded, Some(asked));
    lint::run_fixed(&mut loaded, day);
    let mut loaded = match decidable::sound(&pinned, loaded, "decided", output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(Err(exit)),
    };
    loaded.rulebook.grants.clone_from(&present.rulebook.grants);
    Ok(Ok((loaded, pinned.prefix())))
}
