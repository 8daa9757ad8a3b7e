//! Secrets in the lines that findings are about.
//!
//! A report is read by more people than the repository, and stays in the logs of a CI server when the secret
//! is long gone from the document. So the values that [`lint::SECRET`] is about are never shown, and neither is
//! what looks like a secret on a line that is shown for another reason: an object whose shape is wrong is not
//! looked at by any lint.

use std::collections::BTreeMap;

use toml_parser::{Source, lexer::TokenKind};

use crate::{
    diag::{Diagnostic, FileId, SourceFile, Sources, Span},
    lint,
    load::secret::{in_text, in_value},
};

/// The places of secrets in the files that findings are about, in order and without overlaps.
#[must_use]
pub(super) fn secrets(found: &[&Diagnostic], sources: &Sources) -> BTreeMap<FileId, Vec<Span>> {
    let mut files: BTreeMap<FileId, File> = BTreeMap::new();
    for one in found {
        let primary = files.entry(one.primary.file).or_default();
        primary.shown.push(one.primary.span);
        if one.code == &lint::SECRET {
            primary.reported.push(one.primary.span);
        }
        for label in &one.related {
            files.entry(label.file).or_default().shown.push(label.span);
        }
    }
    let places = files.into_iter().filter_map(|(id, file)| {
        let source = sources.get(id)?;
        let spans = if source.path.ends_with(".toml") {
            file.in_document(&source.text)
        } else {
            file.in_records(source)
        };
        (!spans.is_empty()).then(|| (id, apart(spans)))
    });
    places.collect()
}

/// Whether a place has a byte in common with one that is concealed.
#[must_use]
pub(super) fn touches(concealed: &[Span], place: Span) -> bool {
    let first = concealed.partition_point(|secret| secret.end <= place.start);
    concealed.get(first).is_some_and(|secret| secret.start < place.end)
}

/// What is said about a file.
#[derive(Debug, Default)]
struct File {
    /// The places that are shown.
    shown: Vec<Span>,
    /// Those of them that are secrets.
    reported: Vec<Span>,
}

impl File {
    /// The secrets of a document: what was reported, and strings and comments that look like one.
    fn in_document(self, text: &str) -> Vec<Span> {
        let (texts, known) = self
            .reported
            .into_iter()
            .partition::<Vec<Span>, _>(|span| text.get(span.range()).is_some_and(|text| !is_quoted(text)));
        // Where it is not known which text of an object is the secret, none is shown.
        let every = !texts.is_empty();
        let mut found: Vec<Span> = known.into_iter().map(|span| inside(text, span)).collect();
        each_value(text, |span, key, content| {
            if every || in_text(content).is_some() || in_value(key, content).is_some() {
                found.push(inside(text, span));
            }
        });
        found
    }

    /// The secrets of a CSV file. A record has no keys, and those that are shown are few.
    fn in_records(self, source: &SourceFile) -> Vec<Span> {
        let lines = self.shown.iter().map(|span| source.line_span(source.line_column(span.start).line));
        let mut found: Vec<Span> = lines.filter(|line| in_text(source.slice(*line)).is_some()).collect();
        found.extend(self.reported);
        found
    }
}

/// Calls `visit` with the place, the key and the content of each string and comment of a text, which need not
/// be sound.
fn each_value(text: &str, mut visit: impl FnMut(Span, &str, &str)) {
    let (mut word, mut key) = ("", "");
    let mut open: Vec<TokenKind> = Vec::new();
    for token in Source::new(text).lex() {
        let span = Span::new(token.span().start(), token.span().end());
        let written = text.get(span.range()).unwrap_or_default();
        match token.kind() {
            TokenKind::Equals => {
                key = word;
                // What should stand in quotes may stand without them, where it is several tokens or none.
                let (start, end) = bare_value(text, span.end as usize);
                if end > start {
                    visit(Span::new(start, end), key, text.get(start..end).unwrap_or_default());
                }
            }
            // The entries of a list are all under its key.
            TokenKind::Newline if open.is_empty() => key = "",
            TokenKind::Comma if open.last() == Some(&TokenKind::LeftCurlyBracket) => key = "",
            kind @ (TokenKind::LeftCurlyBracket | TokenKind::LeftSquareBracket) => open.push(kind),
            TokenKind::RightCurlyBracket | TokenKind::RightSquareBracket => {
                open.pop();
            }
            TokenKind::Comment => visit(span, "", written),
            TokenKind::Atom => word = written,
            TokenKind::BasicString
            | TokenKind::LiteralString
            | TokenKind::MlBasicString
            | TokenKind::MlLiteralString => {
                word = written.trim_matches(['"', '\'']);
                visit(span, key, word);
            }
            _ => {}
        }
    }
}

/// The bytes of a value without quotes after an equals sign, up to the end of its line or a remark; nothing for one
/// in quotes, for a list or table, and for a number, a date or a truth value.
fn bare_value(text: &str, after: usize) -> (usize, usize) {
    let rest = text.get(after..).unwrap_or_default();
    let line = rest.split(['\n', '#']).next().unwrap_or_default();
    let value = line.trim();
    let start = after + (line.len() - line.trim_start().len());
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || b"+-:.TZ".contains(&byte));
    if value.starts_with(['"', '\'', '[', '{']) || is_number || matches!(value, "true" | "false") {
        return (start, start);
    }
    (start, start + value.len())
}

fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '\''])
}

/// A string without its quotes, which show that a text stands there.
fn inside(text: &str, span: Span) -> Span {
    let written = text.get(span.range()).unwrap_or_default();
    let inner = written.trim_start_matches(['"', '\'']);
    let start = span.start as usize + written.len() - inner.len();
    if !is_quoted(written) {
        return span;
    }
    Span::new(start, start + inner.trim_end_matches(['"', '\'']).len())
}

/// The places in order, those that overlap made one.
fn apart(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.into_iter().filter(|span| span.start < span.end) {
        match apart.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => apart.push(span),
        }
    }
    apart
}
