//! Recertification campaigns.

use crate::{
    decide::{engine::Engine, principals::same_hands},
    diag::{Code, code},
    ledger::campaign::{self, NotCounted},
    lint::{Context, common},
    model::{
        grant::GrantState,
        review::{Review, ReviewVerdict},
    },
};

/// The last day before the first.
pub(super) static BACKWARDS: Code = code!(
    "GS6071",
    "review-closes-before-opening",
    Error,
    "the last day of a campaign lies before the first"
);
/// A decision about oneself.
pub(super) static OWN_GRANT: Code =
    code!("GS6072", "review-of-own-grant", Error, "somebody decided that they still need their own access");
/// Grants nobody looked at.
pub(super) static UNDECIDED: Code =
    code!("GS6073", "review-undecided", Warning, "a campaign is over and grants in its scope are undecided");
/// A decision that says too little to count.
pub(super) static INCOMPLETE: Code = code!(
    "GS6074",
    "review-decision-incomplete",
    Error,
    "a decision of a campaign does not say who made it, when, or until when access is kept"
);

/// A decision that counts for nothing.
pub(super) static NOT_COUNTED: Code = code!(
    "GS6077",
    "review-answer-not-counted",
    Error,
    "a decision of a campaign is by somebody it does not ask, or of a day on which it was not open"
);

pub(super) fn backwards(context: &mut Context<'_>) {
    common::backwards(
        context,
        ["opens", "closes"],
        |review: &Review| Some((review.opens, review.closes)),
        |review, _, _| format!("the review `{}` closes before it opens", review.id),
    );
}

pub(super) fn own_grant(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for review in &rulebook.reviews {
        for (index, decision) in review.decision.iter().enumerate() {
            let Some(grant) = rulebook.grants.get(decision.grant.as_str()) else { continue };
            let own = |by: &str| same_hands(rulebook, grant.beneficiary.as_str(), by);
            if let Some(by) = decision.by.as_ref().filter(|by| own(by.as_str())) {
                context
                    .report(
                        review.at(format!("/decision/{index}/by")),
                        format!("`{by}` decided about their own access in the review `{}`", review.id),
                    )
                    .label("does not count")
                    .related(grant.at("/beneficiary"), "who has the access")
                    .help("let somebody else decide");
            }
        }
    }
}

pub(super) fn undecided(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let Ok(engine) = Engine::new(rulebook) else { return };
    let Some(now) = engine.end_of(today) else { return };
    for review in rulebook
        .reviews
        .iter()
        .filter(|review| review.of.is_none() && review.closes.0 < today && review.opens <= review.closes)
        .filter(|review| !campaign::is_settled(&engine, &review.value))
    {
        let decided = campaign::answers(&engine, review, now);
        let open: Vec<&str> = campaign::scope(rulebook, &review.value)
            .map(|grant| &grant.id)
            .filter(|id| !decided.contains_key(id))
            .map(crate::model::Id::as_str)
            .collect();
        let Some(first) = open.first().and_then(|id| rulebook.grants.get(id)) else { continue };
        let grants =
            if open.len() == 1 { "1 grant is".to_owned() } else { format!("{} grants are", open.len()) };
        context
            .report(
                review.at("/closes"),
                format!("the review `{}` closed on {} and {grants} undecided", review.id, review.closes),
            )
            .label("has passed")
            .related(first.at(""), "for example this one")
            .help("decide about them, or let `gitsm grants expire` end them");
    }
}

pub(super) fn incomplete(context: &mut Context<'_>) {
    for review in &context.rulebook.reviews {
        for (index, decision) in review.decision.iter().enumerate() {
            let at = |field: &str| review.at(format!("/decision/{index}/{field}"));
            let grant = &decision.grant;
            let (place, message, help) = match (decision.decision, decision.until) {
                (ReviewVerdict::Undecided, _) => continue,
                (ReviewVerdict::Reduce, None) => (
                    at("decision"),
                    format!("the grant `{grant}` is to be reduced, and no day is named"),
                    "write the new last day: `until = 2026-12-31`",
                ),
                (ReviewVerdict::Keep | ReviewVerdict::Revoke, Some(_)) => (
                    at("until"),
                    format!("a day is named for the grant `{grant}`, which is not to be reduced"),
                    "write `decision = \"reduce\"`, or take the day out",
                ),
                _ if campaign::is_signed(review, decision) => continue,
                _ if decision.by.is_none() || decision.at.is_none() => (
                    at("decision"),
                    format!("the decision about the grant `{grant}` does not say who made it and when"),
                    "write `by` and `at`: a decision without them does not count",
                ),
                _ => (
                    at("by"),
                    format!(
                        "somebody else than the reviewer of `{}` decided about the grant `{grant}`",
                        review.id
                    ),
                    "let the reviewer decide whom the sheet is for: other decisions do not count",
                ),
            };
            context.report(place, message).label("does not count").help(help);
        }
    }
}

/// Answers that count for nothing, about grants that stand as active, and sheets with days of their own.
///
/// What was said about access that has ended is history.
pub(super) fn not_counted(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Ok(engine) = Engine::new(rulebook) else { return };
    // As far as dates say: until the day is over.
    let Some(now) = engine.end_of(context.today) else { return };
    for sheet in &rulebook.reviews {
        let campaign = match &sheet.of {
            None => Some(sheet),
            Some(of) => rulebook.reviews.get(of.as_str()),
        };
        // Another finding says that there is no such review.
        let Some(campaign) = campaign else { continue };
        if campaign.of.is_some() {
            let why = NotCounted::NoCampaign.words();
            context
                .report(sheet.at("/of"), format!("nothing in the review `{}` counts: {why}", sheet.id))
                .label("is a sheet")
                .help("name the campaign");
            continue;
        }
        if !campaign::has_days_of(&sheet.value, &campaign.value) {
            let why = NotCounted::OtherDays.words();
            context
                .report(sheet.at("/closes"), format!("nothing in the review `{}` counts: {why}", sheet.id))
                .label("does not count")
                .related(campaign.at("/closes"), "the campaign")
                .help(format!("write `opens = {}` and `closes = {}`", campaign.opens, campaign.closes));
            continue;
        }
        // What followed from it was done, by the directory of then.
        if campaign::is_settled(&engine, &campaign.value) {
            continue;
        }
        for (index, decision) in sheet.decision.iter().enumerate() {
            let active = rulebook
                .grants
                .get(decision.grant.as_str())
                .is_some_and(|grant| grant.state == GrantState::Active);
            if !active || decision.decision == ReviewVerdict::Undecided {
                continue;
            }
            let why = match campaign::counts(&engine, campaign, sheet, decision, now) {
                // Others say so where that is so.
                Ok(Ok(()) | Err(NotCounted::NotSigned | NotCounted::Own)) | Err(_) => continue,
                Ok(Err(why)) => why,
            };
            let field = match why {
                NotCounted::OutOfTime | NotCounted::InTheFuture => "at",
                NotCounted::OutOfScope => "grant",
                _ => "by",
            };
            context
                .report(
                    sheet.at(format!("/decision/{index}/{field}")),
                    format!(
                        "the decision about the grant `{}` in the review `{}` does not count: {}",
                        decision.grant,
                        sheet.id,
                        why.words()
                    ),
                )
                .label("does not count")
                .related(campaign.at("/reviewer"), "who decides")
                .help("let one of those decide whom the campaign names, while it is open");
        }
    }
}
