//! When an incident is major, and what follows.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Change, Commitments, Direction, Topic, Unknown,
    behind::behind,
    conditions,
    fields::{Field, shown, sorted},
    times::Times,
};
use crate::{
    decide::space::Unsure,
    model::{Id, Kind, Selector, condition::Condition, major_incident::MajorIncident},
};

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
                let unknown = |why: &str| Unknown { subjects: subjects.clone(), why: why.to_owned() };
                let both = [&*before.when, &*after.when];
                found.unknown.extend(behind(times, both.into_iter()).into_iter().map(unknown));
                match of_services(times, &after.when) {
                    Ok(cases) => {
                        found.cases.extend(cases.into_iter().map(|(direction, services, change)| {
                            let subjects = subjects.iter().cloned().chain(services).collect();
                            Case::new(Topic::MajorIncident, direction, subjects, vec![change], Vec::new())
                        }));
                    }
                    Err(why) => found.unknown.push(unknown(&why.to_string())),
                }
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
                    Err(why) => found.unknown.push(unknown(&why.to_string())),
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

/// The services about which something else is known, so that incidents about them are major by a definition that were
/// not, or the other way round. What another condition does is told by itself.
fn of_services(
    times: &Times<'_, '_>,
    when: &Condition,
) -> Result<Vec<(Direction, Vec<Selector>, Change)>, Unsure> {
    let [old, new] = times.sides;
    // Services about which the same is read are looked at once.
    let mut groups: BTreeMap<String, ([Condition; 2], Vec<Selector>)> = BTreeMap::new();
    for service in &new.rulebook().services {
        let Some(before) = old.rulebook().services.get(service.id.as_str()) else { continue };
        let left = [conditions::about(old, Some(before), when), conditions::about(new, Some(service), when)];
        let [was, is] = &left;
        if was != is {
            let subject = Selector { kind: Kind::Service, id: service.id.clone(), part: None };
            let group = groups.entry(format!("{left:?}")).or_insert_with(|| (left, Vec::new()));
            group.1.push(subject);
        }
    }
    let mut cases = Vec::new();
    for ([was, is], services) in groups.into_values() {
        let [gone, now] = conditions::differ(times, Some(&was), Some(&is))?;
        if !gone.is_empty() {
            let change = Change::NoLonger("is major", gone);
            cases.push((Direction::Weaker, services.clone(), change));
        }
        if !now.is_empty() {
            cases.push((Direction::Stronger, services, Change::Newly("is major", now)));
        }
    }
    Ok(cases)
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
