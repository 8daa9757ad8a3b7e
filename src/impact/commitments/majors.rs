//! When an incident is major, and what follows.

use std::collections::BTreeSet;

use super::{
    Case, Change, Commitments, Direction, Topic, Unknown, conditions,
    fields::{Field, shown, sorted},
    times::Times,
};
use crate::model::{Id, Kind, Selector, major_incident::MajorIncident};

/// Adds the definitions of major incidents that differ in what they do.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides;
    let ids: BTreeSet<&Id> = times
        .sides
        .iter()
        .flat_map(|side| side.rulebook().major_incidents.iter().map(|one| &one.id))
        .collect();
    for id in ids {
        let definitions = [old, new].map(|side| side.rulebook().major_incidents.get(id.as_str()));
        let subjects = vec![Selector { kind: Kind::MajorIncident, id: id.clone(), part: None }];
        let mut changes: Vec<(Direction, Change)> = Vec::new();
        match definitions.map(|entry| entry.map(|entry| &entry.value)) {
            [None, None] => continue,
            [Some(_), None] => changes.push((Direction::Weaker, Change::Exists(false))),
            [None, Some(_)] => changes.push((Direction::Stronger, Change::Exists(true))),
            [Some(before), Some(after)] => {
                if before == after {
                    continue;
                }
                match conditions::differ(times, Some(&*before.when), Some(&*after.when)) {
                    Ok([gone, now]) => {
                        if !gone.is_empty() {
                            changes.push((Direction::Weaker, Change::NoLonger("is major", gone)));
                        }
                        if !now.is_empty() {
                            changes.push((Direction::Stronger, Change::Newly("is major", now)));
                        }
                    }
                    Err(why) => {
                        found.unknown.push(Unknown { subjects: subjects.clone(), why: why.to_string() });
                    }
                }
                let fields = consequences(before, after).into_iter();
                changes.extend(fields.map(|(way, field)| (way, Change::Field(field))));
            }
        }
        for (direction, changes) in sorted(changes) {
            let case = Case::new(Topic::MajorIncident, direction, subjects.clone(), changes, Vec::new());
            found.cases.push(case);
        }
    }
}

/// What follows from a major incident, where that differs.
fn consequences(before: &MajorIncident, after: &MajorIncident) -> Vec<(Direction, Field)> {
    let mut found = Vec::new();
    found.extend(Field::flag("a problem record is needed", before.problem_record, after.problem_record));
    found.extend(Field::flag("changes have to be linked", before.change_link, after.change_link));
    found.extend(Field::sooner("looked back on within", before.review_within, after.review_within));
    found.extend(Field::sooner("people are told every", before.update_every, after.update_every));
    found.extend(Field::other("led by", shown(before.commander.as_ref()), shown(after.commander.as_ref())));
    found.extend(Field::other(
        "escalation",
        shown(before.escalation.as_ref()),
        shown(after.escalation.as_ref()),
    ));
    found.extend(Field::list("called as well", &before.responders, &after.responders));
    found.extend(Field::list("told in", &before.channels, &after.channels));
    found
}
