//! Requests that can be decided about: what is counted.

use serde_json::{Value, json};

use super::{NOW, REQUESTS, report, requests};
use crate::support::{Repository, copy, gitsm, root};

fn with(file: &str, text: &str) -> Repository {
    let repository = Repository::base();
    repository.write(file, text);
    repository
}

fn counts(approved: u64, needs: u64, denied: u64) -> Value {
    json!({ "approved": approved, "needs-approval": needs, "denied": denied, "invalid": 0 })
}

#[test]
fn everything_is_counted_and_held_against_what_was_decided() {
    let repository = with("requests.csv", REQUESTS);
    let (report, status) = report(&repository, &["requests.csv"]);
    assert_eq!(status, 0);
    assert_eq!((&report["rows"], &report["decided"]), (&json!(6), &json!(6)));
    assert_eq!(report["verdicts"], counts(2, 2, 2));
    let recorded = &report["recorded"];
    assert_eq!(recorded["rows"], 5);
    assert_eq!(recorded["approved"], counts(1, 1, 1));
    assert_eq!(recorded["denied"], counts(1, 0, 1));
    let rows = |found: &Value| -> Vec<(u64, String)> {
        let witnesses = found["first"].as_array().unwrap().iter();
        witnesses.map(|one| (one["row"].as_u64().unwrap(), one["id"].as_str().unwrap().to_owned())).collect()
    };
    assert_eq!(rows(&recorded["wrong-approvals"]), [(2, "R-2".to_owned())]);
    assert_eq!(recorded["wrong-approvals"]["first"][0]["rules"], json!(["access:mail/everybody"]));
    assert_eq!(rows(&recorded["wrong-denials"]), [(4, "R-4".to_owned())]);
    let reason = "no rule matches `mail/admin`, and what no rule allows is denied";
    assert_eq!(recorded["wrong-denials"]["first"][0]["reasons"], json!([reason]));
    assert_eq!(report["denials"], json!([{ "name": "no-rule-matched", "count": 2 }]));
    assert_eq!(report["period"]["first"], "2026-03-02T09:00:00Z");
    assert_eq!(report["period"]["last"], "2026-03-06T15:00:00Z");
    let rule = |id: &str| {
        let rule = report["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == id).unwrap();
        ["considered", "matched"].map(|key| rule[key].as_u64().unwrap())
    };
    assert_eq!(rule("access:mail/everybody"), [6, 2]);
    assert_eq!(rule("access:mail/administrators"), [4, 2]);
}

#[test]
fn who_has_how_much_to_do_and_how_long_it_can_take() {
    let (report, _) = report(&with("requests.csv", REQUESTS), &["requests.csv"]);
    let stages = json!([
        { "stage": "manager-and-security/manager", "asked": 2, "needed": 2, "fallback": 0 },
        { "stage": "manager-and-security/security", "asked": 2, "needed": 2, "fallback": 0 },
    ]);
    assert_eq!(report["stages"], stages);
    // Ana is the manager of both; of security, nobody is asked about what they asked for themselves.
    let approvers = json!([
        { "person": "ana", "asked": 2, "alone": 2, "share": 2000 },
        { "person": "cleo", "asked": 2, "alone": 0, "share": 1000 },
        { "person": "ben", "asked": 1, "alone": 0, "share": 500 },
        { "person": "dan", "asked": 1, "alone": 0, "share": 500 },
    ]);
    assert_eq!(report["approvers"], approvers);
    // One business day for each of two stages: from Monday to Wednesday, and from Friday to Tuesday.
    let latency = json!({ "requests": 2, "median": 2 * 1_440, "ninety": 4 * 1_440, "longest": 4 * 1_440, "unlimited": 0 });
    assert_eq!(report["latency"], latency);
}

#[test]
fn the_same_comes_out_of_json_lines_and_of_other_columns() {
    // An empty line is no row, and here it stands where the other file names its columns.
    let lines: String = REQUESTS.lines().skip(1).map(line).collect();
    let repository = with("requests.jsonl", &format!("\n{lines}"));
    let other = REQUESTS
        .replace(
            "id,requester,entitlements,duration,justification,now,outcome",
            "No.;Who;What;Length;Why;When;End",
        )
        .replace(',', ";")
        .replace(";approved", ";Granted")
        .replace(";denied", ";?")
        .replace("mail/", "")
        .replace(";dan;", ";Dan@example.com;")
        .replace(";cleo;", ";Cleo@example.com;")
        .replace(";ben;", ";Ben@example.com;")
        .replace('T', " ")
        .replace(":00Z", "");
    repository.write("other.csv", &other);
    repository.write(
        "map.toml",
        "delimiter = \";\"\ninstants = \"%Y-%m-%d %H:%M\"\ntime-zone = \"UTC\"\n[fields]\nid = { column = \"No.\" }\n\
         requester = { column = \"Who\", transform = \"email-to-id\" }\n\
         entitlements = { column = \"What\", prefix = \"mail/\" }\nduration = { column = \"Length\" }\n\
         justification = { column = \"Why\" }\nnow = { column = \"When\" }\n\
         outcome = { column = \"End\", values = { Granted = \"approved\", \"?\" = \"denied\" } }\n",
    );
    repository.write("requests.csv", REQUESTS);
    let (expected, _) = report(&repository, &["requests.csv"]);
    for arguments in [&["requests.jsonl"][..], &["other.csv", "--map", "map.toml"]] {
        let (mut found, status) = report(&repository, arguments);
        assert_eq!(status, 0, "{found:#}");
        let object = found.as_object_mut().unwrap();
        match expected.get("columns").filter(|_| arguments.len() > 1) {
            Some(columns) => object.insert("columns".to_owned(), columns.clone()),
            None => object.insert("columns".to_owned(), expected["columns"].clone()),
        };
        assert_eq!(found, expected, "{arguments:?}");
    }
}

/// A row as the line of JSON that says the same.
fn line(row: &str) -> String {
    let cells: Vec<&str> = row.split(',').collect();
    let mut request = json!({ "requester": cells[1], "entitlements": [cells[2]] });
    for (name, cell) in ["duration", "justification"].into_iter().zip([cells[3], cells[4]]) {
        if !cell.is_empty() {
            request[name] = json!(cell);
        }
    }
    let mut line = json!({ "id": cells[0], "now": cells[5], "request": request });
    if !cells[6].is_empty() {
        line["outcome"] = json!(cells[6]);
    }
    format!("{line}\n")
}

#[test]
fn limits_are_held_and_the_one_that_is_crossed_is_named() {
    let repository = with("requests.csv", REQUESTS);
    for (kept, crossed) in [
        (["--min-automatic", "33.33%"], ["--min-automatic", "33.34%"]),
        (["--min-automatic", "2"], ["--min-automatic", "3"]),
        (["--max-wrong-approvals", "1"], ["--max-wrong-approvals", "0"]),
        (["--max-wrong-approvals", "50%"], ["--max-wrong-approvals", "49%"]),
        (["--max-wrong-denials", "1"], ["--max-wrong-denials", "0"]),
    ] {
        let run = requests(&repository, &[&["requests.csv"], &kept[..]].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{kept:?}");
        let run = requests(&repository, &[&["requests.csv"], &crossed[..]].concat());
        assert_eq!(run.status, 1, "{crossed:?}");
        assert!(
            run.stderr.starts_with(&format!("{} {} is crossed", crossed[0], crossed[1])),
            "{}",
            run.stderr
        );
        assert!(run.stdout.contains("crossed"), "{}", run.stdout);
    }
    // What nobody knows is not kept.
    repository.write("unknown.csv", REQUESTS.replace(",approved\n", ",\n").replace(",denied\n", ",\n"));
    let run = requests(&repository, &["unknown.csv", "--max-wrong-approvals", "9"]);
    assert_eq!(run.status, 1, "{run:#?}");
    assert!(run.stderr.contains("cannot be checked"), "{}", run.stderr);
    assert_eq!(requests(&repository, &["unknown.csv"]).status, 0);
}

#[test]
fn rows_say_what_people_were_like_and_what_the_catalogue_does_not_hold() {
    let repository = Repository::empty();
    copy(&root().join("examples/approve-as-before"), repository.path());
    let (found, status) = report(&repository, &["requests.csv", "--map", "requests.map.toml"]);
    assert_eq!((status, &found["verdicts"]), (0, &counts(4, 6, 0)), "{found:#}");
    assert_eq!(found["recorded"]["wrong-approvals"]["first"][0]["id"], "R-8");
    // Without what decides about the rest, it is not known.
    let map = repository.read("requests.map.toml");
    repository.write("map.toml", map.replace("like = \"resources/resource\"\n", ""));
    let (found, status) = report(&repository, &["requests.csv", "--map", "map.toml"]);
    assert_eq!(
        (status, &found["rejects"]["reasons"]),
        (1, &json!([{ "name": "unknown", "count": 10 }])),
        "{found:#}"
    );
    // The first rows are learned from, and not counted.
    let warm = report(&repository, &["requests.csv", "--map", "requests.map.toml", "--warm-up", "7"]).0;
    assert_eq!(
        (&warm["learned"], &warm["decided"], &warm["verdicts"]),
        (&json!(7), &json!(3), &counts(2, 1, 0))
    );
}

#[test]
fn people_of_the_directory_are_taken_as_they_were_at_the_time() {
    let repository = Repository::base();
    let text = "requester,entitlements,duration,justification,dept\ncleo,mail/admin,30d,x,it\ncleo,mail/admin,30d,x,sales\n\
                cleo,mail/admin,30d,x,\ngone,mail/admin,30d,x,it\n";
    repository.write("requests.csv", text);
    let map = "[fields]\nrequester = { column = \"requester\" }\nentitlements = { column = \"entitlements\" }\n\
               duration = { column = \"duration\" }\njustification = { column = \"justification\" }\n\
               [subject]\ndepartment = { column = \"dept\" }\n";
    repository.write("map.toml", map);
    let (found, status) = report(&repository, &["requests.csv", "--map", "map.toml"]);
    // The manager of somebody who is gone is not known, and those who stand in are asked.
    assert_eq!((status, &found["verdicts"]), (0, &counts(0, 2, 2)), "{found:#}");
    assert_eq!(found["stages"][0]["fallback"], 1);
    // Without what they were like, nobody knows who that was.
    let (found, status) = report(&repository, &["requests.csv"]);
    assert_eq!(
        (status, &found["rejects"]["reasons"]),
        (1, &json!([{ "name": "unknown", "count": 1 }])),
        "{found:#}"
    );
    assert_eq!(found["verdicts"], counts(0, 0, 3));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let repository = Repository::base();
    let rows: Vec<&str> = REQUESTS.lines().skip(1).collect();
    let mut text = REQUESTS.lines().next().unwrap().to_owned() + "\n";
    for number in 0..20_000 {
        let row =
            if number % 997 == 0 { "R,nobody,mail/user,,,2026-03-02T09:00:00Z," } else { rows[number % 6] };
        text.push_str(&row.replacen("R-", &format!("R-{number}-"), 1));
        text.push('\n');
    }
    repository.write("requests.csv", text);
    let of = |jobs: &str, rejects: &str| {
        let run = requests(
            &repository,
            &["requests.csv", "--jobs", jobs, "--format", "json", "--rejects", rejects],
        );
        assert_eq!(run.status, 1, "{}", run.stderr);
        (run.stdout, repository.read(rejects))
    };
    let one = of("1", "one.csv");
    assert_eq!(one.1.lines().count(), 22, "{}", one.1);
    assert_eq!(of("3", "three.csv"), one);
    let report: Value = serde_json::from_str(&one.0).unwrap();
    assert_eq!((&report["rows"], &report["rejects"]["count"]), (&json!(20_000), &json!(21)));
}

#[test]
fn people_read_the_same_in_words() {
    let repository = with("requests.csv", REQUESTS);
    let run = requests(&repository, &["requests.csv"]);
    crate::golden::check_file("tests/snapshots/replay/requests.txt", &run.stdout);
    assert_eq!(run.stderr, "");
    assert!(
        !gitsm(&["replay", "requests", "requests.csv", "--now", NOW, "--top", "1"], repository.path())
            .stdout
            .contains("cleo ")
    );
}
