//! The values of attributes for one change, as one model sees it.

use super::{Window, asked::Named};
use crate::{
    decide::{
        condition::Known, engine::Engine, facts::declared, policy::service_fact, service_level,
        undecidable::Undecidable, value::Value, vocabulary::Type,
    },
    model::{
        Duration, Entry, Kind, Location,
        change_model::{ChangeModel, Freeze},
        condition::Test,
    },
    time::Calendar,
};

/// What is known about a change that follows a model, or might.
pub(super) struct Facts<'e, 'c, 'a> {
    pub(super) engine: &'e Engine<'a>,
    pub(super) named: &'e Named<'c, 'a>,
    pub(super) model: &'a Entry<ChangeModel>,
}

impl<'e, 'a> Facts<'e, '_, 'a> {
    /// How the change lies to the maintenance window; none when the model has no window.
    pub(super) fn window(&self) -> Result<Option<Window<'a>>, Undecidable> {
        let model: &'a Entry<ChangeModel> = self.model;
        let Some(id) = &model.value.maintenance_window else { return Ok(None) };
        let at = || model.at("/maintenance-window");
        let missing = || Undecidable::Missing { kind: Kind::Calendar, id: id.to_string(), at: at() };
        let calendar = self.engine.rulebook().calendars.get(id.as_str()).ok_or_else(missing)?;
        let calendars = self.engine.calendars();
        let hours = calendars.get(id.as_str(), at)?;
        let outside = hours.first_uncovered(calendars.always(), self.named.start(), self.named.end());
        Ok(Some(Window { calendar, outside, at: at() }))
    }

    /// The freezes that the change overlaps, with their places in the model.
    pub(super) fn freezes(&self) -> impl Iterator<Item = (usize, &'a Freeze)> {
        let (start, end) = (self.named.start(), self.named.end());
        let model: &'a Entry<ChangeModel> = self.model;
        let overlaps = move |freeze: &Freeze| freeze.from.0 < end && start < freeze.until.0;
        model.value.freeze.iter().enumerate().filter(move |(_, freeze)| overlaps(freeze))
    }

    /// The hours that a duration of the model counts, and the calendar that they come from. What is written in hours
    /// or days counts around the clock. Business days are those of the service, else of the maintenance window.
    ///
    /// # Errors
    /// When there is no calendar to count business days on.
    pub(super) fn hours(
        &self,
        duration: Duration,
        field: &str,
    ) -> Result<(&'e Calendar, Option<&'a str>), Undecidable> {
        let calendars = self.engine.calendars();
        if matches!(duration, Duration::Elapsed { .. }) {
            return Ok((calendars.always(), None));
        }
        let rulebook = self.engine.rulebook();
        let of_service = self.named.service.and_then(|service| service_level::hours(rulebook, service));
        let model: &'a Entry<ChangeModel> = self.model;
        let calendar = of_service.or(model.value.maintenance_window.as_ref());
        let at = || self.model.at(format!("/{field}"));
        let none = || Undecidable::BusinessDays { duration: duration.to_string(), at: at() };
        let id = calendar.ok_or_else(none)?.as_str();
        Ok((calendars.get(id, at)?, Some(id)))
    }

    fn of_change<'f>(
        &'f self,
        test: &Test,
        values: &Type<'_>,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'f>, Undecidable> {
        let change = self.named.change;
        let unsaid = |field: &str| Undecidable::Unknown {
            attribute: test.attribute(),
            why: format!("the change does not say it, so write its `{field}`"),
            at: at(),
        };
        Ok(match &*test.name {
            "type" => Value::Text(change.change_type.name()),
            "category" => change.category.map_or(Value::Absent, |category| Value::Text(category.name())),
            "environment" => Value::Text(self.named.environment.name()),
            // Few people and a short downtime mean little risk: what nobody said is not little.
            "affected-users" => {
                let users = change.affected_users.ok_or_else(|| unsaid("affected-users"))?;
                Value::Number(i64::from(users))
            }
            "downtime" => Value::Number(self.named.downtime.ok_or_else(|| unsaid("downtime"))?),
            "tested" => Value::Boolean(change.tested),
            "rollback-plan" => Value::Boolean(change.rollback_plan),
            "in-window" => Value::Boolean(self.window()?.is_some_and(|window| window.outside.is_none())),
            "in-freeze" => Value::Boolean(self.freezes().next().is_some()),
            "configuration-item" => {
                self.named.item.map_or(Value::Absent, |item| Value::Text(item.id.as_str()))
            }
            "procedure" => {
                change.procedure.as_ref().map_or(Value::Absent, |procedure| Value::Text(procedure.as_str()))
            }
            name => change.attributes.get(name).map_or(Value::Absent, |literal| declared(literal, values)),
        })
    }
}

impl<'a> Known<'a> for Facts<'_, '_, 'a> {
    fn engine(&self) -> &Engine<'a> {
        self.engine
    }

    fn is_about(&self, namespace: &str) -> bool {
        namespace != "service" || self.named.service.is_some()
    }

    fn value<'f>(
        &'f self,
        test: &Test,
        values: &Type<'_>,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'f>, Undecidable> {
        let name = &*test.name;
        Ok(match &*test.namespace {
            "change" => self.of_change(test, values, at)?,
            "requester" => self.engine.directory().value(self.named.requester, name, values),
            "service" => match self.named.service {
                None => Value::Absent,
                Some(service) => match service.attributes.get(name) {
                    Some(literal) => declared(literal, values),
                    None => service_fact(self.engine.rulebook(), service, name).unwrap_or(Value::Absent),
                },
            },
            _ => return Err(Undecidable::UnknownAttribute { attribute: test.attribute(), at: at() }),
        })
    }
}
