//! The texts that findings point into.

use std::sync::{Arc, OnceLock};

use super::{Outline, Span};

/// The number of a file in [`Sources`]; files are numbered in the order of their paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// All files that were read, in the order of their paths.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// One file that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path below the repository, with `/` between its parts.
    pub path: Arc<str>,
    /// The text. Empty when the file could not be read.
    pub text: Arc<str>,
    lines: OnceLock<Lines>,
    /// Set when somebody has looked for a place in the file.
    looked: OnceLock<()>,
    outline: OnceLock<Outline>,
}

/// Where the lines of a text start; looked for once, when the first position is asked for.
#[derive(Debug, Clone)]
struct Lines {
    starts: Vec<u32>,
    ascii: bool,
}

/// A position that people and other tools understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in Unicode scalar values.
    pub column: u32,
}

impl Sources {
    /// Adds a file and numbers it.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile::new(path, text));
        id
    }

    /// The file with this number.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The path of the file with this number; empty when there is none.
    #[must_use]
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.path)
    }

    /// All files with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl SourceFile {
    /// A file with its text.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            lines: OnceLock::new(),
            looked: OnceLock::new(),
            outline: OnceLock::new(),
        }
    }

    /// The text at a span; empty when the span does not lie in the file or cuts a character.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The position of a byte offset. An offset past the end is the end.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let lines = self.lines();
        let index = lines.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = lines.starts.get(index).copied().unwrap_or_default() as usize;
        let end = (offset as usize).min(self.text.len());
        // A line may be long and may hold thousands of findings, so characters are counted only when they
        // may have several bytes.
        let before = if lines.ascii {
            end.saturating_sub(start)
        } else {
            self.text.get(start..end).unwrap_or_default().chars().count()
        };
        LineColumn {
            line: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
            column: u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1),
        }
    }

    /// The bytes of a line, counted from 1, without the end of the line.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Span {
        let starts = &self.lines().starts;
        let index = line.saturating_sub(1) as usize;
        let start = starts.get(index).map_or(self.text.len(), |start| *start as usize);
        let end = starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        let text = self.text.get(start..end).unwrap_or_default();
        let text = text.strip_suffix('\n').unwrap_or(text);
        Span::new(start, start + text.strip_suffix('\r').unwrap_or(text).len())
    }

    /// Where everything stands, made by `make` and kept from the second time on: most files are looked at once
    /// or never, some by each decision of many. None the first time.
    pub fn outline(&self, make: impl FnOnce(&str) -> Outline) -> Option<&Outline> {
        if self.looked.set(()).is_ok() {
            return None;
        }
        Some(self.outline.get_or_init(|| make(&self.text)))
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines {
            starts: std::iter::once(0)
                .chain(self.text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next))
                .collect(),
            ascii: self.text.is_ascii(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let file = SourceFile::new("a.toml", "é = 1\r\nb\n");
        assert_eq!(file.line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(file.line_column(3), LineColumn { line: 1, column: 3 });
        assert_eq!(file.line_column(8), LineColumn { line: 2, column: 1 });
        assert_eq!(file.line_column(10), LineColumn { line: 3, column: 1 });
        assert_eq!(file.line_column(9_999), LineColumn { line: 3, column: 1 });
    }

    #[test]
    fn a_line_ends_before_its_line_break() {
        let file = SourceFile::new("a.toml", "a = 1\r\nb\n");
        let lines: Vec<&str> = (1..=4).map(|line| file.slice(file.line_span(line))).collect();
        assert_eq!(lines, ["a = 1", "b", "", ""]);
    }

    #[test]
    fn a_span_that_cuts_a_character_is_empty_rather_than_a_panic() {
        let file = SourceFile::new("a.toml", "é");
        assert_eq!(file.slice(Span::new(1, 2)), "");
        assert_eq!(file.slice(Span::new(0, 2)), "é");
    }
}
