//! What a target holds, as documents.

use serde_json::{Map, Value, json};

use crate::{
    diag::{FileId, Sources, apply_safe_fixes},
    load::{document, layout::layout},
    model::{AnyDocument, Id, Rulebook},
    plan::{Key, Observed},
    target::{Row, TargetError},
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
    /// Objects of which the rulebook says the same.
    pub same: usize,
    /// Objects of which the rulebook says something else. They are left as they are.
    pub differing: Vec<Key>,
}

/// Turns what a target holds into documents. What the rulebook says already stays as it is written.
///
/// # Errors
/// When an object cannot be taken over.
pub fn documents(row: &Row, observed: &Observed, rulebook: &Rulebook) -> Result<Imported, TargetError> {
    let mut imported = Imported::default();
    let mut kinds: Map<String, Value> = Map::new();
    let mut written: Vec<(Key, AnyDocument)> = Vec::new();
    for (key, found) in &observed.objects {
        let text = found.content.as_deref().ok_or_else(|| unreadable(key))?;
        let Some((id, document)) = (row.document)(key, text)? else { continue };
        let fields = document.json().map_err(|_| unreadable(key))?;
        match says(rulebook, &id, &document) {
            Some(value) if value == fields || *key.kind == *"person" => imported.same += 1,
            Some(_) => imported.differing.push(key.clone()),
            None => {
                let objects = kinds.entry(document.kind().name()).or_insert_with(|| json!({}));
                if let Some(objects) = objects.as_object_mut() {
                    objects.insert(id.to_string(), without_null(fields));
                }
                imported.taken.push(key.clone());
                written.push((key.clone(), document));
            }
        }
    }
    if imported.taken.is_empty() {
        return Ok(imported);
    }
    let text = toml::to_string(&Value::Object(kinds)).map_err(|error| {
        TargetError::refused(format!("what the target holds has no TOML: {error}"), "report this as a defect of gitsm")
    })?;
    imported.text = mended(text)?;
    agree(&imported.text, &written)?;
    Ok(imported)
}

/// What the rulebook says about an object; nothing when it has none of this name.
fn says(rulebook: &Rulebook, id: &Id, document: &AnyDocument) -> Option<Value> {
    rulebook.json(document.kind(), id.as_str()).ok().flatten()
}

/// The text as documents are written: dates without quotes, and laid out in the one way.
fn mended(mut text: String) -> Result<String, TargetError> {
    // Of each object one date is found at a time.
    for _ in 0..MOST_DATES {
        let mut sources = Sources::default();
        let file = sources.add("imported.toml", text.as_str());
        let parsed = document::read(file, text.clone().into_bytes());
        match apply_safe_fixes(parsed.found.iter(), &sources, |_| true).texts.into_values().next() {
            Some(better) => text = better,
            None => break,
        }
    }
    layout(FileId(0), &text).map_err(|_| unwritable())
}

/// Makes sure that what was written is read as what was found.
fn agree(text: &str, written: &[(Key, AnyDocument)]) -> Result<(), TargetError> {
    let parsed = document::read(FileId(0), text.as_bytes().to_vec());
    let read = |key: &Key, document: &AnyDocument| {
        let same = parsed.objects.iter().find(|object| {
            object.document.kind().name() == &*key.kind && object.id.as_str() == &*key.id
        });
        same.is_some_and(|object| object.document == *document)
    };
    match written.iter().find(|(key, document)| !read(key, document)) {
        None => Ok(()),
        Some((key, _)) => Err(TargetError::refused(
            format!("`{key}` cannot be written as a document that says the same"),
            "write it by hand",
        )),
    }
}

fn without_null(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_null(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_null).collect(),
        other => other,
    }
}

fn unreadable(key: &Key) -> TargetError {
    TargetError::refused(format!("`{key}` cannot be read as text"), "look at what it is")
}

fn unwritable() -> TargetError {
    TargetError::refused("the documents cannot be laid out", "report this as a defect of gitsm")
}
