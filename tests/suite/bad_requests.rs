//! Requests, incidents and changes that make no sense: each is refused with what is wrong, and its nearest
//! neighbour that makes sense is decided.

use crate::support::{Repository, Run, gitsm};

const NOW: &str = "2026-11-23T09:00:00Z";

const OLD: &str = r#"
[service.old]
name = "Old"
owner = "team:desk"
tier = "standard"
lifecycle = "retired"
support-team = "desk"
category = "software"
retire-on = 2026-01-01

[service.old.entitlement]
user = { name = "User", risk = "low", groups = ["old"] }

[request-type.chair]
name = "A chair"
category = "software"
event = "information"
owner = "team:desk"
workflow = "manager"
field.colour = { label = "Which colour?", type = "choice", options = ["red", "blue"], required = true }
field.number = { label = "How many?", type = "number", required = true }
"#;

fn simulate(arguments: &str) -> Run {
    let repository = Repository::base();
    repository.write("catalog/old.toml", OLD);
    let mut all = vec!["simulate"];
    all.extend(arguments.split_whitespace());
    if !arguments.contains("--now") {
        all.extend(["--now", NOW]);
    }
    gitsm(&all, repository.path())
}

/// Each line: what is asked, the exit status, and what is said.
fn check(cases: &[(&str, i32, &str)]) {
    for (arguments, status, text) in cases {
        let run = simulate(arguments);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.status, *status, "{arguments}: {said}");
        assert!(said.contains(text), "{arguments}: `{text}` is not in {said}");
    }
}

#[test]
fn requests_of_nobody_for_nothing() {
    check(&[
        ("access ben mail/user", 0, "approved"),
        ("access nobody mail/user", 1, "`requester`: there is no person `nobody`"),
        ("access ben mail/user --requester nobody", 1, "`requester`: there is no person `nobody`"),
        ("access ben mail/usr", 1, "`entitlements`: there is no entitlement `mail/usr`"),
        ("access ben mail/user mail/user", 1, "`mail/user`"),
        ("access ben old/user", 0, "the service `old` is retired"),
        ("request ben chair --field colour=red --field number=1", 0, "needs approval"),
        ("request ben chair --field colour=red", 1, "`form.number` is not answered"),
        ("request ben chair --field colour=red --field number=1 --field size=3", 1, "`form.size`"),
        ("request ben chair --field colour=red --field colour=blue --field number=1", 2, "answered twice"),
    ]);
}

#[test]
fn times_that_there_are_not() {
    let changes = "change ben --type normal --service mail --tested --rollback-plan";
    let change = |more: &str| format!("{changes} {more}");
    let sunday = "--start 2026-11-29T05:00:00Z --end 2026-11-29T06:00:00Z";
    let normal = change(&format!("--affected-users 4 --downtime 5m {sunday}"));
    let negative = change(&format!("--affected-users 4 --downtime -5m {sunday}"));
    let fewer = change(&format!("--affected-users -4 --downtime 5m {sunday}"));
    let backwards =
        change("--affected-users 4 --downtime 5m --start 2026-11-29T06:00:00Z --end 2026-11-29T05:00:00Z");
    let before = change(
        "--affected-users 4 --downtime 5m --start 1960-11-29T05:00:00Z --end 1960-11-29T06:00:00Z --now 1960-11-01",
    );
    let after =
        change("--affected-users 4 --downtime 5m --start 9999-12-31T05:00:00Z --end 9999-12-31T06:00:00Z");
    check(&[
        ("access ben mail/user --duration 36525d", 0, "approved"),
        ("access ben mail/user --duration 36526d", 2, "`36526d` is too long"),
        ("access ben mail/user --duration -5d", 2, "`-` stands where a digit must"),
        ("access ben mail/user --duration 0d", 1, "`duration` is no time at all"),
        ("access ben mail/user --duration 2bd", 1, "`duration` counts business days"),
        ("access ben mail/user --now 1970-01-01T00:00:00Z", 0, "approved"),
        ("access ben mail/user --now 1969-12-31T23:59:59Z", 1, "requests are made from 1970 on"),
        ("access ben mail/user --now 9999-12-30T21:59:59Z", 0, "approved"),
        ("access ben mail/user --duration 30d --now 9999-12-20", 1, "beyond the year 9999"),
        ("access ben mail/user --now 10000-01-01T00:00:00Z", 2, "nothing after `9999-12-30T22:00:00Z`"),
        ("incident --impact high --urgency high --service mail", 0, "p1, major"),
        ("incident --impact high --urgency high --service nothing", 1, "there is no service `nothing`"),
        ("incident --impact high --urgency high --affected-users -1", 2, "invalid value '-1'"),
        ("incident --impact huge --urgency high", 1, "`impact` is `huge`: write one of high, low"),
        ("incident --impact high --urgency high --now 1969-12-31", 1, "incidents are reported from 1970 on"),
        (&normal, 0, "needs approval"),
        (&negative, 2, "`-` stands where a digit must"),
        (&fewer, 2, "invalid value '-4'"),
        (&backwards, 1, "write an instant after that"),
        (&before, 1, "changes are made from 1970 on"),
        (&after, 2, "and not after `9999-12-30T22:00:00Z`"),
    ]);
}

/// A circle is one mistake, and who is asked ends where it closes.
#[test]
fn managers_of_each_other_are_found_and_end() {
    let repository = Repository::base();
    let people = repository.read("catalog/organisation.toml");
    repository.write(
        "catalog/organisation.toml",
        people.replace("[person.ana]", "[person.ana]\nmanager = \"ben\""),
    );
    let run = gitsm(&["validate", "--now", NOW], repository.path());
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("`ana` -> `ben` -> `ana`"), "{}", run.stdout);
    let request =
        ["simulate", "access", "ben", "mail/admin", "--duration", "1d", "--justification", "x", "--now", NOW];
    let run = gitsm(&request, repository.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("manager-and-security/manager\n     Ana Silva\n"), "{}", run.stdout);
}
