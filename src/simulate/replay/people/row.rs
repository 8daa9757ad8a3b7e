//! From a row to what happened to somebody.

use jiff::Timestamp;

use crate::{
    load::rows::{ColumnError, Row, Rows, Wanted},
    model::{
        Id, Rulebook,
        replay_map::{PersonAction, PersonChangeField, ReplayMap, TeamRole},
    },
    simulate::replay::{
        InstantFormat, MapProblem, Mapping, Reject, RejectKind, check_format,
        requests::{SUBJECT, Subject, id, word},
    },
};

/// What happened to somebody.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) person: Id,
    pub(super) at: Option<Timestamp>,
    pub(super) action: PersonAction,
    pub(super) team: Option<(Id, TeamRole)>,
    /// What they are like from then on.
    pub(super) subject: Subject,
}

/// How rows become what happened to people.
#[derive(Debug)]
pub struct Plan {
    mapping: Mapping,
    wanted: Wanted,
    instants: InstantFormat,
}

/// Why rows cannot become what happened to people.
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
    /// Finds out how the rows of a file become what happened to people.
    ///
    /// # Errors
    /// When the map names what there is not, or nothing says who it was and what happened.
    pub fn new(
        rows: &Rows,
        map: Option<&ReplayMap>,
        columns: &[(String, String)],
        rulebook: &Rulebook,
    ) -> Result<Self, PlanError> {
        let known = |name: &str| PersonChangeField::NAMES.contains(&name);
        let own: Vec<String> = match rows.columns() {
            Some(columns) => columns.to_vec(),
            None if map.is_none() => PersonChangeField::NAMES.iter().map(ToString::to_string).collect(),
            None => Vec::new(),
        };
        let mut mapping = Mapping::new(map, columns, &own, &known, PersonChangeField::NAMES)?;
        for (name, _) in map.into_iter().flat_map(|map| &map.subject) {
            Subject::check(name, rulebook)?;
        }
        mapping.extend(SUBJECT, map.into_iter().flat_map(|map| &map.subject))?;
        for (field, help) in [
            (PersonChangeField::Person, "write `--column person=COLUMN`, or a map with `person`"),
            (PersonChangeField::Action, "write `--column action=COLUMN`, or a map with `action`"),
        ] {
            if mapping.field(field.name()).is_none() {
                return Err(MapProblem::Needed { field: field.name(), help }.into());
            }
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
        Ok(Self { mapping, wanted, instants: InstantFormat::new(format, zone) })
    }

    /// Each field with the column that it is read from.
    pub fn read_from(&self) -> impl Iterator<Item = (&str, &str)> {
        self.mapping.read_from()
    }

    /// Whether every column that is read was there, once all rows were read.
    ///
    /// # Errors
    /// When no row had one of them that was named.
    pub(super) fn finish(&self, named: bool) -> Result<(), ColumnError> {
        if named { self.wanted.all_seen() } else { Ok(()) }
    }

    /// What a row says.
    pub(super) fn said(&self, row: &Row, rulebook: &Rulebook) -> Result<Said, Reject> {
        let cells = self.wanted.cells(row).map_err(|why| Reject::new(RejectKind::Malformed, why))?;
        let text = |field: PersonChangeField| match self.mapping.field(field.name()) {
            Some(field) => field.text(&cells),
            None => Ok(None),
        };
        let needed = |field: PersonChangeField| text(field)?.ok_or_else(|| Reject::missing(field.name()));
        let person = id("person", &needed(PersonChangeField::Person)?)?;
        let action = needed(PersonChangeField::Action)?;
        let action = word("action", &action, PersonAction::NAMES, PersonAction::ALL)?;
        let at = text(PersonChangeField::At)?
            .map(|text| self.instants.read(&text).map_err(|why| Reject::value("at", why)))
            .transpose()?;
        let team = text(PersonChangeField::Team)?.map(|text| id("team", &text)).transpose()?;
        let role = text(PersonChangeField::Role)?
            .map(|text| word("role", &text, TeamRole::NAMES, TeamRole::ALL))
            .transpose()?;
        let team = match (action, team) {
            (PersonAction::Add | PersonAction::Remove, None) => return Err(Reject::missing("team")),
            (PersonAction::Join | PersonAction::Change | PersonAction::Leave, Some(_)) => {
                let why = format!("`{action}` is about no team: write `add` or `remove`");
                return Err(Reject::value("action", why));
            }
            (_, team) => team.map(|team| (team, role.unwrap_or(TeamRole::Member))),
        };
        let subject = Subject::read(person.clone(), &self.mapping, &cells, rulebook)?;
        Ok(Said { person, at, action, team, subject })
    }
}
