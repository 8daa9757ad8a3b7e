//! `gitsm clock`.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    golden::Folder,
    support::{Repository, Run, command, gitsm},
};

const NOW: &str = "2026-11-20T12:00:00Z";
/// Friday, 16:00 in Berlin: an hour before the office closes.
const START: &str = "2026-11-20T15:00:00Z";

/// The repository that `gitsm init` writes.
fn example() -> Repository {
    let repository = Repository::empty();
    let run = gitsm(&["init", "--name", "Example", "--now", NOW], repository.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    repository
}

fn clock(arguments: &[&str], repository: &Repository) -> Run {
    gitsm(&[&["clock"], arguments].concat(), repository.path())
}

/// The answer as JSON.
fn answer(arguments: &[&str], repository: &Repository) -> Value {
    let run = clock(&[arguments, &["--format", "json"]].concat(), repository);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{arguments:?}");
    let mut report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["format-version"], 1);
    report["answer"].take()
}

/// Runs a batch with these bytes as standard input.
fn batch(what: &str, input: &[u8], repository: &Repository) -> (i32, Vec<Value>, String) {
    let mut command: Command = command(&["clock", what, "--batch"], repository.path());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), lines, String::from_utf8(output.stderr).unwrap())
}

const HISTORY: &str = r#"{
  "priority": "p2",
  "events": [
    { "at": "2026-11-20T09:00:00Z", "state": "assigned" },
    { "at": "2026-11-20T09:20:00Z", "state": "in-progress" },
    { "at": "2026-11-20T10:00:00Z", "priority": "p1" },
    { "at": "2026-11-20T10:30:00Z", "state": "awaiting-requester" },
    { "at": "2026-11-20T12:00:00Z", "state": "in-progress" },
    { "at": "2026-11-20T13:00:00Z", "state": "resolved" },
    { "at": "2026-11-23T09:00:00Z", "state": "in-progress" }
  ]
}
"#;

#[test]
fn what_people_see_is_kept() {
    let repository = example();
    repository.write("ticket.json", HISTORY);
    let mut kept = Folder::new("tests/snapshots/clock", ".txt");
    let office = ["due", "--calendar", "office", "--start", START];
    let mail = ["--service", "mail", "--priority", "p1", "--start", START];
    let standard = ["status", "--sla", "standard", "--priority", "p1", "--start", START];
    let history = ["status", "--sla", "standard", "--history", "ticket.json"];
    let pause = ["--pause", "2026-11-20T15:30:00Z..2026-11-23T08:30:00Z"];
    for (name, arguments) in [
        ("due-hours", [&office[..], &["--within", "4h"]].concat()),
        ("due-days", [&office[..], &["--within", "2bd"]].concat()),
        ("due-paused", [&office[..], &["--within", "4h"], &pause].concat()),
        ("due-open-pause", [&office[..], &["--within", "4h", "--pause", "2026-11-20T15:30:00Z.."]].concat()),
        ("due-service", [&["due"], &mail[..]].concat()),
        ("due-target", [&["due", "--target", "resolve"], &mail[..], &pause].concat()),
        (
            "elapsed",
            vec!["elapsed", "--calendar", "office", "--start", START, "--end", "2026-11-24T12:34:56Z"],
        ),
        ("status-on-track", [&standard[..], &["--now", "2026-11-20T15:10:00Z"]].concat()),
        ("status-breached", [&standard[..], &["--now", "2026-11-23"]].concat()),
        ("status-met", [&standard[..], &["--stop", "2026-11-20T15:29:00Z"]].concat()),
        ("status-paused", [&standard[..], &pause, &["--now", "2026-11-20T17:00:00Z"]].concat()),
        ("history", [&history[..], &["--now", "2026-11-23T10:00:00Z"]].concat()),
        ("history-earlier", [&history[..], &["--now", "2026-11-20T09:30:00Z"]].concat()),
    ] {
        let run = clock(&arguments, &repository);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{name}");
        assert!(run.stdout.lines().all(|line| line == line.trim_end()), "{name}:\n{}", run.stdout);
        kept.check(name, &run.stdout);
    }
    kept.finish();
}

#[test]
fn answers_say_which_line_promises() {
    let repository = example();
    let due = answer(&["due", "--service", "mail", "--priority", "p1", "--start", START], &repository);
    assert_eq!(due["agreement"]["through"], "tier/standard of service/mail");
    for (index, target) in ["respond", "resolve"].into_iter().enumerate() {
        let promised = &due["due"][index];
        assert_eq!(promised["target"], target);
        let place = &promised["place"];
        let text = repository.read(place["file"].as_str().unwrap());
        let line = text.lines().nth(usize::try_from(place["line"].as_u64().unwrap() - 1).unwrap()).unwrap();
        assert!(line.starts_with("p1 = ") && line.contains(target), "{line}");
    }
    // An hour on Friday, then Monday morning, in local time and in UTC.
    let at = &due["due"][1]["due"]["at"];
    assert_eq!(
        *at,
        json!({ "instant": "2026-11-23T11:00:00Z", "local": "2026-11-23T12:00:00+01:00", "weekday": "mon" })
    );
}

#[test]
fn a_target_that_is_just_used_up_is_met_and_a_second_more_is_not() {
    let repository = example();
    let status = |stop: &str| {
        let arguments = ["status", "--sla", "standard", "--priority", "p1", "--start", START, "--stop", stop];
        answer(&[&arguments[..], &["--target", "resolve"]].concat(), &repository)
    };
    let exact = status("2026-11-23T11:00:00Z");
    assert_eq!((&exact["verdict"], &exact["clocks"][0]["remaining-seconds"]), (&json!("met"), &json!(0)));
    let over = status("2026-11-23T11:00:01Z");
    assert_eq!((&over["verdict"], &over["clocks"][0]["remaining-seconds"]), (&json!("breached"), &json!(-1)));
    // What is used up at closing time is due then, and what is finished before the next opening is in time.
    let closing = ["due", "--calendar", "office", "--within", "1h", "--start", START];
    assert_eq!(answer(&closing, &repository)["due"][0]["due"]["at"]["local"], "2026-11-20T17:00:00+01:00");
}

/// Flags that are refused, with what is said about them, and their nearest neighbour that is not.
#[test]
fn bad_questions_are_refused_and_their_neighbours_answered() {
    let repository = example();
    repository.write("nothing.json", r#"{"priority":"p1","events":[{"at":"2026-11-20T15:00:00Z"}]}"#);
    repository
        .write("ok.json", r#"{"priority":"p1","events":[{"at":"2026-11-20T15:00:00Z","state":"new"}]}"#);
    let due = "due --calendar office --within 4h --start 2026-11-20T15:00:00Z";
    let sla = "due --sla standard --priority p1 --start 2026-11-20T15:00:00Z";
    let status =
        "status --sla standard --priority p1 --start 2026-11-20T15:00:00Z --now 2026-11-20T16:00:00Z";
    let elapsed = "elapsed --calendar office --start 2026-11-20T15:00:00Z --end 2026-11-20T15:00:00Z";
    for (good, from, to, message) in [
        (due, "office", "ofice", "there is no calendar `ofice`: did you mean `office`?"),
        (due, "office", "x", "there is no calendar `x`: `gitsm show calendar` lists what there is"),
        (due, "4h", "-4h", "`-4h` is not a duration: `-` stands where a digit must"),
        (due, "4h", "36526d", "`36526d` is too long"),
        (due, "4h", "10001bd", "`10001bd` is too long"),
        (due, "4h", "1.5h", "has a fraction"),
        (due, " --within 4h", "", "`within` is missing: write a duration, such as `4h`"),
        (due, "2026-11-20T15:00:00Z", "1969-12-31T23:59:59Z", "is out of range: write an instant from 1970"),
        (due, "2026-11-20T15:00:00Z", "9999-12-31T00:00:00Z", "is out of range: write an instant from 1970"),
        (due, "2026-11-20T15:00:00Z", "12026-11-20T15:00:00Z", "is out of range: write an instant from 1970"),
        (due, "15:00:00Z", "15:00:00", "`2026-11-20T15:00:00` is not an instant"),
        (due, "2026-11-20T15:00:00Z", "2026-02-30T15:00:00Z", "`2026-02-30T15:00:00Z` is not an instant"),
        (due, "--start", "--pause 2026-11-20T15:00:00Z..2026-11-20T14:00:00Z --start", "before it starts at"),
        (due, "--start", "--pause 2026-11-20T15:00:00Z --start", "is not a pause: write two instants"),
        (due, "--start", "--pause x..y --start", "`x` is not an instant"),
        (sla, "standard", "standrad", "there is no sla `standrad`: did you mean `standard`?"),
        (sla, "--sla standard", "--service mial", "there is no service `mial`: did you mean `mail`?"),
        (sla, "p1", "p9", "there is no priority `p9`: there are `p1`, `p2` and `p3`"),
        (sla, "p1", "P1", "there is no priority `P1`: did you mean `p1`?"),
        (
            sla,
            "--start",
            "--target workaround --start",
            "has no target `workaround` at priority `p1`: it has `respond`",
        ),
        (sla, "--start", "--target resolv --start", "there is no target `resolv`: did you mean `resolve`?"),
        (
            status,
            "--now 2026-11-20T16:00:00Z",
            "--now 2026-11-20T14:59:59Z",
            "`now` is 2026-11-20T14:59:59Z, before",
        ),
        (
            status,
            "--now 2026-11-20T16:00:00Z",
            "--stop 2026-11-20T14:59:59Z",
            "`stop` is 2026-11-20T14:59:59Z, before",
        ),
        (status, "--start 2026-11-20T15:00:00Z ", "", "`start` is missing"),
        (status, "--sla standard ", "", "`sla` is missing: name an SLA, or a `service` that has one"),
        (
            status,
            "--priority p1 --start 2026-11-20T15:00:00Z",
            "--history nothing.json",
            "event 1 says nothing",
        ),
        (
            status,
            "--priority p1 --start 2026-11-20T15:00:00Z",
            "--history gitsm.toml",
            "is not the history of a ticket",
        ),
        (status, "--start 2026-11-20T15:00:00Z", "--history ok.json", "`priority` is given twice"),
        (
            elapsed,
            "--end 2026-11-20T15:00:00Z",
            "--end 2026-11-20T15:00:60Z",
            "`2026-11-20T15:00:60Z` has 60 seconds, and a leap second is no time of day",
        ),
    ] {
        let run = |line: &str| clock(&line.split(' ').collect::<Vec<_>>(), &repository);
        let fine = run(good);
        assert_eq!((fine.status, fine.stderr.as_str()), (0, ""), "{good}");
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        let refused = run(&bad);
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""), "{bad}");
        assert!(refused.stderr.contains(message), "{bad}: {}", refused.stderr);
    }
    let fine = "status --sla standard --history ok.json --now 2026-11-20T16:00:00Z";
    assert_eq!(clock(&fine.split(' ').collect::<Vec<_>>(), &repository).status, 0);
}

#[test]
fn what_ended_before_it_started_has_taken_no_time() {
    let repository = example();
    let run = |end: &str| {
        let line = format!("elapsed --calendar office --start 2026-11-20T15:00:00Z --end {end}");
        clock(&line.split(' ').collect::<Vec<_>>(), &repository)
    };
    let before = run("2026-11-20T14:00:00Z");
    assert_eq!(before.status, 0, "{}", before.stderr);
    assert!(before.stdout.starts_with("0m "), "{}", before.stdout);
    assert!(before.stdout.contains("15:00 CET, 1h earlier on the wall"), "{}", before.stdout);
    let after = run("2026-11-20T15:30:00Z");
    assert!(after.stdout.starts_with("30m "), "{}", after.stdout);
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    let repository = example();
    for flags in [
        "due --calendar office --sla standard --priority p1 --within 4h --start 2026-11-20T15:00:00Z",
        "due --sla standard --service mail --priority p1 --start 2026-11-20T15:00:00Z",
        "due --sla standard --priority p1 --within 4h --start 2026-11-20T15:00:00Z",
        "due --sla standard --start 2026-11-20T15:00:00Z",
        "due --calendar office --within 4h",
        "due --batch - --calendar office",
        "status --history a.json --stop 2026-11-20T15:00:00Z",
        "elapsed --calendar office --start 2026-11-20T15:00:00Z",
    ] {
        let run = clock(&flags.split(' ').collect::<Vec<_>>(), &repository);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{flags}");
    }
}

#[test]
fn the_environment_says_what_now_is_and_leaves_a_stop_alone() {
    let repository = example();
    let status =
        ["clock", "status", "--sla", "standard", "--priority", "p1", "--start", START, "--format", "json"];
    let read_at = |more: &[&str]| {
        let mut command = command(&[&status[..], more].concat(), repository.path());
        let output = command.env("GITSM_NOW", "2026-11-20T15:07:00Z").output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["answer"]["read-at"]["instant"].clone()
    };
    assert_eq!(read_at(&[]), "2026-11-20T15:07:00Z");
    assert_eq!(read_at(&["--now", "2026-11-20T15:08:00Z"]), "2026-11-20T15:08:00Z");
    assert_eq!(read_at(&["--stop", "2026-11-20T15:09:00Z"]), "2026-11-20T15:09:00Z");
}

#[test]
fn a_batch_answers_every_line_in_order() {
    let repository = example();
    let question = json!({ "id": 7, "calendar": "office", "within": "4h", "start": START }).to_string();
    let mut input = Vec::new();
    let mut line = |bytes: &[u8]| {
        input.extend_from_slice(bytes);
        input.push(b'\n');
    };
    line(question.as_bytes());
    line(b"");
    line(b"{\"calendar\":\"office\",\"within\":\"4h\",\"start\":\"\xff\"}");
    line(&vec![b'x'; 3 << 20]);
    line(
        b"{\"calendar\":\"ofice\",\"within\":\"4h\",\"start\":\"2026-11-20T15:00:00Z\",\"id\":\"T\\u001b\"}",
    );
    line(b"{\"calendar\":\"office\",\"until\":1}");
    line(b"{\"id\":");
    line(b"{\"calendar\":\"office\",\"calendar\":\"office\"}");
    line(b"\xef\xbb\xbf{}");
    line(format!("{{\"id\":{}", "[".repeat(10_000)).as_bytes());
    line(b"[null, \"office\", null, null, null, null, \"4h\", \"2026-11-20T15:00:00Z\", []]");
    input.extend_from_slice(question.as_bytes());
    let (status, lines, talk) = batch("due", &input, &repository);
    assert_eq!(status, 1);
    assert_eq!(lines.len(), 12);
    assert_eq!(talk, "10 of 12 questions could not be answered: see `error`\n");
    for (line, number) in lines.iter().zip(1..) {
        assert_eq!((&line["line"], &line["format-version"]), (&json!(number), &json!(1)));
    }
    let single = answer(&["due", "--calendar", "office", "--within", "4h", "--start", START], &repository);
    for line in [&lines[0], &lines[11]] {
        assert_eq!((&line["id"], &line["answer"]), (&json!(7), &single), "the same as one by one");
    }
    assert_eq!(lines[4]["id"], "T\u{1b}");
    let errors: Vec<&str> =
        lines[1..11].iter().map(|line| line["error"]["message"].as_str().unwrap()).collect();
    for (error, part) in errors.iter().zip([
        "the line is empty",
        "not UTF-8 from byte 45 on",
        "longer than 1048576 bytes",
        "did you mean `office`?",
        "unknown field `until`",
        "EOF while parsing",
        "duplicate field `calendar`",
        "write an object",
        "recursion limit exceeded",
        "write an object",
    ]) {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!((&lines[4]["error"]["field"], &lines[6]["error"]["column"]), (&json!("calendar"), &json!(6)));
}

#[test]
fn a_batch_without_a_mistake_succeeds() {
    let repository = example();
    let elapsed = json!({ "calendar": "office", "start": START, "end": "2026-11-23T09:00:00Z" });
    let (status, lines, talk) = batch("elapsed", format!("{elapsed}\n").as_bytes(), &repository);
    assert_eq!((status, talk.as_str()), (0, ""));
    assert_eq!(lines[0]["answer"]["business-seconds"], 7_200);
    assert_eq!(batch("elapsed", b"", &repository), (0, vec![], String::new()));
    let mut history: Value = serde_json::from_str(HISTORY).unwrap();
    history["sla"] = json!("standard");
    history["now"] = json!("2026-11-23T10:00:00Z");
    let plain =
        json!({ "service": "mail", "priority": "p1", "start": START, "stop": "2026-11-20T15:10:00Z" });
    let (status, lines, talk) = batch("status", format!("{history}\n{plain}").as_bytes(), &repository);
    assert_eq!((status, talk.as_str()), (0, ""));
    let state = |line: &Value, index: usize| {
        let clock = &line["answer"]["clocks"][index];
        let text = |key: &str| clock[key].as_str().unwrap().to_owned();
        format!("{} {} {}", text("priority"), text("target"), text("state"))
    };
    // p2 until 10:00, when `respond` was met; p1 from there on, waiting from 10:30 to 12:00, resolved over the weekend.
    let found: Vec<String> = (0..3).map(|index| state(&lines[0], index)).collect();
    assert_eq!(found, ["p2 respond met", "p2 resolve cancelled", "p1 resolve on-track"]);
    assert_eq!(lines[0]["answer"]["clocks"][2]["elapsed-seconds"], (30 + 60 + 60) * 60);
    assert_eq!(state(&lines[1], 1), "p1 resolve met");
    // From a file, the same.
    repository.write("questions.jsonl", format!("{elapsed}\n"));
    assert_eq!(clock(&["elapsed", "--batch", "questions.jsonl"], &repository).status, 0);
    assert_eq!(clock(&["elapsed", "--batch", "missing.jsonl"], &repository).status, 2);
}

#[test]
fn nothing_is_counted_with_a_rulebook_that_has_errors() {
    let repository = example();
    let due = ["due", "--calendar", "office", "--within", "4h", "--start", START];
    assert_eq!(clock(&due, &repository).status, 0);
    repository.write("catalog/broken.toml", "[calendar.offices]\nnmae = \"Offices\"\n");
    let run = clock(&due, &repository);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("nmae"), "{}", run.stderr);
}
