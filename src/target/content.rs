//! What an object holds, in the form in which plans compare it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::plan::{Content, Found, Key};

/// A value as content. Its fields are sorted, so that both sides write the same in the same way.
pub(super) fn sorted(value: &Value) -> Content {
    fn sort(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let fields: BTreeMap<&String, Value> =
                    fields.iter().map(|(name, value)| (name, sort(value))).collect();
                fields.into_iter().map(|(name, value)| (name.clone(), value)).collect::<Map<_, _>>().into()
            }
            Value::Array(items) => items.iter().map(sort).collect(),
            other => other.clone(),
        }
    }
    Content::of(&sort(value))
}

/// The digest of what an object holds.
pub(super) fn digest(value: &Value) -> String {
    sorted(value).digest().to_owned()
}

/// What a content that was made here says.
pub(super) fn value_of(content: &Content) -> Value {
    serde_json::from_str(content.text()).unwrap_or_default()
}

/// A field that is text; empty when it is not there.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A field that is a list of texts.
pub(super) fn texts<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// An object as it is observed.
pub(super) fn found(name: String, content: &Value, referred_by: Vec<Key>) -> Found {
    let marked = !text(content, "Mark").is_empty();
    let content = sorted(content);
    Found {
        name,
        digest: content.digest().to_owned(),
        content: Some(content.text().to_owned()),
        derived: false,
        marked,
        referred_by,
    }
}

/// The fields that are not as they should be, in words; nothing when all are.
pub(super) fn differing(wanted: &Value, held: &Value) -> String {
    let fields = wanted.as_object().into_iter().flatten();
    let fields = fields
        .filter(|(field, value)| held.get(field) != Some(*value))
        .map(|(field, _)| format!("`{field}`"));
    fields.collect::<Vec<_>>().join(", ")
}
