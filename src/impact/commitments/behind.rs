//! What conditions about incidents read that is another thing behind the same name: it is named, since the sets of
//! incidents are about what conditions say and not about what lies behind it.

use std::collections::BTreeSet;

use super::{side::Side, times::Times};
use crate::{
    decide::{
        known::of_person,
        service_level,
        space::{Facet, Key},
    },
    impact::decisions::Redeclared,
    model::condition::{Condition, Test},
};

/// What lies behind some conditions and is another thing, in words.
pub(super) fn behind<'c>(
    times: &Times<'_, '_>,
    conditions: impl Iterator<Item = &'c Condition>,
) -> Vec<&'static str> {
    let [old, new] = times.sides;
    let mut found = BTreeSet::new();
    let redeclared = Redeclared::of(old.rulebook(), new.rulebook());
    for condition in conditions {
        condition.tests(&mut |test, _| match (&*test.namespace, &*test.name) {
            ("incident", "outside-hours") if other_hours(times) => {
                found.insert("the hours of support of some services are others, which its rules read");
            }
            ("requester", _) if other_people(times, test) => {
                found.insert("something else is known about people, which its rules read");
            }
            _ => {}
        });
        if redeclared.are_read(condition) {
            found.insert("attributes are declared otherwise, which conditions may read");
        }
    }
    found.into_iter().collect()
}

/// Whether the hours in which some service is supported are others.
fn other_hours(times: &Times<'_, '_>) -> bool {
    let [old, new] = times.sides;
    let hours = |side: &Side<'_>, id: &str| {
        let service = side.rulebook().services.get(id)?;
        side.hours(service_level::hours(side.rulebook(), service)?.as_str())
    };
    let both = new.rulebook().services.iter().map(|service| service.id.as_str());
    let mut both = both.filter(|id| old.rulebook().services.get(id).is_some());
    both.any(|id| hours(old, id) != hours(new, id))
}

/// Whether a test reads something else about somebody.
fn other_people(times: &Times<'_, '_>, test: &Test) -> bool {
    let [old, new] = times.sides;
    let key = Key { namespace: test.namespace.clone(), name: test.name.clone(), facet: Facet::Value };
    new.rulebook().people.iter().any(|person| {
        let Some(before) = old.rulebook().people.get(person.id.as_str()) else { return false };
        let of = |side: &Side<'_>, person| format!("{:?}", of_person(side.engine.directory(), person, &key));
        of(old, before) != of(new, person)
    })
}
