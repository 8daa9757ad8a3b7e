//! Whether people who join, move or leave are given and lose what a scenario says.

use crate::{
    decide::{
        engine::Engine,
        ledger::HeldBy,
        lifecycle::{Given, Lifecycle},
    },
    model::{Entry, Kind, Ref, Selector, expectation::Expectation, person::Person, scenario::Verdict},
    simulate::scenario::{came, differences::Differences, reach},
};

/// The person whom a scenario is about.
pub(super) fn find<'a>(
    engine: &Engine<'a>,
    person: &Ref<Person>,
    found: &mut Differences,
) -> Option<&'a Entry<Person>> {
    let known = engine.rulebook().people.get(person.as_str());
    if known.is_none() {
        found.differ(
            "expect",
            "somebody in the directory".to_owned(),
            format!("there is no person `{person}`"),
        );
    }
    known
}

/// Every rule that was looked at, and whether it matched: the bundles, and what was decided about what they give.
pub(super) fn looked_at(
    engine: &Engine<'_>,
    person: &Entry<Person>,
    changes: &Lifecycle<'_>,
) -> Vec<(Selector, bool)> {
    let mut found = reach::bundles(engine, person);
    for given in &changes.given {
        found.extend(given.decision.considered().map(came));
        found.extend(reach::decision(engine, &given.decision));
    }
    found
}

/// What is otherwise than expected. What is not written is not compared.
pub(super) fn compare(expected: &Expectation, changes: &Lifecycle<'_>, found: &mut Differences) {
    let bundle =
        |id: &crate::model::Id| Selector { kind: Kind::Bundle, id: id.clone(), part: None }.to_string();
    let mut rules: Vec<String> = changes.given.iter().map(|given| bundle(&given.bundle.id)).collect();
    for removed in &changes.removed {
        rules.push(match removed.held_by {
            HeldBy::Bundle(held) => bundle(&held.id),
            HeldBy::Grant(grant) => {
                Selector { kind: Kind::Grant, id: grant.id.clone(), part: None }.to_string()
            }
        });
    }
    rules.dedup();
    found.rules(expected, &rules);
    let texts = |list: &Option<Vec<crate::model::EntitlementRef>>| -> Option<Vec<String>> {
        Some(list.as_ref()?.iter().map(ToString::to_string).collect())
    };
    // What somebody still has to agree to is not given yet.
    let approved = |given: &&Given<'_>| given.decision.verdict == Verdict::Approved;
    let given = changes.given.iter().filter(approved).flat_map(|given| &given.decision.asks_for);
    found.set("given", texts(&expected.given), given.map(ToString::to_string).collect());
    let reviewed = |verdicts: &'static [Verdict]| {
        let reviewed = changes.reviewed.iter().filter(move |one| verdicts.contains(&one.verdict));
        reviewed.map(|one| one.entitlement.to_string())
    };
    let removed = changes.removed.iter().map(|removed| removed.entitlement.to_string());
    let removed = removed.chain(reviewed(&[Verdict::Denied, Verdict::Invalid]));
    found.set("removed", texts(&expected.removed), removed.collect());
    let anew = reviewed(&[Verdict::NeedsApproval]);
    found.set("asked-anew", texts(&expected.asked_anew), anew.collect());
}
