//! What a change does to promises, for the comment of a pull request.

use std::fmt::Write as _;

use super::{
    human::{MOST_TICKETS, period, summary, unchanged},
    view::{CaseView, View},
    words,
};
use crate::{
    impact::commitments::Direction,
    report::{
        markdown::{code, prose},
        summary::plural,
    },
};

/// How many objects are named before the rest is counted.
const MOST: usize = 6;

/// The promises as Markdown, of which at most `most` cases are told.
#[must_use]
pub fn markdown(view: &View, most: usize) -> String {
    let mut out = String::from("### Commitments\n\n");
    if view.is_empty() {
        let _ = writeln!(out, "{}.", capital(&unchanged(view)));
        return out;
    }
    let _ = writeln!(out, "{}, {}.", capital(&summary(view)), period(view));
    let told = view.told();
    for case in told.iter().take(most) {
        out.push('\n');
        self::case(case, &mut out);
    }
    let cut = told.len().saturating_sub(most);
    if cut > 0 {
        let _ = writeln!(out, "\nAnd {}.", plural(cut, "more case"));
    }
    for unknown in &view.unknown {
        let what = words::subjects(&unknown.subjects, MOST, |id| format!("`{id}`"));
        let acknowledged = if unknown.acknowledged { " (acknowledged)" } else { "" };
        let _ = writeln!(
            out,
            "\n**Not compared:** {}: {}. **Id:** {}{acknowledged}",
            prose(&what),
            prose(&unknown.why),
            code(&unknown.fingerprint)
        );
    }
    out
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn case(case: &CaseView, out: &mut String) {
    let mark = match case.way() {
        Direction::Weaker => "🔻",
        Direction::Mixed => "❓",
        Direction::Stronger => "🔺",
        Direction::Neutral => "➖",
    };
    let title = words::subjects(&case.subjects, MOST, |id| format!("`{id}`"));
    let _ = writeln!(out, "#### {mark} {}: {}\n", case.direction, prose(&title));
    for change in &case.changes {
        let _ = writeln!(out, "- **Change:** {}", prose(change));
    }
    for because in &case.because {
        let _ = writeln!(out, "- **Because** {}", prose(because));
    }
    if let Some(when) = &case.when {
        let _ = writeln!(out, "- **When:** {}", prose(when));
    }
    for example in &case.examples {
        let _ = writeln!(out, "- **Example:** {}", prose(&example.says));
        let commands = if example.command_before == example.command_after {
            code(&example.command_after)
        } else {
            format!("{}, then {}", code(&example.command_before), code(&example.command_after))
        };
        let _ = writeln!(out, "  - on both versions: {commands}");
    }
    for ticket in case.tickets.iter().take(MOST_TICKETS) {
        let _ = writeln!(out, "- **Try** on both versions: {}", code(&ticket.command));
    }
    let acknowledged = if case.acknowledged { " (acknowledged)" } else { "" };
    let _ = writeln!(out, "- **Id:** {}{acknowledged}", code(&case.fingerprint));
}
