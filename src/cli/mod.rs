//! The command line: one file per command.

mod allowed;
mod answer;
mod apply;
mod approvals;
mod clock;
mod completions;
mod decidable;
mod diff;
mod drift;
mod entrusted;
mod exit;
mod explain;
mod export;
mod fmt;
mod grants;
mod import;
mod import_target;
mod history;
mod hub;
mod init;
mod man;
mod mend;
mod output;
mod owner;
mod page;
mod pinning;
mod plan;
mod planning;
mod pr;
mod propose;
mod replay;
mod repository;
mod request;
mod revision;
mod schema;
mod show;
mod simulate;
mod targets;
mod terminal;
mod test;
mod validate;
mod write;

pub use exit::Exit;

use std::{ffi::OsString, io::Write as _, path::Path};

use clap::{
    ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
};

use output::Output;

/// IT service management as code.
///
/// gitsm keeps a service desk's rulebook in Git: services, SLAs, approval workflows and access policies are
/// TOML files. It says everything that is wrong with them, and what they mean.
#[derive(Debug, Parser)]
#[command(name = "gitsm", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "exit status: 0 nothing to report, 1 findings, 2 could not run, 3 changes or pending, 4 refused, 5 done in part, \
                  6 not known"
)]
pub struct Cli {
    /// When to use colour: `auto` (on a terminal, unless `NO_COLOR` is set), `always` or `never`.
    // Every command has it, so it takes one line, after what the command is about.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    #[arg(hide_possible_values = true, display_order = 900)]
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
    /// Write a small repository that validates, to start from.
    Init(init::Arguments),
    /// Say everything that is wrong with a repository.
    Validate(validate::Arguments),
    /// Turn exports of other systems into documents.
    Import(import::Arguments),
    /// Lay documents out in the one way, so that diffs show what changed and nothing else.
    Fmt(fmt::Arguments),
    /// Tell what a finding means and how to mend it.
    Explain(explain::Arguments),
    /// Show what the repository says: lists, or one object with all that it resolves to.
    Show(show::Arguments),
    /// Try requests out: what is decided, who has to agree, until when, and why.
    Simulate(simulate::Arguments),
    /// Run what really happened through the rulebook: requests of the past, and what would have been decided.
    Replay(replay::Arguments),
    /// Ask for access: what the rules give is written as a grant.
    Request(request::Arguments),
    /// Keep the ledger of access: who holds what and why, what ends, what is renewed, taken away and looked at.
    Grants(grants::Arguments),
    /// Count votes: has a request been approved, who can still act, and until when?
    Approvals(approvals::Arguments),
    /// Run the scenarios: does every request, incident and change get what it must get?
    Test(test::Arguments),
    /// Say what a change means: objects and fields that are new, gone or otherwise, wherever they are written.
    Diff(diff::Arguments),
    /// Say which commits changed what the rulebook says, and how.
    Log(history::LogArguments),
    /// Say which commit gave each field of an object its present meaning.
    Blame(history::BlameArguments),
    /// Count business time: when a target is due, how much has passed, where the clocks of a ticket stand.
    Clock(clock::Arguments),
    /// Say what would have to be done so that a target holds what the rulebook says. Nothing is written there.
    Plan(plan::Arguments),
    /// Do what a plan says, unless anything is otherwise than when it was made.
    Apply(apply::Arguments),
    /// Say what somebody changed at a target, and what is not applied yet.
    Drift(drift::Arguments),
    /// Look at pull requests: may a change of the repository be merged?
    Pr(pr::Arguments),
    /// List the sorts of targets, and what each can do.
    Targets(targets::Arguments),
    /// Print the JSON Schema of a kind, for editors.
    Schema(schema::Arguments),
    /// Print the script that teaches a shell the commands and flags.
    Completions(completions::Arguments),
    /// Print the manual page.
    Man(man::Arguments),
}

impl Cli {
    /// Reads the command line of this process. Help and mistakes are written in the colours that `--color` asks
    /// for, wherever it stands; when there is help to show or a mistake, the process ends here.
    #[must_use]
    pub fn from_command_line() -> Self {
        let command = without_empty_variables(Self::command());
        let command = command.color(wanted_colour(std::env::args_os().skip(1)));
        let matches = command.try_get_matches().unwrap_or_else(|error| with_hint(error).exit());
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// The same without the variables that are set to nothing: in a CI server, one that is not set is there and empty.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if is_empty(name) => argument.env(None::<&'static str>),
            _ => argument,
        })
        .mut_subcommands(without_empty_variables)
}

/// Whoever names a folder where none is expected is told how to name one.
fn with_hint(mut error: clap::Error) -> clap::Error {
    let names_a_folder = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => Path::new(argument).is_dir(),
        _ => false,
    };
    if names_a_folder && error.kind() == ErrorKind::UnknownArgument {
        let hint = "`-C FOLDER` names the folder of the repository".into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint]));
    }
    error
}

/// The colour that the arguments ask for. clap has to know it before it reads them.
fn wanted_colour(arguments: impl Iterator<Item = OsString>) -> ColorChoice {
    let mut wanted = ColorChoice::Auto;
    let mut arguments = arguments.take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        let value = match argument.to_str().and_then(|argument| argument.strip_prefix("--color")) {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(OsString::from),
            None => None,
        };
        let value = value.and_then(|value| Colour::from_str(value.to_str()?, false).ok());
        wanted = value.map_or(wanted, Colour::for_clap);
    }
    wanted
}

impl Colour {
    const fn for_clap(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// Says on standard error why a command could not run.
pub fn complain(error: &anyhow::Error) {
    // Nothing is left to do when even this cannot be written.
    let _ = writeln!(std::io::stderr(), "{}", output::for_talk(&format!("error: {error:#}")));
}

/// Runs the command that the arguments name.
///
/// # Errors
/// When it could not run; the exit status is then 2.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    let mut output = Output::new(cli.color);
    let result = match cli.command {
        Command::Init(arguments) => init::run(&arguments, &mut output),
        Command::Validate(arguments) => validate::run(&arguments, &mut output),
        Command::Import(arguments) => import::run(&arguments, &mut output),
        Command::Fmt(arguments) => fmt::run(&arguments, &mut output),
        Command::Explain(arguments) => explain::run(&arguments, &mut output),
        Command::Show(arguments) => show::run(&arguments, &mut output),
        Command::Simulate(arguments) => simulate::run(&arguments, &mut output),
        Command::Replay(arguments) => replay::run(&arguments, &mut output),
        Command::Request(arguments) => request::run(&arguments, &mut output),
        Command::Grants(arguments) => grants::run(&arguments, &mut output),
        Command::Approvals(arguments) => approvals::run(&arguments, &mut output),
        Command::Test(arguments) => test::run(&arguments, &mut output),
        Command::Diff(arguments) => diff::run(&arguments, &mut output),
        Command::Log(arguments) => history::log(&arguments, &mut output),
        Command::Blame(arguments) => history::blame(&arguments, &mut output),
        Command::Clock(arguments) => clock::run(&arguments, &mut output),
        Command::Plan(arguments) => plan::run(&arguments, &mut output),
        Command::Apply(arguments) => apply::run(&arguments, &mut output),
        Command::Drift(arguments) => drift::run(&arguments, &mut output),
        Command::Pr(arguments) => pr::run(&arguments, &mut output),
        Command::Targets(arguments) => targets::run(&arguments, &mut output),
        Command::Schema(arguments) => schema::run(&arguments, &mut output),
        Command::Completions(arguments) => completions::run(&arguments, &mut output),
        Command::Man(arguments) => man::run(&arguments, &mut output),
    };
    match result {
        Err(error) if output::is_closed_pipe(&error) => Ok(output.promised()),
        other => other,
    }
}
