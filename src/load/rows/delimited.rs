//! Rows of CSV.

use std::{
    collections::VecDeque,
    io::{self, BufRead as _, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{Content, MOST_BYTES, Row, RowsError, another_sort};

/// What is read after the end. It is a row of its own unless a quote is still open.
const END: &[u8] = b"\n\0end of the rows\0\n";
/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// Rows of CSV that are being read.
pub(super) struct Delimited {
    reader: Reader<Limited>,
    /// How many bytes were taken since the last row.
    taken: Arc<AtomicU64>,
    columns: Vec<String>,
    /// The line on which the last row ended.
    last_line: u64,
    done: bool,
}

/// Bytes that end with [`END`], and with an error when too many of them make up one row.
struct Limited {
    from: BufReader<Box<dyn Read + Send>>,
    end: &'static [u8],
    taken: Arc<AtomicU64>,
    lines: LineEnds,
}

/// Where lines end, as far as that was read and no row has passed it.
///
/// The reader of rows counts the lines that it has read over itself, but not where a row begins after empty lines, and not
/// the second byte of a line end of two.
#[derive(Default)]
struct LineEnds {
    /// How many bytes were read.
    bytes: u64,
    /// The places of line ends, in order.
    ends: VecDeque<u64>,
    /// How many lines ended before them.
    passed: u64,
    /// Whether the last byte was a carriage return, which ends a line unless a line feed follows.
    is_after_return: bool,
}

impl LineEnds {
    fn read(&mut self, bytes: &[u8]) {
        for (place, byte) in (self.bytes..).zip(bytes) {
            if *byte == b'\n' {
                self.ends.push_back(place);
            } else if self.is_after_return {
                self.ends.push_back(place.saturating_sub(1));
            }
            self.is_after_return = *byte == b'\r';
        }
        self.bytes += bytes.len() as u64;
    }

    /// The line on which a byte stands, from 1. Places must come in order.
    fn line(&mut self, byte: u64) -> u64 {
        while self.ends.front().is_some_and(|end| *end < byte) {
            self.ends.pop_front();
            self.passed += 1;
        }
        self.passed + 1
    }
}

/// The words of the error of a row without end.
#[derive(Debug, thiserror::Error)]
#[error("the row is too long")]
struct Endless;

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = self.from.read(buffer)?;
        if length == 0 {
            length = self.end.read(buffer)?;
        }
        if self.taken.fetch_add(length as u64, Ordering::Relaxed) > MOST_BYTES {
            return Err(io::Error::other(Endless));
        }
        self.lines.read(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}

impl Delimited {
    pub(super) fn new(from: Box<dyn Read + Send>, delimiter: u8) -> Result<Self, RowsError> {
        let mut from = BufReader::with_capacity(CHUNK, from);
        let start = from.fill_buf().map_err(|source| RowsError::Read { after: 0, source })?;
        if let Some(error) = another_sort(start) {
            return Err(error);
        }
        if start.starts_with(b"\xef\xbb\xbf") {
            from.consume(3);
        }
        let taken = Arc::new(AtomicU64::new(0));
        let lines = LineEnds::default();
        let limited = Limited { from, end: END, taken: Arc::clone(&taken), lines };
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(CHUNK)
            .from_reader(limited);
        let mut rows = Self { reader, taken, columns: Vec::new(), last_line: 0, done: false };
        let mut heading = ByteRecord::new();
        if !rows.record(0, &mut heading)? {
            return Err(RowsError::Empty);
        }
        let text = |name: &[u8]| String::from_utf8_lossy(name).trim().to_owned();
        rows.columns = heading.iter().map(text).collect();
        if let [only] = rows.columns.as_slice() {
            let other = [';', '\t', '|', ','].into_iter().find(|found| only.contains(*found));
            if let Some(found) = other {
                return Err(RowsError::Delimiter { found });
            }
        }
        Ok(rows)
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn read(&mut self, number: u64, row: &mut Row) -> Result<bool, RowsError> {
        let mut record = match std::mem::replace(&mut row.content, Content::TooLong) {
            Content::Record(record) => record,
            _ => ByteRecord::new(),
        };
        let found = self.record(number, &mut record)?;
        // A line end in quotes is a part of the row.
        row.last_line = self.last_line;
        row.line = self.last_line.saturating_sub(line_ends(&record));
        row.content = Content::Record(record);
        Ok(found)
    }

    /// Reads a record; `false` at the end.
    fn record(&mut self, number: u64, record: &mut ByteRecord) -> Result<bool, RowsError> {
        if self.done {
            return Ok(false);
        }
        self.taken.store(0, Ordering::Relaxed);
        let start = self.last_line + 1;
        let found = self.reader.read_byte_record(record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(source)
                if source.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Endless>) =>
            {
                RowsError::Endless { row: number, line: start }
            }
            csv::ErrorKind::Io(source) => RowsError::Read { after: number.saturating_sub(1), source },
            other => RowsError::Read {
                after: number.saturating_sub(1),
                source: io::Error::other(format!("{other:?}")),
            },
        })?;
        let end = END.trim_ascii();
        if record.len() == 1 && record.get(0) == Some(end) {
            self.done = true;
            return Ok(false);
        }
        let byte = self.reader.position().byte();
        let lines = &mut self.reader.get_mut().lines;
        if !found || swallowed(record, end) {
            let line = lines.line(byte).saturating_sub(line_ends(record));
            return Err(RowsError::OpenQuote { row: number, line });
        }
        // The last byte that was read ends the last line of the row.
        self.last_line = lines.line(byte.saturating_sub(1));
        Ok(true)
    }
}

/// How many lines end inside the fields of a row.
fn line_ends(record: &ByteRecord) -> u64 {
    let of = |field: &[u8]| {
        let mut ends = LineEnds::default();
        ends.read(field);
        ends.ends.len() + usize::from(ends.is_after_return)
    };
    record.iter().map(of).sum::<usize>() as u64
}

/// Whether the end was read as a part of a field.
fn swallowed(record: &ByteRecord, end: &[u8]) -> bool {
    record.iter().next_back().is_some_and(|last| last.trim_ascii_end().ends_with(end))
}
