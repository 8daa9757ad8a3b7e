//! Whom a case touches today.

use std::collections::BTreeMap;

use super::side::Side;
use crate::{
    decide::{
        ledger::Held,
        space::{Facet, Key, Set, Space},
        value::Value,
        vocabulary::Type,
    },
    model::{EntitlementRef, Entry, Id, person::Person},
};

/// Whom a case touches today.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    /// How many people and accounts could make such a request.
    pub people: usize,
    /// Their ids.
    pub ids: Vec<Id>,
    /// How many of them hold one of the entitlements now.
    pub grants: usize,
}

/// The people of the new rulebook, by what a space can tell about them.
pub(super) struct People<'s, 'a> {
    side: &'s Side<'a>,
    /// The people who are alike, by the classes of what is known about them.
    alike: Option<BTreeMap<Vec<Option<u32>>, Vec<&'a Entry<Person>>>>,
}

impl<'s, 'a> People<'s, 'a> {
    pub(super) const fn new(side: &'s Side<'a>) -> Self {
        Self { side, alike: None }
    }

    /// Who could make a request in a set, and who of them holds one of the entitlements.
    pub(super) fn touched(
        &mut self,
        space: &Space<'a>,
        set: Set,
        entitlements: &[EntitlementRef],
    ) -> Touched {
        let side = self.side;
        let alike = self.alike.get_or_insert_with(|| group(side, space));
        let mut touched = Touched::default();
        for (known, people) in alike.iter() {
            if !space.is_possible(set, known) {
                continue;
            }
            touched.people += people.len();
            for person in people {
                touched.ids.push(person.id.clone());
                let held = side.engine.ledger().of(person.id.as_str()).iter();
                let now = held.filter(|held| held.is_at(side.instant));
                touched.grants += now.filter(|held| entitlements.contains(held.entitlement)).count();
            }
        }
        touched.ids.sort_unstable();
        touched
    }
}

fn group<'a>(side: &Side<'a>, space: &Space<'a>) -> BTreeMap<Vec<Option<u32>>, Vec<&'a Entry<Person>>> {
    let directory = side.engine.directory();
    let today = side.today();
    let gone = |person: &Person| {
        person.status == crate::model::person::PersonStatus::Inactive
            || person.end.is_some_and(|end| end.0 < today)
    };
    let mut alike: BTreeMap<Vec<Option<u32>>, Vec<&'a Entry<Person>>> = BTreeMap::new();
    for person in side.engine.rulebook().people.iter().filter(|person| !gone(person)) {
        let held = side.engine.ledger().of(person.id.as_str());
        let known = space
            .variables()
            .enumerate()
            .map(|(place, key)| {
                let value = value(directory, person, held, side, key)?;
                space.class_of(place, &value)
            })
            .collect();
        alike.entry(known).or_default().push(person);
    }
    alike
}

/// What is known about a person: nothing about what they would ask for.
fn value<'p>(
    directory: &'p crate::decide::person::Directory<'_>,
    person: &'p Entry<Person>,
    held: &[Held<'_>],
    side: &Side<'_>,
    key: &Key,
) -> Option<Value<'p>> {
    match (&*key.namespace, &key.facet) {
        ("subject", Facet::Value) => {
            let resolved = directory.vocabulary().resolve("subject", &key.name);
            let values = resolved.map_or(Type::Text, |resolved| resolved.values);
            Some(directory.value(person, &key.name, &values))
        }
        ("subject", Facet::Member(member)) => match directory.value(person, &key.name, &Type::Opaque) {
            Value::Set(members) => Some(Value::Boolean(members.contains(&&**member))),
            _ => Some(Value::Boolean(false)),
        },
        ("grants", Facet::Member(member)) if &*key.name == "entitlements" => {
            let holds =
                held.iter().any(|held| held.is_at(side.instant) && held.entitlement.to_string() == **member);
            Some(Value::Boolean(holds))
        }
        _ => None,
    }
}
