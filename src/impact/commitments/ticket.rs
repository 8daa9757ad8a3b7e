//! An incident that shows a change of the routing, decided by both engines.

use super::{side::Side, times::Times};
use crate::{
    decide::{
        incident::{self, decide},
        items::can_stand_beside,
        known::of_person,
        space::{Facet, Key, Set, Space},
        value::Value,
    },
    model::{Id, Priority, Ref, condition::Literal, incident::Incident, priority_matrix::PriorityMatrix},
};

/// How many people are tried as whoever reports it.
const MOST_PEOPLE: usize = 500;

/// An incident in a set, about a service or about none, that went to the one team and goes to the other; none for a
/// team that is not known.
pub(super) fn ticket(
    times: &Times<'_, '_>,
    space: &Space<'_>,
    set: Set,
    service: Option<&Id>,
    teams: [Option<&Id>; 2],
) -> Option<Incident> {
    let [old, new] = times.sides;
    let mut incident = Incident { service: service.map(|id| Ref::new(id.clone())), ..Incident::default() };
    let mut chosen = Chosen::new(space, set);
    cell(times, &mut chosen, &mut incident)?;
    let keys: Vec<(usize, Key)> = chosen.left();
    let is_cell = |key: &Key| matches!(&*key.name, "impact" | "urgency" | "priority");
    let of_incident = |key: &Key| &*key.namespace == "incident" && !is_cell(key);
    for (variable, key) in keys.iter().filter(|(_, key)| of_incident(key)) {
        field(new, &mut chosen, *variable, key, &mut incident);
    }
    requester(new, &mut chosen, &keys, &mut incident);
    let goes = |side: &Side<'_>, team: Option<&Id>| {
        let decided = decide(&side.engine, &incident, side.instant);
        match (decided, team) {
            (Ok(Ok(decision)), Some(team)) => decision.routed.team.id == *team,
            (Err(_), None) => true,
            _ => false,
        }
    };
    let [before, after] = teams;
    (goes(old, before) && goes(new, after)).then_some(incident)
}

/// The values that were chosen so far, and whether there is still an incident with them.
struct Chosen<'s, 'a> {
    space: &'s Space<'a>,
    set: Set,
    known: Vec<Option<u32>>,
}

impl<'s, 'a> Chosen<'s, 'a> {
    fn new(space: &'s Space<'a>, set: Set) -> Self {
        let known = vec![None; space.variables().count()];
        Self { space, set, known }
    }

    /// The variables that matter.
    fn left(&self) -> Vec<(usize, Key)> {
        let matters = self.space.matters(self.set);
        let all = self.space.variables().enumerate();
        all.filter(|(variable, _)| matters.contains(variable))
            .map(|(variable, key)| (variable, key.clone()))
            .collect()
    }

    /// The place of an attribute that matters.
    fn place(&self, name: &str) -> Option<usize> {
        let fits =
            |key: &Key| &*key.namespace == "incident" && &*key.name == name && key.facet == Facet::Value;
        self.left().into_iter().find(|(_, key)| fits(key)).map(|(variable, _)| variable)
    }

    /// Takes some values, if there is still an incident with them.
    fn take(&mut self, values: &[(usize, Value<'_>)]) -> bool {
        let mut known = self.known.clone();
        for (variable, value) in values {
            let Some(class) = self.space.class_of(*variable, value) else { return false };
            if let Some(slot) = known.get_mut(*variable) {
                *slot = Some(class);
            }
        }
        let fits = self.space.is_possible(self.set, &known);
        if fits {
            self.known = known;
        }
        fits
    }
}

/// Chooses impact and urgency, with the priority that both rulebooks give these.
fn cell(times: &Times<'_, '_>, chosen: &mut Chosen<'_, '_>, incident: &mut Incident) -> Option<()> {
    let [old, new] = times.sides.each_ref().map(|side| incident::priority_matrix(side.rulebook()));
    let (old, new) = (old.ok()?, new.ok()?);
    let [impact, urgency, priority] = ["impact", "urgency", "priority"].map(|name| chosen.place(name));
    for (row, column) in new.rows.iter().flat_map(|row| new.columns.iter().map(move |column| (row, column))) {
        let given = new.priority(row, column);
        if given.is_none() || old.priority(row, column) != given {
            continue;
        }
        let [of_impact, of_urgency] = axes(new, row, column);
        let mut values = Vec::new();
        values.extend(impact.map(|place| (place, Value::Text(of_impact))));
        values.extend(urgency.map(|place| (place, Value::Text(of_urgency))));
        values.extend(priority.zip(given.map(Priority::as_str)).map(|(place, id)| (place, Value::Text(id))));
        if chosen.take(&values) {
            of_impact.clone_into(&mut incident.impact);
            of_urgency.clone_into(&mut incident.urgency);
            return Some(());
        }
    }
    None
}

fn axes<'m>(matrix: &PriorityMatrix, row: &'m str, column: &'m str) -> [&'m str; 2] {
    let swapped = matrix.row_axis == "urgency" || matrix.column_axis == "impact";
    if swapped { [column, row] } else { [row, column] }
}

/// Fills in one attribute of the incident.
fn field(side: &Side<'_>, chosen: &mut Chosen<'_, '_>, variable: usize, key: &Key, incident: &mut Incident) {
    let rulebook = side.rulebook();
    let mut id = |ids: Vec<&Id>| {
        // Nothing is the simplest.
        if chosen.take(&[(variable, Value::Absent)]) {
            return None;
        }
        ids.into_iter().find(|id| chosen.take(&[(variable, Value::Text(id.as_str()))])).cloned()
    };
    match &*key.name {
        "category" => {
            incident.category = id(rulebook.categories.iter().map(|one| &one.id).collect()).map(Ref::new);
        }
        "configuration-item" => {
            let service = incident.service.as_ref().map(Ref::id);
            let ids = rulebook.configuration_items.iter().map(|one| &one.id);
            // Of another item another service would follow.
            let ids = ids.filter(|item| can_stand_beside(rulebook, item, service)).collect();
            incident.configuration_item = id(ids).map(Ref::new);
        }
        "channel" => {
            incident.channel = id(rulebook.channels.iter().map(|one| &one.id).collect()).map(Ref::new);
        }
        "affected-users" => incident.affected_users = number(chosen, variable).unwrap_or_default(),
        "children" => incident.children = number(chosen, variable).unwrap_or_default(),
        "security" => incident.security = !chosen.take(&[(variable, Value::Boolean(false))]),
        "is-child" => {
            let not = chosen.take(&[(variable, Value::Boolean(false))]);
            incident.parent = (!not).then(|| "INC-1".to_owned());
        }
        name => {
            if let (Some(id), Some(literal)) = (Id::new(name), declared(chosen, variable)) {
                incident.attributes.insert(id, literal);
            }
        }
    }
}

/// The least number that there can be.
fn number(chosen: &mut Chosen<'_, '_>, variable: usize) -> Option<u32> {
    let width = u32::try_from(chosen.space.width(variable)).ok()?;
    for class in 0..width {
        let Some((least, _)) = chosen.space.bounds(variable, class) else { continue };
        let least = least.max(0);
        if chosen.take(&[(variable, Value::Number(least))]) {
            return u32::try_from(least).ok();
        }
    }
    None
}

/// A value of an attribute that the project declares; none where it can be left out.
fn declared(chosen: &mut Chosen<'_, '_>, variable: usize) -> Option<Literal> {
    if chosen.take(&[(variable, Value::Absent)]) {
        return None;
    }
    let width = u32::try_from(chosen.space.width(variable)).ok()?;
    let space = chosen.space;
    for value in (0..width).filter_map(|class| space.sample(variable, class)) {
        let literal = match &value {
            Value::Text(text) => Literal::Text((*text).into()),
            Value::Number(number) => Literal::Integer(*number),
            Value::Boolean(yes) => Literal::Boolean(*yes),
            _ => continue,
        };
        if chosen.take(&[(variable, value)]) {
            return Some(literal);
        }
    }
    None
}

/// Chooses who reports it, where that matters.
fn requester(side: &Side<'_>, chosen: &mut Chosen<'_, '_>, keys: &[(usize, Key)], incident: &mut Incident) {
    let asked: Vec<&(usize, Key)> = keys.iter().filter(|(_, key)| &*key.namespace == "requester").collect();
    if asked.is_empty() {
        return;
    }
    let absent: Vec<(usize, Value<'_>)> = asked
        .iter()
        .map(|(variable, key)| {
            let value = if key.facet == Facet::Value { Value::Absent } else { Value::Boolean(false) };
            (*variable, value)
        })
        .collect();
    if chosen.take(&absent) {
        return;
    }
    for person in side.rulebook().people.iter().take(MOST_PEOPLE) {
        let known: Option<Vec<(usize, Value<'_>)>> = asked
            .iter()
            .map(|(variable, key)| Some((*variable, of_person(side.engine.directory(), person, key)?)))
            .collect();
        if known.is_some_and(|known| chosen.take(&known)) {
            incident.requester = Some(Ref::new(person.id.clone()));
            return;
        }
    }
}
