//! What a target holds, as documents.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    diag::{FileId, Sources, apply_safe_fixes},
    load::{document, layout::layout},
    model::{AnyDocument, Id, Kind, Rulebook},
    plan::{Desired, Key, Observed},
    target::{Row, TargetError, Written},
};

/// The most dates of one object.
const MOST_DATES: usize = 1_000;

/// What was found at a target.
#[derive(Debug, Default)]
pub struct Imported {
    /// The new documents, as TOML; empty when there are none.
    pub text: String,
    /// The objects that are in it.
    pub taken: Vec<Key>,
    /// How many objects the rulebook says the same about.
    pub same: usize,
    /// Objects about which the rulebook says something else. They are left as they are.
    pub differing: Vec<Key>,
    /// Objects that are no documents as they are. They are left out.
    pub unreadable: Vec<Key>,
}

/// Turns what a target holds into documents. What the rulebook says already stays as it is written. `desired` is what the
/// target must hold: an object that is so is as the rulebook says, whatever of it does not reach the target.
///
/// # Errors
/// When documents cannot be written.
pub fn documents(
    row: &Row,
    observed: &Observed,
    rulebook: &Rulebook,
    desired: &Desired,
) -> Result<Imported, TargetError> {
    let mut imported = Imported::default();
    let mut found: Vec<(Written, bool)> = Vec::new();
    for (key, object) in &observed.objects {
        // Among what is gitsm's lies what is not: it is named, and does not keep the rest from being taken over.
        let written = object.content.as_deref().map(|text| match row.document {
            Some(document) => document(key, text),
            None => Ok(None),
        });
        match written {
            Some(Ok(None)) => {}
            Some(Ok(Some(written))) if is_readable(&written) => {
                let wanted = desired.objects.get(key);
                let as_wanted = wanted.is_some_and(|wanted| wanted.content.digest() == object.digest);
                found.push((written, as_wanted));
            }
            _ => imported.unreadable.push(key.clone()),
        }
    }
    // Read back as documents: only so are they compared with those of the rulebook.
    let all: Vec<Written> = found.iter().map(|(written, _)| written.clone()).collect();
    let read = document::read(FileId(0), mended(compose(&all)?).into_bytes());
    let documents: BTreeMap<(Kind, &Id), &AnyDocument> =
        read.objects.iter().map(|object| ((object.document.kind(), &object.id), &object.document)).collect();
    let mut new: Vec<Written> = Vec::new();
    for (written, as_wanted) in found {
        let key = Key::new(written.kind.name(), written.id.as_str());
        match documents.get(&(written.kind, &written.id)) {
            None => imported.unreadable.push(key),
            Some(document) => match rulebook.json(written.kind, written.id.as_str()).ok().flatten() {
                None => {
                    imported.taken.push(key);
                    new.push(written);
                }
                Some(said) if as_wanted || says(document, &said) => imported.same += 1,
                Some(_) => imported.differing.push(key),
            },
        }
    }
    imported.unreadable.sort();
    if !new.is_empty() {
        let text = mended(compose(&new)?);
        imported.text = layout(FileId(0), &text).map_err(|_| {
            TargetError::refused("the documents cannot be laid out", "report this as a defect of gitsm")
        })?;
    }
    Ok(imported)
}

/// Whether a document of the target says what the rulebook says. Of people a target may hold no more than the name.
fn says(document: &AnyDocument, said: &Value) -> bool {
    let Ok(fields) = document.json() else { return false };
    if document.kind() == Kind::Person { fields.get("name") == said.get("name") } else { fields == *said }
}

/// Whether a document can be written and read back. One that cannot, such as one with tables in tables without end, would
/// keep all others from being read.
fn is_readable(written: &Written) -> bool {
    let Ok(text) = compose(std::slice::from_ref(written)) else { return false };
    !document::read(FileId(0), mended(text).into_bytes()).objects.is_empty()
}

/// Documents as TOML, with dates in quotes.
fn compose(documents: &[Written]) -> Result<String, TargetError> {
    let mut kinds: Map<String, Value> = Map::new();
    for Written { kind, id, fields } in documents {
        let objects = kinds.entry(kind.name()).or_insert_with(|| json!({}));
        if let Some(objects) = objects.as_object_mut() {
            objects.insert(id.to_string(), without_null(fields));
        }
    }
    toml::to_string(&Value::Object(kinds)).map_err(|error| {
        TargetError::refused(
            format!("what the target holds has no TOML: {error}"),
            "report this as a defect of gitsm",
        )
    })
}

/// The text with dates as documents write them.
fn mended(mut text: String) -> String {
    // Of each object one date is found at a time.
    for _ in 0..MOST_DATES {
        let mut sources = Sources::default();
        let file = sources.add("imported.toml", text.as_str());
        let read = document::read(file, text.clone().into_bytes());
        match apply_safe_fixes(read.found.iter(), &sources, |_| true).texts.into_values().next() {
            Some(better) => text = better,
            None => break,
        }
    }
    text
}

fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_null(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_null).collect(),
        other => other.clone(),
    }
}
