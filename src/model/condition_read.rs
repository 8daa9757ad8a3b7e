//! Reading conditions as they are written.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Unexpected, Visitor},
};

use super::condition::{Condition, Literal, Operator, PLACED, Test};
use crate::diag::{Place, Span};

/// How many of `any`, `all` and `not` may lie in one another: nobody reads what is deeper.
const DEEPEST: u8 = 10;

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Nested { depth: 0 }.deserialize(deserializer)
    }
}

/// Reads a condition that lies in so many others.
#[derive(Clone, Copy)]
struct Nested {
    depth: u8,
}

impl Nested {
    /// What lies in this one.
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= DEEPEST {
            return Err(E::custom(format_args!(
                "conditions lie in more than {DEEPEST} others: write several rules instead"
            )));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Condition;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Condition, D::Error> {
        deserializer.deserialize_map(self)
    }
}

/// Reads a list of conditions.
struct List(Nested);

impl<'de> DeserializeSeed<'de> for List {
    type Value = Vec<Condition>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List {
    type Value = Vec<Condition>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of conditions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = list.next_element_seed(self.0)? {
            parts.push(part);
        }
        Ok(parts)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Condition;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table of conditions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let mut parts = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "any" => parts.push(Condition::Any(map.next_value_seed(List(self.deeper()?))?)),
                "all" => parts.push(Condition::All(map.next_value_seed(List(self.deeper()?))?)),
                "not" => parts.push(Condition::Not(Box::new(map.next_value_seed(self.deeper()?)?))),
                _ => map.next_value_seed(Attributes { namespace: &key, prefix: "", parts: &mut parts })?,
            }
        }
        Ok(match <[Condition; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Condition::All(parts),
        })
    }
}

/// Reads the attributes of a namespace: `department = …`, and one level deeper for `form`.
struct Attributes<'a> {
    namespace: &'a str,
    prefix: &'a str,
    parts: &'a mut Vec<Condition>,
}

impl<'de> DeserializeSeed<'de> for Attributes<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Attributes<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a table of attributes of `{}`", self.namespace)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Placed { value: key, place: at }) = map.next_key::<Placed<String>>()? {
            if self.namespace == "request" && key == "form" && self.prefix.is_empty() {
                map.next_value_seed(Attributes {
                    namespace: self.namespace,
                    prefix: "form.",
                    parts: &mut *self.parts,
                })?;
                continue;
            }
            let placed = map.next_value::<Placed<Tests>>()?;
            let name: Box<str> = format!("{}{key}", self.prefix).into();
            for (operator, operands, place) in placed.value.0 {
                self.parts.push(Condition::Test(Test {
                    namespace: self.namespace.into(),
                    name: name.clone(),
                    operator,
                    operands,
                    key: at,
                    place: place.unwrap_or(placed.place),
                }));
            }
        }
        Ok(())
    }
}

/// What is said about one attribute: a value, a list, or a table of operators.
///
/// The value of an operator has a place of its own.
struct Tests(Vec<(Operator, Vec<Literal>, Option<Place>)>);

impl<'de> Deserialize<'de> for Tests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TestsVisitor;

        impl<'de> Visitor<'de> for TestsVisitor {
            type Value = Tests;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value, a list of values or a table of operators")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Tests, E> {
                Ok(Tests(vec![(Operator::Is, vec![Literal::Text(text.into())], None)]))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Tests, E> {
                Ok(Tests(vec![(Operator::Is, vec![Literal::Integer(number)], None)]))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Tests, E> {
                Ok(Tests(vec![(Operator::Is, vec![Literal::Boolean(value)], None)]))
            }
            fn visit_bytes<E: de::Error>(self, date: &[u8]) -> Result<Tests, E> {
                let date = Literal::Date(String::from_utf8_lossy(date).into());
                Ok(Tests(vec![(Operator::Is, vec![date], None)]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tests, A::Error> {
                let mut operands = Vec::new();
                while let Some(operand) = seq.next_element()? {
                    operands.push(operand);
                }
                Ok(Tests(vec![(Operator::In, operands, None)]))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tests, A::Error> {
                let mut tests = Vec::new();
                while let Some(operator) = map.next_key::<Operator>()? {
                    let Placed { value: OneOrMany(operands), place } = map.next_value()?;
                    tests.push((operator, operands, Some(place)));
                }
                Ok(Tests(tests))
            }
        }
        deserializer.deserialize_any(TestsVisitor)
    }
}

/// One literal or a list of them.
struct OneOrMany(Vec<Literal>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Many;
        impl<'de> Visitor<'de> for Many {
            type Value = OneOrMany;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value or a list of values")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMany, E> {
                LiteralVisitor.visit_str(text).map(|literal| OneOrMany(vec![literal]))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<OneOrMany, E> {
                LiteralVisitor.visit_i64(number).map(|literal| OneOrMany(vec![literal]))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<OneOrMany, E> {
                LiteralVisitor.visit_bool(value).map(|literal| OneOrMany(vec![literal]))
            }
            fn visit_bytes<E: de::Error>(self, date: &[u8]) -> Result<OneOrMany, E> {
                LiteralVisitor.visit_bytes(date).map(|literal| OneOrMany(vec![literal]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMany, A::Error> {
                let mut operands = Vec::new();
                while let Some(operand) = seq.next_element()? {
                    operands.push(operand);
                }
                Ok(OneOrMany(operands))
            }
        }
        deserializer.deserialize_any(Many)
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LiteralVisitor)
    }
}

struct LiteralVisitor;

impl Visitor<'_> for LiteralVisitor {
    type Value = Literal;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, a whole number, true, false or a date")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Literal, E> {
        Ok(Literal::Text(text.into()))
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Literal, E> {
        Ok(Literal::Integer(number))
    }
    /// JSON hands positive numbers over as these.
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Literal, E> {
        let signed = i64::try_from(number);
        signed.map(Literal::Integer).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Literal, E> {
        Ok(Literal::Boolean(value))
    }
    /// The loader hands dates over as bytes, which no other TOML value is.
    fn visit_bytes<E: de::Error>(self, date: &[u8]) -> Result<Literal, E> {
        Ok(Literal::Date(String::from_utf8_lossy(date).into()))
    }
}

/// A value and where it stands. Only the loader's deserialiser knows places.
struct Placed<T> {
    value: T,
    place: Place,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PlacedVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for PlacedVisitor<T> {
            type Value = Placed<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value of a document")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Placed<T>, A::Error> {
                let missing = || de::Error::custom("the place of a value is missing");
                let start = seq.next_element()?.ok_or_else(missing)?;
                let end = seq.next_element()?.ok_or_else(missing)?;
                let value = seq.next_element()?.ok_or_else(missing)?;
                Ok(Placed { value, place: Place(Span { start, end }) })
            }
        }
        deserializer.deserialize_tuple_struct(PLACED, 3, PlacedVisitor(PhantomData))
    }
}
