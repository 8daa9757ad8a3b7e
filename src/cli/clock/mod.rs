//! `gitsm clock`.

mod answer;
mod batch;
mod book;
mod history;
mod human;
mod problem;
mod question;
mod work;

use std::{fs::File, io::Read as _, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use super::{answer::Format, decidable, exit::Exit, output::Output, repository::Repository, terminal::Paint};
use crate::report::json;
pub(super) use answer::{DueAnswer, ElapsedAnswer, Report as ClockReport, StatusAnswer};
use answer::{FORMAT_VERSION, Outcome, Report};
use book::Book;
use problem::Problem;
use question::Question;

/// The most bytes of the history of a ticket.
const MOST_BYTES: u64 = 1 << 20;

/// Arguments of `gitsm clock`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say when a target is used up.
    ///
    /// Time counts only while the calendar is open. A target that is used up at closing time is due at closing
    /// time, not at the next opening.
    #[command(after_help = "\
examples:
  gitsm clock due --calendar office --within 4h --start 2026-11-20T15:00:00Z
  gitsm clock due --service mail --priority p1 --start 2026-11-20T15:00:00Z
  gitsm clock due --sla gold --priority p2 --target resolve --start 2026-11-20T15:00:00Z \\
      --pause 2026-11-20T16:00:00Z..2026-11-20T17:00:00Z
  gitsm clock due --batch questions.jsonl

A line of a batch has the flags as fields:
  {\"sla\":\"gold\",\"priority\":\"p2\",\"start\":\"2026-11-20T15:00:00Z\",\"pause\":[],\"id\":\"T-1\"}

exit status: 0 answered, 1 some lines of a batch could not be answered, 2 could not run")]
    Due(DueArguments),
    /// Say how much business time has passed.
    #[command(after_help = "\
examples:
  gitsm clock elapsed --calendar office --start 2026-11-20T15:00:00Z --end 2026-11-23T10:00:00Z

A line of a batch has the flags as fields:
  {\"calendar\":\"office\",\"start\":\"2026-11-20T15:00:00Z\",\"end\":\"2026-11-23T10:00:00Z\",\"id\":\"T-1\"}

exit status: 0 answered, 1 some lines of a batch could not be answered, 2 could not run")]
    Elapsed(ElapsedArguments),
    /// Say where the clocks of a ticket stand: every target of its SLA, used up, left, at risk or breached.
    ///
    /// A target is breached when more business time has passed than was promised; exactly as much still meets it.
    #[command(after_help = "\
examples:
  gitsm clock status --service mail --priority p1 --start 2026-11-20T09:00:00Z
  gitsm clock status --sla gold --priority p2 --start 2026-11-20T09:00:00Z \\
      --stop 2026-11-20T12:00:00Z
  gitsm clock status --sla gold --history ticket.json

A history is a file of JSON, and a line of a batch can have one as well:
  {\"sla\":\"gold\",\"priority\":\"p2\",\"start\":\"2026-11-20T09:00:00Z\",\"events\":[
    {\"at\":\"2026-11-20T09:10:00Z\",\"state\":\"in-progress\"},
    {\"at\":\"2026-11-20T09:30:00Z\",\"done\":\"update\"},
    {\"at\":\"2026-11-20T10:00:00Z\",\"priority\":\"p1\"}]}

A ticket is `new` when it is opened. An event says one or more of these:
  state           the state that the ticket is in from then on
  priority, sla   what holds from then on
  done            a target that was reached: `respond`, `update` or `workaround`
Somebody has also responded when the ticket is in-progress, awaiting-requester,
awaiting-supplier, awaiting-change, scheduled, resolved or closed.

exit status: 0 answered, 1 some lines of a batch could not be answered, 2 could not run")]
    Status(StatusArguments),
}

/// What every sub-command has.
#[derive(Debug, Args)]
struct Common {
    /// Answer the questions in this file, a line of JSON each, with a line of JSON each; `-` or no file for
    /// standard input.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    batch: Option<String>,
    /// How the answer is written, which is always JSON for a batch; `gitsm schema output/clock-due` and so on print the schemas.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// Read the rulebook as a commit holds it, and not the files of the folder: `main`, `v1.2`, `HEAD~3`.
    #[arg(long, value_name = "REVISION")]
    at: Option<String>,
}

#[derive(Debug, Args)]
struct DueArguments {
    #[command(flatten)]
    question: question::Due,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct ElapsedArguments {
    #[command(flatten)]
    question: question::Elapsed,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct StatusArguments {
    #[command(flatten)]
    question: question::Status,
    /// A file with the history of the ticket, as JSON; `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    history: Option<PathBuf>,
    /// The instant at which the clocks are read, `2026-01-01` or `2026-01-01T09:00:00Z` [default: what
    /// `GITSM_NOW` says, or now].
    // Not as `env`: what only the environment says must not conflict with `--stop`.
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Answers questions about time.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Due(DueArguments { question, common }) => {
            answer(common, question, output, human::due, work::due)
        }
        Command::Elapsed(ElapsedArguments { question, common }) => {
            answer(common, question, output, human::elapsed, work::elapsed)
        }
        Command::Status(arguments) => {
            let now = match arguments
                .now
                .clone()
                .or_else(|| std::env::var("GITSM_NOW").ok())
                .filter(|now| !now.is_empty())
            {
                Some(text) => question::now(&text)?,
                None => Timestamp::now(),
            };
            let question = arguments.question()?;
            let common = &arguments.common;
            answer(common, &question, output, human::status, |book, question| {
                work::status(book, question, now)
            })
        }
    }
}

/// Answers the question of the flags, or all of a batch.
fn answer<Q: Question, A: Serialize>(
    common: &Common,
    question: &Q,
    output: &mut Output,
    human: impl Fn(&A, Paint) -> String,
    work: impl Fn(&Book<'_>, &Q) -> Result<A, Problem>,
) -> anyhow::Result<Exit> {
    if common.batch.is_some() && *question != Q::default() {
        bail!("`--batch` reads every question from its lines: leave the other flags of the question out");
    }
    let repository = Repository::new(common.repository.clone(), None, common.at.clone());
    let loaded = match decidable::load(&repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let book = Book::new(&loaded);
    if let Some(path) = &common.batch {
        return batch::run(path, repository.at().as_ref(), output, |question| work(&book, question));
    }
    let answer = work(&book, question)?;
    match common.format {
        Format::Human => output.result(&human(&answer, Paint::new(output.colour())))?,
        Format::Json => {
            let id = question.id().cloned();
            let outcome = Outcome::Answer(answer);
            let report =
                Report { format_version: FORMAT_VERSION, rulebook: repository.at(), line: None, id, outcome };
            output.result(&json::write(&report)?)?;
        }
    }
    output.finish()?;
    Ok(Exit::Success)
}

impl StatusArguments {
    /// The question of the flags, with that of the file of the history; no field may come from both.
    fn question(&self) -> anyhow::Result<question::Status> {
        let Some(path) = &self.history else { return Ok(self.question.clone()) };
        let mut text = String::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().take(MOST_BYTES + 1).read_to_string(&mut text)
        } else {
            File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text))
        };
        let shown = path.display();
        let length = read.with_context(|| format!("cannot read `{shown}`"))?;
        if length as u64 > MOST_BYTES {
            bail!("`{shown}` has more than {MOST_BYTES} bytes: that is not the history of one ticket");
        }
        let mut question: question::Status = serde_json::from_str(&text)
            .with_context(|| format!("`{shown}` is not the history of a ticket"))?;
        if question.events.is_none() {
            bail!("`{shown}` has no `events`: write what happened to the ticket, or `[]` for nothing");
        }
        let flags = &self.question;
        for (field, given, own) in [
            ("sla", &flags.sla, &mut question.sla),
            ("service", &flags.service, &mut question.service),
            ("priority", &flags.priority, &mut question.priority),
            ("target", &flags.target, &mut question.target),
            ("start", &flags.start, &mut question.start),
        ] {
            if given.is_some() && own.is_some() {
                bail!("`{field}` is given twice: by a flag and in `{shown}`");
            }
            *own = own.take().or_else(|| given.clone());
        }
        Ok(question)
    }
}
