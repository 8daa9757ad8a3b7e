//! What is decided: scenarios over small rulebooks, run through the real binary.
//!
//! Each file of `tests/decisions` is laid over the repository in `tests/base`. Its scenarios are the cases.

use std::fs;

use serde_json::Value;

use crate::support::{Repository, Run, gitsm, root};

const NOW: &str = "2026-11-23T09:00:00Z";

/// The rulebook of a file of `tests/decisions`.
fn rulebook(name: &str) -> Repository {
    let repository = Repository::base();
    let text = fs::read_to_string(root().join("tests/decisions").join(name)).unwrap();
    repository.write("catalog/cases.toml", text);
    repository
}

fn test(repository: &Repository) -> (Run, Value) {
    let run = gitsm(&["test", "--now", NOW, "--format", "json"], repository.path());
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    (run, report)
}

#[test]
fn every_case_is_decided_as_it_says() {
    let mut files = 0;
    for entry in fs::read_dir(root().join("tests/decisions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let repository = rulebook(&name);
        let run = gitsm(&["test", "--now", NOW], repository.path());
        assert_eq!(run.status, 0, "{name}:\n{}{}", run.stdout, run.stderr);
        let (_, report) = test(&repository);
        let text = repository.read("catalog/cases.toml");
        let written = text.lines().filter(|line| line.starts_with("[scenario.")).count();
        assert_eq!(report["passed"], written, "{name}");
        assert!(text.contains("expect.verdict = \"denied\""), "{name} has a case that is denied");
        let lets = ["approved", "needs-approval"].map(|verdict| format!("expect.verdict = \"{verdict}\""));
        assert!(lets.iter().any(|line| text.contains(line)), "{name} has a case that is not");
        files += 1;
    }
    assert!(files >= 6, "the cases were found");
}

/// Each expectation, changed, fails and is named: a test that cannot fail shows nothing.
#[test]
fn what_is_otherwise_than_expected_is_said() {
    for (before, after, field) in [
        ("expect.verdict = \"needs-approval\"", "expect.verdict = \"approved\"", "expect.verdict"),
        (
            "expect.rules = [\"access:mail/administrators\",",
            "expect.rules = [\"access:mail/nobody\",",
            "expect.rules.0",
        ),
        ("expect.stages = [\"security/look\"]", "expect.stages = [\"security/other\"]", "expect.stages"),
        ("\" = [\"ben\", \"dan\"]", "\" = [\"ben\"]", "expect.approvers.security/look"),
        ("expect.expires = 2026-11-30T09:00:00Z", "expect.expires = 2026-11-30T09:00:01Z", "expect.expires"),
    ] {
        let repository = rulebook("guardrails.toml");
        let text = repository.read("catalog/cases.toml");
        assert!(text.contains(before), "{before}");
        repository.write("catalog/cases.toml", text.replacen(before, after, 1));
        let (run, report) = test(&repository);
        assert_eq!(run.status, 1, "{field}");
        assert_eq!(report["failed"], 1, "{field}");
        let failed =
            report["scenarios"].as_array().unwrap().iter().find(|one| one["passed"] == false).unwrap();
        assert_eq!(failed["differences"][0]["field"], field);
        let line: usize = failed["differences"][0]["place"]
            .as_str()
            .unwrap()
            .split(':')
            .next_back()
            .unwrap()
            .parse()
            .unwrap();
        let changed = repository.read("catalog/cases.toml");
        assert!(
            changed.lines().nth(line - 1).unwrap().contains(after.trim_start_matches("\" ")),
            "{field} at {line}"
        );
        assert!(failed["decision"]["verdict"].is_string(), "the decision is shown");
    }
}

#[test]
fn nothing_to_test_is_not_everything_fine() {
    let repository = Repository::base();
    let run = gitsm(&["test"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    let repository = rulebook("duties.toml");
    let run = gitsm(&["test", "pendig"], repository.path());
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("did you mean `pending`?"), "{}", run.stderr);
    let run = gitsm(&["test", "pending"], repository.path());
    assert_eq!((run.status, run.stderr.as_str()), (0, "1 scenario: all passed\n"));
}

/// Nothing is decided with a rulebook that has errors, whether or not they have to do with the request.
#[test]
fn nothing_is_decided_while_the_rulebook_has_errors() {
    let repository = rulebook("duties.toml");
    repository.write("catalog/broken.toml", "[team.night]\nnmae = \"Night\"\n");
    for arguments in [&["test"][..], &["simulate", "access", "ben", "mail/user"]] {
        let run = gitsm(arguments, repository.path());
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(run.stderr.contains("nothing is decided"), "{}", run.stderr);
    }
}

/// Nothing is decided with a rulebook of which validation says that a decision could be wrong.
#[test]
fn what_cannot_be_decided_is_refused() {
    for (text, code) in [
        (
            "[[access.mail.rule]]\nid = \"x\"\nwhen.subject.shoe-size = 44\ndecision = \"auto-approve\"\n",
            "GS4001",
        ),
        ("[guardrail.x]\ndescription = \"x\"\nwhen.subject.department.min = \"it\"\ndeny = true\n", "GS4002"),
        ("[guardrail.x]\ndescription = \"x\"\nmax-duration = \"2bd\"\n", "GS4072"),
        (
            "[access.more]\napplies-to.service = \"mail\"\nrule = [{ id = \"x\", decision = \"deny\" }]\n",
            "GS4023",
        ),
        (
            "[[access.mail.rule]]\nid = \"x\"\nwhen.not.subject.location.glob = \"cn-*\"\ndecision = \"auto-approve\"\n",
            "GS4012",
        ),
        (
            "[workflow.none]\nname = \"None\"\nautomatic = true\nstage = []\n\
             [guardrail.x]\ndescription = \"x\"\nrequire-approval = \"none\"\n",
            "GS4055",
        ),
    ] {
        let repository = Repository::base();
        let access = repository.read("policies/access.toml");
        if text.starts_with("[[access.mail.rule]]") {
            let text = format!("{text}\n[[access.mail.rule]]");
            repository.write("policies/access.toml", access.replacen("[[access.mail.rule]]", &text, 1));
        } else {
            repository.write("catalog/more.toml", text);
        }
        let run = gitsm(&["simulate", "access", "ben", "mail/user", "--now", NOW], repository.path());
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{code}: {}", run.stderr);
        assert!(run.stderr.contains(code), "{code}: {}", run.stderr);
    }
}

/// What has to be there and is not is a gap, and a gap decides nothing.
#[test]
fn a_gap_is_no_answer() {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write(
        "gitsm.toml",
        format!(
            "{settings}\n[attribute.request.data]\ntype = \"choice\"\nvalues = [\"public\", \"secret\"]\n"
        ),
    );
    let access = repository.read("policies/access.toml");
    let rule = "[[access.mail.rule]]\nid = \"x\"\nwhen.not.request.data = \"secret\"\ndecision = \"auto-approve\"\n\n[[access.mail.rule]]";
    repository.write("policies/access.toml", access.replacen("[[access.mail.rule]]", rule, 1));
    repository.write(
        "catalog/cases.toml",
        "[scenario.a]\ndescription = \"a\"\nnow = 2026-11-23T09:00:00Z\nrequest.requester = \"ben\"\n\
         request.entitlements = [\"mail/user\"]\nexpect.verdict = \"denied\"\n",
    );
    let run = gitsm(&["simulate", "access", "ben", "mail/user", "--now", NOW], repository.path());
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stdout.starts_with("denied: mail/user for Ben Okoro\n"), "{}", run.stdout);
    assert!(run.stdout.contains("it cannot be decided: `request.data` is not known"), "{}", run.stdout);
    // Nor does it pass a scenario that expects a denial.
    let (run, report) = test(&repository);
    assert_eq!((run.status, &report["failed"]), (1, &Value::from(1)));
}

/// One line with far too much on it is answered at once.
#[test]
fn a_huge_request_is_refused_before_it_is_looked_at() {
    let repository = Repository::base();
    let many: Vec<String> = (0..60_000).map(|number| format!("\"a/b{number}\"")).collect();
    let line = format!("{{\"request\":{{\"requester\":\"ben\",\"entitlements\":[{}]}}}}", many.join(","));
    repository.write("requests.jsonl", line);
    let run = gitsm(&["simulate", "access", "--batch", "requests.jsonl", "--now", NOW], repository.path());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let answer: Value = serde_json::from_str(run.stdout.trim()).unwrap();
    assert_eq!(answer["reasons"].as_array().unwrap().len(), 1);
    assert!(answer["reasons"][0]["text"].as_str().unwrap().contains("at most 199"), "{answer}");
}

/// Nothing of the input steers a terminal, in whatever form the answer comes.
#[test]
fn nothing_raw_comes_out_of_a_batch() {
    let repository = Repository::base();
    repository.write(
        "requests.jsonl",
        "{\"id\":\"\u{202e}\u{9b}\",\"request\":{\"requester\":\"ben\",\"entitlements\":[\"mail/user\"]}}\n",
    );
    let run = gitsm(&["simulate", "access", "--batch", "requests.jsonl", "--now", NOW], repository.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(!run.stdout.contains(['\u{202e}', '\u{9b}']), "{}", run.stdout);
    let answer: Value = serde_json::from_str(run.stdout.trim()).unwrap();
    assert_eq!(answer["id"], "\u{202e}\u{9b}");
}

/// The same request by flags, by file and by stream is decided in the same way.
#[test]
fn a_request_can_come_from_anywhere() {
    let repository = rulebook("guardrails.toml");
    let at = |arguments: &[&str]| {
        let mut all = vec!["simulate", "access"];
        all.extend(arguments);
        all.extend(["--now", NOW, "--format", "json"]);
        let run = gitsm(&all, repository.path());
        assert_eq!(run.status, 0, "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    let flags = at(&["dan", "mail/admin", "--duration", "30d", "--justification", "on duty"]);
    assert_eq!(flags["verdict"], "needs-approval");
    let request = r#""request":{"requester":"dan","entitlements":["mail/admin"],"duration":"30d","justification":"on duty"}"#;
    repository.write("request.json", format!("{{{request}}}"));
    assert_eq!(at(&["--request", "request.json"]), flags);
    repository.write(
        "request.toml",
        "now = 2026-11-23T09:00:00Z\n[request]\nrequester = \"dan\"\nentitlements = [\"mail/admin\"]\nduration = \"30d\"\njustification = \"on duty\"\n",
    );
    assert_eq!(at(&["--request", "request.toml"]), flags);
    repository.write(
        "requests.jsonl",
        format!("{{{request}}}\n\n{{\"request\":{{}}}}\nnonsense\n{{\"id\":\"last\",{request}}}"),
    );
    let run = gitsm(&["simulate", "access", "--batch", "requests.jsonl", "--now", NOW], repository.path());
    assert_eq!(run.status, 1, "a line was no request: {}", run.stderr);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{}", run.stdout);
    assert_eq!(lines[0], flags);
    assert_eq!((&lines[1]["line"], &lines[2]["line"]), (&Value::from(3), &Value::from(4)));
    assert!(lines[1]["error"].as_str().unwrap().contains("requester"), "{}", lines[1]);
    assert_eq!((&lines[3]["id"], &lines[3]["stages"]), (&Value::from("last"), &flags["stages"]));
}

/// JSON has one kind of number, and numbers of a form are whole.
#[test]
fn a_form_is_answered_with_numbers_in_json() {
    let read = serde_json::from_str::<gitsm::model::condition::Literal>;
    assert_eq!(read("6").unwrap(), gitsm::model::condition::Literal::Integer(6));
    assert_eq!(read("-6").unwrap(), gitsm::model::condition::Literal::Integer(-6));
    for wrong in ["9223372036854775808", "1.5", "null"] {
        let error = read(wrong).unwrap_err().to_string();
        assert!(error.contains("a whole number"), "{wrong}: {error}");
    }
}

/// Where things were written in a trace is where they were written.
#[test]
fn the_lines_of_a_trace_are_right() {
    let repository = rulebook("guardrails.toml");
    let run = gitsm(
        &["simulate", "access", "dan", "mail/admin", "--duration", "30d", "--now", NOW, "--format", "json"],
        repository.path(),
    );
    let decision: Value = serde_json::from_str(&run.stdout).unwrap();
    let line = |place: &Value| {
        let (path, line) = place.as_str().unwrap().rsplit_once(':').unwrap();
        repository.read(path).lines().nth(line.parse::<usize>().unwrap() - 1).unwrap().to_owned()
    };
    let mut seen = 0;
    for rule in decision["items"][0]["trace"].as_array().unwrap() {
        let name = rule["rule"].as_str().unwrap();
        let written = line(&rule["place"]);
        match name.split_once('/') {
            None => assert_eq!(written, format!("[{}]", name.replace(':', "."))),
            Some(_) => assert_eq!(written, "[[access.mail.rule]]"),
        }
        for test in rule["because"].as_array().unwrap() {
            let attribute = test["attribute"].as_str().unwrap();
            assert!(line(&test["place"]).contains(attribute), "{attribute}: {}", line(&test["place"]));
            seen += 1;
        }
    }
    assert!(seen > 5, "tests were seen");
    assert_eq!(line(&decision["items"][0]["limits"][0]["place"]), "max-duration = \"7d\"");
}

/// A request by type says how it is delivered and by when; answers on the command line are what the form asks.
#[test]
fn a_request_by_type_says_how_it_is_delivered() {
    let repository = rulebook("requests.toml");
    let arguments = ["simulate", "request", "ben", "chair", "--field", "colour=red", "--now", NOW];
    let at = |more: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(more);
        all.extend(["--format", "json"]);
        let run = gitsm(&all, repository.path());
        (run.status, serde_json::from_str::<Value>(&run.stdout).unwrap())
    };
    let (status, answer) = at(&["--field", "number=2"]);
    assert_eq!((status, &answer["verdict"]), (0, &Value::from("needs-approval")), "{answer:#}");
    assert_eq!(answer["delivery"]["request-type"], "chair");
    assert_eq!(answer["delivery"]["due"], Value::Array(Vec::new()), "it has no SLA");
    let (status, answer) = at(&["--field", "number=two"]);
    assert_eq!((status, &answer["verdict"]), (1, &Value::from("invalid")));
    // A number where words are asked for is words.
    let mailbox =
        ["simulate", "request", "ben", "mailbox", "--entitlement", "mail/user", "--field", "reason=12345"];
    let mut all = mailbox.to_vec();
    all.extend(["--duration", "30d", "--now", NOW, "--format", "json"]);
    let run = gitsm(&all, repository.path());
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.status, &answer["verdict"]), (0, &Value::from("needs-approval")), "{answer:#}");
    let due = answer["delivery"]["due"].as_array().unwrap();
    // Ten in the morning in Berlin, and four office hours.
    assert_eq!(
        (&due[0]["priority"], &due[0]["due"]),
        (&Value::from("p1"), &Value::from("2026-11-23T13:00:00Z"))
    );
    assert_eq!(due.len(), 3);
}
