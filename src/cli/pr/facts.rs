//! `gitsm pr facts`.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::Args;

use super::forge::Which;
use crate::{
    cli::{exit::Exit, output::Output, terminal::plain, write},
    report::json,
};

/// Arguments of `gitsm pr facts`.
#[derive(Debug, Args)]
#[command(after_help = "\
the facts are evidence: with them and the repository, `gitsm pr check --facts` comes to the same verdict later and
elsewhere. The token needs to read pull requests, the contents and the activity of the repository, and nothing else

examples:
  gitsm pr facts --pull-request 12 --at example/rulebook --out facts.json")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Write the facts into this file, which must not be there yet.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Records facts.
///
/// # Errors
/// When not everything can be read.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let reached = arguments.which.reach(false)?;
    let reached = reached.ok_or_else(|| {
        anyhow!("name the pull request: `--pull-request 12`, or `--of-commit` its last commit")
    })?;
    let text = json::write(&reached.record()?)?;
    match &arguments.out {
        Some(path) => {
            let shown = plain(&path.to_string_lossy());
            if path.symlink_metadata().is_ok() {
                anyhow::bail!("`{shown}` is there already: facts are evidence, and none are written over");
            }
            write::put(path, text.as_bytes()).with_context(|| format!("cannot write `{shown}`"))?;
        }
        None => output.result(&text)?,
    }
    output.finish()?;
    Ok(Exit::Success)
}
