//! What a change does to promises, for a person at a terminal.

use std::fmt::Write as _;

use super::{
    view::{CaseView, View},
    words,
};
use crate::{
    impact::commitments::Direction,
    report::{paint::Paint, plain, summary::plural},
};

/// How many objects are named before the rest is counted.
const MOST: usize = 4;
/// How many incidents are shown of a case.
pub(super) const MOST_TICKETS: usize = 3;
/// How many cases are shown before the rest is counted.
const MOST_CASES: usize = 40;

/// The promises for a person at a terminal, in lines of at most `width` columns.
#[must_use]
pub fn human(view: &View, paint: Paint, width: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", paint.heading("commitments"));
    if view.is_empty() {
        let _ = writeln!(out, "  {}", unchanged(view));
        return out;
    }
    let _ = writeln!(out, "  {}", summary(view));
    let _ = writeln!(out, "  {}", paint.faint(&period(view)));
    let told = view.told();
    for case in told.iter().take(MOST_CASES) {
        out.push('\n');
        self::case(case, paint, width, &mut out);
    }
    let cut = told.len().saturating_sub(MOST_CASES);
    if cut > 0 {
        let _ = writeln!(out, "\n  and {}: `--format json` has all of them", plural(cut, "more case"));
    }
    for unknown in &view.unknown {
        let what = words::subjects(&unknown.subjects, MOST, |id| format!("`{id}`"));
        let _ = writeln!(
            out,
            "\n  {} {}: {}",
            paint.bad("not compared:"),
            plain::line(&what),
            plain::line(&unknown.why)
        );
        let acknowledged = if unknown.acknowledged { " (acknowledged)" } else { "" };
        let _ = writeln!(out, "    {} {}{acknowledged}", paint.faint("id     "), unknown.fingerprint);
    }
    out
}

/// What is said when nothing changes.
pub(super) fn unchanged(view: &View) -> String {
    let all = plural(view.compared, "service and request type").replace("service and", "services and");
    format!("what is promised about {all} is as before")
}

/// How many cases go which way, in words.
pub(super) fn summary(view: &View) -> String {
    let told = view.told();
    let count = |way: Direction| told.iter().filter(|case| case.way() == way).count();
    let mut parts = Vec::new();
    for (count, one, many) in [
        (count(Direction::Weaker), "weakens a promise", "weaken a promise"),
        (
            count(Direction::Mixed),
            "weakens a promise for some and strengthens it for others",
            "weaken a promise for some and strengthen it for others",
        ),
        (count(Direction::Stronger), "strengthens a promise", "strengthen a promise"),
        (count(Direction::Neutral), "does neither", "do neither"),
    ] {
        match count {
            0 => {}
            1 => parts.push(format!("1 change {one}")),
            several => parts.push(format!("{several} changes {many}")),
        }
    }
    if parts.is_empty() { "nothing that could be compared differs".to_owned() } else { parts.join(", ") }
}

/// The period in words.
pub(super) fn period(view: &View) -> String {
    format!("for every second at which a ticket can start, from {} to {}", view.from, view.to)
}

/// What a case is about, in a few words.
#[must_use]
pub fn title(case: &CaseView) -> String {
    words::subjects(&case.subjects, MOST, str::to_owned)
}

fn case(case: &CaseView, paint: Paint, width: usize, out: &mut String) {
    let way = match case.way() {
        Direction::Weaker => paint.bad(case.direction),
        Direction::Mixed => paint.open(case.direction),
        Direction::Stronger => paint.good(case.direction),
        Direction::Neutral => paint.heading(case.direction),
    };
    let _ = writeln!(out, "  {way}  {}", paint.name(&plain::line(&title(case))));
    let mut field = |name: &str, text: &str| {
        let label = format!("    {name:<8}");
        let indent = " ".repeat(label.len());
        let wrapped = plain::wrap(&plain::line(text), width.saturating_sub(label.len()).max(30));
        let _ = writeln!(out, "{}{}", paint.faint(&label), wrapped.replace('\n', &format!("\n{indent}")));
    };
    for change in &case.changes {
        field("change", change);
    }
    for because in &case.because {
        field("because", because);
    }
    if let Some(when) = &case.when {
        field("when", when);
    }
    for example in &case.examples {
        field("example", &example.says);
        if example.command_before == example.command_after {
            field("try", &example.command_after);
        } else {
            field("before", &example.command_before);
            field("after", &example.command_after);
        }
    }
    for ticket in case.tickets.iter().take(MOST_TICKETS) {
        field("try", &ticket.command);
    }
    let acknowledged = if case.acknowledged { " (acknowledged)" } else { "" };
    field("id", &format!("{}{acknowledged}", case.fingerprint));
}
