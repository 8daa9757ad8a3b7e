//! The command line: one file per command.

mod exit;
mod mend;
mod import;
mod output;
mod repository;
mod validate;
mod watch;

pub use exit::Exit;

use clap::{Parser, Subcommand, ValueEnum};

use output::Output;

/// IT service management as code.
///
/// gitsm keeps a service desk's rulebook in Git: services, SLAs, approval workflows and access policies are
/// TOML files. It says everything that is wrong with them, and what they mean.
#[derive(Debug, Parser)]
#[command(name = "gitsm", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "exit status: 0 nothing to report, 1 findings, 2 could not run")]
pub struct Cli {
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
    #[command(subcommand)]
    command: Command,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say everything that is wrong with a repository.
    Validate(validate::Arguments),
    /// Turn exports of other systems into documents.
    Import(import::Arguments),
}

/// Runs the command that the arguments name.
///
/// # Errors
/// When it could not run; the exit status is then 2.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    let mut output = Output::new(cli.color);
    let result = match cli.command {
        Command::Validate(arguments) => validate::run(&arguments, &mut output),
        Command::Import(arguments) => import::run(&arguments, &mut output),
    };
    match result {
        Err(error) if output::is_closed_pipe(&error) => Ok(Exit::Success),
        other => other,
    }
}
