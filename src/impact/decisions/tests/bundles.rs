//! What comes with bundles: whoever is denied one thing in a bundle is given none of it.

use std::fmt::Write as _;

use super::*;
use crate::decide::{
    birthright,
    reference::{compare::seeds, draw::Draw},
};

const ADMIN: &str = r#"{ id = "admin", when.entitlement.id = "mail/admin", "#;
const AUTO: &str = r#"decision = "auto-approve""#;

fn bundle(entitlements: &str) -> String {
    format!(
        "[bundle.b]\nname = \"B\"\nwhen.subject.department = \"legal\"\nentitlements = [{entitlements}]\n"
    )
}

/// A bundle, and a policy that approves everything but decides otherwise about `mail/admin`.
fn book(entitlements: &str, admin: &str) -> String {
    bundle(entitlements) + &policy(&format!("{ADMIN}{admin} }}, {{ id = \"r\", {AUTO} }}"))
}

const BOTH: &str = r#""mail/read", "mail/admin""#;
const ONE: &str = r#""mail/read""#;
const BROUGHT: &str = r#"require = ["justification"], decision = "auto-approve""#;
const DENY: &str = r#"decision = "deny""#;
const ASK: &str = r#"decision.workflow = "one""#;

/// What comes or does not come any more with bundles, and to how many.
fn given(before: &str, after: &str) -> Vec<(Direction, Vec<String>, usize)> {
    let found = cases(before, after);
    let found = found.iter().filter(|case| case.cause == Cause::Birthright);
    found
        .map(|case| {
            let things = case.entitlements.iter().map(ToString::to_string).collect();
            (case.direction, things, case.touched.people)
        })
        .collect()
}

/// Both things of the bundle, each by the rule that is read about it.
fn each(way: Direction) -> Vec<(Direction, Vec<String>, usize)> {
    ["mail/admin", "mail/read"].map(|thing| (way, vec![thing.to_owned()], 1)).to_vec()
}

#[test]
fn what_denies_one_thing_of_a_bundle_takes_all_of_it() {
    let read = |way: Direction| vec![(way, vec!["mail/read".to_owned()], 1)];
    for denies in [BROUGHT, DENY] {
        // It is not in the bundle any more, or comes into it.
        assert_eq!(given(&book(BOTH, denies), &book(ONE, denies)), read(Direction::Loosens), "{denies}");
        assert_eq!(given(&book(ONE, denies), &book(BOTH, denies)), read(Direction::Tightens), "{denies}");
        // People are asked about it, who can wait for what is missing.
        assert_eq!(given(&book(BOTH, denies), &book(BOTH, ASK)), read(Direction::Loosens), "{denies}");
        assert_eq!(given(&book(BOTH, ASK), &book(BOTH, denies)), read(Direction::Tightens), "{denies}");
    }
    // Nobody denies any of it: what is asked about is not given, and what is not, is.
    assert_eq!(given(&book(BOTH, ASK), &book(ONE, ASK)), []);
    assert_eq!(given(&book(ONE, ASK), &book(BOTH, ASK)), []);
    // It is denied before and after.
    assert_eq!(given(&book(BOTH, DENY), &book(BOTH, BROUGHT)), []);
    // Both come, or neither does.
    assert_eq!(given(&book(BOTH, BROUGHT), &book(BOTH, AUTO)), each(Direction::Loosens));
}

#[test]
fn another_bundle_gives_it_all_the_same() {
    let other = "[bundle.c]\nname = \"C\"\nwhen.subject.department = [\"it\", \"legal\"]\nentitlements = [\"mail/read\"]\n";
    assert_eq!(given(&(book(BOTH, DENY) + other), &(book(ONE, DENY) + other)), []);
    let narrow = other.replace("\"it\", \"legal\"", "\"it\"");
    assert_eq!(given(&(book(BOTH, DENY) + &narrow), &(book(ONE, DENY) + &narrow)).len(), 1);
}

#[test]
fn what_nobody_may_hold_together_is_denied_in_one_bundle() {
    let apart = "[sod.s]\ndescription = \"d\"\nrisk = \"high\"\nentitlements = [\"mail/read\", \"mail/admin\"]\ndecision = \"deny\"\n";
    let (both, one) = (book(BOTH, AUTO), book(ONE, AUTO));
    assert_eq!(given(&both, &(both.clone() + apart)), each(Direction::Tightens));
    let read = vec!["mail/read".to_owned()];
    assert_eq!(given(&(both + apart), &(one.clone() + apart)), [(Direction::Loosens, read, 1)]);
    // Whoever holds the other one by a grant is not given it any more; nobody does.
    let read = vec!["mail/read".to_owned()];
    assert_eq!(given(&one, &(one.clone() + apart)), [(Direction::Tightens, read, 0)]);
}

#[test]
fn somebody_whose_manager_nobody_is_is_denied_all_of_a_bundle() {
    let manager =
        "workflow.boss = { name = \"Boss\", stage = [{ id = \"a\", approvers = [\"role:manager\"] }] }\n";
    let boss = r#"decision.workflow = "boss""#;
    let of = |things: &str, department: &str| {
        let book = book(things, boss).replace("\"legal\"", &format!("\"{department}\""));
        manager.to_owned() + &book
    };
    // Ana is in IT and has no manager, and Cleo has one.
    let found = given(&of(BOTH, "it"), &of(ONE, "it"));
    assert_eq!(found, [(Direction::Loosens, vec!["mail/read".to_owned()], 1)]);
    assert_eq!(given(&of(BOTH, "legal"), &of(ONE, "legal")), []);
}

/// A rulebook about the people of the base, and whether only conditions tell people apart in it.
fn drawn(draw: &mut Draw) -> (String, bool) {
    let mut plain = true;
    let mut text = "workflow.boss = { name = \"Boss\", stage = [{ id = \"a\", approvers = [\"role:manager\"] }] }\n\
         service.files = { name = \"Files\", lifecycle = \"active\", owner = \"person:ana\", entitlement.see = { name = \"See\", risk = \"low\" } }\n"
        .to_owned();
    let all = ["mail/read", "mail/admin", "files/see"];
    for id in ["b", "c"] {
        let held: Vec<String> =
            all.iter().filter(|_| draw.chance(65)).map(|one| format!("\"{one}\"")).collect();
        if held.is_empty() {
            continue;
        }
        let when = draw.pick(&["\"it\"", "[\"legal\", \"it\"]", "[\"legal\", \"sales\"]", "\"nobody\""]);
        let held = held.join(", ");
        write!(
            text,
            "[bundle.{id}]\nname = \"B\"\nwhen.subject.department = {when}\nentitlements = [{held}]\n"
        )
        .unwrap();
    }
    let mut rules = Vec::new();
    for (place, about) in all.iter().enumerate() {
        let decision = draw.pick(&[AUTO, AUTO, AUTO, DENY, ASK, r#"decision.workflow = "boss""#, BROUGHT]);
        plain &= !decision.contains("boss");
        let also = draw.pick(&[
            "",
            "",
            "when.subject.department = \"it\", ",
            "when.request.duration.max = \"9d\", ",
        ]);
        rules.push(format!("{{ id = \"r{place}\", when.entitlement.id = \"{about}\", {also}{decision} }}"));
    }
    rules.push(format!("{{ id = \"rest\", {} }}", draw.pick(&[AUTO, ASK, DENY])));
    write!(text, "[access.all]\napplies-to = \"everything\"\nrule = [{}]\n", rules.join(", ")).unwrap();
    if draw.chance(25) {
        let effect = draw.pick(&["deny = true", "require-approval = \"one\"", "require = [\"ticket\"]"]);
        write!(text, "[guardrail.g]\ndescription = \"d\"\napplies-to.service = \"files\"\nwhen.subject.department = \"legal\"\n{effect}\n").unwrap();
    }
    if draw.chance(25) {
        let decision = draw.pick(&["\"deny\"", "{ workflow = \"one\" }"]);
        plain = false;
        write!(text, "[sod.s]\ndescription = \"d\"\nrisk = \"high\"\nentitlements = [\"mail/read\", \"files/see\"]\ndecision = {decision}\n").unwrap();
    }
    (text, plain)
}

#[test]
fn whoever_is_given_something_else_by_the_engine_is_told() {
    let (mut seen, mut flips, mut by_sets) = (0, 0, 0);
    for seed in seeds(150) {
        let mut draw = Draw::new(seed);
        let ((before, plain), (after, also_plain)) = (drawn(&mut draw), drawn(&mut draw));
        let books = [&before, &after].map(|text| rulebook(&format!("{BASE}{text}")));
        let found = compare(&books[0], &books[1], at(), Budget::default()).unwrap();
        let said = || format!("seed {seed}: {:#?}\n{before}\nnow\n{after}", found.cases);
        assert_eq!(found.unknown, [], "{}", said());
        let unsaid = found.unseen.iter().any(|unseen| unseen.what == What::Roles);
        let engines = books.each_ref().map(|book| Engine::new(book).unwrap());
        for person in &books[0].people {
            let [was, is] = [0, 1].map(|side: usize| {
                let person = books[side].people.get(person.id.as_str()).unwrap();
                let given = birthright::of_person(&engines[side], person, at());
                given.map(|all| {
                    all.into_iter()
                        .flat_map(|one| one.given)
                        .map(ToString::to_string)
                        .collect::<BTreeSet<_>>()
                })
            });
            let (Ok(was), Ok(is)) = (was, is) else {
                assert!(unsaid, "{} {}", person.id, said());
                continue;
            };
            for entitlement in ["mail/read", "mail/admin", "files/see"] {
                let gained = is.contains(entitlement);
                let differs = gained != was.contains(entitlement);
                let told: Vec<&Case> = found
                    .cases
                    .iter()
                    .filter(|case| {
                        case.cause == Cause::Birthright
                            && case.entitlements.iter().any(|one| one.to_string() == entitlement)
                            && case.touched.some.contains(&person.id)
                    })
                    .collect();
                seen += 1;
                flips += usize::from(differs);
                let right = |case: &&Case| matches!(case.after.0, Outcome::Granted(_)) == gained;
                if differs {
                    assert!(told.iter().any(right), "{} {entitlement} {}", person.id, said());
                }
                // Where conditions tell people apart the sets are exact.
                if plain && also_plain {
                    assert_eq!(told.len(), usize::from(differs), "{} {entitlement} {}", person.id, said());
                    let by_name = |case: &&Case| {
                        case.who.any.iter().flatten().any(|words| words.attribute == "subject.id")
                    };
                    assert!(!told.iter().any(by_name), "{}", said());
                    by_sets += usize::from(differs);
                }
            }
        }
    }
    assert!(seen > 1_000 && flips > 100 && by_sets > 30, "{seen} {flips} {by_sets}");
}
