//! What scenarios reach and notice.

use serde_json::Value;

use crate::support::{Repository, gitsm, root};

const NOW: &str = "2026-11-23T09:00:00Z";

const RULES: &str = r#"
[service.erp]
name = "ERP"
owner = "team:desk"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"

[service.erp.entitlement]
read = { name = "Read", risk = "low", groups = ["erp-read"] }
write = { name = "Write", risk = "low", groups = ["erp-write"] }

[access.erp]
applies-to.service = "erp"

[[access.erp.rule]]
id = "it"
when.subject.department = "it"
when.entitlement.id = "erp/write"
decision = "auto-approve"

[[access.erp.rule]]
id = "others"
decision = "deny"
"#;

const IT_WRITES: &str = r#"
[scenario.it-writes]
description = "IT writes"
now = 2026-11-23T09:00:00Z
request.requester = "ben"
request.entitlements = ["erp/write"]
expect.verdict = "approved"
expect.rules = ["access:erp/it"]
"#;

const SALES_DOES_NOT: &str = r#"
[scenario.sales-does-not]
description = "sales does not"
now = 2026-11-23T09:00:00Z
request.requester = "cleo"
request.entitlements = ["erp/write"]
expect.verdict = "denied"
expect.rules = ["access:erp/others"]
"#;

const NOBODY_READS: &str = r#"
[scenario.nobody-reads]
description = "not even IT reads"
now = 2026-11-23T09:00:00Z
request.requester = "ben"
request.entitlements = ["erp/read"]
expect.verdict = "denied"
expect.rules = ["access:erp/others"]
"#;

fn report(scenarios: &[&str], arguments: &[&str]) -> (i32, Value) {
    let repository = Repository::base();
    repository.write("catalog/cases.toml", format!("{RULES}{}", scenarios.concat()));
    let mut all = vec!["test", "--now", NOW, "--format", "json"];
    all.extend(arguments);
    let run = gitsm(&all, repository.path());
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    (run.status, report)
}

/// The changes of the policy of the cases that nobody notices, as `rule: change`.
fn survivors(scenarios: &[&str]) -> Vec<String> {
    let (_, report) = report(scenarios, &["--mutate"]);
    let all = report["mutation"]["survivors"].as_array().unwrap().iter();
    let texts =
        all.map(|one| format!("{}: {}", one["rule"].as_str().unwrap(), one["change"].as_str().unwrap()));
    texts.filter(|text| text.starts_with("access:erp")).collect()
}

#[test]
fn a_change_survives_until_a_scenario_notices_it() {
    let department = "subject.department is it";
    let entitlement = "entitlement.id is erp/write";
    assert_eq!(
        survivors(&[IT_WRITES]),
        [
            format!("access:erp/it: can be dropped: `{department}`"),
            format!("access:erp/it: can be dropped: `{entitlement}`"),
            "access:erp/others: can be removed as a whole".to_owned(),
        ]
    );
    assert_eq!(
        survivors(&[IT_WRITES, SALES_DOES_NOT]),
        [format!("access:erp/it: can be dropped: `{entitlement}`")]
    );
    assert_eq!(survivors(&[IT_WRITES, SALES_DOES_NOT, NOBODY_READS]), Vec::<String>::new());
}

#[test]
fn a_rule_that_is_only_tried_out_is_not_changed() {
    let rule = |mode: &str| {
        format!(
            "[guardrail.pilot]\ndescription = \"a pilot\"\nowner = \"team:desk\"\nwhen.entitlement.id = \"erp/read\"\ndeny = true\n{mode}\n"
        )
    };
    let unnoticed = |mode: &str| {
        let (_, report) = report(&[IT_WRITES, &rule(mode)], &["--mutate"]);
        let all = report["mutation"]["survivors"].as_array().unwrap().iter();
        all.filter(|one| one["rule"] == "guardrail:pilot").count()
    };
    assert_eq!(unnoticed("mode = \"record\""), 0);
    assert_eq!(unnoticed("mode = \"warn\""), 0);
    assert_eq!(unnoticed(""), 1, "that it can be removed");
}

#[test]
fn a_suggested_scenario_notices_the_change() {
    let (status, report) = report(&[IT_WRITES, SALES_DOES_NOT], &["--mutate", "--suggest"]);
    assert_eq!(status, 1);
    let all = report["mutation"]["survivors"].as_array().unwrap();
    let one = all.iter().find(|one| one["rule"] == "access:erp/it").unwrap();
    let text = one["scenario"].as_str().unwrap();
    assert!(text.contains("erp/read"), "{text}");
    let whole = format!(
        "[scenario.suggested]\ndescription = \"suggested\"\n{text}expect.verdict = \"denied\"\nexpect.rules = [\"access:erp/others\"]\n"
    );
    assert_eq!(survivors(&[IT_WRITES, SALES_DOES_NOT, &whole]), Vec::<String>::new());
}

#[test]
fn coverage_names_what_no_scenario_reaches() {
    let uncovered = |scenarios: &[&str]| {
        let (_, report) = report(scenarios, &["--coverage"]);
        let coverage = &report["coverage"];
        let rules: Vec<(String, u64, u64)> = coverage["uncovered"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|rule| rule["rule"].as_str().unwrap().starts_with("access:erp"))
            .map(|rule| {
                let count = |field: &str| rule[field].as_u64().unwrap();
                (rule["rule"].as_str().unwrap().to_owned(), count("matched"), count("passed-over"))
            })
            .collect();
        let never = coverage["never-asked-for"].as_array().unwrap();
        (rules, never.iter().any(|one| one == "erp/read"))
    };
    let (rules, read) = uncovered(&[IT_WRITES]);
    assert_eq!(rules, [("access:erp/it".to_owned(), 1, 0), ("access:erp/others".to_owned(), 0, 0)]);
    assert!(read, "nobody asks to read");
    let (rules, read) = uncovered(&[IT_WRITES, NOBODY_READS]);
    assert_eq!((rules, read), (Vec::new(), false));
}

/// The living example shows what scenarios are for: they reach everything, from both sides.
#[test]
fn the_living_example_reaches_every_rule_and_entitlement() {
    let run = gitsm(&["test", "--coverage", "--now", NOW, "--format", "json"], &root());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let coverage = &report["coverage"];
    assert!(coverage["rules"].as_u64().unwrap() > 200, "{coverage}");
    assert_eq!(coverage["uncovered"].as_array().unwrap(), &Vec::<Value>::new());
    assert_eq!(coverage["never-asked-for"].as_array().unwrap(), &Vec::<Value>::new());
    assert!(coverage["cells"].as_u64().unwrap() > 0, "incidents have priorities");
    assert_eq!(coverage["never-reached"].as_array().unwrap(), &Vec::<Value>::new());
}
