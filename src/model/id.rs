//! Ids and references.
//!
//! References deserialise through newtypes with reserved names, so that the loader's deserialiser sees
//! each of them go by and can note where it stands; any other deserialiser just reads a string.

use std::{borrow::Borrow, fmt, marker::PhantomData, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Document;

/// The pattern of a text that says something: it has a character that is no space.
pub const SOMETHING: &str = r"\S";

/// The pattern of an id, anchored, in the subset of regular expressions that every editor reads.
pub const ID_PATTERN: &str = "^[a-z0-9][a-z0-9._-]{0,63}$";

/// The prefix of the reserved newtype names of references to one kind; the kind's name follows.
pub(crate) const REFERENCE: &str = "gitsm:reference:";
/// The reserved newtype name of an [`EntitlementRef`].
pub(crate) const ENTITLEMENT_REFERENCE: &str = "gitsm:entitlement";
/// The reserved newtype name of a [`Selector`]: `kind:id`.
pub(crate) const SELECTOR: &str = "gitsm:selector";
/// The reserved newtype name of a [`Priority`].
pub(crate) const PRIORITY: &str = "gitsm:priority";

/// The id of an object, unique within its kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Id(Arc<str>);

impl Id {
    /// The id, when `text` is one: `[a-z0-9][a-z0-9._-]{0,63}`.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        is_id(text).then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` is an id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit())
        && text.len() <= 64
        && bytes.all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
        })
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, formatter)
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| not_an_id(&text))
    }
}

impl JsonSchema for Id {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": ID_PATTERN,
            "description": "An id: lower-case letters, digits, dots, dashes and underscores; at most 64 characters.",
        })
    }
}

fn not_an_id<E: de::Error>(text: &str) -> E {
    E::custom(format_args!(
        "`{text}` is not an id: use lower-case letters, digits, dots, dashes and underscores, at most 64"
    ))
}

/// A reference to an object of one kind.
pub struct Ref<T> {
    id: Id,
    kind: PhantomData<fn() -> T>,
}

impl<T: Document> Ref<T> {
    /// A reference to the object with this id.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self { id, kind: PhantomData }
    }

    /// The id that is referred to.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// The id that is referred to, as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.id.as_str()
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), kind: PhantomData }
    }
}
impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl<T> Eq for Ref<T> {}
impl<T> PartialOrd for Ref<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Ref<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}
impl<T> std::hash::Hash for Ref<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}
impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.id, formatter)
    }
}
impl<T> fmt::Display for Ref<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.id, formatter)
    }
}
impl<T> Serialize for Ref<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(serializer)
    }
}
impl<'de, T: Document> Deserialize<'de> for Ref<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(T::REFERENCE, Newtype)?;
        Id::new(&text).map(Self::new).ok_or_else(|| not_an_id(&text))
    }
}
impl<T: Document> JsonSchema for Ref<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}Reference", T::KIND.name()).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let kind = T::KIND.name();
        json_schema!({
            "type": "string",
            "pattern": ID_PATTERN,
            "description": format!("The id of a `{kind}`."),
        })
    }
}

/// Reads the string inside a newtype.
pub(crate) struct Newtype;

impl<'de> de::Visitor<'de> for Newtype {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

/// A reference to an entitlement: `service/entitlement`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntitlementRef {
    /// The service that the entitlement belongs to.
    pub service: Id,
    /// The entitlement of that service.
    pub entitlement: Id,
}

impl EntitlementRef {
    /// Reads `service/entitlement`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (service, entitlement) = text.split_once('/')?;
        Some(Self { service: Id::new(service)?, entitlement: Id::new(entitlement)? })
    }
}

impl fmt::Display for EntitlementRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.service, self.entitlement)
    }
}
impl Serialize for EntitlementRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for EntitlementRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(ENTITLEMENT_REFERENCE, Newtype)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format_args!(
                "`{text}` is not an entitlement: write `service/entitlement`, such as `salesforce/sales-standard`"
            ))
        })
    }
}
impl JsonSchema for EntitlementRef {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EntitlementReference".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,63}$",
            "description": "An entitlement, written `service/entitlement`.",
            "examples": ["salesforce/sales-standard"],
        })
    }
}

/// A priority of tickets, one of `project.priorities` in `gitsm.toml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Priority(pub Id);

impl Priority {
    /// The priority as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}
impl fmt::Display for Priority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
impl Borrow<str> for Priority {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}
impl<'de> Deserialize<'de> for Priority {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(PRIORITY, Newtype)?;
        Id::new(&text).map(Self).ok_or_else(|| not_an_id(&text))
    }
}
impl JsonSchema for Priority {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Priority".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": ID_PATTERN,
            "description": "A priority: one of `project.priorities` in gitsm.toml, by default p1 (most urgent) to p4.",
            "examples": ["p1"],
        })
    }
}
