//! What objects hold, in the form in which plans compare it.

use serde_json::Value;

use crate::plan::{Content, Found};

use super::api::text;

/// A value as content. Its fields are sorted, so that both sides write the same in the same way.
pub(super) fn sorted(value: &Value) -> Content {
    fn sort(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let fields: std::collections::BTreeMap<&String, Value> =
                    fields.iter().map(|(name, value)| (name, sort(value))).collect();
                fields.into_iter().map(|(name, value)| (name.clone(), value)).collect::<serde_json::Map<_, _>>().into()
            }
            Value::Array(items) => items.iter().map(sort).collect(),
            other => other.clone(),
        }
    }
    Content::of(&sort(value))
}

pub(super) fn found(name: String, content: &Value, marked: bool) -> Found {
    let content = sorted(content);
    Found {
        name,
        digest: content.digest().to_owned(),
        content: Some(content.text().to_owned()),
        derived: false,
        marked,
        referred_by: Vec::new(),
    }
}

pub(super) fn digest(content: &Value) -> String {
    sorted(content).digest().to_owned()
}

/// What a content that was made here says.
pub(super) fn value_of(content: &Content) -> Value {
    serde_json::from_str(content.text()).unwrap_or_default()
}

/// A field that is text, or nothing.
pub(super) fn words(value: &Value, field: &str) -> String {
    text(value, field).unwrap_or_default()
}
