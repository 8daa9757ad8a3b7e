//! The lines around a finding, made safe to show, with its places moved along.

use std::ops::Range;

use super::plain;
use crate::diag::{SourceFile, Span};

/// The length, in bytes, from which a line is cut before it is laid out to the width of the terminal.
pub const LONG: u32 = 2_000;
/// The same for lines that are not laid out, such as those of a change.
pub const LONG_CHANGE: u32 = 300;

/// What is shown in place of a secret.
pub const CONCEALED: &str = "***";

/// Some whole lines of a file, as they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, without characters that cannot be seen.
    pub text: String,
    /// The number of its first line, from 1.
    pub first_line: u32,
    /// Pairs of an offset in the file and its offset in the text, ascending; between two of them both run
    /// in step, or the file runs alone where something was cut or replaced.
    steps: Vec<(u32, usize)>,
}

impl Excerpt {
    /// The lines from the first to the last place; of those that are longer than `long` bytes only what is
    /// near a place.
    ///
    /// What lies in `concealed`, which is in order, is not shown.
    #[must_use]
    pub fn around(source: &SourceFile, places: &[Span], long: u32, concealed: &[Span]) -> Self {
        let first = places.iter().map(|span| span.start).min().unwrap_or_default();
        let last = places.iter().map(|span| span.end.max(span.start)).max().unwrap_or_default();
        let first_line = source.line_column(first).line;
        let last_line = source.line_column(last).line;
        let mut excerpt = Self { text: String::new(), first_line, steps: Vec::new() };
        for line in first_line..=last_line {
            if line > first_line {
                excerpt.text.push('\n');
            }
            excerpt.push_line(source, source.line_span(line), places, long, concealed);
        }
        excerpt
    }

    /// Where bytes of the file are in the text.
    #[must_use]
    pub fn range(&self, span: Span) -> Range<usize> {
        let start = self.offset(span.start);
        start..self.offset(span.end).max(start)
    }

    fn push_line(&mut self, source: &SourceFile, line: Span, places: &[Span], long: u32, concealed: &[Span]) {
        let kept = if line.end - line.start > long { kept(line, places, long / 6) } else { vec![line] };
        let mut at = line.start;
        for part in kept {
            if part.start > at {
                self.step(at);
                self.text.push('…');
            }
            self.push_open_parts(source, part, concealed);
            at = part.end;
        }
        if at < line.end {
            self.step(at);
            self.text.push('…');
        }
        self.step(line.end);
    }

    /// Writes a part of a line, and a mark for each piece of it that must not be shown. The mark has one length,
    /// because that of a secret helps to guess it.
    fn push_open_parts(&mut self, source: &SourceFile, part: Span, concealed: &[Span]) {
        let mut at = part.start;
        let first = concealed.partition_point(|secret| secret.end <= part.start);
        for secret in concealed.iter().skip(first).take_while(|secret| secret.start < part.end) {
            if secret.start > at {
                self.push_part(source, Span { start: at, end: secret.start });
            }
            self.step(secret.start.max(at));
            self.text.push_str(CONCEALED);
            at = secret.end.min(part.end);
        }
        if at < part.end {
            self.push_part(source, Span { start: at, end: part.end });
        } else {
            self.step(at);
        }
    }

    fn push_part(&mut self, source: &SourceFile, part: Span) {
        let text = &source.text;
        // A cut may fall into a character; it is shown whole.
        let start = text.floor_char_boundary(part.start as usize);
        let end = text.ceil_char_boundary(part.end as usize);
        self.step(Span::new(start, start).start);
        for (index, character) in text.get(start..end).unwrap_or_default().char_indices() {
            // A tab is laid out as spaces later.
            if character == '\t' || !plain::is_unsafe(character) {
                self.text.push(character);
            } else {
                let offset = start + index;
                self.step(Span::new(offset, offset).start);
                plain::push(&mut self.text, character);
                let after = offset + character.len_utf8();
                self.step(Span::new(after, after).start);
            }
        }
    }

    fn step(&mut self, offset: u32) {
        self.steps.push((offset, self.text.len()));
    }

    fn offset(&self, offset: u32) -> usize {
        let next = self.steps.partition_point(|(original, _)| *original <= offset);
        let Some((original, shown)) = next.checked_sub(1).and_then(|index| self.steps.get(index)) else {
            return 0;
        };
        let most = self.steps.get(next).map_or(self.text.len(), |(_, shown)| *shown);
        let wanted = (shown + (offset - original) as usize).min(most);
        self.text.floor_char_boundary(wanted)
    }
}

/// The parts of a long line that are at most `around` bytes from a place.
fn kept(line: Span, places: &[Span], around: u32) -> Vec<Span> {
    let mut parts: Vec<Span> = Vec::new();
    let mut ends: Vec<u32> = places
        .iter()
        .flat_map(|span| [span.start, span.end])
        .filter(|offset| (line.start..=line.end).contains(offset))
        .collect();
    ends.push(line.start);
    ends.sort_unstable();
    for offset in ends {
        let start = offset.saturating_sub(around).max(line.start);
        let end = offset.saturating_add(around).min(line.end);
        match parts.last_mut() {
            Some(last) if last.end >= start => last.end = last.end.max(end),
            _ => parts.push(Span { start, end }),
        }
    }
    parts
}

#[cfg(test)]
#[allow(clippy::string_slice, clippy::single_range_in_vec_init, reason = "places in texts of tests")]
mod tests {
    use super::*;

    fn excerpt(text: &str, places: &[Range<usize>]) -> (String, u32, Vec<String>) {
        let source = SourceFile::new("a.toml", text);
        let spans: Vec<Span> = places.iter().cloned().map(Span::from).collect();
        let excerpt = Excerpt::around(&source, &spans, LONG, &[]);
        let shown = spans.iter().map(|span| excerpt.text[excerpt.range(*span)].to_owned()).collect();
        (excerpt.text, excerpt.first_line, shown)
    }

    #[test]
    fn whole_lines_from_the_first_place_to_the_last() {
        let (text, line, shown) = excerpt("a\nbé = 1\r\nc\nd\n", &[8..9, 11..12]);
        assert_eq!((text.as_str(), line), ("bé = 1\nc", 2));
        assert_eq!(shown, ["1", "c"]);
    }

    #[test]
    fn places_move_along_with_escapes() {
        let (text, _, shown) = excerpt("a\u{1b}[2J\u{202e} = 1\rx", &[1..2, 9..10, 11..12, 5..8]);
        assert_eq!(text, "a\\u{1b}[2J\\u{202e} = 1\\rx");
        assert_eq!(shown, ["\\u{1b}", "=", "1", "\\u{202e}"]);
    }

    #[test]
    fn what_is_concealed_is_marked_and_the_places_around_it_stay() {
        let source = SourceFile::new("a.toml", "a = \"é1\" # b\nc = \"2\"\n");
        let spans = [Span::new(0, 1), Span::new(4, 9), Span::new(12, 13), Span::new(18, 21)];
        let excerpt = Excerpt::around(&source, &spans, LONG, &[Span::new(5, 8), Span::new(19, 99)]);
        assert_eq!(excerpt.text, "a = \"***\" # b\nc = \"***");
        let shown: Vec<&str> = spans.iter().map(|span| &excerpt.text[excerpt.range(*span)]).collect();
        assert_eq!(shown, ["a", "\"***\"", "b", "\"***"]);
    }

    #[test]
    fn the_end_of_a_file_and_what_lies_behind_it_are_places() {
        assert_eq!(excerpt("", &[0..0]), (String::new(), 1, vec![String::new()]));
        assert_eq!(excerpt("a\n", &[2..2]), (String::new(), 2, vec![String::new()]));
        assert_eq!(excerpt("a", &[9..12]), ("a".to_owned(), 1, vec![String::new()]));
    }

    #[test]
    fn a_long_line_is_cut_around_its_places() {
        let long = format!("{}KEY{}VALUE{}", "é".repeat(5_000), "b".repeat(5_000), "c".repeat(5_000));
        let key = long.find("KEY").unwrap();
        let value = long.find("VALUE").unwrap();
        let (text, _, shown) = excerpt(&long, &[key..key + 3, value..value + 5]);
        assert_eq!(shown, ["KEY", "VALUE"]);
        assert!(text.len() < 3_000, "{} bytes", text.len());
        assert_eq!(text.matches('…').count(), 3);
        let (text, _, shown) = excerpt(&long, &[0..long.len()]);
        assert!(text.len() < 3_000, "{} bytes", text.len());
        assert_eq!(shown, [text]);
    }
}
