//! Every mistake of a text that is no TOML, also those behind one at which the parser gives up.
//!
//! The text is read heading by heading, so that a bracket that is never closed ends at the next heading at the latest. A line
//! that is wrong by itself is then taken out, and the rest is read once more.

use std::ops::Range;

use toml::de::{DeTable, Error};
use toml_parser::{Source, lexer::TokenKind};

use crate::diag::Span;

/// How many bytes are read again at most: eight times the longest document.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What is wrong with a text.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    /// What the parser said, and where, in order.
    pub(super) all: Vec<(String, Range<usize>)>,
    /// Brackets that are never closed, and up to where nothing behind one means anything.
    pub(super) unclosed: Vec<(Span, usize)>,
}

impl Mistakes {
    /// Looks at a text of which the parser said something already.
    pub(super) fn find(text: &str, errors: &[Error]) -> Self {
        let rest = text.to_owned();
        let mut search = Search { rest, left: MOST_BYTES, has_lost_headings: false, found: Self::default() };
        let starts = headings(text);
        let ends = starts.iter().copied().skip(1).chain([text.len()]);
        let sections: Vec<Range<usize>> =
            starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
        for section in sections {
            search.section(section);
        }
        // What stands twice may do so under two headings.
        let whole = if search.has_lost_headings { None } else { Some(errors_of(&search.rest)) };
        let mut found = search.found;
        found.all.extend(whole.into_iter().flatten().filter(|(message, _)| is_about_two(message)));
        if found.all.is_empty() && found.unclosed.is_empty() {
            found.all = errors.iter().map(said).collect();
        }
        found.all.sort_by_key(|(_, at)| (at.start, at.end));
        found.all.dedup();
        found
    }
}

fn said(error: &Error) -> (String, Range<usize>) {
    (error.message().to_owned(), error.span().unwrap_or_default())
}

fn errors_of(text: &str) -> Vec<(String, Range<usize>)> {
    DeTable::parse_recoverable(text).1.iter().map(said).collect()
}

/// Whether a mistake is that something stands twice.
fn is_about_two(message: &str) -> bool {
    message.starts_with("duplicate key") || message.starts_with("cannot extend")
}

fn is_unclosed(message: &str) -> bool {
    message.starts_with("unclosed array,") || message.starts_with("unclosed inline table")
}

struct Search {
    /// The text without what is known to be wrong, of the same length.
    rest: String,
    /// How many bytes may still be read.
    left: usize,
    /// Whether the keys below some heading are now below another one.
    has_lost_headings: bool,
    found: Mistakes,
}

impl Search {
    fn section(&mut self, section: Range<usize>) {
        let mut is_first = true;
        // The first look at each section is free: together they are the text.
        while is_first || self.left >= section.len() {
            self.left = self.left.saturating_sub(section.len());
            let text = self.rest.get(section.clone()).unwrap_or_default();
            let errors = errors_of(text);
            if errors.is_empty() {
                return;
            }
            let open =
                errors.iter().any(|(message, _)| is_unclosed(message)).then(|| open_bracket(text)).flatten();
            let lines = whole_lines(text);
            let mut wrong: Vec<Range<usize>> = Vec::new();
            for (message, at) in errors {
                // What is said of a bracket that is still open, and of keys that stand below a heading that is gone, follows
                // from that.
                let follows = open.is_some_and(|open| at.start > open.start as usize)
                    || is_about_two(&message) && !is_first;
                if follows {
                    continue;
                }
                let next = lines.partition_point(|line| line.start <= at.start);
                let line = lines.get(..next).and_then(<[_]>::last).filter(|line| at.start <= line.end);
                wrong.extend(line.filter(|_| !is_about_two(&message)).cloned());
                self.found.all.push((message, at.start + section.start..at.end + section.start));
            }
            if let Some(open) = open {
                let start = open.start as usize;
                let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
                wrong.push(line..text.len());
                let open = Span::new(start + section.start, open.end as usize + section.start);
                self.found.unclosed.push((open, section.end));
            }
            let mut has_changed = false;
            for line in wrong {
                has_changed |= self.take_out(line.start + section.start..line.end + section.start);
            }
            if !has_changed {
                return;
            }
            is_first = false;
        }
    }

    /// Writes spaces in the place of some lines; false where there were none but spaces.
    fn take_out(&mut self, lines: Range<usize>) -> bool {
        let written = self.rest.get(lines.clone()).unwrap_or_default();
        if written.trim().is_empty() {
            return false;
        }
        self.has_lost_headings |= written.lines().any(|line| line.trim_start().starts_with('['));
        let blank: String = written.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        self.rest.replace_range(lines, &blank);
        true
    }
}

/// Where each part of a text starts that can be read by itself: at its beginning, and at each line that is the heading of a
/// table and nothing else, whatever is still open before it.
fn headings(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut strings = Source::new(text)
        .lex()
        .filter(|token| matches!(token.kind(), TokenKind::MlBasicString | TokenKind::MlLiteralString))
        .map(|token| token.span().start()..token.span().end())
        .peekable();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        while strings.next_if(|string| string.end <= start).is_some() {}
        let in_string = strings.peek().is_some_and(|string| string.start < start);
        if start > 0 && !in_string && is_heading(line) {
            starts.push(start);
        }
        start += line.len();
    }
    starts
}

/// Whether a line can be nothing but a heading: in a list, what it holds would have to be a value.
fn is_heading(line: &str) -> bool {
    let line = line.split('#').next().unwrap_or_default().trim();
    let inner = line.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    let Some(inner) = inner.or_else(|| line.strip_prefix('[')?.strip_suffix(']')) else { return false };
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.\"' ".contains(letter);
    inner.starts_with(|first: char| first.is_ascii_alphabetic())
        && inner.chars().all(is_part)
        && !["true", "false", "inf", "nan"].contains(&inner)
}

/// The last bracket that opens a value and has no other half.
fn open_bracket(text: &str) -> Option<Span> {
    let mut open: Vec<Span> = Vec::new();
    let mut after_equals = false;
    for token in Source::new(text).lex() {
        let span = Span::new(token.span().start(), token.span().end());
        match token.kind() {
            TokenKind::Equals => after_equals = true,
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket
                if after_equals || !open.is_empty() =>
            {
                open.push(span);
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                open.pop();
            }
            TokenKind::Newline if open.is_empty() => after_equals = false,
            _ => {}
        }
    }
    // The outermost one: what is inside it was written before the mistake was made.
    open.first().copied()
}

/// The lines that begin and end outside every bracket and text, without their ends.
fn whole_lines(text: &str) -> Vec<Range<usize>> {
    let (mut lines, mut depth, mut start) = (Vec::new(), 0_usize, Some(0));
    // The bracket of a heading ends with its line, closed or not.
    let mut after_equals = false;
    for token in Source::new(text).lex() {
        let span = token.span();
        match token.kind() {
            TokenKind::Equals => after_equals = true,
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket if after_equals => depth += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => depth = depth.saturating_sub(1),
            TokenKind::MlBasicString | TokenKind::MlLiteralString
                if text.get(span.start()..span.end()).is_some_and(|text| text.contains('\n')) =>
            {
                start = None;
            }
            TokenKind::Newline => {
                lines.extend(start.filter(|_| depth == 0).map(|start| start..span.start()));
                start = (depth == 0).then_some(span.end());
                after_equals &= depth > 0;
            }
            _ => {}
        }
    }
    lines.extend(start.filter(|start| depth == 0 && *start < text.len()).map(|start| start..text.len()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let errors = DeTable::parse_recoverable(text).1;
        let found = Mistakes::find(text, &errors);
        let starts = found.all.iter().map(|(_, at)| at.start);
        let starts = starts.chain(found.unclosed.iter().map(|(open, _)| open.start as usize));
        let mut lines: Vec<usize> =
            starts.map(|start| text.get(..start).unwrap_or_default().matches('\n').count() + 1).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    #[test]
    fn no_mistake_hides_those_behind_it() {
        for first in
            ["name: \"x\"", "r", "a b = 1", "name = yes", "[team.broken", "x = 'a", "x = \"a", "= 1", "x ="]
        {
            let text = format!("[team.a]\n{first}\nname = no\n[team.b]\nlead = 05\n\n[team.c]\nlead = \n");
            assert_eq!(lines(&text), [2, 3, 5, 8], "{text}");
        }
    }

    #[test]
    fn an_open_bracket_ends_at_the_next_heading() {
        for open in ["x = [1, 2", "x = { a = 1", "x = [\n1,", "x = [[1],"] {
            let text = format!("[team.a]\n{open}\ny = \"z\"\n[team.b]\nlead = 05\n");
            let more = open.matches('\n').count();
            assert_eq!(lines(&text), [2, 5 + more], "{text}");
        }
    }

    #[test]
    fn what_stands_twice_is_found_behind_another_mistake() {
        assert_eq!(lines("[team.a]\nx: 1\n[team.b]\ny = 1\n[team.b]\nz = 1\n"), [2, 5]);
        // The keys below a heading that cannot be read are not those of the one before.
        assert_eq!(lines("[team.a]\nname = 1\n[team.b\nname = 1\n"), [3]);
    }

    #[test]
    fn lists_and_texts_over_several_lines_are_left_whole() {
        assert_eq!(lines("[a.b]\nx = [\n [1.5]\n]\ny = 05\n"), [5]);
        assert_eq!(lines("[a.b]\nx = \"\"\"\n[team.a]\nname: x\n\"\"\"\ny = 05\n"), [6]);
        assert_eq!(lines("x = 1\n"), Vec::<usize>::new());
    }
}
