//! What is known about a request before somebody writes it: who asks, and when.

use super::side::Side;
use crate::{
    decide::{
        known::{of_grants, of_person},
        ledger::Held,
        space::{Facet, Key, Space},
        value::Value,
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
            ("subject", _) => class(of_person(side.engine.directory(), person, key)?),
            ("grants", _) => class(of_grants(held, side.instant, key)?),
            ("requester", Asks::Somebody(requester)) => class(match &*key.name {
                "is-beneficiary" => Value::Boolean(requester.id == person.id),
                "is-manager" => Value::Boolean(person.manager.as_ref().map(Ref::id) == Some(&requester.id)),
                _ => of_person(side.engine.directory(), requester, key)?,
            }),
            ("request", Asks::Somebody(_)) => class(of_instant(side, key)?),
            _ => None,
        }
    };
    space.variables().enumerate().map(of).collect()
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
