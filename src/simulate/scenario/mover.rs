//! Whether somebody who moves is given, loses and is asked about what a scenario says.

use jiff::Timestamp;

use super::{differences::Differences, lifecycle, reach};
use crate::{
    decide::{self, engine::Engine},
    model::{
        Entry, Rulebook, Selector, expectation::Expectation, person::Person, scenario::Mover,
        settings::Namespace,
    },
};

/// Somebody of the directory, and every rule that was looked at, with whether it matched.
type Looked<'a> = (&'a Entry<Person>, Vec<(Selector, bool)>);

/// The rulebook with somebody in their new job; none when nobody knows them.
#[must_use]
pub fn moved(rulebook: &Rulebook, mover: &Mover) -> Option<Rulebook> {
    let mut changed = rulebook.clone();
    let entry = changed.people.get_mut(mover.person.as_str())?;
    entry.value = mover.moved(&entry.value);
    Some(changed)
}

/// Moves somebody, and compares.
pub(super) fn run<'a>(
    engine: &Engine<'a>,
    mover: &Mover,
    now: Timestamp,
    expected: &Expectation,
    found: &mut Differences,
) -> Option<Looked<'a>> {
    let rulebook = engine.rulebook();
    let person = lifecycle::find(engine, &mover.person, found)?;
    let declared = rulebook.settings.attribute.get(&Namespace::Subject);
    for name in mover.attributes.keys() {
        if !declared.is_some_and(|declared| declared.contains_key(name)) {
            let known = "an attribute that gitsm.toml declares".to_owned();
            found.differ(&format!("mover/attributes/{name}"), known, format!("there is no `{name}`"));
        }
    }
    if mover.moved(person) == person.value {
        let nothing = "everything is as it was".to_owned();
        found.differ("mover", "something that is otherwise in the new job".to_owned(), nothing);
    }
    let then = moved(rulebook, mover)?;
    let before = found.taken(Engine::new(rulebook))?;
    let after = found.taken(Engine::new(&then))?;
    let is = then.people.get(mover.person.as_str())?;
    let changes = found.taken(decide::lifecycle::mover(&before, &after, (person, is), now))?;
    lifecycle::compare(expected, &changes, found);
    let mut looked_at = reach::bundles(&before, person);
    looked_at.extend(lifecycle::looked_at(&after, is, &changes));
    Some((person, looked_at))
}
