//! Text for a terminal: styles, widths, and characters that must not reach it.

use clap::builder::styling::{AnsiColor, Style};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

/// The columns that results are laid out for. Fixed, so that the same input gives the same bytes in a
/// terminal of any size and in a file.
pub(super) const WIDTH: u16 = 80;

/// How parts of a result look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Styles {
    heading: Style,
    name: Style,
    faint: Style,
    good: Style,
    warning: Style,
    error: Style,
}

impl Styles {
    /// The styles, or none at all.
    #[must_use]
    pub(super) const fn new(colour: bool) -> Self {
        let none = Style::new();
        if !colour {
            return Self { heading: none, name: none, faint: none, good: none, warning: none, error: none };
        }
        Self {
            heading: Style::new().bold(),
            name: AnsiColor::Cyan.on_default(),
            faint: Style::new().dimmed(),
            good: AnsiColor::Green.on_default(),
            warning: AnsiColor::Yellow.on_default(),
            error: AnsiColor::Red.on_default().bold(),
        }
    }

    /// A heading.
    pub(super) fn heading(self, text: &str) -> String {
        paint(self.heading, text)
    }

    /// Something that can be asked about: a code, a kind, an object.
    pub(super) fn name(self, text: &str) -> String {
        paint(self.name, text)
    }

    /// Something of less weight: places, labels.
    pub(super) fn faint(self, text: &str) -> String {
        paint(self.faint, text)
    }

    /// Something that is as it should be.
    pub(super) fn good(self, text: &str) -> String {
        paint(self.good, text)
    }

    /// Something to look at.
    pub(super) fn warning(self, text: &str) -> String {
        paint(self.warning, text)
    }

    /// Something wrong.
    pub(super) fn error(self, text: &str) -> String {
        paint(self.error, text)
    }
}

fn paint(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

/// A text of the repository on one line, without characters that steer a terminal or hide what they say.
#[must_use]
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' | '\r' => ' ',
            other if other.is_control() || crate::load::text::is_invisible(other) => '\u{fffd}',
            other => other,
        })
        .collect()
}

/// A table without lines around it, within [`WIDTH`] columns.
#[must_use]
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    if !headings.is_empty() {
        table.set_header(headings.iter().map(|heading| heading.to_uppercase()));
    }
    table
}

/// Keeps a column from being wrapped.
pub(super) fn keep_whole(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// Keeps a column from growing wider than so many characters.
pub(super) fn at_most(table: &mut Table, column: usize, width: u16) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(width)));
    }
}

/// The lines of a table without spaces at their ends, each ended; headings and the first column are set
/// off. Cells are measured by what they hold, so styles come after the layout.
#[must_use]
pub(super) fn lines(table: &Table, styles: Styles) -> String {
    let first = table.column_max_content_widths().first().copied().unwrap_or_default();
    let has_header = table.header().is_some();
    let mut text = String::new();
    for (index, line) in table.lines().enumerate() {
        // The first column starts with a space of padding that nothing on the left needs.
        let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
        if has_header && index == 0 {
            text.push_str(&styles.faint(line));
        } else {
            let end = line.char_indices().nth(first.into()).map_or(line.len(), |(at, _)| at);
            let (name, rest) = line.split_at_checked(end).unwrap_or((line, ""));
            let shown = name.trim_end();
            text.push_str(&styles.name(shown));
            text.push_str(name.get(shown.len()..).unwrap_or_default());
            text.push_str(rest);
        }
        text.push('\n');
    }
    text
}
