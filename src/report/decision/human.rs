//! A decision for people: the verdict first, then who can act, what is given, what to bring, and why.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    delivery,
    effect::Limit,
    view::{Asked, Bring, Reason, Rule, Somebody, Stage, Test, View},
    words,
};
use crate::{
    model::scenario::Verdict,
    report::{Style, paint::Paint, plain, summary::plural},
};

/// More names than this are counted.
const MOST_NAMES: usize = 8;

/// Writes a decision. With `whole_trace`, the rules that did not match are written too.
#[must_use]
pub fn render(view: &View, whole_trace: bool, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let verdict = words::verdict(view.verdict);
    let painted = match view.verdict {
        Verdict::Approved => paint.good(verdict),
        Verdict::NeedsApproval => paint.open(verdict),
        Verdict::Denied | Verdict::Invalid => paint.bad(verdict),
    };
    let _ = writeln!(out, "{painted}{}", subject(view));
    push_reasons(&mut out, &view.reasons, paint);
    if let Some(of) = &view.delivery {
        delivery::push_classified(&mut out, of, paint);
    }
    if !view.stages.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("who has to agree"));
        for (index, stage) in view.stages.iter().enumerate() {
            push_stage(&mut out, index + 1, stage, &view.zone, paint);
            if !stage.about.is_empty() && view.asks_for.len() > 1 {
                let _ = writeln!(out, "     {}", paint.faint(&format!("about {}", stage.about.join(", "))));
            }
            push_because(&mut out, stage, paint);
        }
    }
    if view.verdict == Verdict::Approved || view.verdict == Verdict::NeedsApproval {
        if !view.items.is_empty() {
            let _ = writeln!(out, "\n{}", paint.heading("what is given"));
        }
        for item in &view.items {
            push_item(&mut out, item, view, paint);
        }
        push_brought(&mut out, &view.obligations, paint);
        if let Some(of) = &view.delivery {
            delivery::push(&mut out, of, view, paint);
        }
    }
    for waiver in &view.exceptions {
        let end = waiver.expires.as_deref().map(|date| format!(" until {date}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "\n{} exception:{} waives {}{end}  {}",
            paint.open("with an exception:"),
            waiver.exception,
            waiver.rule,
            paint.faint(&waiver.place)
        );
    }
    push_trace(&mut out, view, whole_trace, paint);
    out
}

/// Writes why something is denied.
pub(in crate::report) fn push_reasons(out: &mut String, reasons: &[Reason], paint: Paint) {
    for reason in reasons {
        let place = reason.place.as_ref().map(|place| format!("  {}", paint.faint(place)));
        let _ = writeln!(out, "  {}{}", plain::line(&reason.text), place.unwrap_or_default());
    }
}

/// What the request is about, after the verdict.
fn subject(view: &View) -> String {
    let mut text = String::new();
    let what: Vec<&str> = view.asks_for.iter().map(String::as_str).collect();
    match what.as_slice() {
        [] => {}
        names if names.len() <= 3 => {
            let _ = write!(text, ": {}", names.join(", "));
        }
        names => {
            let _ = write!(text, ": {}", plural(names.len(), "entitlement"));
        }
    }
    if let (true, Some(delivery)) = (view.asks_for.is_empty(), &view.delivery) {
        let _ = write!(text, ": {}", plain::line(&delivery.name));
    }
    if let Some(somebody) = &view.beneficiary {
        let _ = write!(text, " for {}", plain::line(&somebody.name));
    }
    text
}

/// Writes a stage without what asks for it.
pub(in crate::report) fn push_stage(
    out: &mut String,
    number: usize,
    stage: &Stage,
    zone: &TimeZone,
    paint: Paint,
) {
    let name =
        stage.name.as_deref().map_or_else(|| stage.stage.clone(), |name| plain::line(name).into_owned());
    let id = if stage.name.is_some() { paint.faint(&stage.stage) } else { String::new() };
    let _ = writeln!(out, "  {}", format!("{number}. {name}  {id}").trim_end());
    let people = names(&stage.approvers, paint);
    let _ = match (stage.needed, stage.approvers.len()) {
        (1, 1) => writeln!(out, "     {people}"),
        (1, _) => writeln!(out, "     one of {people}"),
        (needed, all) if needed == all => writeln!(out, "     all of {people}"),
        // More come once the time is up, or it would be denied.
        (needed, all) if needed > all => writeln!(out, "     {needed} have to, and {people} can now"),
        (needed, all) => writeln!(out, "     {needed} of {all}: {people}"),
    };
    if stage.fallback {
        let _ = writeln!(out, "     {}", paint.faint("they stand in: nobody of those who are named can act"));
    }
    for excluded in &stage.excluded {
        let text = format!("not {}: {}", excluded.person, excluded.why);
        let _ = writeln!(out, "     {}", paint.faint(&text));
    }
    if let Some(due) = stage.due {
        let then = match stage.on_timeout {
            "deny" => "; after that it is denied".to_owned(),
            "escalate" => {
                let more: Vec<Somebody> =
                    stage.escalation.iter().filter(|one| !stage.approvers.contains(one)).cloned().collect();
                match more.as_slice() {
                    [] => "; after that nobody else is asked, and it stays open".to_owned(),
                    more => format!("; after that also {}", names(more, paint)),
                }
            }
            _ => "; after that it stays open".to_owned(),
        };
        let within = stage.within.as_deref().unwrap_or_default();
        let _ = writeln!(out, "     within {within}, at the latest {}{then}", local(due.0, zone));
    }
}

/// Writes what asks for a stage.
pub(in crate::report) fn push_because(out: &mut String, stage: &Stage, paint: Paint) {
    if !stage.because.is_empty() {
        let _ = writeln!(out, "     {}", paint.faint(&format!("because of {}", stage.because.join(", "))));
    }
}

/// People by their names; many are counted.
#[must_use]
pub fn names(people: &[Somebody], paint: Paint) -> String {
    let shown = if people.len() > MOST_NAMES + 1 { MOST_NAMES } else { people.len() };
    let mut names: Vec<String> =
        people.iter().take(shown).map(|person| paint.name(&plain::line(&person.name))).collect();
    if people.len() > shown {
        names.push(format!("{} more", people.len() - shown));
    }
    match names.as_slice() {
        [] => "nobody".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn push_item(out: &mut String, item: &Asked, view: &View, paint: Paint) {
    let _ = writeln!(
        out,
        "  {}  {}",
        plain::line(&item.name),
        paint.faint(&format!("{}, {} risk", item.entitlement, item.risk))
    );
    let given = &item.provisions;
    let mut parts = Vec::new();
    parts.extend(given.role.as_ref().map(|role| format!("role {role}")));
    parts.extend(given.licence_tier.as_ref().map(|licence| format!("licence {licence}")));
    if !given.groups.is_empty() {
        parts.push(format!("groups {}", given.groups.join(", ")));
    }
    if !parts.is_empty() {
        let _ = writeln!(out, "     {}", plain::line(&parts.join(", ")));
    }
    if let Some(how) = &given.given {
        let _ = writeln!(out, "     given {}", how.text);
    }
    for held in &item.held {
        let end = held.end.map(|end| format!(" until {end}")).unwrap_or_default();
        let _ = writeln!(out, "     {} by grant:{}{end}", paint.open("held already"), held.grant);
    }
    if let Some(starts) = view.starts {
        let _ = writeln!(out, "     begins {}", local(starts.0, &view.zone));
    }
    let why = item.limits.first().map(|limit| {
        let place = limit.place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
        format!(": {}{place}", limit.by)
    });
    let why = why.unwrap_or_default();
    let _ = match item.expires {
        Some(end) => writeln!(out, "     ends {}{}", local(end.0, &view.zone), paint.faint(&why)),
        None => writeln!(out, "     has no end"),
    };
    if let Some(how) = &given.removed {
        let _ = writeln!(out, "     then removed {}", how.text);
    }
}

/// Writes what limits how long access lasts.
pub(in crate::report) fn push_limit(out: &mut String, limit: &Limit, paint: Paint) {
    let place = limit.place.as_ref().map(|place| format!("  {}", paint.faint(place)));
    let _ = writeln!(out, "     {}{}", paint.faint(&limit.by), place.unwrap_or_default());
}

/// Writes what has to be brought.
pub(in crate::report) fn push_brought(out: &mut String, obligations: &[Bring], paint: Paint) {
    if obligations.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("what has to be brought"));
    for bring in obligations {
        push_bring(out, bring, paint);
    }
}

/// Writes one thing that has to be brought.
pub(in crate::report) fn push_bring(out: &mut String, bring: &Bring, paint: Paint) {
    let state = if bring.met { paint.good("brought") } else { paint.open("missing") };
    let because = paint.faint(&format!("for {}", bring.because.join(", ")));
    let _ = writeln!(out, "  {}: {state}  {because}", bring.evidence);
}

fn push_trace(out: &mut String, view: &View, whole: bool, paint: Paint) {
    let several = view.items.len() > 1;
    let groups = std::iter::once((None, &view.trace))
        .chain(view.items.iter().map(|item| (Some(item.entitlement.as_str()), &item.trace)));
    let mut heading = false;
    for (of, trace) in groups.filter(|(_, trace)| !trace.is_empty()) {
        if !heading {
            let _ = writeln!(out, "\n{}", paint.heading("why"));
            heading = true;
        }
        if let Some(of) = of.filter(|_| several) {
            let _ = writeln!(out, "  {of}");
        }
        push_rules(out, trace, whole, paint);
    }
}

/// Writes the rules that were considered; without `whole`, those that did not match are only counted.
pub(in crate::report) fn push_rules(out: &mut String, trace: &[Rule], whole: bool, paint: Paint) {
    let mut silent = 0;
    for rule in trace {
        if rule.outcome == "not-matched" && !whole {
            silent += 1;
            continue;
        }
        push_rule(out, rule, paint);
    }
    if silent > 0 {
        let text = format!("{} did not match; --trace shows why", plural(silent, "other rule"));
        let _ = writeln!(out, "  {}", paint.faint(&text));
    }
}

pub(in crate::report) fn push_rule(out: &mut String, rule: &Rule, paint: Paint) {
    let effects: Vec<&str> = rule.effects.iter().map(|effect| effect.text.as_str()).collect();
    let effects = effects.join(", ");
    let what = match (rule.outcome, rule.mode) {
        ("not-matched", _) => "does not match".to_owned(),
        ("waived", _) => format!("waived by an exception; it {effects}"),
        (_, "enforce") => effects,
        (_, mode) => format!("matches, but is only tried out ({mode}): {effects}"),
    };
    let _ = writeln!(out, "  {}  {what}  {}", paint.name(&rule.rule), paint.faint(&rule.place));
    for test in &rule.because {
        push_test(out, test, paint);
    }
}

fn push_test(out: &mut String, test: &Test, paint: Paint) {
    let actual =
        test.actual.as_deref().map_or("absent".to_owned(), |actual| plain::short(actual).into_owned());
    let sign = if test.passed { "yes" } else { "no" };
    let line = format!("{sign}: {} {}; it is {actual}", test.attribute, plain::line(&test.wanted));
    let _ = writeln!(out, "      {}", paint.faint(&line));
}

/// An instant as a person in that zone writes it.
#[must_use]
pub fn local(instant: Timestamp, zone: &TimeZone) -> String {
    let zoned = instant.to_zoned(zone.clone());
    let seconds = if zoned.second() == 0 { "%a %Y-%m-%d %H:%M" } else { "%a %Y-%m-%d %H:%M:%S" };
    let name = zone.iana_name().unwrap_or("UTC");
    format!("{} {name}", zoned.strftime(seconds))
}
