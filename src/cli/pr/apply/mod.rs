//! `gitsm pr apply`.

mod merged;
mod one;

use std::{io, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;

use merged::{Look, Merged};
use one::Applying;

use crate::{
    cli::{
        allowed::Allowed,
        answer::Format,
        exit::Exit,
        hub::There,
        output::Output,
        planning,
        repository::{Repository, instant},
        terminal::plain,
        write,
    },
    report::{
        json,
        merged::{Outcome, Report, human},
    },
};

/// Arguments of `gitsm pr apply`.
#[derive(Debug, Args)]
#[command(after_help = "\
only a commit that the branch in force was at is applied; where GitHub is asked, it must be the one
that a pull request was merged as. Each target is planned anew at that commit. When the gate recorded
what it showed for the target on the last commit of the pull request, nothing else is done than that.
An apply that failed or was done in part is run again with the same command

examples:
  gitsm pr apply --branch main                          the last commit, to each target
  gitsm pr apply --commit 1f2e3d4 --at example/rulebook --post
  gitsm pr apply --branch main --target site --checksum 0123456789abcdef0123456789abcdef01234567

exit status: 0 everything was done; 1 the rulebook has errors; 2 could not run; 4 refused and nothing
done; 5 done in part, or not at each target: run the same command again")]
pub(super) struct Arguments {
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// The merged commit.
    #[arg(long, value_name = "REVISION", default_value = "HEAD")]
    commit: String,
    /// The branch in force, when GitHub is not asked: it is asked nothing then.
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["post", "pull_request"])]
    branch: Option<String>,
    /// The pull request, when GitHub cannot say by itself which one was merged as the commit.
    #[arg(long, value_name = "NUMBER")]
    pull_request: Option<u64>,
    #[command(flatten)]
    there: There,
    /// Apply to these targets only [default: each that gitsm.toml names].
    #[arg(long, value_name = "TARGET")]
    target: Vec<String>,
    /// The checksum that was approved, as the comment on the pull request shows it, instead of the one that the gate
    /// recorded: of the only target, or with the name of one and `=` before it.
    #[arg(long, value_name = "[TARGET=]CHECKSUM")]
    checksum: Vec<String>,
    /// The account that records for the gate, when it is not the one that the token belongs to.
    #[arg(long, value_name = "LOGIN")]
    gate: Option<String>,
    /// Record at GitHub what is applied and how it went: as deployments, or states of the commit.
    #[arg(long)]
    post: bool,
    /// Write the JSON into this file as well, in the place of what it holds.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Say that the process on another machine that left the lock behind has ended: `HOST:PROCESS`.
    #[arg(long, value_name = "HOLDER")]
    break_lock: Option<String>,
    /// The instant that counts as now, for dates that pass.
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = instant)]
    now: Option<Timestamp>,
    #[command(flatten)]
    allowed: Allowed,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Applies a merged commit.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let look = Look {
        folder: &arguments.repository,
        commit: &arguments.commit,
        branch: arguments.branch.as_deref(),
        there: &arguments.there,
        number: arguments.pull_request,
        gate: arguments.gate.as_deref(),
        post: arguments.post,
    };
    let merged = match Merged::look(&look)? {
        Ok(merged) => merged,
        Err(why) => {
            output.promise(Exit::Refused);
            output.talk(&format!("refused: nothing was applied: {}", plain(&why)))?;
            return Ok(Exit::Refused);
        }
    };
    let commit = merged.commit.id.to_string();
    let repository = Repository::new(arguments.repository.clone(), arguments.now, Some(commit));
    let loaded = match planning::load(&repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let mut names = arguments.target.clone();
    if names.is_empty() {
        names = loaded.rulebook.settings.target.keys().map(ToString::to_string).collect();
    }
    names.dedup();
    if names.is_empty() {
        bail!("there is nothing to apply to: gitsm.toml names no target, write `[target.NAME]` there");
    }
    let checksums = checksums(&arguments.checksum, &names)?;
    let applying = Applying {
        merged: &merged,
        repository: &repository,
        loaded: &loaded,
        allowed: &arguments.allowed,
        gone: arguments.break_lock.as_deref(),
        post: arguments.post,
    };
    let targets = names.iter().zip(&checksums).map(|(name, said)| applying.to(name, said.as_deref()));
    let report = merged.report(&repository, targets.collect());
    let exit = exit(&report);
    output.promise(exit);
    if let Some(words) = merged.gate_words() {
        output.talk(&words)?;
    }
    let text = json::write(&report)?;
    // It is done, whether or not somebody hears of it: how it went is how the command ends.
    let written = arguments.out.as_ref().map_or(Ok(()), |path| write::put(path, text.as_bytes()));
    let shown = match arguments.format {
        Format::Human => human(&report, output.style()),
        Format::Json => text,
    };
    let said = output.result(&shown).and_then(|()| output.finish());
    for result in [written, said] {
        if let Err(error) = result
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            let error = anyhow::Error::new(error).context("the result cannot be written");
            crate::cli::complain(&error);
        }
    }
    if exit != Exit::Success {
        output.talk("not everything was done: mend what is named above, then run the same command again")?;
    }
    Ok(exit)
}

/// How the command ends: what was done at one target is not undone by what was not done at another.
fn exit(report: &Report) -> Exit {
    let any = |outcome: Outcome| report.targets.iter().any(|target| target.outcome == outcome);
    match (any(Outcome::Done), any(Outcome::Partial), any(Outcome::Refused), any(Outcome::Failed)) {
        (_, false, false, false) => Exit::Success,
        (true, ..) | (_, true, ..) => Exit::Partial,
        (_, _, true, _) => Exit::Refused,
        _ => Exit::CouldNotRun,
    }
}

/// The checksum that somebody says for each target.
fn checksums(said: &[String], names: &[String]) -> anyhow::Result<Vec<Option<String>>> {
    let mut found: Vec<Option<String>> = vec![None; names.len()];
    for one in said {
        let (name, checksum) = match one.split_once('=') {
            Some((name, checksum)) => (Some(name), checksum),
            None => (None, one.as_str()),
        };
        if !crate::source::is_commit_id(checksum) {
            bail!("`{}` is no checksum: those have 40 hexadecimal digits", plain(checksum));
        }
        let place = match name {
            Some(name) => names.iter().position(|other| other == name),
            None if names.len() == 1 => Some(0),
            None => bail!("there are several targets: write the name of one and `=` before the checksum"),
        };
        let slot = place.and_then(|place| found.get_mut(place));
        let slot = slot.with_context(|| format!("`{}` names no target that is applied to", plain(one)))?;
        *slot = Some(checksum.to_owned());
    }
    Ok(found)
}
