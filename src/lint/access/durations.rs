//! How long access lasts and how often it is looked at.

use crate::{
    decide::policy::offers,
    diag::{Code, code},
    lint::{Context, Location},
    model::Duration,
};

/// A length of access that is none.
pub(super) static NO_LENGTH: Code = code!("GS4072", "access-duration-without-length", fixed Error, "how long access lasts, or how long people have to agree, is nothing, or is counted in business days of no calendar");

pub(super) fn no_length(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let is_wrong =
        |duration: &Duration| duration.is_zero() || matches!(duration, Duration::BusinessDays { .. });
    let mut found: Vec<(Location, String, Duration)> = Vec::new();
    for offer in offers(rulebook) {
        let fields =
            [("max-duration", offer.entitlement.max_duration), ("recertify", offer.entitlement.recertify)];
        for (field, duration) in fields {
            let Some(duration) = duration.filter(is_wrong) else { continue };
            let at = offer.service.at(format!("/entitlement/{}/{field}", offer.id));
            found.push((at, format!("`{field}` of `{}`", offer.reference()), duration));
        }
    }
    for policy in &rulebook.access {
        for (index, rule) in policy.rule.iter().enumerate() {
            let Some(duration) = rule.max_duration.filter(is_wrong) else { continue };
            let at = policy.at(format!("/rule/{index}/max-duration"));
            found.push((at, format!("`max-duration` of the rule `{}`", rule.id), duration));
        }
    }
    for guardrail in &rulebook.guardrails {
        let Some(duration) = guardrail.max_duration.filter(is_wrong) else { continue };
        let what = format!("`max-duration` of the guardrail `{}`", guardrail.id);
        found.push((guardrail.at("/max-duration"), what, duration));
    }
    // Business days of a stage have a calendar, or a finding of their own.
    for workflow in &rulebook.workflows {
        for (index, stage) in workflow.value.stage.iter().enumerate() {
            let Some(within) = stage.within.filter(Duration::is_zero) else { continue };
            context
                .report(
                    workflow.at(format!("/stage/{index}/within")),
                    format!("`within` of the stage `{}` of the workflow `{}` is `{within}`", stage.id, workflow.id),
                )
                .label("no time at all")
                .help("write how long people have to agree, such as `2d`; what nobody may have is denied by a rule");
        }
    }
    for (at, what, duration) in found {
        if duration.is_zero() {
            context
                .report(at, format!("{what} is `{duration}`"))
                .label("no time at all")
                .help("write a length of time such as `30d`; what nobody may have is denied by a rule");
        } else {
            context
                .report(at, format!("{what} is counted in business days"))
                .label("access has no calendar that says which days these are")
                .help("write days, hours or minutes, such as `14d`");
        }
    }
}
