//! A plan for a comment on a pull request.

use std::fmt::Write as _;

use super::words;
use crate::{
    plan::{Action, Plan, Support, Verdict, file::KindCounts},
    report::{
        impact::markdown::{MOST_COMMENT, details},
        markdown::{code, prose},
        plain,
        summary::plural,
    },
};

/// The most operations that are listed.
const MOST: usize = 100;
/// The most changes of an operation that are listed.
const MOST_CHANGES: usize = 8;

/// The plan: the verdict and the numbers first, what is done in a part that can be folded.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let target = &plan.target;
    let mut out = format!(
        "### Plan for {} ({} {})\n\n",
        code(&target.name),
        prose(&target.target_type),
        code(&target.place)
    );
    let counts = words::counts(plan);
    let _ = match plan.verdict {
        Verdict::Refused => writeln!(out, "**Refused.** {counts}.\n"),
        Verdict::Ready => writeln!(out, "**{counts}.**\n"),
        Verdict::Unchanged => writeln!(out, "{counts}.\n"),
    };
    for refusal in &plan.refusals {
        let _ = writeln!(out, "- {}: {}", prose(&refusal.message), prose(&refusal.help));
    }
    if !plan.refusals.is_empty() {
        out.push('\n');
    }
    let changed: Vec<_> = plan.summary.kinds.iter().filter(|one| one.counts.changes() > 0).collect();
    if !changed.is_empty() {
        out.push_str("| kind | create | update | delete | take over | stay |\n|---|--:|--:|--:|--:|--:|\n");
        for KindCounts { kind, counts } in changed {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                code(kind),
                counts.create,
                counts.update,
                counts.delete,
                counts.adopt,
                counts.unchanged
            );
        }
        out.push('\n');
    }
    let taken = out.len();
    operations(plan, &mut out, taken);
    let lost: Vec<String> = plan
        .constructs
        .iter()
        .filter(|construct| construct.support != Support::Exact)
        .map(|construct| {
            let (name, support) = (plain::line(&construct.construct), construct.support.name());
            format!("{name}, {support}: {}\n", plain::line(&construct.reason))
        })
        .collect();
    if !lost.is_empty() {
        let title = format!("{} not quite as in the rulebook", plural(lost.len(), "kind"));
        let folded = details(&title, &lost.concat(), out.len());
        out.push_str(&folded);
    }
    let made = match &plan.commit {
        Some(commit) => format!("commit {}", code(&commit.id)),
        None => "the files of a folder".to_owned(),
    };
    let _ = writeln!(out, "\nFrom {made}, checksum {}, expires {}.", code(&plan.checksum), plan.expires);
    out
}

/// Why the plan is refused and what it does, within a number of bytes: for a text that has said the rest.
#[must_use]
pub fn brief(plan: &Plan, room: usize) -> String {
    let mut out = String::new();
    for refusal in &plan.refusals {
        let line = format!("  - {}: {}\n", prose(&refusal.message), prose(&refusal.help));
        if out.len() + line.len() > room / 2 {
            out.push_str("  - … and more\n");
            break;
        }
        out.push_str(&line);
    }
    // What stands around the list takes some bytes as well.
    let left = room.saturating_sub(out.len() + 300);
    operations(plan, &mut out, MOST_COMMENT.saturating_sub(left));
    out
}

/// What is done, in a part that can be folded; of the bytes of a comment so many are taken already.
pub(super) fn operations(plan: &Plan, out: &mut String, taken: usize) {
    let shown: Vec<_> = plan.operations.iter().filter(|operation| !operation.derived).collect();
    if shown.is_empty() {
        return;
    }
    let mut list = String::new();
    let rare = [Action::Delete, Action::Update, Action::Adopt, Action::Create];
    let sorted =
        rare.iter().flat_map(|action| shown.iter().filter(move |operation| operation.action == *action));
    for operation in sorted.take(MOST) {
        let cause = words::cause(operation);
        let cause = if cause.is_empty() { String::new() } else { format!(" ({cause})") };
        let object = operation.object.to_string();
        let _ = writeln!(list, "{} {}{cause}", operation.action.name(), plain::line(&object));
        for change in operation.changes.iter().take(MOST_CHANGES) {
            let _ = writeln!(list, "    {}", words::change(change));
        }
        let more = operation.changes.len().saturating_sub(MOST_CHANGES) + operation.changes_not_listed;
        if more > 0 {
            let _ = writeln!(list, "    … and {}", plural(more, "more field"));
        }
    }
    if shown.len() > MOST {
        let _ = writeln!(list, "… and {}", plural(shown.len() - MOST, "more object"));
    }
    let folded = details(&plural(shown.len(), "object"), &list, taken);
    out.push_str(&folded);
}
