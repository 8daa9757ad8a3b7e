//! The verdict as annotations of GitHub Actions.

use std::fmt::Write as _;

use super::view::Report;
use crate::report::{
    github::{data, property},
    impact, plain,
};

/// Writes the verdict, each reason, and what changes at the lines that mean something else.
#[must_use]
pub fn github(report: &Report, after: &str) -> String {
    let mut text = String::new();
    let mut push = |level: &str, title: &str, message: &str| {
        // Writing into a string does not fail.
        let _ = writeln!(text, "::{level} title={}::{}", property(&plain::line(title)), data(message));
    };
    let level = if report.passes() { "notice" } else { "error" };
    push(level, "gitsm pr check", &report.headline);
    for reason in &report.reasons {
        push("error", &reason.message, &reason.help);
    }
    text.push_str(&impact::github::render(&report.difference, after));
    text
}
