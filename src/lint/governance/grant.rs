//! The ledger of access.

use jiff::{ToSpan as _, civil::Date};

use crate::{
    decide::principals::same_hands,
    diag::{Code, code},
    lint::{
        Context, common,
        organisation::{
            days::{days_between, whole_days},
            identity::has_left,
        },
    },
    model::{
        Entry, Rulebook,
        grant::{Grant, GrantState},
        service::{Entitlement, Risk},
    },
};

/// The last day before the first.
pub(super) static BACKWARDS: Code =
    code!("GS6061", "grant-ends-before-start", Error, "the last day of a grant lies before the first");
/// Access of somebody who has left.
pub(super) static HOLDER_LEFT: Code =
    code!("GS6062", "grant-of-somebody-who-left", Error, "somebody who has left still holds access");
/// Access for ever.
pub(super) static NO_END: Code =
    code!("GS6063", "grant-without-end", Error, "access of more than low risk has no last day");
/// Access for too long.
pub(super) static TOO_LONG: Code =
    code!("GS6064", "grant-too-long", Error, "a grant lasts longer than its entitlement allows");
/// Access that people gave themselves.
pub(super) static OWN_APPROVAL: Code =
    code!("GS6065", "grant-approved-by-its-holder", Error, "somebody approved their own access");
/// Access that should be gone.
pub(super) static NOT_REMOVED: Code = code!(
    "GS6066",
    "grant-not-removed",
    Warning,
    "a grant has ended and nobody has recorded that the access is gone"
);

fn active<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Entry<Grant>> + use<'a> {
    context.rulebook.grants.iter().filter(|grant| grant.state == GrantState::Active)
}

fn entitlement<'a>(rulebook: &'a Rulebook, grant: &Grant) -> Option<&'a Entitlement> {
    rulebook
        .services
        .get(grant.entitlement.service.as_str())?
        .value
        .entitlement
        .get(&grant.entitlement.entitlement)
}

pub(super) fn backwards(context: &mut Context<'_>) {
    common::backwards(
        context,
        ["start", "end"],
        |grant: &Grant| Some((grant.start, grant.end?)),
        |grant, _, _| format!("the grant `{}` ends before it starts", grant.id),
    );
}

pub(super) fn holder_left(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for grant in active(context) {
        let Some(holder) = rulebook.people.get(grant.beneficiary.as_str()) else { continue };
        if has_left(holder, today) {
            context
                .report(
                    grant.at("/beneficiary"),
                    format!("`{}` has left and still holds `{}`", holder.id, grant.entitlement),
                )
                .label("no longer active")
                .related(holder.at(""), "defined here")
                .help("take the access away, make sure that it is gone, and write `state = \"removed\"`");
        }
    }
}

pub(super) fn no_end(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for grant in active(context).filter(|grant| !ends_some_day(grant)) {
        let risk = entitlement(rulebook, grant).map(|entitlement| entitlement.risk);
        if let Some(risk) = risk.filter(|risk| *risk > Risk::Low) {
            context
                .report(
                    grant.at("/end"),
                    format!(
                        "the grant `{}` of `{}`, which has {risk} risk, never ends",
                        grant.id, grant.entitlement
                    ),
                )
                .label(if grant.end.is_none() { "no `end`" } else { "nobody lives to see it" })
                .help("write its last day: only access of low risk may be without one");
        }
    }
}

/// Whether a grant has a last day that somebody lives to see. A day behind every calendar is none.
fn ends_some_day(grant: &Grant) -> bool {
    let latest = grant.start.0.checked_add(MOST_YEARS.years()).unwrap_or(Date::MAX);
    grant.end.is_some_and(|end| end.0 <= latest && end.0 < Date::MAX)
}

/// The most years that a grant can last and still be said to end.
const MOST_YEARS: i32 = 50;

pub(super) fn too_long(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for grant in active(context) {
        let longest = entitlement(rulebook, grant).and_then(|entitlement| entitlement.max_duration);
        let (Some(longest), Some(end)) = (longest, grant.end) else { continue };
        // Access that is given in the afternoon for 30 days ends in the afternoon 30 dates later.
        let days = days_between(grant.start, end.0);
        if days > whole_days(longest) {
            let finding = context.report(
                grant.at("/end"),
                format!(
                    "the grant `{}` lasts {days} days and `{}` allows {longest}",
                    grant.id, grant.entitlement
                ),
            );
            finding.label("too late");
            if let Some(service) = rulebook.services.get(grant.entitlement.service.as_str()) {
                let field = format!("/entitlement/{}/max-duration", grant.entitlement.entitlement);
                finding.related(service.at(field), "allowed here");
            }
            finding.help("end it earlier, and ask again for what comes after");
        }
    }
}

pub(super) fn own_approval(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for grant in &rulebook.grants {
        for (index, approval) in grant.approval.iter().enumerate() {
            let behind = approval.on_behalf_of.as_ref();
            let own = |id: &str| {
                same_hands(rulebook, grant.beneficiary.as_str(), id)
                    || grant
                        .requester
                        .as_ref()
                        .is_some_and(|requester| same_hands(rulebook, requester.as_str(), id))
            };
            let (field, who) = if own(approval.by.as_str()) {
                ("by", &approval.by)
            } else if let Some(behind) = behind.filter(|behind| own(behind.as_str())) {
                ("on-behalf-of", behind)
            } else {
                continue;
            };
            context
                .report(
                    grant.at(format!("/approval/{index}/{field}")),
                    format!("`{who}` approved their own request for `{}`", grant.entitlement),
                )
                .label("does not count")
                .related(grant.at("/beneficiary"), "who has the access")
                .help("take the access away, or have somebody else decide");
        }
    }
}

pub(super) fn not_removed(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    // After some days it is an error, and another finding.
    let longest = whole_days(rulebook.settings.grants.stale_after);
    for grant in active(context) {
        let holder = rulebook.people.get(grant.beneficiary.as_str());
        let left = holder.is_some_and(|holder| has_left(holder, today));
        let Some(end) = grant.end.filter(|end| end.0 < today && *end >= grant.start && !left) else {
            continue;
        };
        if days_between(end, today) > longest {
            continue;
        }
        context
            .report(grant.at("/end"), format!("the grant `{}` ended on {end} and is still active", grant.id))
            .label("has passed")
            .help("run `gitsm grants expire`, or make sure that the access is gone and write `state = \"removed\"`");
    }
}
