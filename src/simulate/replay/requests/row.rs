//! From a row to the request that it tells of.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;

use super::subject::Subject;
use crate::{
    decide::guests::Guests,
    load::rows::ColumnError,
    load::{
        rows::{Cells, Content, Row, Rows, Wanted},
        suggest::nearest,
    },
    model::{
        EntitlementRef, Id, Instant, Ref, Rulebook,
        condition::Literal,
        replay_map::{Recorded, ReplayMap, RequestField},
        request::Request,
        service::Environment,
        workflow::Evidence,
    },
    simulate::replay::{
        InstantFormat, MapProblem, Mapping, Reject, RejectKind, check_format, fields::Field, instants::shown,
    },
};

/// A request of the past.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its name.
    pub id: Option<String>,
    /// When it was made, if the row says it.
    pub at: Option<Timestamp>,
    /// What was asked for.
    pub request: Request,
    /// What was decided.
    pub recorded: Option<Recorded>,
    /// What the person was like at the time, if the row says it.
    pub(super) subject: Option<Subject>,
}

/// How rows become requests.
#[derive(Debug)]
pub struct Plan {
    mapping: Option<Mapped>,
    /// What an entitlement is like that the catalogue does not hold.
    like: Option<EntitlementRef>,
}

#[derive(Debug)]
struct Mapped {
    mapping: Mapping,
    wanted: Wanted,
    instants: InstantFormat,
}

/// Why rows cannot become requests.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The map is wrong.
    #[error(transparent)]
    Map(#[from] MapProblem),
    /// The file does not have a column.
    #[error(transparent)]
    Column(#[from] ColumnError),
}

/// A line of JSON as it is written without a map: what `gitsm simulate access --batch` reads, and what was decided.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Line {
    id: Option<String>,
    now: Option<Instant>,
    /// Which rulebook decided at the time does not matter here.
    #[serde(rename = "policy-commit")]
    _policy_commit: Option<String>,
    request: Request,
    outcome: Option<Recorded>,
}

/// Fields of forms are named `form.…`.
const FORM: &str = "form.";
/// Attributes of the person are kept apart from the fields of requests.
pub(in crate::simulate::replay) const SUBJECT: &str = "subject.";

impl Plan {
    /// Finds out how the rows of a file become requests.
    ///
    /// # Errors
    /// When the map names what there is not, or nothing says who asks and for what.
    pub fn new(
        rows: &Rows,
        map: Option<&ReplayMap>,
        columns: &[(String, String)],
        rulebook: &Rulebook,
    ) -> Result<Self, PlanError> {
        let like = map.and_then(|map| map.like.clone());
        if let Some(like) = &like
            && crate::decide::policy::offer(rulebook, like).is_none()
        {
            return Err(MapProblem::Rulebook(format!("`like`: there is no entitlement `{like}`")).into());
        }
        if map.is_none() && columns.is_empty() && rows.columns().is_none() {
            return Ok(Self { mapping: None, like });
        }
        let known = |name: &str| {
            RequestField::NAMES.contains(&name)
                || name.strip_prefix(FORM).is_some_and(|rest| Id::new(rest).is_some())
        };
        let own = rows.columns().unwrap_or_default();
        let mut mapping = Mapping::new(map, columns, own, &known, RequestField::NAMES)?;
        for (name, _) in map.into_iter().flat_map(|map| &map.subject) {
            Subject::check(name, rulebook)?;
        }
        mapping.extend(SUBJECT, map.into_iter().flat_map(|map| &map.subject))?;
        let has = |field: RequestField| mapping.field(field.name()).is_some();
        let has_subject = mapping.below(SUBJECT).next().is_some();
        if !has(RequestField::Requester) && !has(RequestField::Beneficiary) && !has_subject {
            let help = "write `--column requester=COLUMN`, or a map with `requester`, or with what the person was like under `[subject]`";
            return Err(MapProblem::Needed { field: "requester", help }.into());
        }
        let asked = [RequestField::Entitlements, RequestField::Bundle, RequestField::Type];
        if !asked.into_iter().any(has) {
            let help =
                "write `--column entitlements=COLUMN`, or a map with `entitlements`, `bundle` or `type`";
            return Err(MapProblem::Needed { field: "entitlements", help }.into());
        }
        let format = map.and_then(|map| map.instants.clone());
        if let Some(format) = &format {
            check_format(format).map_err(|why| MapProblem::Instants { format: format.clone(), why })?;
        }
        let zone = map.and_then(|map| map.time_zone.as_ref());
        let named = zone.unwrap_or(&rulebook.settings.project.time_zone);
        let Some(zone) = named.resolve() else {
            return Err(MapProblem::Rulebook(format!("there is no time zone `{named}`")).into());
        };
        let wanted = Wanted::find(rows, mapping.columns().to_vec())?;
        let instants = InstantFormat::new(format, zone);
        Ok(Self { mapping: Some(Mapped { mapping, wanted, instants }), like })
    }

    /// Each field with the column that it is read from; nothing for JSON Lines without a map.
    pub fn read_from(&self) -> impl Iterator<Item = (&str, &str)> {
        self.mapping.iter().flat_map(|mapped| mapped.mapping.read_from())
    }

    /// Whether every column that is read was there, once all rows were read.
    ///
    /// # Errors
    /// When no row had one of them.
    pub fn finish(&self) -> Result<(), ColumnError> {
        self.mapping.as_ref().map_or(Ok(()), |mapped| mapped.wanted.all_seen())
    }

    /// The request that a row tells of.
    ///
    /// # Errors
    /// Why it tells of none.
    pub fn past(&self, row: &Row, rulebook: &Rulebook) -> Result<Past, Reject> {
        let Some(mapped) = &self.mapping else { return line(row) };
        let cells = mapped.wanted.cells(row).map_err(|why| Reject::new(RejectKind::Malformed, why))?;
        mapped.past(&cells, row.number, rulebook)
    }

    /// Adds what a request names and a rulebook does not hold.
    ///
    /// # Errors
    /// When somebody's attributes make no sense there.
    pub(super) fn welcome(&self, past: &Past, rulebook: &Rulebook, guests: &mut Guests) {
        if let Some(subject) = &past.subject {
            guests.add_person(subject.person(rulebook));
        }
        let Some(like) = &self.like else { return };
        for entitlement in &past.request.entitlements {
            if entitlement.service == like.service {
                guests.add_entitlement(entitlement.clone(), like.clone());
            }
        }
    }

    /// Whether a request may name what a rulebook does not hold.
    pub(super) const fn has_guests(&self, past: &Past) -> bool {
        past.subject.is_some() || self.like.is_some()
    }
}

/// The request of a line of JSON without a map.
fn line(row: &Row) -> Result<Past, Reject> {
    let Content::Line(text) = &row.content else {
        let most = crate::load::rows::MOST_BYTES;
        return Err(Reject::new(
            RejectKind::Malformed,
            format!("it has more than the {most} bytes that a row may have"),
        ));
    };
    if !text.trim_ascii_start().starts_with(b"{") {
        let why = "it is not an object: write `{…}` on each line".to_owned();
        return Err(Reject::new(RejectKind::Malformed, why));
    }
    let read: Line = serde_json::from_slice(text).map_err(|error| {
        let kind = if error.is_data() { RejectKind::Value } else { RejectKind::Malformed };
        Reject::new(kind, error.to_string().replace(" at line 1 column", " at byte"))
    })?;
    Ok(Past {
        id: read.id,
        at: read.now.map(|now| now.0),
        request: read.request,
        recorded: read.outcome,
        subject: None,
    })
}

impl Mapped {
    fn past(&self, cells: &Cells<'_>, number: u64, rulebook: &Rulebook) -> Result<Past, Reject> {
        let field = |field: RequestField| self.mapping.field(field.name());
        let text = |wanted: RequestField| match field(wanted) {
            Some(field) => field.text(cells),
            None => Ok(None),
        };
        let owned = |wanted: RequestField| Ok::<_, Reject>(text(wanted)?.map(Cow::into_owned));
        let mut beneficiary =
            text(RequestField::Beneficiary)?.map(|text| id("beneficiary", &text)).transpose()?;
        let requester = text(RequestField::Requester)?.map(|text| id("requester", &text)).transpose()?;
        let describes = self.mapping.below(SUBJECT).next().is_some();
        let requester = match (requester, &beneficiary) {
            (Some(requester), _) => requester,
            (None, Some(beneficiary)) => beneficiary.clone(),
            // Nobody knows who it was, only what they were like.
            (None, None) if describes && field(RequestField::Requester).is_none() => {
                Id::new(&format!("anonymous.{number}")).ok_or_else(|| Reject::missing("requester"))?
            }
            (None, None) => return Err(Reject::missing("requester")),
        };
        beneficiary = beneficiary.filter(|beneficiary| *beneficiary != requester);
        let mut request = Request::of(Ref::new(requester));
        request.beneficiary = beneficiary.map(Ref::new);
        if let Some(field) = field(RequestField::Entitlements) {
            for text in field.list(cells)? {
                request.entitlements.push(EntitlementRef::parse(&text).ok_or_else(|| {
                    let why =
                        format!("`{}` is not an entitlement: write `service/entitlement`", shown(&text));
                    Reject::value(field.name(), why)
                })?);
            }
        }
        request.bundle =
            text(RequestField::Bundle)?.map(|text| id("bundle", &text)).transpose()?.map(Ref::new);
        request.request_type =
            text(RequestField::Type)?.map(|text| id("type", &text)).transpose()?.map(Ref::new);
        request.service =
            text(RequestField::Service)?.map(|text| id("service", &text)).transpose()?.map(Ref::new);
        request.duration = text(RequestField::Duration)?
            .map(|text| text.parse().map_err(|error| Reject::value("duration", error)))
            .transpose()?;
        request.environment = text(RequestField::Environment)?
            .map(|text| word("environment", &text, Environment::NAMES, Environment::ALL))
            .transpose()?;
        request.justification = owned(RequestField::Justification)?;
        request.ticket = owned(RequestField::Ticket)?;
        request.project = owned(RequestField::Project)?;
        if let Some(field) = field(RequestField::Evidence) {
            for text in field.list(cells)? {
                request.evidence.push(word("evidence", &text, Evidence::NAMES, Evidence::ALL)?);
            }
        }
        request.emergency =
            text(RequestField::Emergency)?.map(|text| flag("emergency", &text)).transpose()?.unwrap_or(false);
        for (name, field) in self.mapping.below(FORM) {
            if let Some((name, answer)) = Id::new(name).zip(answer(&field, cells)?) {
                request.form.insert(name, answer);
            }
        }
        let at = text(RequestField::Now)?
            .map(|text| self.instants.read(&text).map_err(|why| Reject::value("now", why)))
            .transpose()?;
        if at.is_none() && field(RequestField::Now).is_some() {
            return Err(Reject::missing("now"));
        }
        let recorded = text(RequestField::Outcome)?
            .map(|text| word("outcome", &text, Recorded::NAMES, Recorded::ALL))
            .transpose()?;
        let subject = if describes {
            let person = request.beneficiary.as_ref().unwrap_or(&request.requester).id().clone();
            Some(Subject::read(person, &self.mapping, cells, rulebook)?)
        } else {
            None
        };
        Ok(Past { id: owned(RequestField::Id)?, at, request, recorded, subject })
    }
}

/// An id. Ids are in lower case, and other systems write them as they like.
pub(in crate::simulate::replay) fn id(field: &str, text: &str) -> Result<Id, Reject> {
    Id::new(text).or_else(|| Id::new(&text.to_ascii_lowercase())).ok_or_else(|| {
        let why = format!("`{}` is not an id: `transform = \"id\"` of the map makes one", shown(text));
        Reject::value(field, why)
    })
}

/// One of some words.
pub(in crate::simulate::replay) fn word<T: Copy>(
    field: &str,
    text: &str,
    names: &[&str],
    all: &[T],
) -> Result<T, Reject> {
    let found = names.iter().zip(all).find(|(name, _)| **name == text).map(|(_, word)| *word);
    found.ok_or_else(|| {
        let near = nearest(text, names.iter().copied());
        let help = near.map_or_else(
            || {
                format!(
                    "it is one of {}; `values` of the map gives other words a meaning",
                    crate::load::words::list(names.iter().copied())
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        Reject::value(field, format!("`{}` is no such word: {help}", shown(text)))
    })
}

fn flag(field: &str, text: &str) -> Result<bool, Reject> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Ok(true),
        "false" | "no" | "n" | "0" => Ok(false),
        _ => Err(Reject::value(field, format!("`{}` is neither true nor false", shown(text)))),
    }
}

/// The answer of a form. What it has to be is known to the form alone, so that a number or a word is enough.
fn answer(field: &Field<'_>, cells: &Cells<'_>) -> Result<Option<Literal>, Reject> {
    let Some(text) = field.text(cells)? else { return Ok(None) };
    Ok(Some(match (text.parse::<i64>(), &*text) {
        (Ok(number), _) => Literal::Integer(number),
        (Err(_), "true") => Literal::Boolean(true),
        (Err(_), "false") => Literal::Boolean(false),
        (Err(_), text) => Literal::Text(text.into()),
    }))
}
