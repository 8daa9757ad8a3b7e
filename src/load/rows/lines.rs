//! Rows of JSON Lines.

use std::io::{self, BufRead, BufReader, Read};

use super::{Content, MOST_BYTES, Row, RowsError, another_sort};

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// Lines that are being read. Empty ones are no rows.
pub(super) struct Lines {
    from: BufReader<Box<dyn Read + Send>>,
    line: u64,
}

impl Lines {
    pub(super) fn new(from: Box<dyn Read + Send>) -> Result<Self, RowsError> {
        let mut from = BufReader::with_capacity(CHUNK, from);
        let start = from.fill_buf().map_err(|source| RowsError::Read { after: 0, source })?;
        if let Some(error) = another_sort(start) {
            return Err(error);
        }
        if start.starts_with(b"\xef\xbb\xbf") {
            from.consume(3);
        }
        Ok(Self { from, line: 0 })
    }

    pub(super) fn read(&mut self, number: u64, row: &mut Row) -> Result<bool, RowsError> {
        let mut text = match std::mem::replace(&mut row.content, Content::TooLong) {
            Content::Line(text) => text,
            _ => Vec::new(),
        };
        loop {
            let whole = next_line(&mut self.from, &mut text, MOST_BYTES);
            let whole =
                whole.map_err(|source| RowsError::Read { after: number.saturating_sub(1), source })?;
            let Some(whole) = whole else {
                row.content = Content::Line(text);
                return Ok(false);
            };
            self.line += 1;
            if whole && text.trim_ascii().is_empty() {
                continue;
            }
            (row.line, row.last_line) = (self.line, self.line);
            row.content = if whole { Content::Line(text) } else { Content::TooLong };
            return Ok(true);
        }
    }
}

/// Reads a line without its end; none after the last one. Of a line of more than `most` bytes nothing is kept,
/// and the answer is `false`.
///
/// # Errors
/// When it cannot be read.
pub fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>, most: u64) -> io::Result<Option<bool>> {
    line.clear();
    if input.by_ref().take(most + 2).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let ended = line.last() == Some(&b'\n');
    if ended {
        line.pop();
    }
    let whole = line.len() as u64 <= most;
    if !whole {
        line.clear();
        line.shrink_to(64 * 1024);
        if !ended {
            skip_line(input)?;
        }
    }
    Ok(Some(whole))
}

/// Reads to the end of a line, and keeps nothing.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let (length, done) = end.map_or((buffer.len(), buffer.is_empty()), |at| (at + 1, true));
        input.consume(length);
        if done {
            return Ok(());
        }
    }
}
