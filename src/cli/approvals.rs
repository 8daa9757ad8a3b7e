//! `gitsm approvals`.

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{answer::Format, exit::Exit, output::Output, pinning, repository::Repository, simulate};
use crate::{
    decide::{
        access::decide,
        approval::{self, outcome::State},
        engine::Engine,
    },
    load::events::{self, Events},
    model::scenario::Verdict,
    report::{
        self,
        approval::{Input, View},
        decision, json,
        revision::At,
    },
};

/// Arguments of `gitsm approvals`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say how far a request has come: who approved, who can still, until when, and which votes do not count.
    Status(Status),
}

/// Arguments of `gitsm approvals status`.
#[derive(Debug, Args)]
#[command(after_help = "\
the request is a file in TOML or JSON: `now` is when it was made, `request` what is asked for,
`policy-commit` the commit of the rulebook under which it was made, which is the one that is read:
  now = 2026-03-02T09:00:00Z
  [request]
  requester = \"ben\"
  entitlements = [\"mail/admin\"]

the votes are JSON Lines or a JSON array of events, in any order:
  {\"event\":\"vote\",\"at\":\"2026-03-02T10:00:00Z\",\"by\":\"ana\",\"decision\":\"approve\"}
  {\"event\":\"vote\",\"at\":\"…\",\"by\":\"dan\",\"on-behalf-of\":\"ana\",\"decision\":\"reject\",\"stage\":\"manager\",\"note\":\"…\"}
  {\"event\":\"vote\",\"at\":\"…\",\"by\":\"ana\",\"decision\":\"withdraw\"}
  {\"event\":\"delegation\",\"at\":\"…\",\"by\":\"ana\",\"from\":\"ana\",\"to\":\"dan\",\"starts\":\"…\",\"ends\":\"…\"}
  {\"event\":\"amendment\",\"at\":\"…\",\"by\":\"ben\",\"changed\":[\"longer-duration\"],\"duration\":\"60d\"}
  {\"event\":\"evidence\",\"at\":\"…\",\"by\":\"ben\",\"evidence\":\"training\"}
  {\"event\":\"evidence\",\"at\":\"…\",\"by\":\"ben\",\"evidence\":\"ticket\",\"text\":\"CHG-1\"}
  {\"event\":\"cancellation\",\"at\":\"…\",\"by\":\"ben\"}
after an amendment of anything but the duration it is another request: ask anew. Evidence is brought by whoever asks or
gets it; these change it, and so does whoever can decide about it. A delegation is written down by whoever is stood in
for, and covers votes from then on. What others do is shown as not counted

examples:
  gitsm approvals status --request request.toml --votes votes.jsonl
  gitsm approvals status --request request.json --votes - --format json < votes.jsonl

exit status: 0 approved; 1 it is not and will not be: rejected, out of time, cancelled, denied, over, made
another request, or nobody can approve it; 2 could not run; 3 pending: not approved yet")]
struct Status {
    /// The request: TOML by the ending of its name, JSON otherwise.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// What happened since: JSON Lines or a JSON array, or standard input: `-`.
    #[arg(long, value_name = "FILE")]
    votes: PathBuf,
    #[command(flatten)]
    repository: Repository,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// The version of the JSON that is printed.
const FORMAT_VERSION: u32 = 1;

/// What `gitsm approvals status --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm approvals status --format json`")]
pub(super) struct Report {
    /// The version of this format.
    format_version: u32,
    /// The commit that was read: that of `--at`, or else the one that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<At>,
    /// The name that the request was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(flatten)]
    status: View,
}

/// Says how far approvals have come.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let What::Status(arguments) = &arguments.what;
    status(arguments, output)
}

fn status(arguments: &Status, output: &mut Output) -> anyhow::Result<Exit> {
    let dated = simulate::read(&arguments.request)?;
    let name = arguments.request.display();
    let Some(made) = dated.now else {
        bail!("`{name}` does not say when the request was made: write `now = 2026-03-02T09:00:00Z`");
    };
    let commit = dated.policy_commit.as_deref();
    let now = arguments.repository.now.unwrap_or_else(Timestamp::now);
    if now < made.0 {
        bail!("the request is made at {made}, which is after {now}: ask about a later instant with `--now`");
    }
    let events: Events = read(&arguments.votes)?;
    let (repository, loaded) = match pinning::open(&arguments.repository, commit, Some(made.0), output)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let decision = decide(&engine, &dated.request, made.0, None);
    if decision.verdict == Verdict::Invalid {
        let problems: Vec<String> = decision.problems.iter().map(ToString::to_string).collect();
        bail!("`{name}` is not a valid request: {}", problems.join("; "));
    }
    let status = approval::status(&engine, &decision, &dated.request, &events.events, now)?;
    let (prefix, at) = (repository.prefix(), repository.at());
    // What was decided when it was made, or since it is asked for another time.
    let current = status.amended.as_deref().unwrap_or(&decision);
    let view = View::new(&Input {
        status: &status,
        decision: &decision::View::new(current, &loaded.sources, &prefix, engine.zone()),
        events: &events,
        policy_commit: commit.map(|given| (given, simulate::is_the_pinned(given, at.as_ref()))),
        now,
        people: &loaded.rulebook.people,
    });
    let exit = match status.state {
        State::Approved => Exit::Success,
        State::Pending => Exit::Pending,
        _ => Exit::Findings,
    };
    output.promise(exit);
    match arguments.format {
        Format::Human => output.result(&report::approval::render(&view, output.style()))?,
        Format::Json => {
            let report = Report {
                format_version: FORMAT_VERSION,
                rulebook: at.clone(),
                id: dated.id.clone(),
                status: view,
            };
            output.result(&json::write(&report)?)?;
        }
    }
    output.finish()?;
    if let Some(commit) = commit {
        output.talk(&simulate::pinned(commit, at.as_ref()))?;
    }
    Ok(exit)
}

/// Reads the events of a request.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Events<T>> {
    let name = path.display();
    let read = if path == Path::new("-") {
        events::read(io::stdin().lock())
    } else {
        events::read(BufReader::new(File::open(path).with_context(|| format!("cannot read `{name}`"))?))
    };
    read.with_context(|| format!("`{name}` does not hold the events of a request"))
}
