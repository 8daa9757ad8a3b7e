//! Some rows of a file, which are looked at together.

use std::io;

use super::Reject;
use crate::load::rows::{Row, Rows, RowsError};

/// How many rows are in memory at once.
const BATCH: usize = 8_192;
/// How many of them one thread takes at a time.
pub(super) const CHUNK: usize = 512;

/// What sees rows go by.
pub trait Observer {
    /// A row that cannot be used.
    ///
    /// # Errors
    /// When it cannot be written down.
    fn rejected(&mut self, row: &Row, reject: &Reject) -> io::Result<()>;

    /// So many rows were read so far.
    fn read(&mut self, rows: u64);
}

/// Rows in memory. Their space is used again.
#[derive(Default)]
pub(super) struct Batch {
    rows: Vec<Row>,
    /// How many of them are there.
    pub(super) length: usize,
}

impl Batch {
    pub(super) fn fill(&mut self, rows: &mut Rows) -> Result<(), RowsError> {
        self.length = 0;
        while self.length < BATCH {
            if self.rows.len() == self.length {
                self.rows.push(Row::default());
            }
            let Some(row) = self.rows.get_mut(self.length) else { break };
            if !rows.read(row)? {
                break;
            }
            self.length += 1;
        }
        Ok(())
    }

    pub(super) fn rows(&self) -> &[Row] {
        self.rows.get(..self.length).unwrap_or_default()
    }
}
