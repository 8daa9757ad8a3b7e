//! From objects and fields to bytes. A file is parsed again only when something was found in it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use toml::de::DeTable;

use super::finding::{Finding, Location};
use crate::{
    diag::{Diagnostic, Edit, FileId, Fix, Label, Sources, Span},
    load::tree,
};

/// Turns findings into diagnostics.
pub(super) fn locate(findings: &[Finding], sources: &Sources) -> Vec<Diagnostic> {
    let mut wanted: BTreeMap<FileId, Vec<&str>> = BTreeMap::new();
    let places = findings.iter().flat_map(|finding| {
        std::iter::once(&finding.primary.0).chain(finding.related.iter().map(|(location, _)| location))
    });
    for location in places {
        if let Location::Field { origin, pointer, .. } = location {
            wanted.entry(origin.file).or_default().push(pointer);
        }
    }
    let found: BTreeMap<(FileId, String), tree::Located> =
        wanted.into_par_iter().flat_map_iter(|(file, pointers)| look_up(sources, file, &pointers)).collect();
    let resolve = |location: &Location| -> (FileId, Span) {
        match location {
            Location::Bytes(file, span) => (*file, *span),
            Location::Field { origin, pointer, key } => {
                let span = match found.get(&(origin.file, pointer.clone())) {
                    Some(located) if *key => located.key.unwrap_or(located.value),
                    Some(located) if located.value != Span::default() => located.value,
                    _ => origin.span,
                };
                (origin.file, span)
            }
        }
    };
    findings.iter().map(|finding| diagnostic(finding, resolve)).collect()
}

fn look_up(sources: &Sources, file: FileId, pointers: &[&str]) -> Vec<((FileId, String), tree::Located)> {
    let Some(source) = sources.get(file) else { return Vec::new() };
    // Objects from CSV files have no tree; their record stands in for every field.
    if !source.path.ends_with(".toml") {
        return Vec::new();
    }
    let (root, _) = DeTable::parse_recoverable(&source.text);
    pointers
        .iter()
        .map(|pointer| ((file, (*pointer).to_owned()), tree::locate(root.get_ref(), pointer)))
        .collect()
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
