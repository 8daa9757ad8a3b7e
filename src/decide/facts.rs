//! The values of attributes for one request, and one entitlement of it.

use std::cell::OnceCell;

use super::{
    asked::{Asked, MaybeHistory, is_blank},
    condition::Known,
    engine::Engine,
    ledger::Held,
    peers::PeerFigures,
    policy::{self, Offer},
    undecidable::Undecidable,
    value::{self, Value},
    vocabulary::Type,
};
use crate::model::{
    Entry, Location, Ref,
    access::AppliesTo,
    condition::{Literal, Test},
    service::Service,
};

/// What is known about a request for one entitlement, or for none.
#[derive(Debug)]
pub struct Facts<'e, 'a> {
    pub(super) engine: &'e Engine<'a>,
    pub(super) asked: &'e Asked<'a>,
    /// The entitlement; none for a request that asks for no access.
    pub(super) offer: Option<Offer<'a>>,
    service: Option<&'a Entry<Service>>,
    reference: String,
    history: MaybeHistory<'e>,
    peers: OnceCell<PeerFigures>,
    held: OnceCell<Vec<String>>,
}

impl<'e, 'a> Facts<'e, 'a> {
    /// What is known about a request for an entitlement, or about one that asks for no access.
    #[must_use]
    pub fn new(
        engine: &'e Engine<'a>,
        asked: &'e Asked<'a>,
        offer: Option<Offer<'a>>,
        history: MaybeHistory<'e>,
    ) -> Self {
        Self {
            engine,
            asked,
            service: offer.map(|offer| offer.service).or(asked.service),
            reference: offer.map(|offer| offer.reference().to_string()).unwrap_or_default(),
            offer,
            history,
            peers: OnceCell::new(),
            held: OnceCell::new(),
        }
    }

    fn of_service(&self, test: &Test, values: &Type<'_>) -> Value<'_> {
        let Some(service) = self.service else { return Value::Absent };
        if let Some(literal) = service.attributes.get(&*test.name) {
            return declared(literal, values);
        }
        policy::service_fact(self.engine.rulebook(), service, &test.name).unwrap_or(Value::Absent)
    }

    fn of_entitlement(&self, test: &Test, values: &Type<'_>) -> Value<'_> {
        let Some(offer) = &self.offer else { return Value::Absent };
        if &*test.name == "id" {
            return Value::Text(&self.reference);
        }
        if let Some(literal) = offer.entitlement.attributes.get(&*test.name) {
            return declared(literal, values);
        }
        policy::fact(self.engine.rulebook(), offer, test, false).unwrap_or(Value::Absent)
    }

    fn of_request(
        &self,
        name: &str,
        values: &Type<'_>,
        test: &Test,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'_>, Undecidable> {
        let request = &self.asked.request;
        let said = |text: &'e Option<String>| match text {
            Some(words) if !is_blank(words) => Value::Text(words),
            _ => Value::Absent,
        };
        Ok(match name {
            "type" => self.asked.request_type.map_or(Value::Absent, |found| Value::Text(found.id.as_str())),
            "event" => self.asked.request_type.map_or(Value::Absent, |found| Value::Text(found.event.name())),
            "duration" => self.asked.seconds.map_or(Value::Absent, Value::Number),
            "environment" => request.environment.map_or(Value::Absent, |found| Value::Text(found.name())),
            "justification" => said(&request.justification),
            "ticket" => said(&request.ticket),
            "project" => said(&request.project),
            "instant" => Value::Number(self.asked.instant.as_second()),
            "emergency" => Value::Boolean(request.emergency),
            "outside-hours" => Value::Boolean(!self.in_support_hours(test, at)?),
            _ => self.asked.answers.get(name).map_or(Value::Absent, |literal| declared(literal, values)),
        })
    }

    /// Whether the request was made while the service is supported.
    fn in_support_hours(&self, test: &Test, at: &dyn Fn() -> Location) -> Result<bool, Undecidable> {
        let unknown = |why: String| Undecidable::Unknown { attribute: test.attribute(), why, at: at() };
        let service = self.service.ok_or_else(|| unknown("the request is about no service".to_owned()))?;
        let hours = super::service_level::hours(self.engine.rulebook(), service);
        let hours = hours.ok_or_else(|| {
            unknown(format!("the service `{}` has neither `support-hours` nor an SLA", service.id))
        })?;
        Ok(self.engine.calendars().get(hours.as_str(), || service.at(""))?.is_open(self.asked.instant))
    }

    fn of_grants(&self, name: &str) -> Value<'_> {
        let held = self.held.get_or_init(|| {
            let now = self.asked.held.iter().filter(|held| held.is_at(self.asked.instant));
            let mut held: Vec<String> = now.map(|held| held.entitlement.to_string()).collect();
            held.sort_unstable();
            held.dedup();
            held
        });
        match name {
            "entitlements" => Value::Set(held.iter().map(String::as_str).collect()),
            "services" => {
                let mut services: Vec<&str> = held.iter().filter_map(|held| held.split('/').next()).collect();
                services.dedup();
                Value::Set(services)
            }
            "count" => Value::Number(i64::try_from(held.len()).unwrap_or(i64::MAX)),
            _ => Value::Absent,
        }
    }

    fn of_peers(&self, test: &Test, at: &dyn Fn() -> Location) -> Result<Value<'_>, Undecidable> {
        let figures = self.peer_figures();
        let number = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
        Ok(match &*test.name {
            "share" => number(figures.share()),
            "approved" => number(figures.approved),
            // The ledger holds what was granted. Nobody knows from it what was denied, and that is not nothing.
            "denied" if self.history.is_none() => {
                let why = "the ledger does not say what was denied; only a replay does".to_owned();
                return Err(Undecidable::Unknown { attribute: test.attribute(), why, at: at() });
            }
            "denied" => number(figures.denied),
            _ => Value::Absent,
        })
    }

    /// Whether a scope is about a request that asks for no access: everything is, and so is what its service
    /// belongs to.
    pub(super) fn is_in(&self, scope: &AppliesTo) -> bool {
        match (scope, self.service) {
            (AppliesTo::Everything, _) => true,
            (AppliesTo::Service(service), Some(own)) => *service.id() == own.id,
            (AppliesTo::Category(category), Some(own)) => own.category.as_ref().is_some_and(|of| {
                policy::ancestors(self.engine.rulebook(), of).any(|known| known == category)
            }),
            (AppliesTo::Entitlement(_), _) | (_, None) => false,
        }
    }

    /// What the beneficiary's peers hold.
    #[must_use]
    pub fn peer_figures(&self) -> PeerFigures {
        *self.peers.get_or_init(|| {
            let Some(offer) = &self.offer else { return PeerFigures::default() };
            let (engine, asked) = (self.engine, self.asked);
            let reference = offer.reference();
            engine.peers().figures(engine, asked.beneficiary, &reference, asked.instant, self.history)
        })
    }

    /// What the beneficiary holds or will hold.
    #[must_use]
    pub fn held(&self) -> &'e [Held<'a>] {
        &self.asked.held
    }
}

impl<'a> Known<'a> for Facts<'_, 'a> {
    fn engine(&self) -> &Engine<'a> {
        self.engine
    }

    fn is_about(&self, namespace: &str) -> bool {
        match namespace {
            "entitlement" => self.offer.is_some(),
            "service" => self.service.is_some(),
            _ => true,
        }
    }

    fn value<'f>(
        &'f self,
        test: &Test,
        values: &Type<'_>,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'f>, Undecidable> {
        let directory = self.engine.directory();
        let name = &*test.name;
        Ok(match &*test.namespace {
            "subject" => directory.value(self.asked.beneficiary, name, values),
            "requester" => match name {
                "is-beneficiary" => Value::Boolean(self.asked.requester.id == self.asked.beneficiary.id),
                "is-manager" => {
                    let manager = self.asked.beneficiary.manager.as_ref().map(Ref::id);
                    Value::Boolean(manager == Some(&self.asked.requester.id))
                }
                _ => directory.value(self.asked.requester, name, values),
            },
            "service" => self.of_service(test, values),
            "entitlement" => self.of_entitlement(test, values),
            "request" => self.of_request(name, values, test, at)?,
            "grants" => self.of_grants(name),
            "peers" => self.of_peers(test, at)?,
            _ => return Err(Undecidable::UnknownAttribute { attribute: test.attribute(), at: at() }),
        })
    }
}

/// The value of an attribute that the rulebook declares.
pub(super) fn declared<'f>(literal: &'f Literal, values: &Type<'_>) -> Value<'f> {
    match (literal, values) {
        (Literal::Boolean(value), Type::Boolean) => Value::Boolean(*value),
        (Literal::Text(text), Type::Set(_)) => {
            Value::Set(text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect())
        }
        (Literal::Text(text), Type::Text | Type::Choice(_) | Type::Id(_) | Type::Entitlement) => {
            if is_blank(text) { Value::Absent } else { Value::Text(text) }
        }
        (literal, values) => value::number(literal, values).map_or(Value::Something, Value::Number),
    }
}
