//! What a change does to decisions, for the comment of a pull request.

use std::fmt::Write as _;

use super::{
    human::{all, command, covered, in_all, names, requests, some, summary, touches, ways, when, with_rules},
    themes::ThemeView,
    view::View,
    words::count,
};
use crate::report::markdown::{code, prose};

/// How many people and grants are named, where that was asked for, before the rest is counted.
const MOST_NAMES: usize = 50;
/// The most bytes of a command that shows a case.
const MOST_COMMAND: usize = 300;

/// The consequences as Markdown, of which at most `most` changes are told.
#[must_use]
pub fn markdown(view: &View, most: usize) -> String {
    let mut out = String::from("### Decisions\n\n");
    if view.is_empty() {
        let _ = writeln!(out, "Every request {} is decided as before.", all(view));
        return out;
    }
    if !view.unknown.is_empty() {
        let _ = writeln!(out, "**INCOMPLETE:** {}.\n", covered(view));
    }
    let _ = writeln!(out, "{}{}.", capital(&summary(view)), in_all(view));
    for theme in view.themes.iter().take(most) {
        out.push('\n');
        self::theme(theme, view, &mut out);
    }
    let cut = view.themes.len().saturating_sub(most);
    if cut > 0 {
        let _ = writeln!(out, "\nAnd {}.", count(cut, "more change", "more changes"));
    }
    for unknown in &view.unknown {
        let what = prose(&requests(unknown, &|name| format!("`{name}`")));
        let _ = writeln!(out, "\n**Not compared:** {what}: {}.", prose(&unknown.why));
    }
    for unseen in &view.unseen {
        let rules = prose(&code_names(&unseen.rules));
        let acknowledged = if unseen.acknowledged { " (acknowledged)" } else { "" };
        let _ = writeln!(
            out,
            "\n**Look at this:** {}, which {rules} read. **Id:** {}{acknowledged}",
            prose(&unseen.what),
            code(&unseen.fingerprint)
        );
    }
    for eased in &view.eased {
        let (way, subject) =
            (capital(eased.direction), prose(&ticked(std::slice::from_ref(&eased.subject)).concat()));
        let acknowledged = if eased.acknowledged { " (acknowledged)" } else { "" };
        let _ = writeln!(
            out,
            "\n**{way}:** {subject}: {}. **Id:** {}{acknowledged}",
            prose(&eased.change),
            code(&eased.fingerprint)
        );
    }
    out
}

/// Names that become code, each by itself.
fn ticked(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

fn code_names(all: &[String]) -> String {
    names(&ticked(all))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn theme(theme: &ThemeView, view: &View, out: &mut String) {
    let mark = match theme.direction {
        "loosens" => "🔓",
        "incomparable" => "❓",
        "tightens" => "🔒",
        _ => "➖",
    };
    let _ = writeln!(out, "#### {mark} {}: {}\n", theme.direction, prose(&code_names(&theme.subjects())));
    if !theme.about.is_empty() {
        let _ = writeln!(out, "- **Because** {}", prose(&theme.because(&code_names(&theme.about))));
    }
    for because in &theme.because {
        let _ = writeln!(out, "- **Because** {}", prose(because));
    }
    for change in theme.told() {
        let _ = writeln!(out, "- **Change:** {}", prose(&change));
    }
    let Some(example) = theme.cases.first().and_then(|place| view.cases.get(*place)) else { return };
    let first = if theme.cases.len() > 1 { "for example when" } else { "when" };
    if theme.cases.len() > 1 {
        let _ = writeln!(out, "- **Cases:** {}", ways(theme));
    }
    for (label, said) in when(example, first) {
        let _ = writeln!(out, "- **{}** {}", capital(label), prose(&said));
    }
    let [before, after] =
        [&example.before, &example.after].map(|one| prose(&with_rules(&one.summary, &ticked(&one.rules))));
    if before == after {
        let _ = writeln!(out, "- **Before and after:** {before}");
    } else {
        let _ = writeln!(out, "- **Before:** {before}\n- **After:** {after}");
    }
    let _ = writeln!(out, "- **Touches** {}", prose(&touches(theme, example)));
    for (label, named) in [("Who", &theme.names), ("Grants", &theme.grant_names)] {
        if !named.is_empty() {
            let _ = writeln!(out, "- **{label}:** {}", prose(&some(&ticked(named), MOST_NAMES)));
        }
    }
    if let Some(witness) = &example.witness {
        let command = command(&witness.request);
        let verdicts = format!("{} before, {} after", witness.before.name(), witness.after.name());
        // What is too long for a comment is in the JSON.
        if command.len() <= MOST_COMMAND {
            let _ = writeln!(out, "- **Try:** {} ({verdicts})", code(&command));
        }
    }
    let acknowledged = if theme.acknowledged { " (acknowledged)" } else { "" };
    let _ = writeln!(out, "- **Id:** {}{acknowledged}", code(&theme.fingerprint));
}
