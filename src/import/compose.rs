//! New texts for documents: changed values, new keys and new objects, with everything else as it was.

use std::sync::Arc;

use rayon::prelude::*;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use toml_edit::{DocumentMut, InlineTable, Item, Table};

use super::{ImportError, Subject, existing::Key, value::Value};
use crate::{
    diag::FileId,
    load::{document, text, tree},
};

/// A value for a field of an object that is there.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The keys that lead to the field.
    pub path: Arc<[String]>,
    /// What it must be.
    pub value: Value,
}

/// What became of an object that was there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is as the export says.
    Same,
    /// These fields were changed.
    Changed(Vec<String>),
    /// It is written in a way that this field cannot be put into.
    NoPlace(String),
}

/// Changes objects in a document. The text stays byte for byte when nothing differs.
pub(super) fn update(
    path: &str,
    text: &str,
    subject: Subject,
    objects: &[(Key, Vec<Change>)],
) -> Result<(String, Vec<Outcome>), ImportError> {
    let unreadable = |_| ImportError::Repository { path: path.to_owned() };
    // Most imports change little: the editor, which is slow and large, is for documents that differ.
    let (root, _) = DeTable::parse_recoverable(text);
    let same: Vec<bool> =
        objects.par_iter().map(|(key, changes)| is_same(root.get_ref(), key, subject, changes)).collect();
    let mut outcomes = Vec::with_capacity(objects.len());
    if same.iter().all(|same| *same) {
        outcomes.resize_with(objects.len(), || Outcome::Same);
        return Ok((text.to_owned(), outcomes));
    }
    let mut document: DocumentMut = text.parse().map_err(unreadable)?;
    let mut differs = false;
    for ((key, changes), same) in objects.iter().zip(same) {
        if same {
            outcomes.push(Outcome::Same);
            continue;
        }
        let mut item = Some(document.as_item_mut());
        for part in key.path(subject) {
            item = item.and_then(|item| item.get_mut(part));
        }
        let Some(item) = item else {
            outcomes.push(Outcome::NoPlace(String::new()));
            continue;
        };
        let mut changed = Vec::new();
        let mut no_place = None;
        for Change { path, value } in changes {
            let rendered = value.render();
            let wanted: toml_edit::Value = rendered.parse().map_err(|_| broken(path.join(".").as_str()))?;
            match set(item, path, wanted) {
                Some(false) => {}
                Some(true) => changed.push(path.join(".")),
                None => no_place = Some(path.join(".")),
            }
        }
        differs |= !changed.is_empty();
        outcomes.push(match no_place {
            Some(field) => Outcome::NoPlace(field),
            None if changed.is_empty() => Outcome::Same,
            None => Outcome::Changed(changed),
        });
    }
    let text = if differs { with_line_ends_of(text, document.to_string()) } else { text.to_owned() };
    Ok((text, outcomes))
}

/// Whether an object has every value already.
fn is_same(root: &DeTable<'_>, key: &Key, subject: Subject, changes: &[Change]) -> bool {
    fn below<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a DeValue<'a>> {
        table.get(key).map(Spanned::get_ref)
    }
    let mut object = root;
    for part in key.path(subject) {
        let Some(DeValue::Table(inner)) = below(object, part) else { return false };
        object = inner;
    }
    changes.iter().all(|Change { path, value }| {
        let Some((last, tables)) = path.split_last() else { return false };
        let mut table = object;
        for part in tables {
            let Some(DeValue::Table(inner)) = below(table, part) else { return false };
            table = inner;
        }
        below(table, last).is_some_and(|there| value.is(there))
    })
}

/// Sets a field; tells whether it differed, and `None` when there is no place for it.
fn set(object: &mut Item, path: &[String], wanted: toml_edit::Value) -> Option<bool> {
    let (last, tables) = path.split_last()?;
    let mut at = object;
    for part in tables {
        if at.get(part).is_none() {
            // The new table is written as `table.key = value`, in the lines of the object.
            let new = match at {
                Item::Table(_) => {
                    let mut table = Table::new();
                    table.set_dotted(true);
                    Item::Table(table)
                }
                Item::Value(toml_edit::Value::InlineTable(_)) => {
                    let mut table = InlineTable::new();
                    table.set_dotted(true);
                    Item::Value(toml_edit::Value::InlineTable(table))
                }
                _ => return None,
            };
            at.as_table_like_mut()?.insert(part, new);
        }
        at = at.get_mut(part)?;
    }
    let table = at.as_table_like_mut()?;
    match table.get_mut(last) {
        None | Some(Item::None) => {
            table.insert(last, Item::Value(wanted));
            Some(true)
        }
        Some(Item::Value(old)) => {
            if same(old, &wanted) {
                return Some(false);
            }
            let decor = old.decor().clone();
            *old = wanted;
            *old.decor_mut() = decor;
            Some(true)
        }
        Some(_) => None,
    }
}

/// Whether two values mean the same, however they are written.
fn same(one: &toml_edit::Value, other: &toml_edit::Value) -> bool {
    use toml_edit::Value;
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.value() == other.value(),
        (Value::Integer(one), Value::Integer(other)) => one.value() == other.value(),
        (Value::Boolean(one), Value::Boolean(other)) => one.value() == other.value(),
        (Value::Datetime(one), Value::Datetime(other)) => one.value() == other.value(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => false,
    }
}

/// The editor writes line feeds; a document whose lines all end in carriage returns as well keeps them.
fn with_line_ends_of(original: &str, edited: String) -> String {
    let lines = original.matches('\n').count();
    if lines > 0 && original.matches("\r\n").count() == lines {
        edited.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        edited
    }
}

/// A new object as TOML, with its header.
#[derive(Debug)]
pub(super) struct New {
    pub key: Key,
    pub text: String,
}

impl New {
    /// At least the number of its keys: one for each line, and one more for each dot in a key.
    pub(super) fn most_keys(&self) -> usize {
        let dots = |line: &str| line.split(" = ").next().map_or(0, |key| key.matches('.').count());
        self.text.lines().map(|line| 1 + dots(line)).sum()
    }
}

/// Puts new objects, sorted by id, into a document: between the others when those are sorted as well,
/// else at the end. `None` when an entitlement's service has no table header to stand behind.
pub(super) fn insert(text: &str, subject: Subject, new: &[New]) -> Option<String> {
    let (root, _) = DeTable::parse_recoverable(text);
    let headers = headers(text, root.get_ref());
    let mut places: Vec<(usize, &New)> = Vec::with_capacity(new.len());
    if subject == Subject::Entitlement {
        for object in new {
            places.push((entitlement_place(text, &headers, &object.key)?, object));
        }
        places.sort_by_key(|(place, _)| *place);
    } else {
        let siblings: Vec<(&str, usize)> = headers
            .iter()
            .filter(|header| header.path.first() == Some(&subject.name()))
            .filter_map(|header| Some((*header.path.get(1)?, header.start)))
            .collect();
        let sorted = siblings.is_sorted_by(|one, other| one.0 <= other.0);
        for object in new {
            let after = siblings.partition_point(|(id, _)| *id <= object.key.id.as_str());
            let successor = siblings.get(after).filter(|_| sorted);
            places.push((successor.map_or(text.len(), |(_, start)| opening(text, *start)), object));
        }
    }
    let mut result =
        String::with_capacity(text.len() + new.iter().map(|one| one.text.len() + 1).sum::<usize>());
    let mut done = 0;
    for (place, object) in places {
        result.push_str(text.get(done..place)?);
        done = place;
        if !result.is_empty() {
            while !result.ends_with("\n\n") && !result.ends_with("\n\r\n") {
                result.push('\n');
            }
        }
        result.push_str(&object.text);
        if place < text.len() {
            result.push('\n');
        }
    }
    result.push_str(text.get(done..)?);
    Some(with_line_ends_of(text, result))
}

/// A table header of a document.
struct Header<'t> {
    start: usize,
    path: Vec<&'t str>,
}

fn headers<'t>(text: &str, root: &'t DeTable<'t>) -> Vec<Header<'t>> {
    let mut found = Vec::new();
    collect(text, root, &mut Vec::new(), &mut found);
    found.sort_by_key(|header| header.start);
    found
}

// The parser bounds the depth of a tree, and with it the depth of this recursion.
fn collect<'t>(text: &str, table: &'t DeTable<'t>, path: &mut Vec<&'t str>, found: &mut Vec<Header<'t>>) {
    for (key, value) in table {
        path.push(key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => {
                note(text, value, "[", path, found);
                collect(text, inner, path, found);
            }
            DeValue::Array(items) => {
                for item in items {
                    if let DeValue::Table(inner) = item.get_ref() {
                        note(text, item, "[[", path, found);
                        collect(text, inner, path, found);
                    }
                }
            }
            _ => {}
        }
        path.pop();
    }
}

fn note<'t>(
    text: &str,
    value: &Spanned<DeValue<'_>>,
    opening: &str,
    path: &[&'t str],
    found: &mut Vec<Header<'t>>,
) {
    if text.get(value.span()).is_some_and(|header| header.starts_with(opening)) {
        found.push(Header { start: value.span().start, path: path.to_vec() });
    }
}

fn entitlement_place(text: &str, headers: &[Header<'_>], key: &Key) -> Option<usize> {
    let service = key.service.as_ref()?.as_str();
    let of_service =
        |header: &Header<'_>| header.path.first() == Some(&"service") && header.path.get(1) == Some(&service);
    let last = headers.iter().rposition(of_service)?;
    // In the middle of a service only when its entitlements are sorted and stand together.
    let siblings: Vec<(&str, usize)> = headers
        .iter()
        .filter(|header| of_service(header) && header.path.get(2) == Some(&"entitlement"))
        .filter_map(|header| Some((*header.path.get(3)?, header.start)))
        .collect();
    let sorted = siblings.is_sorted_by(|one, other| one.0 <= other.0);
    let after = siblings.partition_point(|(id, _)| *id <= key.id.as_str());
    let start = match siblings.get(after).filter(|_| sorted) {
        Some((_, start)) => Some(*start),
        None => headers.get(last + 1).map(|header| header.start),
    };
    Some(start.map_or(text.len(), |start| opening(text, start)))
}

/// Where the comments above a header start. Comments at the very start are about the file.
fn opening(text: &str, header: usize) -> usize {
    let before = text.get(..header).unwrap_or_default();
    let mut at = before.rfind('\n').map_or(0, |end| end + 1);
    let line = at;
    while let Some(above) = text.get(..at).and_then(|above| above.strip_suffix('\n')) {
        let start = above.rfind('\n').map_or(0, |end| end + 1);
        if !above.get(start..).is_some_and(|line| line.trim_start().starts_with('#')) {
            return at;
        }
        at = start;
    }
    line
}

/// Makes sure that a new text is a document that the loader reads.
pub(super) fn verify(path: &str, text: &str) -> Result<(), ImportError> {
    let mut found = Vec::new();
    let bytes = text.len() as u64;
    let parsed = document::parse(FileId(0), text, &mut found);
    if parsed.is_some() && found.is_empty() && bytes <= text::MAX_BYTES {
        return Ok(());
    }
    let why = found.first().map_or_else(|| "it would be too large".to_owned(), |first| first.message.clone());
    Err(ImportError::Output {
        message: format!(
            "`{path}` cannot take the new objects ({why}): write them to another file with `--out`"
        ),
    })
}

/// The number of keys of a document.
pub(super) fn keys(text: &str) -> usize {
    fn count(table: &DeTable<'_>) -> usize {
        table.values().map(|value| 1 + inner(value.get_ref())).sum()
    }
    fn inner(value: &DeValue<'_>) -> usize {
        match value {
            DeValue::Table(table) => count(table),
            DeValue::Array(items) => items.iter().map(|item| inner(item.get_ref())).sum(),
            _ => 0,
        }
    }
    count(DeTable::parse_recoverable(text).0.get_ref())
}

/// The most keys that an import puts into a document, with room left for what people add.
pub(super) const KEYS: usize = tree::MAX_KEYS / 10 * 9;
/// The most bytes that an import puts into a document.
#[allow(clippy::cast_possible_truncation, reason = "4 MiB fit into every usize")]
pub(super) const BYTES: usize = text::MAX_BYTES as usize / 8 * 7;

fn broken(field: &str) -> ImportError {
    ImportError::Output { message: format!("the value of `{field}` cannot be written as TOML") }
}
