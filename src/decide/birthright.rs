//! What comes with what somebody is and is theirs, since nobody has to agree to it.

use jiff::Timestamp;

use super::{
    access::decide_while,
    asked::{Asked, Bundles, MaybeHistory},
    decision::{Decision, Denial},
    engine::Engine,
    ledger::HeldBy,
    lifecycle,
    undecidable::Undecidable,
};
use crate::model::{EntitlementRef, Entry, bundle::Bundle, person::Person, scenario::Verdict};

/// A bundle that comes with what somebody is, and what of it is theirs.
#[derive(Debug)]
pub struct Birthright<'a> {
    /// The bundle.
    pub bundle: &'a Entry<Bundle>,
    /// What nobody has to agree to and no rule denies, in the order of the bundle. The rest has to be asked for.
    pub given: Vec<&'a EntitlementRef>,
}

/// What comes with what somebody is at an instant, as far as nobody has to agree to it and no rule denies it.
///
/// # Errors
/// When that cannot be decided.
pub fn of_person<'a>(
    engine: &Engine<'a>,
    person: &'a Entry<Person>,
    instant: Timestamp,
) -> Result<Vec<Birthright<'a>>, Undecidable> {
    let bundles = lifecycle::bundles(engine, person)?.into_iter();
    let own = |bundle| {
        Ok(Birthright { bundle, given: of_bundle(engine, (person, bundle), instant, lifecycle::NOBODY)? })
    };
    bundles.map(own).collect()
}

/// What somebody holds by the ledger and by their bundles, as far as nobody has to agree to it and no rule denies it.
///
/// # Errors
/// When that cannot be decided.
pub(super) fn given<'a>(
    engine: &Engine<'a>,
    asked: &Asked<'a>,
    by_ledger: &[String],
    history: MaybeHistory<'_>,
) -> Result<Vec<String>, Undecidable> {
    let mut found = by_ledger.to_vec();
    let mut bundles: Vec<&'a Entry<Bundle>> = Vec::new();
    for held in asked.held.iter().filter(|held| held.is_at(asked.instant)) {
        if let HeldBy::Bundle(bundle) = held.by
            && !bundles.iter().any(|known| known.id == bundle.id)
        {
            bundles.push(bundle);
        }
    }
    for bundle in bundles {
        let own = of_bundle(engine, (asked.beneficiary, bundle), asked.instant, history)?;
        found.extend(own.into_iter().map(EntitlementRef::to_string));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// What of a bundle that comes with what somebody is nobody has to agree to and no rule denies.
///
/// What comes with a bundle can depend on what they hold, and so on what comes with another one. Each is decided twice: as
/// if nothing of the others were theirs, and as if everything were. Where that is not the same, nobody knows.
fn of_bundle<'a>(
    engine: &Engine<'a>,
    (person, bundle): (&Entry<Person>, &'a Entry<Bundle>),
    instant: Timestamp,
    history: MaybeHistory<'_>,
) -> Result<Vec<&'a EntitlementRef>, Undecidable> {
    let request = lifecycle::birthright(person, bundle);
    let decided = |bundles| decide_while(engine, &request, instant, history, bundles);
    let (least, most) = (decided(Bundles::Nothing), decided(Bundles::All));
    let mut found = Vec::new();
    for reference in &bundle.value.entitlements {
        let (one, other) = (gives(&least, reference)?, gives(&most, reference)?);
        if one != other {
            return Err(Undecidable::Unknown {
                attribute: "grants".to_owned(),
                why: format!(
                    "whether `{reference}` comes with the bundle `{}` to `{}` depends on what comes with others",
                    bundle.id, person.id
                ),
                at: bundle.at("/entitlements"),
            });
        }
        if one {
            found.push(reference);
        }
    }
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
