//! Many questions at once: a line of JSON in, a line of JSON out, in the same order and with flat memory.

use std::{
    fs::File,
    io::{self, BufReader, Read},
};

use anyhow::Context as _;
use serde::Serialize;

use super::{
    answer::{FORMAT_VERSION, Failure, Outcome, Report},
    problem::Problem,
    question::Question,
};
use crate::{
    cli::{Exit, output::Output},
    load::rows::next_line,
    report::{json, revision::At, summary::plural},
};

/// The most bytes of a line. A history of ten thousand events fits; what is longer is no question.
const MOST: u64 = super::MOST_BYTES;

/// Answers every line of a file, or of standard input.
pub(super) fn run<Q: Question, A: Serialize>(
    path: &str,
    at: Option<&At>,
    output: &mut Output,
    answer: impl Fn(&Q) -> Result<A, Problem>,
) -> anyhow::Result<Exit> {
    let input: Box<dyn Read> = if path == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| format!("cannot read `{path}`"))?)
    };
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    let (mut number, mut failed) = (0_u64, 0_usize);
    while let Some(whole) = next_line(&mut input, &mut line, MOST).context("the questions cannot be read")? {
        number += 1;
        let (id, outcome) = answer_line(whole, &line, &answer);
        let outcome = match outcome {
            Ok(answer) => Outcome::Answer(answer),
            Err(problem) => {
                failed += 1;
                output.promise(Exit::Findings);
                Outcome::Error(Failure {
                    field: problem.field(),
                    message: problem.to_string(),
                    column: problem.column(),
                })
            }
        };
        let report =
            Report { format_version: FORMAT_VERSION, rulebook: at.cloned(), line: Some(number), id, outcome };
        output.result(&json::write_line(&report)?)?;
        // Whoever asks one question at a time waits for its answer.
        if input.buffer().is_empty() {
            output.finish()?;
        }
    }
    output.finish()?;
    if failed > 0 {
        let questions = plural(usize::try_from(number).unwrap_or(usize::MAX), "question");
        output.talk(&format!("{failed} of {questions} could not be answered: see `error`"))?;
        return Ok(Exit::Findings);
    }
    Ok(Exit::Success)
}

type Answered<A> = (Option<serde_json::Value>, Result<A, Problem>);

fn answer_line<Q: Question, A>(
    whole: bool,
    line: &[u8],
    answer: impl Fn(&Q) -> Result<A, Problem>,
) -> Answered<A> {
    match read(whole, line) {
        Ok(question) => {
            let question: Q = question;
            (question.id().cloned(), answer(&question))
        }
        Err(problem) => (None, Err(problem)),
    }
}

fn read<Q: Question>(whole: bool, line: &[u8]) -> Result<Q, Problem> {
    if !whole {
        return Err(Problem::LongLine { most: MOST });
    }
    let text = std::str::from_utf8(line)
        .map_err(|error| Problem::NotUtf8 { byte: error.valid_up_to().saturating_add(1) })?;
    if text.trim_ascii().is_empty() {
        return Err(Problem::EmptyLine);
    }
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Problem::NotAnObject);
    }
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(bool, Vec<u8>)> {
        // A small buffer, so that lines lie across several of them.
        let mut input = BufReader::with_capacity(16, bytes);
        let mut line = Vec::new();
        std::iter::from_fn(|| {
            let whole = next_line(&mut input, &mut line, MOST).unwrap()?;
            Some((whole, line.clone()))
        })
        .collect()
    }

    #[test]
    fn a_line_that_is_too_long_does_not_take_the_next_with_it() {
        let most = usize::try_from(MOST).unwrap();
        for (length, whole) in [(most, true), (most + 1, false), (most + 2, false), (3 * most, false)] {
            let mut bytes = vec![b'x'; length];
            bytes.extend(b"\nnext");
            let lines = lines(&bytes);
            assert_eq!(lines.len(), 2, "{length}");
            assert_eq!((lines[0].0, lines[0].1.is_empty()), (whole, !whole), "{length}");
            assert_eq!(lines[1], (true, b"next".to_vec()), "{length}");
        }
    }

    #[test]
    fn the_end_of_the_last_line_is_not_a_line() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"a\n"), [(true, b"a".to_vec())]);
        assert_eq!(lines(b"a\n\nb"), [b"a".to_vec(), vec![], b"b".to_vec()].map(|line| (true, line)));
    }
}
