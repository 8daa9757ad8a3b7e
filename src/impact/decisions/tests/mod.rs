//! Comparisons of small rulebooks.

mod drawn;

use super::*;
use crate::decide::testing::rulebook;

const BASE: &str = r#"
person.ana = { name = "Ana", department = "it" }
person.ben = { name = "Ben", department = "sales", manager = "ana" }
person.cleo = { name = "Cleo", department = "legal", manager = "ana" }
team.desk = { name = "Desk", members = ["ana", "ben"] }
service.mail = { name = "Mail", lifecycle = "active", owner = "person:ana", entitlement.read = { name = "Read", risk = "low" }, entitlement.admin = { name = "Admin", risk = "high", max-duration = "90d" } }
workflow.one = { name = "One", stage = [{ id = "a", approvers = ["team:desk"] }] }
"#;

fn at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn cases(before: &str, after: &str) -> Vec<Case> {
    let (before, after) = (rulebook(&format!("{BASE}{before}")), rulebook(&format!("{BASE}{after}")));
    let found = compare(&before, &after, at(), Budget::default()).unwrap();
    assert_eq!(found.unknown, []);
    found.cases
}

fn policy(rules: &str) -> String {
    format!("[access.mail]\napplies-to.service = \"mail\"\nrule = [{rules}]\n")
}

#[test]
fn what_stays_is_no_change() {
    let rules = policy(r#"{ id = "a", when.subject.department = "it", decision = "auto-approve" }"#);
    assert_eq!(cases(&rules, &rules), []);
}

#[test]
fn a_widened_department_loosens() {
    let before = policy(r#"{ id = "a", when.subject.department = "it", decision = "auto-approve" }"#);
    let after =
        policy(r#"{ id = "a", when.subject.department = ["it", "legal"], decision = "auto-approve" }"#);
    let found = cases(&before, &after);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|case| case.direction == Direction::Loosens));
    assert!(found.iter().all(|case| case.touched.people == 1));
}

#[test]
#[ignore = "shows"]
fn show() {
    let read = |name: &str| {
        let folder = std::env::var(name).unwrap();
        crate::load::load(&crate::source::WorkTree::new(std::path::Path::new(&folder))).unwrap().rulebook
    };
    let (before, after) = (read("OLD"), read("NEW"));
    let start = std::time::Instant::now();
    let found = compare(&before, &after, at(), Budget::default()).unwrap();
    let took = start.elapsed();
    let view = crate::report::consequence::view(&found);
    println!("{}", crate::report::consequence::human(&view, crate::report::paint::Paint::new(false), 100));
    println!("{took:?}");
}
