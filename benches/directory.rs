//! How long the whole-directory checks take, up to 100,000 people and 3,000 entitlements, beside asking for every
//! pair of a person and an entitlement where that can be waited for.
//!
//! Run with `cargo bench --bench directory`. Asking covers one way to ask only; the checks cover all of them.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

use std::{fmt::Write as _, fs, time::Instant};

use gitsm::{
    decide::{access::decide, decision::Denial, engine::Engine, policy::offers},
    lint::survey::survey,
    load,
    model::{Rulebook, request::Request},
    source::WorkTree,
};
use jiff::civil::date;

/// Numbers of people and of services with three entitlements each.
const SIZES: [(usize, usize); 4] = [(200, 20), (1_000, 100), (10_000, 300), (100_000, 1_000)];
/// The most pairs that are asked for one by one.
const ONE_BY_ONE_UP_TO: usize = 20_000;
const CATEGORIES: usize = 20;
const DEPARTMENTS: usize = 40;

fn main() {
    println!(
        "{:>8} {:>13} {:>12} {:>10} {:>8} {:>8}  one by one",
        "people", "entitlements", "pairs", "seconds", "stuck", "alone"
    );
    for (people, services) in SIZES {
        let rulebook = rulebook(people, services);
        let start = Instant::now();
        let found = survey(&rulebook, date(2026, 11, 20));
        let seconds = start.elapsed().as_secs_f64();
        assert!(found.unsure.is_empty());
        let pairs = found.people * found.entitlements;
        let one_by_one = if pairs <= ONE_BY_ONE_UP_TO {
            let asked = one_by_one(&rulebook);
            format!("{asked:.3} s, {:.0}x", asked / seconds)
        } else {
            String::new()
        };
        println!(
            "{:>8} {:>13} {pairs:>12} {seconds:>10.3} {:>8} {:>8}  {one_by_one}",
            found.people,
            found.entitlements,
            found.stuck.iter().map(|stuck| stuck.people).sum::<usize>(),
            found.soles.len(),
        );
    }
}

/// The seconds that it takes to ask for everything for everybody in one way.
fn one_by_one(rulebook: &Rulebook) -> f64 {
    let engine = Engine::new(rulebook).unwrap();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let start = Instant::now();
    let mut stuck = 0;
    for person in &rulebook.people {
        for offer in offers(rulebook) {
            let request = serde_json::json!({
                "requester": person.id, "entitlements": [offer.reference().to_string()], "duration": "7d",
                "justification": "work",
            });
            let request: Request = serde_json::from_value(request).unwrap();
            let decision = decide(&engine, &request, now, None);
            stuck +=
                decision.denials.iter().filter(|denial| matches!(denial, Denial::NoApprover { .. })).count();
        }
    }
    assert!(stuck > 0);
    start.elapsed().as_secs_f64()
}

fn rulebook(people: usize, services: usize) -> Rulebook {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("catalog")).unwrap();
    fs::write(folder.path().join("gitsm.toml"), "[project]\nname = \"Benchmark\"\nroots = [\"catalog\"]\n")
        .unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join("catalog").join(name), text).unwrap();
    for (number, text) in directory(people).into_iter().enumerate() {
        write(&format!("people-{number}.toml"), text);
    }
    write("services.toml", catalogue(people, services));
    write("policies.toml", policies());
    load::load(&WorkTree::new(folder.path())).unwrap().rulebook
}

/// People in a tree of ten to a manager, by the thousand, and teams of eight.
fn directory(people: usize) -> Vec<String> {
    let mut files = Vec::new();
    let mut text = String::new();
    for number in 0..people {
        let department = number % DEPARTMENTS;
        let location = number / 7 % 12;
        writeln!(
            text,
            "[person.u{number:06}]\nname = \"Person {number}\"\ndepartment = \"d{department:02}\""
        )
        .unwrap();
        writeln!(text, "location = \"l{location:02}\"").unwrap();
        if number > 0 {
            writeln!(text, "manager = \"u{:06}\"", (number - 1) / 10).unwrap();
        }
        if number % 50 == 0 {
            writeln!(text, "status = \"on-leave\"").unwrap();
        }
        if number % 1_000 == 999 {
            files.push(std::mem::take(&mut text));
        }
    }
    for team in 0..people / 40 {
        let members: Vec<String> = (0..8).map(|seat| format!("\"u{:06}\"", team * 40 + seat * 3)).collect();
        writeln!(text, "[team.t{team:04}]\nname = \"Team\"\nmembers = [{}]", members.join(", ")).unwrap();
    }
    files.push(text);
    files
}

fn catalogue(people: usize, services: usize) -> String {
    let mut text = String::new();
    for category in 0..CATEGORIES {
        writeln!(text, "[category.c{category:02}]\nname = \"Category\"\nfunction = \"it\"").unwrap();
    }
    for number in 0..services {
        let category = number % CATEGORIES;
        writeln!(text, "[service.s{number:04}]\nname = \"Service\"\nlifecycle = \"active\"").unwrap();
        writeln!(text, "category = \"c{category:02}\"\nowner = \"person:u{:06}\"", number * 37 % people)
            .unwrap();
        for (id, risk, owner) in [
            ("user", "low", None),
            ("editor", "medium", Some(format!("team:t{:04}", number % (people / 40)))),
            ("admin", "high", Some(format!("person:u{:06}", (number * 53 + 11) % people))),
        ] {
            writeln!(text, "[service.s{number:04}.entitlement.{id}]\nname = \"E\"\nrisk = \"{risk}\"")
                .unwrap();
            writeln!(text, "max-duration = \"90d\"").unwrap();
            if let Some(owner) = owner {
                writeln!(text, "owner = \"{owner}\"").unwrap();
            }
        }
    }
    text
}

/// For each category a policy of twelve rules, and one for everything.
fn policies() -> String {
    let mut text = r#"
[workflow.manager]
name = "Manager"
stage = [{ id = "manager", approvers = ["role:manager"] }]
[workflow.owner]
name = "Owner"
stage = [{ id = "owner", approvers = ["role:entitlement-owner"], fallback = ["role:service-owner"] }]
[workflow.both]
name = "Manager, then owner"
stage = [{ id = "manager", approvers = ["role:manager"], fallback = ["role:manager-2"] }, { id = "owner", approvers = ["role:entitlement-owner"] }, { id = "board", approvers = ["team:t0000", "team:t0001"], need = 2 }]
[access.everything]
applies-to = "everything"
rule = [{ id = "low", when.entitlement.risk = "low", decision = "auto-approve" }, { id = "rest", decision.workflow = "both" }]
[guardrail.long]
description = "Long access is looked at by more people."
when.request.duration.above = "30d"
require-approval = "owner"
"#
    .to_owned();
    for category in 0..CATEGORIES {
        writeln!(text, "[access.c{category:02}]\napplies-to.category = \"c{category:02}\"").unwrap();
        for rule in 0..12 {
            let department = (category + rule * 3) % DEPARTMENTS;
            let decision = ["{ workflow = \"manager\" }", "{ workflow = \"owner\" }", "\"deny\""][rule % 3];
            writeln!(text, "[[access.c{category:02}.rule]]\nid = \"r{rule}\"\ndecision = {decision}")
                .unwrap();
            writeln!(text, "when.subject.department = \"d{department:02}\"").unwrap();
            writeln!(text, "when.subject.location.not-in = [\"l{:02}\"]", rule % 12).unwrap();
            writeln!(text, "when.entitlement.risk.min = \"{}\"", ["medium", "high"][rule % 2]).unwrap();
        }
    }
    text
}
