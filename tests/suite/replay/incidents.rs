//! Tickets of the past.

use serde_json::{Value, json};

use super::NOW;
use crate::support::{Repository, Run, copy, gitsm, root};

fn example() -> Repository {
    let repository = Repository::empty();
    copy(&root().join("examples/incident-history"), repository.path());
    repository
}

fn replay(repository: &Repository, arguments: &[&str]) -> Run {
    gitsm(&[&["replay", "incidents", "--now", NOW], arguments].concat(), repository.path())
}

fn report(repository: &Repository, arguments: &[&str]) -> (Value, i32) {
    let run = replay(repository, &[arguments, &["--format", "json"]].concat());
    let report = serde_json::from_str(&run.stdout);
    (report.unwrap_or_else(|error| panic!("{error}: {run:#?}")), run.status)
}

/// Finished, breached, breached without pauses, open and open breached of a target; 0 for what is not said.
fn figures(report: &Value, priority: &str, target: &str) -> [u64; 5] {
    let targets = report["targets"].as_array().unwrap();
    let found = targets.iter().find(|one| one["priority"] == priority && one["target"] == target);
    let found = found.unwrap_or_else(|| panic!("{priority} {target}: {report:#}"));
    ["finished", "breached", "breached-without-pauses", "open", "open-breached"]
        .map(|key| found.get(key).map_or(0, |count| count.as_u64().unwrap()))
}

const EVENTS: [&str; 3] = ["incidents.csv", "--map", "incidents.map.toml"];

#[test]
fn breaches_are_counted_with_pauses_and_without() {
    let repository = example();
    let (found, status) = report(&repository, &EVENTS);
    assert_eq!((status, &found["rows"], &found["tickets"]), (0, &json!(12), &json!(4)));
    // T-2 took 12 hours of which it waited for 8; T-1 took 6 hours.
    assert_eq!(figures(&found, "p2", "resolve"), [2, 0, 1, 0, 0]);
    // T-3 became critical on the second day, and counts from its opening: 2 hours and 3.
    assert_eq!(figures(&found, "p1", "resolve"), [1, 1, 1, 0, 0]);
    // T-4 waits for the vendor, and is not late however much time has passed.
    assert_eq!(figures(&found, "p4", "resolve"), [0, 0, 0, 1, 0]);
    let recorded = json!({
        "met-and-met": 1, "met-and-recorded-breached": 1, "breached-and-recorded-met": 0, "breached-and-breached": 1
    });
    assert_eq!(found["recorded"], recorded);
    crate::golden::check_file("tests/snapshots/replay/incidents.txt", &replay(&repository, &EVENTS).stdout);
}

#[test]
fn exactly_at_the_target_is_kept_and_a_second_more_is_not() {
    let repository = example();
    for (solved, breached) in
        [("2026-03-03T07:00:00Z", 0), ("2026-03-03T08:00:00Z", 0), ("2026-03-03T08:00:01Z", 1)]
    {
        repository.write(
            "tickets.csv",
            format!("id,opened,resolved,priority\nT-1,2026-03-02T14:00:00Z,{solved},p1\n"),
        );
        let (found, status) = report(&repository, &["tickets.csv", "--sla", "incidents"]);
        assert_eq!(status, 0, "{found:#}");
        // Without a state nobody knows of pauses.
        assert!(found["all"].get("breached-without-pauses").is_none(), "{found:#}");
        assert_eq!(figures(&found, "p1", "resolve"), [1, breached, 0, 0, 0], "{solved}");
    }
}

#[test]
fn tickets_are_the_same_as_lines_of_json_by_service_and_with_tiers() {
    let repository = example();
    let lines = [
        json!({ "id": "T-1", "at": "2026-03-02T09:00:00Z", "priority": "p2", "service": "workplace" }),
        json!({ "id": "T-1", "at": "2026-03-02T10:00:00Z", "state": "awaiting-requester" }),
        json!({ "id": "T-1", "at": "2026-03-03T10:00:00Z", "state": "in-progress" }),
        json!({ "id": "T-1", "at": "2026-03-03T17:30:00Z", "state": "resolved" }),
    ];
    repository.write("events.jsonl", lines.map(|line| line.to_string() + "\n").concat());
    let (found, status) = report(&repository, &["events.jsonl"]);
    assert_eq!(status, 0, "{found:#}");
    assert_eq!(figures(&found, "p2", "resolve"), [1, 1, 1, 0, 0]);
    assert_eq!(found["targets"][0]["tier"], "standard");
}

#[test]
fn rows_of_a_ticket_are_put_in_order_and_it_is_said() {
    let repository = example();
    let text = repository.read("incidents.csv");
    let (first, second) = ("2/3/2026 10:00,2/3/2026 10:00,?,no\n", "2/3/2026 10:00,2/3/2026 11:00,?,no\n");
    assert!(text.contains(first) && text.contains(second));
    let rows: Vec<&str> = text.lines().collect();
    let mut swapped = rows.clone();
    swapped.swap(4, 5);
    repository.write("incidents.csv", swapped.join("\n"));
    let (found, status) = report(&repository, &EVENTS);
    assert_eq!((status, &found["out-of-order"]), (0, &json!(1)), "{found:#}");
    assert_eq!(figures(&found, "p2", "resolve"), [2, 0, 1, 0, 0]);
    repository.write("incidents.csv", text.replacen("2/3/2026 09:05", "1/3/2026 09:05", 1));
    let (found, status) = report(&repository, &EVENTS);
    assert_eq!((status, &found["before-opening"]), (0, &json!(1)), "{found:#}");
}

#[test]
fn rows_of_one_ticket_must_stand_together() {
    let repository = example();
    let text = repository.read("incidents.csv");
    let mut rows: Vec<&str> = text.lines().collect();
    let row = rows.remove(2);
    rows.push(row);
    repository.write("incidents.csv", rows.join("\n"));
    let run = replay(&repository, &EVENTS);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:#?}");
    assert!(run.stderr.contains("row 12 is about the ticket `T-1`"), "{}", run.stderr);
    assert!(run.stderr.contains("sort the file by ticket"), "{}", run.stderr);
}

#[test]
fn a_ticket_with_a_bad_row_is_not_counted_as_if_it_were_whole() {
    let repository = example();
    let text = repository.read("incidents.csv");
    let others = text.lines().filter(|line| line.starts_with("T-1,")).count() - 1;
    for (from, to, words, kind) in [
        (
            "T-1,Active,2 - High,",
            "T-1,Active,5 - None,",
            "row 2, line 3: `priority`: the map gives no meaning to `5 - None`",
            "bad-value",
        ),
        ("T-1,Active,2 - High,", "T-1,Active,", "row 2, line 3: it has 6 columns instead of 7", "malformed"),
        (
            "2/3/2026 09:20",
            "2/13/2026 09:20",
            "row 2, line 3: `at`: `2/13/2026 09:20` is not an instant",
            "bad-value",
        ),
    ] {
        assert!(text.contains(from));
        repository.write("incidents.csv", text.replacen(from, to, 1));
        let run = replay(&repository, &EVENTS);
        assert_eq!(run.status, 1, "{run:#?}");
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        assert!(
            run.stdout.contains("the ticket `T-1` has a row that cannot be used: row 2"),
            "{}",
            run.stdout
        );
        assert!(run.stdout.starts_with("3 tickets"), "{}", run.stdout);
        let (found, _) = report(&repository, &EVENTS);
        assert_eq!(
            found["rejects"]["reasons"],
            json!([{ "name": kind, "count": 1 }, { "name": "invalid", "count": others }])
        );
        // Every row is in a ticket that was counted, or among those that were not.
        let all = (others + 1).to_string();
        assert_eq!(report(&repository, &[&EVENTS[..], &["--allow-rejects", &all]].concat()).1, 0);
        let less = others.to_string();
        assert_eq!(report(&repository, &[&EVENTS[..], &["--allow-rejects", &less]].concat()).1, 1);
        replay(&repository, &[&EVENTS[..], &["--rejects", "rejected.csv"]].concat());
        let rejected = repository.read("rejected.csv");
        assert_eq!(
            rejected.lines().count(),
            others + 2,
            "a heading, and every row of the ticket: {rejected}"
        );
    }
    repository.write("incidents.csv", text.replace(",2/3/2026 15:00,", ",1/3/2026 15:00,"));
    let run = replay(&repository, &EVENTS);
    assert!(
        run.stdout.contains("row 1, line 2: it was solved at 2026-03-01T15:00:00Z, before it was opened"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_is_needed_is_named_and_limits_are_held() {
    let repository = example();
    let limited = |limit: &str| replay(&repository, &[&EVENTS[..], &["--max-breaches", limit]].concat());
    // One of three for solving, and one of four for answering.
    let all = report(&repository, &EVENTS).0["all"].clone();
    let breached = all["breached"].as_u64().unwrap();
    assert_eq!(limited(&breached.to_string()).status, 0);
    let run = limited(&(breached - 1).to_string());
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("--max-breaches"), "{}", run.stderr);
    for (heading, words) in [
        ("number,opened,priority", "nothing says `id`"),
        ("id,started,priority", "nothing says `at`"),
        ("id,opened,urgency", "nothing says `priority`"),
        ("id,opened,priority", "nothing says `sla`: write `--sla ID`"),
    ] {
        repository.write("tickets.csv", format!("{heading}\nT-1,2026-03-02T14:00:00Z,p1\n"));
        let run = replay(&repository, &["tickets.csv"]);
        assert_eq!(run.status, 2, "{heading}");
        assert!(run.stderr.contains(words), "{heading}: {}", run.stderr);
    }
    assert_eq!(replay(&repository, &["tickets.csv", "--sla", "incidents"]).status, 0);
    let run = replay(&repository, &["tickets.csv", "--sla", "incident"]);
    assert!(run.stderr.contains("there is no sla `incident`"), "{}", run.stderr);
    repository.write("tickets.csv", "id,opened,priority\n");
    let run = replay(&repository, &["tickets.csv", "--sla", "incidents"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("holds no rows"), "{}", run.stderr);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let repository = example();
    let text = repository.read("incidents.csv");
    let (heading, rows) = text.split_once('\n').unwrap();
    let mut many = format!("{heading}\n");
    for copy in 0..3_000 {
        many.push_str(&rows.replace("T-", &format!("T-{copy}-")));
    }
    repository.write("incidents.csv", many);
    let of = |jobs: &str| {
        replay(&repository, &[&EVENTS[..], &["--jobs", jobs, "--format", "json"]].concat()).stdout
    };
    let one = of("1");
    assert_eq!(one, of("4"));
    let found: Value = serde_json::from_str(&one).unwrap();
    assert_eq!((&found["rows"], &found["tickets"]), (&json!(36_000), &json!(12_000)));
    assert_eq!(figures(&found, "p2", "resolve"), [6_000, 0, 3_000, 0, 0]);
}
