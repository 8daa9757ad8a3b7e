//! Realistic changes of the living example, as the comment of a pull request tells them.

use std::{collections::BTreeSet, fs, path::Path};

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
        ways: &["loosens"],
    },
    Change {
        name: "a-department-less",
        edits: &[(
            "policies/access/collaboration.toml",
            r#"["customer-service", "operations"]"#,
            r#"["customer-service"]"#,
        )],
        ways: &["tightens"],
    },
    Change {
        name: "a-lower-quorum",
        edits: &[("policies/workflows.toml", "need = 2", "need = 1")],
        ways: &["loosens"],
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
        ways: &["tightens"],
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
            "    \"learning/learner\",\n    \"salesforce/sales-standard\",\n",
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

fn ways(report: &Value) -> BTreeSet<String> {
    let cases = report["decisions"]["compared"]["cases"].as_array();
    cases
        .unwrap_or_else(|| panic!("{}", report["decisions"]))
        .iter()
        .map(|case| case["direction"].as_str().unwrap().to_owned())
        .filter(|way| way != "neutral")
        .collect()
}

/// Asks both versions about the request that is to show a case, and holds the answers against what the case says.
fn simulate(folder: &Path, case: &Value, name: &str) {
    let request = serde_json::json!({ "request": case["witness"]["request"] });
    fs::write(folder.join("request.json"), request.to_string()).unwrap();
    for side in ["before", "after"] {
        let arguments =
            ["simulate", "access", "-C", side, "--request", "request.json", "--now", NOW, "--format", "json"];
        let run = gitsm(&arguments, folder);
        let answer: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{name}: {run:?}"));
        assert_eq!(answer["verdict"], case["witness"][side], "{name}, {side}: {case:#}");
        let said = &case[side]["verdict"];
        assert!(
            answer["verdict"] == *said || (answer["verdict"] == "invalid" && said == "denied"),
            "{name}: {case:#}"
        );
    }
}

#[test]
fn realistic_changes_are_told_as_they_are() {
    let mut kept = Folder::new("tests/snapshots/consequences", ".md");
    let (mut shown, mut wrong) = (0, Vec::new());
    for change in CHANGES {
        let repository = repository(change.edits);
        let folder = repository.path();
        let report = json(folder, ["before", "after"]);
        let expected: BTreeSet<String> = change.ways.iter().map(ToString::to_string).collect();
        if ways(&report) != expected {
            wrong.push(format!("{}: {:?} and not {expected:?}", change.name, ways(&report)));
        }
        // The other way round it goes the other way.
        let back = ways(&json(folder, ["after", "before"]));
        let opposite = |way: &String| match way.as_str() {
            "loosens" => "tightens".to_owned(),
            "tightens" => "loosens".to_owned(),
            other => other.to_owned(),
        };
        if back != expected.iter().map(opposite).collect() {
            wrong.push(format!("{}, taken back: {back:?}", change.name));
        }
        for case in report["decisions"]["compared"]["cases"].as_array().unwrap() {
            if case.get("witness").is_some() && shown < 12 {
                simulate(folder, case, change.name);
                shown += 1;
            }
        }
        kept.check(change.name, &diff(folder, ["before", "after"], &["--format", "markdown"]).stdout);
    }
    kept.finish();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(shown > 5, "{shown} requests showed what a case says");
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
    assert!(run.stdout.contains("every request for 186 entitlements is decided as before"), "{}", run.stdout);
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
    // What tightens is let through.
    assert_eq!(diff(folder, ["after", "before"], &["--fail-on", "loosens"]).status, 0);
    assert_eq!(diff(folder, ["after", "before"], &["--fail-on", "any"]).status, 1);
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
    assert_eq!(ways(&report), BTreeSet::from(["loosens".to_owned()]));
}
