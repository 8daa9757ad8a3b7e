//! The one comment on a pull request: the verdict and what it does first, within a number of bytes. Nothing of the pull
//! request's text becomes more than text.

use std::fmt::Write as _;

use super::{
    human::{few, is_same},
    plans,
    view::{PanelView, Report},
};
use crate::report::{
    impact,
    markdown::{code, prose},
    summary::plural,
};

/// What marks the comment, so that it is found again and written anew rather than a second time.
pub const MARKER: &str = "<!-- gitsm:pr-check -->";
/// The most bytes of a comment. GitHub refuses those of more than 65,536 characters.
pub const MOST_BYTES: usize = 60_000;
/// The most bytes of who has to agree.
const MOST_PANEL: usize = 12_000;
/// The most reasons, rules, stages or reviews that are listed.
const MOST: usize = 40;

/// Writes the comment.
#[must_use]
pub fn render(report: &Report) -> String {
    let mark = match report.verdict {
        "pass" => "✅",
        "refused" => "⏳",
        "indeterminate" => "❔",
        _ => "❌",
    };
    // Writing into a string does not fail.
    let mut out = format!("{MARKER}\n## {mark} gitsm: {}\n\n", prose(&report.headline));
    for reason in report.reasons.iter().take(MOST) {
        let _ = writeln!(out, "- {}: {}", prose(&reason.message), prose(&reason.help));
    }
    more(&mut out, report.reasons.len(), "reason");
    if !report.touches.governs.is_empty() {
        let governs: Vec<&str> = report.touches.governs.iter().map(String::as_str).collect();
        let _ = writeln!(out, "- **It changes the rules about changes:** {}", code(&few(&governs)));
    }
    if !report.touches.ledger.is_empty() {
        let ledger: Vec<&str> = report.touches.ledger.iter().map(String::as_str).collect();
        let _ = writeln!(out, "- **No rule gives this by itself:** {}", code(&few(&ledger)));
    }
    let mut panels = String::new();
    if let Some(panel) = &report.by_base {
        let _ = writeln!(panels, "\n### Who has to agree\n");
        push_panel(&mut panels, panel);
    }
    if let Some(panel) = &report.by_head {
        let same = report.by_base.as_ref().is_some_and(|base| is_same(base, panel));
        match (report.both_count, same) {
            (true, true) => panels.push_str("\nThe changed rulebook asks the same people.\n"),
            (true, false) => {
                panels.push_str("\n### And by the changed rulebook: it loosens control, so both count\n\n");
                push_panel(&mut panels, panel);
            }
            (false, true) => {}
            (false, false) => {
                panels.push_str("\n### The changed rulebook would ask others, which does not count yet\n\n");
                push_panel(&mut panels, panel);
            }
        }
    }
    if panels.len() > MOST_PANEL {
        panels.clear();
        panels.push_str(
            "\n*The list of those who have to agree is too long for a comment: `gitsm pr check` shows it.*\n",
        );
    }
    out.push_str(&panels);
    if let Some(scenarios) = &report.scenarios {
        let failed = scenarios.failed.len();
        let _ = writeln!(out, "\n{} passed, {failed} failed.", plural(scenarios.passed, "scenario"));
    }
    out.push_str(&plans::markdown(&report.plans));
    out.push('\n');
    let end = format!(
        "\n---\nOf {} into {}{}.\n",
        code(&report.head.commit),
        code(&report.base.commit),
        if report.merged { ", merged" } else { "" }
    );
    let room = MOST_BYTES.saturating_sub(out.len() + end.len());
    out.push_str(&impact::markdown::render_within(&report.difference, room));
    out.push_str(&end);
    out
}

fn more(out: &mut String, all: usize, what: &str) {
    if all > MOST {
        let _ = writeln!(out, "- … and {}", plural(all - MOST, &format!("more {what}")));
    }
}

fn push_panel(out: &mut String, panel: &PanelView) {
    if panel.rules.is_empty() {
        out.push_str("Nobody: no rule applies.\n");
        return;
    }
    out.push_str("| | stage | agreed | can agree still | because of |\n|---|---|---|---|---|\n");
    for stage in panel.stages.iter().take(MOST) {
        let done = stage.agreed.len() >= stage.needed;
        let agreed: Vec<&str> = stage.agreed.iter().map(|one| one.person.as_str()).collect();
        let can: Vec<&str> = stage.can_agree.iter().map(String::as_str).collect();
        let because: Vec<&str> = stage.because.iter().map(String::as_str).collect();
        let named = |names: &[&str]| if names.is_empty() { String::new() } else { code(&few(names)) };
        let can = match (done, can.is_empty()) {
            (true, _) => String::new(),
            (false, true) => "**nobody**".to_owned(),
            (false, false) => code(&few(&can)),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} of {} {} | {can} | {} |",
            if done { "✅" } else { "⏳" },
            prose(stage.title.as_deref().unwrap_or(&stage.stage)),
            stage.agreed.len(),
            stage.needed,
            named(&agreed),
            named(&because)
        );
    }
    more(out, panel.stages.len(), "stage");
    if !panel.not_counted.is_empty() {
        out.push_str("\nNot counted:\n\n");
        for one in panel.not_counted.iter().take(MOST) {
            let _ = writeln!(out, "- the review {} by {}: {}", one.review, code(&one.by), prose(&one.why));
        }
        more(out, panel.not_counted.len(), "review");
    }
}
