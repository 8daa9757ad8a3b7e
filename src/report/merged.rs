//! What came of applying a merged commit, target by target.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Style, applied, paint::Paint, plain, revision::At};
use crate::apply::evidence::{Approved, PullRequest};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm pr apply --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm pr apply --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The commit.
    pub commit: At,
    /// The branch that it is on.
    pub branch: BranchView,
    /// The pull request that it merged; absent when no forge was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequest>,
    /// What became of each target.
    pub targets: Vec<TargetView>,
}

/// The branch that a commit is on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct BranchView {
    /// Its name.
    pub name: String,
    /// The commit that it was at.
    pub tip: String,
    /// Whether the forge protects it; absent when none was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
}

/// How it went with a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Not everything was done.
    Partial,
    /// It was decided that nothing may be done.
    Refused,
    /// Nothing could be done.
    Failed,
}

/// What became of a target.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TargetView {
    /// The target, by its name in `gitsm.toml`.
    pub target: String,
    /// How it went.
    pub outcome: Outcome,
    /// Why nothing was done, or what has to be known.
    pub remarks: Vec<String>,
    /// The digest of what the plan does; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// What was approved before; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
    /// The number of the deployment at the forge, or the name of the state of the commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// What was applied; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<applied::View>,
}

impl TargetView {
    /// A target with which nothing was done yet.
    #[must_use]
    pub fn new(target: &str) -> Self {
        Self {
            target: target.to_owned(),
            outcome: Outcome::Failed,
            remarks: Vec::new(),
            effect: None,
            approved: None,
            recorded: None,
            result: None,
        }
    }

    /// How it went, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let word = self.outcome.word();
        match (&self.result, self.remarks.first()) {
            (Some(result), _) => format!("{word}: {}", result.counts()),
            (None, Some(remark)) => format!("{word}: {remark}"),
            (None, None) => word.to_owned(),
        }
    }
}

impl Outcome {
    /// What people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "done in part",
            Self::Refused => "refused",
            Self::Failed => "not possible",
        }
    }
}

/// For people.
#[must_use]
pub fn human(report: &Report, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    for target in &report.targets {
        let name = paint.name(&plain::line(&target.target));
        if let Some(result) = &target.result {
            out.push_str(&applied::human(result, style));
        } else {
            let _ = writeln!(out, "{name}: {}", paint.bad(target.outcome.word()));
        }
        for remark in &target.remarks {
            let _ = writeln!(out, "  {}", plain::line(remark));
        }
        match (&target.effect, &target.approved) {
            (Some(effect), Some(approved)) if approved.effect == *effect => {
                let _ = writeln!(out, "  as approved: {effect}, by {}", plain::line(&approved.by));
            }
            (Some(effect), None) => {
                let _ = writeln!(out, "  no plan of it was approved before: {effect}");
            }
            _ => {}
        }
        if let Some(recorded) = &target.recorded {
            let _ = writeln!(out, "  recorded as {}", plain::line(recorded));
        }
    }
    out
}
