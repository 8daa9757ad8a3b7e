//! What is known about somebody before they ask, as the values of the variables of a space.

use jiff::Timestamp;

use super::{
    ledger::Held,
    person::Directory,
    space::{Facet, Key},
    value::Value,
    vocabulary::Type,
};
use crate::model::{Entry, person::Person};

/// The value of a variable that is about a person.
#[must_use]
pub fn of_person<'v>(
    directory: &'v Directory<'_>,
    person: &'v Entry<Person>,
    key: &Key,
) -> Option<Value<'v>> {
    let values =
        directory.vocabulary().resolve("subject", &key.name).map_or(Type::Opaque, |found| found.values);
    side(&key.facet, &directory.value(person, &key.name, &values))
}

/// A side of a value: the value itself, or whether a set has a member.
#[must_use]
pub fn side<'v>(facet: &Facet, value: &Value<'v>) -> Option<Value<'v>> {
    match (facet, value) {
        (Facet::Value, value) => Some(value.clone()),
        (Facet::Member(member), Value::Set(members)) => Some(Value::Boolean(members.contains(&&**member))),
        (Facet::Member(_), _) => Some(Value::Boolean(false)),
        (Facet::Within(_), _) => None,
    }
}

/// The value of a variable that is about what somebody holds at an instant.
#[must_use]
pub fn of_grants<'v>(held: &[Held<'_>], instant: Timestamp, key: &Key) -> Option<Value<'v>> {
    let now = held.iter().filter(|held| held.is_at(instant));
    let mut names: Vec<String> = now
        .map(|held| match &*key.name {
            "services" => held.entitlement.service.to_string(),
            _ => held.entitlement.to_string(),
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    match &key.facet {
        Facet::Member(member) => Some(Value::Boolean(names.iter().any(|name| **name == **member))),
        Facet::Value if &*key.name == "count" => {
            Some(Value::Number(i64::try_from(names.len()).unwrap_or(i64::MAX)))
        }
        Facet::Value | Facet::Within(_) => None,
    }
}
