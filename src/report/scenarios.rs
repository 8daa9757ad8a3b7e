//! Outcomes of scenarios: for people, for programs, and for CI servers.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Style, change,
    coverage::{Coverage, Mutation},
    decision, incident,
    junit::escape,
    lifecycle,
    paint::Paint,
    plain,
    revision::At,
    summary::plural,
};
use crate::model::scenario::CaseKind;

/// What came of the scenarios.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm test --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// Each scenario, in the order of the ids.
    pub scenarios: Vec<Scenario>,
    /// What the scenarios reach, when that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// What the scenarios notice, when that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutation: Option<Mutation>,
}

/// What came of a scenario.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Scenario {
    /// The id.
    pub id: String,
    /// What it shows.
    pub description: String,
    /// Where it was written.
    pub place: String,
    /// Whether everything is as expected.
    pub passed: bool,
    /// What is otherwise than expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// What happens in it: `request`, `incident`, `change`, `joiner`, `mover` or `leaver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<CaseKind>,
    /// What was decided; only where it is otherwise than expected and something was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<View>,
}

/// What was decided in a scenario; which of these it is depends on what happens in it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum View {
    /// About a request.
    Request(Box<decision::View>),
    /// About an incident.
    Incident(Box<incident::View>),
    /// About a change.
    Change(Box<change::View>),
    /// About somebody who joins, moves or leaves.
    Lifecycle(Box<lifecycle::View>),
}

impl View {
    /// What was decided, for people.
    fn render(&self, style: Style) -> String {
        match self {
            Self::Request(view) => decision::human::render(view, false, style),
            Self::Incident(view) => incident::render(view, false, style),
            Self::Change(view) => change::render(view, false, style),
            Self::Lifecycle(view) => lifecycle::render(view, false, style),
        }
    }
}

/// Something that is otherwise than expected.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Difference {
    /// The field of `expect`.
    pub field: String,
    /// What was expected.
    pub expected: String,
    /// What is there.
    pub got: String,
    /// Where the expectation was written.
    pub place: String,
}

/// Writes the failed scenarios for people, or all of them.
#[must_use]
pub fn render(report: &Report, all: bool, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    for scenario in &report.scenarios {
        if scenario.passed {
            if all {
                let _ = writeln!(out, "{}  {}", paint.good("passed"), paint.name(&scenario.id));
            }
            continue;
        }
        let _ = writeln!(
            out,
            "{}  {}  {}",
            paint.bad("failed"),
            paint.name(&scenario.id),
            paint.faint(&scenario.place)
        );
        let _ = writeln!(out, "  {}", plain::short(&scenario.description));
        for difference in &scenario.differences {
            let place = paint.faint(&difference.place);
            let _ = writeln!(out, "  {}  {place}", plain::line(&difference.field));
            let _ = writeln!(out, "    expected  {}", plain::short(&difference.expected));
            let _ = writeln!(out, "    got       {}", plain::short(&difference.got));
        }
        if let Some(view) = &scenario.decision {
            for line in view.render(style).lines() {
                let _ = writeln!(out, "  {} {line}", paint.faint("|"));
            }
        }
        out.push('\n');
    }
    out
}

/// The last line: how many passed and failed.
#[must_use]
pub fn headline(report: &Report) -> String {
    let all = plural(report.passed + report.failed, "scenario");
    match report.failed {
        0 => format!("{all}: all passed"),
        failed => format!("{all}: {failed} failed, {} passed", report.passed),
    }
}

/// Writes `JUnit` XML: a suite with a test for each scenario.
#[must_use]
pub fn junit(report: &Report) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failed) = (report.passed + report.failed, report.failed);
    let counts = format!("tests=\"{tests}\" failures=\"{failed}\" errors=\"0\"");
    let _ = writeln!(out, "<testsuites name=\"gitsm test\" {counts}>");
    let _ = writeln!(out, "  <testsuite name=\"scenarios\" {counts}>");
    for scenario in &report.scenarios {
        let case = format!(
            "    <testcase classname=\"scenario\" name=\"{}\" file=\"{}\"",
            escape(&scenario.id),
            escape(&scenario.place)
        );
        if scenario.passed {
            let _ = writeln!(out, "{case}/>");
            continue;
        }
        let _ = writeln!(out, "{case}>");
        for difference in &scenario.differences {
            let message =
                format!("{}: expected {}, got {}", difference.field, difference.expected, difference.got);
            let _ = writeln!(
                out,
                "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                escape(&difference.field),
                escape(&message),
                escape(&difference.place)
            );
        }
        let _ = writeln!(out, "    </testcase>");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}
