//! Grants as documents: new ones written out, and changes of those that are there, with everything else as it was.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table};

use crate::model::{Id, Instant, LocalDate, grant::Grant};

/// What cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// The document is no TOML.
    #[error("`{path}` cannot be read as TOML")]
    Unreadable {
        /// The path.
        path: String,
    },
    /// The object is not where it was, or is written in a way that a field cannot be put into.
    #[error("`{object}` is written in `{path}` in a way that `{field}` cannot be put into: write it by hand")]
    NoPlace {
        /// The path.
        path: String,
        /// The object.
        object: String,
        /// The field.
        field: String,
    },
    /// A value that TOML has no words for.
    #[error("`{field}` cannot be written as TOML")]
    NoWords {
        /// The field.
        field: String,
    },
}

/// The fields whose values are dates or instants, which TOML writes without quotes.
const DATES: [&str; 8] = ["start", "end", "until", "at", "review-by", "opens", "closes", "settled"];

/// A value in one line.
fn inline(field: &str, value: &Value) -> Result<String, NotWritten> {
    let no_words = || NotWritten::NoWords { field: field.to_owned() };
    Ok(match value {
        Value::Null => return Err(no_words()),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if DATES.contains(&field) && is_date(text) => text.clone(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| inline("", item)).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Object(fields) => {
            let fields: Result<Vec<String>, _> =
                fields.iter().map(|(key, value)| Ok(format!("{key} = {}", inline(key, value)?))).collect();
            format!("{{ {} }}", fields?.join(", "))
        }
    })
}

/// Whether a text is a date or an instant, as TOML writes them.
fn is_date(text: &str) -> bool {
    text.parse::<LocalDate>().is_ok() || text.parse::<Instant>().is_ok()
}

/// A text as a basic string in one line.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// The lines of a table, nested tables as dotted keys.
fn lines(before: &str, fields: &serde_json::Map<String, Value>, out: &mut String) -> Result<(), NotWritten> {
    for (key, value) in fields {
        let name = self::key(key);
        let path = if before.is_empty() { name } else { format!("{before}.{name}") };
        match value {
            Value::Object(inner) => lines(&path, inner, out)?,
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let _ = writeln!(out, "{path} = [");
                for item in items {
                    let _ = writeln!(out, "    {},", inline("", item)?);
                }
                out.push_str("]\n");
            }
            other => {
                let _ = writeln!(out, "{path} = {}", inline(key, other)?);
            }
        }
    }
    Ok(())
}

/// An object with its header.
///
/// # Errors
/// When a field has no words in TOML.
pub fn object(kind: &str, id: &Id, value: &impl Serialize) -> Result<String, NotWritten> {
    let no_words = || NotWritten::NoWords { field: format!("{kind}.{id}") };
    let Ok(Value::Object(mut fields)) = serde_json::to_value(value) else { return Err(no_words()) };
    // What stands for nothing written is not written.
    if kind == "grant" && fields.get("state") == Some(&Value::String("active".to_owned())) {
        fields.shift_remove("state");
    }
    let mut out = format!("[{kind}.{}]\n", key(id.as_str()));
    lines("", &fields, &mut out)?;
    Ok(out)
}

/// A key, in quotes where it must be.
fn key(text: &str) -> String {
    let bare = text.chars().all(|one| one.is_ascii_alphanumeric() || one == '-' || one == '_');
    if bare { text.to_owned() } else { quoted(text) }
}

/// A file that holds one grant.
///
/// # Errors
/// When a field has no words in TOML.
pub fn document(schema: Option<&str>, grants: &[(Id, Grant)]) -> Result<String, NotWritten> {
    let mut out = String::new();
    if let Some(schema) = schema {
        let _ = writeln!(out, "#:schema {schema}");
    }
    for (id, grant) in grants {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&object("grant", id, grant)?);
    }
    Ok(out)
}

/// Fields of an object that get new values: the keys that lead to each, and the value, or none to take the field out.
pub type Fields = Vec<(Vec<&'static str>, Option<Value>)>;

/// A document with fields of some of its objects changed, each given by its kind and id.
///
/// # Errors
/// When it cannot be read or a field has no place; then nothing of it is changed.
pub fn edit(path: &str, text: &str, changes: &[(&str, &Id, Fields)]) -> Result<String, NotWritten> {
    let unreadable = |_| NotWritten::Unreadable { path: path.to_owned() };
    let mut document: DocumentMut = text.parse().map_err(unreadable)?;
    for (kind, id, fields) in changes {
        let no_place = |field: &str| NotWritten::NoPlace {
            path: path.to_owned(),
            object: format!("{kind}.{id}"),
            field: field.to_owned(),
        };
        let item = document.as_item_mut().get_mut(kind).and_then(|item| item.get_mut(id.as_str()));
        let item = item.ok_or_else(|| no_place(""))?;
        for (keys, value) in fields {
            let name = keys.join(".");
            set(item, keys, value.as_ref()).map_err(|error| error.unwrap_or_else(|| no_place(&name)))?;
        }
    }
    let edited = document.to_string();
    let ends = text.matches('\n').count();
    if ends > 0 && text.matches("\r\n").count() == ends {
        return Ok(edited.replace("\r\n", "\n").replace('\n', "\r\n"));
    }
    Ok(edited)
}

/// Sets or takes out one field. The error is none when there is no place for it.
fn set(object: &mut Item, keys: &[&'static str], value: Option<&Value>) -> Result<(), Option<NotWritten>> {
    let (last, tables) = keys.split_last().ok_or(None::<NotWritten>)?;
    let mut at = object;
    for part in tables {
        if at.get(part).is_none() {
            if value.is_none() {
                return Ok(());
            }
            let mut table = Table::new();
            table.set_dotted(true);
            let new = if at.is_inline_table() {
                Item::Value(toml_edit::InlineTable::new().into())
            } else {
                Item::Table(table)
            };
            at.as_table_like_mut().ok_or(None::<NotWritten>)?.insert(part, new);
        }
        at = at.get_mut(part).ok_or(None::<NotWritten>)?;
    }
    let table = at.as_table_like_mut().ok_or(None::<NotWritten>)?;
    let Some(value) = value else {
        table.remove(last);
        return Ok(());
    };
    let written = inline(last, value).map_err(Some)?;
    let mut wanted: toml_edit::Value = written.parse().map_err(|_| None::<NotWritten>)?;
    match table.get_mut(last) {
        None | Some(Item::None) => {
            table.insert(last, Item::Value(wanted));
        }
        Some(Item::Value(old)) => {
            *wanted.decor_mut() = old.decor().clone();
            *old = wanted;
        }
        Some(_) => return Err(None),
    }
    Ok(())
}
