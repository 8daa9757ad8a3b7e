//! Realistic changes of what the living example promises, as the comment of a pull request tells them.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::{
    golden::Folder,
    support::{Repository, Run, copy, gitsm, root},
};

const NOW: &str = "2026-11-20T12:00:00Z";
const CALENDARS: &str = "policies/service-levels/calendars.toml";
const SLAS: &str = "policies/service-levels/slas.toml";
const ESCALATIONS: &str = "policies/incidents/escalations.toml";
const NORMAL: &str = "policies/changes/normal.toml";
const SERVICE_HOURS: &str = "time-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"06:00-22:00\"]";

/// The parts of the living example that promise something, with what these refer to.
const PARTS: &[&str] = &[
    "gitsm.toml",
    "catalog",
    "policies/service-levels",
    "policies/incidents",
    "policies/changes",
    "policies/workflows.toml",
    "policies/governance/ai.toml",
    "policies/governance/repository.toml",
];

/// What is replaced by what, in which file.
pub(crate) type Edit = (&'static str, &'static str, &'static str);

/// A change, its edits, and the topics of its cases with the way each goes.
struct Change {
    name: &'static str,
    edits: &'static [Edit],
    ways: &'static [&'static str],
}

const CHANGES: &[Change] = &[
    Change {
        name: "a-shorter-target",
        edits: &[(SLAS, "target.p1.resolve = \"6h\"", "target.p1.resolve = \"5h30m\"")],
        ways: &["chains infeasible", "escalation earlier", "targets faster"],
    },
    Change {
        name: "a-longer-target",
        edits: &[(SLAS, "target.p1.resolve = \"6h\"", "target.p1.resolve = \"8h\"")],
        ways: &["escalation later", "targets slower"],
    },
    Change {
        name: "a-target-that-is-gone",
        edits: &[(SLAS, "target.p1.update = \"30m\"\n", "")],
        ways: &["targets lost"],
    },
    Change {
        name: "a-holiday-more",
        edits: &[(
            CALENDARS,
            SERVICE_HOURS,
            "time-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"06:00-22:00\"]\nholidays = { 2026-12-28 = \"Between the years\" }",
        )],
        ways: &["chains infeasible", "escalation later", "targets slower", "terms weaker"],
    },
    Change {
        name: "a-holiday-that-no-clock-can-reach",
        edits: &[(
            CALENDARS,
            SERVICE_HOURS,
            "time-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"06:00-22:00\"]\nholidays = { 2027-06-19 = \"A Saturday\" }",
        )],
        ways: &[],
    },
    Change {
        name: "another-zone",
        edits: &[(
            CALENDARS,
            SERVICE_HOURS,
            "time-zone = \"Europe/London\"\nweekly.mon-fri = [\"06:00-22:00\"]",
        )],
        ways: &["escalation mixed", "targets mixed", "terms mixed"],
    },
    Change {
        name: "another-tier",
        edits: &[(
            "catalog/services/finance.toml",
            "tier = \"business-critical\"",
            "tier = \"business-operational\"",
        )],
        ways: &[
            "escalation mixed",
            "escalation newly",
            "escalation no longer",
            "routing elsewhere",
            "targets lost",
            "targets slower",
            "terms stronger",
            "terms weaker",
        ],
    },
    Change {
        name: "a-state-that-pauses",
        edits: &[(
            SLAS,
            "pause-in = [\"awaiting-requester\"]",
            "pause-in = [\"awaiting-requester\", \"awaiting-supplier\"]",
        )],
        ways: &["terms weaker"],
    },
    Change {
        name: "another-priority",
        edits: &[(
            "policies/incidents/priorities.toml",
            "cell.organisation.medium = \"p1\"",
            "cell.organisation.medium = \"p2\"",
        )],
        ways: &["priority slower"],
    },
    Change {
        name: "a-later-escalation",
        edits: &[(
            ESCALATIONS,
            "id = \"incident-manager\"\nat = \"50%\"",
            "id = \"incident-manager\"\nat = \"60%\"",
        )],
        ways: &["escalation later"],
    },
    Change {
        name: "a-slower-supplier",
        edits: &[(
            "policies/service-levels/suppliers.toml",
            "target.p1.resolve = \"1h30m\"",
            "target.p1.resolve = \"2h\"",
        )],
        ways: &["chains infeasible", "targets slower"],
    },
    Change {
        name: "fewer-major-incidents",
        edits: &[(
            "policies/incidents/major-incidents.toml",
            "{ incident.affected-users.min = 100 }",
            "{ incident.affected-users.min = 250 }",
        )],
        ways: &["major-incidents weaker"],
    },
    Change {
        name: "a-colleague-is-enough",
        edits: &[(
            NORMAL,
            "authority.medium = \"change-advisory-board\"",
            "authority.medium = \"peer-review\"",
        )],
        ways: &["change-policy mixed"],
    },
    Change {
        name: "a-lower-risk",
        edits: &[(NORMAL, "when.change.affected-users.max = 50", "when.change.affected-users.max = 80")],
        ways: &["change-policy loosens"],
    },
    Change {
        name: "a-wider-window",
        edits: &[(CALENDARS, "weekly.sat = [\"18:00-24:00\"]", "weekly.sat = [\"12:00-24:00\"]")],
        ways: &["change-policy loosens"],
    },
    Change {
        name: "a-longer-lead-time-and-a-new-freeze",
        edits: &[(
            NORMAL,
            "lead-time = \"3d\"",
            "lead-time = \"5d\"\n\n[[change-model.normal.freeze]]\nname = \"Easter\"\nfrom = 2027-03-25T00:00:00Z\nuntil = 2027-03-30T00:00:00Z",
        )],
        ways: &["change-policy tightens"],
    },
    Change {
        name: "another-team-for-a-category",
        edits: &[(
            "policies/incidents/routing.toml",
            "when.incident.category = \"identity-and-access\"",
            "when.incident.category = [\"identity-and-access\", \"hardware\"]",
        )],
        ways: &["routing elsewhere"],
    },
    Change {
        name: "another-turn-on-call",
        edits: &[(
            "catalog/teams/applications.toml",
            "on-call.rotation = [\n    \"deepa.nair\",\n    \"tarun.upadhyay\",",
            "on-call.rotation = [\n    \"tarun.upadhyay\",\n    \"deepa.nair\",",
        )],
        ways: &["on-call others"],
    },
    Change {
        name: "words-only",
        edits: &[(SLAS, "name = \"Gold incidents\"", "name = \"Incidents, gold\"")],
        ways: &[],
    },
];

/// What the living example promises, without what decides about access: before and after some edits.
pub(crate) fn repository(edits: &[Edit]) -> Repository {
    let repository = Repository::empty();
    for side in ["before", "after"] {
        for part in PARTS {
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

pub(crate) fn diff(folder: &Path, sides: [&str; 2], more: &[&str]) -> Run {
    let [before, after] = sides;
    gitsm(&[&["diff", before, after, "--now", NOW], more].concat(), folder)
}

pub(crate) fn commitments(folder: &Path, sides: [&str; 2]) -> Value {
    let run = diff(folder, sides, &["--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let compared = &report["commitments"]["compared"];
    assert!(compared.is_object(), "{}: {}", report["commitments"], run.stderr);
    compared.clone()
}

pub(crate) fn ways(view: &Value) -> BTreeSet<String> {
    let way =
        |case: &Value| format!("{} {}", case["topic"].as_str().unwrap(), case["direction"].as_str().unwrap());
    view["cases"].as_array().unwrap().iter().map(way).collect()
}

/// The word for the other way round.
pub(crate) fn opposite(way: &str) -> String {
    let words = [
        ("slower", "faster"),
        ("weaker", "stronger"),
        ("later", "earlier"),
        ("lost", "new"),
        ("no longer", "newly"),
        ("infeasible", "feasible"),
        ("loosens", "tightens"),
    ];
    let (topic, word) = way.split_once(' ').unwrap();
    let other = words.iter().find_map(|(one, other)| match word {
        word if word == *one => Some(*other),
        word if word == *other => Some(*one),
        _ => None,
    });
    format!("{topic} {}", other.unwrap_or(word))
}

/// Runs the commands of an example on both versions, and holds what they say against it.
fn reproduce(folder: &Path, example: &Value, name: &str) {
    for (side, command) in [("before", "command-before"), ("after", "command-after")] {
        let command = example[command].as_str().unwrap();
        let words: Vec<&str> = command.split(' ').skip(1).chain(["--format", "json", "-C", side]).collect();
        let run = gitsm(&words, folder);
        let answer: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{name}: {run:?}"));
        let due = &answer["answer"]["due"][0];
        assert_eq!(due["target"], example["target"], "{name}: {command}");
        assert_eq!(due["due"]["at"]["instant"], example[side], "{name}, {side}: {command}");
    }
}

#[test]
fn realistic_changes_of_promises_are_told_as_they_are() {
    let mut kept = Folder::new("tests/snapshots/commitments", ".md");
    let (mut shown, mut wrong) = (0, Vec::new());
    for change in CHANGES {
        let repository = repository(change.edits);
        let folder = repository.path();
        let view = commitments(folder, ["before", "after"]);
        let expected: BTreeSet<String> = change.ways.iter().map(ToString::to_string).collect();
        if ways(&view) != expected {
            wrong.push(format!("{}: {:?} and not {expected:?}", change.name, ways(&view)));
        }
        let back = ways(&commitments(folder, ["after", "before"]));
        if back != ways(&view).iter().map(|way| opposite(way)).collect() {
            wrong.push(format!("{}, taken back: {back:?}", change.name));
        }
        for example in view["cases"].as_array().unwrap().iter().filter_map(|case| case["examples"].as_array())
        {
            if let Some(example) = example.first() {
                reproduce(folder, example, change.name);
                shown += 1;
            }
        }
        kept.check(change.name, &diff(folder, ["before", "after"], &["--format", "markdown"]).stdout);
    }
    kept.finish();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(shown > 4, "{shown} tickets showed what a case says");
}

#[test]
fn a_gate_stops_what_weakens_a_promise_until_it_is_acknowledged() {
    let repository = repository(&[(SLAS, "target.p1.resolve = \"6h\"", "target.p1.resolve = \"8h\"")]);
    let folder = repository.path();
    assert_eq!(diff(folder, ["before", "after"], &[]).status, 0);
    let stopped = diff(folder, ["before", "after"], &["--fail-on", "loosens"]);
    assert_eq!(stopped.status, 1, "{stopped:?}");
    assert!(stopped.stderr.contains("of commitments must be acknowledged"), "{}", stopped.stderr);
    // What promises more is let through.
    assert_eq!(diff(folder, ["after", "before"], &["--fail-on", "loosens"]).status, 0);
    assert_eq!(diff(folder, ["after", "before"], &["--fail-on", "any"]).status, 1);
    let view = commitments(folder, ["before", "after"]);
    let mut more = vec!["--fail-on", "loosens"];
    for case in view["cases"].as_array().unwrap() {
        more.extend(["--acknowledge", case["fingerprint"].as_str().unwrap()]);
    }
    assert_eq!(diff(folder, ["before", "after"], &more).status, 0);
    // The names stay when the file moves, something else changes, and another day is today.
    fs::rename(folder.join("after").join(SLAS), folder.join("after/policies/moved.toml")).unwrap();
    let text = repository.read("after/policies/moved.toml");
    repository
        .write("after/policies/moved.toml", text.replacen("attainment = \"97%\"", "attainment = \"98%\"", 1));
    more.extend(["--now", "2026-12-03T08:30:00Z"]);
    let other_day = gitsm(&[&["diff", "before", "after"], &more[..]].concat(), folder);
    assert_eq!(other_day.status, 0, "{other_day:?}");
}

#[test]
fn dates_outside_of_the_years_that_are_compared_are_never_taken_for_equal() {
    let repository = repository(&[(
        CALENDARS,
        SERVICE_HOURS,
        "time-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"06:00-22:00\"]\nholidays = { 2041-12-27 = \"Far away\" }",
    )]);
    let run = diff(repository.path(), ["before", "after"], &["--fail-on", "loosens"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stdout.contains("not compared: calendar `service-hours`: 2041-12-27"), "{}", run.stdout);
}
