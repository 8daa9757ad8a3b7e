//! `gitsm replay`.

mod against;
mod incidents;
mod input;
mod people;
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
    /// Work out what SLAs say about tickets of the past: how many targets were not kept, with pauses and without.
    Incidents(incidents::Arguments),
    /// Let people join, move and leave once more: who came and went, what bundles gave, whether it ends in the teams.
    People(people::Arguments),
}

/// Runs the replay that the arguments name.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.what {
        What::Requests(arguments) => requests::run(arguments, output),
        What::Incidents(arguments) => incidents::run(arguments, output),
        What::People(arguments) => people::run(arguments, output),
    }
}

/// How many threads work: as many as were asked for, or one for each processor.
fn jobs(wanted: Option<u16>) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    wanted.map_or_else(processors, usize::from)
}
