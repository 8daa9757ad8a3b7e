//! A difference as annotations of GitHub Actions: notices at the lines that mean something else.

use std::fmt::Write as _;

use super::{
    Grants, grants,
    view::{Consequences, Place, Promises, Report},
    words,
};
use crate::report::{
    commitment,
    github::{data, property},
    plain,
};

/// How many grants are told in an annotation.
const MOST_GRANTS: usize = 10;

/// Writes `::notice file=…,line=…,title=…::what changed` for each object that is new or gone and each field. `after` stands
/// before the paths; what is gone has no place in the files that are reviewed.
#[must_use]
pub fn render(report: &Report, after: &str) -> String {
    let mut text = String::new();
    let view = &report.view;
    let mut push = |level: &str, place: Option<&Place>, title: &str, message: &str| {
        // Writing into a string does not fail.
        let _ = write!(text, "::{level} ");
        if let Some(place) = place {
            let file = property(&plain::line(&format!("{after}{}", place.file)));
            let _ = write!(text, "file={file},line={},endLine={},", place.line, place.end_line);
        }
        let _ = writeln!(text, "title={}::{}", property(&plain::line(title)), data(message));
    };
    push("notice", None, "gitsm diff", &words::headline(view));
    for one in &view.uncompared {
        push("error", None, "not compared", &words::uncompared(one));
    }
    match &report.decisions {
        Consequences::Compared(decisions) => {
            for theme in &decisions.themes {
                let level = if theme.is_gated() { "warning" } else { "notice" };
                let title = format!("{}: {}", theme.direction, theme.subjects().join(", "));
                push(level, None, &title, &theme.changes.join("\n"));
            }
            for unknown in &decisions.unknown {
                push("error", None, "decisions not compared", &unknown.why);
            }
            for unseen in &decisions.unseen {
                push(
                    "warning",
                    None,
                    "look at this",
                    &format!("{}: {} (id {})", unseen.what, unseen.rules.join(", "), unseen.fingerprint),
                );
            }
            for eased in &decisions.eased {
                let title = format!("{}: {}", eased.direction, eased.subject);
                push("warning", None, &title, &format!("{} (id {})", eased.change, eased.fingerprint));
            }
        }
        Consequences::NotCompared(why) => push("error", None, "decisions not compared", why),
    }
    match &report.commitments {
        Promises::Compared(commitments) => {
            for case in &commitments.told() {
                let level = if case.loosens { "warning" } else { "notice" };
                let title = format!("{}: {}", case.direction, commitment::title(case));
                let says = case.examples.iter().map(|example| &example.says);
                let lines: Vec<&str> =
                    case.changes.iter().chain(&case.because).chain(says).map(String::as_str).collect();
                push(level, None, &title, &lines.join("\n"));
            }
            for unknown in &commitments.unknown {
                let title = format!("commitments not compared: {}", unknown.subjects.join(", "));
                push("error", None, &title, &format!("{} (id {})", unknown.why, unknown.fingerprint));
            }
        }
        Promises::NotCompared(why) => push("error", None, "commitments not compared", why),
    }
    match &report.grants {
        Grants::Compared(grants) if !grants.is_empty() => {
            let lines: Vec<String> = grants.grants.iter().take(MOST_GRANTS).map(grants::line).collect();
            let cut = grants.not_listed + grants.grants.len().saturating_sub(MOST_GRANTS);
            let more = (cut > 0).then(|| format!("and {cut} more"));
            let lines: Vec<String> = lines.into_iter().chain(more).collect();
            push("notice", None, &format!("grants: {}", grants.summary()), &lines.join("\n"));
        }
        Grants::Compared(_) => {}
        Grants::NotCompared(why) => push("error", None, "grants not compared", why),
    }
    for change in &view.changes {
        match change.change {
            "changed" => {
                for edit in &change.fields {
                    let message = format!("{}\n{}", plain::line(&edit.path), words::edit(edit).join("\n"));
                    push("notice", edit.after_place.as_ref(), &change.object, &message);
                }
            }
            "renamed" => {
                let from = plain::line(change.from.as_deref().unwrap_or_default()).into_owned();
                push("notice", change.after.as_ref(), &change.object, &format!("was called `{from}`"));
            }
            what => push("notice", change.after.as_ref(), &change.object, what),
        }
    }
    if let Some(cut) = words::cut(&view.summary) {
        push("notice", None, "gitsm diff", &cut);
    }
    text
}
