//! Rows that could not be used, written down with the reason: in CSV beside their own columns, so that the file can
//! be mended and read again.

use std::io::{self, Write};

use serde::Serialize;

use super::{Content, Row, Sort};

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
                writer.write_record(own.into_iter().chain(columns.iter().map(String::as_str)))?;
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
                    writer.write_field(field)?;
                }
                if let Content::Record(record) = &row.content {
                    for field in record {
                        writer.write_field(field)?;
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
