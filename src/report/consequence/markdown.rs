//! What a change does to decisions, for the comment of a pull request.

use std::fmt::Write as _;

use super::{
    human::{names, summary, touches, with_rules},
    view::{CaseView, View},
    words::count,
};
use crate::report::markdown::prose;

/// The consequences as Markdown, of which at most `most` cases are told.
#[must_use]
pub fn markdown(view: &View, most: usize) -> String {
    let mut out = String::from("### Decisions\n\n");
    if view.cases.is_empty() && view.unknown.is_empty() {
        let all = count(view.compared, "entitlement", "entitlements");
        let _ = writeln!(out, "Every request for {all} is decided as before.");
        return out;
    }
    let _ = writeln!(out, "{}.", summary(view));
    for case in view.cases.iter().take(most) {
        out.push('\n');
        self::case(case, &mut out);
    }
    let cut = view.cases.len().saturating_sub(most);
    if cut > 0 {
        let _ = writeln!(out, "\nAnd {} more.", count(cut, "case", "cases"));
    }
    for unknown in &view.unknown {
        let _ = writeln!(
            out,
            "\n**Not compared:** requests for {}: {}.",
            prose(&names(&unknown.entitlements)),
            prose(&unknown.why)
        );
    }
    out
}

fn case(case: &CaseView, out: &mut String) {
    let mark = match case.direction {
        "loosens" => "🔓",
        "incomparable" => "❓",
        "tightens" => "🔒",
        _ => "➖",
    };
    let title = prose(&names(&case.entitlements));
    let _ = writeln!(out, "#### {mark} {}: {title}\n", case.direction);
    for (place, all) in case.requests.iter().enumerate() {
        let said = if all.is_empty() { "every request".to_owned() } else { all.join(", ") };
        let label = if place == 0 { "When" } else { "Or when" };
        let _ = writeln!(out, "- **{label}** {}", prose(&said));
    }
    if case.more {
        let _ = writeln!(out, "- **Or when** something else that is not described here");
    }
    for change in &case.changes {
        let _ = writeln!(out, "- **Change:** {}", prose(change));
    }
    let _ = writeln!(out, "- **Before:** {}", prose(&with_rules(&case.before.summary, &case.before.rules)));
    let _ = writeln!(out, "- **After:** {}", prose(&with_rules(&case.after.summary, &case.after.rules)));
    let _ = writeln!(out, "- **Touches** {}", prose(&touches(case)));
    let _ = writeln!(out, "- Fingerprint `{}`", case.fingerprint);
}
