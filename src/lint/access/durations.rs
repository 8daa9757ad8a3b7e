//! How long access lasts and how often it is looked at.

use crate::{
    decide::policy::offers,
    diag::{Code, code},
    lint::{Context, Location},
    model::{Duration, service::Risk},
};

/// A length of access that is none.
pub(super) static NO_LENGTH: Code = code!("GS4072", "access-duration-without-length", fixed Error, "how long access lasts, or how long people have to agree, is nothing, or is counted in business days of no calendar");

/// Access that nobody looks at for years.
pub(super) static FOR_YEARS: Code = code!(
    "GS4070",
    "access-for-years",
    Warning,
    "risky access lasts for more than a year, or is looked at less often than once a year"
);

/// A leap year.
const YEAR_SECONDS: i64 = 366 * 86_400;

pub(super) fn for_years(context: &mut Context<'_>) {
    for offer in offers(context.rulebook) {
        if offer.entitlement.risk < Risk::High {
            continue;
        }
        let is_too_long = |duration: &Duration| matches!(duration, Duration::Elapsed { seconds } if *seconds > YEAR_SECONDS);
        let fields = [
            ("max-duration", offer.entitlement.max_duration, "may last"),
            ("recertify", offer.entitlement.recertify, "is looked at again only after"),
        ];
        for (field, duration, how) in fields {
            let Some(duration) = duration.filter(is_too_long) else { continue };
            context
                .report(
                    offer.service.at(format!("/entitlement/{}/{field}", offer.id)),
                    format!(
                        "`{}` is {}-risk access and {how} {duration}",
                        offer.reference(),
                        offer.entitlement.risk.name()
                    ),
                )
                .label("more than a year")
                .help("write a year or less, such as `90d`: what is still needed is asked for again");
        }
    }
}

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
