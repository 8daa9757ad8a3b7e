//! Columns that stand below each other.

use crate::report::summary::thousands;

/// Rows of which the first column is text and the others are figures.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn add(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, indented. What is in the last column stands as it is when `last_is_text`.
    pub(super) fn lines(&self, last_is_text: bool) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let mut text = String::from("  ");
            for ((column, cell), width) in row.iter().enumerate().zip(&widths) {
                let space = " ".repeat(width.saturating_sub(cell.chars().count()));
                let is_text = column == 0 || (last_is_text && column + 1 == columns);
                if column > 0 {
                    text.push_str("  ");
                }
                if is_text {
                    text.push_str(cell);
                    text.push_str(&space);
                } else {
                    text.push_str(&space);
                    text.push_str(cell);
                }
            }
            text.trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

/// A number for people.
pub(super) fn number(count: u64) -> String {
    thousands(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A share in percent with one decimal, rounded; a dash of nothing.
pub(super) fn percent(count: u64, all: u64) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    let tenths = (u128::from(count) * 1_000 + u128::from(all) / 2) / u128::from(all);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Minutes as people say them.
pub(super) fn minutes(minutes: i64) -> String {
    let (days, hours, rest) = (minutes / 1_440, minutes % 1_440 / 60, minutes % 60);
    let parts = [(days, "d"), (hours, "h"), (rest, "min")];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if said.is_empty() {
        "0 min".to_owned()
    } else {
        said.iter().take(2).cloned().collect::<Vec<_>>().join(" ")
    }
}

/// Minutes of business time, of which nobody knows how many are a day.
pub(super) fn business(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_said_as_people_read_them() {
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(2, 3), "66.7 %");
        assert_eq!(percent(0, 0), "–");
        assert_eq!([0, 59, 60, 1_500, 3_000].map(minutes), ["0 min", "59 min", "1 h", "1 d 1 h", "2 d 2 h"]);
        assert_eq!([0, 59, 60, 2_400, 3_001].map(business), ["0 min", "59 min", "1 h", "40 h", "50 h 1 min"]);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::default();
        table.add(["a", "10", "x"].map(str::to_owned));
        table.add(["longer", "9", "yz"].map(str::to_owned));
        assert_eq!(table.lines(true), ["  a       10  x", "  longer   9  yz"]);
    }
}
