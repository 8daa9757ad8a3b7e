//! TOML as it was written, as plain values.

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// The tables of a text; what the parser cannot make out is missing.
#[must_use]
pub fn read(text: &str) -> Value {
    let (root, _) = DeTable::parse_recoverable(text);
    table(root.get_ref())
}

/// A value of a parsed text. Dates become texts.
#[must_use]
pub fn value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_or_else(|_| Value::String(integer.as_str().to_owned()), Value::from),
        // The rulebook has no floats; what is written in their place is shown as it is.
        DeValue::Float(float) => Value::String(float.as_str().to_owned()),
        DeValue::Boolean(boolean) => Value::Bool(*boolean),
        DeValue::Datetime(datetime) => Value::String(datetime.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| self::value(item.get_ref())).collect()),
        DeValue::Table(inner) => table(inner),
    }
}

fn table(table: &DeTable<'_>) -> Value {
    let entries = table.iter().map(|(key, inner)| (key.get_ref().to_string(), value(inner.get_ref())));
    Value::Object(entries.collect::<Map<_, _>>())
}

/// Whether two values are written the same, wherever they stand and in whatever order their keys.
#[must_use]
pub fn same(one: &DeValue<'_>, other: &DeValue<'_>) -> bool {
    match (one, other) {
        (DeValue::String(one), DeValue::String(other)) => one == other,
        (DeValue::Integer(one), DeValue::Integer(other)) => {
            one.as_str() == other.as_str() && one.radix() == other.radix()
        }
        (DeValue::Float(one), DeValue::Float(other)) => one.as_str() == other.as_str(),
        (DeValue::Boolean(one), DeValue::Boolean(other)) => one == other,
        (DeValue::Datetime(one), DeValue::Datetime(other)) => one == other,
        (DeValue::Array(one), DeValue::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other.iter()).all(|(one, other)| same(one.get_ref(), other.get_ref()))
        }
        (DeValue::Table(one), DeValue::Table(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| {
                    other
                        .get(key.get_ref().as_ref())
                        .is_some_and(|other| same(value.get_ref(), other.get_ref()))
                })
        }
        _ => false,
    }
}
