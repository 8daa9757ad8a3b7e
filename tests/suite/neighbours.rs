//! Cases of other systems at their very edge: the last that passes, and the first that does not.

use serde_json::{Value, json};

use crate::support::{Repository, Run, gitsm};

const NOW: [&str; 2] = ["--now", "2026-11-20T12:00:00Z"];

fn run(arguments: &[&str], repository: &Repository) -> Run {
    gitsm(&[arguments, &NOW].concat(), repository.path())
}

/// The codes of errors that `gitsm validate` finds.
fn errors(repository: &Repository) -> Vec<String> {
    let report = run(&["validate", "--format", "json"], repository).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|finding| finding["level"] == "error");
    errors.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// PB-56.
#[test]
fn ten_conditions_lie_in_one_another_and_not_eleven() {
    for (depth, fine) in [(10, true), (11, false), (100, false)] {
        let repository = Repository::base();
        let nested = "{ any = [".repeat(depth) + "{ subject.department = \"it\" }" + &"] }".repeat(depth);
        let text = format!("[guardrail.deep]\ndescription = \"d\"\ndeny = true\nwhen = {nested}\n");
        repository.write("policies/deep.toml", text);
        let validated = run(&["validate"], &repository);
        assert_eq!(errors(&repository).is_empty(), fine, "{depth}: {}", validated.stdout);
        let said = validated.stdout.contains("conditions lie in more than 10 others");
        assert!(said || depth != 11, "{depth}: {}", validated.stdout);
    }
}

/// TP-49.
#[test]
fn two_hundred_at_once_are_too_many() {
    for (count, fine) in [(199, true), (200, false)] {
        let repository = Repository::base();
        let names: Vec<String> = (0..count).map(|number| format!("many{number}")).collect();
        let offers: String = names
            .iter()
            .map(|name| format!("[service.mail.entitlement.{name}]\nname = \"{name}\"\ndescription = \"x\"\nrisk = \"low\"\n\n"))
            .collect();
        let services = repository.read("catalog/services.toml");
        repository.write("catalog/services.toml", format!("{services}\n{offers}"));
        let asked: Vec<String> = names.iter().map(|name| format!("mail/{name}")).collect();
        let request = json!({ "request": { "requester": "dan", "entitlements": asked, "duration": "10d" } });
        repository.write("request.json", request.to_string());
        let simulated =
            run(&["simulate", "access", "--request", "request.json", "--format", "json"], &repository);
        let said = "200 entitlements are asked for at once: ask for at most 199";
        assert_eq!(
            simulated.stdout.contains(said),
            !fine,
            "{count}: {}{}",
            simulated.stdout,
            simulated.stderr
        );
    }
}

/// MP-04.
#[test]
fn what_does_not_go_together_is_said_in_the_order_of_the_rule() {
    for (held, asked) in [("user", "admin"), ("admin", "user")] {
        let repository = Repository::base();
        repository.write(
            "policies/duties.toml",
            format!(
                "[sod.apart]\ndescription = \"not both\"\nowner = \"team:security\"\nrisk = \"high\"\n\
                 entitlements = [\"mail/user\"]\nagainst = [\"mail/admin\"]\ndecision = \"deny\"\n\n\
                 [grant.held]\nbeneficiary = \"dan\"\nentitlement = \"mail/{held}\"\nstart = 2026-11-01\nend = 2026-12-01\n\
                 state = \"active\"\nrequest = \"R-1\"\n"
            ),
        );
        let asked_for = format!("mail/{asked}");
        let arguments = ["simulate", "access", "dan", &asked_for, "--duration", "5d", "--justification", "x"];
        let simulated = run(&arguments, &repository);
        let said = "(`mail/user` with `mail/admin`)";
        assert!(simulated.stdout.contains(said), "{asked}: {}{}", simulated.stdout, simulated.stderr);
    }
}

/// Two records of one person approve as one.
#[test]
fn people_are_counted_and_not_records() {
    let stage = |id: &str, who: &str| {
        format!(
            "\n[[workflow.pair.stage]]\nid = \"{id}\"\napprovers = [{who}]\nwithin = \"2d\"\non-timeout = \"deny\"\n"
        )
    };
    for (second, code) in [("ben-admin", Some("GS4045")), ("cleo", None)] {
        let repository = Repository::base();
        let stages = [stage("one", "\"person:ben\""), stage("two", &format!("\"person:{second}\""))].concat();
        repository.write(
            "policies/pair.toml",
            format!(
                "[person.ben-admin]\nname = \"Ben, administrator\"\nemail = \"BEN@example.com\"\ndepartment = \"it\"\n\n\
                 [workflow.pair]\nname = \"Pair\"\nowner = \"team:security\"\n{stages}"
            ),
        );
        assert_eq!(
            errors(&repository).first().map(String::as_str),
            code,
            "{second}: {}",
            run(&["validate"], &repository).stdout
        );
    }
}

/// The line that names the commit is one line, however long its subject is.
#[test]
fn a_subject_of_any_length_is_cut() {
    let git = crate::git::support::Git::base();
    git.write("message", "x".repeat(100_000));
    git.git(&["commit", "--quiet", "--allow-empty", "--file", "message"]);
    let validated = git.gitsm(&["validate", "--at", "HEAD"]);
    assert_eq!(validated.status, 0, "{validated:?}");
    assert!(
        validated.stderr.len() < 2_000 && validated.stderr.contains("xxx…"),
        "{}",
        validated.stderr.len()
    );
}
