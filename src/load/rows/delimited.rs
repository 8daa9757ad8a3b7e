//! Rows of CSV.

use std::{
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
    done: bool,
}

/// Bytes that end with [`END`], and with an error when too many of them make up one row.
struct Limited {
    from: BufReader<Box<dyn Read + Send>>,
    end: &'static [u8],
    taken: Arc<AtomicU64>,
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
        let limited = Limited { from, end: END, taken: Arc::clone(&taken) };
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(CHUNK)
            .from_reader(limited);
        let mut rows = Self { reader, taken, columns: Vec::new(), done: false };
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
        row.line = record.position().map_or(0, csv::Position::line);
        row.last_line = self.reader.position().line().saturating_sub(1).max(row.line);
        row.content = Content::Record(record);
        Ok(found)
    }

    /// Reads a record; `false` at the end.
    fn record(&mut self, number: u64, record: &mut ByteRecord) -> Result<bool, RowsError> {
        if self.done {
            return Ok(false);
        }
        self.taken.store(0, Ordering::Relaxed);
        let start = self.reader.position().line();
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
        if !found || swallowed(record, end) {
            let line = record.position().map_or(start, csv::Position::line);
            return Err(RowsError::OpenQuote { row: number, line });
        }
        Ok(true)
    }
}

/// Whether the end was read as a part of a field.
fn swallowed(record: &ByteRecord, end: &[u8]) -> bool {
    record.iter().next_back().is_some_and(|last| last.trim_ascii_end().ends_with(end))
}
