//! What a lint reports: objects and fields, not bytes.

use jiff::civil::Date;

use crate::{
    decide::vocabulary::Vocabulary,
    diag::{Code, FileId, Place, Safety, Span},
    model::{Document, Entry, Kind, Origin, Reference, Rulebook},
};

/// What a lint works with.
#[derive(Debug)]
pub struct Context<'a> {
    /// The rulebook.
    pub rulebook: &'a Rulebook,
    /// The day on which dates are compared.
    pub today: Date,
    /// The attributes that conditions can test.
    pub vocabulary: &'a Vocabulary<'a>,
    code: &'static Code,
    findings: Vec<Finding>,
}

/// A finding whose places are not looked up yet.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that was broken.
    pub code: &'static Code,
    /// What is wrong, in one lower-case line without a full stop.
    pub message: String,
    /// The place that has to change, and a few words beside it.
    pub primary: (Location, String),
    /// Other places that explain the finding.
    pub related: Vec<(Location, String)>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// What to write instead.
    pub help: Option<String>,
    /// A text that replaces the primary place, with a title.
    pub fix: Option<(String, String, Safety)>,
}

/// A place in the rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A field of an object, as a JSON pointer below the file; the origin stands in where it is not found.
    Field {
        /// The object.
        origin: Origin,
        /// `/kind/id/field/…`.
        pointer: String,
        /// Whether the key is meant rather than the value.
        key: bool,
    },
    /// Bytes of a file.
    Bytes(FileId, Span),
}

impl<'a> Context<'a> {
    pub(super) fn new(vocabulary: &'a Vocabulary<'a>, today: Date, code: &'static Code) -> Self {
        Self { rulebook: vocabulary.rulebook(), today, vocabulary, code, findings: Vec::new() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Reports that something is wrong; add to the finding what helps to mend it.
    pub fn report(&mut self, at: Location, message: impl Into<String>) -> &mut Finding {
        self.report_as(self.code, at, message)
    }

    /// Reports something else than what the lint is about: why it cannot tell.
    pub(super) fn report_as(
        &mut self,
        code: &'static Code,
        at: Location,
        message: impl Into<String>,
    ) -> &mut Finding {
        let index = self.findings.len();
        self.findings.push(Finding {
            code,
            message: message.into(),
            primary: (at, String::new()),
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        });
        #[allow(clippy::indexing_slicing, reason = "the finding was added just above")]
        &mut self.findings[index]
    }
}

impl Finding {
    /// Says a few words beside the primary place.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.primary.1 = text.into();
        self
    }

    /// Adds a second place.
    pub fn related(&mut self, at: Location, text: impl Into<String>) -> &mut Self {
        self.related.push((at, text.into()));
        self
    }

    /// Adds a fact.
    pub fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to write instead.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }

    /// Offers a text that replaces the primary place.
    pub fn replace_with(
        &mut self,
        title: impl Into<String>,
        text: impl Into<String>,
        safety: Safety,
    ) -> &mut Self {
        self.fix = Some((title.into(), text.into(), safety));
        self
    }
}

impl Location {
    /// A field of an object of any kind.
    #[must_use]
    pub fn field(kind: Kind, id: &str, origin: Origin, pointer: &str) -> Self {
        Self::Field { origin, pointer: format!("/{}/{id}{pointer}", kind.name()), key: false }
    }

    /// The same place, meaning the key rather than the value.
    #[must_use]
    pub fn key(self) -> Self {
        match self {
            Self::Field { origin, pointer, .. } => Self::Field { origin, pointer, key: true },
            bytes @ Self::Bytes(..) => bytes,
        }
    }

    /// Where a reference stands.
    #[must_use]
    pub fn of(reference: &Reference) -> Self {
        Self::Bytes(reference.origin.file, reference.origin.span)
    }

    /// A place inside an object that the model carries itself, such as a test of a condition.
    #[must_use]
    pub fn place(origin: Origin, place: Place) -> Self {
        Self::Bytes(origin.file, place.0)
    }
}

impl<T: Document> Entry<T> {
    /// Where a field of the object stands: a JSON pointer such as `/stage/0/approvers`, or the empty string
    /// for the object itself. What is missing is shown as the table in which it is missing.
    #[must_use]
    pub fn at(&self, pointer: impl AsRef<str>) -> Location {
        if pointer.as_ref().is_empty() {
            return Location::Bytes(self.origin.file, self.origin.span);
        }
        Location::field(T::KIND, self.id.as_str(), self.origin, pointer.as_ref())
    }
}
