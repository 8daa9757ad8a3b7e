//! Request types: who answers, who agrees, by when, and who or what does the work.

use std::collections::BTreeMap;

use super::service::sla_of;
use crate::{
    diag::{Code, code},
    lint::Context,
    model::{
        Entry, Rulebook,
        request_type::{AutomationLevel, EventClass, RequestType},
        service::{Lifecycle, Method, Risk},
    },
};

/// A request type nobody answers for.
pub(super) static OWNER: Code =
    code!("GS2031", "request-type-without-owner", Warning, "nobody answers for a request type");
/// A risky request nobody agrees to.
pub(super) static APPROVAL: Code = code!(
    "GS2032",
    "request-without-approval",
    Warning,
    "a request of more than low risk is agreed to by nobody"
);
/// A request without a time.
pub(super) static SLA: Code =
    code!("GS2033", "request-type-without-sla", Warning, "nothing says how long a request may take");
/// One workflow for everything.
pub(super) static MIXED_RISK: Code = code!(
    "GS2034",
    "one-workflow-for-every-risk",
    Warning,
    "one workflow decides about harmless and dangerous requests"
);
/// Self-service that is a form.
pub(super) static SELF_SERVICE: Code = code!(
    "GS2035",
    "self-service-without-automation",
    Warning,
    "a self-service item has nothing behind it but people"
);
/// Automatic in name only.
pub(super) static AUTOMATIC: Code = code!(
    "GS2036",
    "automatic-without-automation",
    Warning,
    "an automatic request type has work that no automation does"
);
/// Work nobody does.
pub(super) static STEP: Code =
    code!("GS2037", "step-without-doer", Warning, "neither a team nor an automation does a step");
/// Access to something else.
pub(super) static OTHER_SERVICE: Code = code!(
    "GS2045",
    "entitlement-of-another-service",
    Warning,
    "a request type about one service offers access to another"
);
/// Access that cannot be asked for.
pub(super) static HIDDEN: Code = code!(
    "GS2046",
    "entitlement-not-requestable",
    Error,
    "a request type offers an entitlement that cannot be requested"
);

/// Request types that people can use, now or soon.
fn offered<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Entry<RequestType>> + use<'a> {
    context.rulebook.request_types.iter().filter(|request| request.lifecycle != Lifecycle::Retired)
}

pub(super) fn owner(context: &mut Context<'_>) {
    for request in offered(context) {
        if request.owner.is_none() {
            context
                .report(request.at("/owner"), format!("the request type `{}` has no owner", request.id))
                .label("no `owner`")
                .help("name the team that answers for it: `owner = \"team:…\"`");
        }
    }
}

pub(super) fn approval(context: &mut Context<'_>) {
    for request in offered(context) {
        // Access is decided by the access policies, whatever the request type says.
        let gives = matches!(request.event, EventClass::Provision | EventClass::Change);
        if gives && request.risk > Risk::Low && request.workflow.is_none() && request.entitlements.is_empty()
        {
            context
                .report(
                    request.at("/workflow"),
                    format!("nobody agrees to `{}`, which has {} risk", request.id, request.risk),
                )
                .label("no `workflow`")
                .related(request.at("/risk"), "the risk")
                .help("name who agrees: `workflow = \"…\"`");
        }
    }
}

pub(super) fn sla(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for request in offered(context) {
        let service = request.service.as_ref().and_then(|service| rulebook.services.get(service.as_str()));
        let promised =
            request.sla.is_some() || service.is_some_and(|service| sla_of(rulebook, service).is_some());
        if !promised {
            context
                .report(
                    request.at("/sla"),
                    format!("nothing says how long the request type `{}` may take", request.id),
                )
                .label("no `sla`, and no service with one")
                .help("write `sla = \"…\"`");
        }
    }
}

pub(super) fn mixed_risk(context: &mut Context<'_>) {
    let mut by_workflow: BTreeMap<&str, Vec<&Entry<RequestType>>> = BTreeMap::new();
    for request in offered(context) {
        if let Some(workflow) = &request.workflow {
            by_workflow.entry(workflow.as_str()).or_default().push(request);
        }
    }
    for (workflow, requests) in by_workflow {
        let harmless = requests.iter().find(|request| request.risk == Risk::Low);
        let dangerous = requests.iter().find(|request| request.risk >= Risk::High);
        let (Some(harmless), Some(dangerous)) = (harmless, dangerous) else { continue };
        context
            .report(
                dangerous.at("/workflow"),
                format!(
                    "the workflow `{workflow}` decides about requests of low and of {} risk",
                    dangerous.risk
                ),
            )
            .label(format!("`{}` has {} risk", dangerous.id, dangerous.risk))
            .related(harmless.at("/workflow"), format!("`{}` has low risk", harmless.id))
            .help("give dangerous requests a workflow with more agreement, or harmless ones one with less");
    }
}

/// Whether everything that is asked for is given by a machine.
fn provisioned_automatically(rulebook: &Rulebook, request: &RequestType) -> bool {
    let automatic = |method: Option<Method>| method == Some(Method::Automatic);
    !request.entitlements.is_empty()
        && request.entitlements.iter().all(|wanted| {
            let service = rulebook.services.get(wanted.service.as_str());
            let entitlement = service.and_then(|service| service.entitlement.get(&wanted.entitlement));
            automatic(
                entitlement.and_then(|found| found.provision.as_ref()).map(|provision| provision.method),
            )
        })
}

pub(super) fn self_service(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for request in offered(context).filter(|request| request.self_service) {
        let answered = request.event == EventClass::Information && !request.articles.is_empty();
        let automated = request.step.iter().any(|step| step.automation.is_some())
            || provisioned_automatically(rulebook, request);
        // An automatic request type without automation is reported as such.
        if !answered && !automated && request.automation_level != AutomationLevel::Automatic {
            context
                .report(
                    request.at("/self-service"),
                    format!("the self-service item `{}` is all done by people", request.id),
                )
                .label("a better form, not self-service")
                .help("let an automation do a step, or remove `self-service`");
        }
    }
}

pub(super) fn automatic(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for request in offered(context).filter(|request| request.automation_level == AutomationLevel::Automatic) {
        let by_hand = request.step.iter().position(|step| step.automation.is_none() && step.team.is_some());
        let place = match by_hand {
            Some(index) => request.at(format!("/step/{index}")),
            None if request.step.is_empty() && !provisioned_automatically(rulebook, request) => {
                request.at("/automation-level")
            }
            None => continue,
        };
        context
            .report(
                place,
                format!("the request type `{}` is automatic and no automation does this", request.id),
            )
            .label("no `automation`")
            .help("name the automation in the step, or write `automation-level = \"assisted\"`");
    }
}

pub(super) fn step(context: &mut Context<'_>) {
    for request in offered(context) {
        for (index, step) in request.step.iter().enumerate() {
            if step.team.is_none() && step.automation.is_none() {
                context
                    .report(
                        request.at(format!("/step/{index}")),
                        format!("nobody does the step `{}` of `{}`", step.id, request.id),
                    )
                    .label("neither `team` nor `automation`")
                    .help("name who or what does it: `team = \"…\"` or `automation = \"…\"`");
            }
        }
    }
}

pub(super) fn other_service(context: &mut Context<'_>) {
    for request in offered(context) {
        let Some(service) = &request.service else { continue };
        for (index, entitlement) in request.entitlements.iter().enumerate() {
            if entitlement.service != *service.id() {
                context
                    .report(
                        request.at(format!("/entitlements/{index}")),
                        format!(
                            "`{}` is about `{service}` and offers access to `{}`",
                            request.id, entitlement.service
                        ),
                    )
                    .label("of another service")
                    .related(request.at("/service"), "the service of the request type")
                    .help("offer it with a request type of its own, or remove `service` here");
            }
        }
    }
}

pub(super) fn hidden(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for request in offered(context).filter(|request| request.event == EventClass::Provision) {
        for (index, wanted) in request.entitlements.iter().enumerate() {
            let Some(service) = rulebook.services.get(wanted.service.as_str()) else { continue };
            let Some(found) = service.entitlement.get(&wanted.entitlement) else { continue };
            // Both can be prepared together.
            let too_early = request.lifecycle != Lifecycle::Proposed
                && matches!(service.lifecycle, None | Some(Lifecycle::Proposed));
            if too_early {
                context
                    .report(
                        request.at(format!("/entitlements/{index}")),
                        format!("`{}` offers `{wanted}`, whose service is only proposed", request.id),
                    )
                    .label("every request for it is denied")
                    .related(service.at("/lifecycle"), "the state of the service")
                    .help("write `lifecycle = \"active\"` for the service, or `lifecycle = \"proposed\"` for the request type too");
            }
            if !found.requestable {
                context
                    .report(
                        request.at(format!("/entitlements/{index}")),
                        format!("`{}` offers `{wanted}`, which cannot be requested", request.id),
                    )
                    .label("only granted through bundles")
                    .related(
                        service.at(format!("/entitlement/{}/requestable", wanted.entitlement)),
                        "said here",
                    )
                    .help("remove it from the request type, or `requestable = false` from the entitlement");
            }
        }
    }
}
