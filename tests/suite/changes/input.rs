//! Changes that make no sense or leave something out, and the ways in which they are read.

use serde_json::{Value, json};

use super::{CLOSES, NOW, OPENS, beside, kinds, run, small, text, with};
use crate::support::gitsm;

#[test]
fn what_makes_no_sense_is_said() {
    let repository = with(&[]);
    let change = |extra: Value| {
        let mut change = json!({ "requester": "dan", "type": "normal", "service": "mail", "affected-users": 3,
            "downtime": "5m", "tested": true, "rollback-plan": true, "start": OPENS, "end": CLOSES });
        for (field, value) in extra.as_object().unwrap() {
            if value.is_null() {
                change.as_object_mut().unwrap().remove(field);
            } else {
                change[field] = value.clone();
            }
        }
        change
    };
    let (result, report) = beside(&repository, &change(json!({})), &json!([]));
    assert_eq!(
        (result.status, &report["verdict"]),
        (0, &json!("needs-approval")),
        "the neighbour of all of these"
    );
    for (extra, why) in [
        (json!({ "requester": "nobody" }), "`requester`: there is no person `nobody`"),
        (json!({ "owner": "nobody" }), "`owner`: there is no person `nobody`"),
        (json!({ "implementers": ["ben", "nobody"] }), "`implementers[1]`: there is no person `nobody`"),
        (json!({ "service": "nail" }), "`service`: there is no service `nail`"),
        (json!({ "configuration-item": "x" }), "`configuration-item`: there is no configuration-item `x`"),
        (json!({ "service": null }), "nothing is changed: name the `service` or the `configuration-item`"),
        (json!({ "end": OPENS }), "write an instant after that"),
        (json!({ "end": "2026-11-29T04:00:00Z" }), "and the change begins at 2026-11-29T05:00:00Z"),
        (
            json!({ "start": "1969-12-31T23:59:59Z" }),
            "`start` is 1969-12-31T23:59:59Z: changes are made from 1970 on",
        ),
        (json!({ "end": "2026-11-29T08:59:59.5Z" }), "`end` is 2026-11-29T08:59:59.5Z: write whole seconds"),
        (json!({ "end": "2028-11-29T05:00:00Z" }), "the change takes 731 days"),
        (json!({ "downtime": "2bd" }), "`downtime` counts business days"),
        (json!({ "downtime": "4h1s" }), "longer than the change itself"),
        (json!({ "attributes": { "colour": "red" } }), "`attributes.colour` is not declared"),
        (json!({ "configuration-item": "app" }), "which does not run on `app`: write one of `portal`"),
        (
            json!({ "service": null, "configuration-item": "shared" }),
            "the most important of `portal`, `shop`",
        ),
        (
            json!({ "service": null, "configuration-item": "rehearsal", "environment": "production" }),
            "`environment` is `production`, and `rehearsal` runs in `staging`",
        ),
    ] {
        let (result, report) = beside(&repository, &change(extra.clone()), &json!([]));
        assert_eq!((result.status, &report["verdict"]), (1, &json!("invalid")), "{extra}");
        assert_eq!(kinds(&report), ["invalid-change"], "{report:#}");
        assert!(text(&report).contains(why), "{why}: {report:#}");
    }
    for (other, why) in [
        (json!({ "service": "nail" }), "`others[0].service`: there is no service `nail`"),
        (json!({ "configuration-item": "x" }), "`others[0].configuration-item`: there is no"),
        (json!({}), "`others[0]` names nothing that gets in the way"),
        (json!({ "implementers": ["ghost"] }), "`others[0].implementers[0]`: there is no person `ghost`"),
        (json!({ "service": "mail", "end": OPENS }), "`others[0].end` is 2026-11-29T05:00:00Z"),
    ] {
        let mut whole = json!({ "id": "C-2", "start": OPENS, "end": CLOSES });
        whole.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        let (result, report) = beside(&repository, &change(json!({})), &json!([whole]));
        assert_eq!(result.status, 1, "{other}");
        assert!(text(&report).contains(why), "{why}: {report:#}");
    }
    // Downtime as long as the change is possible.
    let (result, _) = beside(&repository, &change(json!({ "downtime": "4h" })), &json!([]));
    assert_eq!(result.status, 0);
    let (result, report) = small(&repository, OPENS, CLOSES, &[], "1969-12-31T00:00:00Z");
    assert_eq!(result.status, 1);
    assert!(text(&report).contains("`now` is 1969-12-31T00:00:00Z"), "{report:#}");
    for (field, value) in
        [("downtime", "-5m"), ("downtime", "101000d"), ("start", "10000-01-01T00:00:00Z"), ("type", "urgent")]
    {
        repository.write("change.json", json!({ "change": change(json!({ field: value })) }).to_string());
        let run = gitsm(&["simulate", "change", "--change", "change.json"], repository.path());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{field}");
        assert!(run.stderr.contains(value), "{}", run.stderr);
    }
}

#[test]
fn what_nobody_said_is_not_little() {
    let repository = with(&[]);
    let all = ["dan", "--type", "normal", "--service", "mail", "--start", OPENS, "--end", CLOSES];
    let (result, report) = run(&repository, &all, NOW);
    assert_eq!((result.status, kinds(&report)), (1, vec!["undecidable"]));
    assert!(text(&report).contains("write its `affected-users`"), "{report:#}");
    let (result, _) = run(&repository, &[&all[..], &["--affected-users", "0"]].concat(), NOW);
    assert_eq!(result.status, 0);
    // Nobody knows how long a business day is for an item that no service runs on.
    let emergency = ["dan", "--type", "emergency", "--start", OPENS, "--end", CLOSES, "--configuration-item"];
    let (result, report) = run(&repository, &[&emergency[..], &["lone"]].concat(), NOW);
    assert_eq!((result.status, kinds(&report)), (1, vec!["undecidable"]));
    assert!(text(&report).contains("`3bd` counts business days"), "{report:#}");
    let (result, report) = run(&repository, &[&emergency[..], &["app"]].concat(), NOW);
    assert_eq!((result.status, &report["review"]["calendar"]), (0, &json!("office")));
}

#[test]
fn changes_come_as_a_stream_and_as_toml_too() {
    let repository = with(&[]);
    let line = json!({ "id": "a", "now": NOW, "change": { "requester": "dan", "type": "standard", "service": "mail",
        "category": "configuration", "procedure": "restart", "start": OPENS, "end": CLOSES } });
    repository.write("changes.jsonl", format!("{line}\n{{\"change\":{{}}}}\n"));
    let run = gitsm(&["simulate", "change", "--batch", "changes.jsonl"], repository.path());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["verdict"]), (&json!("a"), &json!("authorised")));
    assert_eq!(lines[1]["line"], 2);
    assert!(lines[1]["error"].as_str().unwrap().contains("requester"), "{}", lines[1]);
    repository.write(
        "change.toml",
        "now = 2026-11-20T12:00:00Z\n[change]\nrequester = \"dan\"\ntype = \"standard\"\nservice = \"mail\"\n\
         category = \"configuration\"\nprocedure = \"restart\"\nstart = 2026-11-29T06:00:00+01:00\nend = 2026-11-29T10:00:00+01:00\n",
    );
    let arguments = ["simulate", "change", "--change", "change.toml", "--format", "json"];
    let run = gitsm(&arguments, repository.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.status, &report["verdict"], &report["start"]), (0, &json!("authorised"), &json!(OPENS)));
}
