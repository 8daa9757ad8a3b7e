//! The verdict for people: the verdict and the reasons first, then who has to agree, then what changes.

use std::fmt::Write as _;

use super::{
    plans,
    view::{PanelView, Report, StageView},
};
use crate::report::{Style, impact, paint::Paint, plain, summary::plural};

/// How many names are listed before the others are counted.
const MOST_NAMES: usize = 8;

/// Writes the verdict. `before` and `after` stand before the paths of the two sides.
#[must_use]
pub fn render(report: &Report, (before, after): (&str, &str), style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let head = format!("{}: {}", report.verdict, report.headline);
    let head = match report.verdict {
        "pass" => paint.good(&head),
        "refused" => paint.open(&head),
        _ => paint.bad(&head),
    };
    // Writing into a string does not fail.
    let _ = writeln!(out, "{head}");
    let _ = writeln!(out, "{}", paint.faint(&origin(report)));
    for reason in &report.reasons {
        let mark = if reason.verdict == "refused" { paint.open("!") } else { paint.bad("✗") };
        let _ = writeln!(out, "  {mark} {}", plain::line(&reason.message));
        let _ = writeln!(out, "    {}", paint.faint(&plain::line(&reason.help)));
    }
    if !report.touches.governs.is_empty() {
        let governs: Vec<&str> = report.touches.governs.iter().map(String::as_str).collect();
        let heading = paint.heading("it changes the rules about changes:");
        let _ = writeln!(out, "\n{heading} {}", few(&governs));
    }
    if !report.touches.ledger.is_empty() {
        let ledger: Vec<&str> = report.touches.ledger.iter().map(String::as_str).collect();
        let heading = paint.heading("no rule gives this by itself:");
        let _ = writeln!(out, "\n{heading} {}", few(&ledger));
    }
    if let Some(panel) = &report.by_base {
        let title = "who has to agree, by the rulebook that it goes into";
        push_panel(&mut out, title, panel, paint);
    }
    if let Some(panel) = &report.by_head {
        let same = report.by_base.as_ref().is_some_and(|base| is_same(base, panel));
        let title = match (report.both_count, same) {
            (true, true) => {
                let _ = writeln!(
                    out,
                    "\n{}",
                    paint.faint(
                        "the changed rulebook asks the same people; it loosens control, so both count"
                    )
                );
                None
            }
            (true, false) => Some("and by the changed rulebook: it loosens control, so both count"),
            (false, true) => None,
            (false, false) => Some("the changed rulebook would ask others, which does not count yet"),
        };
        if let Some(title) = title {
            push_panel(&mut out, title, panel, paint);
        }
    }
    if !report.made_by.is_empty() {
        let names: Vec<&str> = report.made_by.iter().map(|one| one.person.as_str()).collect();
        let _ = writeln!(out, "\n{} {}", paint.faint("made by, and not approved by:"), few(&names));
    }
    if let Some(scenarios) = &report.scenarios {
        let failed = scenarios.failed.len();
        let text = if failed == 0 {
            format!("{} passed", plural(scenarios.passed, "scenario"))
        } else {
            format!("{failed} of {} failed", plural(scenarios.passed + failed, "scenario"))
        };
        let _ = writeln!(out, "{}", paint.faint(&text));
    }
    plans::push(&mut out, &report.plans, paint);
    out.push('\n');
    out.push_str(&impact::human::render(&report.difference, before, after, style));
    out
}

/// What is judged.
fn origin(report: &Report) -> String {
    let merged = if report.merged { ", merged" } else { "" };
    let pull_request = report.pull_request.as_ref().map(|one| {
        format!("{}#{}, facts of {}: ", plain::line(&one.repository), one.number, one.recorded_at)
    });
    format!(
        "{}{} into {}{merged}",
        pull_request.unwrap_or_default(),
        plain::line(&report.head.line()),
        plain::line(&report.base.line())
    )
}

/// Whether two rulebooks ask the same people the same, and have come as far.
pub(super) fn is_same(one: &PanelView, other: &PanelView) -> bool {
    let key = |panel: &PanelView| {
        let stages = panel.stages.iter().map(|stage| {
            let agreed: Vec<String> = stage.agreed.iter().map(|agreed| agreed.person.clone()).collect();
            (stage.stage.clone(), stage.needed, agreed, stage.can_agree.clone())
        });
        (panel.state, stages.collect::<Vec<_>>())
    };
    key(one) == key(other)
}

fn push_panel(out: &mut String, title: &str, panel: &PanelView, paint: Paint) {
    let _ = writeln!(out, "\n{}", paint.heading(title));
    if panel.rules.is_empty() {
        let _ = writeln!(out, "  nobody: no rule applies");
    }
    for stage in &panel.stages {
        push_stage(out, stage, paint);
    }
    if panel.stages.is_empty() {
        for rule in &panel.rules {
            let _ = writeln!(out, "  {} {}", paint.bad("✗"), plain::line(&rule.rule));
        }
    }
    for one in &panel.not_counted {
        let line = format!("the review {} by {} does not count: {}", one.review, one.by, one.why);
        let _ = writeln!(out, "  {} {}", paint.faint("-"), plain::line(&line));
    }
}

fn push_stage(out: &mut String, stage: &StageView, paint: Paint) {
    let done = stage.agreed.len() >= stage.needed;
    let mark = if done { paint.good("✓") } else { paint.open("·") };
    let title = stage.title.as_deref().unwrap_or(&stage.stage);
    let _ = writeln!(
        out,
        "  {mark} {}  {}",
        plain::line(title),
        paint.faint(&format!("{} of {}, {}", stage.agreed.len(), stage.needed, plain::line(&stage.stage)))
    );
    if !stage.agreed.is_empty() {
        let names: Vec<&str> = stage.agreed.iter().map(|one| one.person.as_str()).collect();
        let _ = writeln!(out, "      agreed: {}", few(&names));
    }
    if !done {
        let names: Vec<&str> = stage.can_agree.iter().map(String::as_str).collect();
        let due = stage.due.as_deref().map(|due| format!(", until {due}")).unwrap_or_default();
        let who = if names.is_empty() { "nobody".to_owned() } else { few(&names) };
        let _ = writeln!(out, "      can agree: {who}{due}");
        for one in &stage.excluded {
            let line = format!("not {}: {}", one.person, one.why);
            let _ = writeln!(out, "      {}", paint.faint(&plain::line(&line)));
        }
    }
    let because: Vec<&str> = stage.because.iter().map(String::as_str).collect();
    let _ = writeln!(out, "      {}", paint.faint(&format!("because of {}", few(&because))));
}

/// The first of some names, and how many more there are.
pub(super) fn few(names: &[&str]) -> String {
    let mut shown: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| plain::line(name).into_owned()).collect();
    if names.len() > MOST_NAMES {
        shown.push(format!("{} more", names.len() - MOST_NAMES));
    }
    shown.join(", ")
}
