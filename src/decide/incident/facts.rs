//! What conditions can ask about an incident.

use super::Reported;
use crate::{
    decide::{
        condition::Known, engine::Engine, facts::declared, policy::service_fact, service_level,
        undecidable::Undecidable, value::Value, vocabulary::Type,
    },
    model::{Location, Priority, Ref, condition::Test},
};

impl<'a> Known<'a> for Reported<'_, 'a> {
    fn engine(&self) -> &Engine<'a> {
        self.engine
    }

    fn is_about(&self, namespace: &str) -> bool {
        match namespace {
            "service" => self.service.is_some(),
            "requester" => self.requester.is_some(),
            _ => true,
        }
    }

    fn value<'f>(
        &'f self,
        test: &Test,
        values: &Type<'_>,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'f>, Undecidable> {
        let incident = self.incident;
        let id = |id: Option<&'f str>| id.map_or(Value::Absent, Value::Text);
        let directory = self.engine.directory();
        Ok(match (&*test.namespace, &*test.name) {
            ("requester", name) => match self.requester {
                Some(person) => directory.value(person, name, values),
                None => Value::Absent,
            },
            ("service", name) => match self.service {
                None => Value::Absent,
                Some(service) => match service.value.attributes.get(name) {
                    Some(literal) => declared(literal, values),
                    None => service_fact(self.engine.rulebook(), service, name).unwrap_or(Value::Absent),
                },
            },
            ("incident", "impact") => Value::Text(&incident.impact),
            ("incident", "urgency") => Value::Text(&incident.urgency),
            ("incident", "priority") => id(self.priority.map(Priority::as_str)),
            ("incident", "category") => id(incident.category.as_ref().map(Ref::as_str)),
            ("incident", "configuration-item") => id(incident.configuration_item.as_ref().map(Ref::as_str)),
            ("incident", "channel") => id(incident.channel.as_ref().map(Ref::as_str)),
            ("incident", "affected-users") => Value::Number(i64::from(incident.affected_users)),
            ("incident", "children") => Value::Number(i64::from(incident.children)),
            ("incident", "is-child") => Value::Boolean(incident.parent.is_some()),
            ("incident", "security") => Value::Boolean(incident.security),
            ("incident", "outside-hours") => {
                let unknown = |why: &str| Undecidable::Unknown {
                    attribute: test.attribute(),
                    why: why.to_owned(),
                    at: at(),
                };
                let service = self.service.ok_or_else(|| unknown("the incident is about no service"))?;
                let hours = service_level::hours(self.engine.rulebook(), service)
                    .ok_or_else(|| unknown("the service has neither `support-hours` nor an SLA"))?;
                let calendar = self.engine.calendars().get(hours.as_str(), || service.at(""))?;
                Value::Boolean(!calendar.is_open(self.instant))
            }
            ("incident", name) => {
                incident.attributes.get(name).map_or(Value::Absent, |literal| declared(literal, values))
            }
            _ => return Err(Undecidable::UnknownAttribute { attribute: test.attribute(), at: at() }),
        })
    }
}
