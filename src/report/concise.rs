//! One line for each finding, as compilers write it and editors read it.

use std::fmt::Write as _;

use super::{RenderError, Report, Style, plain};

/// Writes `path:line:column: level[code]: message`.
///
/// # Errors
/// Never.
pub fn render(report: &Report<'_>, _: Style) -> Result<String, RenderError> {
    let mut text = String::new();
    for one in &report.shown {
        let start = report.position(one.primary.file, one.primary.span).start;
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "{}:{}:{}: {}[{}]: {}",
            report.path(one.primary.file),
            start.line,
            start.column,
            one.level.name(),
            one.code.id,
            plain::short(&one.message)
        );
    }
    Ok(text)
}
