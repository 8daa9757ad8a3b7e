//! SARIF 2.1.0 (OASIS), which code scanning reads.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{RenderError, Report, Style, fingerprint::fingerprints, json as plain_json};
use crate::diag::{Code, Diagnostic, Edit, FileId, Fix, Label, Level, Span};

/// The name of the folder that relative paths start from, as code scanning expects it.
const BASE: &str = "%SRCROOT%";
/// The name of the fingerprint; a new number when it is made in another way.
const FINGERPRINT: &str = "gitsm/v1";

/// Writes the SARIF log.
///
/// # Errors
/// Never: every value has a JSON.
pub fn render(report: &Report<'_>, _: Style) -> Result<String, RenderError> {
    let mut codes: Vec<&'static Code> = report.shown.iter().map(|one| one.code).collect();
    codes.sort_unstable_by_key(|code| code.id);
    codes.dedup_by_key(|code| code.id);
    let fingerprints = fingerprints(report);
    let results: Vec<Value> = report
        .shown
        .iter()
        .zip(fingerprints)
        .map(|(one, fingerprint)| result(one, report, &codes, &fingerprint))
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "invocations": [{ "executionSuccessful": report.summary.complete }],
            "originalUriBaseIds": {
                BASE: { "description": { "text": "the folder that the command was run in" } },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": { "summary": report.summary },
        }],
    });
    plain_json::write(&log)
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": code.summary },
        "help": { "text": code.page, "markdown": code.page },
        "defaultConfiguration": { "level": level(code.level) },
    })
}

fn result(one: &Diagnostic, report: &Report<'_>, codes: &[&Code], fingerprint: &str) -> Value {
    let mut message = one.message.clone();
    for note in &one.notes {
        message.push_str("\nnote: ");
        message.push_str(note);
    }
    if let Some(help) = &one.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let mut result = json!({
        "ruleId": one.code.id,
        "ruleIndex": codes.partition_point(|code| code.id < one.code.id),
        "level": level(one.level),
        "message": { "text": message },
        "locations": [location(&one.primary, report)],
        "partialFingerprints": { FINGERPRINT: fingerprint },
    });
    let related: Vec<Value> = (1..)
        .zip(&one.related)
        .map(|(id, label): (u32, _)| {
            let mut location = location(label, report);
            add(&mut location, "id", json!(id));
            location
        })
        .collect();
    if !related.is_empty() {
        add(&mut result, "relatedLocations", Value::Array(related));
    }
    if let Some(changes) = one.fix.as_ref().map(|fix| changes(fix, report)) {
        add(&mut result, "fixes", json!([changes]));
    }
    result
}

fn location(label: &Label, report: &Report<'_>) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(label.file, report),
        "region": region(label.file, label.span, report),
    } });
    if !label.text.is_empty() {
        add(&mut location, "message", json!({ "text": label.text }));
    }
    location
}

fn artifact(file: FileId, report: &Report<'_>) -> Value {
    json!({ "uri": uri(&format!("{}{}", report.prefix, report.sources.path(file))), "uriBaseId": BASE })
}

fn region(file: FileId, span: Span, report: &Report<'_>) -> Value {
    let position = report.position(file, span);
    json!({
        "startLine": position.start.line,
        "startColumn": position.start.column,
        "endLine": position.end.line,
        "endColumn": position.end.column,
    })
}

fn changes(fix: &Fix, report: &Report<'_>) -> Value {
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.file).collect();
    files.sort_unstable();
    files.dedup();
    let replacement = |edit: &Edit| {
        json!({
            "deletedRegion": region(edit.file, edit.span, report),
            "insertedContent": { "text": edit.text },
        })
    };
    let change = |file: FileId| {
        let edits = fix.edits.iter().filter(|edit| edit.file == file);
        json!({
            "artifactLocation": artifact(file, report),
            "replacements": edits.map(replacement).collect::<Vec<_>>(),
        })
    };
    json!({
        "description": { "text": fix.title },
        "artifactChanges": files.into_iter().map(change).collect::<Vec<_>>(),
    })
}

/// Adds a property to an object.
fn add(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Off => "none",
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// A relative path as a URI reference (RFC 3986): everything but unreserved characters and `/` is
/// percent-encoded, so the first part never reads as a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_percent_encoded() {
        assert_eq!(uri("catalog/a-b_c.toml"), "catalog/a-b_c.toml");
        assert_eq!(uri("a b/é:#?%\u{1b}.toml"), "a%20b/%C3%A9%3A%23%3F%25%1B.toml");
    }
}
