//! Which team gets an incident: the exact set of those that go to another one, over all values that attributes can have.
//!
//! For each service, and for incidents about none, the rules of both sides are read down with everything put in that is
//! known once the service is; services about which the same is left are looked at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Change, Commitments, Direction, Topic, Unknown, behind::behind, conditions, side::Side,
    ticket::ticket, times::Times,
};
use crate::{
    decide::{
        items::can_stand_beside,
        space::{BUDGET, Set, Space, Unsure},
    },
    model::{
        Entry, Id, Kind, Ref, Rulebook, Selector,
        condition::Condition,
        incident::Incident,
        routing::{Destination, Routing, RoutingRule, TicketKind},
        service::Service,
        team::Team,
    },
};

/// Where an incident goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// To nobody: there is no team to which it could go, so that nothing can be decided about it.
    Nobody,
    /// To a team, in a queue of the target.
    Team(Id, Option<String>),
    /// To whoever of a team is on call, in a queue of the target.
    OnCall(Id, Option<String>),
    /// To the team of the item that failed, in a queue of the target.
    ItemTeam(Option<String>),
}

/// Incidents that go to another team.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// Which of them, in words: those for which one of these holds.
    pub when: conditions::Described,
    /// Whether it is so for incidents about the subjects, or whatever they are about.
    pub about: About,
    /// Where they went.
    pub before: Route,
    /// Where they go.
    pub after: Route,
    /// An incident that shows it; none where none could be made.
    pub ticket: Option<Incident>,
}

/// What incidents are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Anything.
    Anything,
    /// No service.
    NoService,
    /// The services and items that are the subjects of the case.
    Subjects,
}

/// The rules that are read about incidents of one service, in order.
type Lines = Vec<(Condition, Route)>;

/// Services about which the same is read; none stands for incidents about no service.
struct Group<'a> {
    lines: [Lines; 2],
    services: Vec<Option<&'a Id>>,
}

/// Adds the incidents that go to another team.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    for tickets in TicketKind::ALL {
        let [old, new] = times.sides.each_ref().map(|side| routing(side.rulebook(), *tickets));
        let subject =
            |routing: &Entry<Routing>| Selector { kind: Kind::Routing, id: routing.id.clone(), part: None };
        let exists = |routing: &Entry<Routing>, direction, is| {
            Case::new(Topic::Routing, direction, vec![subject(routing)], vec![Change::Exists(is)], Vec::new())
        };
        match (old, new) {
            (Err(routing), _) | (_, Err(routing)) => found.unknown.push(Unknown {
                subjects: vec![subject(routing)],
                why: "there are several routings of the same tickets".to_owned(),
            }),
            (Ok(None), Ok(None)) => {}
            (Ok(Some(old)), Ok(None)) => found.cases.push(exists(old, Direction::Weaker, false)),
            (Ok(None), Ok(Some(new))) => found.cases.push(exists(new, Direction::Stronger, true)),
            (Ok(Some(old)), Ok(Some(new))) => {
                if let Err(why) = of_both(times, [old, new], found) {
                    found.unknown.push(Unknown { subjects: vec![subject(new)], why: why.to_string() });
                }
                for why in behind(times, new.value.rule.iter().map(|rule| &*rule.when)) {
                    found.unknown.push(Unknown { subjects: vec![subject(new)], why: why.to_owned() });
                }
            }
        }
    }
}

/// The routing of some tickets; the second where there are two.
fn routing(rulebook: &Rulebook, tickets: TicketKind) -> Result<Option<&Entry<Routing>>, &Entry<Routing>> {
    let mut all = rulebook.routings.iter().filter(|routing| routing.tickets == tickets);
    let first = all.next();
    all.next().map_or(Ok(first), Err)
}

fn of_both<'a>(
    times: &Times<'_, 'a>,
    routings: [&'a Entry<Routing>; 2],
    found: &mut Commitments,
) -> Result<(), Unsure> {
    let [old, new] = times.sides;
    let mut contexts: Vec<[Option<&'a Entry<Service>>; 2]> = vec![[None, None]];
    for service in &new.rulebook().services {
        // About a service that is there on one side only nobody could report anything on the other.
        if let Some(before) = old.rulebook().services.get(service.id.as_str()) {
            contexts.push([Some(before), Some(service)]);
        }
    }
    let everything = contexts.len();
    let mut groups: BTreeMap<String, Group<'a>> = BTreeMap::new();
    let [before, after] = routings;
    for services in contexts {
        let [was, is] = services;
        // An item that neither side lets stand there: the incident would be about another service, or about nobody knows which.
        let cannot = |item: &str| {
            let stands = |side: &Side<'_>, service: Option<&Entry<Service>>| {
                let service = service.map(|service| &service.id);
                Id::new(item).is_none_or(|item| can_stand_beside(side.rulebook(), &item, service))
            };
            !stands(old, was) && !stands(new, is)
        };
        let lines = [lines(old, before, was, &cannot), lines(new, after, is, &cannot)];
        let [one, other] = &lines;
        if one != other {
            let id = is.map(|service| &service.id);
            groups
                .entry(format!("{lines:?}"))
                .or_insert_with(|| Group { lines, services: Vec::new() })
                .services
                .push(id);
        }
    }
    let mut conditions = Vec::new();
    for group in groups.values() {
        for (side, lines) in times.sides.iter().zip(&group.lines) {
            conditions.extend(lines.iter().map(|(when, _)| (side.engine.vocabulary(), when)));
        }
    }
    let mut space = Space::of_several(conditions, &|_| true, BUDGET)?;
    let mut moved: BTreeMap<(Route, Route, Set), BTreeSet<Option<&'a Id>>> = BTreeMap::new();
    for group in groups.values() {
        let [one, other] = &group.lines;
        let (was, is) = (by_route(&mut space, old, one)?, by_route(&mut space, new, other)?);
        for (before, set) in &was {
            for (after, with) in &is {
                let both = space.and(*set, *with)?;
                if before != after && !both.is_empty() {
                    let known = moved.entry((before.clone(), after.clone(), both)).or_default();
                    known.extend(group.services.iter().copied());
                }
            }
        }
    }
    let routing = Selector { kind: Kind::Routing, id: after.id.clone(), part: None };
    let mut cases: BTreeMap<(Direction, About, Vec<Selector>), Vec<Change>> = BTreeMap::new();
    for ((before, after, set), services) in moved {
        let (about, subjects) = if services.len() == everything {
            (About::Anything, vec![routing.clone()])
        } else if services.iter().all(Option::is_none) {
            (About::NoService, vec![routing.clone()])
        } else {
            let named = services.iter().flatten();
            let mut subjects: Vec<Selector> =
                named.map(|id| Selector { kind: Kind::Service, id: (*id).clone(), part: None }).collect();
            subjects.extend(services.contains(&None).then(|| routing.clone()));
            (About::Subjects, subjects)
        };
        let ticket = services
            .iter()
            .find_map(|service| ticket(times, &space, set, *service, [team(&before), team(&after)]));
        let when = conditions::words(&mut space, set);
        let direction = match (&before, &after) {
            (_, Route::Nobody) => Direction::Weaker,
            (Route::Nobody, _) => Direction::Stronger,
            _ => Direction::Mixed,
        };
        let routed = Routed { when, about, before, after, ticket };
        cases.entry((direction, about, subjects)).or_default().push(Change::Routed(routed));
    }
    for ((direction, _, subjects), changes) in cases {
        found.cases.push(Case::new(Topic::Routing, direction, subjects, changes, Vec::new()));
    }
    items_of(times, routings, found);
    Ok(())
}

fn team(route: &Route) -> Option<&Id> {
    match route {
        Route::Team(team, _) | Route::OnCall(team, _) => Some(team),
        Route::Nobody | Route::ItemTeam(_) => None,
    }
}

/// The incidents that go each way: the first line that holds decides.
fn by_route<'a>(
    space: &mut Space<'a>,
    side: &Side<'a>,
    lines: &Lines,
) -> Result<BTreeMap<Route, Set>, Unsure> {
    let mut left = Set::EVERYTHING;
    let mut found: BTreeMap<Route, Set> = BTreeMap::new();
    for (when, route) in lines {
        let set = space.set_of(side.engine.vocabulary(), when)?;
        let own = space.and(set, left)?;
        let known = found.get(route).copied().unwrap_or(Set::NOTHING);
        found.insert(route.clone(), space.or(known, own)?);
        left = space.minus(left, set)?;
    }
    Ok(found)
}

/// What is read about incidents of a service, or of none.
fn lines<'a>(
    side: &Side<'a>,
    routing: &'a Entry<Routing>,
    service: Option<&'a Entry<Service>>,
    cannot: &impl Fn(&str) -> bool,
) -> Lines {
    let left =
        |rule: &RoutingRule| conditions::about(side, service, &conditions::without_items(&rule.when, cannot));
    let mut lines: Lines =
        routing.value.rule.iter().map(|rule| (left(rule), route(side, rule, service))).collect();
    let default = routing.value.default.as_ref();
    let default = default.map_or(Route::Nobody, |team| to(side, Some(team), None));
    lines.push((Condition::All(Vec::new()), default));
    // What cannot hold says nothing, and nothing is read below what always does.
    lines.retain(|(when, _)| *when != Condition::Any(Vec::new()));
    let always = lines.iter().position(|(when, _)| *when == Condition::All(Vec::new()));
    lines.truncate(always.map_or(lines.len(), |place| place + 1));
    lines
}

fn route<'a>(side: &Side<'a>, rule: &'a RoutingRule, service: Option<&'a Entry<Service>>) -> Route {
    match (&rule.team, rule.to) {
        (Some(team), _) => to(side, Some(team), rule.queue.as_ref()),
        (None, Some(destination @ (Destination::SupportTeam | Destination::OnCall))) => {
            let support = service.and_then(|service| service.value.support_team.as_ref());
            match to(side, support, rule.queue.as_ref()) {
                Route::Team(team, queue) if destination == Destination::OnCall => Route::OnCall(team, queue),
                route => route,
            }
        }
        (None, Some(Destination::ConfigurationItemTeam)) => Route::ItemTeam(rule.queue.clone()),
        (None, None) => Route::Nobody,
    }
}

fn to(side: &Side<'_>, team: Option<&Ref<Team>>, queue: Option<&String>) -> Route {
    let there = team.filter(|team| side.rulebook().teams.get(team.as_str()).is_some());
    there.map_or(Route::Nobody, |team| Route::Team(team.id().clone(), queue.cloned()))
}

/// Adds the items whose team is another one, where incidents about them go to it.
fn items_of(times: &Times<'_, '_>, routings: [&Entry<Routing>; 2], found: &mut Commitments) {
    let [old, new] = times.sides;
    let to_item = |routing: &&Entry<Routing>| {
        routing.value.rule.iter().any(|rule| rule.to == Some(Destination::ConfigurationItemTeam))
    };
    if !routings.iter().all(to_item) {
        return;
    }
    let mut moved: BTreeMap<[Route; 2], Vec<Selector>> = BTreeMap::new();
    for item in &new.rulebook().configuration_items {
        let Some(before) = old.rulebook().configuration_items.get(item.id.as_str()) else { continue };
        let routes = [
            to(old, before.value.support_team.as_ref(), None),
            to(new, item.value.support_team.as_ref(), None),
        ];
        let [was, is] = &routes;
        if was != is {
            let subject = Selector { kind: Kind::ConfigurationItem, id: item.id.clone(), part: None };
            moved.entry(routes).or_default().push(subject);
        }
    }
    for ([before, after], subjects) in moved {
        let direction = match (&before, &after) {
            (_, Route::Nobody) => Direction::Weaker,
            (Route::Nobody, _) => Direction::Stronger,
            _ => Direction::Mixed,
        };
        let when = conditions::Described::by("a rule sends them to the team of the item");
        let routed = Routed { when, about: About::Subjects, before, after, ticket: None };
        let changes = vec![Change::Routed(routed)];
        found.cases.push(Case::new(Topic::Routing, direction, subjects, changes, Vec::new()));
    }
}
