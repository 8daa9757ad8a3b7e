//! Exceptions that waive nothing.

use super::exception::is_over;
use crate::{
    diag::{Code, code},
    lint::{Context, organisation::identity::has_left},
    model::{
        EntitlementRef, Kind, Rulebook, Selector,
        access::{AppliesTo, Mode},
        exception::Exception,
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
            // A category may be part of another, so only a service without one is surely outside.
            service.is_none_or(|service| service.category.is_some()) && !category.as_str().is_empty()
        }
    }
}

/// The mode of a rule, and whether it can decide about an entitlement. None when there is no such rule.
fn rule<'a>(
    rulebook: &'a Rulebook,
    selector: &Selector,
) -> Option<(Mode, Box<dyn Fn(&EntitlementRef) -> bool + 'a>)> {
    let id = selector.id.as_str();
    match selector.kind {
        Kind::Guardrail => {
            let guardrail = rulebook.guardrails.get(id)?;
            let touched = move |entitlement: &EntitlementRef| {
                guardrail.applies_to.as_ref().is_none_or(|about| touches(rulebook, about, entitlement))
            };
            Some((guardrail.mode, Box::new(touched)))
        }
        Kind::Sod => {
            let sod = rulebook.sods.get(id)?;
            let touched = move |entitlement: &EntitlementRef| {
                sod.entitlements.contains(entitlement) || sod.against.contains(entitlement)
            };
            Some((sod.mode, Box::new(touched)))
        }
        Kind::Access => {
            let access = rulebook.access.get(id)?;
            let part = selector.part.as_ref()?;
            let rule = access.value.rule.iter().find(|rule| rule.id == *part)?;
            Some((rule.mode, Box::new(move |entitlement| touches(rulebook, &access.applies_to, entitlement))))
        }
        _ => None,
    }
}

/// Where and why an exception waives nothing.
fn useless(context: &Context<'_>, exception: &Exception) -> Option<(&'static str, &'static str)> {
    let (rulebook, today) = (context.rulebook, context.today);
    let (mode, touched) = rule(rulebook, &exception.rule)?;
    if mode != Mode::Enforce {
        return Some(("/rule", "the rule decides nothing yet"));
    }
    let left = |id: &str| rulebook.people.get(id).is_some_and(|person| has_left(person, today));
    if !exception.people.is_empty() && exception.people.iter().all(|person| left(person.as_str())) {
        return Some(("/people", "everybody it was for has left"));
    }
    let outside = !exception.entitlements.is_empty() && !exception.entitlements.iter().any(touched);
    outside.then_some(("/entitlements", "the rule is not about any of these"))
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
