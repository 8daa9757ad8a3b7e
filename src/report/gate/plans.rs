//! What each target would get.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    plan::{Plan, Verdict},
    report::{
        markdown::{code, prose},
        paint::Paint,
        plain,
        plan::{brief, counts},
    },
};

/// The most bytes of the plans in a comment.
const MOST_BYTES: usize = 16_000;

/// What a target would get, or why nobody can say.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PlanView {
    /// The target, by its name in `gitsm.toml`.
    pub target: String,
    /// What sort of system it is.
    #[serde(rename = "type")]
    pub target_type: &'static str,
    /// Why it was not planned. Nothing follows from that about what would change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_planned: Option<String>,
    /// The digest of what the plan does. `gitsm pr apply` does nothing else once it is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

impl PlanView {
    /// What is planned, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        match (&self.plan, &self.not_planned) {
            (Some(plan), _) if plan.verdict == Verdict::Refused => format!("refused: {}", counts(plan)),
            (Some(plan), _) => counts(plan),
            (None, Some(why)) => format!("not planned: {why}"),
            (None, None) => "not planned".to_owned(),
        }
    }
}

/// For people.
pub(super) fn push(out: &mut String, plans: &[PlanView], paint: Paint) {
    if plans.is_empty() {
        return;
    }
    // Writing into a string does not fail.
    let _ = writeln!(out, "\n{}", paint.heading("what each target would get"));
    for plan in plans {
        let line = plain::line(&plan.line()).into_owned();
        let refused = plan.plan.as_ref().is_none_or(|plan| plan.verdict == Verdict::Refused);
        let line = if refused { paint.bad(&line) } else { line };
        let _ = writeln!(out, "  {}: {line}", paint.name(&plain::line(&plan.target)));
        if let Some(effect) = &plan.effect {
            let _ = writeln!(out, "    {}", paint.faint(&format!("checksum {effect}")));
        }
    }
}

/// For a comment.
pub(super) fn markdown(plans: &[PlanView]) -> String {
    let mut out = String::new();
    if plans.is_empty() {
        return out;
    }
    out.push_str("\n### What each target would get\n\n");
    let each = MOST_BYTES / plans.len();
    for one in plans {
        let checksum = one.effect.as_ref().map(|effect| format!(", checksum {}", code(effect)));
        let line = match (&one.plan, &one.not_planned) {
            (None, Some(why)) => format!("**not planned**, so nobody knows: {}", prose(why)),
            _ => prose(&one.line()),
        };
        let entry = format!(
            "- {} ({}): {line}{}\n",
            code(&one.target),
            prose(one.target_type),
            checksum.unwrap_or_default()
        );
        if out.len() + entry.len() > MOST_BYTES {
            out.push_str("- … and more targets\n");
            break;
        }
        out.push_str(&entry);
        if let Some(plan) = &one.plan {
            out.push_str(&brief(plan, each));
        }
    }
    out
}
