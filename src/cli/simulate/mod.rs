//! `gitsm simulate`.

mod access;
mod batch;
mod change;
mod incident;
mod lifecycle;
mod request;

use std::{fs::File, io::Read as _, path::Path};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

pub(super) use access::{entitlement, environment, evidence, reference};
pub(super) use batch::{Answer as BatchAnswer, lines};
pub(super) use change::Report as ChangeReport;
pub(super) use incident::Report as IncidentReport;
pub(super) use lifecycle::Report as LifecycleReport;

use super::{answer::Format, exit::Exit, output::Output, pinning, repository::Repository};
use crate::{
    decide::{access::decide, decision::Decision, engine::Engine},
    load::Loaded,
    model::{Instant, Rulebook, request::DatedRequest, scenario::Verdict},
    report::{
        decision::{View, human},
        json,
        revision::At,
    },
};

/// Arguments of `gitsm simulate`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Decide about a request for access: who gets it, who has to agree, until when, and why.
    Access(access::Arguments),
    /// Decide about a request for a service: its form, who has to agree, how it is delivered and by when.
    Request(request::Arguments),
    /// Decide what follows from an incident: how urgent, whose, by when, whether major, who is told, what it costs.
    Incident(incident::Arguments),
    /// Decide about a change: its model and risk, who has to agree, window, freezes, and what gets in the way.
    Change(change::Arguments),
    /// Say what somebody is given who joins.
    #[command(after_help = "\
examples:
  gitsm simulate joiner ana.silva
  gitsm simulate joiner ana.silva --now 2026-03-02T09:00:00Z --trace
  gitsm simulate joiner ana.silva --at main --format json

exit status: 0 answered, whatever is given; 1 the rulebook has errors; 2 could not run, for example because nobody has that id")]
    Joiner(lifecycle::Arguments),
    /// Say what somebody who moves is given, loses, and keeps if somebody still agrees.
    Mover(lifecycle::MoverArguments),
    /// Say what is taken from somebody who leaves, and what others take over.
    #[command(after_help = "\
examples:
  gitsm simulate leaver ana.silva
  gitsm simulate leaver ana.silva --at main --format json

exit status: 0 answered, whatever is taken; 1 the rulebook has errors; 2 could not run, for example because nobody has that id")]
    Leaver(lifecycle::Arguments),
}

/// Runs the simulation that the arguments name.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.what {
        What::Access(arguments) => access::run(arguments, output),
        What::Request(arguments) => request::run(arguments, output),
        What::Incident(arguments) => incident::run(arguments, output),
        What::Change(arguments) => change::run(arguments, output),
        What::Joiner(arguments) => lifecycle::joiner(arguments, output),
        What::Mover(arguments) => lifecycle::mover(arguments, output),
        What::Leaver(arguments) => lifecycle::leaver(arguments, output),
    }
}

/// What every simulation takes.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    repository: Repository,
    /// Show the rules that did not match, too, and why not.
    #[arg(long)]
    trace: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// The version of the JSON that is printed.
const FORMAT_VERSION: u32 = 1;

/// What `gitsm simulate --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(
    title = "The output of `gitsm simulate access --format json` and `gitsm simulate request --format json`"
)]
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
    decision: View,
}

impl Common {
    /// The instant that counts as now.
    fn now(&self) -> Timestamp {
        self.repository.now.unwrap_or_else(Timestamp::now)
    }

    /// What has to be said when `--now` stands beside what says another instant itself: that one holds.
    fn other_now(&self, written: Option<Instant>) -> Option<String> {
        let (given, written) = (self.repository.now?, written?.0);
        (given != written).then(|| {
            format!("it says itself that it is asked at {written}, which holds, and not `--now {given}`")
        })
    }

    /// Decides about one request and writes the decision.
    fn decide(&self, dated: &DatedRequest, output: &mut Output) -> anyhow::Result<Exit> {
        let asked = dated.now.map(|now| now.0);
        self.decide_with((dated.policy_commit.as_deref(), asked), output, |_| dated.clone())
    }

    /// The same, for a request whose meaning depends on the rulebook: that of the commit that it is pinned to.
    fn decide_with(
        &self,
        (pinned_to, asked): (Option<&str>, Option<Timestamp>),
        output: &mut Output,
        dated: impl FnOnce(&Rulebook) -> DatedRequest,
    ) -> anyhow::Result<Exit> {
        let (repository, loaded) = match pinning::open(&self.repository, pinned_to, asked, output)? {
            Ok(opened) => opened,
            Err(exit) => return Ok(exit),
        };
        let dated = dated(&loaded.rulebook);
        let engine = Engine::new(&loaded.rulebook)?;
        let (decision, view) = self.decided(&engine, (&loaded, &repository), &dated);
        let exit = exit(&decision);
        output.promise(exit);
        match self.format {
            Format::Human => output.result(&human::render(&view, self.trace, output.style()))?,
            Format::Json => {
                let id = dated.id.clone();
                let report =
                    Report { format_version: FORMAT_VERSION, rulebook: repository.at(), id, decision: view };
                output.result(&json::write(&report)?)?;
            }
        }
        output.finish()?;
        if let Some(other) = self.other_now(dated.now) {
            output.talk(&other)?;
        }
        if let Some(commit) = &dated.policy_commit {
            output.talk(&pinned(commit, repository.at().as_ref()))?;
        }
        Ok(exit)
    }

    fn decided<'a>(
        &self,
        engine: &Engine<'a>,
        (loaded, repository): (&Loaded, &Repository),
        dated: &DatedRequest,
    ) -> (Decision<'a>, View) {
        let now = dated.now.map_or_else(|| self.now(), |now| now.0);
        let decision = decide(engine, &dated.request, now, None);
        let view = View::new(&decision, &loaded.sources, &repository.prefix(), engine.zone());
        (decision, view)
    }
}

/// How the command ends: every verdict is an answer, but a request that makes no sense or a rulebook that
/// cannot decide is a finding.
fn exit(decision: &Decision<'_>) -> Exit {
    let undecidable = decision.denials.iter().any(|denial| denial.name() == "undecidable");
    if decision.verdict == Verdict::Invalid || undecidable { Exit::Findings } else { Exit::Success }
}

/// Whether the rulebook that was read is the one that a request is pinned to.
pub(super) fn is_the_pinned(commit: &str, at: Option<&At>) -> bool {
    at.is_some_and(|at| at.commit.starts_with(commit))
}

/// What has to be said about a request that is pinned to a commit, beside the commit that was read.
pub(super) fn pinned(commit: &str, at: Option<&At>) -> String {
    let start = format!("the request is pinned to the rulebook of commit `{commit}`");
    match at.filter(|_| !is_the_pinned(commit, at)) {
        Some(at) => {
            let other = at.line();
            format!("{start}, and that of {other} was read, as `--at` says: without it the other is read")
        }
        None => format!("{start}, which was read"),
    }
}

/// The most bytes of a request file.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a request from a file, TOML or JSON by its name, or from standard input as JSON.
pub(super) fn read(path: &Path) -> anyhow::Result<DatedRequest> {
    read_json_or_toml(path, "a request")
}

/// Reads something from a file, TOML or JSON by its name, or from standard input as JSON.
fn read_json_or_toml<T: DeserializeOwned>(path: &Path, what: &str) -> anyhow::Result<T> {
    let name = path.display();
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(MOST_BYTES + 1).read_to_string(&mut text)
    } else {
        let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text)
    };
    let length = read.with_context(|| format!("cannot read `{name}`"))?;
    if length as u64 > MOST_BYTES {
        bail!("`{name}` has more than the {MOST_BYTES} bytes that it may have");
    }
    if path.extension().is_some_and(|extension| extension == "toml") {
        return crate::load::request::read(&text).with_context(|| format!("`{name}` is not {what}"));
    }
    serde_json::from_str(&text).with_context(|| format!("`{name}` is not {what}"))
}
