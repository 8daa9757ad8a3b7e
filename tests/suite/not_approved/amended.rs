//! Who changes a request asks for it anew, and what it became is decided about or is nothing.

use serde_json::{Value, json};

use super::{approves, state, status, world};

fn amendment(changed: &[&str], by: Option<&str>, duration: Option<&str>) -> Value {
    let mut event = json!({ "event": "amendment", "at": "2026-11-23T10:00:00Z", "changed": changed });
    if let Some(by) = by {
        event["by"] = json!(by);
    }
    if let Some(duration) = duration {
        event["duration"] = json!(duration);
    }
    event
}

fn with(event: Value) -> [Value; 3] {
    [event, approves("23T11:00", "ana"), approves("23T12:00", "dan")]
}

#[test]
fn another_request_is_not_approved_by_the_votes_about_it() {
    let repository = world();
    for changed in
        [&["item"][..], &["beneficiary"], &["role"], &[], &["item", "longer-duration"], &["longer-duration"]]
    {
        let run = status(&repository, &with(amendment(changed, Some("rita"), None)), "11-23T13:00");
        let (exit, found, _) = state(&run);
        assert_eq!((exit, found.as_str()), (1, "replaced"), "{changed:?}");
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["reasons"][0]["kind"], "another-request");
        assert_eq!(report["decided-by"]["line"], 1);
    }
    // Another time that is written is asked about, and decided like the first.
    for (changed, duration) in [("longer-duration", "40d"), ("shorter-duration", "20d")] {
        let event = amendment(&[changed], Some("rita"), Some(duration));
        let run = status(&repository, &with(event), "11-23T13:00");
        assert_eq!(state(&run).1, "approved", "{changed} {duration:?}");
    }
    // A shorter one that is not written would change nothing, whoever looks at it.
    let run = status(&repository, &with(amendment(&["shorter-duration"], Some("rita"), None)), "11-23T13:00");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("line 1: ") && run.stderr.contains("write `\"duration\""), "{}", run.stderr);
    // Unless the rules say something else about it.
    let text = repository.read("policies/policy.toml");
    let text = text.replacen("id = \"all\"\n", "id = \"all\"\nwhen.request.duration.max = \"35d\"\n", 1);
    repository.write("policies/policy.toml", text);
    let of = |duration| {
        state(&status(
            &repository,
            &with(amendment(&["longer-duration"], Some("rita"), Some(duration))),
            "11-23T13:00",
        ))
        .1
    };
    assert_eq!((of("35d"), of("36d")), ("approved".to_owned(), "replaced".to_owned()));
}

#[test]
fn an_amendment_says_who_made_it() {
    let repository = world();
    for event in [amendment(&["item"], None, None), amendment(&["shorter-duration"], None, Some("20d"))] {
        let run = status(&repository, &with(event), "11-23T13:00");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains("line 1: ") && run.stderr.contains("write `\"by\""), "{}", run.stderr);
    }
    let run = status(&repository, &with(amendment(&["item"], Some("rita"), Some("40d"))), "11-23T13:00");
    assert!(run.status == 2 && run.stderr.contains("longer-duration"), "{}", run.stderr);
    let run = status(
        &repository,
        &with(amendment(&["longer-duration"], Some("ghost"), Some("40d"))),
        "11-23T13:00",
    );
    // What nobody wants who is known changes nothing.
    assert_eq!(
        (state(&run).1.as_str(), &state(&run).2[..]),
        ("approved", &["1 unknown-person".to_owned()][..])
    );
}
