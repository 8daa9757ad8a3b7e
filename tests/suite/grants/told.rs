//! What a change does to the ledger, told by `gitsm diff`.

use serde_json::Value;

use super::support::NOW;
use crate::support::{Repository, Run, gitsm};

const FILE: &str = "policies/grants.toml";

/// A grant of access to mail.
fn grant(id: &str, who: &str, what: &str, more: &str) -> String {
    format!(
        "[grant.{id}]\nbeneficiary = \"{who}\"\nentitlement = \"mail/{what}\"\nstart = 2026-11-01\n{more}\n"
    )
}

/// Two versions of the small repository with other ledgers.
fn ledgers(before: &[&String], after: &[&String]) -> [Repository; 2] {
    [before, after].map(|grants| {
        let repository = Repository::base();
        if !grants.is_empty() {
            repository.write(FILE, grants.iter().map(|grant| grant.as_str()).collect::<String>());
        }
        repository
    })
}

fn diff(sides: &[Repository; 2], arguments: &[&str]) -> Run {
    let [old, new] = sides.each_ref().map(|side| side.path().to_str().unwrap());
    gitsm(&[&["diff", old, new, "--now", NOW], arguments].concat(), sides[0].path())
}

/// The lines about grants.
fn told(before: &[&String], after: &[&String]) -> Vec<String> {
    let run = diff(&ledgers(before, after), &[]);
    assert!(run.status == 0, "{}{}", run.stdout, run.stderr);
    let mut lines = run.stdout.lines().skip_while(|line| *line != "grants");
    let section: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    section.iter().skip(1).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn who_gets_what_until_when_is_told() {
    let short = grant("one", "ana", "admin", "end = 2026-11-25");
    let long = grant("one", "ana", "admin", "end = 2026-11-30");
    let other = grant("two", "ben", "user", "");
    assert_eq!(told(&[], &[]), Vec::<String>::new(), "nothing is said where nothing differs");
    assert_eq!(told(&[&short, &other], &[&other, &short]), Vec::<String>::new());
    assert_eq!(
        told(&[], &[&short, &other]),
        [
            "2 grants give access",
            "+ `ana` gets `mail/admin` from 2026-11-01 until 2026-11-25 (grant `one`)",
            "+ `ben` gets `mail/user` from 2026-11-01 without end (grant `two`)",
        ]
    );
    assert_eq!(
        told(&[&short, &other], &[&long]),
        [
            "1 grant lasts longer, 1 ends",
            "+ `ana` has `mail/admin` until 2026-11-30 instead of until 2026-11-25 (grant `one`)",
            "- `ben` has `mail/user` no more, which was without end (grant `two`)",
        ]
    );
    assert_eq!(
        told(&[&long], &[&short]),
        [
            "1 grant lasts shorter",
            "- `ana` has `mail/admin` only until 2026-11-25 instead of until 2026-11-30 (grant `one`)"
        ]
    );
    // For somebody else it is another access.
    assert_eq!(
        told(&[&short], &[&grant("one", "ben", "admin", "end = 2026-11-25")]),
        [
            "1 grant gives access, 1 ends",
            "+ `ben` gets `mail/admin` from 2026-11-01 until 2026-11-25 (grant `one`)",
            "- `ana` has `mail/admin` no more, which was until 2026-11-25 (grant `one`)",
        ]
    );
    assert_eq!(
        told(&[&short], &[&grant("one", "ana", "admin", "end = 2026-11-25\nprovisioned.role = \"root\"")]),
        [
            "1 grant is another",
            "~ `ana` has `mail/admin` with other things set up, until 2026-11-25 (grant `one`)"
        ]
    );
    // Under another id it is the same.
    assert_eq!(told(&[&short], &[&grant("three", "ana", "admin", "end = 2026-11-25")]), Vec::<String>::new());
}

#[test]
fn what_gives_nothing_is_not_told_as_access() {
    let asked = grant("one", "ana", "admin", "end = 2026-11-25\nstate = \"requested\"");
    let given = grant("one", "ana", "admin", "end = 2026-11-25");
    let ended = grant(
        "one",
        "ana",
        "admin",
        "end = 2026-11-25\nstate = \"revoked\"\nended = { at = 2026-11-19T09:00:00Z, why = \"revoked\", by = \"ben\" }",
    );
    assert_eq!(
        told(&[], &[&asked]),
        [
            "1 grant is asked for",
            "~ `ana` asks for `mail/admin` from 2026-11-01 until 2026-11-25, and has nothing by it yet (grant `one`)"
        ]
    );
    assert_eq!(
        told(&[&asked], &[&given]),
        ["1 grant gives access", "+ `ana` gets `mail/admin` from 2026-11-01 until 2026-11-25 (grant `one`)"]
    );
    assert_eq!(
        told(&[&given], &[&ended]),
        ["1 grant ends", "- `ana` has `mail/admin` no more, which was until 2026-11-25 (grant `one`)"]
    );
    // What is over by its own date gives nothing, whatever the ledger says.
    let over = grant("one", "ana", "admin", "end = 2026-11-10");
    assert_eq!(
        told(&[], &[&over]),
        [
            "1 grant is written otherwise",
            "~ `ana` has neither more nor less of `mail/admin` than before (grant `one`)"
        ]
    );
    assert_eq!(
        told(&[&ended], &[]),
        [
            "1 grant is written otherwise",
            "~ it is not written any more that `ana` had `mail/admin` from 2026-11-01 until 2026-11-25 (grant `one`)"
        ]
    );
}

#[test]
fn grants_are_counted_where_they_are_too_many_and_are_nothing_that_is_unseen() {
    let many: Vec<String> = (0..90).map(|at| grant(&format!("g{at:02}"), "ana", "user", "")).collect();
    let sides = ledgers(&[], &many.iter().collect::<Vec<_>>());
    let run = diff(&sides, &[]);
    assert!(run.stdout.contains("\n  90 grants give access\n"), "{}", run.stdout);
    assert!(run.stdout.contains("(grant `g39`)\n  and 50 more\n"), "{}", run.stdout);
    assert_eq!(
        diff(&sides, &["--fail-on", "loosens"]).status,
        0,
        "the gate of a pull request judges grants itself"
    );
    let comment = diff(&sides, &["--format", "markdown"]).stdout;
    assert!(comment.contains("### Grants\n\n90 grants give access.\n\n- "), "{comment}");
    assert!(comment.contains("- and 50 more\n"), "{comment}");
    assert!(comment.len() < 60_000);
    let json: Value =
        serde_json::from_str(&diff(&sides, &["--format", "json", "--max-changes", "7"]).stdout).unwrap();
    let view = &json["grants"]["compared"];
    assert_eq!((&view["counts"]["gives"], &view["not-listed"]), (&90.into(), &83.into()));
    assert_eq!(view["grants"].as_array().unwrap().len(), 7);
    assert_eq!(view["grants"][0]["effect"], "gives");
    assert_eq!(json["decisions"]["compared"].get("unseen"), None, "{json:#}");
    let notes = diff(&sides, &["--format", "github"]).stdout;
    assert!(notes.contains("::notice title=grants%3A 90 grants give access::"), "{notes}");
    // A rulebook with errors says nothing about grants either.
    sides[1].write("policies/broken.toml", "[team.broken]\nmembers = [\"nobody-knows\"]\n");
    let run = diff(&sides, &[]);
    assert!(
        run.stdout.contains("the grants are not compared: the rulebook after the change has errors"),
        "{}",
        run.stdout
    );
}

#[test]
fn everybody_whom_a_change_touches_is_named_where_that_is_asked_for() {
    let held = grant("one", "ana", "admin", "end = 2026-11-25");
    let sides = ledgers(&[&held], &[&held]);
    let text = sides[1].read("policies/access.toml");
    assert!(text.contains("max-duration = \"30d\""));
    sides[1].write("policies/access.toml", text.replace("max-duration = \"30d\"", "max-duration = \"20d\""));
    let theme = |arguments: &[&str]| {
        let run = diff(&sides, &[&["--format", "json"], arguments].concat());
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        json["decisions"]["compared"]["themes"][0].clone()
    };
    let plain = theme(&[]);
    assert_eq!((plain.get("names"), plain.get("grant-names")), (None, None));
    let whole = theme(&["--names"]);
    let names = whole["names"].as_array().unwrap();
    assert_eq!(names.len() as u64, whole["people"].as_u64().unwrap());
    assert_eq!(whole["people"], plain["people"]);
    assert!(names.contains(&"ana".into()), "{whole:#}");
    assert_eq!(whole["grant-names"], serde_json::json!(["one"]), "{whole:#}");
    let run = diff(&sides, &["--names"]);
    assert!(run.stdout.contains("\n    who     ana"), "{}", run.stdout);
    assert!(run.stdout.contains("\n    grants  one\n"), "{}", run.stdout);
    let comment = diff(&sides, &["--names", "--format", "markdown"]).stdout;
    assert!(comment.contains("- **Grants:** <code>one</code>\n"), "{comment}");
    assert!(comment.contains("- **Try:** <code>gitsm simulate access "), "{comment}");
    assert!(comment.contains("(needs-approval before, needs-approval after)"), "{comment}");
}
