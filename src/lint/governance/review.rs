//! Recertification campaigns.

use crate::{
    diag::{Code, code},
    ledger::campaign,
    lint::{Context, common},
    model::review::{Review, ReviewVerdict},
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
            if let Some(by) = decision.by.as_ref().filter(|by| **by == grant.beneficiary) {
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
    for review in rulebook
        .reviews
        .iter()
        .filter(|review| review.of.is_none() && review.closes.0 < today && review.opens <= review.closes)
    {
        let decided = campaign::answers(rulebook, review);
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
