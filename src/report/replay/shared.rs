//! Parts that the reports of all replays have.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::table::{number, percent};
use crate::{
    report::{paint::Paint, plain},
    simulate::replay::{Rejects as Rejected, Threshold as Limited},
};

/// The version of the JSON.
pub const FORMAT_VERSION: u32 = 1;

/// Something with a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// A field, and the column that it is read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReadFrom {
    /// The field.
    pub field: String,
    /// The column.
    pub column: String,
}

impl ReadFrom {
    /// Fields with the columns that they are read from.
    pub fn all<'a>(read: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Self> {
        read.map(|(field, column)| Self { field: field.to_owned(), column: column.to_owned() }).collect()
    }

    /// Writes them for people; nothing when there are none.
    pub(super) fn push_all(read: &[Self], out: &mut String, paint: Paint) {
        let all: Vec<String> =
            read.iter().map(|read| format!("{} from `{}`", read.field, plain::line(&read.column))).collect();
        if !all.is_empty() {
            let _ = writeln!(out, "{}", paint.faint(&format!("read: {}", all.join(", "))));
        }
    }
}

/// The rows that could not be used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Rejects {
    /// How many.
    pub count: u64,
    /// How many of them may be left out, by `--allow-rejects`.
    pub allowed: u64,
    /// How many by the sort of reason: `malformed`, `missing-value`, `bad-value`, `unknown`, `invalid`.
    pub reasons: Vec<Named>,
    /// The first of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<RejectedRow>,
}

/// A row that could not be used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RejectedRow {
    /// The row, from 1; the line with the names of the columns does not count.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// Why it could not be used.
    pub reason: String,
}

/// A limit of the command line, held against what came out.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Threshold {
    /// The flag.
    pub flag: String,
    /// The limit, as a number or a share.
    pub limit: String,
    /// How many there are.
    pub count: u64,
    /// Of how many; missing when the file does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Whether the limit is not kept, or nobody knows.
    pub crossed: bool,
}

impl Rejects {
    /// The rows that could not be used, of which so many are allowed.
    #[must_use]
    pub fn new(rejects: &Rejected, allowed: u64) -> Self {
        let first = rejects.first.iter().map(|(row, line, reject)| RejectedRow {
            row: *row,
            line: *line,
            reason: reject.why.clone(),
        });
        let reasons =
            rejects.counts.iter().map(|(kind, count)| Named { name: kind.name().to_owned(), count: *count });
        Self { count: rejects.count(), allowed, reasons: reasons.collect(), first: first.collect() }
    }

    /// Writes them for people; nothing when there are none.
    pub(super) fn push(&self, out: &mut String, rows: u64, paint: Paint) {
        if self.count == 0 {
            return;
        }
        let reasons: Vec<String> =
            self.reasons.iter().map(|reason| format!("{} {}", number(reason.count), reason.name)).collect();
        let heading = format!("rejected rows: {} of {}", number(self.count), number(rows));
        let _ = writeln!(out, "\n{}  {}", paint.bad(&heading), paint.faint(&reasons.join(", ")));
        for reject in &self.first {
            let place = format!("row {}, line {}:", number(reject.row), number(reject.line));
            let _ = writeln!(out, "  {} {}", paint.faint(&place), plain::short(&reject.reason));
        }
        let more = self.count - self.first.len() as u64;
        if more > 0 {
            let words = format!("and {} more: `--rejects FILE` writes all of them", number(more));
            let _ = writeln!(out, "  {}", paint.faint(&words));
        }
    }
}

impl Threshold {
    /// A limit for a report.
    #[must_use]
    pub fn new(limited: &Limited) -> Self {
        Self {
            flag: limited.flag.to_owned(),
            limit: limited.limit.to_string(),
            count: limited.count,
            of: limited.of,
            crossed: limited.crossed,
        }
    }

    /// Writes limits for people; nothing when there are none.
    pub(super) fn push_all(thresholds: &[Self], out: &mut String, paint: Paint) {
        if thresholds.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n{}", paint.heading("limits"));
        for threshold in thresholds {
            let word = if threshold.crossed { paint.bad("crossed") } else { paint.good("kept   ") };
            let found = match threshold.of {
                Some(all) => format!(
                    "{} of {}, {}",
                    number(threshold.count),
                    number(all),
                    percent(threshold.count, all)
                ),
                None => "nobody knows: the rows do not say it".to_owned(),
            };
            let _ =
                writeln!(out, "  {word}  {} {}  {}", threshold.flag, threshold.limit, paint.faint(&found));
        }
    }
}
