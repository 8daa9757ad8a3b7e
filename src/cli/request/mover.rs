//! `gitsm request mover`.

use anyhow::bail;
use clap::Args;

use super::{
    commit::policy_commit,
    event::{Act, Happening, find},
    since::{Since, has_same_job, with_people},
};
use crate::{
    cli::{exit::Exit, output::Output, simulate::reference, terminal::plain},
    decide::engine::Engine,
    ledger::{
        lifecycle::{When, moves},
        standing::has_left,
    },
    model::{Ref, person::Person},
};

/// Arguments of `gitsm request mover`.
#[derive(Debug, Args)]
#[command(after_help = "\
the directory says who moves, so a grant is one of the directory that decided: how somebody was is read from an earlier
commit. What comes with the new job is given. What came with the old one ends after a while, which `after-move` below
`[grants]` of gitsm.toml says, and so does what they hold by a request and people have to agree to anew; that is asked
for once more. Doing it again writes nothing; `gitsm simulate mover` says beforehand what a move would change

examples:
  gitsm request mover ana.silva --since HEAD~1 --dry-run
  gitsm request mover ana.silva --since v1.2 --pull-request --forge example/rulebook

exit status: 0 it is written, or was before; 1 something is denied in the new job, or the rulebook has errors; 2 could
not run")]
pub(super) struct Arguments {
    /// Who moves.
    #[arg(value_name = "PERSON", value_parser = reference::<Person>)]
    person: Ref<Person>,
    /// The commit at which they had the old job: `main~3`, `v1.2`.
    #[arg(long, value_name = "REVISION")]
    since: String,
    #[command(flatten)]
    act: Act,
}

/// Brings what somebody holds who moves to what their new job gives.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let act = &arguments.act;
    act.about(&arguments.person, output, |one, output| {
        let (is, now) = (one.person, act.now());
        // An engine lives as long as what it decides about, and the earlier directory is read below.
        let after = Engine::new(&one.loaded.rulebook)?;
        if has_left(is, after.date(now)) {
            bail!("`{0}` has left, by the directory: `gitsm request leaver {0}`", is.id);
        }
        let since = Since::read(&act.repository.repository, &arguments.since)?;
        let Some(was) = since.person(is.id.as_str()) else {
            bail!("`{0}` was not there at {1}: `gitsm request joiner {0}`", is.id, plain(&since.at.line()));
        };
        if has_same_job(was, is) {
            output.talk(&format!("`{}` has the same job as at {}", is.id, plain(&since.at.line())))?;
        }
        let before = with_people(&one.loaded.rulebook, [(is.id.to_string(), was.value.clone())]);
        let engine = Engine::new(&before)?;
        let was = find(&before, &arguments.person)?;
        let commit = policy_commit(&act.repository, one.loaded)?;
        let when = When { policy_commit: commit.as_deref(), now };
        let is_new = |grant: &_| since.is_decided_since(is, grant);
        let change = moves(&engine, &after, (was, is), &is_new, when)?;
        let happening = Happening {
            changes: vec![change],
            since: Some(since.at.clone()),
            commit: commit.clone(),
            most: None,
        };
        act.carry_out(output, one.loaded, &after, &happening)
    })
}
