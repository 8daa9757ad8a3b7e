//! Standard output and error. Results go to the first, talk to the second; a closed pipe is not an error.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::Colour;

/// Where a command writes.
#[derive(Debug)]
pub(super) struct Output {
    colour: bool,
    out: io::BufWriter<AutoStream<io::Stdout>>,
    talk: AutoStream<io::Stderr>,
}

impl Output {
    /// The output of this process.
    #[must_use]
    pub(super) fn new(colour: Colour) -> Self {
        let choice = match colour {
            Colour::Auto => AutoStream::choice(&io::stdout()),
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        Self {
            colour: choice != ColorChoice::Never,
            out: io::BufWriter::new(AutoStream::new(io::stdout(), choice)),
            talk: AutoStream::new(io::stderr(), choice),
        }
    }

    /// Whether results are coloured.
    #[must_use]
    pub(super) const fn colour(&self) -> bool {
        self.colour
    }

    /// Whether a person watches the talk.
    #[must_use]
    pub(super) fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Writes a part of the result.
    ///
    /// # Errors
    /// When it cannot be written, for example because the pipe is closed.
    pub(super) fn result(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes a line of talk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn talk(&mut self, line: &str) -> io::Result<()> {
        self.out.flush()?;
        writeln!(self.talk, "{line}")
    }

    /// Makes sure that the result has been written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether a failure is a reader that has seen enough.
#[must_use]
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
