//! How many of what.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use schemars::JsonSchema;
use serde::Serialize;

use super::Selection;
use crate::{
    diag::{Diagnostic, Level, Safety},
    load::Loaded,
};

/// The counts of a report. Findings that were cut are counted like the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Findings that must be mended.
    pub errors: usize,
    /// Findings that should be looked at.
    pub warnings: usize,
    /// Findings that are worth knowing.
    pub notes: usize,
    /// The files that were read.
    pub files: usize,
    /// The files with findings.
    pub files_with_findings: usize,
    /// The objects that were read.
    pub objects: usize,
    /// The findings that `validate --fix` mends.
    pub mendable: usize,
    /// Whether every check ran; some are left out while a file or an object cannot be read.
    pub complete: bool,
    /// How many findings are counted and not listed, by code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cut: BTreeMap<&'static str, usize>,
    /// The beginnings of the codes that were asked for; nothing when all were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// How many findings have other codes than those that were asked for.
    pub left_out: usize,
    /// How many of those that were cut no option shows, because they were not kept.
    #[serde(skip)]
    pub not_kept: usize,
}

impl Summary {
    /// Counts findings.
    #[must_use]
    pub fn count(found: &[&Diagnostic]) -> Self {
        let of = |level| found.iter().filter(|one| one.level == level).count();
        let files: BTreeSet<_> = found.iter().map(|one| one.primary.file).collect();
        let safe = |one: &&&Diagnostic| one.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
        Self {
            errors: of(Level::Error),
            warnings: of(Level::Warning),
            notes: of(Level::Note),
            files_with_findings: files.len(),
            mendable: found.iter().filter(safe).count(),
            ..Self::default()
        }
    }

    /// Counts findings that are not listed.
    pub fn cut<'a>(&mut self, found: impl Iterator<Item = &'a Diagnostic>) {
        for diagnostic in found {
            *self.cut.entry(diagnostic.code.id).or_default() += 1;
        }
    }

    /// Counts the errors that loading only counted.
    pub fn not_kept(&mut self, loaded: &Loaded, selection: &Selection) {
        for (code, number) in loaded.not_kept.iter().filter(|(code, _)| selection.wants_code(code)) {
            *self.cut.entry(code).or_default() += number;
            self.errors += number;
            self.not_kept += number;
        }
        if self.not_kept > 0 {
            let kept = loaded.found.iter().filter(|one| selection.wants(one)).map(|one| one.primary.file);
            let files: BTreeSet<_> = kept.chain(loaded.files_not_kept.iter().copied()).collect();
            self.files_with_findings = files.len();
        }
    }

    /// The worst level of all findings.
    #[must_use]
    pub const fn worst(&self) -> Option<Level> {
        match (self.errors, self.warnings, self.notes) {
            (0, 0, 0) => None,
            (0, 0, _) => Some(Level::Note),
            (0, _, _) => Some(Level::Warning),
            _ => Some(Level::Error),
        }
    }

    /// How many findings of which level, for example `3 errors, 1 warning`; empty when there are none.
    #[must_use]
    pub fn counts(&self) -> String {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, name)| plural(number, name))
            .collect();
        parts.join(", ")
    }

    /// The summary in one line.
    #[must_use]
    pub fn headline(&self) -> String {
        if self.worst().is_none() && !self.complete {
            return "nothing was found, but not everything could be looked at".to_owned();
        }
        if self.worst().is_none() && !self.only.is_empty() {
            return format!(
                "nothing of {} was found in {}",
                self.only.join(", "),
                plural(self.files, "file")
            );
        }
        if self.worst().is_none() {
            return format!("ok: {} in {}", plural(self.objects, "object"), plural(self.files, "file"));
        }
        let files = plural(self.files, "file");
        let mut line = format!("{} in {} of {files}", self.counts(), thousands(self.files_with_findings));
        if self.mendable > 0 {
            // Writing into a string does not fail.
            let _ = write!(line, "; {} can be mended with --fix", thousands(self.mendable));
        }
        line
    }

    /// What else somebody must know who reads the report, a line for each.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.cut.is_empty() {
            let cut: Vec<String> =
                self.cut.iter().map(|(code, number)| format!("{} {code}", thousands(*number))).collect();
            let total = plural(self.cut.values().sum(), "finding");
            let cut = cut.join(", ");
            let all: usize = self.cut.values().sum();
            remarks.push(if self.not_kept < all {
                let most = if self.not_kept == 0 { "all" } else { "more" };
                format!("{total} not shown ({cut}); --max-findings 0 shows {most}")
            } else {
                format!("{total} not shown ({cut}): so many are one mistake rather than that many")
            });
        }
        if !self.only.is_empty() {
            let only = self.only.join(", ");
            let left_out = plural(self.left_out, "other finding");
            remarks.push(format!("only {only} shown; {left_out} left out"));
        }
        if !self.complete {
            remarks.push("some checks were left out: mend the errors and run them again".to_owned());
        }
        remarks
    }
}

/// A number and a word, for example `1 file` and `2,000 files`.
#[must_use]
pub fn plural(number: usize, word: &str) -> String {
    format!("{} {word}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// A number with a comma between its thousands.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(plural(1, "file"), "1 file");
        assert_eq!(plural(0, "file"), "0 files");
    }

    #[test]
    fn the_headline_says_what_there_is() {
        let mut summary = Summary { objects: 1_204, files: 37, complete: true, ..Summary::default() };
        assert_eq!(summary.headline(), "ok: 1,204 objects in 37 files");
        assert_eq!(summary.remarks(), Vec::<String>::new());
        summary = Summary { errors: 3, warnings: 1, files_with_findings: 2, mendable: 1, ..summary };
        assert_eq!(summary.headline(), "3 errors, 1 warning in 2 of 37 files; 1 can be mended with --fix");
        summary.complete = false;
        summary.only = vec!["GS20".to_owned()];
        summary.left_out = 1;
        assert_eq!(summary.remarks().len(), 2);
    }
}
