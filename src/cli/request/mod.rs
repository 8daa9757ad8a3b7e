//! `gitsm request`.

mod access;
mod batch;
pub(in crate::cli) mod commit;
mod event;
mod from_issue;
mod issue;
mod joiner;
mod leaver;
mod lifecycle;
mod mover;
pub(in crate::cli) mod settle;
mod since;

use clap::{Args, Subcommand};

use super::{exit::Exit, output::Output};

/// Arguments of `gitsm request`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Ask for access: the rules decide, and what they give is written as a grant.
    Access(access::Arguments),
    /// Read a request from the body of an issue form, and ask for what it says.
    FromIssue(from_issue::Arguments),
    /// Give somebody who joins what comes with their job.
    Joiner(joiner::Arguments),
    /// Give somebody who moves what comes with the new job, end what came with the old one, and ask for the rest anew.
    Mover(mover::Arguments),
    /// End what somebody holds who leaves, and say what others take over.
    Leaver(leaver::Arguments),
    /// The same for everybody who came, moved or left since a commit.
    Lifecycle(lifecycle::Arguments),
}

/// Asks for what the arguments say.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.what {
        What::Access(arguments) => access::run(arguments, output),
        What::FromIssue(arguments) => from_issue::run(arguments, output),
        What::Joiner(arguments) => joiner::run(arguments, output),
        What::Mover(arguments) => mover::run(arguments, output),
        What::Leaver(arguments) => leaver::run(arguments, output),
        What::Lifecycle(arguments) => lifecycle::run(arguments, output),
    }
}
