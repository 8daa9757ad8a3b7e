//! What is decided or promised otherwise is told as a case, or named, and a gate stops it: never "as before".

mod books;
mod called;
mod rows;

use serde_json::Value;

use self::{
    books::{NOW, diff, json},
    called::{called, promised},
    rows::{behind_names, bound, changes, comers, named_services, people_and_forms, reached},
};
use crate::support::gitsm;

#[test]
fn what_changes_is_told_or_named_and_a_gate_stops_it() {
    let rows = [
        behind_names(),
        named_services(),
        people_and_forms(),
        changes(),
        reached(),
        comers(),
        bound(),
        called(),
        promised(),
    ];
    let mut wrong = Vec::new();
    for row in rows.into_iter().flatten() {
        let name = row.name;
        let run = diff(&row.old, &row.new);
        if run.status != 1 || !run.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(row.says)
        {
            wrong.push(format!("{name}: not {:?}: {} {}{}", row.says, run.status, run.stdout, run.stderr));
        }
        // The nearest neighbour: nothing that decides is another, and nothing is stopped.
        let (from, to) = row.neighbour;
        let run = diff(&row.new, &row.new.with(from, to));
        if run.status != 0 || !run.stdout.contains("changed") {
            wrong.push(format!("{name}, its neighbour: {} {}{}", run.status, run.stdout, run.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn incidents_that_go_elsewhere_are_shown_by_a_ticket_on_both_versions() {
    let mut shown = 0;
    for row in reached() {
        let (folder, report) = json(&row.old, &row.new);
        let cases = report["commitments"]["compared"]["cases"].as_array().unwrap().clone();
        for case in cases.iter().filter(|case| case["topic"] == "routing") {
            let ticket = case["tickets"][0].clone();
            assert!(ticket.is_object(), "{}: {case:#}", row.name);
            for (side, version) in [("before", "old"), ("after", "new")] {
                let dated = serde_json::json!({ "incident": ticket["incident"] });
                folder.write("incident.json", dated.to_string());
                let arguments = ["simulate", "incident", "--incident", "incident.json", "-C", version];
                let run =
                    gitsm(&[&arguments[..], &["--now", NOW, "--format", "json"]].concat(), folder.path());
                let answer: Value = serde_json::from_str(&run.stdout).unwrap();
                let team = answer["decision"]["team"].as_str().unwrap_or_else(|| panic!("{answer:#}"));
                assert_eq!(ticket[side], format!("team:{team}"), "{}, {side}", row.name);
            }
            shown += 1;
        }
    }
    assert!(shown > 3, "{shown} tickets showed where incidents go");
}

#[test]
fn people_who_come_are_shown_by_a_request_on_both_versions() {
    let mut shown = 0;
    for row in comers() {
        let (folder, report) = json(&row.old, &row.new);
        let cases = report["decisions"]["compared"]["cases"].as_array().unwrap().clone();
        for case in cases.iter().filter(|case| case.get("witness").is_some()) {
            let request = serde_json::json!({ "request": case["witness"]["request"] });
            folder.write("request.json", request.to_string());
            for (side, version) in [("before", "old"), ("after", "new")] {
                let arguments = ["simulate", "access", "--request", "request.json", "-C", version];
                let run =
                    gitsm(&[&arguments[..], &["--now", NOW, "--format", "json"]].concat(), folder.path());
                let answer: Value = serde_json::from_str(&run.stdout).unwrap();
                let (verdict, said) = (&answer["verdict"], &case[side]["verdict"]);
                assert_eq!(*verdict, case["witness"][side], "{}, {side}: {answer:#}", row.name);
                assert!(
                    verdict == said || (verdict == "invalid" && said == "denied"),
                    "{}: {case:#}",
                    row.name
                );
            }
            shown += 1;
        }
    }
    assert!(shown > 4, "{shown} requests showed what people get");
}
