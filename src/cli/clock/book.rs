//! What a question names, looked up in the rulebook.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    answer::{CalendarUsed, Moment, Place},
    problem::Problem,
    question::required,
};
use crate::{
    decide::{calendars::Calendars, service_level, ticket::Terms},
    load::{Loaded, places::Places, suggest::nearest},
    model::{
        Entry, Kind, Location, Priority, calendar,
        sla::{Sla, TargetKind},
    },
    time::Calendar,
};

/// The rulebook, with what several questions need made ready once.
pub(super) struct Book<'a> {
    loaded: &'a Loaded,
    calendars: Calendars<'a>,
    priorities: BTreeMap<&'a str, Priority>,
    places: Places,
}

/// A calendar that clocks run on.
#[derive(Clone, Copy)]
pub(super) struct Hours<'b> {
    pub(super) entry: &'b Entry<calendar::Calendar>,
    pub(super) clock: &'b Calendar,
}

/// The terms of a ticket, and what made them hold.
pub(super) struct Found<'b> {
    pub(super) terms: Terms<'b>,
    /// The service or tier that named the SLA.
    pub(super) through: Option<String>,
}

impl<'a> Book<'a> {
    pub(super) fn new(loaded: &'a Loaded) -> Self {
        let rulebook = &loaded.rulebook;
        let priorities = rulebook.settings.project.priorities.iter();
        // Every line that an answer may name is looked up now: each file is parsed once, however many questions
        // there are.
        let locations: Vec<Location> = rulebook.slas.iter().flat_map(lines_of).collect();
        Self {
            loaded,
            calendars: Calendars::new(rulebook),
            priorities: priorities.map(|id| (id.as_str(), Priority(id.clone()))).collect(),
            places: Places::find(&locations, &loaded.sources),
        }
    }

    /// The calendar with this id.
    pub(super) fn calendar(&self, id: &str) -> Result<Hours<'_>, Problem> {
        let calendars = &self.loaded.rulebook.calendars;
        let entry = calendars.get(id).ok_or_else(|| unknown(Kind::Calendar, id, calendars.ids()))?;
        Ok(Hours { entry, clock: self.calendars.get(id, || entry.at(""))? })
    }

    /// The calendar on which an SLA counts.
    pub(super) fn hours_of(&self, sla: &Entry<Sla>) -> Result<Hours<'_>, Problem> {
        let id = sla.value.calendar.as_str();
        let clock = self.calendars.get(id, || sla.at("/calendar"))?;
        let entry = self.loaded.rulebook.calendars.get(id);
        Ok(Hours { entry: entry.ok_or_else(|| unknown(Kind::Calendar, id, []))?, clock })
    }

    /// The SLA with this id.
    pub(super) fn sla(&self, id: &str) -> Result<&Entry<Sla>, Problem> {
        let slas = &self.loaded.rulebook.slas;
        slas.get(id).ok_or_else(|| unknown(Kind::Sla, id, slas.ids()))
    }

    /// The priority with this name.
    pub(super) fn priority(&self, text: &str) -> Result<&Priority, Problem> {
        let names = || self.priorities.keys().copied();
        self.priorities.get(text).ok_or_else(|| word("priority", "priority", text, names()))
    }

    /// The terms that an SLA or a service and a priority name. Something must be promised.
    pub(super) fn terms(
        &self,
        sla: Option<&String>,
        service: Option<&String>,
        priority: Option<&String>,
    ) -> Result<Found<'_>, Problem> {
        let (sla, through) = match (sla, service) {
            (Some(_), Some(_)) => {
                let why = "a service names its SLA itself";
                return Err(Problem::Conflict { field: "sla", other: "service", why });
            }
            (Some(id), None) => (self.sla(id)?, None),
            (None, Some(id)) => self.sla_of(id)?,
            (None, None) => {
                let instead = "name an SLA, or a `service` that has one";
                return Err(Problem::Missing { field: "sla", instead });
            }
        };
        let priority = self.priority(required(priority, "priority", "write one, such as `p1`")?)?;
        let terms = Terms { sla, priority };
        if terms.targets().is_none() {
            return Err(Problem::NothingPromised {
                sla: sla.id.to_string(),
                priority: priority.to_string(),
                known: sla.value.target.keys().map(ToString::to_string).collect(),
            });
        }
        Ok(Found { terms, through })
    }

    fn sla_of(&self, id: &str) -> Result<(&Entry<Sla>, Option<String>), Problem> {
        let rulebook = &self.loaded.rulebook;
        let services = &rulebook.services;
        let service = services.get(id).ok_or_else(|| unknown(Kind::Service, id, services.ids()))?;
        let sla = service_level::sla(rulebook, &service.value)
            .ok_or_else(|| Problem::NoSla { service: id.to_owned() })?;
        let through = match (&service.value.sla, &service.value.tier) {
            (None, Some(tier)) => format!("tier/{tier} of service/{id}"),
            _ => format!("service/{id}"),
        };
        Ok((sla, Some(through)))
    }

    /// The line of a place.
    pub(super) fn place(&self, location: &Location) -> Place {
        let (file, span) = self.places.of(location);
        let sources = &self.loaded.sources;
        let line = sources.get(file).map_or(1, |file| file.line_column(span.start).line);
        Place { file: sources.path(file).to_owned(), line }
    }

    /// The calendar as an answer names it.
    pub(super) fn used(&self, hours: Hours<'_>) -> CalendarUsed {
        CalendarUsed {
            id: hours.entry.id.to_string(),
            name: hours.entry.value.name.clone(),
            time_zone: hours.entry.value.time_zone.to_string(),
            business_day_seconds: hours.clock.business_day_seconds(),
            place: self.place(&hours.entry.at("")),
        }
    }
}

impl Hours<'_> {
    /// An instant as the clocks on the wall show it where the calendar is.
    pub(super) fn moment(&self, instant: Timestamp) -> Moment {
        Moment::new(instant, self.clock.zone())
    }
}

/// The fields of an SLA that answers refer to.
fn lines_of(sla: &Entry<Sla>) -> impl Iterator<Item = Location> {
    let fields = ["/start-in", "/pause-in", "/stop-in", "/reopen", "/calendar"];
    let targets = sla.value.target.keys().flat_map(|priority| {
        let each = TargetKind::ALL.iter().map(move |kind| format!("/target/{priority}/{kind}"));
        each.chain([format!("/target/{priority}")])
    });
    fields.map(str::to_owned).into_iter().chain(targets).map(|pointer| sla.at(pointer))
}

/// An object that does not exist.
fn unknown<'i>(kind: Kind, id: &str, known: impl IntoIterator<Item = &'i str>) -> Problem {
    let near = nearest(id, known).map(str::to_owned);
    Problem::Unknown { kind, id: id.to_owned(), near }
}

/// A word that is none of those that are known.
pub(super) fn word<'i>(
    field: &'static str,
    what: &'static str,
    text: &str,
    known: impl IntoIterator<Item = &'i str> + Clone,
) -> Problem {
    let near = nearest(text, known.clone()).map(str::to_owned);
    let known = known.into_iter().map(str::to_owned).collect();
    Problem::Word { field, what, text: text.to_owned(), near, known }
}
