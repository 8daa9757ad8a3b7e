//! Many requests, one on each line.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context as _, bail};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{Common, FORMAT_VERSION, MOST_BYTES, Report, exit};
use crate::{
    cli::{decidable, exit::Exit, output::Output, pinning, repository::Repository},
    decide::engine::Engine,
    lint,
    load::Loaded,
    model::{request::DatedRequest, scenario::Verdict},
    report::json,
};

/// A line that is not a request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct BadLine {
    format_version: u32,
    /// The line, counted from one.
    line: u64,
    /// What is wrong with it.
    error: String,
}

/// What came of a request of a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) struct Answer {
    /// The name that the request was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) id: Option<String>,
    /// What is decided.
    pub(in crate::cli) verdict: Verdict,
    /// The grants that it gives.
    pub(in crate::cli) grants: Vec<String>,
    /// Why it is denied or makes no sense.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::cli) reasons: Vec<String>,
}

/// Decides about each request, in order.
pub(super) fn run(common: &Common, path: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = match decidable::load(&common.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let mut pinned = Pinned::default();
    let mut other_now = None;
    let exit = lines(path, output, |dated: DatedRequest| {
        let named = dated.policy_commit.as_deref();
        if let Some(named) = named {
            pinning::check(named).map_err(|why| unanswered(&why))?;
        }
        if let Some(other) = common.other_now(dated.now) {
            other_now.get_or_insert(other);
        }
        let (decided, rulebook) = if let Some(named) = named.filter(|_| common.repository.at.is_none()) {
            let (repository, loaded) = pinned
                .get(&common.repository, named, dated.now.map(|now| now.0))
                .map_err(|why| unanswered(&why))?;
            let engine = Engine::new(&loaded.rulebook)?;
            let (decision, view) = common.decided(&engine, (loaded, repository), &dated);
            ((exit(&decision), view), repository.at())
        } else {
            let (decision, view) = common.decided(&engine, (&loaded, &common.repository), &dated);
            ((exit(&decision), view), common.repository.at())
        };
        let (exit, decision) = decided;
        let report = Report { format_version: FORMAT_VERSION, rulebook, id: dated.id, decision };
        Ok((json::write_line(&report)?, exit))
    })?;
    if let Some(other) = other_now {
        output.talk(&other)?;
    }
    Ok(exit)
}

/// Why a line has no answer, although the command could run.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unanswered(String);

fn unanswered(why: &anyhow::Error) -> anyhow::Error {
    Unanswered(format!("{why:#}")).into()
}

/// The rulebooks of the commits that lines are pinned to, each on the day on which something is asked.
#[derive(Debug, Default)]
struct Pinned(BTreeMap<String, Book>);

/// The rulebook of a commit.
#[derive(Debug)]
struct Book {
    repository: Repository,
    loaded: Loaded,
    /// Whether it has no error on these days.
    sound: BTreeMap<Date, bool>,
}

/// The most rulebooks that are kept at a time.
const MOST_RULEBOOKS: usize = 8;

impl Pinned {
    /// The rulebook of a commit, which has no error on the day of `asked`.
    fn get(
        &mut self,
        repository: &Repository,
        named: &str,
        asked: Option<Timestamp>,
    ) -> anyhow::Result<(&Repository, &Loaded)> {
        if self.0.len() >= MOST_RULEBOOKS && !self.0.contains_key(named) {
            self.0.clear();
        }
        let book = match self.0.entry(named.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let (repository, loaded) = pinning::unchecked(repository, named)?;
                free.insert(Book { repository, loaded, sound: BTreeMap::new() })
            }
        };
        let day = book.repository.day(&book.loaded, asked);
        let is_sound = match book.sound.entry(day) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let read = book.loaded.found.clone();
                lint::run_fixed(&mut book.loaded, day);
                let is_sound = decidable::is_sound(&book.loaded);
                book.loaded.found = read;
                *free.insert(is_sound)
            }
        };
        if !is_sound {
            bail!(
                "nothing is decided by the rulebook of the commit `{named}`, which has errors: `gitsm validate \
                 --at {named}` says which"
            );
        }
        Ok((&book.repository, &book.loaded))
    }
}

/// Answers each line, in order. A line that cannot be read is answered with what is wrong with it.
pub(in crate::cli) fn lines<T: DeserializeOwned>(
    path: &Path,
    output: &mut Output,
    mut answer: impl FnMut(T) -> anyhow::Result<(String, Exit)>,
) -> anyhow::Result<Exit> {
    let mut input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Box::new(BufReader::new(file))
    };
    let mut worst = Exit::Success;
    // Until everything was read, nobody knows that everything is fine.
    output.promise(Exit::Findings);
    let mut number = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = Read::take(&mut input, MOST_BYTES + 1)
            .read_until(b'\n', &mut line)
            .with_context(|| format!("cannot read `{}` to its end", path.display()))?;
        if length == 0 {
            break;
        }
        number += 1;
        let too_long = length as u64 > MOST_BYTES;
        if too_long {
            skip_line(&mut input)?;
        }
        if !too_long && line.trim_ascii().is_empty() {
            continue;
        }
        let read: Result<T, String> = if too_long {
            Err(format!("the line has more than {MOST_BYTES} bytes"))
        } else {
            serde_json::from_slice(&line).map_err(|error| error.to_string())
        };
        let text = match read {
            Ok(dated) => match answer(dated) {
                Ok((text, exit)) => {
                    if exit != Exit::Success {
                        worst = Exit::Findings;
                    }
                    Ok(text)
                }
                Err(why) => match why.downcast::<Unanswered>() {
                    Ok(Unanswered(error)) => Err(error),
                    Err(why) => return Err(why.context(format!("line {number}"))),
                },
            },
            Err(error) => Err(error),
        };
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                worst = Exit::Findings;
                json::write_line(&BadLine { format_version: FORMAT_VERSION, line: number, error })?
            }
        };
        output.result(&text)?;
    }
    output.promise(worst);
    output.finish()?;
    Ok(worst)
}

/// Reads over the rest of a line that is too long to keep.
fn skip_line(input: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}
