//! Lets the schema validator read the TOML tree as it is, without a copy as JSON.
//!
//! Dates are shown to it as strings. Floats are shown as numbers that are not integers, however they are
//! written: the rulebook has no floats, and `1.0` is not a count.

use std::borrow::Cow;

use jsonschema::{
    JsonType,
    json::{Array, Json, JsonNumber, Node, NodeIdentity, Object},
};
use serde_json::{Number, Value};
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

/// The representation.
#[derive(Debug, Clone, Copy)]
pub enum Toml {}

impl Json for Toml {
    type Node<'a> = TomlNode<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = String;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, call: impl FnOnce(TomlNode<'_>) -> T) -> T {
        buffer.clear();
        buffer.push_str(string);
        call(TomlNode::Text(buffer))
    }
}

/// A value of the tree.
#[derive(Debug, Clone, Copy)]
pub enum TomlNode<'a> {
    /// A string that is not part of the tree, such as a key.
    Text(&'a str),
    /// A table.
    Table(&'a DeTable<'a>),
    /// Anything else, or a table inside another.
    Value(&'a DeValue<'a>),
}

impl<'a> Node<'a, Toml> for TomlNode<'a> {
    type Object = TableNode<'a>;
    type Array = ArrayNode<'a>;
    type Number = NumberNode;

    fn as_object(&self) -> Option<TableNode<'a>> {
        match self {
            Self::Table(table) => Some(TableNode(table)),
            Self::Value(DeValue::Table(table)) => Some(TableNode(table)),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<ArrayNode<'a>> {
        match self {
            Self::Value(DeValue::Array(array)) => Some(ArrayNode(array)),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Value(DeValue::String(text)) => Some(Cow::Borrowed(text)),
            Self::Value(DeValue::Datetime(datetime)) => Some(Cow::Owned(datetime.to_string())),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<NumberNode> {
        match self {
            Self::Value(DeValue::Integer(integer)) => {
                Some(NumberNode(i64::from_str_radix(integer.as_str(), integer.radix()).ok()))
            }
            Self::Value(DeValue::Float(_)) => Some(NumberNode(None)),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Value(DeValue::Boolean(value)) => Some(*value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        false
    }

    fn json_type(&self) -> JsonType {
        match self {
            Self::Text(_) | Self::Value(DeValue::String(_) | DeValue::Datetime(_)) => JsonType::String,
            Self::Table(_) | Self::Value(DeValue::Table(_)) => JsonType::Object,
            Self::Value(DeValue::Array(_)) => JsonType::Array,
            Self::Value(DeValue::Boolean(_)) => JsonType::Boolean,
            Self::Value(DeValue::Integer(_) | DeValue::Float(_)) => JsonType::Number,
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self {
            Self::Text(text) => Value::from(*text),
            Self::Table(table) => table_value(table),
            Self::Value(value) => json(value),
        })
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self, expected) {
            (Self::Text(text), Value::String(expected)) => text == expected,
            (Self::Value(DeValue::String(text)), Value::String(expected)) => text == expected,
            _ => *self.to_value() == *expected,
        }
    }

    fn identity(&self) -> Option<NodeIdentity> {
        // The tree outlives the validation and nothing in it moves, so an address names a value.
        match self {
            Self::Text(_) => None,
            Self::Table(table) => Some(NodeIdentity::new(std::ptr::from_ref(*table).addr())),
            Self::Value(DeValue::Table(table)) => Some(NodeIdentity::new(std::ptr::from_ref(table).addr())),
            Self::Value(value) => Some(NodeIdentity::new(std::ptr::from_ref(*value).addr())),
        }
    }
}

fn table_value(table: &DeTable<'_>) -> Value {
    Value::Object(
        table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect(),
    )
}

/// A value of the tree as JSON.
#[must_use]
pub fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Datetime(datetime) => Value::from(datetime.to_string()),
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(float) => Value::from(float.as_str()),
        DeValue::Array(array) => Value::Array(array.iter().map(|item| json(item.get_ref())).collect()),
        DeValue::Table(table) => table_value(table),
    }
}

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct TableNode<'a>(&'a DeTable<'a>);

impl<'a> Object<'a, Toml> for TableNode<'a> {
    type Node = TomlNode<'a>;
    type MemberName = Cow<'a, str>;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &Box<str>) -> Option<TomlNode<'a>> {
        self.0.get(&**key).map(|value| TomlNode::Value(value.get_ref()))
    }

    fn members(&self) -> Members<'a> {
        Members(self.0.iter())
    }
}

/// The members of a table.
#[allow(missing_debug_implementations, reason = "the iterator of the map has none")]
pub struct Members<'a>(toml::map::Iter<'a, Spanned<Cow<'a, str>>, Spanned<DeValue<'a>>>);

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, TomlNode<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0
            .next()
            .map(|(key, value)| (Cow::Borrowed(key.get_ref().as_ref()), TomlNode::Value(value.get_ref())))
    }
}

/// A list.
#[derive(Debug, Clone, Copy)]
pub struct ArrayNode<'a>(&'a DeArray<'a>);

impl<'a> Array<'a, Toml> for ArrayNode<'a> {
    type Node = TomlNode<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Elements<'a> {
        Elements(self.0.iter())
    }
}

/// The elements of a list.
#[derive(Debug)]
pub struct Elements<'a>(std::slice::Iter<'a, Spanned<DeValue<'a>>>);

impl<'a> Iterator for Elements<'a> {
    type Item = TomlNode<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|value| TomlNode::Value(value.get_ref()))
    }
}

/// A number: whole and in range, or `None`.
#[derive(Debug, Clone, Copy)]
pub struct NumberNode(Option<i64>);

impl JsonNumber for NumberNode {
    fn as_u64(&self) -> Option<u64> {
        self.0.and_then(|number| u64::try_from(number).ok())
    }
    fn as_i64(&self) -> Option<i64> {
        self.0
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "only read when a schema has fractional bounds, and none has"
    )]
    fn as_f64(&self) -> Option<f64> {
        Some(self.0.map_or(0.5, |number| number as f64))
    }
    fn as_str(&self) -> Cow<'_, str> {
        self.0.map_or(Cow::Borrowed("0.5"), |number| Cow::Owned(number.to_string()))
    }
    fn to_number(&self) -> Cow<'_, Number> {
        let fraction = || Number::from_f64(0.5).unwrap_or_else(|| Number::from(0));
        Cow::Owned(self.0.map_or_else(fraction, Number::from))
    }
    fn is_integer(&self) -> bool {
        self.0.is_some()
    }
    fn is_written_as_integer(&self) -> bool {
        self.0.is_some()
    }
}
