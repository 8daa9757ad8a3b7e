//! The records of an export, read in batches so that memory does not grow with the file.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Take},
    path::{Path, PathBuf},
};

use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use super::ImportError;
use crate::source;

/// The most bytes of an export.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// How many records are handed out at once.
const BATCH: usize = 2048;
/// How far into a record a place is looked for.
const SCANNED: u64 = 1024 * 1024;

/// An export that is being read.
#[derive(Debug)]
pub(super) struct Export {
    path: PathBuf,
    reader: Reader<BufReader<Take<File>>>,
    delimiter: u8,
    /// The bytes of a byte order mark, which positions do not count.
    skipped: u64,
    last: Option<Position>,
}

impl Export {
    pub(super) fn open(path: &Path, delimiter: u8) -> Result<Self, ImportError> {
        let failed = |source| ImportError::Read { path: path.to_owned(), source };
        let file = source::open(path)?;
        if file.metadata().map_err(failed)?.len() > MAX_BYTES {
            return Err(too_large(path));
        }
        // Some files have more bytes than they say, and some grow while they are read.
        let mut input = BufReader::with_capacity(256 * 1024, file.take(MAX_BYTES + 1));
        let start = input.fill_buf().map_err(failed)?;
        let mut skipped = 0;
        match start {
            [0xef, 0xbb, 0xbf, ..] => skipped = 3,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return Err(complaint(path, "is UTF-16: save it as CSV in UTF-8"));
            }
            [b'P', b'K', 3, 4, ..] => {
                return Err(complaint(path, "is a workbook or an archive: save the sheet as CSV in UTF-8"));
            }
            [0x1f, 0x8b, ..] => return Err(complaint(path, "is compressed: unpack it first")),
            [] => return Err(complaint(path, "is empty: the first line must name the columns")),
            _ => {}
        }
        input.consume(skipped);
        let reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(input);
        Ok(Self { path: path.to_owned(), reader, delimiter, skipped: skipped as u64, last: None })
    }

    /// The first record.
    pub(super) fn heading(&mut self) -> Result<StringRecord, ImportError> {
        let mut heading = StringRecord::new();
        if !self.read(&mut heading)? {
            return Err(complaint(&self.path, "is empty: the first line must name the columns"));
        }
        Ok(heading)
    }

    /// The next records; none at the end.
    pub(super) fn batch(&mut self) -> Result<Vec<StringRecord>, ImportError> {
        let mut records = Vec::with_capacity(BATCH);
        let mut record = StringRecord::new();
        while records.len() < BATCH && self.read(&mut record)? {
            records.push(record.clone());
        }
        Ok(records)
    }

    fn read(&mut self, record: &mut StringRecord) -> Result<bool, ImportError> {
        let read = self.reader.read_record(record);
        if self.skipped + self.reader.position().byte() > MAX_BYTES {
            return Err(too_large(&self.path));
        }
        match read {
            Ok(true) => {
                self.last = record.position().cloned();
                Ok(true)
            }
            Ok(false) => {
                self.closed_quotes()?;
                Ok(false)
            }
            Err(error) => {
                let line = |position: Option<&Position>| position.map_or(1, Position::line);
                Err(match error.kind() {
                    ErrorKind::Utf8 { pos, .. } => {
                        let line = line(pos.as_ref());
                        complaint(
                            &self.path,
                            &format!("is not UTF-8 near line {line}: save it as CSV in UTF-8"),
                        )
                    }
                    _ => complaint(&self.path, &format!("cannot be read: {error}")),
                })
            }
        }
    }

    /// A quote that is never closed swallows the rest of the file as one value.
    fn closed_quotes(&mut self) -> Result<(), ImportError> {
        let Some(last) = self.last.clone() else { return Ok(()) };
        let scan = self.scan(&last, usize::MAX, u64::MAX)?;
        match scan.open_quote {
            None => Ok(()),
            Some(line) => {
                Err(complaint(&self.path, &format!("has a quote in line {line} that is never closed")))
            }
        }
    }

    /// The line and column of a value, both from 1.
    pub(super) fn place(&self, record: &Position, column: usize) -> (u64, u64) {
        match self.scan(record, column, SCANNED) {
            Ok(scan) => (scan.line, scan.column),
            Err(_) => (record.line(), 1),
        }
    }

    fn scan(&self, record: &Position, column: usize, limit: u64) -> Result<Scan, ImportError> {
        let failed = |source| ImportError::Read { path: self.path.clone(), source };
        let mut file = source::open(&self.path)?;
        file.seek(SeekFrom::Start(self.skipped + record.byte())).map_err(failed)?;
        scan(BufReader::new(file).take(limit), record.line(), self.delimiter, column).map_err(failed)
    }
}

fn too_large(path: &Path) -> ImportError {
    complaint(path, "is larger than 1 GiB: split it and import the parts")
}

fn complaint(path: &Path, problem: &str) -> ImportError {
    ImportError::Export { message: format!("`{}` {problem}", path.display()) }
}

/// Where a value starts.
#[derive(Debug, PartialEq, Eq)]
struct Scan {
    line: u64,
    column: u64,
    /// The line of a quote that was still open at the end.
    open_quote: Option<u64>,
}

fn scan(input: impl BufRead, mut line: u64, delimiter: u8, wanted: usize) -> std::io::Result<Scan> {
    let mut column = 1;
    let mut index = 0;
    let mut leading = true;
    // `None` outside quotes; the line of the quote inside.
    let mut quote: Option<u64> = None;
    let mut at_start = true;
    let mut after_quote = false;
    for byte in input.bytes() {
        let byte = byte?;
        if leading && matches!(byte, b'\r' | b'\n') {
            line += u64::from(byte == b'\n');
            continue;
        }
        leading = false;
        if index == wanted && at_start {
            return Ok(Scan { line, column, open_quote: None });
        }
        if quote.is_some() {
            if byte == b'"' {
                quote = None;
                after_quote = true;
            }
        } else if byte == b'"' && (at_start || after_quote) {
            // Two quotes inside quotes are one quote of the value.
            quote = Some(line);
            (at_start, after_quote) = (false, false);
        } else if byte == delimiter {
            index += 1;
            (at_start, after_quote) = (true, false);
        } else if matches!(byte, b'\r' | b'\n') {
            break;
        } else {
            (at_start, after_quote) = (false, false);
        }
        if byte == b'\n' {
            line += 1;
            column = 1;
        } else if !(0x80..0xc0).contains(&byte) {
            column += 1;
        }
    }
    Ok(Scan { line, column, open_quote: quote })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, column: usize) -> (u64, u64) {
        let scan = scan(text.as_bytes(), 1, b',', column).unwrap();
        (scan.line, scan.column)
    }

    #[test]
    fn places_count_characters_and_lines_in_quotes() {
        assert_eq!(at("a,é,c\n", 2), (1, 5));
        assert_eq!(at("\r\na,b\r\n", 1), (2, 3));
        assert_eq!(at("\"a\nb\",c\n", 1), (2, 4));
        assert_eq!(at("\"a\"\",\"\"b\",c\n", 1), (1, 11));
        assert_eq!(at("a\"b,c\n", 1), (1, 5));
        assert_eq!(at("a,b\n", 0), (1, 1));
    }

    #[test]
    fn an_open_quote_is_noticed() {
        let open = |text: &str| scan(text.as_bytes(), 1, b',', usize::MAX).unwrap().open_quote;
        assert_eq!(open("a,\"b\nc\n"), Some(1));
        assert_eq!(open("a,\"b\nc\"\n"), None);
        assert_eq!(open("a,\"b\"\"c\"\n"), None);
        assert_eq!(open("a,b\"\n"), None);
    }
}
