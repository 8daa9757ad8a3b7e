//! What scenarios reach and notice.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Style, paint::Paint, plain, summary::plural};

/// What scenarios reach.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Coverage {
    /// How many rules are matched in one scenario and passed over in another, as far as they can be.
    pub covered: usize,
    /// How many rules there are.
    pub rules: usize,
    /// The rules that are not covered.
    pub uncovered: Vec<Uncovered>,
    /// How many entitlements can be asked for.
    pub entitlements: usize,
    /// Those that no scenario asks for.
    pub never_asked_for: Vec<String>,
    /// How many cells the priority matrices of incidents have.
    pub cells: usize,
    /// Those that no scenario takes a priority from.
    pub never_reached: Vec<Cell>,
}

/// A combination of a priority matrix.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Cell {
    /// The matrix.
    pub matrix: String,
    /// The row.
    pub row: String,
    /// The column.
    pub column: String,
}

/// A rule that scenarios do not show both ways.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Uncovered {
    /// The rule.
    pub rule: String,
    /// Where it was written.
    pub place: String,
    /// How many scenarios it matched in.
    pub matched: usize,
    /// How many it was considered in and did not match.
    pub passed_over: usize,
}

/// What scenarios notice.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Mutation {
    /// How many changes of rules were tried.
    pub tried: usize,
    /// Those that no scenario noticed.
    pub survivors: Vec<Survivor>,
}

/// A change of a rule that no scenario noticed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Survivor {
    /// The rule.
    pub rule: String,
    /// Where what was changed was written.
    pub place: String,
    /// What was changed, in words.
    pub change: String,
    /// How many scenarios looked at the rule.
    pub looked: usize,
    /// A scenario, as TOML without what it expects, that would notice it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

/// The most lines of a list for people.
const MOST: usize = 50;

/// Writes what is not reached, for people.
#[must_use]
pub fn coverage(report: &Coverage, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} of {} covered",
        paint.heading(&report.covered.to_string()),
        plural(report.rules, "rule")
    );
    for rule in report.uncovered.iter().take(MOST) {
        let what = if rule.matched == 0 { "never matches" } else { "is never passed over" };
        let _ = writeln!(out, "  {}  {what}  {}", paint.name(&rule.rule), paint.faint(&rule.place));
    }
    push_rest(&mut out, report.uncovered.len());
    let asked = report.entitlements - report.never_asked_for.len();
    let _ = writeln!(
        out,
        "{} of {} asked for",
        paint.heading(&asked.to_string()),
        plural(report.entitlements, "entitlement")
    );
    for entitlement in report.never_asked_for.iter().take(MOST) {
        let _ = writeln!(out, "  {}  {}", paint.name(entitlement), paint.faint("nobody asks for it"));
    }
    push_rest(&mut out, report.never_asked_for.len());
    if report.cells > 0 {
        let reached = report.cells - report.never_reached.len();
        let of = plural(report.cells, "combination");
        let _ =
            writeln!(out, "{} of {of} of impact and urgency reached", paint.heading(&reached.to_string()));
    }
    for cell in report.never_reached.iter().take(MOST) {
        let name = format!("priority-matrix:{}", cell.matrix);
        let words = format!("{} and {}", cell.row, cell.column);
        let _ = writeln!(
            out,
            "  {}  {}  {}",
            paint.name(&name),
            plain::line(&words),
            paint.faint("no incident has them")
        );
    }
    push_rest(&mut out, report.never_reached.len());
    out
}

/// Writes what is not noticed, for people.
#[must_use]
pub fn mutation(report: &Mutation, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let noticed = report.tried - report.survivors.len();
    let _ = writeln!(
        out,
        "{} of {} noticed",
        paint.heading(&noticed.to_string()),
        plural(report.tried, "change")
    );
    for survivor in report.survivors.iter().take(MOST) {
        let _ = writeln!(
            out,
            "  {}  {}  {}",
            paint.name(&survivor.rule),
            plain::line(&survivor.change),
            paint.faint(&survivor.place)
        );
        if survivor.looked == 0 {
            let _ = writeln!(out, "      {}", paint.faint("no scenario looks at this rule"));
        }
        for line in survivor.scenario.iter().flat_map(|text| text.lines()) {
            let _ = writeln!(out, "      {}", plain::line(line));
        }
    }
    push_rest(&mut out, report.survivors.len());
    out
}

fn push_rest(out: &mut String, all: usize) {
    if all > MOST {
        let _ = writeln!(out, "  and {} more; --format json has them all", all - MOST);
    }
}
