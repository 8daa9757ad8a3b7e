//! Realistic changes of the living example, as the comment of a pull request tells them.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use gitsm::{
    impact::decisions::{self, Budget},
    load,
    model::Rulebook,
    report::consequence,
    source::WorkTree,
};
use serde_json::Value;

use crate::{
    golden::Folder,
    support::{Repository, Run, copy, gitsm, root},
};

const NOW: &str = "2026-11-20T12:00:00Z";

/// What is replaced by what, in which file.
type Edit = (&'static str, &'static str, &'static str);

/// A change, its edits, and which ways it goes.
struct Change {
    name: &'static str,
    edits: &'static [Edit],
    ways: &'static [&'static str],
}

const CHANGES: &[Change] = &[
    Change {
        name: "a-department-more",
        edits: &[(
            "policies/access/collaboration.toml",
            r#"["customer-service", "operations"]"#,
            r#"["customer-service", "operations", "legal"]"#,
        )],
        // Where a stage comes before one with a time, that time begins later.
        ways: &["incomparable", "loosens"],
    },
    Change {
        name: "a-department-less",
        edits: &[(
            "policies/access/collaboration.toml",
            r#"["customer-service", "operations"]"#,
            r#"["customer-service"]"#,
        )],
        ways: &["incomparable", "tightens"],
    },
    Change {
        name: "a-lower-quorum",
        edits: &[("policies/workflows.toml", "need = 2", "need = 1")],
        // The stage after it has a deadline, which begins earlier then.
        ways: &["incomparable"],
    },
    Change {
        name: "a-guardrail-less",
        edits: &[(
            "policies/guardrails.toml",
            "when.entitlement.id = [\"erp/payment-release\", \"treasury/payment-release\", \"payroll/releaser\"]",
            "when.entitlement.id = [\"erp/payment-release\", \"payroll/releaser\"]",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "a-guardrail-that-is-only-recorded",
        edits: &[(
            "policies/guardrails.toml",
            "when.entitlement.risk = \"critical\"\ndeny = true",
            "when.entitlement.risk = \"critical\"\ndeny = true\nmode = \"record\"",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "two-rules-in-another-order",
        edits: &[
            (
                "policies/access/collaboration.toml",
                "id = \"front-office\"",
                "id = \"everyone-else\"\ndecision.workflow = \"owner\"\nmax-duration = \"180d\"\n\n[[access.shared-mailbox.rule]]\nid = \"front-office\"",
            ),
            (
                "policies/access/collaboration.toml",
                "max-duration = \"365d\"\n\n[[access.shared-mailbox.rule]]\nid = \"everyone-else\"\ndecision.workflow = \"owner\"\nmax-duration = \"180d\"\n",
                "max-duration = \"365d\"\n",
            ),
        ],
        ways: &["incomparable", "tightens"],
    },
    Change {
        name: "a-longer-time",
        edits: &[(
            "policies/access/collaboration.toml",
            "decision.workflow = \"owner\"\nmax-duration = \"180d\"",
            "decision.workflow = \"owner\"\nmax-duration = \"365d\"",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "evidence-less",
        edits: &[(
            "policies/access/collaboration.toml",
            "require = [\"ticket\", \"training\"]",
            "require = [\"training\"]",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "an-approver-less",
        edits: &[(
            "catalog/teams/leadership.toml",
            r#"members = ["robert.ellison", "paul.quandt", "indira.banerjee"]"#,
            r#"members = ["robert.ellison", "indira.banerjee"]"#,
        )],
        // Where only those two are left and both are barred, whoever stands in is asked instead of the third.
        ways: &["incomparable", "tightens"],
    },
    Change {
        name: "another-manager",
        edits: &[(
            "catalog/people.csv",
            "in-bengaluru,anika.berg,FTE,Active,2023-06-01",
            "in-bengaluru,ingrid.falk,FTE,Active,2023-06-01",
        )],
        ways: &["incomparable"],
    },
    Change {
        name: "another-department",
        edits: &[("catalog/people.csv", "anika.berg@example.com,legal", "anika.berg@example.com,finance")],
        ways: &["loosens", "tightens"],
    },
    Change {
        name: "a-holiday-more",
        edits: &[(
            "policies/service-levels/calendars.toml",
            "time-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"06:00-22:00\"]",
            "time-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"06:00-22:00\"]\nholidays = { 2026-12-28 = \"Between the years\" }",
        )],
        // Where silence brings others they come later; where it denies there is more time to agree; and some
        // requests meet both.
        ways: &["incomparable", "loosens", "tightens"],
    },
    Change {
        name: "a-shorter-promise",
        edits: &[(
            "policies/service-levels/slas.toml",
            "target.p1.resolve = \"4h\"",
            "target.p1.resolve = \"3h\"",
        )],
        ways: &[],
    },
    Change {
        name: "a-retired-service",
        edits: &[("catalog/services/logistics.toml", "lifecycle = \"active\"", "lifecycle = \"retired\"")],
        ways: &["tightens"],
    },
    Change {
        name: "duties-that-are-not-kept-apart-any-more",
        edits: &[(
            "policies/separation-of-duties.toml",
            "entitlements = [\"erp/supplier-create\", \"transport-management/carrier-onboarding\"]",
            "entitlements = [\"transport-management/carrier-onboarding\"]",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "an-exception-that-ended",
        edits: &[(
            "policies/governance/exceptions.toml",
            "from = 2026-11-01\nexpires = 2027-02-28",
            "from = 2026-11-01\nexpires = 2026-11-10",
        )],
        ways: &["tightens"],
    },
    Change {
        name: "more-with-the-role",
        edits: &[(
            "policies/bundles.toml",
            "    \"learning/learner\",\n",
            "    \"learning/learner\",\n    \"wiki/editor\",\n",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "a-request-type-that-asks-nobody",
        edits: &[(
            "catalog/requests/access.toml",
            "workflow = \"security-review\"",
            "workflow = \"self-service\"",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "a-request-type-for-more",
        edits: &[(
            "catalog/requests/access.toml",
            "available-when.subject.department = [\"it\", \"engineering\"]",
            "available-when.subject.department = [\"it\", \"engineering\", \"finance\"]",
        )],
        ways: &["loosens"],
    },
    Change {
        name: "words-only",
        edits: &[(
            "policies/access/collaboration.toml",
            "nobody else reads other people's mail",
            "no one else reads the mail of other people",
        )],
        ways: &[],
    },
];

/// The living example before and after some edits.
fn repository(edits: &[Edit]) -> Repository {
    let repository = Repository::empty();
    for side in ["before", "after"] {
        for part in ["gitsm.toml", "catalog", "policies"] {
            let (from, to) = (root().join(part), repository.path().join(side).join(part));
            if from.is_dir() {
                copy(&from, &to);
            } else {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(&from, &to).unwrap();
            }
        }
    }
    for (file, from, to) in edits {
        let path = format!("after/{file}");
        let text = repository.read(&path);
        assert!(text.contains(from), "{file} holds {from}");
        repository.write(&path, text.replacen(from, to, 1));
    }
    repository
}

fn diff(folder: &Path, sides: [&str; 2], more: &[&str]) -> Run {
    let [before, after] = sides;
    gitsm(&[&["diff", before, after, "--now", NOW], more].concat(), folder)
}

fn json(folder: &Path, sides: [&str; 2]) -> Value {
    serde_json::from_str(&diff(folder, sides, &["--format", "json"]).stdout).unwrap()
}

/// What a change decides otherwise, without a process of its own.
fn compared(before: &Rulebook, after: &Rulebook) -> Value {
    let found = decisions::compare(before, after, NOW.parse().unwrap(), Budget::default()).unwrap();
    serde_json::to_value(consequence::view(&found)).unwrap()
}

fn rulebook(folder: &Path) -> Rulebook {
    load::load(&WorkTree::new(folder)).unwrap().rulebook
}

fn ways(decisions: &Value) -> BTreeSet<String> {
    let cases = decisions["cases"].as_array();
    cases
        .unwrap_or_else(|| panic!("{decisions}"))
        .iter()
        .map(|case| case["direction"].as_str().unwrap().to_owned())
        .filter(|way| way != "neutral")
        .collect()
}

/// Asks one version about all requests that are to show cases, at once, and gives the verdicts.
fn simulate(folder: &Path, version: &str, requests: &[Value]) -> Vec<Value> {
    let lines: Vec<String> =
        requests.iter().map(|request| serde_json::json!({ "request": request }).to_string()).collect();
    fs::write(folder.join("requests.jsonl"), lines.join("\n")).unwrap();
    let arguments = ["simulate", "access", "-C", version, "--batch", "requests.jsonl", "--now", NOW];
    let run = gitsm(&arguments, folder);
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), requests.len(), "{run:?}");
    answers.iter().map(|answer| answer["verdict"].clone()).collect()
}

/// Puts the requests that are to show cases to both versions, and holds the answers against what the cases say.
fn witnesses(folder: &Path, change: &str, cases: &[Value]) -> usize {
    let shown: Vec<&Value> = cases.iter().filter(|case| case.get("witness").is_some()).collect();
    let requests: Vec<Value> = shown.iter().map(|case| case["witness"]["request"].clone()).collect();
    if requests.is_empty() {
        return 0;
    }
    for side in ["before", "after"] {
        for (case, verdict) in shown.iter().zip(simulate(folder, side, &requests)) {
            assert_eq!(verdict, case["witness"][side], "{change}, {side}: {case:#}");
            let said = &case[side]["verdict"];
            assert!(verdict == *said || (verdict == "invalid" && said == "denied"), "{change}: {case:#}");
        }
    }
    shown.len()
}

/// What is wrong with how a change is told, its comment, and how many requests showed what a case says.
fn told(change: &Change, before: &Rulebook) -> (Vec<String>, String, usize) {
    let repository = repository(change.edits);
    let folder = repository.path();
    let after = rulebook(&folder.join("after"));
    let mut wrong = Vec::new();
    let report = compared(before, &after);
    let expected: BTreeSet<String> = change.ways.iter().map(ToString::to_string).collect();
    if ways(&report) != expected {
        wrong.push(format!("{}: {:?} and not {expected:?}", change.name, ways(&report)));
    }
    // The other way round it goes the other way.
    let back = ways(&compared(&after, before));
    let opposite = |way: &String| match way.as_str() {
        "loosens" => "tightens".to_owned(),
        "tightens" => "loosens".to_owned(),
        other => other.to_owned(),
    };
    if back != expected.iter().map(opposite).collect() {
        wrong.push(format!("{}, taken back: {back:?}", change.name));
    }
    let shown = witnesses(folder, change.name, report["cases"].as_array().unwrap());
    let comment = diff(folder, ["before", "after"], &["--format", "markdown"]).stdout;
    (wrong, comment, shown)
}

#[test]
fn realistic_changes_are_told_as_they_are() {
    let before = rulebook(&root());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(change) = CHANGES.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((change.name, told(change, &before)));
        }
        done
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let mut kept = Folder::new("tests/snapshots/consequences", ".md");
    let (mut shown, mut wrong) = (0, Vec::new());
    for (name, (found, comment, requests)) in all {
        wrong.extend(found);
        shown += requests;
        kept.check(name, &comment);
    }
    kept.finish();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(shown > 30, "{shown} requests showed what a case says");
}

#[test]
fn data_says_what_the_comparison_found() {
    let repository = repository(CHANGES[0].edits);
    let folder = repository.path();
    let (before, after) = (rulebook(&folder.join("before")), rulebook(&folder.join("after")));
    let report = json(folder, ["before", "after"]);
    assert_eq!(report["decisions"]["compared"], compared(&before, &after));
}

#[test]
fn moving_everything_to_another_file_decides_nothing_otherwise() {
    let repository = repository(&[]);
    let folder = repository.path();
    let access = folder.join("after/policies/access");
    fs::rename(access.join("sales.toml"), folder.join("after/catalog/moved.toml")).unwrap();
    fs::rename(access.join("finance.toml"), access.join("aaa.toml")).unwrap();
    let run = diff(folder, ["before", "after"], &["--detailed-exitcode", "--fail-on", "any"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.stdout
            .contains("every request for 186 entitlements and of 30 request types is decided as before"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_gate_stops_what_loosens_until_it_is_acknowledged() {
    let repository = repository(CHANGES[0].edits);
    let folder = repository.path();
    let gate = |more: &[&str]| diff(folder, ["before", "after"], more);
    assert_eq!(gate(&[]).status, 0);
    let stopped = gate(&["--fail-on", "loosens"]);
    assert_eq!(stopped.status, 1, "{stopped:?}");
    assert!(stopped.stderr.contains("must be acknowledged"), "{}", stopped.stderr);
    assert_eq!(gate(&["--fail-on", "undecidable"]).status, 0);
    // Taken back it tightens; the time of a stage that begins later must be acknowledged all the same.
    assert_eq!(diff(folder, ["after", "before"], &["--fail-on", "any"]).status, 1);
    let back = json(folder, ["after", "before"]);
    let back = back["decisions"]["compared"]["themes"].as_array().unwrap();
    let gated = back.iter().filter(|theme| theme["direction"] == "incomparable");
    let gated: Vec<&str> = gated.map(|theme| theme["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(gated.len(), 1, "{back:#?}");
    assert_eq!(diff(folder, ["after", "before"], &["--fail-on", "loosens"]).status, 1);
    assert_eq!(
        diff(folder, ["after", "before"], &["--fail-on", "loosens", "--acknowledge", gated[0]]).status,
        0
    );
    let report = json(folder, ["before", "after"]);
    let themes = report["decisions"]["compared"]["themes"].as_array().unwrap();
    let mut more = vec!["--fail-on", "loosens"];
    for theme in themes {
        more.extend(["--acknowledge", theme["fingerprint"].as_str().unwrap()]);
    }
    let acknowledged = gate(&more);
    assert_eq!(acknowledged.status, 0, "{acknowledged:?}");
    // Another id acknowledges nothing, and that is said.
    let other = gate(&["--fail-on", "loosens", "--acknowledge", "0000000000000000"]);
    assert_eq!(other.status, 1);
    assert!(
        other.stderr.contains("no change of a decision or commitment has the id `0000000000000000`"),
        "{}",
        other.stderr
    );
    // The id stays the same when files move and other rules change.
    fs::rename(
        folder.join("after/policies/access/collaboration.toml"),
        folder.join("after/policies/moved.toml"),
    )
    .unwrap();
    let text = repository.read("after/policies/access/sales.toml");
    repository.write(
        "after/policies/access/sales.toml",
        text.replacen("max-duration = \"180d\"", "max-duration = \"90d\"", 1),
    );
    assert_eq!(gate(&more).status, 0);
}

#[test]
fn a_version_with_errors_is_never_taken_for_equal() {
    let repository = repository(&[(
        "policies/access/collaboration.toml",
        "decision.workflow = \"owner\"",
        "decision.workflow = \"nobody-knows-it\"",
    )]);
    let run = diff(repository.path(), ["before", "after"], &["--fail-on", "loosens"]);
    assert_eq!(run.status, 6, "{run:?}");
    assert!(run.stdout.contains("the decisions are not compared"), "{}", run.stdout);
}

#[test]
fn what_takes_too_many_steps_is_named_and_never_taken_for_equal() {
    let repository = repository(CHANGES[0].edits);
    let folder = repository.path();
    let run = diff(folder, ["before", "after"], &["--max-steps", "1", "--fail-on", "loosens"]);
    assert_eq!(run.status, 6, "{run:?}");
    assert!(run.stdout.contains("INCOMPLETE: 185 of 186 entitlements"), "{}", run.stdout);
    assert!(run.stdout.contains("not compared: requests for email/shared-mailbox"), "{}", run.stdout);
    let comment = diff(folder, ["before", "after"], &["--max-steps", "1", "--format", "markdown"]);
    assert_eq!(comment.status, 6);
    assert!(comment.stdout.contains("**INCOMPLETE:** 185 of 186 entitlements"), "{}", comment.stdout);
    let report: Value = serde_json::from_str(
        &diff(folder, ["before", "after"], &["--max-steps", "1", "--format", "json"]).stdout,
    )
    .unwrap();
    let decisions = &report["decisions"]["compared"];
    assert_eq!(decisions["unknown"][0]["entitlements"].as_array().unwrap().len(), 1, "{decisions:#}");
    assert_eq!(decisions["cases"], serde_json::json!([]));
    // With enough of them it is what it was.
    assert_eq!(diff(folder, ["before", "after"], &["--max-steps", "10000"]).status, 0);
    // What is the same needs no steps.
    assert_eq!(diff(folder, ["before", "before"], &["--max-steps", "1"]).status, 0);
}

#[test]
fn everything_is_new_where_there_was_no_rulebook() {
    let repository = repository(&[]);
    let folder = repository.path();
    let git = |arguments: &[&str]| {
        let run =
            std::process::Command::new("git").args(arguments).current_dir(folder.join("after")).output();
        assert!(run.unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    let person = ["-c", "user.name=Ana Example", "-c", "user.email=ana@example.com"];
    git(&[&person[..], &["commit", "--quiet", "--allow-empty", "--message", "nothing yet"]].concat());
    let run = gitsm(&["diff", "--now", NOW, "--format", "json"], &folder.join("after"));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(ways(&report["decisions"]["compared"]), BTreeSet::from(["loosens".to_owned()]));
}
