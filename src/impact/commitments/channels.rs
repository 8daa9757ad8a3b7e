//! How people reach the desk and each other: the channels that take tickets in and the hours in which they do, the hours
//! in which a service is supported, and how soon whoever is on call answers.

use super::{
    Because, Case, Change, Commitments, Direction, HoursChange, Topic, fields::Field, side::Side,
    times::Times,
};
use crate::{
    decide::service_level,
    model::{Entry, Id, Kind, Ref, Selector, channel::Channel, service::Service},
};

/// What differs about something: which way it goes, and the hours that are others.
type Differs = (Direction, Change, Option<HoursChange>);

/// What some objects have in common, so that it is told once.
#[derive(PartialEq)]
struct Alike {
    topic: Topic,
    differs: Differs,
    subjects: Vec<Selector>,
}

/// Adds what can be reached at other times, or answers later.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides;
    let mut all: Vec<Alike> = Vec::new();
    let mut add = |kind: Kind, id: &Id, topic: Topic, changes: Vec<Differs>| {
        let subject = Selector { kind, id: id.clone(), part: None };
        for differs in changes {
            match all.iter_mut().find(|known| known.topic == topic && known.differs == differs) {
                Some(known) => known.subjects.push(subject.clone()),
                None => all.push(Alike { topic, differs, subjects: vec![subject.clone()] }),
            }
        }
    };
    for channel in &new.rulebook().channels {
        let differs = match old.rulebook().channels.get(channel.id.as_str()) {
            Some(before) => of_channel(times, [before, channel]),
            None => exists(channel, true),
        };
        add(Kind::Channel, &channel.id, Topic::Terms, differs);
    }
    let is_gone = |channel: &&Entry<Channel>| new.rulebook().channels.get(channel.id.as_str()).is_none();
    for gone in old.rulebook().channels.iter().filter(is_gone) {
        add(Kind::Channel, &gone.id, Topic::Terms, exists(gone, false));
    }
    for service in &new.rulebook().services {
        if let Some(before) = old.rulebook().services.get(service.id.as_str()) {
            let differs = of_service(times, [before, service]).into_iter().collect();
            add(Kind::Service, &service.id, Topic::Terms, differs);
        }
    }
    for team in &new.rulebook().teams {
        let before = old.rulebook().teams.get(team.id.as_str()).and_then(|team| team.value.on_call.as_ref());
        if let (Some(was), Some(is)) = (before, &team.value.on_call) {
            let within = Field::sooner("answered within", was.acknowledge_within, is.acknowledge_within);
            add(Kind::Team, &team.id, Topic::OnCall, within.into_iter().map(plain).collect());
        }
    }
    for Alike { topic, differs: (direction, change, hours), subjects } in all {
        let because = hours.into_iter().map(Because::Hours).collect();
        found.cases.push(Case::new(topic, direction, subjects, vec![change], because));
    }
}

fn plain((way, field): (Direction, Field)) -> Differs {
    (way, Change::Field(field), None)
}

/// A channel that is there on one side only; only what takes tickets in is a promise.
fn exists(channel: &Entry<Channel>, is: bool) -> Vec<Differs> {
    let way = if is { Direction::Stronger } else { Direction::Weaker };
    if channel.value.intake { vec![(way, Change::Exists(is), None)] } else { Vec::new() }
}

fn of_channel<'a>(times: &Times<'_, 'a>, [was, is]: [&'a Entry<Channel>; 2]) -> Vec<Differs> {
    // Another number is no worse as long as there is one.
    let at = Field::other("reached at", was.value.address.clone(), is.value.address.clone());
    let at = at.map(|(way, field)| (if way == Direction::Mixed { Direction::Neutral } else { way }, field));
    let fields = [
        Field::flag("takes tickets in", was.value.intake, is.value.intake),
        Field::flag("carries notices", was.value.notify, is.value.notify),
        at,
    ];
    let calendars = [was, is].map(|one| one.value.calendar.as_ref().map(Ref::as_str));
    fields.into_iter().flatten().map(plain).chain(open(times, "open", calendars)).collect()
}

/// The hours that a service names itself; those of its SLA are told with its targets.
fn of_service<'a>(times: &Times<'_, 'a>, services: [&'a Entry<Service>; 2]) -> Option<Differs> {
    if services.iter().all(|service| service.value.support_hours.is_none()) {
        return None;
    }
    let [old, new] = times.sides;
    let hours = |side: &Side<'a>, service| service_level::hours(side.rulebook(), service).map(Ref::as_str);
    let [was, is] = services;
    match [hours(old, was), hours(new, is)] {
        // Nobody promised hours: that is not the same as always.
        [None, None] => None,
        both @ ([None, _] | [_, None]) => {
            let [before, after] = both.map(|calendar| calendar.map(|id| format!("`{id}`")));
            Field::other("supported in the hours", before, after).map(plain)
        }
        both => open(times, "supported in the hours", both),
    }
}

/// Hours in which something is open; without a calendar it always is. Which way it goes is shown by the hours in which only
/// one of them is open.
fn open<'a>(times: &Times<'_, 'a>, what: &'static str, calendars: [Option<&'a str>; 2]) -> Option<Differs> {
    let [old, new] = times.sides;
    let (way, hours) = match calendars {
        [None, None] => return None,
        [None, Some(_)] => (Direction::Weaker, None),
        [Some(_), None] => (Direction::Stronger, None),
        [Some(was), Some(is)] => {
            if times.have_the_same_hours([was, is]) {
                return None;
            }
            let (from, to) = (times.starts.from, times.starts.to);
            let way = match (old.calendar(was), new.calendar(is)) {
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
            };
            (way, HoursChange::of(times.sides, [was, is]))
        }
    };
    let text = |calendar: Option<&str>| {
        Some(calendar.map_or_else(|| "always".to_owned(), |id| format!("in the hours of `{id}`")))
    };
    let [before, after] = calendars.map(text);
    Some((way, Change::Field(Field { what, before, after }), hours))
}
