//! For programs. The schema is published as `schemas/output/validate.schema.json`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::diag::{Diagnostic, Label, Level, Safety, Sources};

/// The version of the format; a new one is made when a field changes its meaning or goes away.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm validate --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Report<'a> {
    /// The version of this format.
    pub format_version: u32,
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

/// The report about some findings.
#[must_use]
pub fn report<'a>(found: &'a [Diagnostic], sources: &'a Sources) -> Report<'a> {
    Report {
        format_version: FORMAT_VERSION,
        findings: found.iter().map(|one| finding(one, sources)).collect(),
    }
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

fn bytes<'a>(
    file: crate::diag::FileId,
    span: crate::diag::Span,
    label: &'a str,
    sources: &'a Sources,
) -> Place<'a> {
    let at = |offset| sources.get(file).map(|source| source.line_column(offset));
    let (start, end) = (at(span.start), at(span.end));
    Place {
        file: sources.path(file),
        line: start.map_or(1, |position| position.line),
        column: start.map_or(1, |position| position.column),
        end_line: end.map_or(1, |position| position.line),
        end_column: end.map_or(1, |position| position.column),
        start: span.start,
        end: span.end,
        label,
    }
}
