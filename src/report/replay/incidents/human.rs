//! What a replay of tickets found, for people: how many targets were not kept, with pauses and without.

use std::fmt::Write as _;

use super::view::{Against, Figures, Recorded, Report, Took};
use crate::report::{
    Style,
    paint::Paint,
    plain,
    replay::{
        shared::{ReadFrom, Threshold},
        table::{Table, business, number, percent},
    },
};

/// Writes the report.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let opened = match (&report.first, &report.last) {
        (Some(first), Some(last)) => format!("opened from {first} to {last}"),
        _ => String::new(),
    };
    let heading = paint.heading(&format!("{} tickets", number(report.tickets)));
    let rows = paint.faint(&format!("in {} rows, {opened}", number(report.rows)));
    let _ = writeln!(out, "{heading}  {rows}");
    ReadFrom::push_all(&report.columns, &mut out, paint);
    push_remarks(&mut out, report, paint);
    push_targets(&mut out, report, paint);
    push_examples(&mut out, report, paint);
    if let Some(recorded) = &report.recorded {
        push_recorded(&mut out, recorded, paint);
    }
    if let Some(against) = &report.against {
        push_against(&mut out, against, paint);
    }
    report.rejects.push(&mut out, report.rows, paint);
    Threshold::push_all(&report.thresholds, &mut out, paint);
    out
}

fn push_remarks(out: &mut String, report: &Report, paint: Paint) {
    let remarks = [
        (report.out_of_order, "had their rows in another order than their instants; they were put in order"),
        (
            report.before_opening,
            "say that something happened before they were opened; it counts as their opening",
        ),
        (report.nothing_promised, "have a priority at which nothing is promised"),
    ];
    for (count, words) in remarks.into_iter().filter(|(count, _)| *count > 0) {
        let _ = writeln!(out, "{}", paint.faint(&format!("{} {words}", number(count))));
    }
}

fn push_targets(out: &mut String, report: &Report, paint: Paint) {
    let _ = writeln!(out, "\n{}", paint.heading("targets that were not kept"));
    let mut table = Table::default();
    let paused = if report.all.breached_without_pauses.is_some() { "if nothing paused" } else { "" };
    let heading = ["", "finished", "breached", "", paused, "", "half within", "nine of ten"];
    table.add(heading.map(str::to_owned));
    for target in &report.targets {
        let tier = target.tier.as_ref().map(|tier| format!("tier/{tier} ")).unwrap_or_default();
        let name = format!("{tier}sla/{} {} {}", target.sla, target.priority, target.target);
        table.add(row(name, &target.figures));
    }
    if report.targets.len() > 1 {
        table.add(row("all".to_owned(), &report.all));
    }
    for line in table.lines(false) {
        out.push_str(&line);
        out.push('\n');
    }
    if report.all.open > 0 {
        let words = format!(
            "clocks that have not stopped: {}, of which the time is up for {} as of {}",
            number(report.all.open),
            number(report.all.open_breached),
            report.as_of
        );
        let _ = writeln!(out, "  {}", paint.faint(&words));
    }
}

fn row(name: String, figures: &Figures) -> Vec<String> {
    let took = |taken: Option<i64>| taken.map(business).unwrap_or_default();
    vec![
        name,
        number(figures.finished),
        number(figures.breached),
        percent(figures.breached, figures.finished),
        figures.breached_without_pauses.map(number).unwrap_or_default(),
        figures.breached_without_pauses.map(|count| percent(count, figures.finished)).unwrap_or_default(),
        took(figures.median),
        took(figures.ninety),
    ]
}

fn push_examples(out: &mut String, report: &Report, paint: Paint) {
    let examples = report.targets.iter().filter_map(|target| Some((target, target.examples.first()?)));
    let mut examples = examples.peekable();
    if examples.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("the first of each"));
    for (target, example) in examples {
        let of = |seconds: i64| business(seconds / 60);
        let _ = writeln!(
            out,
            "  {} {}  {} {}: {} of {} business time",
            paint.faint(&format!("row {}", number(example.row))),
            paint.name(&plain::short(&example.ticket)),
            target.priority,
            target.target,
            of(example.seconds),
            of(example.target_seconds)
        );
    }
}

fn push_recorded(out: &mut String, recorded: &Recorded, paint: Paint) {
    let _ = writeln!(out, "\n{}", paint.heading("beside what the file says about solving them"));
    let mut table = Table::default();
    table.add(["", "recorded as met", "recorded as breached"].map(str::to_owned));
    let line = |name: &str, met: u64, breached: u64| [name.to_owned(), number(met), number(breached)];
    table.add(line("met", recorded.met_and_met, recorded.met_and_recorded_breached));
    table.add(line("breached", recorded.breached_and_recorded_met, recorded.breached_and_breached));
    for line in table.lines(false) {
        out.push_str(&line);
        out.push('\n');
    }
}

fn push_against(out: &mut String, against: &Against, paint: Paint) {
    let heading = format!("against {}", plain::line(&against.rulebook));
    let counts = format!("{} alike, {} otherwise", number(against.same), number(against.flips));
    let _ = writeln!(out, "\n{}  {}", paint.heading(&heading), paint.faint(&counts));
    let mut table = Table::default();
    for change in &against.changes {
        let (before, after) = (words(change.before), words(change.after));
        table.add([format!("{}: {before} → {after}", change.target), number(change.count)]);
    }
    for (line, change) in table.lines(false).into_iter().zip(&against.changes) {
        let is_worse = change.after.ends_with("breached");
        let _ = writeln!(out, "{}", if is_worse { paint.bad(&line) } else { line });
        for flip in &change.first {
            let _ = writeln!(
                out,
                "    {} {}  {} → {} business time",
                paint.faint(&format!("row {}", number(flip.row))),
                paint.name(&plain::short(&flip.ticket)),
                took(flip.before),
                took(flip.after)
            );
        }
    }
}

fn took(took: Option<Took>) -> String {
    let of = |seconds: i64| business(seconds / 60);
    took.map_or_else(
        || "none".to_owned(),
        |took| format!("{} of {}", of(took.seconds), of(took.target_seconds)),
    )
}

/// What became of a target, as people say it.
fn words(state: &str) -> &str {
    match state {
        "open-breached" => "open and late",
        "not-promised" => "not promised",
        "unknown" => "cannot be worked out",
        state => state,
    }
}
