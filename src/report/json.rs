//! For programs. The schema is published as `schemas/output/validate.schema.json`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{RenderError, Style, Summary, plain, position, revision::At};
use crate::diag::{Diagnostic, FileId, Label, Level, Safety, Sources, Span};

/// The version of the format; a new one is made when a field changes its meaning or goes away.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm validate --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm validate --format json`")]
pub struct Report<'a> {
    /// The version of this format.
    pub format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// The counts.
    pub summary: &'a Summary,
    /// The findings, in the order of files and places.
    pub findings: Vec<Finding<'a>>,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Finding<'a> {
    /// The code, for `gitsm explain`.
    pub code: &'a str,
    /// The same in words.
    pub name: &'a str,
    /// How serious it is.
    pub level: Level,
    /// What is wrong.
    pub message: &'a str,
    /// Where.
    pub place: Place<'a>,
    /// Other places that explain it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Place<'a>>,
    /// Facts that help to understand it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub notes: &'a [String],
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'a str>,
    /// What to write instead, as edits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix<'a>>,
}

/// A place in a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Place<'a> {
    /// The path below the repository.
    pub file: &'a str,
    /// The first line, from 1.
    pub line: u32,
    /// The first column, from 1, in Unicode characters.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column after the last character.
    pub end_column: u32,
    /// The first byte, from 0.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// A few words about the place.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub label: &'a str,
}

/// Edits that remove a finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Fix<'a> {
    /// What they do.
    pub title: &'a str,
    /// Whether `validate --fix` applies them.
    pub safety: Safety,
    /// The edits.
    pub edits: Vec<Edit<'a>>,
}

/// One edit.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Edit<'a> {
    /// What is replaced.
    pub place: Place<'a>,
    /// The new text.
    pub text: &'a str,
}

/// Writes the JSON.
///
/// # Errors
/// Never: every value has a JSON.
pub fn render(report: &super::Report<'_>, _: Style) -> Result<String, RenderError> {
    let document = Report {
        format_version: FORMAT_VERSION,
        rulebook: report.rulebook.clone(),
        summary: &report.summary,
        findings: report.shown.iter().map(|one| finding(one, report.sources)).collect(),
    };
    write(&document)
}

/// Writes a value as JSON on several lines. Characters that must not be shown are escaped, so nothing is
/// lost: who reads the JSON gets the text as it was.
///
/// # Errors
/// When the value has no JSON.
pub(crate) fn write(value: &impl Serialize) -> Result<String, RenderError> {
    Ok(without_unsafe(serde_json::to_string_pretty(value)? + "\n"))
}

/// Writes a value as JSON on one line, as [`write`].
///
/// # Errors
/// When the value has no JSON.
pub(crate) fn write_line(value: &impl Serialize) -> Result<String, RenderError> {
    Ok(without_unsafe(serde_json::to_string(value)? + "\n"))
}

/// JSON in which characters that must not be shown are escaped.
fn without_unsafe(text: String) -> String {
    let must_escape = |character: char| character != '\n' && plain::is_unsafe(character);
    // Most texts have only characters of one byte, which are looked at without decoding them.
    let is_safe = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    if text.bytes().all(is_safe) || !text.chars().any(must_escape) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        // The only characters of JSON outside strings that are not ASCII letters and signs are line breaks,
        // so whatever is escaped here stands in a string.
        if must_escape(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing into a string does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    Finding {
        code: diagnostic.code.id,
        name: diagnostic.code.name,
        level: diagnostic.level,
        message: &diagnostic.message,
        place: place(&diagnostic.primary, sources),
        related: diagnostic.related.iter().map(|label| place(label, sources)).collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        fix: diagnostic.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            safety: fix.safety,
            edits: fix
                .edits
                .iter()
                .map(|edit| Edit { place: bytes(edit.file, edit.span, "", sources), text: &edit.text })
                .collect(),
        }),
    }
}

fn place<'a>(label: &'a Label, sources: &'a Sources) -> Place<'a> {
    bytes(label.file, label.span, &label.text, sources)
}

fn bytes<'a>(file: FileId, span: Span, label: &'a str, sources: &'a Sources) -> Place<'a> {
    let position = position(sources, file, span);
    Place {
        file: sources.path(file),
        line: position.start.line,
        column: position.start.column,
        end_line: position.end.line,
        end_column: position.end.column,
        start: span.start,
        end: span.end,
        label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_not_lost() {
        let text = "a\u{1b}\u{7f}\u{9b}\u{202e}\u{e0041}é\n";
        let json = write(&text).unwrap();
        assert_eq!(json, "\"a\\u001b\\u007f\\u009b\\u202e\\udb40\\udc41é\\n\"\n");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
