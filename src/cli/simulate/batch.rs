//! Many requests, one on each line.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::Context as _;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{Common, FORMAT_VERSION, MOST_BYTES, Report, exit};
use crate::{
    cli::{decidable, exit::Exit, output::Output},
    decide::engine::Engine,
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
    lines(path, output, |dated: DatedRequest| {
        let now = dated.now.map(|now| now.0);
        let (decision, view) = common.decided(&engine, &loaded, &dated.request, now);
        let report = Report {
            format_version: FORMAT_VERSION,
            rulebook: common.repository.at(),
            id: dated.id,
            decision: view,
        };
        Ok((json::write_line(&report)?, exit(&decision)))
    })
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
            Ok(dated) => {
                let (text, exit) = answer(dated)?;
                if exit != Exit::Success {
                    worst = Exit::Findings;
                }
                text
            }
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
