//! Evidence that comes later says as much as evidence that comes with a request.

use serde_json::{Value, json};

use super::{POLICY, approves, state, status, world};

fn brings(more: &Value) -> Value {
    let mut event = json!({ "event": "evidence", "at": "2026-11-23T10:00:00Z" });
    for (field, value) in more.as_object().unwrap() {
        event[field] = value.clone();
    }
    event
}

#[test]
fn a_ticket_has_a_number_and_somebody_brought_it() {
    let repository = world();
    let rule = "decision.workflow = \"two\"\n";
    let require = |evidence: &str| {
        let text = POLICY.replacen(rule, &format!("{rule}require = [\"{evidence}\"]\n"), 1);
        repository.write("policies/policy.toml", text);
    };
    let of = |event: Value| {
        status(&repository, &[event, approves("23T11:00", "ana"), approves("23T12:00", "dan")], "11-23T13:00")
    };
    require("ticket");
    for (event, words) in [
        (json!({ "evidence": "ticket" }), "write `\"by\""),
        (json!({ "evidence": "ticket", "text": "CHG-1" }), "write `\"by\""),
        (json!({ "evidence": "ticket", "by": "rita" }), "write `\"text\""),
        (json!({ "evidence": "ticket", "by": "rita", "text": " \t " }), "write `\"text\""),
        (json!({ "evidence": "ticket", "by": "rita", "text": "x".repeat(4_097) }), "4096 characters"),
        (json!({ "evidence": "training", "by": "rita", "text": "done" }), "leave `text` out"),
    ] {
        let run = of(brings(&event));
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains("line 1: ") && run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let run = of(brings(&json!({ "evidence": "ticket", "by": "rita", "text": "CHG-1" })));
    assert_eq!(state(&run), (0, "approved".to_owned(), vec![]));
    let run = of(brings(&json!({ "evidence": "ticket", "by": "ghost", "text": "CHG-1" })));
    assert_eq!(state(&run), (3, "pending".to_owned(), vec!["1 unknown-person".to_owned()]));
    require("training");
    assert_eq!(state(&of(brings(&json!({ "evidence": "training", "by": "rita" })))).1, "approved");
    assert_eq!(of(brings(&json!({ "evidence": "training" }))).status, 2);
}
