//! What does not fit together in the ledger of access, and what nobody would be given today.

use jiff::{
    SignedDuration,
    civil::{Date, time},
};

use super::votes;
use crate::{
    decide::{access::decide, engine::Engine, lifecycle, policy},
    diag::{Code, code},
    ledger::{
        given,
        record::{digest_of, request_of},
        standing::{self, Standing},
    },
    lint::{
        Context,
        organisation::days::{days_between, whole_days},
    },
    model::{
        Duration, Entry, Id, Selector,
        grant::{Grant, GrantState, GrantVerdict},
        scenario::Verdict,
        service::Lifecycle,
    },
};

/// Fields that contradict each other.
pub(super) static APART: Code = code!(
    "GS6067",
    "grant-contradicts-itself",
    Error,
    "fields of a grant that go together say different things"
);
/// Access to what is not offered any more.
pub(super) static RETIRED: Code =
    code!("GS6068", "grant-of-retired-service", Error, "somebody still holds access to a retired service");
/// Access that should have been gone long ago.
pub(super) static STALE: Code =
    code!("GS6069", "grant-stale", Error, "a grant ended long ago and still stands as active");
/// Access that nobody would be given today.
pub(super) static TOO_BROAD: Code = code!(
    "GS6070",
    "grant-over-broad",
    Warning,
    "a grant gives more or longer than the same request would today"
);
/// Access that was changed past the rules.
pub(super) static BY_HAND: Code =
    code!("GS6075", "grant-edited-by-hand", Error, "a grant is not as it was decided");
/// A rule that there is not.
pub(super) static UNKNOWN_RULE: Code = code!(
    "GS6078",
    "grant-by-unknown-rule",
    Note,
    "a grant was decided by a rule that is not in the rulebook"
);
/// Access that nobody decided about.
pub(super) static NO_DECISION: Code = code!(
    "GS6080",
    "grant-without-decision",
    Warning,
    "somebody holds access and nothing says what was decided about it"
);

pub(super) fn apart(context: &mut Context<'_>) {
    let Ok(engine) = Engine::new(context.rulebook) else { return };
    for grant in &context.rulebook.grants {
        for (field, message, help) in contradictions(&engine, grant, context.today) {
            context.report(grant.at(field), message).label("does not fit").help(help);
        }
    }
}

/// A field, what is wrong with it, and what to write instead.
type Contradiction = (&'static str, String, &'static str);

fn contradictions(engine: &Engine<'_>, grant: &Entry<Grant>, today: Date) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let id = &grant.id;
    if let Some(until) = grant.until {
        // The last instant of a day is the first of the next.
        let day = until.0.checked_sub(SignedDuration::from_nanos(1)).map(|last| engine.date(last));
        if grant.end.is_none_or(|end| day.is_ok_and(|day| day != end.0)) {
            found.push((
                "/until",
                format!("the grant `{id}` ends at {until}, which is not on its last day"),
                "write the day of that instant as `end`",
            ));
        }
    }
    let verdict = grant.decision.as_ref().map(|decision| decision.verdict);
    let waits = grant.state == GrantState::Requested;
    if grant.ended.is_some() && matches!(grant.state, GrantState::Requested | GrantState::Active) {
        found.push((
            "/ended",
            format!("the grant `{id}` has ended and is still {}", grant.state),
            "write `state = \"ended\"`, or take out when it ended",
        ));
    }
    if waits && verdict != Some(GrantVerdict::NeedsApproval) {
        found.push((
            "/state",
            format!("the grant `{id}` is only asked for, and nothing says that people have to agree"),
            "ask for it with `gitsm request access`, which decides",
        ));
    }
    if grant.state == GrantState::Active && verdict == Some(GrantVerdict::NeedsApproval) {
        found.push((
            "/decision/verdict",
            format!("the grant `{id}` is active, and people have to agree first"),
            "write `state = \"requested\"` until `gitsm grants approve` has counted the votes",
        ));
    }
    if verdict == Some(GrantVerdict::Approved) && !votes::agreed(engine.rulebook(), grant) {
        found.push((
            "/approval",
            format!("the grant `{id}` is approved, and fewer people agreed than had to"),
            "write down who agreed in each stage, each person in one, or take the access away",
        ));
    }
    found.extend(impossible(engine, grant, today));
    if verdict == Some(GrantVerdict::AutoApproved)
        && grant.decision.as_ref().is_some_and(|decision| !decision.stages.is_empty())
    {
        found.push((
            "/decision/stages",
            format!("the grant `{id}` was approved by rule, and names stages in which people agree"),
            "write the verdict that was decided",
        ));
    }
    found
}

/// Days and commits that cannot be.
fn impossible(engine: &Engine<'_>, grant: &Entry<Grant>, today: Date) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let id = &grant.id;
    if let Some(asked) = &grant.asked {
        let day = engine.date(asked.at.0);
        if day > today {
            found.push((
                "/asked/at",
                format!("the grant `{id}` was asked for at {}, which is still to come", asked.at),
                "write when it was asked for",
            ));
        } else if grant.start.0 < day {
            found.push((
                "/start",
                format!(
                    "the grant `{id}` begins on {}, before it was asked for at {}",
                    grant.start, asked.at
                ),
                "write the day on which it began, or when it was asked for",
            ));
        }
    }
    let commit = grant.decision.as_ref().and_then(|decision| decision.policy_commit.as_deref());
    if commit.is_some_and(|commit| commit.bytes().all(|digit| digit == b'0')) {
        found.push((
            "/decision/policy-commit",
            format!("the grant `{id}` names a commit that there cannot be"),
            "name the commit whose rules decided, or ask again",
        ));
    }
    found
}

pub(super) fn retired(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for grant in rulebook.grants.iter().filter(|grant| grant.state == GrantState::Active) {
        let Some(service) = rulebook.services.get(grant.entitlement.service.as_str()) else { continue };
        if service.lifecycle == Some(Lifecycle::Retired) {
            context
                .report(
                    grant.at("/entitlement"),
                    format!("`{}` still holds `{}`", grant.beneficiary, grant.entitlement),
                )
                .label("is retired")
                .related(service.at("/lifecycle"), "retired here")
                .help("take the access away: `gitsm grants revoke`");
        }
    }
}

pub(super) fn stale(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let longest = whole_days(rulebook.settings.grants.stale_after);
    for grant in rulebook.grants.iter().filter(|grant| grant.state == GrantState::Active) {
        let Some(end) = grant.end.filter(|end| *end >= grant.start) else { continue };
        let holder = rulebook.people.get(grant.beneficiary.as_str());
        let left = holder.is_some_and(|holder| standing::has_left(holder, today));
        let days = days_between(end, today);
        if days > longest && !left {
            context
                .report(
                    grant.at("/end"),
                    format!("the grant `{}` ended {days} days ago and is still active", grant.id),
                )
                .label("long past")
                .help("run `gitsm grants expire`, and make sure that the access is gone");
        }
    }
}

pub(super) fn too_broad(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Ok(engine) = Engine::new(rulebook) else { return };
    let noon = context.today.to_datetime(time(12, 0, 0, 0)).to_zoned(engine.zone().clone());
    let Ok(now) = noon.map(|noon| noon.timestamp()) else { return };
    for grant in &rulebook.grants {
        // What was there before, and what is said to come with a job, is nothing that the rules do not say.
        let decided =
            grant.decision.as_ref().is_some_and(|decision| decision.verdict != GrantVerdict::NeedsApproval);
        if !decided
            || comes_with_job(&engine, grant)
            || standing::standing(&engine, grant, now) != Standing::InForce
        {
            continue;
        }
        let Some(offer) = policy::offer(rulebook, &grant.entitlement) else { continue };
        if offer.service.lifecycle == Some(Lifecycle::Retired) {
            // Another finding says so.
            continue;
        }
        let today = given::of_entitlement(&grant.entitlement, offer.entitlement);
        let more = given::of_grant(rulebook, grant).into_iter().find(|one| !today.contains(one));
        if let Some(more) = more {
            context
                .report(
                    grant.at("/provisioned"),
                    format!("the grant `{}` gives the {more}, which its entitlement does not", grant.id),
                )
                .label("more than is offered")
                .related(offer.service.at(format!("/entitlement/{}", offer.id)), "offered here")
                .help("take the access away and ask again, so that what is offered is given");
            continue;
        }
        let mut request = request_of(grant);
        request.duration = request.duration.or_else(|| length(grant));
        let decision = decide(&engine, &request, now, None);
        let plain = ["rule", "no-rule-matched", "not-requestable", "service-not-offered"];
        if decision.verdict == Verdict::Denied
            && decision.denials.iter().any(|denial| plain.contains(&denial.name()))
        {
            context
                .report(
                    grant.at("/entitlement"),
                    format!(
                        "`{}` holds `{}` and would be denied it today",
                        grant.beneficiary, grant.entitlement
                    ),
                )
                .label("denied today")
                .help(format!(
                    "`gitsm simulate access {} {}` says why; take the access away with `gitsm grants revoke`",
                    grant.beneficiary, grant.entitlement
                ));
            continue;
        }
        let expires = decision.items.first().and_then(|item| item.expires);
        if let (Some(expires), Some(end)) = (expires, grant.end) {
            let longest = expires.duration_since(now).as_hours().div_euclid(24);
            let days = days_between(grant.start, end.0);
            let own = offer.entitlement.max_duration.map(whole_days);
            let beyond = standing::ends(&engine, grant).is_some_and(|own| own > expires);
            if beyond && days > longest && own.is_none_or(|own| days <= own) {
                context
                    .report(
                        grant.at("/end"),
                        format!("the grant `{}` lasts {days} days and would last {longest} today", grant.id),
                    )
                    .label("longer than today")
                    .help("end it earlier, or ask again for what is still needed");
            }
        }
    }
}

/// Whether a bundle gives the holder of a grant what it gives, and the grant says that it comes with their job.
fn comes_with_job(engine: &Engine<'_>, grant: &Grant) -> bool {
    let birthright =
        grant.decision.as_ref().is_some_and(|decision| decision.verdict == GrantVerdict::Birthright);
    let holder = engine.rulebook().people.get(grant.beneficiary.as_str());
    birthright
        && holder.is_some_and(|holder| {
            lifecycle::bundles(engine, holder).is_ok_and(|bundles| {
                bundles.iter().any(|bundle| bundle.value.entitlements.contains(&grant.entitlement))
            })
        })
}

/// How long a grant lasts, for one that does not say how long it was asked for.
fn length(grant: &Grant) -> Option<Duration> {
    let days = days_between(grant.start, grant.end?.0) + 1;
    Some(Duration::Elapsed { seconds: days.max(0) * 86_400 })
}

pub(super) fn by_hand(context: &mut Context<'_>) {
    for grant in &context.rulebook.grants {
        let written = grant.decision.as_ref().and_then(|decision| decision.digest.as_ref());
        let Some(written) = written else {
            // Whoever writes what was asked for writes the digest as well.
            if grant.asked.is_some() {
                context
                    .report(
                        grant.at("/asked"),
                        format!(
                            "the grant `{}` says what was asked for, and has no `decision.digest`",
                            grant.id
                        ),
                    )
                    .label("nothing says that this was decided")
                    .help("put back what was decided, or ask with `gitsm request access`, which writes it");
            }
            continue;
        };
        if *written != digest_of(grant) {
            context
                .report(
                    grant.at("/decision/digest"),
                    format!("the grant `{}` was changed after it was decided", grant.id),
                )
                .label("is of something else")
                .help("put back what was decided, and ask for the rest: `gitsm grants renew` or `revoke`");
        }
    }
}

pub(super) fn unknown_rule(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let is_there = |text: &str| {
        Selector::parse(text).is_some_and(|rule| {
            let part = |part: &Id| rulebook.parts(rule.kind, rule.id.as_str()).contains(&part);
            rulebook.origin(rule.kind, rule.id.as_str()).is_some() && rule.part.as_ref().is_none_or(part)
        })
    };
    for grant in &rulebook.grants {
        if !matches!(grant.state, GrantState::Active | GrantState::Requested) {
            continue;
        }
        let rules = grant.decision.iter().flat_map(|decision| &decision.rules).enumerate();
        for (index, rule) in rules.filter(|(_, rule)| !is_there(rule)) {
            context
                .report(
                    grant.at(format!("/decision/rules/{index}")),
                    format!("the grant `{}` was decided by `{rule}`, which is not in the rulebook", grant.id),
                )
                .label("no such rule today")
                .help("look whether the commit of its policy has this rule: `gitsm show --at …`");
        }
    }
}

pub(super) fn no_decision(context: &mut Context<'_>) {
    for grant in &context.rulebook.grants {
        if grant.state == GrantState::Active && grant.decision.is_none() {
            context
                .report(
                    grant.at(""),
                    format!("`{}` holds `{}`, and nobody decided that", grant.beneficiary, grant.entitlement),
                )
                .label("no `decision`")
                .help(
                    "take it away and ask with `gitsm request access`; what was there before gitsm has \
                     `decision.verdict = \"imported\"`",
                );
        }
    }
}
