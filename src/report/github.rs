//! Annotations of GitHub Actions: workflow commands in the log of a job.

use std::fmt::Write as _;

use super::{RenderError, Report, Style, plain};
use crate::diag::Level;

/// Writes `::error file=…,line=…,title=…::message` for each finding.
///
/// # Errors
/// Never.
pub fn render(report: &Report<'_>, _: Style) -> Result<String, RenderError> {
    let mut text = String::new();
    for one in &report.shown {
        let command = match one.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note | Level::Off => "notice",
        };
        let position = report.position(one.primary.file, one.primary.span);
        let (start, end) = (position.start, position.end);
        let mut message = plain::short(&one.message).into_owned();
        if let Some(help) = &one.help {
            message.push_str("\nhelp: ");
            message.push_str(&plain::short(help));
        }
        let file = property(&report.path(one.primary.file));
        // Writing into a string does not fail.
        let _ = write!(text, "::{command} file={file},line={}", start.line);
        // GitHub shows columns only within a line, and drops the annotation otherwise.
        let _ = if start.line == end.line {
            write!(text, ",col={},endLine={},endColumn={}", start.column, end.line, end.column)
        } else {
            write!(text, ",endLine={}", end.line)
        };
        let _ = writeln!(text, ",title={}::{}", property(one.code.id), data(&message));
    }
    Ok(text)
}

/// Escapes the message of a command.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_command_is_escaped() {
        assert_eq!(data("100% a\r\nb: c, d"), "100%25 a%0D%0Ab: c, d");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
