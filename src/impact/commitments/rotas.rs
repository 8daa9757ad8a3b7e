//! Who of a team is on call: where that is somebody else at some time from now on, with everything that reaches them.
//!
//! Both rotas are walked through together, from one instant at which somebody else may be on call to the next, so that
//! two that are written otherwise and come to the same are no change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};

use super::{Case, Change, Commitments, Direction, Topic, Unknown, side::Side, times::Times};
use crate::{
    decide::{principals, timeline::says_what_for, undecidable::Undecidable},
    model::{
        Duration, Entry, Id, Kind, Principal, Rulebook, Selector,
        person::Person,
        routing::{Destination, TicketKind},
        team::{OnCall, Team},
    },
};

/// How many turns of a rota are looked at before it is said that it cannot be compared.
const MOST_TURNS: usize = 100_000;
const DAY: i64 = 86_400;

/// What differs about who of a team is on call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rota {
    /// What reaches whoever is on call.
    pub by: Vec<Selector>,
    /// Who took a turn and does not any more.
    pub gone: Vec<Id>,
    /// Who takes a turn and did not.
    pub new: Vec<Id>,
    /// The first instant from now on at which it is somebody else.
    pub first: Timestamp,
    /// Who would have been reached then.
    pub before: Option<Id>,
    /// Who is reached then.
    pub after: Option<Id>,
    /// For how many seconds it is somebody else.
    pub seconds: i64,
    /// Of how many.
    pub of: i64,
    /// The zone of the rota.
    pub zone: TimeZone,
    /// The rotas as data: another change of the same rota is another case.
    pub written: [String; 2],
}

/// Adds the teams of which somebody else is on call.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let mut reached = BTreeMap::new();
    for side in times.sides {
        reach(side.rulebook(), &mut reached);
    }
    for (team, by) in reached {
        let subject = Selector { kind: Kind::Team, id: team.clone(), part: None };
        match rota(times, &team, by) {
            Ok(Some((direction, rota))) => {
                let changes = vec![Change::OnCall(rota)];
                found.cases.push(Case::new(Topic::OnCall, direction, vec![subject], changes, Vec::new()));
            }
            Ok(None) => {}
            Err(why) => found.unknown.push(Unknown { subjects: vec![subject], why: why.to_string() }),
        }
    }
}

/// The teams of which whoever is on call is reached, and by what.
fn reach(rulebook: &Rulebook, reached: &mut BTreeMap<Id, BTreeSet<Selector>>) {
    let mut add = |team: &Id, kind: Kind, id: &Id| {
        reached.entry(team.clone()).or_default().insert(Selector { kind, id: id.clone(), part: None });
    };
    let named = rulebook.slas.iter().filter_map(|sla| sla.value.escalation.as_ref());
    let named = named.chain(rulebook.tiers.iter().filter_map(|tier| tier.value.escalation.as_ref()));
    let majors = rulebook.major_incidents.iter().filter_map(|major| major.value.escalation.as_ref());
    let mut named: BTreeSet<&str> = named.chain(majors).map(crate::model::Ref::as_str).collect();
    let listing = rulebook.escalations.iter().filter(|escalation| says_what_for(escalation));
    named.extend(listing.map(|escalation| escalation.id.as_str()));
    let mut by_role = false;
    for escalation in named.into_iter().filter_map(|id| rulebook.escalations.get(id)) {
        for to in escalation.value.step.iter().flat_map(|step| &step.to) {
            match to {
                Principal::OnCall(team) => add(team, Kind::Escalation, &escalation.id),
                Principal::Role(_) => by_role = true,
                Principal::Person(_) | Principal::Team(_) => {}
            }
        }
    }
    for major in &rulebook.major_incidents {
        for to in major.value.commander.iter().chain(&major.value.responders) {
            match to {
                Principal::OnCall(team) => add(team, Kind::MajorIncident, &major.id),
                Principal::Role(_) => by_role = true,
                Principal::Person(_) | Principal::Team(_) => {}
            }
        }
    }
    // A role can stand for somebody who names whoever is on call.
    for service in rulebook.services.iter().filter(|_| by_role) {
        if let Some(Principal::OnCall(team)) = &service.value.owner {
            add(team, Kind::Service, &service.id);
        }
    }
    for category in rulebook.categories.iter().filter(|_| by_role) {
        if let Some(Principal::OnCall(team)) = &category.value.owner {
            add(team, Kind::Category, &category.id);
        }
    }
    for routing in rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident) {
        let named = routing.value.rule.iter().filter_map(|rule| rule.team.as_ref());
        for team in named.chain(&routing.value.default) {
            add(team.id(), Kind::Routing, &routing.id);
        }
        let to = |wanted: Destination| routing.value.rule.iter().any(|rule| rule.to == Some(wanted));
        if to(Destination::SupportTeam) || to(Destination::OnCall) {
            for team in rulebook.services.iter().filter_map(|service| service.value.support_team.as_ref()) {
                add(team.id(), Kind::Routing, &routing.id);
            }
        }
        if to(Destination::ConfigurationItemTeam) {
            let items = rulebook.configuration_items.iter();
            for team in items.filter_map(|item| item.value.support_team.as_ref()) {
                add(team.id(), Kind::Routing, &routing.id);
            }
        }
    }
}

/// What differs about who of a team is on call, from now on.
fn rota(
    times: &Times<'_, '_>,
    team: &Id,
    by: BTreeSet<Selector>,
) -> Result<Option<(Direction, Rota)>, Undecidable> {
    let teams = times.sides.each_ref().map(|side| side.rulebook().teams.get(team.as_str()));
    // A team that is there on one side only is told by what names it.
    let [Some(old), Some(new)] = teams else { return Ok(None) };
    if old.value.on_call.is_none() && new.value.on_call.is_none() || is_same(times, [old, new]) {
        return Ok(None);
    }
    let turns = [Turns::of(&times.sides[0], old)?, Turns::of(&times.sides[1], new)?];
    let [before, after] = &turns;
    let (from, to) = (times.starts.prefer, times.starts.to);
    let (mut at, mut seconds) = (from, 0);
    let mut people: [BTreeSet<Id>; 2] = Default::default();
    let (mut first, mut lost, mut gained, mut others) = (None, false, false, false);
    let mut left = MOST_TURNS;
    while at < to {
        left = left.checked_sub(1).ok_or(Undecidable::OutOfTime)?;
        let (was, is) = (before.who(at)?, after.who(at)?);
        let next = before.next(at).min(after.next(at)).min(to);
        for (people, who) in people.iter_mut().zip([was, is]) {
            people.extend(who.cloned());
        }
        if was != is {
            seconds += next.as_second() - at.as_second();
            lost |= is.is_none();
            gained |= was.is_none();
            others |= was.is_some() && is.is_some();
            first = first.or_else(|| Some((at, was.cloned(), is.cloned())));
        }
        at = next;
    }
    let Some((first, was, is)) = first else { return Ok(None) };
    let direction = match (lost, gained, others) {
        (true, false, false) => Direction::Weaker,
        (false, true, false) => Direction::Stronger,
        _ => Direction::Mixed,
    };
    let [had, have] = &people;
    let rota = Rota {
        by: by.into_iter().collect(),
        gone: had.difference(have).cloned().collect(),
        new: have.difference(had).cloned().collect(),
        first,
        before: was,
        after: is,
        seconds,
        of: to.as_second() - from.as_second(),
        zone: after.zone.clone(),
        written: [old, new].map(|team| serde_json::to_string(&team.value.on_call).unwrap_or_default()),
    };
    Ok(Some((direction, rota)))
}

/// Whether both rotas surely say the same.
fn is_same(times: &Times<'_, '_>, teams: [&Entry<Team>; 2]) -> bool {
    let [Some(one), Some(other)] = teams.map(|team| team.value.on_call.as_ref()) else { return false };
    let [old, new] = times.sides;
    let here = |side: &Side<'_>, rota: &OnCall| -> Vec<_> {
        let people = rota.rotation.iter().map(|id| side.rulebook().people.get(id.as_str()));
        people.map(|found| found.map(|found| presence(&found.value))).collect()
    };
    one == other
        && old.hours(one.calendar.as_str()) == new.hours(other.calendar.as_str())
        && old.engine.zone() == new.engine.zone()
        && here(old, one) == here(new, other)
}

/// What decides whether somebody can be reached at all.
fn presence(person: &Person) -> impl PartialEq + use<> {
    (person.status, person.start, person.end, person.employment)
}

/// The turns of a rota on one side.
struct Turns<'s, 'a> {
    side: &'s Side<'a>,
    team: &'a Entry<Team>,
    calendar: Option<&'s crate::time::Calendar>,
    zone: TimeZone,
}

impl<'s, 'a> Turns<'s, 'a> {
    fn of(side: &'s Side<'a>, team: &'a Entry<Team>) -> Result<Self, Undecidable> {
        let calendar = match &team.value.on_call {
            Some(rota) => Some(side.calendar(rota.calendar.as_str())?),
            None => None,
        };
        let zone = calendar.map_or_else(|| side.engine.zone(), crate::time::Calendar::zone).clone();
        Ok(Self { side, team, calendar, zone })
    }

    /// Who is on call at an instant and can be reached then.
    fn who(&self, at: Timestamp) -> Result<Option<&'a Id>, Undecidable> {
        let turn = principals::turn(&self.side.engine, self.team, at)?;
        Ok(turn.filter(|(_, unable)| unable.is_none()).map(|(person, _)| &person.id))
    }

    /// The first instant after another at which somebody else may be on call.
    fn next(&self, at: Timestamp) -> Timestamp {
        let (Some(calendar), Some(rota)) = (self.calendar, &self.team.value.on_call) else {
            return Timestamp::MAX;
        };
        let edge =
            calendar.intervals(at).next().map(|open| if open.start > at { open.start } else { open.end });
        // People come and leave at midnight, where the project is.
        let midnights = [&self.zone, self.side.engine.zone()].map(|zone| {
            at.to_zoned(zone.clone())
                .tomorrow()
                .and_then(|day| day.start_of_day())
                .ok()
                .map(|day| day.timestamp())
        });
        let clock = self.zone.following(at).next().map(|change| change.timestamp());
        let turn = turn(rota, at, &self.zone);
        let all = [edge, clock, turn].into_iter().chain(midnights).flatten();
        all.filter(|next| *next > at).min().unwrap_or(Timestamp::MAX)
    }
}

/// When a turn of less than a day, or not of whole days, ends.
fn turn(rota: &OnCall, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let Duration::Elapsed { seconds } = rota.shift else { return None };
    if seconds % DAY == 0 || seconds <= 0 {
        return None;
    }
    let start = rota.start.0.to_datetime(jiff::civil::Time::midnight());
    let since = start.until((jiff::Unit::Second, at.to_zoned(zone.clone()).datetime())).ok()?.get_seconds();
    Timestamp::from_second(at.as_second() + seconds - since.rem_euclid(seconds)).ok()
}
