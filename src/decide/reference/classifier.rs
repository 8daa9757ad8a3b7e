//! The classifier says what the full engine says, or that it does not know.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    compare::seeds,
    draw::{Draw, world},
    more::enrich,
    world::World,
};
use crate::{
    decide::{
        access::decide,
        asked::MaybeHistory,
        classifier::{Came, Classifier, NotCovered, Reasons, Short, Subject},
        decision::{Decision, Outcome, Step},
        engine::Engine,
        peers::History,
    },
    model::{EntitlementRef, Kind, Rulebook, access::Mode, request::Request, scenario::Verdict},
};

/// As many decisions as the name of an entitlement has letters.
#[derive(Debug)]
struct Counted;

impl History for Counted {
    fn decided(&self, peer_values: &[String], entitlement: &EntitlementRef) -> (u64, u64) {
        (peer_values.len() as u64, entitlement.to_string().bytes().map(u64::from).sum::<u64>() % 4)
    }
}

fn short(decision: &Decision<'_>) -> Short {
    let rules = decision.items.iter().filter_map(|item| item.rule.clone()).collect();
    Short { verdict: decision.verdict, rules }
}

/// What both say; an error where the classifier does not know.
fn both(
    book: &Rulebook,
    world: &World,
    history: MaybeHistory<'_>,
) -> Vec<(Short, Result<Short, NotCovered>)> {
    let engine = Engine::new(book).unwrap();
    let classifier = Classifier::new(&engine);
    let of = |(request, now): &(Request, Timestamp)| {
        let full = short(&decide(&engine, request, *now, history));
        let fast = classifier.verdict(request, *now, history).map(|outcome| Short {
            verdict: outcome.verdict,
            rules: outcome.rule.into_iter().map(|rule| classifier.rule(rule).unwrap().clone()).collect(),
        });
        if fast.is_err() {
            assert_eq!(classifier.decide(request, *now, history), full, "what it does not know it asks");
        }
        (full, fast)
    };
    world.asked().iter().map(of).collect()
}

fn differ(book: &Rulebook, world: &World, history: MaybeHistory<'_>) -> Option<usize> {
    both(book, world, history).into_iter().position(|(full, fast)| fast.is_ok_and(|fast| fast != full))
}

#[test]
fn the_classifier_says_what_the_full_engine_says() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in seeds(300) {
        let mut draw = Draw::new(seed);
        let mut drawn = world(&mut draw, 20);
        if seed % 4 > 0 {
            enrich(&mut draw, &mut drawn);
        }
        let book = drawn.book().unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}\n{}", drawn.text()));
        let history: MaybeHistory<'_> = if seed % 2 == 0 { None } else { Some(&Counted) };
        for (index, (full, fast)) in both(&book, &drawn, history).into_iter().enumerate() {
            let name = match &fast {
                Ok(fast) => format!("{}, {} rules", fast.verdict.name(), fast.rules.len()),
                Err(why) => format!("{why:?}"),
            };
            *seen.entry(name).or_default() += 1;
            if fast.is_ok_and(|fast| fast != full) {
                explain(seed, &drawn, index, history);
            }
        }
    }
    let total: usize = seen.values().sum();
    if total > 5_000 {
        let known: usize =
            seen.iter().filter(|(name, _)| name.contains("rules")).map(|(_, count)| count).sum();
        assert!(known * 100 > total * 55, "most requests are answered without the full engine: {seen:?}");
        for name in
            ["approved, 1 rules", "denied, 0 rules", "denied, 1 rules", "needs-approval, 1 rules", "Duties"]
        {
            assert!(seen.get(name).is_some_and(|count| *count > 30), "{name} in {seen:?}");
        }
    }
}

/// Fails with the least repository in which the two differ.
fn explain(seed: u64, drawn: &World, index: usize, history: MaybeHistory<'_>) -> ! {
    let mut one = drawn.clone();
    one.requests = vec![drawn.requests[index].clone()];
    let least = one.least(&|world| {
        let differ = || world.book().is_ok_and(|book| differ(&book, world, history).is_some());
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(differ)).unwrap_or(false)
    });
    let found = both(&least.book().unwrap(), &least, history);
    panic!("seed {seed}: {:?}\n{}{}\n{found:#?}", least.requests[0], least.settings, least.text());
}

#[test]
fn the_guardrails_that_match_are_those_of_the_full_engine() {
    let mut seen = 0;
    for seed in seeds(60) {
        let mut draw = Draw::new(seed);
        let mut drawn = world(&mut draw, 20);
        enrich(&mut draw, &mut drawn);
        let book = drawn.book().unwrap();
        let engine = Engine::new(&book).unwrap();
        let classifier = Classifier::new(&engine);
        for (request, now) in drawn.asked() {
            let full = decide(&engine, &request, now, None);
            let Ok(interned) = classifier.intern(&request, now, None) else { continue };
            if classifier.classify(&interned).is_err() || full.items.is_empty() {
                continue;
            }
            let matched = full.considered().filter(|considered| {
                considered.rule.kind == Kind::Guardrail
                    && considered.mode == Mode::Enforce
                    && !matches!(considered.outcome, Outcome::NotMatched)
            });
            let expected: Vec<String> = matched.map(|considered| considered.rule.id.to_string()).collect();
            let found: Vec<String> =
                classifier.guardrails(&interned).iter().map(|guardrail| guardrail.id.to_string()).collect();
            assert_eq!(found, expected, "seed {seed}: {request:?}");
            seen += expected.len();
        }
    }
    assert!(seen > 0, "guardrails matched");
}

#[test]
fn the_reasons_are_those_of_the_full_engine() {
    let mut seen = BTreeMap::new();
    for seed in seeds(200) {
        let mut draw = Draw::new(seed);
        let mut drawn = world(&mut draw, 20);
        enrich(&mut draw, &mut drawn);
        let book = drawn.book().unwrap();
        let engine = Engine::new(&book).unwrap();
        let classifier = Classifier::new(&engine);
        let guardrails: Vec<_> = book.guardrails.iter().map(|guardrail| guardrail.id.as_str()).collect();
        let mut reasons = Reasons::default();
        for (request, now) in drawn.asked() {
            let full = decide(&engine, &request, now, None);
            let Ok(interned) = classifier.intern(&request, now, None) else { continue };
            if classifier.reasons(&interned, &mut reasons).is_err() {
                continue;
            }
            let expected = full.considered().filter(|considered| considered.step != Step::Duties);
            let expected: Vec<_> = expected
                .map(|one| {
                    let tests = one.because.iter().map(|because| (because.test, because.passed));
                    let came = match one.outcome {
                        Outcome::Matched => Came::Matched,
                        Outcome::NotMatched => Came::NotMatched,
                        Outcome::Waived(_) => Came::Waived,
                    };
                    (one.rule.to_string(), came, one.mode, tests.collect::<Vec<_>>())
                })
                .collect();
            let found = reasons.considered().iter().map(|one| {
                let name = match one.subject {
                    Subject::Guardrail(place) => format!("guardrail:{}", guardrails[place as usize]),
                    Subject::Rule(rule) => classifier.rule(rule).unwrap().to_string(),
                };
                (name, one.came, one.mode, reasons.tests(one).to_vec())
            });
            assert_eq!(found.collect::<Vec<_>>(), expected, "seed {seed}: {request:?}");
            for (_, came, ..) in expected {
                *seen.entry(format!("{came:?}")).or_insert(0) += 1;
            }
        }
    }
    assert!(
        seen.values().sum::<i32>() < 1_000 || seen.len() == 3,
        "all that can come of a rule was seen: {seen:?}"
    );
}

#[test]
fn an_outcome_is_never_invalid() {
    for seed in seeds(20) {
        let drawn = world(&mut Draw::new(seed), 20);
        for (full, fast) in both(&drawn.book().unwrap(), &drawn, None) {
            assert!(full.verdict != Verdict::Invalid || fast.is_err(), "seed {seed}");
        }
    }
}
