//! Which rules decide about an entitlement, in which order, and what is known about it beforehand.

use super::{
    value::{self, Value},
    vocabulary::Vocabulary,
};
use crate::model::{
    Entry, Id, Kind, Ref, Rulebook,
    access::{Access, AppliesTo},
    category::Category,
    condition::{Condition, Test},
    id::EntitlementRef,
    service::{Entitlement, Risk, Service},
};

/// An entitlement with the service that it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The service.
    pub service: &'a Entry<Service>,
    /// The id of the entitlement in the service.
    pub id: &'a Id,
    /// The entitlement.
    pub entitlement: &'a Entitlement,
}

/// Every entitlement, by service and then in the order in which they were written.
pub fn offers(rulebook: &Rulebook) -> impl Iterator<Item = Offer<'_>> {
    rulebook.services.iter().flat_map(offers_of)
}

/// The entitlements of one service, in the order in which they were written.
pub fn offers_of(service: &Entry<Service>) -> impl Iterator<Item = Offer<'_>> {
    service.value.entitlement.iter().map(move |(id, entitlement)| Offer { service, id, entitlement })
}

/// The entitlement that a reference names.
#[must_use]
pub fn offer<'a>(rulebook: &'a Rulebook, reference: &EntitlementRef) -> Option<Offer<'a>> {
    let service = rulebook.services.get(reference.service.as_str())?;
    let (id, entitlement) = service.value.entitlement.get_key_value(reference.entitlement.as_str())?;
    Some(Offer { service, id, entitlement })
}

impl Offer<'_> {
    /// The reference to it: `service/entitlement`.
    #[must_use]
    pub fn reference(&self) -> EntitlementRef {
        EntitlementRef { service: self.service.id.clone(), entitlement: self.id.clone() }
    }
}

/// How near a scope is to an entitlement: less is more specific. `None` when it is not about it.
///
/// A category is about the services of the categories inside it too; the nearest category counts first.
#[must_use]
pub fn nearness(rulebook: &Rulebook, scope: &AppliesTo, offer: &Offer<'_>) -> Option<usize> {
    match scope {
        AppliesTo::Entitlement(reference) => {
            let same = reference.service == offer.service.id && reference.entitlement == *offer.id;
            same.then_some(0)
        }
        AppliesTo::Service(service) => (*service.id() == offer.service.id).then_some(1),
        AppliesTo::Category(category) => {
            let of = offer.service.category.as_ref()?;
            ancestors(rulebook, of).position(|known| known == category).map(|steps| steps + 2)
        }
        AppliesTo::Everything => Some(usize::MAX),
    }
}

/// A category and those that it is part of, the nearest first. A circle ends where it closes.
pub(crate) fn ancestors<'a>(
    rulebook: &'a Rulebook,
    category: &'a Ref<Category>,
) -> impl Iterator<Item = &'a Ref<Category>> {
    let parent =
        |category: &&Ref<Category>| rulebook.categories.get(category.as_str())?.value.parent.as_ref();
    std::iter::successors(Some(category), parent).take(rulebook.categories.len() + 1)
}

/// The policies that decide about an entitlement, in the order in which they are read.
#[must_use]
pub fn policies<'a>(vocabulary: &Vocabulary<'a>, offer: &Offer<'_>) -> Vec<&'a Entry<Access>> {
    let mut found = vocabulary.scopes().about(vocabulary.rulebook(), offer);
    // Two policies of one scope need an explicit order; the id only keeps answers stable until they have one.
    found.sort_by_key(|(nearness, policy)| (*nearness, policy.order, &policy.id));
    found.into_iter().map(|(_, policy)| policy).collect()
}

/// A value of an entitlement or of its service that is the same for every request for it.
///
/// `None` when the attribute depends on the request. With `only_ids` nothing but the ids is known, so that
/// what follows stays true when a tier or a risk is changed.
#[must_use]
pub fn fact<'a>(rulebook: &'a Rulebook, offer: &Offer<'a>, test: &Test, only_ids: bool) -> Option<Value<'a>> {
    let entitlement = offer.entitlement;
    let id = |id: Option<&'a str>| id.map_or(Value::Absent, Value::Text);
    if only_ids && &*test.name != "id" {
        return None;
    }
    Some(match (&*test.namespace, &*test.name) {
        ("service", name) => return service_fact(rulebook, offer.service, name),
        ("entitlement", "risk") => {
            let place = Risk::ALL.iter().position(|risk| *risk == entitlement.risk)?;
            Value::Number(i64::try_from(place).ok()?)
        }
        ("entitlement", "privileged") => Value::Boolean(entitlement.privileged),
        ("entitlement", "environment") => Value::Text(entitlement.environment.name()),
        ("entitlement", "licence-tier") => id(entitlement.licence_tier.as_deref()),
        ("entitlement", "role") => id(entitlement.role.as_deref()),
        _ => return None,
    })
}

/// A built-in attribute of a service, by the name that follows `service.`; `None` when there is no such
/// attribute, or the service lacks one that every service must have.
#[must_use]
pub fn service_fact<'a>(rulebook: &'a Rulebook, entry: &'a Entry<Service>, name: &str) -> Option<Value<'a>> {
    let service = &entry.value;
    let id = |id: Option<&'a str>| id.map_or(Value::Absent, Value::Text);
    Some(match name {
        "id" => Value::Text(entry.id.as_str()),
        "tier" => Value::Text(service.tier.as_ref()?.as_str()),
        "category" => id(service.category.as_ref().map(Ref::as_str)),
        "function" => {
            let category = service.category.as_ref().and_then(|id| rulebook.categories.get(id.as_str()));
            id(category.map(|category| category.function.name()))
        }
        "lifecycle" => Value::Text(service.lifecycle?.name()),
        "tenant" => id(service.tenant.as_ref().map(Ref::as_str)),
        _ => return None,
    })
}

/// What remains of a condition for requests for one entitlement: tests whose answer is known are replaced
/// by it. Tests that make no sense stay as they are.
#[must_use]
pub fn for_offer(
    vocabulary: &Vocabulary<'_>,
    offer: &Offer<'_>,
    condition: &Condition,
    only_ids: bool,
) -> Condition {
    let known = |test: &Test| {
        let matters = !only_ids || &*test.name == "id";
        if matters { answer(vocabulary, offer, test) } else { None }
    };
    given(condition, &known)
}

/// The answer to a test of a service or an entitlement, for requests for one entitlement: the same for every
/// request. `None` for tests of anything else, and for those that make no sense.
#[must_use]
pub fn answer(vocabulary: &Vocabulary<'_>, offer: &Offer<'_>, test: &Test) -> Option<bool> {
    let attributes = match &*test.namespace {
        "service" => &offer.service.value.attributes,
        "entitlement" => &offer.entitlement.attributes,
        _ => return None,
    };
    let resolved = vocabulary.known(test)?;
    if !value::fits(test.operator, &resolved.values) {
        return None;
    }
    if (&*test.namespace, &*test.name) == ("entitlement", "id") {
        return value::passes(test, &resolved.values, &Value::Text(&offer.reference().to_string()));
    }
    let value = match attributes.get(&*test.name) {
        Some(literal) => super::facts::declared(literal, &resolved.values),
        None if resolved.custom => Value::Absent,
        None => fact(vocabulary.rulebook(), offer, test, false)?,
    };
    value::passes(test, &resolved.values, &value)
}

/// What remains of a condition when the answers of some tests are known: true is `All` of nothing, false is
/// `Any` of nothing.
#[must_use]
pub fn given(condition: &Condition, known: &impl Fn(&Test) -> Option<bool>) -> Condition {
    let always = || Condition::All(Vec::new());
    let never = || Condition::Any(Vec::new());
    match condition {
        Condition::All(parts) => {
            let mut left = Vec::new();
            for part in parts {
                match given(part, known) {
                    Condition::Any(parts) if parts.is_empty() => return never(),
                    Condition::All(parts) => left.extend(parts),
                    other => left.push(other),
                }
            }
            Condition::All(left)
        }
        Condition::Any(parts) => {
            let mut left = Vec::new();
            for part in parts {
                match given(part, known) {
                    Condition::All(parts) if parts.is_empty() => return always(),
                    Condition::Any(parts) => left.extend(parts),
                    other => left.push(other),
                }
            }
            Condition::Any(left)
        }
        Condition::Not(part) => match given(part, known) {
            Condition::All(parts) if parts.is_empty() => never(),
            Condition::Any(parts) if parts.is_empty() => always(),
            other => Condition::Not(Box::new(other)),
        },
        Condition::Test(test) => match known(test) {
            Some(true) => always(),
            Some(false) => never(),
            None => condition.clone(),
        },
    }
}

/// Whether a condition holds as far as the answers of some tests are known; `None` where that depends on others. It
/// is what [`given`] leaves, without making it.
#[must_use]
pub fn known(condition: &Condition, answer: &impl Fn(&Test) -> Option<bool>) -> Option<bool> {
    let decides = |parts: &[Condition], decisive: bool| {
        let mut open = false;
        for part in parts {
            match known(part, answer) {
                Some(holds) if holds == decisive => return Some(decisive),
                Some(_) => {}
                None => open = true,
            }
        }
        (!open).then_some(!decisive)
    };
    match condition {
        Condition::All(parts) => decides(parts, false),
        Condition::Any(parts) => decides(parts, true),
        Condition::Not(part) => known(part, answer).map(|holds| !holds),
        Condition::Test(test) => answer(test),
    }
}

/// What an object of a kind is called in a message: the kind and its id.
#[must_use]
pub fn scope_name(scope: &AppliesTo) -> String {
    match scope {
        AppliesTo::Entitlement(reference) => format!("the entitlement `{reference}`"),
        AppliesTo::Service(service) => format!("the {} `{service}`", Kind::Service.name()),
        AppliesTo::Category(category) => format!("the {} `{category}`", Kind::Category.name()),
        AppliesTo::Everything => "everything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::rulebook;

    const RULES: &str = r#"
category.software = { name = "Software", function = "it" }
category.mail = { name = "Mail", function = "it", parent = "software" }
service.mail = { name = "Mail", category = "mail", lifecycle = "active", entitlement.admin = { name = "Admin", risk = "high", role = "admin" } }

access.a-everything = { applies-to = "everything", rule = [] }
access.b-software = { applies-to.category = "software", rule = [] }
access.c-mail = { applies-to.category = "mail", rule = [] }
access.d-service = { applies-to.service = "mail", order = 2, rule = [] }
access.e-service = { applies-to.service = "mail", order = 1, rule = [] }
access.f-admin = { applies-to.entitlement = "mail/admin", rule = [] }
access.g-other = { applies-to.service = "wiki", rule = [] }
"#;

    #[test]
    fn the_most_specific_policy_is_read_first_and_order_decides_between_equals() {
        let rulebook = rulebook(RULES);
        let offer = offers(&rulebook).next().unwrap();
        let order: Vec<&str> =
            policies(&Vocabulary::new(&rulebook), &offer).iter().map(|policy| policy.id.as_str()).collect();
        assert_eq!(order, ["f-admin", "e-service", "d-service", "c-mail", "b-software", "a-everything"]);
    }

    /// What is left of a condition, as JSON.
    fn left(condition: &str, only_ids: bool) -> String {
        let text = format!("{RULES}\n[guardrail.g]\ndescription = \"d\"\n{condition}");
        let rulebook = rulebook(&text);
        let offer = offers(&rulebook).next().unwrap();
        let vocabulary = Vocabulary::new(&rulebook);
        let condition = &rulebook.guardrails.get("g").unwrap().when;
        serde_json::to_string(&for_offer(&vocabulary, &offer, condition, only_ids)).unwrap()
    }

    #[test]
    fn what_is_known_about_an_entitlement_is_put_in() {
        let (always, never) = (r#"{"all":[]}"#, r#"{"any":[]}"#);
        for (condition, expected) in [
            (r#"when.entitlement.risk.min = "high""#, always),
            (r#"when.entitlement.risk.max = "medium""#, never),
            (r#"when.entitlement.id = "mail/admin""#, always),
            (r#"when.entitlement.licence-tier = "basic""#, never),
            (r"when.entitlement.licence-tier.exists = false", always),
            (r#"when.service.function = "it""#, always),
            (r#"when.not.service.id = "mail""#, never),
        ] {
            assert_eq!(left(condition, false), expected, "{condition}");
        }
        let rest = left("when.subject.department = \"it\"\nwhen.entitlement.role = \"admin\"", false);
        assert!(rest.contains("subject.department") && !rest.contains("entitlement.role"), "{rest}");
    }

    #[test]
    fn only_the_ids_are_known_where_that_is_asked_for() {
        assert!(left(r#"when.entitlement.risk = "high""#, true).contains("entitlement.risk"));
        assert_eq!(left(r#"when.service.id = "wiki""#, true), r#"{"any":[]}"#);
    }
}
