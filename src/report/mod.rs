//! Values into words: one file per format.
//!
//! A format is a file with a function and one row in [`FORMATS`]. Text from the repository goes through
//! [`plain`] on its way out, so that no file can speak to the terminal, the log or the page it is shown on.

pub mod applied;
pub mod approval;
pub mod change;
pub mod commitment;
pub mod conceal;
pub mod concise;
pub mod consequence;
pub mod coverage;
pub mod decision;
pub mod excerpt;
pub mod fingerprint;
pub mod gate;
pub mod grants;
pub mod github;
pub mod history;
pub mod human;
pub mod impact;
pub mod import;
pub mod incident;
pub mod json;
pub mod junit;
pub mod lifecycle;
pub mod lines;
pub mod markdown;
pub mod merged;
pub mod paint;
pub mod plain;
pub mod plan;
pub mod replay;
pub mod revision;
pub mod sarif;
pub mod scenarios;
pub mod summary;
pub mod targets;
pub mod unified;

pub use summary::Summary;

use std::{collections::BTreeMap, sync::OnceLock};

use crate::{
    diag::{Diagnostic, FileId, Level, LineColumn, Sources, Span},
    load::{Completeness, Loaded},
    model::Kind,
};

/// The most findings that any format writes, unless it is told to write more.
pub const MOST: usize = 50_000;
/// The most findings that are worth reading.
pub const MOST_FOR_PEOPLE: usize = 200;

/// A way to write findings.
#[derive(Debug)]
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// How many findings it writes unless it is told otherwise.
    pub most: usize,
    /// Writes a report.
    pub render: fn(&Report<'_>, Style) -> Result<String, RenderError>,
}

/// Every format.
pub static FORMATS: &[Format] = &[
    Format {
        name: "human",
        about: "with the lines that they are about",
        most: MOST_FOR_PEOPLE,
        render: human::render,
    },
    Format { name: "concise", about: "one line for each", most: MOST_FOR_PEOPLE, render: concise::render },
    Format { name: "json", about: "JSON with a published schema", most: MOST, render: json::render },
    Format { name: "github", about: "annotations of GitHub Actions", most: MOST, render: github::render },
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", most: MOST, render: sarif::render },
    Format { name: "junit", about: "JUnit XML, for CI servers", most: MOST, render: junit::render },
    Format {
        name: "markdown",
        about: "for a comment on a pull request",
        most: MOST_FOR_PEOPLE,
        render: markdown::render,
    },
];

/// The format of this name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// A report that cannot be written. Neither happens for any input: both would be a defect of gitsm.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A value has no JSON.
    #[error("the report cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A template is wrong.
    #[error("the report cannot be written from its template")]
    Template(#[from] minijinja::Error),
}

/// How a report looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether it is coloured.
    pub colour: bool,
    /// The width of a line, in columns; longer lines of files are cut.
    pub width: usize,
}

/// Which findings are written.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The beginnings of the codes that are wanted; empty for all.
    pub only: Vec<String>,
    /// The most findings to write; 0 for all.
    pub most: usize,
}

impl Selection {
    /// Whether a finding is wanted.
    #[must_use]
    pub fn wants(&self, diagnostic: &Diagnostic) -> bool {
        self.wants_code(diagnostic.code.id)
    }

    /// Whether findings with a code are wanted.
    #[must_use]
    pub fn wants_code(&self, code: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|start| code.starts_with(start.as_str()))
    }

    /// The findings to write, in their order, and those to count. Where there are too many, the worst are written, and
    /// of equals those that stand first: a hundred notes never hide the one error that fails the run.
    fn cut<'a>(&self, found: Vec<&'a Diagnostic>) -> (Vec<&'a Diagnostic>, Vec<&'a Diagnostic>) {
        if self.most == 0 || found.len() <= self.most {
            return (found, Vec::new());
        }
        let mut ranked: Vec<(usize, &Diagnostic)> = found.into_iter().enumerate().collect();
        ranked.sort_by_key(|(_, one)| std::cmp::Reverse(one.level));
        let cut = ranked.split_off(self.most);
        ranked.sort_unstable_by_key(|(place, _)| *place);
        let without_place =
            |ranked: Vec<(usize, &'a Diagnostic)>| ranked.into_iter().map(|(_, one)| one).collect();
        (without_place(ranked), without_place(cut))
    }
}

/// Findings to be written.
#[derive(Debug)]
pub struct Report<'a> {
    /// The texts that they are about.
    pub sources: &'a Sources,
    /// The findings, in the order of files and places, without those that were cut.
    pub shown: Vec<&'a Diagnostic>,
    /// The counts, with those that were cut.
    pub summary: Summary,
    /// What stands before every path that a person or a CI server follows: the folder of the repository as
    /// seen from where the command runs, with a `/` at its end, or nothing.
    pub prefix: String,
    /// The commit that they are about; none for the files of a folder.
    pub rulebook: Option<revision::At>,
    /// The secrets in the files that findings are about; looked for when the first of these is shown.
    secrets: OnceLock<BTreeMap<FileId, Vec<Span>>>,
}

/// Where a finding stands, as people and other tools count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The first character.
    pub start: LineColumn,
    /// The character after the last.
    pub end: LineColumn,
}

impl<'a> Report<'a> {
    /// The report about a repository that was read.
    #[must_use]
    pub fn new(loaded: &'a Loaded, selection: &Selection, prefix: String) -> Self {
        let wanted: Vec<&Diagnostic> = loaded.found.iter().filter(|one| selection.wants(one)).collect();
        let mut summary = Summary::count(&wanted);
        summary.files = loaded.sources.len();
        summary.objects = Kind::ALL.into_iter().map(|kind| loaded.rulebook.count(kind)).sum();
        summary.complete = loaded.completeness == Completeness::Whole;
        summary.only.clone_from(&selection.only);
        summary.left_out = loaded.found.len() - wanted.len();
        let (shown, cut) = selection.cut(wanted);
        summary.cut(cut.into_iter());
        summary.not_kept(loaded, selection);
        Self { sources: &loaded.sources, shown, summary, prefix, rulebook: None, secrets: OnceLock::new() }
    }

    /// The report about the errors of a repository.
    #[must_use]
    pub fn errors(loaded: &'a Loaded, selection: &Selection, prefix: String) -> Self {
        let is_error = |one: &&Diagnostic| one.level == Level::Error && selection.wants(one);
        let errors: Vec<&Diagnostic> = loaded.found.iter().filter(is_error).collect();
        let mut summary = Summary::count(&errors);
        let (shown, cut) = selection.cut(errors);
        summary.cut(cut.into_iter());
        summary.not_kept(loaded, selection);
        Self { sources: &loaded.sources, shown, summary, prefix, rulebook: None, secrets: OnceLock::new() }
    }

    /// A report about findings that do not belong to a repository.
    #[must_use]
    pub fn about(found: &'a [Diagnostic], sources: &'a Sources) -> Self {
        let shown: Vec<&Diagnostic> = found.iter().collect();
        let summary = Summary { files: sources.len(), complete: true, ..Summary::count(&shown) };
        Self { sources, shown, summary, prefix: String::new(), rulebook: None, secrets: OnceLock::new() }
    }

    /// The path of a file as somebody can follow it, without characters that cannot be seen.
    #[must_use]
    pub fn path(&self, file: FileId) -> String {
        plain::line(&format!("{}{}", self.prefix, self.sources.path(file))).into_owned()
    }

    /// The places of a file that must not be shown because a secret stands there, in order.
    #[must_use]
    pub fn concealed(&self, file: FileId) -> &[Span] {
        let secrets = self.secrets.get_or_init(|| conceal::secrets(&self.shown, self.sources));
        secrets.get(&file).map(Vec::as_slice).unwrap_or_default()
    }

    /// Where a span stands.
    #[must_use]
    pub fn position(&self, file: FileId, span: Span) -> Position {
        position(self.sources, file, span)
    }
}

/// Where a span of a file stands; the beginning of the file when the file is not known.
#[must_use]
pub fn position(sources: &Sources, file: FileId, span: Span) -> Position {
    let at = |offset| {
        sources.get(file).map_or(LineColumn { line: 1, column: 1 }, |source| source.line_column(offset))
    };
    Position { start: at(span.start), end: at(span.end) }
}
