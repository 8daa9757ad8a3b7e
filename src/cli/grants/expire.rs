//! `gitsm grants expire`.

use clap::Args;
use jiff::Timestamp;

use super::{edits::Edits, tell, unclear};
use crate::{
    cli::{
        answer::Format,
        decidable,
        exit::Exit,
        output::Output,
        propose::{Proposal, Propose, Reviewers},
        repository::Repository,
        request::settle::whole_seconds,
    },
    decide::engine::Engine,
    ledger::{campaign, ending},
    model::Instant,
    report::grants::ended::{Report, markdown},
};

/// Arguments of `gitsm grants expire`.
#[derive(Debug, Args)]
#[command(after_help = "\
a grant is over when its last day has passed, when its holder has left, when a campaign said that it is not needed,
and when a campaign is over and nobody said that it is. It is closed where it is written, and what nothing else
gives is taken away by the next `gitsm apply`. A campaign that is over and done is marked as settled: what becomes
of those who decided in it changes nothing later. Doing it again changes nothing

examples:
  gitsm grants expire --dry-run
  gitsm grants expire --now 2026-12-01
  gitsm grants expire --pull-request --forge example/rulebook

exit status: 0 nothing is over, or it was ended; 1 the rulebook has errors; 2 could not run; 3 something is over,
with --detailed-exitcode")]
pub(super) struct Arguments {
    #[command(flatten)]
    repository: Repository,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    #[arg(conflicts_with_all = ["pull_request", "branch"])]
    dry_run: bool,
    #[command(flatten)]
    propose: Propose,
    /// End with 3 when something is over.
    #[arg(long)]
    detailed_exitcode: bool,
    /// How the result is written; `gitsm schema output/grants-ended` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Ends what is over.
///
/// # Errors
/// When it could not run; then nothing is written.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let repository = &arguments.repository;
    let loaded = match decidable::load(repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let now = whole_seconds(repository.now.unwrap_or_else(Timestamp::now));
    let mut due = campaign::due(&engine, now);
    let ended = ending::end(&engine, std::mem::take(&mut due.endings), now);
    unclear(&ended, output)?;
    let mut edits = Edits::default();
    for one in &ended {
        edits.end(&loaded, &one.ending, now)?;
    }
    for (grant, end, _) in &due.shorter {
        edits.shorten(&loaded, grant, *end)?;
    }
    for campaign in &due.done {
        edits.settle(&loaded, campaign, now)?;
    }
    let anything = !ended.is_empty() || !due.shorter.is_empty() || !due.done.is_empty();
    let exit = if anything && arguments.detailed_exitcode { Exit::Changes } else { Exit::Success };
    output.promise(exit);
    let elsewhere = arguments.propose.elsewhere();
    if !arguments.dry_run && !elsewhere {
        edits.write(&repository.repository)?;
    }
    let written = anything && !arguments.dry_run && !elsewhere;
    let report = Report::new(Instant(now), written, &ended, &due, edits.paths());
    let proposed = if elsewhere {
        let ends = report.ended.iter().map(|one| format!("{} {}", one.grant, one.why));
        let shorter = report.shortened.iter().map(|one| format!("{} {}", one.grant, one.end));
        let settled = report.settled.iter().map(|one| format!("{one} settled"));
        let proposal = Proposal {
            branch: "grants-expire",
            title: "End access that is over",
            body: &markdown(&report),
            key: &ends.chain(shorter).chain(settled).collect::<Vec<_>>().join("\n"),
            files: &edits.files()?,
            reviewers: &Reviewers::default(),
            over: "nothing is over any more that this did not end",
        };
        Some(arguments.propose.propose(repository, &proposal)?)
    } else {
        None
    };
    let shown = (arguments.dry_run && anything).then_some(&edits);
    tell(&report, arguments.format, shown, proposed.as_deref(), output)?;
    Ok(exit)
}
