//! What is known about a request before somebody writes it: who asks, and when.

use super::side::Side;
use crate::{
    decide::{
        ledger::Held,
        space::{Facet, Key, Space},
        value::Value,
        vocabulary::Type,
    },
    model::{Entry, Location, Ref, person::Person},
};

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asks<'a> {
    /// Nobody in particular, at any time.
    Anybody,
    /// Somebody, now.
    Somebody(&'a Entry<Person>),
}

/// The classes of what is known about somebody's requests, by variable.
pub(super) fn known<'a>(
    side: &Side<'a>,
    space: &Space<'a>,
    person: &'a Entry<Person>,
    held: &[Held<'a>],
    asks: Asks<'a>,
) -> Vec<Option<u32>> {
    let of = |(variable, key): (usize, &Key)| {
        let class = |value: Value<'_>| space.class_of(variable, &value);
        match (&*key.namespace, asks) {
            ("subject", _) => class(of_person(side, person, key)?),
            ("grants", _) => class(of_grants(side, held, key)?),
            ("requester", Asks::Somebody(requester)) => class(match &*key.name {
                "is-beneficiary" => Value::Boolean(requester.id == person.id),
                "is-manager" => Value::Boolean(person.manager.as_ref().map(Ref::id) == Some(&requester.id)),
                _ => of_person(side, requester, key)?,
            }),
            ("request", Asks::Somebody(_)) => class(of_instant(side, key)?),
            _ => None,
        }
    };
    space.variables().enumerate().map(of).collect()
}

fn of_person<'a>(side: &'a Side<'_>, person: &'a Entry<Person>, key: &Key) -> Option<Value<'a>> {
    let directory = side.engine.directory();
    let values =
        directory.vocabulary().resolve("subject", &key.name).map_or(Type::Opaque, |found| found.values);
    let value = directory.value(person, &key.name, &values);
    match (&key.facet, value) {
        (Facet::Value, value) => Some(value),
        (Facet::Member(member), Value::Set(members)) => Some(Value::Boolean(members.contains(&&**member))),
        (Facet::Member(_), _) => Some(Value::Boolean(false)),
        (Facet::Within(_), _) => None,
    }
}

fn of_grants<'a>(side: &Side<'_>, held: &[Held<'_>], key: &Key) -> Option<Value<'a>> {
    let now = held.iter().filter(|held| held.is_at(side.instant));
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

fn of_instant<'a>(side: &Side<'_>, key: &Key) -> Option<Value<'a>> {
    match (&*key.name, &key.facet) {
        ("instant", Facet::Within(calendar)) => {
            let calendar = side.engine.calendars().get(calendar, Location::settings).ok()?;
            Some(Value::Boolean(calendar.is_open(side.instant)))
        }
        ("instant", Facet::Value) => Some(Value::Number(side.instant.as_second())),
        _ => None,
    }
}
