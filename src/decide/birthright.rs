//! What comes with what somebody is and is theirs, since nobody has to agree to it.

use super::{
    access::decide_while,
    asked::{Asked, Bundles, MaybeHistory},
    decision::{Decision, Denial},
    engine::Engine,
    ledger::HeldBy,
    undecidable::Undecidable,
};
use crate::model::{EntitlementRef, Entry, Ref, bundle::Bundle, request::Request, scenario::Verdict};

/// What somebody holds by the ledger and by their bundles, as far as nobody has to agree to it and no rule denies it.
///
/// What comes with a bundle can depend on what they hold, and so on what comes with another one. Each is decided twice: as
/// if nothing of the others were theirs, and as if everything were. Where that is not the same, nobody knows.
///
/// # Errors
/// When that cannot be decided.
pub(super) fn given(
    engine: &Engine<'_>,
    asked: &Asked<'_>,
    by_ledger: &[String],
    history: MaybeHistory<'_>,
) -> Result<Vec<String>, Undecidable> {
    let mut found = by_ledger.to_vec();
    let mut bundles: Vec<&Entry<Bundle>> = Vec::new();
    for held in asked.held.iter().filter(|held| held.is_at(asked.instant)) {
        if let HeldBy::Bundle(bundle) = held.by
            && !bundles.iter().any(|known| known.id == bundle.id)
        {
            bundles.push(bundle);
        }
    }
    for bundle in bundles {
        let own = Ref::new(asked.beneficiary.id.clone());
        let request = Request { bundle: Some(Ref::new(bundle.id.clone())), ..Request::of(own) };
        let decided = |bundles| decide_while(engine, &request, asked.instant, history, bundles);
        let (least, most) = (decided(Bundles::Nothing), decided(Bundles::All));
        for reference in &bundle.value.entitlements {
            let (one, other) = (gives(&least, reference)?, gives(&most, reference)?);
            if one != other {
                return Err(Undecidable::Unknown {
                    attribute: "grants".to_owned(),
                    why: format!(
                        "whether `{reference}` comes with the bundle `{}` depends on what comes with others",
                        bundle.id
                    ),
                    at: bundle.at("/entitlements"),
                });
            }
            if one {
                found.push(reference.to_string());
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Whether a decision about a bundle gives something in it at once.
fn gives(decision: &Decision<'_>, reference: &EntitlementRef) -> Result<bool, Undecidable> {
    for denial in &decision.denials {
        if let Denial::Undecidable(why) = denial {
            return Err(why.clone());
        }
    }
    let is_given = |item: &super::decision::Item<'_>| {
        item.offer.reference() == *reference && item.verdict == Verdict::Approved
    };
    Ok(decision.items.iter().any(is_given))
}
