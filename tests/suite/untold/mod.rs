//! What is decided or promised otherwise is told as a case, or named, and a gate stops it: never "as before".

mod books;
mod called;
mod given;
mod ids;
mod rows;
mod stages;

use serde_json::Value;

use self::{
    books::{NOW, diff, json, versions},
    called::{called, promised},
    given::{given, kept},
    ids::{gate, ids},
    rows::{behind_names, bound, changes, comers, named_services, people_and_forms, reached},
    stages::{away, let_through, ordered, others, stages},
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
        given(),
        bound(),
        called(),
        promised(),
        away(),
        ordered(),
        others(),
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
fn whatever_is_told_or_named_can_be_acknowledged() {
    let rows = [
        behind_names(),
        named_services(),
        people_and_forms(),
        changes(),
        reached(),
        comers(),
        given(),
        called(),
        promised(),
        others(),
        away(),
        ordered(),
    ];
    for row in rows.into_iter().flatten() {
        let (folder, report) = json(&row.old, &row.new);
        let run = gate(&folder, &ids(&report));
        assert_eq!(run.status, 0, "{}: {}{}", row.name, run.stdout, run.stderr);
        assert_eq!(gate(&folder, &[]).status, 1, "{}", row.name);
    }
}

#[test]
fn what_only_tightens_or_changes_nothing_is_let_through() {
    for (name, old, new, says) in let_through().into_iter().chain(kept()) {
        let run = diff(&old, &new);
        assert!(
            run.status == 0 && run.stdout.contains(says),
            "{name}: {} {}{}",
            run.status,
            run.stdout,
            run.stderr
        );
        assert!(!run.stdout.contains("without an end"), "{name}: {}", run.stdout);
    }
}

#[test]
fn requests_of_some_that_nobody_can_approve_are_undecidable() {
    let two = |last: &str| {
        let manager = "[[workflow.w.stage]]\nid=\"s\"\napprovers=[\"role:manager\"]\n";
        stages(&format!("{manager}[[workflow.w.stage]]\nid=\"t\"\napprovers=[{last}]\n"))
    };
    // The manager of all of them, one of them, and whoever is neither.
    for (last, status) in [
        ("\"person:boss\"", 1),
        ("\"person:ann\"", 1),
        ("\"person:boss\",\"person:oli\"", 1),
        ("\"person:nia\",\"person:oli\"", 0),
    ] {
        let nia = "[person.nia]\nname=\"Nia\"\nemail=\"n@e.com\"\ndepartment=\"ops\"\ntitle=\"x\"\nmanager=\"boss\"\n";
        let (old, new) = (two("\"person:nia\",\"person:bob\",\"person:ann\"").and(nia), two(last).and(nia));
        let folder = versions(&old, &new);
        let run = gitsm(&["diff", "old", "new", "--fail-on", "undecidable", "--now", NOW], folder.path());
        assert_eq!(run.status, status, "{last}: {}{}", run.stdout, run.stderr);
        assert_eq!(
            run.stdout.contains("there is nobody who can approve for"),
            status == 1,
            "{last}: {}",
            run.stdout
        );
    }
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
