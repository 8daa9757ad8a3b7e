//! Rows that could not be used, written down with the reason: in CSV beside their own columns, so that the file can
//! be mended and read again.
//!
//! Somebody opens that file in a spreadsheet, and what is in it was rejected for a reason: no cell of it is taken for a
//! formula, and none steers a terminal. Everything else stays as it was.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Serialize;

use super::{Content, Row, Sort};
use crate::load::text::is_invisible;

/// Where rejected rows are written.
pub struct Rejected<W: Write> {
    inner: Inner<W>,
}

enum Inner<W: Write> {
    Delimited(Box<csv::Writer<W>>),
    Lines(W),
}

/// A rejected line of JSON.
#[derive(Serialize)]
struct Written<'r> {
    row: u64,
    line: u64,
    reason: &'r str,
    /// The line as it was; missing when it was too long to keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'r str>,
}

impl<W: Write> std::fmt::Debug for Rejected<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Rejected").finish_non_exhaustive()
    }
}

impl<W: Write> Rejected<W> {
    /// Starts to write rows of a sort.
    ///
    /// # Errors
    /// When the names of the columns cannot be written.
    pub fn new(to: W, sort: Sort, columns: &[String], delimiter: u8) -> io::Result<Self> {
        let inner = match sort {
            Sort::JsonLines => Inner::Lines(to),
            Sort::Csv => {
                let mut writer =
                    csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(to);
                let own = ["rejected-row", "rejected-line", "rejected-because"];
                let columns = columns.iter().map(|column| harmless(column.as_bytes()));
                writer.write_record(own.into_iter().map(|own| own.as_bytes().into()).chain(columns))?;
                Inner::Delimited(Box::new(writer))
            }
        };
        Ok(Self { inner })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, row: &Row, reason: &str) -> io::Result<()> {
        match &mut self.inner {
            Inner::Delimited(writer) => {
                for field in [&row.number.to_string(), &row.line.to_string(), reason] {
                    writer.write_field(harmless(field.as_bytes()))?;
                }
                if let Content::Record(record) = &row.content {
                    for field in record {
                        writer.write_field(harmless(field))?;
                    }
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Inner::Lines(to) => {
                let text = match &row.content {
                    Content::Line(line) => Some(String::from_utf8_lossy(line)),
                    Content::Record(_) | Content::TooLong => None,
                };
                let line = Written { row: row.number, line: row.line, reason, text: text.as_deref() };
                serde_json::to_writer(&mut *to, &line)?;
                to.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Makes sure that everything has been written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&mut self) -> io::Result<()> {
        match &mut self.inner {
            Inner::Delimited(writer) => writer.flush(),
            Inner::Lines(to) => to.flush(),
        }
    }
}

/// A cell with an apostrophe in front where a spreadsheet would calculate it, and with signs that cannot be seen written as
/// what they are.
fn harmless(cell: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(cell) else {
        return harmless(String::from_utf8_lossy(cell).as_bytes()).into_owned().into();
    };
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let steers = |character: char| {
        !matches!(character, '\t' | '\n' | '\r') && (character.is_control() || is_invisible(character))
    };
    if !is_formula && !text.contains(steers) {
        return Cow::Borrowed(cell);
    }
    let mut written = String::with_capacity(text.len() + 1);
    if is_formula {
        written.push('\'');
    }
    for character in text.chars() {
        if steers(character) {
            written.extend(character.escape_unicode());
        } else {
            written.push(character);
        }
    }
    Cow::Owned(written.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_calculated_or_steers_a_terminal() {
        for (cell, expected) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("＝1", "'＝1"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("1-1=0", "1-1=0"),
            ("two\r\nlines, \"quoted\"", "two\r\nlines, \"quoted\""),
            ("Zürich", "Zürich"),
        ] {
            assert_eq!(harmless(cell.as_bytes()), expected.as_bytes(), "{cell:?}");
        }
        assert_eq!(harmless(b"=\xff"), "'=\u{fffd}".as_bytes());
    }
}
