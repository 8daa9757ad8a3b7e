//! Findings: what is wrong, where, why, and what to write instead.
//!
//! A finding is a value; only the `report` layer turns it into text. A *failure* (a disk that cannot be
//! read, a flag that makes no sense) is an error and never a finding.

mod code;
mod edits;
mod outline;
mod place;
mod sources;

pub(crate) use code::code;
pub use code::{Code, Level};
pub use edits::{Edited, apply_safe_fixes};
pub use outline::{Located, Outline, unescape};
pub use place::{Place, Span};
pub use sources::{FileId, LineColumn, SourceFile, Sources};

use serde::Serialize;

/// One finding about the rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that was broken; its page is printed by `gitsm explain`.
    pub code: &'static Code,
    /// How serious it is here, after the levels of `gitsm.toml` were applied.
    pub level: Level,
    /// What is wrong, in one lower-case line without a full stop.
    pub message: String,
    /// The place that has to change.
    pub primary: Label,
    /// Other places that explain the finding, such as the first definition of a duplicate.
    pub related: Vec<Label>,
    /// Facts that help to understand the finding.
    pub notes: Vec<String>,
    /// What to write instead, in words.
    pub help: Option<String>,
    /// What to write instead, as edits.
    pub fix: Option<Fix>,
}

/// A place in a file with a few words about its part in a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub file: FileId,
    /// The bytes of the file that are meant.
    pub span: Span,
    /// What to say beside the place; may be empty.
    pub text: String,
}

/// A change to files that removes a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, for example "remove the quotes".
    pub title: String,
    /// Whether `validate --fix` may apply it without asking.
    pub safety: Safety,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied without a person reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// The fix cannot change a decision: `validate --fix` applies it.
    Safe,
    /// The fix is a guess at what was meant: shown, never applied on its own.
    Suggestion,
}

/// Replaces some bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub file: FileId,
    /// The bytes to replace; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

impl Diagnostic {
    /// A finding at the level that its code has by default.
    #[must_use]
    pub fn new(code: &'static Code, file: FileId, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level,
            message: message.into(),
            primary: Label { file, span, text: String::new() },
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Says a few words beside the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, file: FileId, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { file, span, text: text.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Offers an edit at the primary place: with [`Safety::Safe`] it is applied by `validate --fix`.
    #[must_use]
    pub fn replace_with(mut self, title: impl Into<String>, text: impl Into<String>, safety: Safety) -> Self {
        let edit = Edit { file: self.primary.file, span: self.primary.span, text: text.into() };
        self.fix = Some(Fix { title: title.into(), safety, edits: vec![edit] });
        self
    }

    /// The key that puts findings in the order in which a person reads files.
    #[must_use]
    pub fn sort_key(&self) -> (FileId, Span, &'static str, &str) {
        (self.primary.file, self.primary.span, self.code.id, &self.message)
    }
}
