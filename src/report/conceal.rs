//! Secrets in the lines that findings are about.
//!
//! A report is read by more people than the repository, and stays in the logs of a CI server when the secret
//! is long gone from the document. So the values that [`lint::SECRET`] is about are never shown, and neither is
//! what looks like a secret on a line that is shown for another reason: an object whose shape is wrong is not
//! looked at by any lint.

use std::{collections::BTreeMap, ops::Range, path::Path};

use toml_parser::{Source, lexer::TokenKind};

use super::excerpt::CONCEALED;
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

/// The lines of a file with what must not be shown taken out of them, for those that hold such a thing.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<usize, String>);

impl Lines {
    /// Looks through a file. A record of a CSV file that holds a secret is not shown at all.
    #[must_use]
    pub(super) fn of(path: &str, text: &str) -> Self {
        let is_document = !Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
        let secrets = if is_document { apart(File::default().in_document(text)) } else { Vec::new() };
        let mut lines = BTreeMap::new();
        let mut start = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let whole = Span::new(start, start + line.trim_end_matches(['\r', '\n']).len());
            start += line.len();
            if is_document && touches(&secrets, whole) {
                lines.insert(index, masked(text, whole, &secrets));
            } else if !is_document && in_text(line).is_some() {
                lines.insert(index, CONCEALED.to_owned());
            }
        }
        Self(lines)
    }

    /// The line with this index as it may be shown, without its end; `None` where all of it may.
    #[must_use]
    pub(super) fn get(&self, index: Option<usize>) -> Option<&str> {
        self.0.get(&index?).map(String::as_str)
    }
}

/// A line with a mark in place of each secret that lies in it or runs through it.
fn masked(text: &str, line: Span, secrets: &[Span]) -> String {
    let mut shown = String::new();
    let mut at = line.start;
    let first = secrets.partition_point(|secret| secret.end <= line.start);
    for secret in secrets.iter().skip(first).take_while(|secret| secret.start < line.end) {
        let open = Span { start: at, end: secret.start.max(at) };
        shown.push_str(text.get(open.range()).unwrap_or_default());
        shown.push_str(CONCEALED);
        at = secret.end.min(line.end);
    }
    shown.push_str(text.get(Span { start: at, end: line.end }.range()).unwrap_or_default());
    shown
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
            .partition::<Vec<Span>, _>(|span| text.get(span.range()).is_some_and(|text| !is_known(text)));
        // Where it is not known which text of an object is the secret, none is shown.
        let every = !texts.is_empty();
        let mut found: Vec<Span> = known.into_iter().map(|span| inside(text, span)).collect();
        each_value(text, |span, key, content| {
            if every
                || in_text(content).is_some()
                || in_value(key, content).is_some()
                || in_query(key, content)
            {
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

/// How many bytes of a value without quotes are looked at where another one stands before it on the line. The first
/// of a line is looked at up to the end of the line, so nothing is passed over, and a line of many equals signs is not
/// read anew for each of them.
const GLANCE: usize = 256;

/// Calls `visit` with the place, the key and the content of each string and comment of a text, which need not
/// be sound.
fn each_value(text: &str, mut visit: impl FnMut(Span, &str, &str)) {
    let (mut word, mut key) = ("", "");
    let (mut line_end, mut is_read) = (0, false);
    let mut open: Vec<TokenKind> = Vec::new();
    for token in Source::new(text).lex() {
        let span = Span::new(token.span().start(), token.span().end());
        let written = text.get(span.range()).unwrap_or_default();
        match token.kind() {
            TokenKind::Equals => {
                key = word;
                // What should stand in quotes may stand without them, where it is several tokens or none.
                let after = span.end as usize;
                if after > line_end {
                    let rest = text.get(after..).unwrap_or_default();
                    line_end = rest.find('\n').map_or(text.len(), |length| after + length);
                    is_read = false;
                }
                let glance = text.floor_char_boundary(after.saturating_add(GLANCE));
                let seen = if is_read { glance.min(line_end) } else { line_end };
                let value = bare_value(text.get(after..seen).unwrap_or_default());
                if !value.is_empty() {
                    is_read = true;
                    let start = after + value.start;
                    let end = if value.end == seen - after { line_end } else { after + value.end };
                    visit(Span::new(start, end), key, text.get(start..after + value.end).unwrap_or_default());
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

/// Where in the text after an equals sign a value without quotes stands, up to a remark; nothing for one in quotes,
/// for a list or table, and for a number, a date or a truth value.
fn bare_value(after: &str) -> Range<usize> {
    let start = after.len() - after.trim_start().len();
    let rest = after.get(start..).unwrap_or_default();
    if rest.starts_with(['"', '\'', '[', '{']) {
        return start..start;
    }
    let value = rest.split('#').next().unwrap_or_default().trim_end();
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || b"+-:.TZ".contains(&byte));
    if is_number || matches!(value, "true" | "false") {
        return start..start;
    }
    start..start + value.len()
}

/// Whether the address of a system is written with something that only tokens are for: `?token=…` or `token@`. Addresses of
/// pages have such ends as well, and lose them with it where a line is shown.
fn in_query(key: &str, value: &str) -> bool {
    key == "url" && value.contains(['?', '#', '@'])
}

/// Whether a place is the secret itself: a string or a remark, and no object that holds it somewhere.
fn is_known(text: &str) -> bool {
    is_quoted(text) || text.starts_with('#')
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut open = text.to_owned();
        for secret in apart(File::default().in_document(text)).iter().rev() {
            open.replace_range(secret.range(), "***");
        }
        open
    }

    #[test]
    fn values_without_quotes_are_looked_at_wherever_they_stand() {
        for (text, wanted) in [
            ("password = hunter\nname = x\n", "password = ***\nname = x\n"),
            ("a = b password = hunter # why\n", "a = b password = *** # why\n"),
            ("a = { b = c, password = hunter }", "a = { b = c, password = ***"),
            ("a = { b = \"c\", d = 1 } password = hunter", "a = { b = \"c\", d = 1 } password = ***"),
            ("tries = 3\npassword = true\n", "tries = 3\npassword = true\n"),
        ] {
            assert_eq!(shown(text), wanted);
        }
        let far = format!("a = {}password = hunter{}\nb = c\n", "x = y ".repeat(500), " z = 1".repeat(500));
        assert!(!shown(&far).contains("hunter") && shown(&far).ends_with("\nb = c\n"));
        let token = format!("a = b {}ghp_{}\n", "x ".repeat(500), "a1B2".repeat(10));
        assert_eq!(shown(&token), "a = ***\n");
    }

    #[test]
    fn a_line_of_equals_signs_is_not_read_anew_for_each_of_them() {
        let (mut bytes, text) = (0, "{a=".repeat(20_000));
        each_value(&text, |_, _, content| bytes += content.len());
        assert_eq!(bytes, 0);
        let text = "a=".repeat(20_000);
        each_value(&text, |_, _, content| bytes += content.len());
        assert!(bytes <= 20_000 * (GLANCE + 2), "{bytes} bytes are looked at");
    }
}
