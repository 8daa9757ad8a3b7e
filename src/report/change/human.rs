//! A decision about a change for people: the verdict first, then who has to agree, the time, what to bring, and why.

use std::fmt::Write as _;

use super::{
    view::{Deadline, View},
    words,
};
use crate::{
    model::change::ChangeVerdict,
    report::{
        Style,
        decision::human::{local, push_because, push_brought, push_reasons, push_rules, push_stage},
        paint::Paint,
        plain,
    },
};

/// Writes a decision about a change. With `whole_trace`, what did not match is written too.
#[must_use]
pub fn render(view: &View, whole_trace: bool, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let verdict = words::verdict(view.verdict);
    let painted = match view.verdict {
        ChangeVerdict::Authorised => paint.good(verdict),
        ChangeVerdict::NeedsApproval => paint.open(verdict),
        ChangeVerdict::Denied | ChangeVerdict::Invalid => paint.bad(verdict),
    };
    let _ = writeln!(out, "{painted}{}", subject(view));
    push_reasons(&mut out, &view.reasons, paint);
    push_reasons(&mut out, &view.remarks, paint);
    if view.verdict == ChangeVerdict::Invalid {
        return out;
    }
    if !view.stages.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("who has to agree"));
        for (index, stage) in view.stages.iter().enumerate() {
            push_stage(&mut out, index + 1, stage, &view.zone, paint);
            push_because(&mut out, stage, paint);
        }
        if let Some(start) = view.agree_before {
            let start = local(start.0, &view.zone);
            let _ = writeln!(out, "  all of it {} {start}, when the change begins", paint.open("before"));
        }
    }
    push_time(&mut out, view, paint);
    push_brought(&mut out, &view.obligations, paint);
    if !view.conflicts.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("what gets in the way"));
        for conflict in &view.conflicts {
            let text = words::conflict(conflict.kind, &conflict.with);
            let (start, end) = (local(conflict.start.0, &view.zone), local(conflict.end.0, &view.zone));
            let when = paint.faint(&format!("from {start} to {end}"));
            let _ =
                writeln!(out, "  {} {}  {when}", paint.open(&plain::line(&conflict.id)), plain::line(&text));
        }
    }
    if let Some(review) = &view.review {
        let _ = writeln!(out, "\n{}", paint.heading("afterwards"));
        let by = review.instant.map_or("never".to_owned(), |by| local(by.0, &view.zone));
        let _ = writeln!(out, "  somebody looks back on it by {by}  {}", paint.faint(&within(review)));
    }
    push_trace(&mut out, view, whole_trace, paint);
    out
}

/// What the change is, after the verdict.
fn subject(view: &View) -> String {
    let what = view.configuration_item.as_deref().or(view.service.as_deref());
    let what = what.map(|what| format!(" of {what}")).unwrap_or_default();
    let risk = view.risk.map(|risk| format!(", {risk} risk")).unwrap_or_default();
    format!(": {} change{what}{risk}", view.change_type)
}

fn push_time(out: &mut String, view: &View, paint: Paint) {
    let _ = writeln!(out, "\n{}", paint.heading("when"));
    let (start, end) = (local(view.start.0, &view.zone), local(view.end.0, &view.zone));
    let _ = writeln!(out, "  from {start} to {end}");
    if let Some(window) = &view.window {
        let state = if window.inside { paint.good("inside") } else { paint.bad("outside") };
        let of = format!("calendar:{}  {}", window.calendar, window.place);
        let _ = writeln!(out, "  {state} the maintenance window  {}", paint.faint(&of));
    }
    for freeze in &view.freezes {
        let name = plain::line(&freeze.name);
        let _ = writeln!(out, "  {} {name}  {}", paint.bad("in the freeze"), paint.faint(&freeze.place));
    }
    if let Some(lead) = &view.lead_time {
        let earliest = lead.instant.map_or("never".to_owned(), |earliest| local(earliest.0, &view.zone));
        let _ = writeln!(out, "  at the earliest {earliest}  {}", paint.faint(&within(lead)));
    }
}

fn within(deadline: &Deadline) -> String {
    let of = deadline.calendar.as_deref().map(|calendar| format!(" of calendar:{calendar}"));
    format!("{}{}  {}", deadline.within, of.unwrap_or_default(), deadline.place)
}

fn push_trace(out: &mut String, view: &View, whole: bool, paint: Paint) {
    if view.trace.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("why"));
    push_reasons(out, &view.remarks, paint);
    push_rules(out, &view.trace, whole, paint);
    if view.risk.is_some() && view.risk_rule.is_none() {
        let _ = writeln!(out, "  no rule gives the risk: it is the highest");
    }
}
