//! What a replay of requests found, for people: the verdicts first, then what differs, then who has how much to do.

use std::fmt::Write as _;

use super::view::{Against, Changed, Comparison, Counts, Found, Report, Short};
use crate::{
    model::scenario::Verdict,
    report::{
        Style,
        decision::words,
        paint::Paint,
        plain,
        replay::{
            shared::{ReadFrom, Threshold},
            table::{Table, minutes, number, percent},
        },
    },
};

/// Writes the report. Of long lists, the first `most` lines are shown; 0 for all.
#[must_use]
pub fn render(report: &Report, most: usize, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let most = if most == 0 { usize::MAX } else { most };
    let mut out = String::new();
    push_head(&mut out, report, paint);
    push_verdicts(&mut out, &report.verdicts, paint);
    if let Some(recorded) = &report.recorded {
        push_recorded(&mut out, recorded, paint);
    }
    if let Some(against) = &report.against {
        push_against(&mut out, against, paint);
    }
    if !report.denials.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("why requests are denied"));
        let mut table = Table::default();
        for denial in &report.denials {
            table.add([denial.name.clone(), number(denial.count)]);
        }
        push_lines(&mut out, table.lines(false));
    }
    if report.undecidable.count > 0 {
        let words = "the rulebook cannot decide, so it denies";
        push_found(&mut out, words, &report.undecidable, paint);
    }
    push_services(&mut out, report, most, paint);
    push_rules(&mut out, report, paint);
    push_load(&mut out, report, most, paint);
    report.rejects.push(&mut out, report.rows, paint);
    Threshold::push_all(&report.thresholds, &mut out, paint);
    out
}

fn push_head(out: &mut String, report: &Report, paint: Paint) {
    let period = &report.period;
    let made = match (&period.first, &period.last) {
        (Some(first), Some(last)) => format!("made from {first} to {last}"),
        _ => String::new(),
    };
    let undated = match period.undated {
        0 => String::new(),
        count if count == report.decided => format!("decided as of {}", period.as_of),
        count => format!(", {} of them decided as of {}", number(count), period.as_of),
    };
    let count = paint.heading(&format!("{} requests", number(report.decided)));
    let _ = writeln!(out, "{count}  {}", paint.faint(&format!("{made}{undated}")));
    if report.learned > 0 {
        let words = format!("after {} that were only learned from", number(report.learned));
        let _ = writeln!(out, "{}", paint.faint(&words));
    }
    ReadFrom::push_all(&report.columns, out, paint);
}

const VERDICTS: [Verdict; 4] = [Verdict::Approved, Verdict::NeedsApproval, Verdict::Denied, Verdict::Invalid];

/// A verdict, as it is said of many.
fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "approved by rule",
        other => words::verdict(other),
    }
}

fn push_verdicts(out: &mut String, counts: &Counts, paint: Paint) {
    let _ = writeln!(out, "\n{}", paint.heading("decided"));
    let mut table = Table::default();
    for one in VERDICTS {
        if one != Verdict::Invalid || counts.invalid > 0 {
            let count = counts.of(one);
            table.add([verdict(one).to_owned(), number(count), percent(count, counts.all())]);
        }
    }
    push_lines(out, table.lines(false));
}

fn push_recorded(out: &mut String, recorded: &Comparison, paint: Paint) {
    let _ = writeln!(
        out,
        "\n{}  {}",
        paint.heading("beside what was decided at the time"),
        paint.faint(&format!("which {} rows say", number(recorded.rows)))
    );
    let mut table = Table::default();
    table.add(["", "approved", "denied"].map(str::to_owned));
    for one in VERDICTS {
        let (approved, denied) = (recorded.approved.of(one), recorded.denied.of(one));
        if one != Verdict::Invalid || approved + denied > 0 {
            table.add([verdict(one).to_owned(), number(approved), number(denied)]);
        }
    }
    push_lines(out, table.lines(false));
    let automatic = recorded.approved.approved + recorded.denied.approved;
    let wrong = &recorded.wrong_approvals;
    let rate = format!(
        "approved by rule and had been denied, {} of those approved by rule",
        percent(wrong.count, automatic)
    );
    push_found(out, &rate, wrong, paint);
    push_found(out, "denied and had been approved", &recorded.wrong_denials, paint);
}

fn push_found(out: &mut String, what: &str, found: &Found, paint: Paint) {
    if found.count == 0 {
        return;
    }
    let _ = writeln!(out, "  {} {what}", paint.bad(&number(found.count)));
    for witness in &found.first {
        push_row(out, witness.row, witness.id.as_deref(), &because(&witness.decision), paint);
    }
}

fn push_row(out: &mut String, row: u64, id: Option<&str>, what: &str, paint: Paint) {
    let id = id.map(|id| format!(" {}", plain::short(id))).unwrap_or_default();
    let _ = writeln!(
        out,
        "    {}{}  {}",
        paint.faint(&format!("row {}", number(row))),
        paint.name(&id),
        plain::short(what)
    );
}

/// Why something was decided: the reasons of a denial, else the rules.
fn because(decision: &Short) -> String {
    let all = if decision.reasons.is_empty() { &decision.rules } else { &decision.reasons };
    all.join(", ")
}

/// What two decisions come to, and why where that differs as well.
fn differing(before: &Short, after: &Short) -> (String, String) {
    let why = [before, after].map(because);
    if before.outcome.is_empty() && after.outcome.is_empty() {
        let [before, after] = why;
        return (before, after);
    }
    let same = why.first() == why.last();
    let [one, other] = [before, after].map(|decision| {
        let outcome = match decision.outcome.as_slice() {
            [] => "nothing".to_owned(),
            all => all.join("; "),
        };
        let of = because(decision);
        if same || of.is_empty() { outcome } else { format!("{outcome} ({of})") }
    });
    (one, other)
}

fn push_against(out: &mut String, against: &Against, paint: Paint) {
    let heading = format!("against {}", plain::line(&against.rulebook));
    let _ = writeln!(
        out,
        "\n{}  {}",
        paint.heading(&heading),
        paint.faint(&format!("{} alike, {} otherwise", number(against.same), number(against.flips)))
    );
    let mut table = Table::default();
    for change in &against.changes {
        table.add([changed(change), number(change.count)]);
    }
    for (line, change) in table.lines(false).into_iter().zip(&against.changes) {
        let is_new = change.after == Some(Verdict::Approved);
        let _ = writeln!(out, "{}", if is_new { paint.bad(&line) } else { line });
        for flip in &change.first {
            let (before, after) = differing(&flip.before, &flip.after);
            push_row(out, flip.row, flip.id.as_deref(), &format!("{before} → {after}"), paint);
        }
    }
}

fn changed(change: &Changed) -> String {
    match (change.before, change.after, change.what.as_str()) {
        (Some(before), Some(after), _) => format!("{} → {}", verdict(before), verdict(after)),
        (_, _, "people") => "others have to agree".to_owned(),
        (_, _, "evidence") => "something else has to be brought".to_owned(),
        (_, _, "provisioning") => "something else is given, or in another way".to_owned(),
        _ => "the access ends at another time".to_owned(),
    }
}

fn push_services(out: &mut String, report: &Report, most: usize, paint: Paint) {
    if report.services.len() < 2 {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("by service"));
    let mut table = Table::default();
    table.add(["", "requests", "by rule", "asked", "denied"].map(str::to_owned));
    for service in report.services.iter().take(most) {
        let counts = &service.verdicts;
        let all = counts.all();
        table.add([
            service.service.clone(),
            number(all),
            percent(counts.approved, all),
            percent(counts.needs_approval, all),
            percent(counts.denied, all),
        ]);
    }
    push_lines(out, table.lines(false));
    push_more(out, report.services.len(), most, paint);
}

fn push_rules(out: &mut String, report: &Report, paint: Paint) {
    if report.rules.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("what each rule did"));
    let mut table = Table::default();
    table.add(["", "looked at", "matched", "decided", ""].map(str::to_owned));
    let (used, unused): (Vec<_>, Vec<_>) = report.rules.iter().partition(|rule| rule.matched > 0);
    for rule in used {
        let waived = if rule.waived > 0 { format!("waived {}", number(rule.waived)) } else { String::new() };
        let (looked, matched) = (number(rule.considered), number(rule.matched));
        table.add([rule.rule.clone(), looked, matched, number(rule.decided.all()), waived]);
    }
    push_lines(out, table.lines(true));
    if !unused.is_empty() {
        let names: Vec<&str> = unused.iter().map(|rule| rule.rule.as_str()).collect();
        let _ = writeln!(out, "  {}", paint.faint(&format!("never matched: {}", names.join(", "))));
    }
}

fn push_load(out: &mut String, report: &Report, most: usize, paint: Paint) {
    if report.stages.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("stages that are asked"));
    let mut table = Table::default();
    for stage in report.stages.iter().take(most) {
        let stand_in = match stage.fallback {
            0 => String::new(),
            count => format!("{} by people who stand in", number(count)),
        };
        table.add([stage.stage.clone(), number(stage.asked), stand_in]);
    }
    push_lines(out, table.lines(true));
    push_more(out, report.stages.len(), most, paint);
    let _ = writeln!(out, "\n{}", paint.heading("people who are asked"));
    let mut table = Table::default();
    table.add(["", "asked", "alone", "expected"].map(str::to_owned));
    for approver in report.approvers.iter().take(most) {
        let expected = number((approver.share + 500) / 1_000);
        table.add([approver.person.clone(), number(approver.asked), number(approver.alone), expected]);
    }
    push_lines(out, table.lines(false));
    push_more(out, report.approvers.len(), most, paint);
    let latency = &report.latency;
    if let (Some(median), Some(ninety), Some(longest)) = (latency.median, latency.ninety, latency.longest) {
        let heading = "until everybody agreed, when each stage takes all of its time";
        let _ = writeln!(out, "\n{}", paint.heading(heading));
        let _ = writeln!(
            out,
            "  half within {}, nine of ten within {}, all within {}",
            minutes(median),
            minutes(ninety),
            minutes(longest)
        );
    }
    if latency.unlimited > 0 {
        let _ = writeln!(out, "  {} wait for a stage without a limit", number(latency.unlimited));
    }
}

fn push_more(out: &mut String, all: usize, most: usize, paint: Paint) {
    let more = all.saturating_sub(most);
    if more > 0 {
        let _ = writeln!(out, "  {}", paint.faint(&format!("and {more} more: `--top 0` shows all")));
    }
}

fn push_lines(out: &mut String, lines: Vec<String>) {
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
}
