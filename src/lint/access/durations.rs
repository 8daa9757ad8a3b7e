//! How long access lasts and how often it is looked at.

use crate::{
    decide::policy::offers,
    diag::{Code, code},
    lint::{Context, Location},
    model::Duration,
};

/// A length of access that is none.
pub(super) static NO_LENGTH: Code = code!("GS4072", "access-duration-without-length", fixed Error, "how long access lasts is nothing, or is counted in business days of no calendar");

pub(super) fn no_length(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut found: Vec<(Location, String, Option<Duration>)> = Vec::new();
    for offer in offers(rulebook) {
        let fields =
            [("max-duration", offer.entitlement.max_duration), ("recertify", offer.entitlement.recertify)];
        for (field, duration) in fields {
            let at = offer.service.at(format!("/entitlement/{}/{field}", offer.id));
            found.push((at, format!("`{field}` of `{}`", offer.reference()), duration));
        }
    }
    for policy in &rulebook.access {
        for (index, rule) in policy.rule.iter().enumerate() {
            let at = policy.at(format!("/rule/{index}/max-duration"));
            found.push((at, format!("`max-duration` of the rule `{}`", rule.id), rule.max_duration));
        }
    }
    for guardrail in &rulebook.guardrails {
        let what = format!("`max-duration` of the guardrail `{}`", guardrail.id);
        found.push((guardrail.at("/max-duration"), what, guardrail.max_duration));
    }
    for (at, what, duration) in found {
        let Some(duration) = duration else { continue };
        if duration.is_zero() {
            context
                .report(at, format!("{what} is `{duration}`"))
                .label("no time at all")
                .help("write a length of time such as `30d`; what nobody may have is denied by a rule");
        } else if matches!(duration, Duration::BusinessDays { .. }) {
            context
                .report(at, format!("{what} is counted in business days"))
                .label("access has no calendar that says which days these are")
                .help("write days, hours or minutes, such as `14d`");
        }
    }
}
