//! What is known about a request before somebody writes it: who asks, and when.

use std::collections::HashMap;

use super::side::Side;
use crate::{
    decide::{
        facts::{is_manager, is_own},
        known::{of_grants, of_person},
        ledger::Held,
        space::{Facet, Key, Space},
        value::Value,
    },
    model::{Entry, Location, person::Person},
};

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asks<'a> {
    /// Nobody in particular, at any time.
    Anybody,
    /// Somebody else than the beneficiary, at any time.
    Others,
    /// Somebody, at any time.
    Person(&'a Entry<Person>),
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
        let class = |value: Value<'_>| space.class_in(side.engine.vocabulary(), variable, &value);
        match (&*key.namespace, asks) {
            ("subject", _) => class(of_person(side.engine.directory(), person, key)?),
            ("grants", _) => class(of_grants(held, side.instant, key)?),
            ("requester", Asks::Others) if &*key.name == "is-beneficiary" => class(Value::Boolean(false)),
            ("requester", Asks::Person(requester) | Asks::Somebody(requester)) => {
                class(of_requester(side, person, requester, key)?)
            }
            ("request", Asks::Somebody(_)) => class(of_instant(side, key)?),
            _ => None,
        }
    };
    space.variables().enumerate().map(of).collect()
}

/// The classes of what is known about requests that somebody makes for others, at any time.
pub(super) fn known_of_requester<'a>(
    side: &Side<'a>,
    space: &Space<'a>,
    requester: &'a Entry<Person>,
) -> Vec<Option<u32>> {
    let of = |(variable, key): (usize, &Key)| {
        let class = |value: Value<'_>| space.class_in(side.engine.vocabulary(), variable, &value);
        match (&*key.namespace, &*key.name) {
            ("requester", "is-beneficiary") => class(Value::Boolean(false)),
            // That depends on whom it is for.
            ("requester", "is-manager") => None,
            ("requester", _) => class(of_person(side.engine.directory(), requester, key)?),
            _ => None,
        }
    };
    space.variables().enumerate().map(of).collect()
}

fn of_requester<'a>(
    side: &'a Side<'_>,
    person: &'a Entry<Person>,
    requester: &'a Entry<Person>,
    key: &Key,
) -> Option<Value<'a>> {
    let hands = side.engine.hands();
    match &*key.name {
        "is-beneficiary" => Some(Value::Boolean(is_own(hands, requester, person))),
        "is-manager" => Some(Value::Boolean(is_manager(hands, requester, person))),
        _ => of_person(side.engine.directory(), requester, key),
    }
}

/// Whether an attribute is known once the beneficiary is.
pub(super) fn of_somebody(key: &Key) -> bool {
    matches!(&*key.namespace, "subject" | "grants")
}

/// The classes of one attribute of many people.
pub(super) struct Classes<'s, 'a> {
    side: &'s Side<'a>,
    space: &'s Space<'a>,
    variable: usize,
    key: Option<&'s Key>,
    /// The classes of texts that were met.
    texts: HashMap<String, Option<u32>>,
}

impl<'s, 'a> Classes<'s, 'a> {
    pub(super) fn new(side: &'s Side<'a>, space: &'s Space<'a>, variable: usize) -> Self {
        Self { side, space, variable, key: space.variables().nth(variable), texts: HashMap::new() }
    }

    /// Whether it is about what people hold.
    pub(super) fn is_about_grants(&self) -> bool {
        self.key.is_some_and(|key| &*key.namespace == "grants")
    }

    /// The class of somebody who holds something.
    pub(super) fn of(&mut self, person: &'a Entry<Person>, held: &[Held<'a>]) -> Option<u32> {
        let key = self.key?;
        let value = if self.is_about_grants() {
            of_grants(held, self.side.instant, key)?
        } else {
            of_person(self.side.engine.directory(), person, key)?
        };
        let Value::Text(text) = value else {
            return self.space.class_in(self.side.engine.vocabulary(), self.variable, &value);
        };
        if let Some(known) = self.texts.get(text) {
            return *known;
        }
        let class = self.space.class_of(self.variable, &value);
        self.texts.insert(text.to_owned(), class);
        class
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
