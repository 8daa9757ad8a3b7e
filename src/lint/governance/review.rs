//! Recertification campaigns.

use std::collections::BTreeSet;

use crate::{
    diag::{Code, code},
    lint::{Context, common},
    model::{grant::GrantState, review::Review},
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
            if grant.beneficiary == decision.by {
                context
                    .report(
                        review.at(format!("/decision/{index}/by")),
                        format!(
                            "`{}` decided about their own access in the review `{}`",
                            decision.by, review.id
                        ),
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
    for review in
        rulebook.reviews.iter().filter(|review| review.closes.0 < today && review.opens <= review.closes)
    {
        let decided: BTreeSet<&str> =
            review.decision.iter().map(|decision| decision.grant.as_str()).collect();
        let open: Vec<&str> = rulebook
            .grants
            .iter()
            .filter(|grant| grant.state == GrantState::Active && grant.start <= review.closes)
            .filter(|grant| {
                review.entitlements.contains(&grant.entitlement)
                    || review.services.iter().any(|service| *service.id() == grant.entitlement.service)
            })
            .map(|grant| grant.id.as_str())
            .filter(|id| !decided.contains(id))
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
            .help("decide about them, or take the access away and write `state = \"revoked\"` there");
    }
}
