//! The status of an approval for people: the verdict first, then every stage, then what does not count.

use std::fmt::Write as _;

use super::{
    view::{Approval, Stage, View},
    words,
};
use crate::{
    decide::approval::outcome::State,
    report::{
        Style,
        decision::human::{local, names, push_limit},
        paint::Paint,
        plain,
        summary::plural,
    },
};

/// More events than this are counted.
const MOST_EVENTS: usize = 50;

/// Writes how far an approval has come.
#[must_use]
pub fn render(view: &View, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let state = words::state(view.of);
    let painted = match view.of {
        State::Approved => paint.good(state),
        State::Pending => paint.open(state),
        _ => paint.bad(state),
    };
    let _ = writeln!(out, "{painted}{}", subject(view));
    let _ = writeln!(out, "  {}", since(view));
    for reason in &view.reasons {
        let place = reason.place.as_ref().map(|place| format!("  {}", paint.faint(place)));
        let _ = writeln!(out, "  {}{}", plain::line(&reason.text), place.unwrap_or_default());
    }
    if let Some(by) = &view.decided_by {
        let _ = writeln!(out, "  {}  {}", by.what, paint.faint(&format!("{} {}", view.unit, by.line)));
    }
    if view.of == State::Pending && view.stage.is_none() && !view.missing.is_empty() {
        let _ = writeln!(out, "  everybody agreed; missing is still: {}", view.missing.join(", "));
    }
    push_given(&mut out, view, paint);
    if !view.stages.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("stages"));
    }
    for (index, stage) in view.stages.iter().enumerate() {
        push_stage(&mut out, index + 1, stage, view, paint);
    }
    push_ignored(&mut out, view, paint);
    out
}

fn subject(view: &View) -> String {
    let mut text = String::new();
    match view.asks_for.as_slice() {
        [] => {}
        names if names.len() <= 3 => {
            let _ = write!(text, ": {}", names.join(", "));
        }
        names => {
            let _ = write!(text, ": {}", plural(names.len(), "entitlement"));
        }
    }
    if let Some(somebody) = &view.beneficiary {
        let _ = write!(text, " for {}", plain::line(&somebody.name));
    }
    text
}

fn since(view: &View) -> String {
    let at = local(view.since.0, &view.zone);
    match view.of {
        State::Pending if view.since == view.made => format!("made {at}"),
        State::Pending => format!("made {}, widened {at}", local(view.made.0, &view.zone)),
        State::TimedOut => format!("nobody decided until {at}"),
        _ => format!("since {at}"),
    }
}

/// Writes what is given and until when, with everything that limits it by what is asked for now.
fn push_given(out: &mut String, view: &View, paint: Paint) {
    if view.given.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("what is given"));
    for given in &view.given {
        let _ = match (&given.lasts, given.ends) {
            (Some(lasts), Some(end)) => {
                writeln!(out, "  {} for {lasts}, ends {}", given.entitlement, local(end.0, &view.zone))
            }
            _ => writeln!(out, "  {} has no end", given.entitlement),
        };
        for limit in &given.limits {
            push_limit(out, limit, paint);
        }
    }
}

fn push_stage(out: &mut String, number: usize, stage: &Stage, view: &View, paint: Paint) {
    let name =
        stage.name.as_deref().map_or_else(|| stage.stage.clone(), |name| plain::line(name).into_owned());
    let _ = writeln!(out, "  {number}. {name}  {}", paint.faint(&stage.stage));
    let have = stage.approved_by.len();
    let progress = match stage.state {
        "satisfied" => {
            let at = stage.satisfied.map(|at| local(at.0, &view.zone)).unwrap_or_default();
            format!("{}, {at}", paint.good("satisfied"))
        }
        _ if view.of != State::Pending => format!("not satisfied, {have} of {}", stage.needed),
        "open" => format!("{}, {have} of {}", paint.open("open"), stage.needed),
        _ => format!("waits for those before it, {have} of {}", stage.needed),
    };
    let _ = writeln!(out, "     {progress}");
    for approval in &stage.approved_by {
        push_approval(out, approval, view, paint);
    }
    if !stage.missing.is_empty() && view.of == State::Pending {
        let _ = writeln!(out, "     missing before it is satisfied: {}", stage.missing.join(", "));
    }
    if let Some(at) = stage.escalated {
        let _ = writeln!(out, "     time was up, so more people are asked since {}", local(at.0, &view.zone));
    }
    if stage.fallback {
        let text = "they stand in: nobody of those who are named can act";
        let _ = writeln!(out, "     {}", paint.faint(text));
    }
    if view.of != State::Pending {
        return;
    }
    if stage.state == "satisfied" {
        if !stage.can_act.is_empty() {
            let text = "can approve as well, so that somebody who did counts for the stage that waits";
            let _ = writeln!(out, "     {text}: {}", names(&stage.can_act, paint));
        }
        return;
    }
    let until = match (stage.due, stage.escalated) {
        (Some(due), None) => {
            let then = match stage.on_timeout {
                "deny" => "; after that it is denied",
                "escalate" => "; after that more people are asked",
                _ => "; after that it stays open",
            };
            format!(" until {}{then}", local(due.0, &view.zone))
        }
        _ => String::new(),
    };
    let _ = writeln!(out, "     can approve: {}{until}", names(&stage.can_act, paint));
    for delegate in &stage.delegates {
        let (name, delegator) = (plain::line(&delegate.person.name), &delegate.on_behalf_of.name);
        let until = local(delegate.until.0, &view.zone);
        let _ = writeln!(
            out,
            "     {} on behalf of {}, before {until}",
            paint.name(&name),
            plain::line(delegator)
        );
    }
}

fn push_approval(out: &mut String, approval: &Approval, view: &View, paint: Paint) {
    let delegate = approval.delegate.as_ref().map(|delegate| format!(", by {}", plain::line(&delegate.name)));
    let place = format!("{} {}", view.unit, approval.line);
    let _ = writeln!(
        out,
        "     {}{}, {}  {}",
        paint.name(&plain::line(&approval.person.name)),
        delegate.unwrap_or_default(),
        local(approval.at.0, &view.zone),
        paint.faint(&place)
    );
}

fn push_ignored(out: &mut String, view: &View, paint: Paint) {
    if view.not_counted.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("not counted"));
    for ignored in view.not_counted.iter().take(MOST_EVENTS) {
        let place = paint.faint(&format!("{} {}", view.unit, ignored.event.line));
        let _ = writeln!(out, "  {place}  {}: {}", ignored.event.what, ignored.text);
    }
    let more = view.not_counted.len().saturating_sub(MOST_EVENTS);
    if more > 0 {
        let _ = writeln!(out, "  and {}; `--format json` lists all of them", plural(more, "more event"));
    }
}
