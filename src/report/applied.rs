//! What came of applying a plan.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Style,
    paint::Paint,
    plain,
    summary::{plural, thousands},
};
use crate::{
    apply::{Applied, Done, evidence::Counts},
    plan::{Action, Key, Plan},
};

/// The version of the JSON that is printed.
const FORMAT_VERSION: u32 = 1;
/// The most failures that are shown to people.
const MOST: usize = 20;

/// What came of a plan.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm apply --format json`")]
pub struct View {
    /// The version of this format.
    format_version: u32,
    /// The checksum of the plan.
    plan: String,
    /// The target.
    target: String,
    /// How many operations were planned.
    planned: usize,
    /// How many were done now, and read back.
    applied: usize,
    /// How many had been done by an earlier run of the same plan.
    done_before: usize,
    /// How many were not tried, because something that they need was not done.
    skipped: usize,
    /// How many were tried and not done.
    failed: usize,
    /// How many nobody came to, because the run had to stop.
    not_reached: usize,
    /// Why the run had to stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    /// What was not done.
    problems: Vec<Problem>,
}

/// Something that was not done.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Problem {
    /// The object.
    object: Key,
    /// What was planned.
    action: Action,
    /// What came of it.
    outcome: Outcome,
    /// Why.
    reason: String,
}

/// What came of an operation that was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// It was tried and not done.
    Failed,
    /// It was not tried.
    Skipped,
}

impl View {
    /// Whether everything that was planned is done.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.failed == 0 && self.skipped == 0 && self.not_reached == 0 && self.stopped.is_none()
    }
}

impl View {
    /// How much was done, in one line.
    #[must_use]
    pub fn done(&self) -> String {
        let done = self.applied + self.done_before;
        format!("{done} of {} were done", plural(self.planned, "operation"))
    }

    /// How many operations, and what became of them, in one line.
    #[must_use]
    pub fn counts(&self) -> String {
        let mut line = format!(
            "{} planned, {} applied, {} skipped, {} failed",
            thousands(self.planned),
            thousands(self.applied),
            thousands(self.skipped),
            thousands(self.failed)
        );
        if self.done_before > 0 {
            let _ = write!(line, ", {} done before", thousands(self.done_before));
        }
        if self.not_reached > 0 {
            let _ = write!(line, ", {} not reached", thousands(self.not_reached));
        }
        line
    }
}

/// What came of a plan, as data.
#[must_use]
pub fn view(plan: &Plan, applied: &Applied) -> View {
    let results = &applied.results.done;
    let counts = Counts::of(plan, &applied.results, applied.done_before);
    let problems = plan.operations.iter().filter_map(|operation| {
        let (outcome, reason) = match results.get(&operation.object)? {
            Done::Done => return None,
            Done::Failed(reason) => (Outcome::Failed, reason.clone()),
            Done::Skipped(need) => (Outcome::Skipped, format!("it needs `{need}`, which was not done")),
        };
        Some(Problem { object: operation.object.clone(), action: operation.action, outcome, reason })
    });
    View {
        format_version: FORMAT_VERSION,
        plan: plan.checksum.clone(),
        target: plan.target.name.clone(),
        planned: counts.planned,
        applied: counts.applied,
        done_before: counts.done_before,
        skipped: counts.skipped,
        failed: counts.failed,
        not_reached: counts.not_reached,
        stopped: applied.results.stopped.as_ref().map(ToString::to_string),
        problems: problems.collect(),
    }
}

/// What came of a plan, for people.
#[must_use]
pub fn human(view: &View, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut text = String::new();
    // What failed comes first: what was skipped follows from it.
    let failed = view.problems.iter().filter(|problem| problem.outcome == Outcome::Failed);
    let skipped = view.problems.iter().filter(|problem| problem.outcome == Outcome::Skipped);
    for problem in failed.chain(skipped).take(MOST) {
        let (word, object) = match problem.outcome {
            Outcome::Failed => (paint.bad("failed"), &problem.object),
            Outcome::Skipped => (paint.open("skipped"), &problem.object),
        };
        let object = paint.name(&plain::line(&object.to_string()));
        let _ = writeln!(text, "{word} {} {object}: {}", problem.action.name(), plain::line(&problem.reason));
    }
    if view.problems.len() > MOST {
        let _ = writeln!(text, "… and {}", plural(view.problems.len() - MOST, "more operation"));
    }
    if let Some(reason) = &view.stopped {
        let _ = writeln!(text, "{} {}", paint.bad("stopped:"), plain::line(reason));
    }
    let line = format!("{}: {}", plain::line(&view.target), view.counts());
    let line = if view.is_whole() { paint.good(&line) } else { paint.bad(&line) };
    let _ = writeln!(text, "{line}");
    text
}
