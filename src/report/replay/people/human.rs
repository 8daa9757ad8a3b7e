//! What a replay of joiners, movers and leavers found, for people.

use std::fmt::Write as _;

use super::view::{Against, Counts, Membership, Report};
use crate::report::{
    Style,
    paint::Paint,
    plain,
    replay::{
        shared::{ReadFrom, Threshold},
        table::{Table, number},
    },
};

/// Writes the report. Of long lists, the first `most` lines are shown; 0 for all.
#[must_use]
pub fn render(report: &Report, most: usize, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let most = if most == 0 { usize::MAX } else { most };
    let mut out = String::new();
    let period = match (&report.first, &report.last) {
        (Some(first), Some(last)) => format!("from {first} to {last}"),
        _ => String::new(),
    };
    let events = &report.events;
    let all = events.joiners + events.movers + events.leavers + events.others;
    let _ = writeln!(out, "{}  {}", paint.heading(&format!("{} events", number(all))), paint.faint(&period));
    ReadFrom::push_all(&report.columns, &mut out, paint);
    if let Some(count) = report.out_of_order.filter(|count| *count > 0) {
        let words = format!("{} rows say an earlier instant than one before them", number(count));
        let _ = writeln!(out, "{}", paint.faint(&words));
    }
    let mut table = Table::default();
    table.add(["", "joiners", "movers", "leavers"].map(str::to_owned));
    let row = |name: String, counts: &Counts| {
        [name, number(counts.joiners), number(counts.movers), number(counts.leavers)]
    };
    for year in &report.years {
        table.add(row(year.year.to_string(), &year.events));
    }
    table.add(row("all".to_owned(), events));
    let _ = writeln!(out, "\n{}", paint.heading("who came, changed and went"));
    push(&mut out, &table);
    let memberships = report.memberships.map(|count| format!(" with {} memberships of teams", number(count)));
    let _ = writeln!(out, "  at the end {} people{}", number(report.people), memberships.unwrap_or_default());
    if !report.bundles.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("what bundles would have given and taken"));
        let mut table = Table::default();
        table.add(["", "given", "taken", "held at the end"].map(str::to_owned));
        for bundle in &report.bundles {
            table.add([
                bundle.bundle.clone(),
                number(bundle.given),
                number(bundle.taken),
                number(bundle.held),
            ]);
        }
        push(&mut out, &table);
    }
    if let Some(teams) = &report.teams {
        let _ = writeln!(out, "\n{}", paint.heading("beside the teams of the rulebook"));
        if teams.differences == 0 {
            let _ = writeln!(out, "  {}", paint.good("the events end in exactly these teams"));
        }
        push_differences(&mut out, "only in the events", &teams.only_in_events, most, paint);
        push_differences(&mut out, "only in the rulebook", &teams.only_in_rulebook, most, paint);
    }
    if let Some(against) = &report.against {
        push_against(&mut out, against, most, paint);
    }
    report.rejects.push(&mut out, report.rows, paint);
    Threshold::push_all(&report.thresholds, &mut out, paint);
    out
}

fn push(out: &mut String, table: &Table) {
    for line in table.lines(false) {
        out.push_str(&line);
        out.push('\n');
    }
}

fn push_differences(out: &mut String, what: &str, all: &[Membership], most: usize, paint: Paint) {
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {} {what}", paint.bad(&number(all.len() as u64)));
    for one in all.iter().take(most) {
        let _ = writeln!(out, "    {} in team:{}", paint.name(&one.person), one.team);
    }
    let more = all.len().saturating_sub(most);
    if more > 0 {
        let _ = writeln!(out, "    {}", paint.faint(&format!("and {more} more: `--top 0` shows all")));
    }
}

fn push_against(out: &mut String, against: &Against, most: usize, paint: Paint) {
    let heading = format!("against {}", plain::line(&against.rulebook));
    let counts = format!("{} events alike, {} otherwise", number(against.same), number(against.flips));
    let _ = writeln!(out, "\n{}  {}", paint.heading(&heading), paint.faint(&counts));
    let mut table = Table::default();
    for change in &against.changes {
        let words = match (change.what, change.by) {
            ("given", "now") => "is given, and was not",
            ("given", _) => "is not given, and was",
            (_, "now") => "is taken, and was not",
            _ => "is not taken, and was",
        };
        table.add([format!("{} {words}", change.entitlement), number(change.count)]);
    }
    for (line, change) in table.lines(false).into_iter().zip(&against.changes).take(most) {
        let is_more = (change.what == "given") == (change.by == "now");
        let _ = writeln!(out, "{}", if is_more { paint.bad(&line) } else { line });
        for event in &change.first {
            let row = paint.faint(&format!("row {}", number(event.row)));
            let _ = writeln!(out, "    {row} {}", paint.name(&event.person));
        }
    }
    let more = against.changes.len().saturating_sub(most);
    if more > 0 {
        let _ = writeln!(out, "  {}", paint.faint(&format!("and {more} more: `--top 0` shows all")));
    }
}
