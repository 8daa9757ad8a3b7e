//! How people reach the desk and each other: the channels that take tickets in and the hours in which they do, the hours
//! in which a service is supported, and how soon whoever is on call answers.

use super::{
    Case, Change, Commitments, Direction, Topic,
    fields::{Field, sorted},
    side::Side,
    times::Times,
};
use crate::{
    decide::service_level,
    model::{Entry, Id, Kind, Selector, channel::Channel, service::Service},
};

/// What differs, with which way each goes.
type Changes = Vec<(Direction, Change)>;

/// Adds what can be reached at other times, or answers later.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides;
    let mut add = |kind: Kind, id: &Id, topic: Topic, changes: Changes| {
        for (direction, changes) in sorted(changes) {
            let subject = Selector { kind, id: id.clone(), part: None };
            found.cases.push(Case::new(topic, direction, vec![subject], changes, Vec::new()));
        }
    };
    for channel in &new.rulebook().channels {
        match old.rulebook().channels.get(channel.id.as_str()) {
            Some(before) => {
                add(Kind::Channel, &channel.id, Topic::Terms, of_channel(times, [before, channel]))
            }
            None => add(Kind::Channel, &channel.id, Topic::Terms, exists(channel, true)),
        }
    }
    for gone in
        old.rulebook().channels.iter().filter(|one| new.rulebook().channels.get(one.id.as_str()).is_none())
    {
        add(Kind::Channel, &gone.id, Topic::Terms, exists(gone, false));
    }
    for service in &new.rulebook().services {
        if let Some(before) = old.rulebook().services.get(service.id.as_str()) {
            add(Kind::Service, &service.id, Topic::Terms, of_service(times, [before, service]));
        }
    }
    for team in &new.rulebook().teams {
        let before = old.rulebook().teams.get(team.id.as_str()).and_then(|team| team.value.on_call.as_ref());
        if let (Some(was), Some(is)) = (before, &team.value.on_call) {
            let within = Field::sooner("answered within", was.acknowledge_within, is.acknowledge_within);
            let changes = within.into_iter().map(|(way, field)| (way, Change::Field(field))).collect();
            add(Kind::Team, &team.id, Topic::OnCall, changes);
        }
    }
}

/// A channel that is there on one side only; only what takes tickets in is a promise.
fn exists(channel: &Entry<Channel>, is: bool) -> Changes {
    let way = if is { Direction::Stronger } else { Direction::Weaker };
    if channel.value.intake { vec![(way, Change::Exists(is))] } else { Vec::new() }
}

fn of_channel<'a>(times: &Times<'_, 'a>, [was, is]: [&'a Entry<Channel>; 2]) -> Changes {
    let mut changes = Changes::new();
    let mut add = |field: Option<(Direction, Field)>| {
        changes.extend(field.map(|(way, field)| (way, Change::Field(field))));
    };
    add(Field::flag("takes tickets in", was.value.intake, is.value.intake));
    add(Field::flag("carries notices", was.value.notify, is.value.notify));
    // Another number is no worse as long as there is one.
    let at = Field::other("reached at", was.value.address.clone(), is.value.address.clone());
    add(at.map(|(way, field)| (if way == Direction::Mixed { Direction::Neutral } else { way }, field)));
    let calendars = [was, is].map(|one| one.value.calendar.as_ref().map(crate::model::Ref::as_str));
    add(open(times, "open", calendars));
    changes
}

/// The hours that a service names itself; those of its SLA are told with its targets.
fn of_service<'a>(times: &Times<'_, 'a>, services: [&'a Entry<Service>; 2]) -> Changes {
    if services.iter().all(|service| service.value.support_hours.is_none()) {
        return Changes::new();
    }
    let [old, new] = times.sides;
    let hours = |side: &Side<'a>, service| {
        service_level::hours(side.rulebook(), service).map(crate::model::Ref::as_str)
    };
    let [was, is] = services;
    let field = match [hours(old, was), hours(new, is)] {
        // Nobody promised hours: that is not the same as always.
        [None, None] => None,
        both @ ([None, _] | [_, None]) => {
            let [before, after] = both.map(|calendar| calendar.map(|id| format!("`{id}`")));
            Field::other("supported in the hours", before, after)
        }
        both => open(times, "supported in the hours", both),
    };
    field.into_iter().map(|(way, field)| (way, Change::Field(field))).collect()
}

/// Hours in which something is open; without a calendar it always is. Which way it goes is shown by the hours in which only
/// one of them is open.
fn open<'a>(
    times: &Times<'_, 'a>,
    what: &'static str,
    calendars: [Option<&'a str>; 2],
) -> Option<(Direction, Field)> {
    let [old, new] = times.sides;
    let way = match calendars {
        [None, None] => return None,
        [None, Some(_)] => Direction::Weaker,
        [Some(_), None] => Direction::Stronger,
        [Some(was), Some(is)] => {
            if times.have_the_same_hours([was, is]) {
                return None;
            }
            let (from, to) = (times.starts.from, times.starts.to);
            match (old.calendar(was), new.calendar(is)) {
                (Ok(hours), Ok(now)) => {
                    match (hours.first_uncovered(now, from, to), now.first_uncovered(hours, from, to)) {
                        (None, None) => return None,
                        (Some(_), None) => Direction::Stronger,
                        (None, Some(_)) => Direction::Weaker,
                        (Some(_), Some(_)) => Direction::Mixed,
                    }
                }
                // Hours that cannot be counted on are findings of their own.
                _ => Direction::Mixed,
            }
        }
    };
    let text =
        |calendar: Option<&str>| Some(calendar.map_or_else(|| "always".to_owned(), |id| format!("`{id}`")));
    let [before, after] = calendars.map(text);
    Some((way, Field { what, before, after }))
}
