//! What scenarios reach and notice, with the places looked up.

use std::fmt::Write as _;

use crate::{
    load::Loaded,
    model::{condition::Test, request::DatedRequest},
    report::{coverage as report, decision::words, lines::Lines},
    simulate::{
        coverage::Coverage,
        mutation::{Change, Mutation},
    },
};

/// What scenarios reach.
pub(super) fn coverage(found: &Coverage, loaded: &Loaded, prefix: &str) -> report::Coverage {
    let uncovered = || found.rules.iter().filter(|rule| rule.is_unreached() || rule.is_never_passed_over());
    let lines = Lines::of(uncovered().map(|rule| &rule.at), &loaded.sources, prefix);
    report::Coverage {
        covered: found.covered(),
        rules: found.rules.len(),
        uncovered: uncovered()
            .map(|rule| report::Uncovered {
                rule: rule.rule.to_string(),
                place: lines.line(&rule.at),
                matched: rule.matched,
                passed_over: rule.passed_over,
            })
            .collect(),
        entitlements: found.of_entitlements,
        never_asked_for: found.entitlements.iter().map(ToString::to_string).collect(),
        cells: found.of_cells,
        never_reached: found
            .cells
            .iter()
            .map(|cell| report::Cell {
                matrix: cell.matrix.to_string(),
                row: cell.row.clone(),
                column: cell.column.clone(),
            })
            .collect(),
    }
}

/// What scenarios notice.
pub(super) fn mutation(found: &Mutation, loaded: &Loaded, prefix: &str) -> report::Mutation {
    let lines =
        Lines::of(found.survivors.iter().map(|survivor| &survivor.mutant.at), &loaded.sources, prefix);
    let test = |test: &Test| format!("`{} {}`", test.attribute(), words::wanted(test));
    report::Mutation {
        tried: found.tried,
        survivors: found
            .survivors
            .iter()
            .map(|survivor| report::Survivor {
                rule: survivor.mutant.rule.to_string(),
                place: lines.line(&survivor.mutant.at),
                change: match &survivor.mutant.change {
                    Change::Inverted(condition) => format!("can be inverted: {}", test(condition)),
                    Change::Dropped(condition) => format!("can be dropped: {}", test(condition)),
                    Change::Without(what) => format!("can do without `{what}`"),
                    Change::Removed => "can be removed as a whole".to_owned(),
                },
                looked: survivor.looked,
                scenario: survivor.witness.as_ref().map(as_toml),
            })
            .collect(),
    }
}

/// A request as the beginning of a scenario.
fn as_toml(dated: &DatedRequest) -> String {
    let request = &dated.request;
    let mut text = String::new();
    if let Some(now) = dated.now {
        let _ = writeln!(text, "now = {now}");
    }
    let _ = writeln!(text, "request.requester = \"{}\"", request.requester);
    let names: Vec<String> = request.entitlements.iter().map(|name| format!("\"{name}\"")).collect();
    let _ = writeln!(text, "request.entitlements = [{}]", names.join(", "));
    if let Some(duration) = request.duration {
        let _ = writeln!(text, "request.duration = \"{duration}\"");
    }
    text
}
