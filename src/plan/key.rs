//! The names of objects at a target.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The name of an object at a target: its kind and its id there, written `service/mail`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind, as the target knows it.
    pub kind: Box<str>,
    /// The id, unique within the kind.
    pub id: Box<str>,
}

impl Key {
    /// The name of an object.
    #[must_use]
    pub fn new(kind: &str, id: &str) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }

    /// Reads `kind/id`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('/')?;
        (!kind.is_empty() && !id.is_empty()).then(|| Self::new(kind, id))
    }

    /// Whether a pattern names the object: `service/mail`, or `service/*` for all of a kind.
    #[must_use]
    pub fn matches(&self, pattern: &str) -> bool {
        pattern
            .split_once('/')
            .is_some_and(|(kind, id)| kind == &*self.kind && (id == "*" || id == &*self.id))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.kind, self.id)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| de::Error::custom(format_args!("`{text}` names no object: write `kind/id`")))
    }
}

impl JsonSchema for Key {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Key".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[^/]+/.+$",
            "description": "An object at the target: its kind and its id there.",
            "examples": ["service/mail"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let key = Key::parse("service/a.b").unwrap();
        assert_eq!((&*key.kind, &*key.id, key.to_string().as_str()), ("service", "a.b", "service/a.b"));
        for wrong in ["", "service", "/a", "service/"] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_pattern_names_one_object_or_all_of_a_kind() {
        let key = Key::new("service", "mail");
        assert!(key.matches("service/mail") && key.matches("service/*"));
        for other in ["service/mai", "service/mail2", "team/*", "*", "*/mail", "service", "service/m*"] {
            assert!(!key.matches(other), "{other}");
        }
    }
}
