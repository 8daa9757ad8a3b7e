//! How far a replay has come, on a terminal and nowhere else.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use crate::report::summary::thousands;

/// How often the line is written.
const PAUSE: Duration = Duration::from_millis(200);

/// A line on standard error that is written over and over, and is gone at the end.
pub(super) struct Progress {
    started: Instant,
    /// When it was written last; none before the first time.
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { started: Instant::now(), shown: None, is_terminal: io::stderr().is_terminal() }
    }

    /// So many rows were read so far.
    pub(super) fn show(&mut self, rows: u64) {
        let due = self.shown.unwrap_or(self.started).elapsed() >= PAUSE;
        if !self.is_terminal || !due {
            return;
        }
        self.shown = Some(Instant::now());
        let seconds = self.started.elapsed().as_millis().max(1);
        let speed = u128::from(rows) * 1_000 / seconds;
        let number = |count: u128| thousands(usize::try_from(count).unwrap_or(usize::MAX));
        let line = format!("\r{} rows, {} a second", number(u128::from(rows)), number(speed));
        let _ = write!(io::stderr(), "{line}\u{1b}[K");
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
