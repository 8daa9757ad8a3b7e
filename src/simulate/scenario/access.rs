//! Whether a request is decided as a scenario says.

use crate::{
    decide::decision::{Decision, Denial},
    model::expectation::{Expectation, ExpectedVerdict},
    simulate::scenario::differences::Differences,
};

/// What is otherwise than expected. What is not written is not compared.
pub(super) fn compare(expected: &Expectation, decision: &Decision<'_>, found: &mut Differences) {
    let undecidable = decision.denials.iter().find_map(|denial| match denial {
        Denial::Undecidable(why) => Some(why),
        _ => None,
    });
    // What cannot be decided is denied, but it is no decision that anybody could expect.
    let verdict = match undecidable {
        Some(why) => format!("undecidable: {why}"),
        None => decision.verdict.to_string(),
    };
    let is_as_expected = expected.verdict.map(ExpectedVerdict::name) == Some(&*verdict);
    found.compare("verdict", expected.verdict.map(|verdict| verdict.to_string()), || verdict);
    let rules: Vec<String> = decision.rules().into_iter().map(ToString::to_string).collect();
    found.rules(expected, &rules);
    // Who is asked is only known where somebody is: elsewhere the verdict says it all.
    if !is_as_expected {
        return;
    }
    let problems = decision.problems.iter().map(|_| "invalid-request".to_owned());
    let reasons = decision.denials.iter().map(|denial| denial.name().to_owned());
    found.set("reasons", expected.reasons.clone(), problems.chain(reasons).collect());
    found.stages(expected, &decision.stages);
    found.instant("expires", expected.expires, decision.expires());
    found.instant("due/approval", expected.due.approval, decision.stages.last().and_then(|stage| stage.due));
    for (priority, due) in &expected.due.delivery {
        let clock = decision.delivery.iter().flat_map(|delivery| &delivery.due);
        let clock = clock.filter(|(known, _)| *known == priority).find_map(|(_, clock)| clock.due);
        found.instant(&format!("due/delivery/{priority}"), Some(*due), clock);
    }
}
