//! Whether a change is decided as a scenario says.

use crate::{
    decide::change::{ChangeDecision, ChangeDenial},
    model::expectation::{Expectation, ExpectedVerdict, InWindow},
    simulate::scenario::differences::Differences,
};

/// What is otherwise than expected. What is not written is not compared.
pub(super) fn compare(expected: &Expectation, decision: &ChangeDecision<'_>, found: &mut Differences) {
    let undecidable = decision.denials.iter().find_map(|denial| match denial {
        ChangeDenial::Undecidable(why) => Some(why),
        _ => None,
    });
    let verdict = match undecidable {
        Some(why) => format!("undecidable: {why}"),
        None => decision.verdict.to_string(),
    };
    let is_as_expected = expected.verdict.map(ExpectedVerdict::name) == Some(&*verdict);
    found.compare("verdict", expected.verdict.map(|verdict| verdict.to_string()), || verdict);
    let rules: Vec<String> = decision.rules().iter().map(ToString::to_string).collect();
    found.rules(expected, &rules);
    let none = || "none".to_owned();
    found.compare("model", expected.model.as_ref().map(ToString::to_string), || {
        decision.model.map_or_else(none, |model| model.id.to_string())
    });
    found.compare("risk", expected.risk.map(|risk| risk.to_string()), || {
        decision.assessed.as_ref().map_or_else(none, |assessed| assessed.risk.to_string())
    });
    found.compare("window", expected.window.map(|window| window.to_string()), || {
        let window = match &decision.window {
            None => InWindow::None,
            Some(window) if window.outside.is_none() => InWindow::Inside,
            Some(_) => InWindow::Outside,
        };
        window.to_string()
    });
    let freezes = decision.freezes.iter().map(|frozen| frozen.freeze.name.clone()).collect();
    found.set("freezes", expected.freezes.clone(), freezes);
    let instant = |deadline: &crate::decide::change::Deadline<'_>| deadline.instant;
    found.instant("earliest", expected.earliest, decision.lead.as_ref().and_then(instant));
    found.instant("due/review", expected.due.review, decision.review.as_ref().and_then(instant));
    // Who is asked is only known where somebody is, and why it is denied only where it is.
    if !is_as_expected {
        return;
    }
    let problems = decision.problems.iter().map(|_| "invalid-change".to_owned());
    let reasons = decision.denials.iter().map(|denial| denial.name().to_owned());
    found.set("reasons", expected.reasons.clone(), problems.chain(reasons).collect());
    found.stages(expected, &decision.stages);
    found.instant("due/approval", expected.due.approval, decision.stages.last().and_then(|stage| stage.due));
}
