//! Incidents: how urgent, whose, by when, whether major, who is told when, and what it costs.

mod facts;

use jiff::Timestamp;

use super::{
    clocks::{self, Clock},
    considered::{Considered, Effect, Step},
    engine::Engine,
    items::{NotOnItem, service_of},
    principals::{self, Exclusion, Subject, unable},
    service_level,
    timeline::timeline,
    undecidable::Undecidable,
};
use crate::model::{
    Entry, Id, Kind, Location, Money, Principal, Priority, Rulebook, Selector,
    configuration_item::ConfigurationItem,
    escalation::{Escalation, EscalationStep},
    incident::Incident,
    major_incident::MajorIncident,
    person::Person,
    priority_matrix::PriorityMatrix,
    routing::{Destination, Routing, RoutingRule, TicketKind},
    service::Service,
    sla::Sla,
    team::Team,
    tier::Tier,
};

/// What is wrong with a report of an incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IncidentProblem {
    /// A reference that leads nowhere.
    #[error("`{field}`: there is no {} `{id}`", kind.name())]
    Unknown {
        /// The field.
        field: &'static str,
        /// What was expected.
        kind: Kind,
        /// What was written.
        id: String,
    },
    /// A word that the priority matrix does not have.
    #[error("`{field}` is `{word}`: write one of {}", known.join(", "))]
    Word {
        /// The field.
        field: String,
        /// What was written.
        word: String,
        /// The words of the matrix, the worst first.
        known: Vec<String>,
    },
    /// An instant before anything was reported.
    #[error("the incident is reported at {0}: incidents are reported from 1970 on")]
    BeforeClocks(Timestamp),
    /// The service does not run on the item.
    #[error("`service` is `{service}`, which does not run on `{item}`: write one of {}", known.join(", "))]
    OtherService {
        /// What was written.
        service: String,
        /// The item.
        item: String,
        /// The services that run on it.
        known: Vec<String>,
    },
    /// Several services run on the item and none is named.
    #[error("several services run on `{item}`: write as `service` the most important of {}", known.join(", "))]
    SeveralServices {
        /// The item.
        item: String,
        /// The services.
        known: Vec<String>,
    },
    /// An attribute that is not declared.
    #[error("`attributes.{0}` is not declared in gitsm.toml under `[attribute.incident]`")]
    UnknownAttribute(String),
}

/// What follows from an incident.
#[derive(Debug)]
pub struct IncidentDecision<'a> {
    /// When it was reported.
    pub instant: Timestamp,
    /// How urgent it is.
    pub priority: &'a Priority,
    /// The matrix that gave the priority.
    pub matrix: &'a Entry<PriorityMatrix>,
    /// The row and the column of the matrix.
    pub cell: (&'a str, &'a str),
    /// The service that it is about.
    pub service: Option<&'a Entry<Service>>,
    /// The tier of the service.
    pub tier: Option<&'a Entry<Tier>>,
    /// Whose it is.
    pub routed: Routed<'a>,
    /// The SLA that is attached.
    pub sla: Option<&'a Entry<Sla>>,
    /// The clocks that start.
    pub clocks: Vec<Clock>,
    /// The definitions by which it is a major incident, with what they demand.
    pub major: Vec<Major<'a>>,
    /// Who is told when, if nothing happens, in the order of time.
    pub timeline: Vec<Alarm<'a>>,
    /// What an hour of it costs.
    pub cost_per_hour: Option<&'a Money>,
    /// Every rule of routing and every definition of a major incident that was looked at.
    pub trace: Vec<Considered<'a>>,
}

impl IncidentDecision<'_> {
    /// What decided: the priority matrix, the rule of the routing or else the routing itself, the SLA, and the
    /// definitions by which it is major.
    #[must_use]
    pub fn rules(&self) -> Vec<Selector> {
        let whole = |kind: Kind, id: &Id| Selector { kind, id: id.clone(), part: None };
        let routed = self.routed.rule.clone();
        let mut rules = vec![whole(Kind::PriorityMatrix, &self.matrix.id)];
        rules.push(routed.unwrap_or_else(|| whole(Kind::Routing, &self.routed.routing.id)));
        rules.extend(self.sla.map(|sla| whole(Kind::Sla, &sla.id)));
        rules.extend(self.major.iter().map(|major| whole(Kind::MajorIncident, &major.definition.id)));
        rules
    }
}

/// Whose an incident is.
#[derive(Debug)]
pub struct Routed<'a> {
    /// The routing.
    pub routing: &'a Entry<Routing>,
    /// The rule that decided; none when the default did.
    pub rule: Option<Selector>,
    /// The team.
    pub team: &'a Entry<Team>,
    /// Who of the team is on call and can be reached.
    pub on_call: Option<&'a Entry<Person>>,
    /// Whose turn it is and who cannot be reached, with the reason: then nobody is on call.
    pub absent: Option<(&'a Entry<Person>, Exclusion)>,
    /// The queue in the target.
    pub queue: Option<&'a str>,
}

/// Why an incident is major, and what follows.
#[derive(Debug)]
pub struct Major<'a> {
    /// The definition.
    pub definition: &'a Entry<MajorIncident>,
    /// Who leads.
    pub commander: Vec<&'a Entry<Person>>,
    /// Who else is called.
    pub responders: Vec<&'a Entry<Person>>,
}

/// Somebody is told.
#[derive(Debug)]
pub struct Alarm<'a> {
    /// When.
    pub at: Timestamp,
    /// The escalation.
    pub escalation: &'a Entry<Escalation>,
    /// The step of it.
    pub step: &'a EscalationStep,
    /// Where it was written.
    pub place: Location,
    /// Who is told.
    pub people: Vec<&'a Entry<Person>>,
}

/// What a report names.
pub(super) struct Reported<'e, 'a> {
    pub(super) engine: &'e Engine<'a>,
    pub(super) incident: &'e Incident,
    pub(super) instant: Timestamp,
    pub(super) requester: Option<&'a Entry<Person>>,
    pub(super) service: Option<&'a Entry<Service>>,
    pub(super) item: Option<&'a Entry<ConfigurationItem>>,
    pub(super) priority: Option<&'a Priority>,
}

/// Decides what follows from an incident that is reported at an instant.
///
/// # Errors
/// When the rulebook cannot say; an incident without a team is never the answer.
pub fn decide<'a>(
    engine: &Engine<'a>,
    incident: &Incident,
    instant: Timestamp,
) -> Result<Result<IncidentDecision<'a>, Vec<IncidentProblem>>, Undecidable> {
    let rulebook = engine.rulebook();
    let mut problems = Vec::new();
    let mut reported = Reported {
        engine,
        incident,
        instant,
        requester: find(&mut problems, "requester", &rulebook.people, incident.requester.as_ref()),
        service: find(&mut problems, "service", &rulebook.services, incident.service.as_ref()),
        item: find(
            &mut problems,
            "configuration-item",
            &rulebook.configuration_items,
            incident.configuration_item.as_ref(),
        ),
        priority: None,
    };
    reported.service = item_service(&reported, &mut problems);
    find(&mut problems, "category", &rulebook.categories, incident.category.as_ref());
    find(&mut problems, "channel", &rulebook.channels, incident.channel.as_ref());
    for name in incident.attributes.keys() {
        let known = engine.vocabulary().resolve("incident", name.as_str());
        if known.is_none_or(|known| !known.custom) {
            problems.push(IncidentProblem::UnknownAttribute(name.to_string()));
        }
    }
    if instant < Timestamp::UNIX_EPOCH {
        problems.push(IncidentProblem::BeforeClocks(instant));
    }
    let routing = routing(rulebook)?;
    let matrix = matrix(rulebook, routing)?;
    let found = priority(matrix, incident, &mut problems)?;
    let (Some((cell, priority)), true) = (found, problems.is_empty()) else { return Ok(Err(problems)) };
    reported.priority = Some(priority);
    let mut trace = Vec::new();
    let routed = route(&reported, routing, &mut trace)?;
    let service = reported.service;
    let sla = service.and_then(|service| service_level::sla(rulebook, service));
    let clocks = match sla {
        Some(sla) => clocks::of(engine, sla, priority, instant)?,
        None => Vec::new(),
    };
    let major = major(&reported, &mut trace)?;
    let tier = service
        .and_then(|service| service.value.tier.as_ref())
        .and_then(|tier| rulebook.tiers.get(tier.as_str()));
    let timeline = timeline(&reported, sla, tier, &clocks, &major)?;
    Ok(Ok(IncidentDecision {
        instant,
        priority,
        matrix,
        cell,
        service,
        tier,
        routed,
        sla,
        clocks,
        major,
        timeline,
        cost_per_hour: tier.and_then(|tier| tier.value.downtime_cost.as_ref()),
        trace,
    }))
}

fn find<'a, T: crate::model::Document>(
    problems: &mut Vec<IncidentProblem>,
    field: &'static str,
    objects: &'a crate::model::Objects<T>,
    reference: Option<&crate::model::Ref<T>>,
) -> Option<&'a Entry<T>> {
    let id = reference?.as_str();
    let found = objects.get(id);
    if found.is_none() {
        problems.push(IncidentProblem::Unknown { field, kind: T::KIND, id: id.to_owned() });
    }
    found
}

/// The service of an incident, which can follow from its item as that of a change does.
fn item_service<'a>(
    reported: &Reported<'_, 'a>,
    problems: &mut Vec<IncidentProblem>,
) -> Option<&'a Entry<Service>> {
    let named = (reported.incident.service.as_ref(), reported.service);
    match service_of(reported.engine.rulebook(), reported.item, named) {
        Ok(found) => return found,
        Err((item, NotOnItem::Several(known))) => {
            problems.push(IncidentProblem::SeveralServices { item, known });
        }
        Err((item, NotOnItem::Other { service, known })) => {
            problems.push(IncidentProblem::OtherService { service, item, known });
        }
    }
    reported.service
}

/// The routing of incidents. Two of them are an error that validation reports.
fn routing(rulebook: &Rulebook) -> Result<&Entry<Routing>, Undecidable> {
    let mut all = rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident);
    let settings = Location::settings;
    let none = || Undecidable::Missing { kind: Kind::Routing, id: "incident".to_owned(), at: settings() };
    let first = all.next().ok_or_else(none)?;
    match all.next() {
        None => Ok(first),
        Some(second) => {
            Err(Undecidable::Order { one: first.id.clone(), other: second.id.clone(), at: second.at("") })
        }
    }
}

/// The matrix that gives incidents their priority.
///
/// # Errors
/// When the rulebook does not say which it is.
pub fn priority_matrix(rulebook: &Rulebook) -> Result<&Entry<PriorityMatrix>, Undecidable> {
    matrix(rulebook, routing(rulebook)?)
}

/// The matrix that gives the priority: that of the routing, or the only one there is.
fn matrix<'a>(
    rulebook: &'a Rulebook,
    routing: &'a Entry<Routing>,
) -> Result<&'a Entry<PriorityMatrix>, Undecidable> {
    let missing = |id: &str| Undecidable::Missing {
        kind: Kind::PriorityMatrix,
        id: id.to_owned(),
        at: routing.at("/priority-matrix"),
    };
    if let Some(named) = &routing.value.priority_matrix {
        return rulebook.priority_matrices.get(named.as_str()).ok_or_else(|| missing(named.as_str()));
    }
    let mut all = rulebook.priority_matrices.iter();
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only),
        (Some(one), Some(other)) => Err(Undecidable::Order {
            one: one.id.clone(),
            other: other.id.clone(),
            at: routing.at("/priority-matrix"),
        }),
        (None, _) => Err(missing("incident")),
    }
}

/// A row and a column of a matrix.
type Cell<'a> = (&'a str, &'a str);

/// The priority of an incident's impact and urgency, whichever of the two the rows stand for, and its cell.
fn priority<'a>(
    matrix: &'a Entry<PriorityMatrix>,
    incident: &Incident,
    problems: &mut Vec<IncidentProblem>,
) -> Result<Option<(Cell<'a>, &'a Priority)>, Undecidable> {
    let swapped = matrix.row_axis == "urgency" || matrix.column_axis == "impact";
    let (row, column) =
        if swapped { (&incident.urgency, &incident.impact) } else { (&incident.impact, &incident.urgency) };
    let mut word = |axis: &str, word: &str, known: &'a [String]| {
        let found = known.iter().find(|known| *known == word).map(String::as_str);
        if found.is_none() {
            let (field, word, known) = (axis.to_owned(), word.to_owned(), known.to_vec());
            problems.push(IncidentProblem::Word { field, word, known });
        }
        found
    };
    let row = word(&matrix.value.row_axis, row, &matrix.value.rows);
    let column = word(&matrix.value.column_axis, column, &matrix.value.columns);
    let (Some(row), Some(column)) = (row, column) else { return Ok(None) };
    let missing = || Undecidable::Unknown {
        attribute: "incident.priority".to_owned(),
        why: format!("the matrix `{}` has no priority for {row} and {column}", matrix.id),
        at: matrix.at("/cell"),
    };
    let priority = matrix.value.priority(row, column).ok_or_else(missing)?;
    Ok(Some(((row, column), priority)))
}

fn route<'a>(
    reported: &Reported<'_, 'a>,
    routing: &'a Entry<Routing>,
    trace: &mut Vec<Considered<'a>>,
) -> Result<Routed<'a>, Undecidable> {
    for (index, rule) in routing.value.rule.iter().enumerate() {
        let selector = Selector { kind: Kind::Routing, id: routing.id.clone(), part: Some(rule.id.clone()) };
        let effect = match (&rule.team, rule.to) {
            (Some(team), _) => Some(Effect::Team(team.id().clone())),
            (None, to) => to.map(Effect::Destination),
        };
        let place = (selector.clone(), routing.at(format!("/rule/{index}")));
        let condition = (&*rule.when, routing.origin);
        let effects = effect.into_iter().collect();
        let considered = Considered::plain(Step::Routing, place, reported, condition, effects)?;
        let matched = considered.decides();
        trace.push(considered);
        if matched {
            let team = destination(reported, routing, index, rule)?;
            return routed(reported, routing, Some(selector), team, rule.queue.as_deref());
        }
    }
    let at = || routing.at("/default");
    let missing = |id: String| Undecidable::Missing { kind: Kind::Team, id, at: at() };
    let default = routing.value.default.as_ref().ok_or_else(|| missing("default".to_owned()))?;
    let team = reported.engine.rulebook().teams.get(default.as_str());
    routed(reported, routing, None, team.ok_or_else(|| missing(default.to_string()))?, None)
}

fn routed<'a>(
    reported: &Reported<'_, 'a>,
    routing: &'a Entry<Routing>,
    rule: Option<Selector>,
    team: &'a Entry<Team>,
    queue: Option<&'a str>,
) -> Result<Routed<'a>, Undecidable> {
    let turn = principals::turn(reported.engine, team, reported.instant)?;
    let (on_call, absent) = match turn {
        Some((person, None)) => (Some(person), None),
        Some((person, Some(why))) => (None, Some((person, why))),
        None => (None, None),
    };
    Ok(Routed { routing, rule, team, on_call, absent, queue })
}

/// The team that a rule sends an incident to.
fn destination<'a>(
    reported: &Reported<'_, 'a>,
    routing: &'a Entry<Routing>,
    index: usize,
    rule: &'a RoutingRule,
) -> Result<&'a Entry<Team>, Undecidable> {
    let of_service = || reported.service.and_then(|service| service.value.support_team.as_ref());
    let of_item = || reported.item.and_then(|item| item.value.support_team.as_ref());
    let team = match (&rule.team, rule.to) {
        (Some(team), _) => Some(team),
        (None, Some(Destination::SupportTeam | Destination::OnCall)) => of_service(),
        (None, Some(Destination::ConfigurationItemTeam)) => of_item(),
        (None, None) => None,
    };
    let missing = || Undecidable::Unknown {
        attribute: format!("the destination of `{}`", rule.id),
        why: "the service or item of the incident has no support team".to_owned(),
        at: routing.at(format!("/rule/{index}")),
    };
    team.and_then(|team| reported.engine.rulebook().teams.get(team.as_str())).ok_or_else(missing)
}

fn major<'a>(
    reported: &Reported<'_, 'a>,
    trace: &mut Vec<Considered<'a>>,
) -> Result<Vec<Major<'a>>, Undecidable> {
    let mut found = Vec::new();
    for definition in &reported.engine.rulebook().major_incidents {
        let rule = Selector { kind: Kind::MajorIncident, id: definition.id.clone(), part: None };
        let condition = (&*definition.value.when, definition.origin);
        let effects = vec![Effect::Major];
        let place = (rule, definition.at(""));
        let considered = Considered::plain(Step::MajorIncident, place, reported, condition, effects)?;
        let matched = considered.decides();
        trace.push(considered);
        if matched {
            let commander: Vec<Principal> = definition.value.commander.iter().cloned().collect();
            found.push(Major {
                definition,
                commander: people(reported, &commander, reported.instant)?,
                responders: people(reported, &definition.value.responders, reported.instant)?,
            });
        }
    }
    Ok(found)
}

/// The people behind principals who are here at an instant, and on call then.
pub(super) fn people<'a>(
    reported: &Reported<'_, 'a>,
    principals: &[Principal],
    instant: Timestamp,
) -> Result<Vec<&'a Entry<Person>>, Undecidable> {
    let subject = Subject {
        beneficiary: reported.requester,
        offer: None,
        service: reported.service,
        instant,
        change_owner: None,
    };
    let today = reported.engine.date(instant);
    let mut people = principals::people(reported.engine, &subject, principals)?;
    people.retain(|person| unable(person, today).is_none());
    Ok(people)
}
