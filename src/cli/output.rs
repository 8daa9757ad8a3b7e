//! Standard output and error. Results go to the first, talk to the second; a closed pipe is not an error.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::{Colour, Exit};
use crate::report::{Style, plain};

/// The width of a line when nobody tells it.
const WIDTH: usize = 100;

/// Where a command writes.
#[derive(Debug)]
pub(super) struct Output {
    colour: bool,
    promised: Exit,
    out: io::BufWriter<AutoStream<io::Stdout>>,
    talk: AutoStream<io::Stderr>,
}

impl Output {
    /// The output of this process.
    #[must_use]
    pub(super) fn new(colour: Colour) -> Self {
        // Each of the two may be a terminal while the other is a file.
        let choice = |auto: ColorChoice| match colour {
            Colour::Auto => auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        let result = choice(AutoStream::choice(&io::stdout()));
        let talk = choice(AutoStream::choice(&io::stderr()));
        Self {
            colour: result != ColorChoice::Never,
            promised: Exit::Success,
            out: io::BufWriter::new(AutoStream::new(io::stdout(), result)),
            talk: AutoStream::new(io::stderr(), talk),
        }
    }

    /// Says how the command ends, before anything is written: that nobody reads to the end must not change it.
    pub(super) const fn promise(&mut self, exit: Exit) {
        self.promised = exit;
    }

    /// How the command ends when its reader has gone.
    #[must_use]
    pub(super) const fn promised(&self) -> Exit {
        self.promised
    }

    /// Whether results are coloured.
    #[must_use]
    pub(super) const fn colour(&self) -> bool {
        self.colour
    }

    /// How results look.
    #[must_use]
    pub(super) fn style(&self) -> Style {
        Style { colour: self.colour, width: width() }
    }

    /// Writes a part of the result.
    ///
    /// # Errors
    /// When it cannot be written, for example because the pipe is closed.
    pub(super) fn result(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes talk. Control characters in it are escaped, except for the ends of lines: it may name paths.
    ///
    /// # Errors
    /// When the result before it cannot be written. That nobody listens to the talk is not an error: the
    /// exit status must not depend on it.
    pub(super) fn talk(&mut self, text: &str) -> io::Result<()> {
        let lines: Vec<String> = text.split('\n').map(for_talk).collect();
        self.talk_rendered(&lines.join("\n"))
    }

    /// Writes talk that a format wrote, which is coloured and has nothing to escape.
    ///
    /// # Errors
    /// As [`Output::talk`].
    pub(super) fn talk_rendered(&mut self, text: &str) -> io::Result<()> {
        self.out.flush()?;
        let _ = writeln!(self.talk, "{text}");
        Ok(())
    }

    /// How talk looks. Where colour is not wanted, it is taken out again when it is written.
    #[must_use]
    pub(super) fn talk_style() -> Style {
        Style { colour: true, width: width() }
    }

    /// Makes the screen empty, if the result is shown on one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        if io::stdout().is_terminal() { self.result("\u{1b}[2J\u{1b}[H") } else { Ok(()) }
    }

    /// Makes sure that the result has been written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A line of talk as it is shown: on a terminal it is broken at spaces, and not wherever the terminal ends.
#[must_use]
pub(super) fn for_talk(line: &str) -> String {
    let line = plain::line(line);
    let indented = line.starts_with(' ');
    if io::stderr().is_terminal() && !indented { plain::wrap(&line, width()) } else { line.into_owned() }
}

/// How wide a table of the result may be, in columns: as wide as the terminal, and 80 where that is not wider or the
/// result goes elsewhere, so that it is the same on every machine.
#[must_use]
pub(super) fn table_width() -> u16 {
    let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0);
    terminal.unwrap_or(super::terminal::WIDTH).max(super::terminal::WIDTH)
}

/// The width of a line, in columns: what the shell says, or that of the terminal.
fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    said.or_else(terminal).unwrap_or(WIDTH).clamp(40, 1_000)
}

/// Whether a failure is a reader that has seen enough.
#[must_use]
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
