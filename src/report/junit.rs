//! `JUnit` XML, which nearly every CI server shows: a suite for each file, a failed test for each finding.
//!
//! A file without findings is a passed test, so that "nothing is wrong" differs from "nothing was read".

use std::fmt::Write as _;

use super::{RenderError, Report, Style, plain};
use crate::diag::{Diagnostic, FileId, Level};

/// Writes the XML.
///
/// # Errors
/// Never.
pub fn render(report: &Report<'_>, _: Style) -> Result<String, RenderError> {
    let mut suites = String::new();
    let (mut tests, mut failures) = (0, 0);
    let mut rest = report.shown.as_slice();
    for (file, _) in report.sources.iter() {
        let here;
        (here, rest) = rest.split_at(rest.partition_point(|one| one.primary.file <= file));
        let failed = here.iter().filter(|one| one.level == Level::Error).count();
        let number = here.len().max(1);
        tests += number;
        failures += failed;
        let path = escape(report.sources.path(file));
        // Writing into a string does not fail.
        let _ = writeln!(
            suites,
            "  <testsuite name=\"{path}\" tests=\"{number}\" failures=\"{failed}\" errors=\"0\">"
        );
        if here.is_empty() {
            let _ = writeln!(suites, "    <testcase classname=\"{path}\" name=\"valid\"/>");
        }
        for one in here {
            case(&mut suites, one, report, file, &path);
        }
        suites.push_str("  </testsuite>\n");
    }
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gitsm validate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n{suites}</testsuites>\n"
    ))
}

fn case(out: &mut String, one: &Diagnostic, report: &Report<'_>, file: FileId, path: &str) {
    let start = report.position(file, one.primary.span).start;
    let (code, level, name) = (one.code.id, one.level.name(), one.code.name);
    let message = escape(&one.message);
    let mut body = format!("{path}:{}:{}: {level}[{code}]: {message}", start.line, start.column);
    for note in &one.notes {
        let _ = write!(body, "\nnote: {}", escape(note));
    }
    if let Some(help) = &one.help {
        let _ = write!(body, "\nhelp: {}", escape(help));
    }
    let case = format!(
        "    <testcase classname=\"{path}\" name=\"{code} {name} at {}:{}\">",
        start.line, start.column
    );
    // There is no test that half fails: what does not fail the run is a passed test that says something.
    let _ = if one.level == Level::Error {
        writeln!(
            out,
            "{case}\n      <failure type=\"{code}\" message=\"{message}\">{body}</failure>\n    </testcase>"
        )
    } else {
        writeln!(out, "{case}\n      <system-out>{body}</system-out>\n    </testcase>")
    };
}

/// Escapes text for elements and attributes; characters that XML cannot hold are written visibly.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in plain::line(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            // Two characters that are not control characters and still not XML.
            '\u{fffe}' | '\u{ffff}' => safe.extend(character.escape_default()),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_what_xml_cannot_hold_is_escaped() {
        assert_eq!(
            escape("<a b=\"c\" d='e'>&\u{0}]]>"),
            "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;\\u{0}]]&gt;"
        );
        assert_eq!(escape("\u{ffff}é\n"), "\\u{ffff}é\\n");
    }
}
