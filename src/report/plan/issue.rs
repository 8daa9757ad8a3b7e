//! Drift, for an issue. The same drift gives the same text, whenever it is looked at.

use std::fmt::Write as _;

use super::markdown::operations;
use crate::{
    plan::{Cause, Plan},
    report::{
        markdown::{code, prose},
        plain,
        summary::plural,
    },
};

/// What the issue about a target begins with, so that it is found again.
#[must_use]
pub fn marker(plan: &Plan) -> String {
    // Names of targets are ids, which end no comment.
    format!("<!-- gitsm:drift {} -->", plan.target.name)
}

/// The title of the issue.
#[must_use]
pub fn title(plan: &Plan) -> String {
    format!("The target {} is not as the rulebook says", plain::line(&plan.target.name))
}

/// The text of the issue.
#[must_use]
pub fn body(plan: &Plan, applied: Option<&str>) -> String {
    let target = &plan.target;
    let count = |not: Cause| plan.operations.iter().filter(|operation| operation.cause != not).count();
    let mut out = format!(
        "{}\n{} ({} {}) is not as the rulebook says.\n\n",
        marker(plan),
        code(&target.name),
        prose(&target.target_type),
        code(&target.place)
    );
    // Writing into a string does not fail.
    let outside = count(Cause::NotAppliedYet);
    let _ = writeln!(out, "- {} changed by somebody else since it was applied", plural(outside, "object"));
    let pending = count(Cause::ChangedOutside);
    let _ = writeln!(
        out,
        "- {} that the rulebook says otherwise than what was applied",
        plural(pending, "object")
    );
    let _ = match applied {
        Some(commit) => writeln!(out, "- the commit {} was applied last", code(commit)),
        None => writeln!(out, "- no commit was applied to it as a whole yet"),
    };
    out.push_str("\nApplying sets it right again: run the workflow that applies, or `gitsm pr apply`. What somebody changed on \
                  purpose goes into the rulebook by a pull request.\n");
    let taken = out.len();
    operations(plan, &mut out, taken);
    out
}
