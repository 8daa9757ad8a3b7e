//! `gitsm request leaver`.

use anyhow::bail;
use clap::Args;

use super::event::{Act, Happening};
use crate::{
    cli::{exit::Exit, output::Output, simulate::reference},
    ledger::lifecycle::{When, leaves},
    model::{Ref, person::Person},
};

/// Arguments of `gitsm request leaver`.
#[derive(Debug, Args)]
#[command(after_help = "\
the directory says who leaves: of somebody who has left every grant and request ends, and of somebody who has a last day
to come every grant ends on that day at the latest. What others have to take over is named and left to people. Doing it
again writes nothing; `gitsm simulate leaver` says beforehand what somebody would leave behind

examples:
  gitsm request leaver dan.kim --dry-run
  gitsm request leaver dan.kim --pull-request --forge example/rulebook

exit status: 0 it is written, or was before; 1 the rulebook has errors; 2 could not run, or they have not left")]
pub(super) struct Arguments {
    /// Who leaves.
    #[arg(value_name = "PERSON", value_parser = reference::<Person>)]
    person: Ref<Person>,
    #[command(flatten)]
    act: Act,
}

/// Ends what somebody holds who leaves.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let act = &arguments.act;
    act.about(&arguments.person, output, |one, output| {
        let when = When { policy_commit: None, now: act.now() };
        let Ok(change) = leaves(one.engine, one.person, when)? else {
            bail!(
                "`{0}` has not left, by the directory: write `status = \"inactive\"` or the last day there first; `gitsm simulate \
                 leaver {0}` says what would end",
                one.person.id
            );
        };
        let happening = Happening { changes: vec![change], since: None, commit: None, most: None };
        act.carry_out(output, one.loaded, one.engine, &happening)
    })
}
