//! What requests are decided otherwise, and whether a gate stops it.

use jiff::Timestamp;

use super::{FailOn, sides::Side};
use crate::{
    diag::{Diagnostic, Level},
    impact::decisions::{self, Budget},
    load::Completeness,
    report::{
        consequence::{self, ThemeView},
        impact::Consequences,
    },
};

/// Compares how the two versions decide. Nothing is decided with a rulebook that has errors.
pub(super) fn compare(before: &Side, after: &Side, now: Option<Timestamp>, max_steps: usize) -> Consequences {
    for (side, name) in [(before, "before"), (after, "after")] {
        let stands = |found: &Diagnostic| found.code.fixed && found.level == Level::Error;
        if side.loaded.completeness != Completeness::Whole || side.loaded.found.iter().any(stands) {
            return Consequences::NotCompared(format!("the rulebook {name} the change has errors"));
        }
    }
    let (old, new) = (&before.loaded.rulebook, &after.loaded.rulebook);
    let budget = Budget { nodes: max_steps, states: max_steps };
    match decisions::compare(old, new, now.unwrap_or_else(Timestamp::now), budget) {
        Ok(found) => Consequences::Compared(consequence::view(&found)),
        Err(why) => Consequences::NotCompared(why.to_string()),
    }
}

/// How many changes a gate stops.
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
