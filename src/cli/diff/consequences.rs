//! What is decided and promised otherwise, and whether a gate stops it.

use jiff::Timestamp;

use super::FailOn;
use crate::{
    diag::{Diagnostic, Level},
    impact::{
        commitments,
        decisions::{self, Budget, Names},
        grants,
    },
    load::{Completeness, Loaded},
    report::{
        commitment,
        consequence::{self, ThemeView},
        impact::{Consequences, Grants, GrantsView, Promises},
    },
};

/// Compares how the two versions decide, and names everybody where that is asked for. Nothing is decided with a rulebook that
/// has errors.
pub(in crate::cli) fn decisions(
    before: &Loaded,
    after: &Loaded,
    now: Option<Timestamp>,
    (budget, named): (Budget, bool),
) -> Consequences {
    if let Some(why) = broken(before, after) {
        return Consequences::NotCompared(why);
    }
    let (old, new) = (&before.rulebook, &after.rulebook);
    let now = now.unwrap_or_else(Timestamp::now);
    let compared = decisions::compare(old, new, now, budget).and_then(|found| {
        let mut view = consequence::view(&found);
        if named {
            view.name(&found, &Names::of(new, now)?);
        }
        Ok(view)
    });
    match compared {
        Ok(view) => Consequences::Compared(view),
        Err(why) => Consequences::NotCompared(why.to_string()),
    }
}

/// What becomes of the ledger, of which at most `most` grants are listed. Nothing is known of a rulebook that has errors.
pub(super) fn grants(before: &Loaded, after: &Loaded, now: Option<Timestamp>, most: usize) -> Grants {
    if let Some(why) = broken(before, after) {
        return Grants::NotCompared(why);
    }
    match grants::compare(&before.rulebook, &after.rulebook, now.unwrap_or_else(Timestamp::now)) {
        Ok(found) => Grants::Compared(GrantsView::new(&found, most)),
        Err(why) => Grants::NotCompared(why.to_string()),
    }
}

/// Compares what the two versions promise. Nothing is promised by a rulebook that has errors.
pub(super) fn promises(before: &Loaded, after: &Loaded, now: Option<Timestamp>) -> Promises {
    if let Some(why) = broken(before, after) {
        return Promises::NotCompared(why);
    }
    let (old, new) = (&before.rulebook, &after.rulebook);
    match commitments::compare(old, new, now.unwrap_or_else(Timestamp::now)) {
        Ok(found) => Promises::Compared(commitment::view(&found)),
        Err(why) => Promises::NotCompared(why.to_string()),
    }
}

/// Why nothing can be compared.
fn broken(before: &Loaded, after: &Loaded) -> Option<String> {
    for (loaded, name) in [(before, "before"), (after, "after")] {
        let stands = |found: &Diagnostic| found.code.fixed && found.level == Level::Error;
        if loaded.completeness != Completeness::Whole || loaded.found.iter().any(stands) {
            return Some(format!("the rulebook {name} the change has errors"));
        }
    }
    None
}

/// How many changes of promises a gate stops: what is promised less, what may be, and what could not be compared and nobody
/// acknowledged.
pub(super) fn weakened(promises: &Promises, fail_on: &[FailOn]) -> usize {
    let Promises::Compared(view) = promises else { return 0 };
    let named = |one: FailOn| fail_on.contains(&one);
    let stops = |case: &&commitment::CaseView| {
        !case.acknowledged && (named(FailOn::Any) || (named(FailOn::Loosens) && case.loosens))
    };
    let unknown = if named(FailOn::Any) || named(FailOn::Loosens) {
        view.unknown.iter().filter(|unknown| !unknown.acknowledged).count()
    } else {
        0
    };
    view.told().iter().filter(stops).count() + unknown
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
    // What cannot be seen may loosen anything, and what binds access less does.
    let unseen = if fail_on.iter().any(|one| matches!(one, FailOn::Loosens | FailOn::Any)) {
        let unseen = view.unseen.iter().filter(|unseen| !unseen.acknowledged).count();
        unseen + view.eased.iter().filter(|eased| !eased.acknowledged).count()
    } else {
        0
    };
    view.themes.iter().filter(stops).count() + unseen
}
