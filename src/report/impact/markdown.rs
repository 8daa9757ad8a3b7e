//! A difference for a comment on a pull request: the summary first, within a limit, and nothing of the rulebook's text
//! becomes more than text.

use std::fmt::Write as _;

use super::{
    grants,
    view::{ChangeView, Consequences, Promises, Report},
    words,
};
use crate::report::{
    commitment, consequence,
    markdown::{MOST_BYTES, code, prose},
    plain,
    summary::plural,
};

/// The most bytes of a comment with the lines that differ.
pub const MOST_COMMENT: usize = 64_000;

/// The most changes of decisions, and of commitments, that are told in a comment.
const MOST_CHANGES: usize = 64;

/// Writes the Markdown.
#[must_use]
pub fn render(report: &Report) -> String {
    render_within(report, MOST_BYTES)
}

/// The same for a part of a comment that may have so many bytes.
#[must_use]
pub fn render_within(report: &Report, most: usize) -> String {
    let view = &report.view;
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = writeln!(out, "### gitsm: {}\n", words::headline(view));
    let _ = writeln!(out, "From {} to {}.", code(&report.before.line()), code(&report.after.line()));
    for (side, name) in [(&report.before, "before"), (&report.after, "after")] {
        if side.errors > 0 {
            let errors = plural(side.errors, "error");
            let _ = writeln!(out, "\n**The rulebook {name} the change has {errors}.**");
        }
    }
    if !view.uncompared.is_empty() {
        let _ = writeln!(out, "\n#### Not compared\n");
        for one in view.uncompared.iter().take(20) {
            let _ = writeln!(out, "- {}", prose(&words::uncompared(one)));
        }
        let more = view.uncompared.len().saturating_sub(20) + view.summary.uncompared_not_listed;
        if more > 0 {
            let _ = writeln!(out, "- and {more} more");
        }
    }
    out.push('\n');
    match &report.decisions {
        Consequences::Compared(view) => {
            out.push_str(&fitting(most / 3, |most| consequence::markdown(view, most)));
        }
        Consequences::NotCompared(why) => {
            let _ = writeln!(out, "**The decisions are not compared:** {}.", prose(why));
        }
    }
    out.push('\n');
    match &report.commitments {
        Promises::Compared(view) => out.push_str(&fitting(most / 3, |most| commitment::markdown(view, most))),
        Promises::NotCompared(why) => {
            let _ = writeln!(out, "**The commitments are not compared:** {}.", prose(why));
        }
    }
    out.push_str(&grants::markdown(&report.grants, most / 12));
    if !view.changes.is_empty() {
        out.push_str("\n### Objects\n");
    }
    let mut left = 0;
    for (title, what) in
        [("Changed", "changed"), ("Added", "added"), ("Removed", "removed"), ("Renamed", "renamed")]
    {
        let of: Vec<&ChangeView> = view.changes.iter().filter(|change| change.change == what).collect();
        if of.is_empty() {
            continue;
        }
        let mut section = format!("\n#### {title}\n\n");
        for change in of {
            let line = line(change);
            if out.len() + section.len() + line.len() > most {
                left += 1;
            } else {
                section.push_str(&line);
            }
        }
        out.push_str(&section);
    }
    let more = left + view.summary.objects_not_listed;
    if more > 0 {
        let _ = writeln!(out, "\n… and {} changed.", plural(more, "more object"));
    }
    if view.summary.fields_not_listed > 0 {
        let _ = writeln!(out, "\n… and {} changed.", plural(view.summary.fields_not_listed, "more field"));
    }
    out
}

/// Consequences, as many as fit into so many bytes.
fn fitting(bytes: usize, tell: impl Fn(usize) -> String) -> String {
    let mut most = MOST_CHANGES;
    loop {
        let text = tell(most);
        if text.len() <= bytes || most == 0 {
            return text;
        }
        most /= 2;
    }
}

/// Lines that are folded away until somebody wants to see them, within what a comment may have that holds so many bytes
/// already.
#[must_use]
pub fn details(title: &str, text: &str, before: usize) -> String {
    let most = MOST_COMMENT.saturating_sub(before);
    let mut shown = String::new();
    let mut left = 0;
    for line in text.lines() {
        let mut safe = code(line);
        safe.push('\n');
        if left > 0 || shown.len() + safe.len() > most {
            left += 1;
        } else {
            shown.push_str(&safe);
        }
    }
    if left > 0 {
        let _ = writeln!(shown, "… and {}", plural(left, "more line"));
    }
    format!("\n<details><summary>{title}</summary>\n\n<pre>\n{shown}</pre>\n\n</details>\n")
}

/// An object as an entry of a list, with its fields below it.
fn line(change: &ChangeView) -> String {
    let mut out = format!("- {}", code(&change.object));
    if let Some(from) = &change.from {
        let _ = write!(out, ", which was {}", code(from));
    }
    if let Some(place) = change.after.as_ref().or(change.before.as_ref()) {
        let _ = write!(out, " ({})", code(&format!("{}:{}", plain::line(&place.file), place.line)));
    }
    out.push('\n');
    for edit in &change.fields {
        let position = words::position(edit).map(|position| format!(" ({position})")).unwrap_or_default();
        let _ = write!(out, "  - {}{position}:", code(&edit.path));
        let lines = words::edit(edit);
        let texts: Vec<String> = lines
            .iter()
            .map(|line| match line.split_at_checked(2) {
                Some(("- ", value)) => format!("<del>{}</del>", code(value)),
                Some(("+ ", value)) => format!("<ins>{}</ins>", code(value)),
                _ => match line.split_once(" → ") {
                    Some((before, after)) if edit.change == "value" => {
                        format!("{} → {}", code(before), code(after))
                    }
                    _ => prose(line),
                },
            })
            .collect();
        let _ = writeln!(out, " {}", texts.join(", "));
    }
    out
}
