//! `gitsm request joiner`.

use anyhow::bail;
use clap::Args;

use super::{
    commit::policy_commit,
    event::{Act, Happening},
};
use crate::{
    cli::{exit::Exit, output::Output, simulate::reference},
    ledger::{
        lifecycle::{When, joins},
        standing::has_left,
    },
    model::{Ref, person::Person},
};

/// Arguments of `gitsm request joiner`.
#[derive(Debug, Args)]
#[command(after_help = "\
what comes with their job is written as grants that name the bundle, each in a file of its own, from their first day
on. What people have to agree to is written as requested. What they held in an earlier time here ends, and does not
come back. Doing it again writes nothing; `gitsm simulate joiner` says beforehand what the rules give

examples:
  gitsm request joiner cleo.martin --dry-run
  gitsm request joiner cleo.martin --pull-request --forge example/rulebook

exit status: 0 it is written, or was before; 1 something that comes with their job is denied, or the rulebook has errors;
2 could not run")]
pub(super) struct Arguments {
    /// Who joins.
    #[arg(value_name = "PERSON", value_parser = reference::<Person>)]
    person: Ref<Person>,
    #[command(flatten)]
    act: Act,
}

/// Gives somebody who joins what comes with their job.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let act = &arguments.act;
    act.about(&arguments.person, output, |one, output| {
        let (engine, person, now) = (one.engine, one.person, act.now());
        if has_left(person, engine.date(now)) {
            bail!(
                "`{0}` has left, by the directory: write there that they are back, or run `gitsm request leaver {0}`",
                person.id
            );
        }
        let commit = policy_commit(&act.repository, one.loaded)?;
        let when = When { policy_commit: commit.as_deref(), now };
        let changes = vec![joins(engine, person, &|_| false, when)?];
        act.carry_out(output, one.loaded, engine, &Happening { changes, since: None, commit, most: None })
    })
}
