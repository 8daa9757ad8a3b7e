//! What is decided and promised otherwise, and whether a gate stops it.

use jiff::Timestamp;

use super::{FailOn, sides::Side};
use crate::{
    diag::{Diagnostic, Level},
    impact::{
        commitments,
        decisions::{self, Budget},
    },
    load::Completeness,
    report::{
        commitment,
        consequence::{self, ThemeView},
        impact::{Consequences, Promises},
    },
};

/// Compares how the two versions decide, and what they promise. Nothing is decided with a rulebook that has errors.
pub(super) fn compare(before: &Side, after: &Side, now: Option<Timestamp>) -> (Consequences, Promises) {
    if let Some(why) = broken(before, after) {
        return (Consequences::NotCompared(why.clone()), Promises::NotCompared(why));
    }
    let (old, new) = (&before.loaded.rulebook, &after.loaded.rulebook);
    let now = now.unwrap_or_else(Timestamp::now);
    let decisions = match decisions::compare(old, new, now, Budget::default()) {
        Ok(found) => Consequences::Compared(consequence::view(&found)),
        Err(why) => Consequences::NotCompared(why.to_string()),
    };
    let commitments = match commitments::compare(old, new, now) {
        Ok(found) => Promises::Compared(commitment::view(&found)),
        Err(why) => Promises::NotCompared(why.to_string()),
    };
    (decisions, commitments)
}

/// Why nothing can be compared.
fn broken(before: &Side, after: &Side) -> Option<String> {
    for (side, name) in [(before, "before"), (after, "after")] {
        let stands = |found: &Diagnostic| found.code.fixed && found.level == Level::Error;
        if side.loaded.completeness != Completeness::Whole || side.loaded.found.iter().any(stands) {
            return Some(format!("the rulebook {name} the change has errors"));
        }
    }
    None
}

/// How many changes of promises a gate stops: what is promised less, what may be, and what could not be compared.
pub(super) fn weakened(promises: &Promises, fail_on: &[FailOn]) -> usize {
    let Promises::Compared(view) = promises else { return 0 };
    let named = |one: FailOn| fail_on.contains(&one);
    let stops = |case: &&commitment::CaseView| {
        !case.acknowledged && (named(FailOn::Any) || (named(FailOn::Loosens) && case.loosens))
    };
    let unknown = if named(FailOn::Any) || named(FailOn::Loosens) { view.unknown.len() } else { 0 };
    view.cases.iter().filter(stops).count() + unknown
}

/// How many changes of decisions a gate stops.
pub(super) fn stopped(consequences: &Consequences, fail_on: &[FailOn]) -> usize {
    let Consequences::Compared(view) = consequences else { return 0 };
    let stops = |theme: &&ThemeView| {
        !theme.acknowledged
            && fail_on.iter().any(|fail_on| match fail_on {
                FailOn::Loosens => theme.is_gated(),
                FailOn::Undecidable => theme.nobody,
                FailOn::Any => true,
            })
    };
    // What cannot be seen may loosen anything.
    let unseen = if fail_on.iter().any(|one| matches!(one, FailOn::Loosens | FailOn::Any)) {
        view.unseen.len()
    } else {
        0
    };
    view.themes.iter().filter(stops).count() + unseen
}
