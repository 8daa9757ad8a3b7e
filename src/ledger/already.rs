//! What somebody asks for who has been given it already.
//!
//! Access can come from several sources at a time: with a job and by a request, or for several projects. It stays as long as
//! one of them does. But a second grant of the same for the same time is a mistake: whoever revokes the one thinks that the
//! access is gone, and it is not. It is renewed, or revoked first.

use std::fmt;

use crate::{
    decide::{
        decision::Decision,
        engine::Engine,
        ledger::{Held, HeldBy},
    },
    ledger::record::About,
    model::{EntitlementRef, Entry, grant::Grant, request::Request, scenario::Verdict},
};

/// A grant that gives already what is asked for.
#[derive(Debug)]
pub struct Already<'a> {
    /// What is asked for.
    pub entitlement: EntitlementRef,
    /// What gives it.
    pub grant: &'a Entry<Grant>,
}

impl fmt::Display for Already<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (grant, who) = (&self.grant.id, &self.grant.beneficiary);
        write!(
            formatter,
            "`{who}` holds `{}` by the grant `{grant}` at that time already: make it longer with `gitsm grants renew {grant}`, \
             or end it first with `gitsm grants revoke {grant}`",
            self.entitlement
        )
    }
}

/// The first thing in a request that its beneficiary has been given already for some of the time, by a request that was
/// the same in everything that access depends on: what, the environment and the project.
///
/// What comes with a job is another source, and a renewal is meant to overlap.
#[must_use]
pub fn held_already<'a>(
    engine: &'a Engine<'a>,
    request: &Request,
    decision: &Decision<'_>,
    about: &About,
) -> Option<Already<'a>> {
    let granted = matches!(decision.verdict, Verdict::Approved | Verdict::NeedsApproval);
    if !granted || about.renews.is_some() || request.bundle.is_some() {
        return None;
    }
    let holder = decision.beneficiary?;
    let begins = holder.start.and_then(|first| engine.start_of(first.0));
    let from = begins.map_or(decision.instant, |begins| begins.max(decision.instant));
    decision.items.iter().find_map(|item| {
        let entitlement = item.offer.reference();
        let same = |held: &&Held<'a>| {
            *held.entitlement == entitlement && held.overlaps(from, item.expires) && is_same(held, request)
        };
        let held = engine.ledger().of(holder.id.as_str()).iter().find(same)?;
        let HeldBy::Grant(grant) = held.by else { return None };
        Some(Already { entitlement, grant })
    })
}

/// Whether a grant was given for a request like this one, and not with a job.
fn is_same(held: &Held<'_>, request: &Request) -> bool {
    let HeldBy::Grant(grant) = held.by else { return false };
    let rules = grant.decision.iter().flat_map(|decision| &decision.rules);
    let comes_with_a_job = rules.into_iter().any(|rule| rule.starts_with("bundle:"));
    let environment = grant.asked.as_ref().and_then(|asked| asked.environment);
    !comes_with_a_job && grant.project == request.project && environment == request.environment
}
