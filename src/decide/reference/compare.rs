//! The engine and the second computation decide alike.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{
    draw::{Draw, world},
    steps::{Answer, Asked, answer},
    wide::widen,
    world::World,
};
use crate::{
    decide::{access::decide, decision::Decision, engine::Engine},
    model::{Rulebook, request::Request, scenario::Verdict},
};

/// How many repositories are drawn, and from which seed on.
pub(crate) fn seeds(usual: u64) -> std::ops::Range<u64> {
    let read = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let long = read("GITSM_LONG").is_some_and(|long| long > 0);
    let count = read("PROPTEST_CASES").unwrap_or(if long { (usual * 500).min(200_000) } else { usual });
    let first = read("GITSM_SEED").unwrap_or(0);
    first..first + count
}

/// What the engine decides, without anything about how.
pub(crate) fn decided(decision: &Decision<'_>) -> Answer {
    let stages = decision.stages.iter().map(|stage| Asked {
        name: stage.name(),
        people: stage.approvers.iter().map(|person| person.id.to_string()).collect(),
        pool: stage.approvers.iter().chain(&stage.escalation).map(|person| person.id.to_string()).collect(),
        needed: stage.needed,
        distinct: stage.workflow.distinct,
    });
    let items = decision.items.iter().map(|item| {
        let name = format!("{}/{}", item.offer.service.id, item.offer.id);
        (name, item.rule.as_ref().map(ToString::to_string), item.expires)
    });
    let evidence = decision.obligations.iter();
    let at_once = decision.items.iter().filter(|item| item.verdict == Verdict::Approved);
    Answer {
        verdict: decision.verdict,
        denials: decision.denials.iter().map(|denial| denial.name().to_owned()).collect(),
        rules: decision.rules().into_iter().map(ToString::to_string).collect(),
        items: items.collect(),
        stages: stages.collect(),
        evidence: evidence.map(|found| (found.evidence.name().to_owned(), found.met)).collect(),
        at_once: at_once.map(|item| format!("{}/{}", item.offer.service.id, item.offer.id)).collect(),
        unclear: false,
    }
}

/// What both decide about each request.
pub(crate) fn both(book: &Rulebook, world: &World) -> Vec<(Answer, Answer)> {
    let engine = Engine::new(book).unwrap();
    let of = |(request, now): &(Request, jiff::Timestamp)| {
        (decided(&decide(&engine, request, *now, None)), answer(book, request, *now))
    };
    world.asked().iter().map(of).collect()
}

/// Whether the two agree on everything that matters: for a denial its reasons, otherwise everything.
fn agree(one: &Answer, other: &Answer) -> bool {
    if one.denials.contains("undecidable") {
        // It stops at the first rule that asks what nobody knows.
        return other.unclear;
    }
    let other = &Answer { unclear: false, ..other.clone() };
    if one.verdict != other.verdict {
        return false;
    }
    match one.verdict {
        Verdict::Invalid => true,
        Verdict::Denied => one.denials == other.denials && one.rules == other.rules,
        Verdict::Approved | Verdict::NeedsApproval => one == other,
    }
}

#[test]
fn the_engine_decides_as_the_second_computation_does() {
    // A hundred thousand requests, on every core.
    let looked = seeds(5_000).into_par_iter().map(|seed| {
        let mut verdicts = BTreeSet::new();
        let mut draw = Draw::new(seed);
        let mut drawn = world(&mut draw, 20);
        // Half of them as they are: what is wider hides what is simple.
        if seed % 2 == 0 {
            widen(&mut draw, &mut drawn);
        }
        let book = drawn.book().unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}\n{}", drawn.text()));
        for (index, (engine, reference)) in both(&book, &drawn).into_iter().enumerate() {
            if !agree(&engine, &reference) {
                explain(seed, &drawn, index);
            }
            verdicts.insert((engine.verdict.name(), engine.denials));
        }
        (1, verdicts)
    });
    let (seen, verdicts) = looked.reduce(
        || (0, BTreeSet::new()),
        |(seen, mut verdicts), (more, others)| {
            verdicts.extend(others);
            (seen + more, verdicts)
        },
    );
    assert!(
        seen > 0 && (seen < 250 || verdicts.len() > 15),
        "all sorts of decisions were seen: {verdicts:?}"
    );
}

/// Fails with the least repository in which the two differ.
fn explain(seed: u64, drawn: &World, index: usize) -> ! {
    let mut one = drawn.clone();
    one.requests = vec![drawn.requests[index].clone()];
    let least = one.least(&|world| {
        let differ = || {
            world.book().is_ok_and(|book| both(&book, world).iter().any(|(one, other)| !agree(one, other)))
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(differ)).unwrap_or(false)
    });
    let (engine, reference) = both(&least.book().unwrap(), &least).remove(0);
    panic!(
        "seed {seed}, request {index}: {:?}\n{}{}\nengine {engine:#?}\nreference {reference:#?}",
        least.requests[0],
        least.settings,
        least.text()
    );
}
