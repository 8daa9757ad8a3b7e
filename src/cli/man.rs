//! `gitsm man`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use super::{Cli, exit::Exit, output::Output, write::put};

/// Arguments of `gitsm man`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm man | man -l -
  gitsm man --out ~/.local/share/man/man1")]
pub(super) struct Arguments {
    /// Write the page of gitsm and one for each command into this folder, which is made when it is not
    /// there.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Prints the manual page, or writes all of them.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        Man::new(Cli::command()).render(&mut page)?;
        output.result(&String::from_utf8(page)?)?;
        output.finish()?;
        return Ok(Exit::Success);
    };
    let mut command = Cli::command().disable_help_subcommand(true);
    // Names and texts of the commands inside are only known once the whole is built.
    command.build();
    write_pages(&command, folder)?;
    output.talk(&format!("manual pages written to `{}`", folder.display()))?;
    Ok(Exit::Success)
}

/// Writes the page of a command and of each below it, each file whole.
fn write_pages(command: &clap::Command, folder: &Path) -> anyhow::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        write_pages(inner, folder)?;
    }
    let man = Man::new(command.clone());
    let path = folder.join(man.get_filename());
    let mut page = Vec::new();
    man.render(&mut page)?;
    put(&path, &page).with_context(|| format!("cannot write `{}`", path.display()))
}
