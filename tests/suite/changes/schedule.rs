//! Windows, freezes, lead times and reviews of changes, to the second.

use serde_json::{Value, json};

use super::{CLOSES, NOW, OPENS, beside, kinds, run, small, text, with};
use crate::support::{Repository, gitsm};

#[test]
fn the_whole_change_lies_in_the_window() {
    let repository = with(&[]);
    for (start, end, outside) in [
        (OPENS, CLOSES, None),
        ("2026-11-29T04:59:59Z", CLOSES, Some("2026-11-29T04:59:59Z")),
        (OPENS, "2026-11-29T09:00:01Z", Some(CLOSES)),
        (OPENS, "2026-11-29T05:00:01Z", None),
        ("2026-11-29T08:59:59Z", CLOSES, None),
        (CLOSES, "2026-11-29T09:00:01Z", Some(CLOSES)),
        // Both ends lie in a window, and a week between them does not.
        (OPENS, "2026-12-06T06:00:00Z", Some(CLOSES)),
    ] {
        let (result, report) = small(&repository, start, end, &[], NOW);
        assert_eq!(result.status, 0, "{}", result.stderr);
        assert_eq!(report["window"]["outside"].as_str(), outside, "{start} to {end}");
        let expected: &[&str] = if outside.is_some() { &["outside-window"] } else { &[] };
        assert_eq!(kinds(&report), expected, "{start} to {end}");
        assert_eq!(report["verdict"], if outside.is_some() { "denied" } else { "needs-approval" });
        assert_eq!(report["stages"].as_array().unwrap().is_empty(), outside.is_some());
    }
}

#[test]
fn a_window_lasts_as_long_as_the_clocks_say() {
    let repository = with(&[("maintenance-window = \"maintenance\"", "maintenance-window = \"night\"")]);
    // In autumn the hour from two to three is there twice, in spring it is missing.
    for (start, end, inside) in [
        ("2027-10-30T23:00:00Z", "2027-10-31T03:00:00Z", true),
        ("2027-10-30T23:00:00Z", "2027-10-31T03:00:01Z", false),
        ("2027-10-30T22:59:59Z", "2027-10-31T03:00:00Z", false),
        ("2027-03-28T00:00:00Z", "2027-03-28T02:00:00Z", true),
        ("2027-03-28T00:00:00Z", "2027-03-28T02:00:01Z", false),
        ("2027-03-21T00:00:00Z", "2027-03-21T03:00:00Z", true),
    ] {
        let (_, report) = small(&repository, start, end, &[], NOW);
        assert_eq!(report["window"]["inside"], inside, "{start} to {end}");
    }
}

#[test]
fn a_freeze_is_kept_to_the_second() {
    const FREEZE: &str = "lead-time = \"3d\"\n\n[[change-model.normal.freeze]]\nname = \"Stocktaking\"\n\
        from = 2026-11-29T06:00:00Z\nuntil = 2026-11-29T07:00:00Z\n";
    let repository = with(&[("lead-time = \"3d\"\n", FREEZE)]);
    let (from, until) = ("2026-11-29T06:00:00Z", "2026-11-29T07:00:00Z");
    for (start, end, frozen) in [
        (OPENS, from, false),
        (OPENS, "2026-11-29T06:00:01Z", true),
        (until, CLOSES, false),
        ("2026-11-29T06:59:59Z", CLOSES, true),
        (OPENS, CLOSES, true),
    ] {
        let (_, report) = small(&repository, start, end, &[], NOW);
        let expected: &[&str] = if frozen { &["frozen"] } else { &[] };
        assert_eq!(kinds(&report), expected, "{start} to {end}");
        assert_eq!(report["freezes"].as_array().unwrap().len(), usize::from(frozen));
    }
    // Whoever may authorise a change in the freeze is asked besides the authority of the risk.
    let in_freeze = |workflow: &str, end: &str| {
        let authority = format!("{FREEZE}authority = \"{workflow}\"\n");
        let repository = with(&[("lead-time = \"3d\"\n", &authority)]);
        small(&repository, OPENS, end, &[], NOW).1
    };
    let stages = |report: &Value| -> Vec<String> {
        let stages = report["stages"].as_array().unwrap();
        stages.iter().map(|stage| stage["stage"].as_str().unwrap().to_owned()).collect()
    };
    let report = in_freeze("board", from);
    assert_eq!((stages(&report), &report["freezes"]), (vec!["manager/manager".to_owned()], &json!([])));
    let report = in_freeze("board", "2026-11-29T06:00:01Z");
    assert_eq!(report["verdict"], "needs-approval");
    assert_eq!(stages(&report), ["manager/manager", "board/board"]);
    assert_eq!(report["freezes"][0]["authority"], "board");
    // One person counts for one stage, and both workflows ask the same manager.
    let report = in_freeze("manager-and-security", CLOSES);
    assert_eq!(kinds(&report), ["no-approver"]);
    assert!(text(&report).contains("manager/manager"), "{report:#}");
}

#[test]
fn a_freeze_and_a_risk_with_one_authority_ask_once() {
    let freeze = "lead-time = \"3d\"\n\n[[change-model.normal.freeze]]\nname = \"Stocktaking\"\n\
        from = 2026-11-29T06:00:00Z\nuntil = 2026-11-29T07:00:00Z\nauthority = \"manager\"\n";
    let repository = with(&[("lead-time = \"3d\"\n", freeze)]);
    let (_, report) = small(&repository, OPENS, CLOSES, &[], NOW);
    assert_eq!(report["stages"].as_array().unwrap().len(), 1, "{report:#}");
    assert_eq!(report["stages"][0]["because"], json!(["change-model:normal/small", "change-model:normal"]));
}

#[test]
fn the_lead_time_is_met_exactly() {
    let repository = with(&[]);
    let (_, report) = small(&repository, OPENS, CLOSES, &[], "2026-11-26T05:00:00Z");
    assert_eq!(kinds(&report), Vec::<&str>::new());
    assert_eq!(report["lead-time"]["instant"], OPENS);
    let (result, report) = small(&repository, OPENS, CLOSES, &[], "2026-11-26T05:00:01Z");
    assert_eq!((result.status, kinds(&report)), (0, vec!["lead-time"]));
    assert!(text(&report).contains("Sun 2026-11-29 06:00:01 Europe/Berlin"), "{report:#}");
    // Business days are those of the service: from Thursday nine o'clock to Monday nine o'clock are two.
    let repository = with(&[
        ("lead-time = \"3d\"", "lead-time = \"2bd\""),
        ("weekly.sun = [\"06:00-10:00\"]", "weekly.mon = [\"06:00-10:00\"]"),
    ]);
    let monday = ("2026-11-30T08:00:00Z", "2026-11-30T09:00:00Z");
    let (_, report) = small(&repository, monday.0, monday.1, &[], "2026-11-26T08:00:00Z");
    assert_eq!((kinds(&report), &report["lead-time"]["calendar"]), (vec![], &json!("office")));
    let (_, report) = small(&repository, monday.0, monday.1, &[], "2026-11-26T15:00:00Z");
    assert_eq!(kinds(&report), ["lead-time"], "{report:#}");
}

#[test]
fn only_emergencies_are_authorised_afterwards() {
    let repository = with(&[("lead-time = \"3d\"\n", "")]);
    let (_, report) = small(&repository, OPENS, CLOSES, &[], OPENS);
    assert_eq!(kinds(&report), Vec::<&str>::new());
    let (_, report) = small(&repository, OPENS, CLOSES, &[], "2026-11-29T05:00:01Z");
    assert_eq!(kinds(&report), ["begun"]);
    let times = ["--start", "2026-11-27T14:00:00Z", "--end", "2026-11-27T15:00:00Z"];
    let emergency = [&["dan", "--type", "emergency", "--service", "mail"][..], &times].concat();
    let (_, report) = run(&repository, &emergency, "2026-11-27T16:00:00Z");
    assert_eq!((&report["verdict"], &report["risk"]), (&json!("needs-approval"), &json!("high")));
    // Four o'clock on a Friday in Berlin, and three days of office hours.
    assert_eq!(report["review"]["instant"], "2026-12-02T15:00:00Z");
    assert_eq!(report["review"]["calendar"], "office");
    // Around the clock, also when it changes.
    let repository = with(&[("review-within = \"3bd\"", "review-within = \"24h\"")]);
    let times = ["--start", "2027-03-27T11:00:00Z", "--end", "2027-03-27T12:00:00Z"];
    let emergency = [&["dan", "--type", "emergency", "--service", "mail"][..], &times].concat();
    let (_, report) = run(&repository, &emergency, NOW);
    assert_eq!(report["review"]["instant"], "2027-03-28T12:00:00Z");
    assert_eq!(report["review"]["calendar"], Value::Null);
}

#[test]
fn whoever_carries_another_change_out_is_busy() {
    let repository = with(&[]);
    let change = json!({ "requester": "dan", "implementers": ["ben"], "type": "normal", "service": "mail",
        "affected-users": 9, "downtime": "5m", "tested": true, "rollback-plan": true, "start": OPENS, "end": CLOSES });
    let met = |people: &Value, start: &str, end: &str| {
        let other = json!([{ "id": "C-7", "implementers": people, "start": start, "end": end }]);
        let (result, report) = beside(&repository, &change, &other);
        assert_eq!(result.status, 0, "{report:#}");
        let conflicts = report["conflicts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let said = |one: &Value| ["id", "kind", "with"].map(|field| one[field].as_str().unwrap().to_owned());
        conflicts.iter().map(said).collect::<Vec<_>>()
    };
    assert_eq!(met(&json!(["ana", "ben"]), OPENS, CLOSES), [["C-7", "assignee-busy", "ben"]]);
    assert!(met(&json!(["ana"]), OPENS, CLOSES).is_empty());
    assert!(met(&json!(["ben"]), CLOSES, "2026-11-30T00:00:00Z").is_empty(), "one after the other");
}

#[test]
fn an_emergency_does_not_wait() {
    let repository = with(&[("review-within = \"3bd\"", "review-within = \"3bd\"\nbegins-within = \"1d\"")]);
    let kinds_of = |start: &str, end: &str| {
        let all =
            ["dan", "--type", "emergency", "--service", "mail", "--affected-users", "9", "--downtime", "5m"];
        let more = ["--rollback-plan", "--start", start, "--end", end];
        let (result, report) = run(&repository, &[&all[..], &more[..]].concat(), "2026-11-20T12:00:00Z");
        assert_eq!(result.status, 0, "{report:#}");
        kinds(&report).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(kinds_of("2026-11-21T12:00:00Z", "2026-11-21T13:00:00Z").is_empty());
    assert_eq!(kinds_of("2026-11-21T12:00:01Z", "2026-11-21T13:00:00Z"), ["can-wait"]);
}

#[test]
fn an_emergency_waits_for_no_calendar_that_never_opens() {
    let repository = with(&[("review-within = \"3bd\"", "review-within = \"3bd\"\nbegins-within = \"1bd\"")]);
    let levels = repository.read("catalog/service-levels.toml");
    let asked = |repository: &Repository| {
        let all =
            ["dan", "--type", "emergency", "--service", "mail", "--affected-users", "9", "--downtime", "5m"];
        let more = ["--rollback-plan", "--start", "2026-11-20T13:00:00Z", "--end", "2026-11-20T14:00:00Z"];
        run(repository, &[&all[..], &more[..]].concat(), "2026-11-20T12:00:00Z").1
    };
    let report = asked(&repository);
    assert_eq!(report["verdict"], "needs-approval", "{report:#}");
    let never = levels.replacen("weekly.mon-fri = [\"09:00-17:00\"]", "weekly.mon-fri = []", 1);
    assert_ne!(never, levels);
    repository.write("catalog/service-levels.toml", never);
    let report = asked(&repository);
    assert_eq!(kinds(&report), ["can-wait"], "{report:#}");
    assert!(text(&report).ends_with("and the calendar never opens so long"), "{report:#}");
}

#[test]
fn a_rule_asks_which_procedure_a_change_follows() {
    let rule = "[[change-model.normal.risk]]\nid = \"written\"\nwhen.change.procedure = \"restart\"\nrisk = \"low\"\n\n\
                [[change-model.normal.risk]]";
    let repository = with(&[("[[change-model.normal.risk]]", rule)]);
    let risk = |more: &[&str]| {
        let (_, report) = small(&repository, OPENS, CLOSES, more, "2026-11-20T12:00:00Z");
        report["risk-rule"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(risk(&["--procedure", "restart"]), "change-model:normal/written");
    assert_eq!(risk(&[]), "change-model:normal/small");
    let checked = gitsm(&["validate", "--now", NOW], repository.path());
    assert_eq!(checked.status, 0, "{checked:#?}");
    // What a project declares itself would have the same name and another meaning.
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", format!("{settings}\n[attribute.change.procedure]\ntype = \"text\"\n"));
    let checked = gitsm(&["validate", "--now", NOW], repository.path());
    assert!(checked.stdout.contains("`change.procedure` is a built-in attribute"), "{checked:#?}");
}
