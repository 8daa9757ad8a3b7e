//! `gitsm pr facts`.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::forge::Which;
use crate::{
    cli::{exit::Exit, output::Output, terminal::plain, write},
    gate::facts::{FORMAT_VERSION, Facts},
    report::json,
    source::{is_commit_id, read_bounded},
};

/// The most bytes of recorded facts.
const MOST_BYTES: u64 = 64 << 20;

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
                bail!("`{shown}` is there already: facts are evidence, and none are written over");
            }
            write::put(path, text.as_bytes()).with_context(|| format!("cannot write `{shown}`"))?;
        }
        None => output.result(&text)?,
    }
    output.finish()?;
    Ok(Exit::Success)
}

/// Reads recorded facts.
///
/// # Errors
/// When they cannot be read, or are none.
pub(in crate::cli) fn read(path: &Path) -> anyhow::Result<Facts> {
    let name = plain(&path.to_string_lossy());
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        bytes
    } else {
        read_bounded(path, MOST_BYTES)?
    };
    if bytes.len() as u64 > MOST_BYTES {
        bail!("`{name}` has more than {MOST_BYTES} bytes, which no facts of a pull request have");
    }
    let facts: Facts = serde_json::from_slice(&bytes)
        .with_context(|| format!("`{name}` does not hold the facts of a pull request"))?;
    if facts.format_version != FORMAT_VERSION {
        bail!(
            "`{name}` is of the version {} of the format, and only {FORMAT_VERSION} is understood",
            facts.format_version
        );
    }
    for branch in [&facts.pull_request.base, &facts.pull_request.head] {
        if !is_commit_id(&branch.commit) {
            let commit = plain(&branch.commit);
            bail!("`{name}`: `{commit}` is not the 40 hexadecimal digits of a commit");
        }
    }
    Ok(facts)
}
