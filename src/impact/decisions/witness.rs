//! A request that shows a case, decided by both engines.

use std::collections::BTreeSet;

use super::{
    facts::{Asks, known},
    meaning::Outcome,
    side::Side,
};
use crate::{
    decide::{
        access::decide,
        ledger::Held,
        space::{Facet, Set, Space},
        value::Value,
    },
    model::{
        Duration, EntitlementRef, Entry, Id, Ref,
        condition::Literal,
        person::Person,
        request::Request,
        request_type::{Field, FieldType, RequestType},
        scenario::Verdict,
        service::Environment,
        workflow::Evidence,
    },
};

/// The shortest duration that is asked for where any will do, in seconds.
const HOUR: i64 = 3_600;
/// How long is asked for where nothing depends on it.
const DAY: Duration = Duration::Elapsed { seconds: 24 * HOUR };

/// A request, and what both rulebooks decide about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The request.
    pub request: Request,
    /// What was decided about it.
    pub before: Verdict,
    /// What would be.
    pub after: Verdict,
}

/// What is asked for in a request that is to show a case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'w> {
    /// The access; none for a request that asks for none.
    pub(super) entitlement: Option<&'w EntitlementRef>,
    /// The request type.
    pub(super) request_type: Option<&'w Id>,
}

/// The verdict about a request that brings everything it needs.
const fn verdict(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Denied | Outcome::Nobody => Verdict::Denied,
        Outcome::Granted(granted) if granted.panels.is_empty() => Verdict::Approved,
        Outcome::Granted(_) => Verdict::NeedsApproval,
    }
}

/// A request of somebody that lies in a set and is decided as said.
pub(super) fn witness<'a>(
    sides: &[Side<'a>; 2],
    space: &mut Space<'a>,
    set: Set,
    wanted: Wanted<'_>,
    (person, held): (&'a Entry<Person>, &[Held<'a>]),
    outcomes: [&Outcome; 2],
) -> Option<Witness> {
    let [_, side] = sides;
    let people = &side.engine.rulebook().people;
    let manager = person.manager.as_ref().and_then(|manager| people.get(manager.as_str()));
    let evidence = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Granted(granted) => Some(granted),
        Outcome::Denied | Outcome::Nobody => None,
    });
    let evidence: BTreeSet<Evidence> = evidence
        .flat_map(|granted| granted.panels.iter().flat_map(|panel| &panel.evidence).chain(&granted.evidence))
        .copied()
        .collect();
    for requester in std::iter::once(person).chain(manager) {
        let known = known(side, space, person, held, Asks::Somebody(requester));
        let Ok(left) = space.given(set, &known) else { continue };
        let mut request = Request::of(Ref::new(requester.id.clone()));
        if requester.id != person.id {
            request.beneficiary = Some(Ref::new(person.id.clone()));
        }
        request.entitlements = wanted.entitlement.cloned().into_iter().collect();
        request.request_type = wanted.request_type.map(|id| Ref::new(id.clone()));
        let form = wanted.request_type.and_then(|id| side.engine.rulebook().request_types.get(id.as_str()));
        let written = fill(space, left, &mut request, &evidence, form.map(|form| &form.value));
        if written.is_none() || form.is_some_and(|form| answer(side, form, &mut request).is_none()) {
            continue;
        }
        let mut verdicts =
            sides.iter().map(|side| decide(&side.engine, &request, side.instant, None).verdict);
        let (before, after) = (verdicts.next()?, verdicts.next()?);
        // What is not there cannot be asked for, which is no denial by name but the same for whoever asks.
        let fits = |found: Verdict, outcome: &Outcome| {
            found == verdict(outcome) || (found == Verdict::Invalid && *outcome == Outcome::Denied)
        };
        let [was, is] = outcomes;
        if fits(before, was) && fits(after, is) {
            return Some(Witness { request, before, after });
        }
    }
    None
}

/// Writes a request that lies in a set; none when nothing that can be written does.
fn fill(
    space: &Space<'_>,
    set: Set,
    request: &mut Request,
    evidence: &BTreeSet<Evidence>,
    form: Option<&RequestType>,
) -> Option<()> {
    let point = space.point(set)?;
    let matters = space.matters(set);
    let mut said = BTreeSet::new();
    for (variable, key) in space.variables().enumerate() {
        if !matters.contains(&variable) || &*key.namespace != "request" {
            // Peers are as they are: whether that fits shows when it is decided.
            continue;
        }
        let class = point.classes().get(variable).copied()?;
        let value = space.sample(variable, class)?;
        said.insert(key.name.clone());
        match (&*key.name, &key.facet, value) {
            ("emergency", Facet::Value, Value::Boolean(yes)) => request.emergency = yes,
            ("duration", Facet::Value, Value::Absent) => request.duration = None,
            ("duration", Facet::Value, Value::Number(_)) => {
                let (least, greatest) = space.bounds(variable, class)?;
                let seconds = least.max(HOUR.min(greatest)).max(1);
                request.duration = Some(Duration::Elapsed { seconds });
            }
            ("environment", Facet::Value, Value::Text(name)) => {
                request.environment = Environment::ALL.iter().copied().find(|one| one.name() == name);
            }
            ("justification", Facet::Value, Value::Text(text)) => {
                request.justification = Some(text.to_owned());
            }
            ("ticket", Facet::Value, Value::Text(text)) => request.ticket = Some(text.to_owned()),
            ("project", Facet::Value, Value::Text(text)) => request.project = Some(text.to_owned()),
            (_, Facet::Value, Value::Absent) | ("instant" | "outside-hours", ..) => {}
            // Forms belong to request types.
            (name, Facet::Value, value) => {
                let (id, field) = form.and_then(|form| asked(form, name))?;
                request.form.insert(id.clone(), literal(field, &value)?);
            }
            _ => return None,
        }
    }
    if !said.contains("duration") {
        request.duration = Some(DAY);
    }
    let words = |name: &str, text: &str| (!said.contains(name)).then(|| text.to_owned());
    for one in evidence {
        match one {
            Evidence::Justification => {
                request.justification =
                    request.justification.take().or_else(|| words("justification", "needed for work"));
            }
            Evidence::Ticket => request.ticket = request.ticket.take().or_else(|| words("ticket", "T-1")),
            Evidence::Project => {
                request.project = request.project.take().or_else(|| words("project", "a project"));
            }
            Evidence::Training | Evidence::Agreement | Evidence::Mfa => request.evidence.push(*one),
        }
    }
    Some(())
}

/// The field of a form that becomes an attribute of the request.
fn asked<'f>(form: &'f RequestType, attribute: &str) -> Option<(&'f Id, &'f Field)> {
    let own = attribute.strip_prefix("form.");
    form.field.iter().find(|(id, field)| match field.attribute.as_deref() {
        None => own == Some(id.as_str()),
        Some(named) => named.strip_prefix("request.") == Some(attribute),
    })
}

/// A value as it is written into a field.
fn literal(field: &Field, value: &Value<'_>) -> Option<Literal> {
    match (field.field_type, value) {
        (_, Value::Text(text)) => Some(Literal::Text((*text).into())),
        (_, Value::Boolean(yes)) => Some(Literal::Boolean(*yes)),
        (FieldType::Duration, Value::Number(seconds)) => {
            Some(Literal::Text(Duration::Elapsed { seconds: *seconds }.to_string().into()))
        }
        (FieldType::Number, Value::Number(number)) => Some(Literal::Integer(*number)),
        _ => None,
    }
}

/// Answers what a form demands and is not answered yet; none where nobody knows how.
fn answer(side: &Side<'_>, form: &RequestType, request: &mut Request) -> Option<()> {
    let rulebook = side.engine.rulebook();
    for (id, field) in form.field.iter().filter(|(_, field)| field.required) {
        match field.attribute.as_deref() {
            Some("request.duration") => request.duration = request.duration.or(Some(DAY)),
            Some("request.environment") => {
                request.environment = request.environment.or(Some(Environment::Production));
            }
            Some("request.justification") => {
                request.justification.get_or_insert_with(|| "needed for work".to_owned());
            }
            Some("request.ticket") => {
                request.ticket.get_or_insert_with(|| "T-1".to_owned());
            }
            Some("request.project") => {
                request.project.get_or_insert_with(|| "a project".to_owned());
            }
            _ if request.form.contains_key(id) => {}
            _ => {
                let text = |text: &str| Some(Literal::Text(text.into()));
                let any = match field.field_type {
                    FieldType::Text | FieldType::LongText => text("an answer"),
                    FieldType::Attachment => text("file.pdf"),
                    FieldType::Number => Some(Literal::Integer(1)),
                    FieldType::Boolean => Some(Literal::Boolean(request.emergency)),
                    FieldType::Date => Some(Literal::Date(side.today().to_string().into())),
                    FieldType::Duration => text("1d"),
                    FieldType::Money => text("1 EUR"),
                    FieldType::Choice | FieldType::Choices => text(field.options.first()?),
                    FieldType::Person => text(request.requester.as_str()),
                    FieldType::Team => text(rulebook.teams.iter().next()?.id.as_str()),
                    FieldType::Service => text(rulebook.services.iter().next()?.id.as_str()),
                    FieldType::Entitlement => text(&request.entitlements.first()?.to_string()),
                };
                request.form.insert(id.clone(), any?);
            }
        }
    }
    Some(())
}
