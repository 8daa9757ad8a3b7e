//! The values of attributes for one request, and one entitlement of it.

use std::{cell::OnceCell, ops::Range};

use jiff::Timestamp;

use super::{
    asked::{Asked, Bundles, MaybeHistory, is_blank},
    birthright::given,
    condition::Known,
    engine::Engine,
    hands::Hands,
    ledger::{Held, HeldBy},
    peers::PeerFigures,
    policy::{self, Offer},
    undecidable::Undecidable,
    value::{self, Value},
    vocabulary::Type,
};
use crate::model::{
    EntitlementRef, Entry, Location, Ref, Rulebook,
    access::AppliesTo,
    condition::{Literal, Test},
    grant::Grant,
    person::Person,
    request::Request,
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
    /// What of it stands in the ledger, and what is theirs of the rest.
    by_ledger: OnceCell<Vec<String>>,
    given: OnceCell<Result<Vec<String>, Undecidable>>,
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
            by_ledger: OnceCell::new(),
            given: OnceCell::new(),
        }
    }

    fn of_service(&self, test: &Test, values: &Type<'_>) -> Value<'_> {
        let rulebook = self.engine.rulebook();
        self.service.map_or(Value::Absent, |service| of_service(rulebook, service, test, values))
    }

    fn of_entitlement(&self, test: &Test, values: &Type<'_>) -> Value<'_> {
        let Some(offer) = &self.offer else { return Value::Absent };
        of_entitlement(self.engine.rulebook(), offer, &self.reference, test, values)
    }

    fn of_request(
        &self,
        name: &str,
        values: &Type<'_>,
        test: &Test,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'_>, Undecidable> {
        Ok(match name {
            "type" => self.asked.request_type.map_or(Value::Absent, |found| Value::Text(found.id.as_str())),
            "event" => self.asked.request_type.map_or(Value::Absent, |found| Value::Text(found.event.name())),
            "outside-hours" => {
                Value::Boolean(!in_support_hours(self.engine, self.service, self.asked.instant, test, at)?)
            }
            _ => of_fields(&self.asked.request, self.asked.seconds, self.asked.instant, name).unwrap_or_else(
                || self.asked.answers.get(name).map_or(Value::Absent, |literal| declared(literal, values)),
            ),
        })
    }

    /// What the beneficiary holds: what the ledger says, and what comes with what they are as far as nobody has to agree to
    /// that. What people are still asked about is not held.
    ///
    /// What they hold under another record is theirs as well, and not under this one: where that matters, nobody knows.
    fn of_grants(
        &self,
        test: &Test,
        values: &Type<'_>,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'_>, Undecidable> {
        let own = self.of_own_grants(test, values)?;
        if self.asked.elsewhere.is_empty() {
            return Ok(own);
        }
        let (name, instant) = (&*test.name, self.asked.instant);
        let elsewhere: Vec<Held<'_>> = self.asked.elsewhere.iter().map(|(_, held)| *held).collect();
        let least = held_at(&by_ledger(&self.asked.held), instant);
        let mut most = held_at(&self.asked.held, instant);
        most.extend(held_at(&elsewhere, instant));
        most.sort_unstable();
        most.dedup();
        if passes_alike(test, values, [&own, &of_grants(&most, name)], least.len()..most.len()) {
            return Ok(own);
        }
        let record = self.asked.elsewhere.first().map_or("", |(record, _)| record);
        let why =
            format!("`{record}` is a record of the same person, and what it holds would change the answer");
        Err(Undecidable::Unknown { attribute: test.attribute(), why, at: at() })
    }

    /// What the beneficiary holds under this record.
    fn of_own_grants(&self, test: &Test, values: &Type<'_>) -> Result<Value<'_>, Undecidable> {
        let (held, instant, name) = (&self.asked.held, self.asked.instant, &*test.name);
        let all = self.held.get_or_init(|| held_at(held, instant));
        let by_ledger = self.by_ledger.get_or_init(|| held_at(&by_ledger(held), instant));
        let most = of_grants(all, name);
        if all.len() == by_ledger.len() || self.asked.bundles == Bundles::All {
            return Ok(most);
        }
        let least = of_grants(by_ledger, name);
        if self.asked.bundles == Bundles::Nothing {
            return Ok(least);
        }
        if passes_alike(test, values, [&most, &least], by_ledger.len()..all.len()) {
            // However it is decided about the bundles: the test says the same.
            return Ok(most);
        }
        let given = self.given.get_or_init(|| given(self.engine, self.asked, by_ledger, self.history));
        given.as_ref().map(|given| of_grants(given, name)).map_err(Clone::clone)
    }

    fn of_peers(&self, test: &Test, at: &dyn Fn() -> Location) -> Result<Value<'_>, Undecidable> {
        of_peers(&self.peer_figures(), self.history.is_some(), &test.name).ok_or_else(|| {
            // The ledger holds what was granted. Nobody knows from it what was denied, and that is not nothing.
            let why = "the ledger does not say what was denied; only a replay does".to_owned();
            Undecidable::Unknown { attribute: test.attribute(), why, at: at() }
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

    /// The grants that give something to the beneficiary already.
    pub(super) fn held_already(&self, entitlement: &EntitlementRef) -> Vec<&'a Entry<Grant>> {
        let is_held = |held: &&Held<'a>| held.is_at(self.asked.instant) && held.entitlement == entitlement;
        let grants = self.asked.held.iter().filter(is_held).filter_map(|held| match held.by {
            HeldBy::Grant(grant) => Some(grant),
            HeldBy::Bundle(_) => None,
        });
        grants.collect()
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
                "is-beneficiary" | "is-manager" => {
                    let (requester, beneficiary) = (self.asked.requester, self.asked.beneficiary);
                    let asked = if name == "is-manager" { is_manager } else { is_own };
                    Value::Boolean(asked(self.engine.hands(), requester, beneficiary))
                }
                _ => directory.value(self.asked.requester, name, values),
            },
            "service" => self.of_service(test, values),
            "entitlement" => self.of_entitlement(test, values),
            "request" => self.of_request(name, values, test, at)?,
            "grants" => self.of_grants(test, values, at)?,
            "peers" => self.of_peers(test, at)?,
            _ => return Err(Undecidable::UnknownAttribute { attribute: test.attribute(), at: at() }),
        })
    }
}

/// Whether somebody asks for themselves: people are meant, not records.
pub(crate) fn is_own(hands: &Hands<'_>, requester: &Entry<Person>, beneficiary: &Entry<Person>) -> bool {
    hands.same(requester.id.as_str(), beneficiary.id.as_str())
}

/// Whether somebody asks for those whom they manage. Nobody manages themselves, under whichever record.
pub(crate) fn is_manager(hands: &Hands<'_>, requester: &Entry<Person>, beneficiary: &Entry<Person>) -> bool {
    let is_requester = |manager: &Ref<Person>| hands.same(manager.as_str(), requester.id.as_str());
    beneficiary.manager.as_ref().is_some_and(is_requester) && !is_own(hands, requester, beneficiary)
}

/// The value of an attribute of a service.
pub(crate) fn of_service<'f>(
    rulebook: &'f Rulebook,
    service: &'f Entry<Service>,
    test: &Test,
    values: &Type<'_>,
) -> Value<'f> {
    if let Some(literal) = service.attributes.get(&*test.name) {
        return declared(literal, values);
    }
    policy::service_fact(rulebook, service, &test.name).unwrap_or(Value::Absent)
}

/// The value of an attribute of an entitlement, whose reference is `reference`.
pub(super) fn of_entitlement<'f>(
    rulebook: &'f Rulebook,
    offer: &Offer<'f>,
    reference: &'f str,
    test: &Test,
    values: &Type<'_>,
) -> Value<'f> {
    if &*test.name == "id" {
        return Value::Text(reference);
    }
    if let Some(literal) = offer.entitlement.attributes.get(&*test.name) {
        return declared(literal, values);
    }
    policy::fact(rulebook, offer, test, false).unwrap_or(Value::Absent)
}

/// The value of an attribute of a request that stands in a field of its own; none when it does not.
pub(super) fn of_fields<'f>(
    request: &'f Request,
    seconds: Option<i64>,
    instant: Timestamp,
    name: &str,
) -> Option<Value<'f>> {
    let said = |text: &'f Option<String>| match text {
        Some(words) if !is_blank(words) => Value::Text(words),
        _ => Value::Absent,
    };
    Some(match name {
        "duration" => seconds.map_or(Value::Absent, Value::Number),
        "environment" => request.environment.map_or(Value::Absent, |found| Value::Text(found.name())),
        "justification" => said(&request.justification),
        "ticket" => said(&request.ticket),
        "project" => said(&request.project),
        "instant" => Value::Number(instant.as_second()),
        "emergency" => Value::Boolean(request.emergency),
        _ => return None,
    })
}

/// Whether a request was made while its service is supported.
///
/// # Errors
/// When nobody knows when that is.
pub(super) fn in_support_hours(
    engine: &Engine<'_>,
    service: Option<&Entry<Service>>,
    instant: Timestamp,
    test: &Test,
    at: &dyn Fn() -> Location,
) -> Result<bool, Undecidable> {
    let unknown = |why: String| Undecidable::Unknown { attribute: test.attribute(), why, at: at() };
    let service = service.ok_or_else(|| unknown("the request is about no service".to_owned()))?;
    let hours = super::service_level::hours(engine.rulebook(), service);
    let hours = hours.ok_or_else(|| {
        unknown(format!("the service `{}` has neither `support-hours` nor an SLA", service.id))
    })?;
    Ok(engine.calendars().get(hours.as_str(), || service.at(""))?.is_open(instant))
}

/// What is held at an instant, each once, in order.
pub(super) fn held_at(held: &[Held<'_>], instant: Timestamp) -> Vec<String> {
    let now = held.iter().filter(|held| held.is_at(instant));
    let mut held: Vec<String> = now.map(|held| held.entitlement.to_string()).collect();
    held.sort_unstable();
    held.dedup();
    held
}

/// What of it stands in the ledger.
pub(super) fn by_ledger<'a>(held: &[Held<'a>]) -> Vec<Held<'a>> {
    held.iter().filter(|held| matches!(held.by, HeldBy::Grant(_))).copied().collect()
}

/// The value of an attribute of what somebody holds.
pub(super) fn of_grants<'f>(held: &'f [String], name: &str) -> Value<'f> {
    match name {
        "entitlements" => Value::Set(held.iter().map(String::as_str).collect()),
        "services" => {
            let mut services: Vec<&str> = held.iter().filter_map(|held| held.split('/').next()).collect();
            services.dedup();
            Value::Set(services)
        }
        "count" => count(held.len()),
        _ => Value::Absent,
    }
}

/// Whether a test says the same about both ends of what somebody may hold, and of how many things about every number in
/// between, which can pass where both ends do not.
fn passes_alike(test: &Test, values: &Type<'_>, ends: [&Value<'_>; 2], between: Range<usize>) -> bool {
    let [one, other] = ends.map(|end| value::passes(test, values, end));
    let between = if &*test.name == "count" { between } else { 0..0 };
    one == other && between.map(count).all(|count| value::passes(test, values, &count) == one)
}

/// How many things somebody holds.
fn count(things: usize) -> Value<'static> {
    Value::Number(i64::try_from(things).unwrap_or(i64::MAX))
}

/// The value of an attribute of somebody's peers; none when nobody knows it.
#[must_use]
pub fn of_peers<'f>(figures: &PeerFigures, has_history: bool, name: &str) -> Option<Value<'f>> {
    let number = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
    Some(match name {
        "share" => number(figures.share()),
        "approved" => number(figures.approved),
        "denied" if !has_history => return None,
        "denied" => number(figures.denied),
        _ => Value::Absent,
    })
}

/// The value of an attribute that the rulebook declares.
pub(crate) fn declared<'f>(literal: &'f Literal, values: &Type<'_>) -> Value<'f> {
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
