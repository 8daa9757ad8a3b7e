//! Exceptions that waive nothing.

use super::exception::is_over;
use crate::{
    decide::{
        person::Directory,
        policy::{for_offer, offer},
    },
    diag::{Code, code},
    lint::{Context, catalogue::category::upwards, organisation::identity::has_left},
    model::{
        EntitlementRef, Entry, Kind, Rulebook, Selector,
        access::{AppliesTo, Mode},
        condition::Condition,
        exception::Exception,
        person::Person,
    },
};

/// A waiver without effect.
pub(super) static WITHOUT_EFFECT: Code =
    code!("GS6019", "exception-without-effect", Warning, "an exception waives nothing and can be removed");

/// Whether a rule that applies to this can ever decide about an entitlement.
fn touches(rulebook: &Rulebook, applies_to: &AppliesTo, entitlement: &EntitlementRef) -> bool {
    match applies_to {
        AppliesTo::Everything => true,
        AppliesTo::Entitlement(one) => one == entitlement,
        AppliesTo::Service(service) => *service.id() == entitlement.service,
        AppliesTo::Category(category) => {
            let service = rulebook.services.get(entitlement.service.as_str());
            let own = service.and_then(|service| service.value.category.as_ref());
            own.is_some_and(|own| upwards(rulebook, own.as_str()).any(|part| part.id == *category.id()))
        }
    }
}

/// Whether a rule can decide about an entitlement.
type Touches<'a> = Box<dyn Fn(&EntitlementRef) -> bool + 'a>;

/// What is known about a rule: its mode, whether it can decide about an entitlement, and for which requests.
type Found<'a> = (Mode, Touches<'a>, Option<&'a Condition>);

/// What is known about a rule. None when there is no such rule.
fn rule<'a>(rulebook: &'a Rulebook, selector: &Selector) -> Option<Found<'a>> {
    let id = selector.id.as_str();
    match selector.kind {
        Kind::Guardrail => {
            let guardrail = rulebook.guardrails.get(id)?;
            let touched = move |entitlement: &EntitlementRef| {
                guardrail.applies_to.as_ref().is_none_or(|about| touches(rulebook, about, entitlement))
            };
            Some((guardrail.mode, Box::new(touched), Some(&guardrail.value.when)))
        }
        Kind::Sod => {
            let sod = rulebook.sods.get(id)?;
            let touched = move |entitlement: &EntitlementRef| {
                sod.entitlements.contains(entitlement) || sod.against.contains(entitlement)
            };
            Some((sod.mode, Box::new(touched), None))
        }
        Kind::Access => {
            let access = rulebook.access.get(id)?;
            let part = selector.part.as_ref()?;
            let rule = access.value.rule.iter().find(|rule| rule.id == *part)?;
            let touched =
                move |entitlement: &EntitlementRef| touches(rulebook, &access.applies_to, entitlement);
            Some((rule.mode, Box::new(touched), Some(&rule.when)))
        }
        _ => None,
    }
}

/// Where and why an exception waives nothing.
fn useless(context: &Context<'_>, exception: &Exception) -> Option<(&'static str, &'static str)> {
    let (rulebook, today) = (context.rulebook, context.today);
    let (mode, touched, when) = rule(rulebook, &exception.rule)?;
    if mode != Mode::Enforce {
        return Some(("/rule", "the rule decides nothing yet"));
    }
    let left = |id: &str| rulebook.people.get(id).is_some_and(|person| has_left(person, today));
    if !exception.people.is_empty() && exception.people.iter().all(|person| left(person.as_str())) {
        return Some(("/people", "everybody it was for has left"));
    }
    let outside = !exception.entitlements.is_empty() && !exception.entitlements.iter().any(touched);
    if outside {
        return Some(("/entitlements", "the rule is not about any of these"));
    }
    let never = !matches(context, exception, when?);
    let field = if exception.people.is_empty() { "/entitlements" } else { "/people" };
    never.then_some((field, "the rule never matches for any of these"))
}

/// Whether a condition can hold for something that an exception is for. What a request says is not known before it is
/// made, and neither is who asks when the exception is for everybody.
fn matches(context: &Context<'_>, exception: &Exception, when: &Condition) -> bool {
    let (rulebook, vocabulary) = (context.rulebook, context.vocabulary);
    if exception.people.is_empty() && exception.entitlements.is_empty() {
        return true;
    }
    let offers = exception.entitlements.iter().map(|entitlement| offer(rulebook, entitlement));
    // Another finding says that there is no such entitlement or nobody of this name.
    let Some(offers) = offers.collect::<Option<Vec<_>>>() else { return true };
    let people = exception.people.iter().map(|person| rulebook.people.get(person.as_str()));
    let Some(people) = people.collect::<Option<Vec<_>>>() else { return true };
    let mut left: Vec<Condition> =
        offers.iter().map(|offer| for_offer(vocabulary, offer, when, false)).collect();
    if offers.is_empty() {
        left.push(when.clone());
    }
    let directory = context.analysis.directory();
    left.iter().any(|when| match people.as_slice() {
        [] => !when.is_never(),
        people => people.iter().any(|person| holds(directory, when, person) != Some(false)),
    })
}

/// Whether a condition holds for requests for a person. None when that depends on the request.
fn holds(directory: &Directory<'_>, condition: &Condition, person: &Entry<Person>) -> Option<bool> {
    let any = |parts: &[Condition], wanted: bool| {
        let each: Vec<Option<bool>> = parts.iter().map(|part| holds(directory, part, person)).collect();
        if each.contains(&Some(wanted)) {
            return Some(wanted);
        }
        each.iter().all(Option::is_some).then_some(!wanted)
    };
    match condition {
        Condition::All(parts) => any(parts, false),
        Condition::Any(parts) => any(parts, true),
        Condition::Not(part) => holds(directory, part, person).map(|holds| !holds),
        Condition::Test(test) if &*test.namespace == "subject" => directory.holds(condition, person),
        Condition::Test(_) => None,
    }
}

pub(super) fn without_effect(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    // One that is over is reported as such.
    for exception in rulebook.exceptions.iter().filter(|exception| !is_over(exception, today)) {
        let Some((field, why)) = useless(context, exception) else { continue };
        context
            .report(exception.at(field), format!("the exception `{}` has no effect", exception.id))
            .label(why)
            .help("remove it: the next time that it would have one, somebody should agree again");
    }
}
