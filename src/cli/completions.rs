//! `gitsm completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, exit::Exit, output::Output};

/// Arguments of `gitsm completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm completions bash > ~/.local/share/bash-completion/completions/gitsm
  gitsm completions fish > ~/.config/fish/completions/gitsm.fish
  gitsm completions zsh > \"${fpath[1]}/_gitsm\"")]
pub(super) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script that teaches a shell the commands and flags.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "gitsm", &mut script);
    output.result(&String::from_utf8(script)?)?;
    output.finish()?;
    Ok(Exit::Success)
}
