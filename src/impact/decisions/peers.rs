//! Who is whose colleague: people who move, come or leave change what share of the colleagues of others hold something.

use std::collections::BTreeSet;

use super::side::Side;
use crate::model::{
    Entry, Id,
    person::{Person, PersonStatus},
};

/// Something that makes other people colleagues, before and after: by what people are alike, or somebody.
pub(super) type Colleague = (Option<Id>, [Option<Vec<String>>; 2]);

/// What makes other people colleagues than before.
pub(super) fn moved(sides: &[Side<'_>; 2]) -> Vec<Colleague> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let mut found = Vec::new();
    let by = [old, new].map(|rulebook| {
        let names = &rulebook.settings.decision.peers_by;
        Some(names.iter().map(ToString::to_string).collect::<Vec<String>>())
    });
    let [before, after] = &by;
    if before != after {
        found.push((None, by));
    }
    let ids: BTreeSet<&Id> = old.people.iter().chain(&new.people).map(|person| &person.id).collect();
    for id in ids {
        let on = [old, new].map(|rulebook| rulebook.people.get(id.as_str()));
        if let [Some(was), Some(is)] = on
            && was.value == is.value
        {
            continue;
        }
        let values =
            sides.each_ref().map(|side| values(side, side.engine.rulebook().people.get(id.as_str())?));
        let [was, is] = &values;
        if was != is {
            found.push((Some(id.clone()), values));
        }
    }
    found
}

/// By what somebody is alike others; none for whoever is nobody's colleague.
fn values<'a>(side: &Side<'a>, person: &'a Entry<Person>) -> Option<Vec<String>> {
    let is_here = person.status != PersonStatus::Inactive
        && person.employment.is_human()
        && person.end.is_none_or(|end| end.0 >= side.today());
    if is_here { side.engine.peers().values(&side.engine, person) } else { None }
}
