//! A difference for people: how much first, then each object with its fields.

use std::fmt::Write as _;

use super::{
    grants,
    view::{ChangeView, Consequences, EditView, Place, Promises, Report},
    words,
};
use crate::report::{Style, commitment, consequence, paint::Paint, plain, summary::plural};

/// Writes a difference. `before` and `after` stand before the paths of the two sides.
#[must_use]
pub fn render(report: &Report, before: &str, after: &str, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let view = &report.view;
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = writeln!(out, "{}", paint.heading(&words::headline(view)));
    let _ = writeln!(
        out,
        "{}",
        paint.faint(&format!("from {} to {}", report.before.line(), report.after.line()))
    );
    for (side, name) in [(&report.before, "before"), (&report.after, "after")] {
        if side.errors > 0 {
            let errors = plural(side.errors, "error");
            let text = format!("the rulebook {name} the change has {errors}");
            let _ = writeln!(out, "{}", paint.bad(&text));
        }
    }
    if !view.uncompared.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("what could not be compared"));
        for one in &view.uncompared {
            let _ = writeln!(out, "  {} {}", paint.bad("?"), words::uncompared(one));
        }
        if view.summary.uncompared_not_listed > 0 {
            let _ = writeln!(out, "  and {} more", view.summary.uncompared_not_listed);
        }
    }
    out.push('\n');
    match &report.decisions {
        Consequences::Compared(view) => out.push_str(&consequence::human(view, paint, style.width)),
        Consequences::NotCompared(why) => {
            let _ = writeln!(out, "{} {why}", paint.bad("the decisions are not compared:"));
        }
    }
    out.push('\n');
    match &report.commitments {
        Promises::Compared(view) => out.push_str(&commitment::human(view, paint, style.width)),
        Promises::NotCompared(why) => {
            let _ = writeln!(out, "{} {why}", paint.bad("the commitments are not compared:"));
        }
    }
    out.push_str(&grants::human(&report.grants, paint));
    if !view.changes.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("objects"));
    }
    for change in &view.changes {
        push_change(&mut out, change, (before, after), paint);
    }
    if let Some(cut) = words::cut(&view.summary) {
        let _ = writeln!(out, "… and {cut}");
    }
    out
}

/// Writes an object with its fields.
fn push_change(out: &mut String, change: &ChangeView, (before, after): (&str, &str), paint: Paint) {
    let place = match (change.change, &change.before, &change.after) {
        ("removed", at, _) => place(at.as_ref(), before),
        (_, _, at) => place(at.as_ref(), after),
    };
    push_heading(out, (change.change, &change.object, change.from.as_deref()), &place, paint);
    push_fields(out, &change.fields, "    ", paint);
}

/// Writes how an object changed, which one, under which id it was known, and where it is.
pub(in crate::report) fn push_heading(
    out: &mut String,
    (change, object, from): (&str, &str, Option<&str>),
    place: &str,
    paint: Paint,
) {
    let mark = match change {
        "added" => paint.good("+"),
        "removed" => paint.bad("-"),
        _ => paint.open("~"),
    };
    // Writing into a string does not fail.
    let _ = write!(out, "{mark} {}", paint.name(&plain::line(object)));
    if let Some(from) = from {
        let _ = write!(out, " was called `{}`", plain::line(from));
    }
    let _ = writeln!(out, "  {}", paint.faint(place));
}

/// Writes the fields of an object that changed.
pub(in crate::report) fn push_fields(out: &mut String, fields: &[EditView], indent: &str, paint: Paint) {
    for edit in fields {
        let at = edit.after_place.as_ref().map(|at| format!("  :{}", at.line)).unwrap_or_default();
        let number = words::position(edit).map(|position| format!("  {position}")).unwrap_or_default();
        let place = paint.faint(&format!("{number}{at}"));
        let _ = writeln!(out, "{indent}{}{place}", plain::line(&edit.path));
        for line in words::edit(edit) {
            let painted = match line.as_bytes().first() {
                Some(b'+') => paint.good(&line),
                Some(b'-') => paint.bad(&line),
                _ => line,
            };
            let _ = writeln!(out, "{indent}  {painted}");
        }
    }
}

fn place(place: Option<&Place>, prefix: &str) -> String {
    place.map_or_else(String::new, |place| {
        plain::line(&format!("{prefix}{}:{}", place.file, place.line)).into_owned()
    })
}
