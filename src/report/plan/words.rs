//! Words that are the same in every format.

use crate::{
    plan::{Action, Cause, Operation, Plan, Verdict, file::FieldChange},
    report::{plain, summary::plural},
};

/// What the plan is made from, in one line.
pub(super) fn origin(plan: &Plan) -> String {
    match &plan.commit {
        Some(commit) => {
            let short: String = commit.id.chars().take(12).collect();
            format!("from commit {short} ({})", plain::short(&commit.subject))
        }
        None => "from the files of the folder, which no commit holds; `--at main` plans what was reviewed"
            .to_owned(),
    }
}

/// How much is done, in words.
#[must_use]
pub fn counts(plan: &Plan) -> String {
    let total = plan.summary.total;
    let parts = [
        (total.create, "to create"),
        (total.update, "to update"),
        (total.delete, "to delete"),
        (total.adopt, "to take over"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", crate::report::summary::thousands(*number)))
        .collect();
    let stay = format!("{} as they are", plural(total.unchanged, "object"));
    match plan.verdict {
        Verdict::Unchanged => format!("nothing to do: {stay}"),
        _ => format!("{}; {stay}", parts.join(", ")),
    }
}

/// What a change of a field is, in one line.
pub(super) fn change(change: &FieldChange) -> String {
    let field = plain::line(&change.field);
    let value = |value: &Option<String>| value.as_deref().map(|value| plain::line(value).into_owned());
    match (value(&change.before), value(&change.after)) {
        (Some(before), Some(after)) => format!("{field}: {before} -> {after}"),
        (None, Some(after)) => format!("{field}: {after} (new)"),
        (Some(before), None) => format!("{field}: {before} (gone)"),
        (None, None) => format!("{field}: the same values, written otherwise"),
    }
}

/// The sign of an action.
pub(super) const fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
        Action::Adopt => "=",
    }
}

/// What has to be known about why something is done; nothing when the rulebook alone changed.
pub(super) fn cause(operation: &Operation) -> &'static str {
    match (operation.cause, operation.action) {
        (Cause::NotAppliedYet, Action::Adopt) if operation.before == operation.after => "taken over as it is",
        (Cause::NotAppliedYet, Action::Adopt) => "taken over and overwritten",
        (Cause::NotAppliedYet, _) => "",
        (_, Action::Create) => "somebody removed it",
        (Cause::ChangedOutside, _) => "somebody changed it",
        (Cause::Both, Action::Delete) => "somebody changed it since it was applied",
        (Cause::Both, _) => "somebody changed it, and the rulebook changed as well",
    }
}
