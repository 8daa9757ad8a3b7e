//! Files, maps and rows that cannot be used, each beside the nearest that can.

use super::{REQUESTS, report, requests};
use crate::support::Repository;

/// Replays a file of this text. The neighbour is the file without the mistake.
fn replayed(file: &str, text: impl AsRef<[u8]>, arguments: &[&str]) -> (i32, String, String) {
    let repository = Repository::base();
    repository.write(file, text);
    let run = requests(&repository, &[&[file], arguments].concat());
    (run.status, run.stdout, run.stderr)
}

const HEADING: &str = "id,requester,entitlements,duration,justification,now,outcome\n";
const GOOD: &str = "R-1,dan,mail/user,30d,because,2026-03-02T09:00:00Z,approved\n";

/// Rows with one mistake each, and what is said about it.
fn bad_rows() -> Vec<(&'static str, Vec<u8>)> {
    let row = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replacen(from, to, 1).into_bytes()
    };
    let long = "x".repeat(1_000_000);
    let mut invalid = row("because", "?");
    let at = invalid.iter().position(|byte| *byte == b'?').unwrap();
    invalid[at] = 0xff;
    vec![
        ("it has 2 columns instead of 7", b"R-1,dan\n".to_vec()),
        ("it has 8 columns instead of 7", row("because", "be,cause")),
        ("`requester`: there is no person `nobody`", row("dan", "nobody")),
        ("`requester` is not said", row("dan", "")),
        ("`entitlements`: there is no entitlement `mail/root`", row("mail/user", "mail/root")),
        (
            "`entitlements`: `mail` is not an entitlement: write `service/entitlement`",
            row("mail/user", "mail"),
        ),
        ("`duration`:", row("30d", "-3d")),
        ("`duration`:", row("30d", "99999999999999999999d")),
        ("`duration` is no time at all", row("30d", "0d")),
        ("`now`: `2026-02-30T09:00:00Z` is not an instant", row("2026-03-02", "2026-02-30")),
        ("the request is made at 1969-12-31T23:59:59Z", row("2026-03-02T09:00:00Z", "1969-12-31T23:59:59Z")),
        (
            "`now`: `10000-01-01T00:00:00Z` is not an instant",
            row("2026-03-02T09:00:00Z", "10000-01-01T00:00:00Z"),
        ),
        ("`now` is not said", row("2026-03-02T09:00:00Z", "")),
        ("`outcome`: `aproved` is no such word: did you mean `approved`?", row("approved", "aproved")),
        ("`justification` has 1000000 characters: write at most 4096", row("because", &long)),
        ("`justification` is not UTF-8", invalid),
    ]
}

#[test]
fn bad_rows_are_counted_shown_and_written_down_and_the_others_are_decided() {
    for (words, bad) in bad_rows() {
        let text = [HEADING.as_bytes(), GOOD.as_bytes(), &bad, GOOD.as_bytes()].concat();
        let (status, stdout, stderr) = replayed("requests.csv", &text, &[]);
        assert_eq!(status, 1, "{words}: {stdout}{stderr}");
        assert!(stdout.contains(&format!("row 2, line 3: {words}")), "{words}: {stdout}");
        assert!(stderr.contains("1 row rejected"), "{stderr}");
        assert!(stdout.starts_with("2 requests"), "{stdout}");
        // Allowed, and still shown.
        let (status, allowed, stderr) = replayed("requests.csv", &text, &["--allow-rejects", "1"]);
        assert_eq!((status, stderr.as_str()), (0, ""), "{words}");
        assert_eq!(allowed, stdout, "{words}");
        let repository = Repository::base();
        repository.write("requests.csv", &text);
        requests(&repository, &["requests.csv", "--rejects", "rejected.csv"]);
        let bytes = std::fs::read(repository.path().join("rejected.csv")).unwrap();
        let written = String::from_utf8_lossy(&bytes);
        assert!(written.starts_with("rejected-row,rejected-line,rejected-because,id,requester"), "{words}");
        assert_eq!(written.matches("\n2,3,").count(), 1, "{words}: {written:.200}");
    }
    let good = [HEADING, GOOD, GOOD].concat();
    let (status, stdout, stderr) = replayed("requests.csv", good, &[]);
    assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
    assert!(!stdout.contains("rejected"), "{stdout}");
}

#[test]
fn rejected_rows_can_be_mended_and_read_again() {
    let repository = Repository::base();
    let bad = GOOD.replace("dan", "\"dann, or so\"");
    repository.write("requests.csv", [HEADING, GOOD, &bad].concat());
    assert_eq!(requests(&repository, &["requests.csv", "--rejects", "rejected.csv"]).status, 1);
    let rejected = repository.read("rejected.csv");
    assert!(rejected.contains("\"dann, or so\""), "{rejected}");
    repository.write("mended.csv", rejected.replace("\"dann, or so\"", "dan"));
    let (report, status) = report(&repository, &["mended.csv"]);
    assert_eq!((status, &report["decided"]), (0, &1.into()), "{report:#}");
    // The file itself is never written over.
    let run = requests(&repository, &["requests.csv", "--rejects", "./requests.csv"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("names the file that is replayed"), "{}", run.stderr);
    assert!(repository.read("requests.csv").contains("dann"));
}

#[test]
fn lines_of_json_are_rejected_one_by_one() {
    let good = r#"{"now":"2026-03-02T09:00:00Z","request":{"requester":"dan","entitlements":["mail/user"]}}"#;
    for (words, bad) in [
        ("it is not an object: write `{…}` on each line", "[1]"),
        ("it is not an object: write `{…}` on each line", "7"),
        ("EOF while parsing", "{"),
        ("missing field `request`", "{}"),
        ("unknown field `reqeust`", r#"{"reqeust":{}}"#),
        ("unknown field `form-data`", &good.replace("\"requester\"", "\"form-data\":1,\"requester\"")),
        ("there is no person `nobody`", &good.replace("dan", "nobody")),
    ] {
        let text = format!("{good}\n{bad}\n\n{good}\n");
        let (status, stdout, _) = replayed("requests.jsonl", &text, &[]);
        assert_eq!(status, 1, "{words}: {stdout}");
        assert!(stdout.contains("row 2, line 2: ") && stdout.contains(words), "{words}: {stdout}");
        let repository = Repository::base();
        repository.write("requests.jsonl", &text);
        requests(&repository, &["requests.jsonl", "--rejects", "rejected.jsonl"]);
        let line: serde_json::Value = serde_json::from_str(&repository.read("rejected.jsonl")).unwrap();
        assert_eq!((&line["row"], &line["text"]), (&2.into(), &bad.into()));
    }
    assert_eq!(replayed("requests.jsonl", format!("{good}\n{good}\n"), &[]).0, 0);
}

#[test]
fn nothing_at_all_is_no_success() {
    for (file, text, status, words) in [
        ("requests.csv", "", 2, "it is empty: the first line must name the columns"),
        ("requests.csv", HEADING, 1, "holds no rows, so nothing was replayed"),
        ("requests.jsonl", "", 1, "holds no rows, so nothing was replayed"),
        ("requests.jsonl", "\n\n", 1, "holds no rows, so nothing was replayed"),
    ] {
        let (found, _, stderr) = replayed(file, text, &[]);
        assert_eq!(found, status, "{file} {text:?}: {stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    let only_bad = [HEADING, &GOOD.replace("dan", "nobody")].concat();
    let (status, _, stderr) = replayed("requests.csv", only_bad, &["--allow-rejects", "9"]);
    assert_eq!(status, 1);
    assert!(stderr.contains("no row told of a request"), "{stderr}");
}

#[test]
fn files_that_nobody_can_read_to_their_end_are_refused() {
    let text = |rows: &str| [HEADING, GOOD, rows].concat();
    let rows = "R-2,dan,mail/user,30d,\"because,2026-03-02T09:00:00Z,approved\nR-3,dan,mail/user,,,,\n";
    let (status, stdout, stderr) = replayed("requests.csv", text(rows), &[]);
    assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("a quote in row 2, which starts on line 3, is never closed"), "{stderr}");
    let closed = rows.replace("\"because", "\"because\"").replace(",,,,\n", ",,,2026-03-02T09:00:00Z,\n");
    assert_eq!(replayed("requests.csv", text(&closed), &[]).0, 0);
    let repository = Repository::base();
    for (file, words) in
        [("missing.csv", "cannot read `missing.csv`"), ("catalog", "`catalog` is a link or a device")]
    {
        let run = requests(&repository, &[file, "--input-format", "csv"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:#?}");
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}

#[test]
fn columns_that_are_not_there_are_named_with_those_that_are() {
    let text = [HEADING, GOOD].concat();
    let refused = |arguments: &[&str], words: &str| {
        let (status, stdout, stderr) = replayed("requests.csv", &text, arguments);
        assert_eq!((status, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
    };
    refused(
        &["--column", "requester=requestor"],
        "there is no column `requestor`: did you mean `requester`? (the columns are `id`, `requester`,",
    );
    refused(&["--column", "requestor=requester"], "there is no field `requestor`: did you mean `requester`?");
    assert_eq!(replayed("requests.csv", &text, &["--column", "requester=requester"]).0, 0);
    let twice = text.replace("justification", "requester");
    let (status, _, stderr) = replayed("requests.csv", &twice, &[]);
    assert_eq!(status, 2);
    assert!(stderr.contains("2 columns are called `requester`"), "{stderr}");
    // A column that nobody reads may be there twice.
    assert_eq!(
        replayed("requests.csv", text.replace("justification", "note").replace("duration", "note"), &[]).0,
        0
    );
    let (status, _, stderr) = replayed("requests.csv", text.replace("requester", "who"), &[]);
    assert_eq!(status, 2);
    assert!(stderr.contains("nothing says `requester`: write `--column requester=COLUMN`"), "{stderr}");
    let (status, _, stderr) = replayed("requests.csv", text.replace(',', ";"), &[]);
    assert_eq!(status, 2);
    assert!(stderr.contains("its columns are separated by `;`"), "{stderr}");
    assert_eq!(replayed("requests.csv", text.replace(',', ";"), &["--delimiter", ";"]).0, 0);
    let line = r#"{"who":"dan","what":"mail/user"}"#;
    let (status, stdout, stderr) = replayed(
        "requests.jsonl",
        format!("{line}\n{line}\n"),
        &["--column", "requester=who", "--column", "entitlements=waht"],
    );
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("there is no column `waht`: did you mean `what`? (the columns are `who`, `what`)"),
        "{stderr}"
    );
    let (status, ..) =
        replayed("requests.jsonl", line, &["--column", "requester=who", "--column", "entitlements=what"]);
    assert_eq!(status, 0);
}

#[test]
fn maps_are_checked_before_anything_is_read() {
    let good =
        "[fields]\nrequester = { column = \"requester\" }\nentitlements = { column = \"entitlements\" }\n";
    let repository = Repository::base();
    repository.write("requests.csv", [HEADING, GOOD].concat());
    let mapped = |map: &str| {
        repository.write("map.toml", map);
        requests(&repository, &["requests.csv", "--map", "map.toml"])
    };
    assert_eq!(mapped(good).status, 0);
    for (map, words) in [
        (good.replace("[fields]", "[field]"), "did you mean `fields`?"),
        (good.replace("column = \"requester\"", "colum = \"requester\""), "did you mean `column`?"),
        (
            good.replace("requester =", "requestr ="),
            "there is no field `requestr`: did you mean `requester`?",
        ),
        (
            good.replace("column = \"requester\"", "default = \"x\""),
            "`requester` needs a `column`, or a `value`",
        ),
        (format!("instants = \"%H:%M\"\n{good}"), "`instants = \"%H:%M\"` cannot be read"),
        (format!("like = \"mail/nothing\"\n{good}"), "`like`: there is no entitlement `mail/nothing`"),
        (format!("time-zone = \"Europe/Nowhere\"\n{good}"), "there is no time zone `Europe/Nowhere`"),
        (format!("delimiter = \";;\"\n{good}"), "`delimiter` is too long"),
        (format!("{good}[subject]\nshoes = {{ column = \"id\" }}\n"), "there is no field `subject.shoes`"),
        ("[fields\n".to_owned(), "map.toml:1:8"),
    ] {
        let run = mapped(&map);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{map}\n{}", run.stderr);
        assert!(run.stderr.contains(words), "{map}\n{}", run.stderr);
    }
}

#[test]
fn nothing_is_replayed_with_a_broken_rulebook() {
    let repository = Repository::base();
    repository.write("requests.csv", REQUESTS);
    repository.write("catalog/broken.toml", "[team.night]\nnmae = \"Night\"\n");
    let run = requests(&repository, &["requests.csv"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:#?}");
    assert!(run.stderr.contains("nothing is decided"), "{}", run.stderr);
}
