//! What a decision never depends on, and which changes never loosen or tighten it.

use std::collections::BTreeSet;

use super::{
    compare::{decided, seeds},
    draw::{Draw, guardrail, world},
    steps::Answer,
    world::World,
};
use crate::{
    decide::{access::decide, engine::Engine},
    model::{Rulebook, scenario::Verdict},
};

const REQUESTS: usize = 10;

/// What is decided about each request of a world.
fn answers(world: &World) -> Vec<Answer> {
    of_book(&world.book().unwrap_or_else(|wrong| panic!("{wrong}\n{}", world.text())), world)
}

fn of_book(book: &Rulebook, world: &World) -> Vec<Answer> {
    let engine = Engine::new(book).unwrap();
    world.asked().iter().map(|(request, now)| decided(&decide(&engine, request, *now, None))).collect()
}

/// Looks at drawn worlds before and after a change; a change that has nothing to change says so. A difference
/// is shown with the least world that has it.
fn each(
    usual: u64,
    prepare: impl Fn(&mut World),
    change: impl Fn(&World, u64) -> Option<World>,
    holds: impl Fn(&Answer, &Answer) -> bool,
) -> usize {
    let mut seen = 0;
    for seed in seeds(usual) {
        let mut before = world(&mut Draw::new(seed), REQUESTS);
        prepare(&mut before);
        let Some(after) = change(&before, seed) else { continue };
        for (index, (one, other)) in answers(&before).iter().zip(answers(&after)).enumerate() {
            seen += 1;
            assert!(
                holds(one, &other),
                "seed {seed}, request {index}: {:?}\n{}\nbefore {one:#?}\nafter {other:#?}\nnow:\n{}",
                before.requests[index],
                before.text(),
                after.text(),
            );
        }
    }
    seen
}

/// From what is granted at once to what is not.
fn rank(answer: &Answer) -> u8 {
    match answer.verdict {
        Verdict::Approved => 0,
        Verdict::NeedsApproval => 1,
        Verdict::Denied => 2,
        Verdict::Invalid => 3,
    }
}

/// Whether it is denied for what an earlier end can mend, that it has none or overlaps with something, or for
/// what somebody who is asked can wait for.
fn can_be_mended(answer: &Answer) -> bool {
    ["no-end", "separation-of-duties", "missing-evidence"].iter().any(|name| answer.denials.contains(*name))
}

/// Whether something is at least as strict: no better verdict, no later end, no stage and no evidence less.
fn at_least_as_strict(one: &Answer, other: &Answer) -> bool {
    if rank(other) >= 2 {
        return rank(one) <= rank(other);
    }
    let ends = one.items.iter().zip(&other.items);
    rank(one) <= rank(other)
        && ends.into_iter().all(|((_, _, before), (_, _, after))| match (before, after) {
            (None, _) => true,
            (Some(before), after) => after.is_some_and(|after| after <= *before),
        })
        && one.stages.is_subset(&other.stages)
        && one.evidence.is_subset(&other.evidence)
}

#[test]
fn where_something_is_written_does_not_matter() {
    let seen = each(
        120,
        |_| (),
        |before, seed| {
            let mut draw = Draw::new(seed ^ 0xF00D);
            let mut after = before.clone();
            for index in (1..after.objects.len()).rev() {
                after.objects.swap(index, draw.below(index + 1));
            }
            Some(after)
        },
        |one, other| one == other,
    );
    assert!(seen > 0);
    for seed in seeds(120) {
        let drawn = world(&mut Draw::new(seed), REQUESTS);
        let spread = drawn.spread(2 + usize::try_from(seed % 7).unwrap()).unwrap();
        assert_eq!(of_book(&spread, &drawn), answers(&drawn), "seed {seed}\n{}", drawn.text());
    }
}

/// Other ids, which also sort the other way round.
fn renamed(text: &str) -> String {
    let mut found = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || character == '-' {
            word.push(character);
            continue;
        }
        match word.as_bytes() {
            [letter @ (b'a'..=b'z'), digit @ b'0'..=b'9'] => {
                found.push(char::from(*letter));
                found.push(char::from(b'0' + b'9' - *digit));
            }
            _ => found += &word,
        }
        word.clear();
        found.push(character);
    }
    found.pop();
    found
}

fn answer_renamed(answer: &Answer) -> Answer {
    let all = |names: &BTreeSet<String>| names.iter().map(|name| renamed(name)).collect();
    let stages = answer.stages.iter().cloned().map(|mut stage| {
        stage.name = renamed(&stage.name);
        stage.people = all(&stage.people);
        stage.pool = all(&stage.pool);
        stage
    });
    let items =
        answer.items.iter().map(|(item, rule, end)| (renamed(item), rule.as_deref().map(renamed), *end));
    Answer {
        verdict: answer.verdict,
        denials: answer.denials.clone(),
        rules: all(&answer.rules),
        items: items.collect(),
        stages: stages.collect(),
        evidence: answer.evidence.clone(),
        at_once: all(&answer.at_once),
        unclear: answer.unclear,
    }
}

/// Takes out what shows that two records are of one person: of these the first by its id is named.
fn one_record_each(world: &mut World) {
    let shows = |line: &String| line.starts_with("email = ") || line.starts_with("accounts.git = ");
    world.objects.iter_mut().for_each(|lines| lines.retain(|line| !shows(line)));
}

#[test]
fn other_ids_are_only_other_names() {
    let seen = each(
        120,
        one_record_each,
        |before, _| {
            let mut after = before.clone();
            after.settings = renamed(&after.settings);
            for line in after.objects.iter_mut().flatten() {
                *line = renamed(line);
            }
            for (request, _) in &mut after.requests {
                *request = serde_json::from_str(&renamed(&request.to_string())).unwrap();
            }
            Some(after)
        },
        |one, other| answer_renamed(one) == *other,
    );
    assert!(seen > 0);
}

/// Nor does it matter in which order a request names things.
#[test]
fn which_thing_is_named_first_does_not_matter() {
    let seen = each(
        200,
        |_| (),
        |before, _| {
            let mut after = before.clone();
            for (request, _) in &mut after.requests {
                request["entitlements"].as_array_mut().unwrap().reverse();
            }
            Some(after)
        },
        |one, other| {
            let mut other = other.clone();
            other.items.reverse();
            *one == other
        },
    );
    assert!(seen > 0);
}

#[test]
fn policies_about_another_service_change_nothing() {
    let other = [
        vec![
            "[service.other]",
            "name = \"Other\"",
            "lifecycle = \"active\"",
            "entitlement.one.name = \"One\"",
            "entitlement.one.risk = \"low\"",
        ],
        vec![
            "[access.other]",
            "applies-to.service = \"other\"",
            "rule = [{ id = \"all\", decision = \"deny\" }]",
        ],
        vec![
            "[guardrail.other]",
            "description = \"other\"",
            "applies-to.entitlement = \"other/one\"",
            "deny = true",
        ],
        vec![
            "[sod.other]",
            "description = \"other\"",
            "risk = \"low\"",
            "decision = \"deny\"",
            "entitlements = [\"other/one\"]",
            "against = [\"s0/e0\", \"s0/e1\", \"s1/e0\"]",
        ],
    ];
    let other = other.map(|object| object.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let seen = each(
        120,
        |_| (),
        |before, _| {
            let mut after = before.clone();
            after.objects.extend(other.clone());
            Some(after)
        },
        |one, other| one == other,
    );
    assert!(seen > 0);
}

#[test]
fn a_guardrail_never_loosens() {
    let seen = each(
        300,
        |_| (),
        |before, seed| {
            let mut after = before.clone();
            after.objects.push(guardrail(&mut Draw::new(seed ^ 0xBEEF), 9, "2026-06-15".parse().unwrap()));
            Some(after)
        },
        // A limit can keep two things apart in time or give an end to what has none, and whoever is asked waits
        // for what is missing: the verdict is another, and what has to be brought and voted is no less.
        |without, with| can_be_mended(without) || at_least_as_strict(without, with),
    );
    assert!(seen > 0);
}

#[test]
fn without_an_exception_nothing_is_looser() {
    let seen = each(
        300,
        |_| (),
        |before, _| {
            let exceptions = |object: &Vec<String>| object[0].starts_with("[exception.");
            let mut after = before.clone();
            let last = after.objects.iter().rposition(exceptions)?;
            // The exception to a rule of a policy is no loosening: another rule decides in its place.
            after.objects[last].iter().all(|line| !line.contains("access:")).then_some(())?;
            after.objects.remove(last);
            Some(after)
        },
        |with, without| {
            // The rule that was waived can be such a limit, or ask somebody.
            can_be_mended(with) || rank(with) <= rank(without)
        },
    );
    assert!(seen > 0);
}

#[test]
fn more_evidence_is_never_stricter() {
    let seen = each(
        300,
        |_| (),
        |before, _| {
            let mut after = before.clone();
            // Conditions can ask whether there is a reason or a ticket, so only what they cannot ask about.
            for (request, _) in &mut after.requests {
                request["evidence"] = serde_json::json!(["training", "mfa", "agreement"]);
                request["project"] = serde_json::json!("P");
            }
            Some(after)
        },
        |less, more| rank(more) <= rank(less) && (rank(less) == 2 || less.stages == more.stages),
    );
    assert!(seen > 0);
}

#[test]
fn whoever_is_gone_approves_nothing() {
    let seen = each(
        300,
        |world| {
            // No condition is about the state of somebody, and nobody stands in for who is gone.
            let kept = |line: &String| !line.contains(".status") && !line.starts_with("fallback");
            world.objects.iter_mut().for_each(|object| object.retain(kept));
        },
        |before, seed| {
            let mut after = before.clone();
            let gone = format!("[person.u{}]", seed % 8);
            let person = after.objects.iter_mut().find(|object| object[0] == gone)?;
            person.retain(|line| !line.starts_with("status"));
            person.push("status = \"inactive\"".to_owned());
            Some(after)
        },
        |here, gone| {
            let people = |answer: &Answer| -> BTreeSet<(String, String)> {
                let of = |stage: &super::steps::Asked| {
                    let name = stage.name.clone();
                    stage.people.iter().map(move |person| (name.clone(), person.clone())).collect::<Vec<_>>()
                };
                answer.stages.iter().flat_map(of).collect()
            };
            // All of fewer people can be easier to find, so what was denied need not stay so.
            rank(here) > 1 || rank(here) <= rank(gone) && people(gone).is_subset(&people(here))
        },
    );
    assert!(seen > 0);
}
