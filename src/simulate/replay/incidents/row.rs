//! From a row to what it says about a ticket.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    decide::service_level,
    load::rows::{Cells, ColumnError, Row, Rows, Wanted},
    model::{
        Entry, Id, Priority, Rulebook,
        replay_map::{Kept, ReplayMap, TicketField},
        service::Service,
        sla::{Sla, TargetKind, TicketState},
    },
    simulate::replay::{
        InstantFormat, MapProblem, Mapping, Reject, RejectKind, check_format, instants::shown, requests::word,
    },
};

/// What a row says about a ticket.
#[derive(Debug, Clone)]
pub(super) struct Said<'a> {
    pub(super) ticket: String,
    /// When it happened; none when the row only says when the ticket was opened and solved.
    pub(super) at: Option<Timestamp>,
    pub(super) opened: Option<Timestamp>,
    pub(super) resolved: Option<Timestamp>,
    pub(super) state: Option<TicketState>,
    pub(super) done: Option<TargetKind>,
    pub(super) priority: Option<&'a Priority>,
    pub(super) sla: Option<&'a Entry<Sla>>,
    pub(super) service: Option<&'a Entry<Service>>,
    /// Whether the target to solve it was kept, as the file says.
    pub(super) recorded: Option<Kept>,
}

/// How rows become tickets.
#[derive(Debug)]
pub struct Plan {
    mapping: Mapping,
    wanted: Wanted,
    instants: InstantFormat,
    priorities: BTreeMap<String, Priority>,
    /// The SLA of tickets whose rows name none.
    sla: Option<Id>,
}

/// Why rows cannot become tickets.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The map is wrong.
    #[error(transparent)]
    Map(#[from] MapProblem),
    /// The file does not have a column.
    #[error(transparent)]
    Column(#[from] ColumnError),
}

impl Plan {
    /// Finds out how the rows of a file become tickets. `sla` holds for those that name none.
    ///
    /// # Errors
    /// When the map names what there is not, or nothing says which ticket a row is about.
    pub fn new(
        rows: &Rows,
        map: Option<&ReplayMap>,
        columns: &[(String, String)],
        rulebook: &Rulebook,
        sla: Option<&Id>,
    ) -> Result<Self, PlanError> {
        let known = |name: &str| TicketField::NAMES.contains(&name);
        let own: Vec<String> = match rows.columns() {
            Some(columns) => columns.to_vec(),
            // Lines of JSON name their fields themselves.
            None if map.is_none() => TicketField::NAMES.iter().map(ToString::to_string).collect(),
            None => Vec::new(),
        };
        let mapping = Mapping::new(map, columns, &own, &known, TicketField::NAMES)?;
        let has = |field: TicketField| mapping.field(field.name()).is_some();
        let needed =
            |field: TicketField, help| PlanError::from(MapProblem::Needed { field: field.name(), help });
        if !has(TicketField::Id) {
            return Err(needed(
                TicketField::Id,
                "write `--column id=COLUMN`, or a map with the number of the ticket",
            ));
        }
        if !has(TicketField::At) && !has(TicketField::Opened) {
            return Err(needed(
                TicketField::At,
                "write `--column at=COLUMN` for when something happened, or `opened` for when the ticket was opened",
            ));
        }
        if !has(TicketField::Priority) {
            return Err(needed(
                TicketField::Priority,
                "write `--column priority=COLUMN`, or a map with `priority`",
            ));
        }
        if sla.is_none() && !has(TicketField::Sla) && !has(TicketField::Service) {
            return Err(needed(TicketField::Sla, "write `--sla ID`, or a map with `sla` or `service`"));
        }
        if let Some(sla) = sla
            && rulebook.slas.get(sla.as_str()).is_none()
        {
            return Err(MapProblem::Rulebook(format!("there is no sla `{sla}`")).into());
        }
        let format = map.and_then(|map| map.instants.clone());
        if let Some(format) = &format {
            check_format(format).map_err(|why| MapProblem::Instants { format: format.clone(), why })?;
        }
        let named =
            map.and_then(|map| map.time_zone.as_ref()).unwrap_or(&rulebook.settings.project.time_zone);
        let Some(zone) = named.resolve() else {
            return Err(MapProblem::Rulebook(format!("there is no time zone `{named}`")).into());
        };
        let wanted = Wanted::find(rows, mapping.columns().to_vec())?;
        let priorities = rulebook.settings.project.priorities.iter();
        Ok(Self {
            instants: InstantFormat::new(format, zone),
            priorities: priorities.map(|id| (id.to_string(), Priority(id.clone()))).collect(),
            mapping,
            wanted,
            sla: sla.cloned(),
        })
    }

    /// Each field with the column that it is read from.
    pub fn read_from(&self) -> impl Iterator<Item = (&str, &str)> {
        self.mapping.read_from()
    }

    /// Whether anything says in which state tickets were.
    #[must_use]
    pub fn says_states(&self) -> bool {
        self.mapping.field(TicketField::State.name()).is_some()
    }

    /// The SLA of tickets whose rows name none.
    pub(super) fn sla<'a>(&self, rulebook: &'a Rulebook) -> Option<&'a Entry<Sla>> {
        rulebook.slas.get(self.sla.as_ref()?.as_str())
    }

    /// Whether every column that is read was there, once all rows were read.
    ///
    /// # Errors
    /// When no row had one of them that was named.
    pub fn finish(&self, named: bool) -> Result<(), ColumnError> {
        if named { self.wanted.all_seen() } else { Ok(()) }
    }

    /// What a row says.
    ///
    /// # Errors
    /// Why it says nothing, with the ticket as far as it is known.
    pub(super) fn said<'a>(
        &'a self,
        row: &Row,
        rulebook: &'a Rulebook,
    ) -> Result<Said<'a>, (Option<String>, Reject)> {
        let malformed = |why| (None, Reject::new(RejectKind::Malformed, why));
        let cells = self.wanted.cells(row).map_err(malformed)?;
        let ticket = match self.mapping.field(TicketField::Id.name()).map(|field| field.text(&cells)) {
            Some(Ok(Some(ticket))) => ticket.into_owned(),
            Some(Err(reject)) => return Err((None, reject)),
            _ => return Err((None, Reject::missing(TicketField::Id.name()))),
        };
        let known = ticket.clone();
        self.about(ticket, &cells, rulebook).map_err(|reject| (Some(known), reject))
    }

    fn about<'a>(
        &'a self,
        ticket: String,
        cells: &Cells<'_>,
        rulebook: &'a Rulebook,
    ) -> Result<Said<'a>, Reject> {
        let text = |field: TicketField| match self.mapping.field(field.name()) {
            Some(field) => field.text(cells),
            None => Ok(None),
        };
        let instant = |field: TicketField| -> Result<Option<Timestamp>, Reject> {
            let Some(text) = text(field)? else { return Ok(None) };
            self.instants.read(&text).map(Some).map_err(|why| Reject::value(field.name(), why))
        };
        let unknown = |field: TicketField, what: &str, text: &str| {
            let why = format!("`{}`: there is no {what} `{}`", field.name(), shown(text));
            Reject::new(RejectKind::Unknown, why)
        };
        let at = instant(TicketField::At)?;
        let opened = instant(TicketField::Opened)?;
        if at.is_none() && (opened.is_none() || self.mapping.field(TicketField::At.name()).is_some()) {
            return Err(Reject::missing(TicketField::At.name()));
        }
        let state = text(TicketField::State)?
            .map(|text| word("state", &text, TicketState::NAMES, TicketState::ALL))
            .transpose()?;
        let done = match text(TicketField::Done)?.as_deref() {
            None => None,
            Some("respond") => Some(TargetKind::Respond),
            Some("update") => Some(TargetKind::Update),
            Some("workaround") => Some(TargetKind::Workaround),
            Some(other) => {
                let why = format!("`{}` is none of `respond`, `update` and `workaround`", shown(other));
                return Err(Reject::value("done", why));
            }
        };
        let priority = text(TicketField::Priority)?
            .map(|text| {
                let found = self.priorities.get(&*text);
                found.ok_or_else(|| unknown(TicketField::Priority, "priority", &text))
            })
            .transpose()?;
        let sla = text(TicketField::Sla)?
            .map(|text| rulebook.slas.get(&text).ok_or_else(|| unknown(TicketField::Sla, "sla", &text)))
            .transpose()?;
        let service = text(TicketField::Service)?
            .map(|text| {
                let found = rulebook.services.get(&text);
                found.ok_or_else(|| unknown(TicketField::Service, "service", &text))
            })
            .transpose()?;
        let by_service = service.filter(|_| sla.is_none()).map(|service| {
            service_level::sla(rulebook, &service.value).ok_or_else(|| {
                let why = format!("`service`: nothing is promised about `{}`: it has no SLA", service.id);
                Reject::new(RejectKind::Unknown, why)
            })
        });
        let sla = match by_service {
            Some(found) => Some(found?),
            None => sla,
        };
        let recorded = text(TicketField::Recorded)?
            .map(|text| word("recorded", &text, Kept::NAMES, Kept::ALL))
            .transpose()?;
        let resolved = instant(TicketField::Resolved)?;
        Ok(Said { ticket, at, opened, resolved, state, done, priority, sla, service, recorded })
    }
}
