//! What a lint reports: objects and fields, not bytes.

use jiff::civil::Date;

use super::access::Analysis;
use crate::{
    decide::vocabulary::Vocabulary,
    diag::{Code, Safety, Sources},
    model::{Location, Rulebook},
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
    /// What is worked out once for all lints.
    pub(super) analysis: &'a Analysis<'a>,
    /// The files that were read, where they are known.
    pub(super) sources: Option<&'a Sources>,
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

impl<'a> Context<'a> {
    pub(super) fn new(analysis: &'a Analysis<'a>, code: &'static Code) -> Self {
        let directory = analysis.directory();
        let vocabulary = directory.vocabulary();
        let (rulebook, today) = (vocabulary.rulebook(), directory.today());
        Self { rulebook, today, vocabulary, analysis, sources: None, code, findings: Vec::new() }
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
