//! A plan for people.

use std::{collections::BTreeSet, fmt::Write as _};

use super::words;
use crate::{
    plan::{Action, Cause, Operation, Plan, Support, Unmanaged, Verdict, file::KindCounts},
    report::{Style, paint::Paint, plain, summary::plural},
};

/// The most operations that are shown; a program reads the JSON.
const MOST: usize = 40;
/// The most objects that are made of these: the first plan makes all of them.
const MOST_CREATED: usize = 10;
/// The most changes of an operation that are shown.
const MOST_CHANGES: usize = 8;
/// The most things of others that are named.
const MOST_UNMANAGED: usize = 5;

/// The plan.
#[must_use]
pub fn human(plan: &Plan, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut text = head("plan for", plan, paint);
    operations(&mut text, plan.operations.iter(), paint);
    kinds(&mut text, plan, paint);
    // Who has nothing to do knows it already.
    if plan.verdict != Verdict::Unchanged {
        constructs(&mut text, plan, paint);
    }
    unmanaged(&mut text, plan, paint);
    abandoned(&mut text, plan, paint);
    verdict(&mut text, plan, paint);
    text
}

/// What a target differs in from the rulebook, by whose doing.
#[must_use]
pub fn drift(plan: &Plan, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut text = head("drift of", plan, paint);
    let outside = |operation: &&Operation| operation.cause != Cause::NotAppliedYet;
    let pending = |operation: &&Operation| operation.cause != Cause::ChangedOutside;
    let parts: [(&str, Vec<&Operation>); 2] = [
        (
            "changed outside: somebody else changed the target since it was applied",
            plan.operations.iter().filter(outside).collect(),
        ),
        (
            "not applied yet: the rulebook says something else than what was applied",
            plan.operations.iter().filter(pending).collect(),
        ),
    ];
    for (title, found) in &parts {
        if !found.is_empty() {
            let _ = writeln!(text, "{}", paint.heading(title));
            operations(&mut text, found.iter().copied(), paint);
        }
    }
    unmanaged(&mut text, plan, paint);
    abandoned(&mut text, plan, paint);
    let [(_, outside), (_, pending)] = &parts;
    let line = if plan.is_empty() && !plan.abandoned.is_empty() {
        paint.open(&format!(
            "{} that the rulebook does not have",
            plural(plan.abandoned.len(), "marked object")
        ))
    } else if plan.is_empty() {
        paint.good("no drift: the target holds what the rulebook says")
    } else {
        paint.open(&format!(
            "{} changed outside, {} not applied yet",
            plural(outside.len(), "object"),
            crate::report::summary::thousands(pending.len())
        ))
    };
    let _ = writeln!(text, "{line}");
    text
}

fn head(what: &str, plan: &Plan, paint: Paint) -> String {
    let target = &plan.target;
    let title = format!(
        "{what} the target `{}` ({}, {})",
        plain::line(&target.name),
        plain::line(&target.target_type),
        plain::line(&target.place)
    );
    format!("{}\n{}\n\n", paint.heading(&title), paint.faint(&words::origin(plan)))
}

fn operations<'p>(text: &mut String, all: impl Iterator<Item = &'p Operation>, paint: Paint) {
    let (derived, mut shown): (Vec<&Operation>, Vec<&Operation>) =
        all.partition(|operation| operation.derived);
    if derived.is_empty() && shown.is_empty() {
        return;
    }
    // What takes away or changes is what a reviewer must not miss.
    let weight = |action| match action {
        Action::Delete => 0,
        Action::Update => 1,
        Action::Adopt => 2,
        Action::Create => 3,
    };
    shown.sort_by_key(|operation| (weight(operation.action), &operation.object));
    let created = shown.iter().filter(|operation| operation.action == Action::Create).count();
    let others = (shown.len() - created).min(MOST);
    let listed = others + created.min(MOST_CREATED);
    let hidden = shown.len() - listed;
    let (others, created) = shown.split_at(shown.len() - created);
    for operation in others.iter().take(MOST).chain(created.iter().take(MOST_CREATED)) {
        let sign = words::sign(operation.action);
        let sign = match operation.action {
            Action::Create => paint.good(sign),
            Action::Delete => paint.bad(sign),
            Action::Update | Action::Adopt => paint.open(sign),
        };
        let mut line = format!("  {sign} {}", paint.name(&plain::line(&operation.object.to_string())));
        if let Some(name) = &operation.name {
            let _ = write!(line, "  {}", plain::short(name));
        }
        let cause = words::cause(operation);
        if !cause.is_empty() {
            let _ = write!(line, "  {}", paint.open(cause));
        }
        let _ = writeln!(text, "{line}");
        for change in operation.changes.iter().take(MOST_CHANGES) {
            let _ = writeln!(text, "      {}", words::change(change));
        }
        let more = operation.changes.len().saturating_sub(MOST_CHANGES) + operation.changes_not_listed;
        if more > 0 {
            let _ = writeln!(text, "      … and {}", plural(more, "more field"));
        }
    }
    if hidden > 0 {
        let more = plural(hidden, "more object");
        let _ = writeln!(text, "  … and {more}; `--format json` lists all");
    }
    if !derived.is_empty() {
        let what = plural(derived.len(), "file");
        let _ = writeln!(
            text,
            "  {}",
            paint.faint(&format!("and {what} that follow from these: indexes and schemas"))
        );
    }
    text.push('\n');
}

fn kinds(text: &mut String, plan: &Plan, paint: Paint) {
    // Indexes and schemas follow from the others; counting them would hide what matters.
    let derived: BTreeSet<&str> =
        plan.operations.iter().filter(|one| one.derived).map(|one| &*one.object.kind).collect();
    let changed = plan.summary.kinds.iter();
    let changed = changed.filter(|one| one.counts.changes() > 0 && !derived.contains(one.kind.as_str()));
    let rows: Vec<[String; 6]> = changed
        .map(|KindCounts { kind, counts }| {
            let number = |number: usize| if number == 0 { "·".to_owned() } else { number.to_string() };
            [
                plain::line(kind).into_owned(),
                number(counts.create),
                number(counts.update),
                number(counts.delete),
                number(counts.adopt),
                number(counts.unchanged),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let width = rows.iter().map(|[kind, ..]| kind.chars().count()).max().unwrap_or_default().max(4);
    let head = format!(
        "  {:<width$} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "KIND", "CREATE", "UPDATE", "DELETE", "TAKE OVER", "STAY"
    );
    let _ = writeln!(text, "{}", paint.faint(&head));
    for [kind, create, update, delete, adopt, unchanged] in rows {
        let _ =
            writeln!(text, "  {kind:<width$} {create:>9} {update:>9} {delete:>9} {adopt:>9} {unchanged:>9}");
    }
    text.push('\n');
}

fn constructs(text: &mut String, plan: &Plan, paint: Paint) {
    for (support, title) in
        [(Support::Emulated, "not quite the same at the target"), (Support::Lost, "not at the target")]
    {
        let found: Vec<_> = plan.constructs.iter().filter(|one| one.support == support).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}", paint.heading(title));
        for construct in found {
            let _ = writeln!(
                text,
                "  {} ({}): {}",
                paint.name(&plain::line(&construct.construct)),
                construct.objects,
                plain::line(&construct.reason)
            );
        }
        text.push('\n');
    }
}

/// What was gitsm's own once, or is another repository's.
fn abandoned(text: &mut String, plan: &Plan, paint: Paint) {
    if plan.abandoned.is_empty() {
        return;
    }
    let title = "marked by gitsm, and neither in the rulebook nor remembered here: never touched";
    let _ = writeln!(text, "{}", paint.heading(title));
    for key in plan.abandoned.iter().take(MOST) {
        let _ = writeln!(text, "  {}", paint.name(&plain::line(&key.to_string())));
    }
    if let Some(more) = plan.abandoned.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(text, "  … and {}", plural(more, "more object"));
    }
    let help = "remove them at the target when nobody needs them, or put back the folder that remembers them";
    let _ = writeln!(text, "  {}\n", paint.faint(help));
}

fn unmanaged(text: &mut String, plan: &Plan, paint: Paint) {
    if plan.summary.unmanaged == 0 {
        return;
    }
    let named: Vec<String> = plan
        .unmanaged
        .iter()
        .take(MOST_UNMANAGED)
        .map(|Unmanaged { name }| paint.name(&plain::short(name)))
        .collect();
    let more = plan.summary.unmanaged - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let _ = writeln!(text, "not gitsm's own, and never touched: {}{more}\n", named.join(", "));
}

fn verdict(text: &mut String, plan: &Plan, paint: Paint) {
    for refusal in &plan.refusals {
        let _ = writeln!(text, "{} {}", paint.bad("refused:"), plain::line(&refusal.message));
        let _ = writeln!(text, "  {}", plain::line(&refusal.help));
    }
    let counts = words::counts(plan);
    let line = match plan.verdict {
        Verdict::Unchanged => paint.good(&counts),
        Verdict::Ready => paint.open(&counts),
        Verdict::Refused => paint.bad(&format!("refused; {counts}")),
    };
    let _ = writeln!(text, "{line}");
    if plan.verdict == Verdict::Ready {
        let short: String = plan.checksum.chars().take(12).collect();
        let _ = writeln!(text, "{}", paint.faint(&format!("checksum {short}, expires {}", plan.expires)));
    }
}
