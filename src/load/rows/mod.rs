//! Rows of exports, of any number: CSV or JSON Lines, read in batches so that memory does not grow with them.
//!
//! A row that cannot be used is handed on with the reason, so that it can be counted and shown. Only where it is
//! not known any more where the next row starts does the reading end with an error.

mod cells;
mod delimited;
mod lines;
mod rejected;

pub use cells::{Cell, Cells, Wanted};
pub use lines::next_line;
pub use rejected::Rejected;

use std::io::Read;

use csv::ByteRecord;

use super::{suggest::nearest, words::list};
use delimited::Delimited;
use lines::Lines;

/// The most bytes of one row. What is longer is no row, but a quote that is never closed or a file of another
/// sort.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Columns, the names of which stand in the first line.
    Csv,
    /// An object of JSON on each line.
    JsonLines,
}

/// Rows that are being read.
pub struct Rows {
    inner: Inner,
    number: u64,
}

enum Inner {
    Delimited(Box<Delimited>),
    Lines(Lines),
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Rows").field("number", &self.number).finish_non_exhaustive()
    }
}

/// A row as it was found.
#[derive(Debug)]
pub struct Row {
    /// Which one, from 1; the line with the names of the columns does not count.
    pub number: u64,
    /// The line on which it starts, from 1.
    pub line: u64,
    /// The line on which it ends.
    pub last_line: u64,
    /// What it holds.
    pub content: Content,
}

/// What a row holds.
#[derive(Debug)]
pub enum Content {
    /// Fields.
    Record(ByteRecord),
    /// A line, without its end.
    Line(Vec<u8>),
    /// More than a row may hold; nothing of it was kept.
    TooLong,
}

/// Rows that cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// There is not even a line that names the columns.
    #[error("it is empty: the first line must name the columns")]
    Empty,
    /// It is something else.
    #[error("it is {0}")]
    AnotherSort(&'static str),
    /// The columns are separated by something else.
    #[error(
        "its columns are separated by `{found}`: write `--delimiter '{found}'`, or `delimiter` in the map"
    )]
    Delimiter {
        /// What separates them.
        found: char,
    },
    /// The bytes cannot be read.
    #[error("it cannot be read after row {after}")]
    Read {
        /// The last row that was read.
        after: u64,
        /// Why.
        source: std::io::Error,
    },
    /// A quote that swallows what follows.
    #[error(
        "a quote in row {row}, which starts on line {line}, is never closed, so nobody knows where it ends"
    )]
    OpenQuote {
        /// The row.
        row: u64,
        /// The line on which it starts.
        line: u64,
    },
    /// A row that is longer than any row.
    #[error(
        "row {row}, which starts on line {line}, has more than {MOST_BYTES} bytes: is a quote never closed?"
    )]
    Endless {
        /// The row.
        row: u64,
        /// The line on which it starts.
        line: u64,
    },
}

/// A column that is named and is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// No column has that name.
    #[error("there is no column `{column}`{}", help(column, columns))]
    Missing {
        /// The name.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// Several columns have that name.
    #[error("{count} columns are called `{column}`: rename all but the one that is meant")]
    Ambiguous {
        /// The name.
        column: String,
        /// How many.
        count: usize,
    },
}

fn help(column: &str, columns: &[String]) -> String {
    let near = nearest(column, columns.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
    match columns {
        [] => near,
        columns => format!("{near} (the columns are {})", list(columns.iter().map(String::as_str))),
    }
}

impl Rows {
    /// Starts to read rows. `delimiter` separates the columns of CSV.
    ///
    /// # Errors
    /// When there is nothing, or it is something else.
    pub fn new(from: impl Read + Send + 'static, sort: Sort, delimiter: u8) -> Result<Self, RowsError> {
        let inner = match sort {
            Sort::Csv => Inner::Delimited(Box::new(Delimited::new(Box::new(from), delimiter)?)),
            Sort::JsonLines => Inner::Lines(Lines::new(Box::new(from))?),
        };
        Ok(Self { inner, number: 0 })
    }

    /// The names of the columns, where the file names them.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        match &self.inner {
            Inner::Delimited(delimited) => Some(delimited.columns()),
            Inner::Lines(_) => None,
        }
    }

    /// Reads the next row into the place of another; `false` when there is none.
    ///
    /// # Errors
    /// When nothing more can be read, or nobody knows where the next row starts.
    pub fn read(&mut self, row: &mut Row) -> Result<bool, RowsError> {
        let number = self.number + 1;
        let found = match &mut self.inner {
            Inner::Delimited(delimited) => delimited.read(number, row)?,
            Inner::Lines(lines) => lines.read(number, row)?,
        };
        if found {
            self.number = number;
            row.number = number;
        }
        Ok(found)
    }
}

impl Default for Row {
    fn default() -> Self {
        Self { number: 0, line: 0, last_line: 0, content: Content::TooLong }
    }
}

/// What a file is that starts like this, when it is neither CSV nor JSON Lines.
fn another_sort(start: &[u8]) -> Option<RowsError> {
    Some(RowsError::AnotherSort(match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16: save it in UTF-8",
        [b'P', b'K', 3, 4, ..] => "a workbook or an archive: save the sheet as CSV in UTF-8",
        _ => return None,
    }))
}

#[cfg(test)]
mod tests;
