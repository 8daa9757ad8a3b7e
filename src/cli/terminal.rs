//! Text for a terminal: styles, widths, and characters that must not reach it.

use std::fmt::{self, Write as _};

pub(super) use crate::report::paint::Paint;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

/// The columns that results are laid out for. Fixed, so that the same input gives the same bytes in a
/// terminal of any size and in a file.
pub(super) const WIDTH: u16 = 80;

/// Adds to a text.
pub(super) fn push(text: &mut String, more: fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = text.write_fmt(more);
}

/// A text of the repository on one line, without characters that steer a terminal or hide what they say.
#[must_use]
pub(super) fn plain(text: &str) -> String {
    let one_line: String =
        text.chars().map(|character| if character.is_ascii_whitespace() { ' ' } else { character }).collect();
    crate::report::plain::line(&one_line).into_owned()
}

/// A table without lines around it.
#[must_use]
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
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

/// Makes a table fit: one line for each row. Columns in `whole` keep their width, the widest of the others
/// are made narrower, and what does not fit is cut.
pub(super) fn fit(table: &mut Table, indent: u16, whole: &[usize]) {
    fit_into(table, WIDTH - indent, whole);
}

/// The same for so many columns.
pub(super) fn fit_into(table: &mut Table, width: u16, whole: &[usize]) {
    /// What lies between the text of two columns.
    const GAP: u16 = 2;
    /// No column is made narrower than this.
    const NARROW: u16 = 6;
    let natural = table.column_max_content_widths();
    let columns = u16::try_from(natural.len()).unwrap_or(u16::MAX);
    let gaps = GAP.saturating_mul(columns.saturating_sub(1));
    let room = width.saturating_sub(gaps);
    let widths = |limit: u16| {
        natural.iter().enumerate().map(
            move |(index, width)| {
                if whole.contains(&index) { *width } else { (*width).min(limit) }
            },
        )
    };
    let total = |limit: u16| widths(limit).fold(0_u16, u16::saturating_add);
    let mut limit = width;
    while limit > NARROW && total(limit) > room {
        limit -= 1;
    }
    // Columns a little wider than the limit get what is left.
    let mut left = room.saturating_sub(total(limit));
    let fitted: Vec<u16> = widths(limit)
        .zip(&natural)
        .map(|(width, natural)| {
            let more = left.min(natural - width).min(1);
            left -= more;
            width + more
        })
        .collect();
    for (column, width) in table.column_iter_mut().zip(fitted) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + GAP)));
    }
    table.set_truncation_indicator("…");
    // Cut in a word rather than before it: a column may be as wide as its first two words but for a letter. The
    // sign is in no text, since it cannot be seen.
    table.set_delimiter('\u{1f}');
    for row in table.row_iter_mut() {
        row.max_height(1);
    }
}

/// The lines of a table, set in, without spaces at their ends, each ended; headings and the first column
/// are set off. Cells are measured by what they hold, so styles come after the layout.
#[must_use]
pub(super) fn lines(mut table: Table, indent: u16, styles: Paint) -> String {
    if table
        .column_iter()
        .all(|column| column.constraint().is_none_or(|of| *of == ColumnConstraint::ContentWidth))
    {
        // The padding on the left is not shown, so one more column is there.
        table.set_width(WIDTH - indent + 1);
    }
    let indent = " ".repeat(indent.into());
    let first = table.column_max_content_widths().first().copied().unwrap_or_default();
    let has_header = table.header().is_some();
    let mut text = String::new();
    for (index, line) in table.lines().enumerate() {
        // The first column starts with a space of padding that nothing on the left needs.
        let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
        text.push_str(if line.is_empty() { "" } else { &indent });
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
