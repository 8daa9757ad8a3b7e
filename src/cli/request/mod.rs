//! `gitsm request`.

mod access;
mod batch;
pub(in crate::cli) mod commit;
mod from_issue;
mod issue;
pub(in crate::cli) mod settle;

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
}

/// Asks for what the arguments say.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.what {
        What::Access(arguments) => access::run(arguments, output),
        What::FromIssue(arguments) => from_issue::run(arguments, output),
    }
}
