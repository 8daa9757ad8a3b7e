//! `gitsm replay`.

mod input;
mod progress;
mod requests;

use clap::{Args, Subcommand};

use super::{exit::Exit, output::Output};

/// Arguments of `gitsm replay`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Decide about requests of the past: how many need nobody, who has how much to do, what would differ.
    Requests(requests::Arguments),
}

/// Runs the replay that the arguments name.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.what {
        What::Requests(arguments) => requests::run(arguments, output),
    }
}
