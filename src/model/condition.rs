//! Conditions: data from a closed operator set, so that they can be analysed exactly.
//!
//! ```toml
//! when.subject.department = ["sales", "sales-ops"]   # one of
//! when.entitlement.risk.max = "medium"               # at most
//! when.not.subject.location.glob = "cn-*"            # does not match
//! ```
//!
//! The keys of a table are `ANDed`; `any`, `all` and `not` nest.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

use super::{attribute::Scope, choice::choice};
use crate::diag::Place;

/// The reserved struct name by which a value asks the loader where it stands.
pub(crate) const PLACED: &str = "gitsm:placed";

/// A condition over the attributes of a scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Every one holds; with none it is true.
    All(Vec<Condition>),
    /// At least one holds; with none it is false.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// One attribute passes a test.
    Test(Test),
}

/// A test of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Test {
    /// The first part of the attribute's name, such as `subject`.
    pub namespace: Box<str>,
    /// The rest of it, such as `department` or `form.region`.
    pub name: Box<str>,
    /// How the attribute is compared.
    pub operator: Operator,
    /// What it is compared with; one literal unless the operator takes a list.
    pub operands: Vec<Literal>,
    /// Where the name of the attribute was written.
    pub key: Place,
    /// Where it was written what the attribute is compared with.
    pub place: Place,
}

choice! {
    /// How an attribute is compared.
    pub enum Operator {
        /// Equal to the value: written without an operator.
        Is = "is",
        /// Equal to one of the values of a list.
        In = "in",
        /// Equal to none of the values of a list.
        NotIn = "not-in",
        /// At least the value.
        Min = "min",
        /// At most the value.
        Max = "max",
        /// More than the value.
        Above = "above",
        /// Less than the value.
        Below = "below",
        /// Matches a pattern in which `*` stands for any text and `?` for one character.
        Glob = "glob",
        /// Whether the attribute has a value.
        Exists = "exists",
        /// The set of values holds this one, or each of these.
        Contains = "contains",
        /// The instant lies in the open hours of a calendar.
        Within = "within",
    }
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// A string.
    Text(Box<str>),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A date or an instant, as written.
    Date(Box<str>),
}

impl Condition {
    /// Calls `visit` for every test, with whether it stands under an odd number of `not`.
    pub fn tests<'a>(&'a self, visit: &mut impl FnMut(&'a Test, bool)) {
        fn walk<'a>(condition: &'a Condition, negated: bool, visit: &mut impl FnMut(&'a Test, bool)) {
            match condition {
                Condition::All(parts) | Condition::Any(parts) => {
                    for part in parts {
                        walk(part, negated, visit);
                    }
                }
                Condition::Not(part) => walk(part, !negated, visit),
                Condition::Test(test) => visit(test, negated),
            }
        }
        walk(self, false, visit);
    }

    /// Whether the condition is written as nothing at all, which is always true.
    #[must_use]
    pub fn is_always(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_always))
    }

    /// Whether nothing is left of the condition that could hold: a choice between no alternatives.
    #[must_use]
    pub fn is_never(&self) -> bool {
        matches!(self, Self::Any(parts) if parts.is_empty())
    }
}

impl Test {
    /// The attribute's whole name, such as `subject.department`.
    #[must_use]
    pub fn attribute(&self) -> String {
        format!("{}.{}", self.namespace, self.name)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Date(text) => formatter.write_str(text),
            Self::Integer(number) => fmt::Display::fmt(number, formatter),
            Self::Boolean(value) => fmt::Display::fmt(value, formatter),
        }
    }
}

/// A condition whose scope is part of its type, so that its schema lists the right attributes.
pub struct When<S> {
    condition: Condition,
    scope: PhantomData<fn() -> S>,
}

/// Names a [`Scope`] in a type.
pub trait ScopeName: 'static {
    /// The scope.
    const SCOPE: Scope;
    /// The name of the condition's schema.
    const NAME: &'static str;
}

macro_rules! scopes {
    ($($(#[$doc:meta])+ $type:ident = $scope:ident, $name:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy)]
        pub struct $type;
        impl ScopeName for $type {
            const SCOPE: Scope = Scope::$scope;
            const NAME: &'static str = $name;
        }
    )+};
}

scopes! {
    /// Conditions over requests.
    AccessScope = Access, "AccessCondition";
    /// Conditions over one person.
    PersonScope = Person, "PersonCondition";
    /// Conditions over incidents.
    IncidentScope = Incident, "IncidentCondition";
    /// Conditions over changes.
    ChangeScope = Change, "ChangeCondition";
}

impl<S> When<S> {
    /// A condition of this scope.
    #[must_use]
    pub fn new(condition: Condition) -> Self {
        Self { condition, scope: PhantomData }
    }
}

impl<S> std::ops::Deref for When<S> {
    type Target = Condition;
    fn deref(&self) -> &Condition {
        &self.condition
    }
}
impl<S> std::ops::DerefMut for When<S> {
    fn deref_mut(&mut self) -> &mut Condition {
        &mut self.condition
    }
}
impl<S> Clone for When<S> {
    fn clone(&self) -> Self {
        Self { condition: self.condition.clone(), scope: PhantomData }
    }
}
impl<S> PartialEq for When<S> {
    fn eq(&self, other: &Self) -> bool {
        self.condition == other.condition
    }
}
impl<S> Eq for When<S> {}
impl<S> fmt::Debug for When<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.condition, formatter)
    }
}
impl<S> Default for When<S> {
    /// The condition that always holds.
    fn default() -> Self {
        Self { condition: Condition::All(Vec::new()), scope: PhantomData }
    }
}
impl<S: ScopeName> Serialize for When<S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.condition.serialize(serializer)
    }
}
impl<'de, S: ScopeName> Deserialize<'de> for When<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let condition = Condition::deserialize(deserializer)?;
        Ok(Self { condition, scope: PhantomData })
    }
}

impl Serialize for Condition {
    /// Writes the condition in its explicit form: `all`, `any`, `not`, or one test.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::All(parts) => map.serialize_entry("all", parts)?,
            Self::Any(parts) => map.serialize_entry("any", parts)?,
            Self::Not(part) => map.serialize_entry("not", part)?,
            Self::Test(test) => {
                map.serialize_entry("attribute", &test.attribute())?;
                map.serialize_entry("operator", &test.operator)?;
                map.serialize_entry("values", &test.operands)?;
            }
        }
        map.end()
    }
}

impl Serialize for Literal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) | Self::Date(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Boolean(value) => serializer.serialize_bool(*value),
        }
    }
}
