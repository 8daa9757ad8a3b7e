//! Who is asked about which grants in a campaign.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::{Style, paint::Paint, summary::plural};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm grants review --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm grants review --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The campaign.
    pub review: String,
    /// Whether anything was written.
    pub written: bool,
    /// The sheets that are new or get more to look at.
    pub sheets: Vec<Sheet>,
    /// The grants that stand in a sheet already.
    pub known: usize,
    /// The grants that nobody can look at who does not hold them.
    pub nobody: Vec<String>,
}

/// What one reviewer is asked about.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Sheet {
    /// The reviewer.
    pub reviewer: String,
    /// The file.
    pub path: String,
    /// The grants that are added.
    pub grants: Vec<String>,
}

/// Writes who is asked, for people.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let _ = writeln!(out, "{}", paint.name(&format!("review:{}", report.review)));
    for sheet in &report.sheets {
        let number = plural(sheet.grants.len(), "grant");
        let _ = writeln!(out, "  {}  {number}  {}", sheet.reviewer, paint.faint(&sheet.path));
    }
    for grant in &report.nobody {
        let _ = writeln!(
            out,
            "  {}  nobody can look at it who does not hold it: it ends with the campaign",
            paint.bad(&format!("grant:{grant}"))
        );
    }
    let more: usize = report.sheets.iter().map(|sheet| sheet.grants.len()).sum();
    let verb = if report.written { "written" } else { "would be written" };
    let _ = writeln!(out, "\n{} {verb}, {} in a sheet already", plural(more, "grant"), report.known);
    out
}
