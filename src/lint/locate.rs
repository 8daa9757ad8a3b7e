//! From findings to diagnostics.

use super::finding::Finding;
use crate::{
    diag::{Diagnostic, Edit, FileId, Fix, Label, Sources, Span},
    load::places::Places,
    model::Location,
};

/// Turns findings into diagnostics.
pub(super) fn locate(findings: &[Finding], sources: &Sources) -> Vec<Diagnostic> {
    let locations = findings.iter().flat_map(|finding| {
        std::iter::once(&finding.primary.0).chain(finding.related.iter().map(|(location, _)| location))
    });
    let places = Places::find(locations, sources);
    findings.iter().map(|finding| diagnostic(finding, |location| places.of(location))).collect()
}

fn diagnostic(finding: &Finding, resolve: impl Fn(&Location) -> (FileId, Span)) -> Diagnostic {
    let label = |(location, text): &(Location, String)| {
        let (file, span) = resolve(location);
        Label { file, span, text: text.clone() }
    };
    let primary = label(&finding.primary);
    let fix = finding.fix.as_ref().map(|(title, text, safety)| Fix {
        title: title.clone(),
        safety: *safety,
        edits: vec![Edit { file: primary.file, span: primary.span, text: text.clone() }],
    });
    Diagnostic {
        code: finding.code,
        level: finding.code.level,
        message: finding.message.clone(),
        primary,
        related: finding.related.iter().map(label).collect(),
        notes: finding.notes.clone(),
        help: finding.help.clone(),
        fix,
    }
}
