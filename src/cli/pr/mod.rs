//! `gitsm pr`.

mod apply;
mod check;
pub(in crate::cli) mod facts;
mod forge;
mod judged;
mod merge;
mod plans;

use clap::{Args, Subcommand};

use super::{exit::Exit, output::Output};

/// Arguments of `gitsm pr`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say whether a change of the repository may be merged: what it does, who has to agree, and who did.
    Check(check::Arguments),
    /// Record what is known about a pull request: who opened it, pushed to it and reviewed it.
    Facts(facts::Arguments),
    /// Merge a pull request of gitsm's own that changes grants alone and that nobody has to agree to, or close it when the
    /// rules deny it.
    Merge(merge::Arguments),
    /// Apply a commit that was merged to the targets: what was approved, and nothing else.
    Apply(apply::Arguments),
}

/// Looks at pull requests.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.what {
        What::Check(arguments) => check::run(arguments, output),
        What::Facts(arguments) => facts::run(arguments, output),
        What::Merge(arguments) => merge::run(arguments, output),
        What::Apply(arguments) => apply::run(arguments, output),
    }
}
