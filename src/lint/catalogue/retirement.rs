//! The end of a service's life.

use crate::{
    decide::policy::offers_of,
    diag::{Code, code},
    lint::{Context, Location, access::is_given_unasked},
    model::{Id, Rulebook, request_type::EventClass, service::Lifecycle},
};

/// No way on.
pub(super) static NO_SUCCESSOR: Code = code!(
    "GS2011",
    "no-successor",
    Warning,
    "a deprecated or retired service names neither a replacement nor a date"
);
/// Something that works rests on something that does not.
pub(super) static RETIRED_IN_USE: Code =
    code!("GS2012", "retired-service-in-use", Error, "something in use rests on a retired service");
/// New users for a service that is on its way out.
pub(super) static DEPRECATED_OFFERED: Code = code!(
    "GS2013",
    "deprecated-service-offered",
    Warning,
    "a deprecated service is still offered to new users"
);
/// The day has come.
pub(super) static DATE_PASSED: Code = code!(
    "GS2014",
    "retirement-date-passed",
    Warning,
    "the day on which a service retires has passed and it is still in use"
);
/// A replacement that is none.
pub(super) static REPLACEMENT: Code = code!(
    "GS2015",
    "useless-replacement",
    Error,
    "the replacement of a service is retired or the service itself"
);

pub(super) fn no_successor(context: &mut Context<'_>) {
    for service in &context.rulebook.services {
        let Some(state @ (Lifecycle::Deprecated | Lifecycle::Retired)) = service.lifecycle else { continue };
        if service.replacement.is_none() && service.retire_on.is_none() {
            context
                .report(
                    service.at("/lifecycle"),
                    format!(
                        "the service `{}` is {state} and says neither what to use instead nor when it ends",
                        service.id
                    ),
                )
                .label("without a way on")
                .help("write `replacement = \"…\"` or `retire-on = 2026-12-31`");
        }
    }
}

/// The state of a service, when it is known.
fn state(rulebook: &Rulebook, service: &Id) -> Option<Lifecycle> {
    rulebook.services.get(service.as_str())?.lifecycle
}

/// What offers a service to new users: where it says so, and what it is.
fn offers(rulebook: &Rulebook) -> Vec<(Location, String, &Id)> {
    let mut offers = Vec::new();
    for request in &rulebook.request_types {
        // Taking access away and answering questions goes on to the end.
        let gives = matches!(request.event, EventClass::Provision | EventClass::Change);
        if request.lifecycle != Lifecycle::Active || !gives {
            continue;
        }
        let name = format!("request type `{}`", request.id);
        if let Some(service) = &request.service {
            offers.push((request.at("/service"), name.clone(), service.id()));
        }
        for (index, entitlement) in request.entitlements.iter().enumerate() {
            if request.service.as_ref().is_none_or(|service| *service.id() != entitlement.service) {
                let place = request.at(format!("/entitlements/{index}"));
                offers.push((place, name.clone(), &entitlement.service));
            }
        }
    }
    for bundle in &rulebook.bundles {
        for (index, entitlement) in bundle.entitlements.iter().enumerate() {
            let place = bundle.at(format!("/entitlements/{index}"));
            offers.push((place, format!("bundle `{}`", bundle.id), &entitlement.service));
        }
    }
    offers
}

pub(super) fn retired_in_use(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut uses = offers(rulebook);
    for service in &rulebook.services {
        if matches!(service.lifecycle, Some(Lifecycle::Active | Lifecycle::Deprecated)) {
            for (index, needed) in service.depends_on.iter().enumerate() {
                let place = service.at(format!("/depends-on/{index}"));
                uses.push((place, format!("service `{}`", service.id), needed.id()));
            }
        }
    }
    for (place, user, id) in uses {
        let Some(service) = rulebook.services.get(id.as_str()) else { continue };
        if service.lifecycle == Some(Lifecycle::Retired) {
            let finding = context.report(place, format!("the {user} rests on the retired service `{id}`"));
            finding.label("switched off").related(service.at("/lifecycle"), "retired here");
            match &service.replacement {
                Some(other) => finding.help(format!("use its replacement `{other}`")),
                None => finding.help("remove it from here"),
            };
        }
    }
}

pub(super) fn deprecated_offered(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for (place, user, id) in offers(rulebook) {
        if state(rulebook, id) == Some(Lifecycle::Deprecated) {
            context
                .report(place, format!("the {user} offers the deprecated service `{id}` to new users"))
                .label("on its way out")
                .help("offer what replaces it, and let the old one only be changed or given back");
        }
    }
    let vocabulary = context.vocabulary;
    let deprecated = rulebook.services.iter().filter(|one| one.lifecycle == Some(Lifecycle::Deprecated));
    for offer in deprecated.flat_map(offers_of).filter(|offer| offer.entitlement.requestable) {
        // Where somebody has to agree, they can say what to use instead. Where it cannot be told, nobody might.
        if is_given_unasked(vocabulary, offer).unwrap_or(true) {
            context
                .report(
                    offer.service.at(format!("/entitlement/{}", offer.id)).key(),
                    format!("`{}` of a deprecated service is still given to whoever asks", offer.reference()),
                )
                .label("on its way out")
                .related(offer.service.at("/lifecycle"), "deprecated here")
                .help("write `requestable = false`, or let somebody agree by a workflow or guardrail");
        }
    }
}

pub(super) fn date_passed(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for service in &rulebook.services {
        let in_use = matches!(service.lifecycle, Some(Lifecycle::Active | Lifecycle::Deprecated));
        if let Some(day) = service.retire_on.filter(|day| in_use && day.0 < today) {
            context
                .report(
                    service.at("/retire-on"),
                    format!("the service `{}` was to retire on {day} and is still in use", service.id),
                )
                .label("has passed")
                .help("write `lifecycle = \"retired\"`, or the day on which it really ends");
        }
    }
}

pub(super) fn replacement(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for service in &rulebook.services {
        let Some(other) = &service.replacement else { continue };
        let problem = if *other.id() == service.id {
            "itself"
        } else if state(rulebook, other.id()) == Some(Lifecycle::Retired) {
            "a service that is retired"
        } else {
            continue;
        };
        context
            .report(
                service.at("/replacement"),
                format!("the service `{}` is replaced by {problem}", service.id),
            )
            .label("nobody can use this instead")
            .help("name a service that is in use");
    }
}
