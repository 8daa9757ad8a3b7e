//! For a comment on a pull request: the summary first, then the findings by file, within a limit.
//!
//! The comment is read where a rulebook is reviewed, and the rulebook may come from a stranger: its text must
//! not become a heading, a link, a picture, a mention or a reference, nor end the code that it is shown in.

use std::fmt::Write as _;

use minijinja::{Environment, context, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

use super::{RenderError, Report, Style, plain, summary::plural};
use crate::diag::Safety;

/// The most bytes of the text. GitHub refuses comments of more than 65,536 characters.
pub const MOST_BYTES: usize = 60_000;
/// What is kept free for the summary and the end.
const RESERVE: usize = 4_000;
const TEMPLATE: &str = include_str!("markdown.md.jinja");

/// The findings of a file, ready to be shown.
#[derive(Debug, Serialize)]
struct Section {
    path: String,
    lines: Vec<Line>,
}

/// A finding, ready to be shown.
#[derive(Debug, Serialize)]
struct Line {
    level: &'static str,
    code: &'static str,
    number: u32,
    message: String,
    help: Option<String>,
    safe: bool,
}

/// Writes the Markdown.
///
/// # Errors
/// Never: the template is tested.
pub fn render(report: &Report<'_>, _: Style) -> Result<String, RenderError> {
    let mut sections: Vec<Section> = Vec::new();
    let mut bytes = RESERVE;
    let mut summary = report.summary.clone();
    for (index, one) in report.shown.iter().enumerate() {
        let path = code(report.sources.path(one.primary.file));
        let line = Line {
            level: one.level.name(),
            code: one.code.id,
            number: report.position(one.primary.file, one.primary.span).start.line,
            message: prose(&one.message),
            help: one.help.as_deref().map(prose),
            safe: one.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe),
        };
        let new = sections.last().is_none_or(|section| section.path != path);
        // The template adds some words to each line and each section.
        bytes += 80 + line.message.len() + line.help.as_ref().map_or(0, String::len);
        bytes += if new { 40 + path.len() } else { 0 };
        if bytes > MOST_BYTES {
            summary.cut(report.shown.iter().skip(index).copied());
            break;
        }
        if new {
            sections.push(Section { path, lines: Vec::new() });
        }
        if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    let cut: usize = summary.cut.values().sum();
    // Remarks are words of gitsm, except for the codes that somebody asked for on the command line.
    let remarks: Vec<String> = summary.remarks().iter().map(|remark| prose(remark)).collect();
    let mut environment = Environment::new();
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?;
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let text = environment.render_str(
        TEMPLATE,
        context! {
            clean => summary.worst().is_none(),
            headline => summary.headline(),
            remarks,
            sections => Serde(sections),
            cut => (cut > 0).then(|| plural(cut, "more finding")),
        },
    )?;
    Ok(text)
}

/// Text as code that nothing can break out of. It is an HTML element and not a Markdown code span, because
/// the characters in it can be written as references, which Markdown never reads as structure; and what
/// stands in it is never taken for a mention or a reference.
pub(super) fn code(text: &str) -> String {
    let mut safe = "<code>".to_owned();
    let text = plain::short(text);
    // Addresses become links even in an HTML element: those with a scheme or a mailbox have a sign that is
    // written as a reference below, those that start so do not.
    let address = text.to_ascii_lowercase().contains("www.");
    for character in text.chars() {
        let harmless =
            matches!(character, '/' | '-' | ',' | '=' | '+' | '.') && (character != '.' || !address);
        if character.is_ascii_punctuation() && !harmless {
            // Writing into a string does not fail.
            let _ = write!(safe, "&#{};", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe.push_str("</code>");
    safe
}

/// A message: what it has in backticks becomes code, and so does every word that is not plainly a word.
#[must_use]
pub fn prose(text: &str) -> String {
    let mut safe = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            if !part.is_empty() {
                safe.push_str(&code(part));
            }
            continue;
        }
        for (index, word) in part.split(' ').enumerate() {
            if index > 0 {
                safe.push(' ');
            }
            if is_plain(word) {
                safe.push_str(word);
            } else {
                safe.push_str(&code(word));
            }
        }
    }
    safe
}

/// Whether a word means nothing but itself: letters and dashes, or few letters and digits, with punctuation
/// around it. Longer words with digits could be the beginning of a commit, and dashes with digits an issue.
fn is_plain(word: &str) -> bool {
    let inner = word.strip_prefix('(').unwrap_or(word);
    let inner = inner.trim_end_matches([')', ',', ';', ':', '.', '?']);
    let hexadecimal = inner.len() >= 7 && inner.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = inner.split('-').all(|part| !part.is_empty() && part.chars().all(char::is_alphabetic));
    let short = inner.len() < 7 && inner.chars().all(char::is_alphanumeric);
    short || (words && !hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_everything_else_becomes_code() {
        assert_eq!(prose("there is no key, here: ok?"), "there is no key, here: ok?");
        assert_eq!(prose("no key `a-b` here"), "no key <code>a-b</code> here");
        assert_eq!(prose("U+200B (zero width)."), "<code>U+200B</code> (zero width).");
        assert_eq!(prose("5000 of p1"), "5000 of p1");
        for word in [
            "@org/admins",
            "#1",
            "GH-1",
            "www.example.com",
            "a@example.com",
            "deadbeef",
            "1234567",
            "<img>",
            "-",
            "X-1",
        ] {
            assert_eq!(prose(word), code(word), "{word}");
        }
    }

    #[test]
    fn nothing_breaks_out() {
        for attack in [
            "`@org/admins` fixes #1 `",
            "```` ``` ~~~ <!-- --> </details> <img src=x>",
            "[a](javascript:b) ![c](https://example.com/d) <https://example.com>",
            "| a | b |\r\n# heading\n- list",
            "`````",
            "{{7*7}} {% include 'a' %}",
            "WWW.example.com. ftp://example.com mailto:a@example.com",
        ] {
            for safe in [prose(attack), code(attack)] {
                let rest = safe.replace("<code>", "").replace("</code>", "");
                let marks =
                    ['`', '<', '>', '@', '[', ']', '(', ')', '|', '!', '*', '_', '~', '\r', '\n', '{'];
                assert!(!rest.contains(marks), "{attack} becomes {safe}");
                assert!(!rest.replace("&#", "").contains('#'), "{attack} becomes {safe}");
                assert!(!rest.to_lowercase().contains("www."), "{attack} becomes {safe}");
                assert!(!rest.contains("://"), "{attack} becomes {safe}");
            }
        }
    }
}
