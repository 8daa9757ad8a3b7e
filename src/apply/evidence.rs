//! Who had what applied, for whoever asks later: one JSON object on each line, kept with the target and never written over.
//!
//! A line is on the disk before anything is done, and another one when it is over, so that an apply that nobody finished is
//! seen as one. Each line names the digest of the one before it: a line that is taken out or written anew leaves a gap.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    run::{Done, Results},
    state::bytes,
};
use crate::{
    model::Instant,
    plan::Plan,
    source::{Directory, digest},
};

/// The file.
pub const FILE: &str = "applies.jsonl";
/// The version of a line.
const FORMAT_VERSION: u32 = 1;

/// What is applied, by whose leave, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Deed {
    /// The repository, by `project.name`.
    pub repository: String,
    /// The commit whose rulebook is applied.
    pub commit: String,
    /// The branch that it is on.
    pub branch: String,
    /// The pull request that it merged; absent when no forge was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequest>,
    /// The target, by its name in `gitsm.toml`.
    pub target: String,
    /// Where it is.
    pub place: String,
    /// The checksum of the plan.
    pub plan: String,
    /// The digest of what it does.
    pub effect: String,
    /// A digest of each thing that it does, so that the rest of it is known again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deeds: Vec<String>,
    /// The effect that was approved; absent when none was, because the target could not be planned before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
    /// The run that does it, as the forge names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The account that started the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The version of gitsm.
    pub tool: String,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PullRequest {
    /// The server.
    pub forge: String,
    /// The repository there.
    pub repository: String,
    /// Its number.
    pub number: u64,
    /// The last commit of it.
    pub head: String,
    /// What the gate said about that commit last: `success`, `pending`, `failure` or `error`; absent when it said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
}

/// What was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Approved {
    /// The digest of what the plan does that was shown.
    pub effect: String,
    /// Who says so: `the command line`, or the account that recorded it on the last commit of the pull request.
    pub by: String,
}

/// How many operations, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// How many were planned.
    pub planned: usize,
    /// How many were done now, and read back.
    pub applied: usize,
    /// How many had been done by an earlier run of the same plan.
    pub done_before: usize,
    /// How many were not tried, because something that they need was not done.
    pub skipped: usize,
    /// How many were tried and not done.
    pub failed: usize,
    /// How many nobody came to, because the run had to stop.
    pub not_reached: usize,
}

impl Counts {
    /// The counts of a plan that was applied.
    #[must_use]
    pub fn of(plan: &Plan, results: &Results, done_before: usize) -> Self {
        let planned = plan.operations.len();
        let count = |wanted: fn(&Done) -> bool| results.done.values().filter(|done| wanted(done)).count();
        Self {
            planned,
            applied: count(|done| *done == Done::Done),
            done_before,
            skipped: count(|done| matches!(done, Done::Skipped(_))),
            failed: count(|done| matches!(done, Done::Failed(_))),
            not_reached: planned.saturating_sub(results.done.len() + done_before),
        }
    }
}

/// What a line says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Line<'a> {
    format_version: u32,
    /// The digest of the line before; absent for the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    at: Instant,
    event: &'static str,
    #[serde(flatten)]
    deed: &'a Deed,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
    /// Why it ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
}

/// What was begun of an effect at a commit before: a digest of each thing. A line that cannot be read says nothing.
///
/// # Errors
/// When what was written down cannot be read.
pub fn begun(folder: &Directory, commit: &str, effect: &str) -> io::Result<BTreeSet<String>> {
    let text = bytes(folder, FILE, FILE.as_ref()).map_err(io::Error::other)?.unwrap_or_default();
    let lines =
        text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Deed>(line).ok());
    let same = lines.filter(|deed| deed.commit == commit && deed.effect == effect);
    Ok(same.flat_map(|deed| deed.deeds).collect())
}

/// Writes down that something is about to be applied.
///
/// # Errors
/// When it cannot be written: then nothing may be applied.
pub fn begin(folder: &Directory, deed: &Deed, at: Instant) -> io::Result<()> {
    add(folder, deed, at, "begun", None, None)
}

/// Writes down what came of it.
///
/// # Errors
/// When it cannot be written.
pub fn end(
    folder: &Directory,
    deed: &Deed,
    at: Instant,
    counts: Counts,
    stopped: Option<&io::Error>,
) -> io::Result<()> {
    let whole = stopped.is_none() && counts.applied + counts.done_before == counts.planned;
    let event = if whole { "done" } else { "partial" };
    // What it does was said when it began.
    let deed = Deed { deeds: Vec::new(), ..deed.clone() };
    add(folder, &deed, at, event, Some(counts), stopped.map(ToString::to_string))
}

/// Adds a line. The file takes the place of the one before it as a whole, so that a crash leaves no half of a line.
fn add(
    folder: &Directory,
    deed: &Deed,
    at: Instant,
    event: &'static str,
    counts: Option<Counts>,
    stopped: Option<String>,
) -> io::Result<()> {
    let mut text = bytes(folder, FILE, FILE.as_ref()).map_err(io::Error::other)?.unwrap_or_default();
    if text.last().is_some_and(|last| *last != b'\n') {
        text.push(b'\n');
    }
    let last = text.strip_suffix(b"\n").map(|lines| lines.rsplit(|byte| *byte == b'\n').next());
    let previous = last.flatten().map(digest);
    let line = Line { format_version: FORMAT_VERSION, previous, at, event, deed, counts, stopped };
    text.append(&mut serde_json::to_vec(&line)?);
    text.push(b'\n');
    let (mut file, new) = folder.fresh("applies.new")?;
    file.write_all(&text)?;
    file.sync_all()?;
    folder.rename(&new, folder, FILE)?;
    folder.sync()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;

    fn deed() -> Deed {
        Deed {
            repository: "Example".to_owned(),
            commit: "1".repeat(40),
            branch: "main".to_owned(),
            pull_request: None,
            target: "site".to_owned(),
            place: "site".to_owned(),
            plan: "2".repeat(40),
            effect: "3".repeat(40),
            deeds: vec!["4".repeat(40)],
            approved: None,
            run: None,
            actor: None,
            tool: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn each_line_names_the_one_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let counts = Counts { planned: 3, applied: 2, done_before: 1, skipped: 0, failed: 0, not_reached: 0 };
        begin(&directory, &deed(), at).unwrap();
        end(&directory, &deed(), at, counts, None).unwrap();
        begin(&directory, &deed(), at).unwrap();
        end(&directory, &deed(), at, Counts { applied: 1, failed: 1, ..counts }, None).unwrap();
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["begun", "done", "begun", "partial"]);
        assert!(events[0].get("previous").is_none());
        for (place, pair) in lines.windows(2).enumerate() {
            assert_eq!(events[place + 1]["previous"], digest(pair[0].as_bytes()));
        }
        // What somebody cut off stays seen.
        fs::write(folder.path().join(FILE), &text.as_bytes()[..text.len() - 10]).unwrap();
        begin(&directory, &deed(), at).unwrap();
        let known = |commit: &str, effect: &str| begun(&directory, commit, effect).unwrap().len();
        assert_eq!(known(&deed().commit, &deed().effect), 1);
        assert_eq!((known(&deed().effect, &deed().effect), known(&deed().commit, "")), (0, 0));
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(text.lines().count(), 5);
        assert!(serde_json::from_str::<Value>(text.lines().nth(3).unwrap()).is_err());
    }
}
