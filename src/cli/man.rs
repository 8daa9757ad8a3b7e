//! `gitsm man`.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use super::{Cli, exit::Exit, output::Output};

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
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .with_context(|| format!("cannot write into `{}`", folder.display()))?;
    output.talk(&format!("manual pages written to `{}`", folder.display()))?;
    Ok(Exit::Success)
}
