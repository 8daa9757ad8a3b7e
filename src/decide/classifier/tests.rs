//! What the classifier knows, and what it leaves to the full engine.

use jiff::Timestamp;

use super::{Classifier, NotCovered};
use crate::{
    decide::{access::decide, engine::Engine, testing::rulebook},
    model::{request::Request, scenario::Verdict},
};

const WORLD: &str = r#"
person.ana = { name = "Ana", department = "it" }
person.ben = { name = "Ben", manager = "ana" }
team.desk = { name = "Desk", members = ["ana"], on-call = { calendar = "always", start = 2026-01-05, shift = "7d", rotation = ["ana"] } }
calendar.always = { name = "Always", time-zone = "UTC", weekly = { sun-sat = ["00:00-24:00"] } }
workflow.manager = { name = "Manager", stage = [{ id = "m", approvers = ["role:manager"] }] }
workflow.rota = { name = "Rota", stage = [{ id = "r", approvers = ["on-call:desk"] }] }
service.mail = { name = "Mail", lifecycle = "active", entitlement.box = { name = "Box", risk = "low" } }
bundle.basics = { name = "Basics", entitlements = ["mail/box"], when.subject.department = "hr" }
"#;

type Said = Result<(Verdict, Option<String>), NotCovered>;

/// What the classifier says about a request under some rules. What it says is what the full engine says.
fn said(rules: &str, request: &serde_json::Value) -> Said {
    let rulebook = rulebook(&format!("{WORLD}\n[access.all]\napplies-to = \"everything\"\n{rules}"));
    let engine = Engine::new(&rulebook).unwrap();
    let classifier = Classifier::new(&engine);
    let request: Request = serde_json::from_value(request.clone()).unwrap();
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let outcome = classifier.verdict(&request, now, None)?;
    let rule = outcome.rule.map(|rule| classifier.rule(rule).unwrap().to_string());
    let full = decide(&engine, &request, now, None);
    let decided = full.items.first().and_then(|item| item.rule.as_ref()).map(ToString::to_string);
    assert_eq!((outcome.verdict, &rule), (full.verdict, &decided));
    Ok((outcome.verdict, rule))
}

fn rule(id: &str, when: &str, decision: &str) -> String {
    format!("[[access.all.rule]]\nid = \"{id}\"\n{when}\ndecision = {decision}\n")
}

fn by_ben() -> serde_json::Value {
    serde_json::json!({ "requester": "ben", "entitlements": ["mail/box"] })
}

#[allow(clippy::unnecessary_wraps, reason = "it is compared with what is said")]
fn decided(verdict: Verdict, rule: &str) -> Said {
    Ok((verdict, Some(format!("access:all/{rule}"))))
}

#[test]
fn a_plain_request_is_decided() {
    let all = rule("all", "", "\"auto-approve\"");
    assert_eq!(said(&all, &by_ben()), decided(Verdict::Approved, "all"));
    let asks = rule("asks", "", "{ workflow = \"manager\" }");
    assert_eq!(said(&asks, &by_ben()), decided(Verdict::NeedsApproval, "asks"));
    // Nobody is Ana's manager.
    let mut by_ana = by_ben();
    by_ana["requester"] = "ana".into();
    assert_eq!(said(&asks, &by_ana), decided(Verdict::Denied, "asks"));
    let no_rule = rule("hr", "when.subject.department = \"hr\"", "\"auto-approve\"");
    assert_eq!(said(&no_rule, &by_ben()), Ok((Verdict::Denied, None)));
}

#[test]
fn what_is_no_plain_request_is_left_to_the_full_engine() {
    let all = rule("all", "", "\"auto-approve\"");
    for (field, value) in [
        ("bundle", serde_json::json!("basics")),
        ("pending", serde_json::json!(["mail/box"])),
        ("entitlements", serde_json::json!([])),
        ("requester", serde_json::json!("nobody")),
        ("duration", serde_json::json!("0d")),
        ("environment", serde_json::json!("test")),
        ("service", serde_json::json!("other")),
    ] {
        let mut request = by_ben();
        request[field] = value;
        assert_eq!(said(&all, &request), Err(NotCovered::Request), "{field}");
    }
}

#[test]
fn a_test_that_makes_no_sense_matters_only_where_it_is_reached() {
    let first = rule("first", "when.subject.manager = \"ana\"", "\"deny\"");
    let nonsense = rule("nonsense", "when.subject.department.min = \"it\"", "\"auto-approve\"");
    assert_eq!(said(&format!("{first}{nonsense}"), &by_ben()), decided(Verdict::Denied, "first"));
    assert_eq!(said(&format!("{nonsense}{first}"), &by_ben()), Err(NotCovered::Value));
}

#[test]
fn what_must_have_a_value_and_has_none_ends_the_evaluation_where_it_is_read() {
    let first = rule("first", "when.subject.manager = \"ana\"", "\"auto-approve\"");
    // The service has no tier, though every service must have one.
    let gap = rule("gap", "when.service.tier.not-in = [\"gold\"]", "\"auto-approve\"");
    assert_eq!(said(&format!("{first}{gap}"), &by_ben()), decided(Verdict::Approved, "first"));
    assert_eq!(said(&format!("{gap}{first}"), &by_ben()), Ok((Verdict::Denied, None)));
    let asked = rule("asked", "when.service.tier.exists = false", "\"auto-approve\"");
    assert_eq!(said(&format!("{asked}{gap}"), &by_ben()), decided(Verdict::Approved, "asked"));
}

#[test]
fn who_is_on_call_is_not_known_in_advance() {
    let rota = rule("rota", "", "{ workflow = \"rota\" }");
    assert_eq!(said(&rota, &by_ben()), Err(NotCovered::Approvers));
}

#[test]
fn patterns_are_told_apart_from_texts_that_look_like_them() {
    let star = rule("star", "when.request.project.glob = \"a*\"", "\"deny\"");
    let exact = rule("exact", "when.request.project = \"a*\"", "\"auto-approve\"");
    for (project, expected) in [("a*", "exact"), ("abc", "star"), ("a", "star")] {
        let mut request = by_ben();
        request["project"] = project.into();
        let verdict = if expected == "exact" { Verdict::Approved } else { Verdict::Denied };
        assert_eq!(said(&format!("{exact}{star}"), &request), decided(verdict, expected), "{project}");
    }
    let mut request = by_ben();
    request["project"] = "b".into();
    assert_eq!(said(&format!("{exact}{star}"), &request), Ok((Verdict::Denied, None)));
}
