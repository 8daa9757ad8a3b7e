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
    survivors_of("access:erp", scenarios)
}

/// The changes of rules whose names start like this that nobody notices, as `rule: change`.
fn survivors_of(prefix: &str, scenarios: &[&str]) -> Vec<String> {
    let (_, report) = report(scenarios, &["--mutate"]);
    let all = report["mutation"]["survivors"].as_array().unwrap().iter();
    let texts =
        all.map(|one| format!("{}: {}", one["rule"].as_str().unwrap(), one["change"].as_str().unwrap()));
    texts.filter(|text| text.starts_with(prefix)).collect()
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

/// A request for two things, by somebody, and what comes of it.
fn asks_for(id: &str, entitlements: &str, expected: &str) -> String {
    format!(
        "[scenario.{id}]\ndescription = \"{id}\"\nnow = 2026-11-23T09:00:00Z\nrequest.requester = \"ben\"\n\
         request.entitlements = {entitlements}\nrequest.justification = \"work\"\n{expected}\n"
    )
}

const THREE_APART: &str = r#"
[sod.three]
description = "two of these are too much"
owner = "team:desk"
entitlements = ["erp/read", "erp/write", "mail/user"]
risk = "high"
decision = "deny"
"#;

#[test]
fn duties_and_their_members_are_left_out_until_a_scenario_notices() {
    let denied = "expect.verdict = \"denied\"\nexpect.rules = [\"sod:three\"]";
    let of_duties = |scenarios: &[&str]| {
        let mut all = vec![THREE_APART];
        all.extend(scenarios);
        survivors_of("sod:", &all)
    };
    let member = |member: &str| format!("sod:three: can do without `{member}`");
    assert_eq!(
        of_duties(&[IT_WRITES]),
        [
            "sod:three: can be removed as a whole".to_owned(),
            member("erp/read"),
            member("erp/write"),
            member("mail/user"),
        ]
    );
    let both = asks_for("both", "[\"erp/read\", \"erp/write\"]", denied);
    assert_eq!(of_duties(&[&both]), [member("mail/user")]);
    let mail = asks_for("mail", "[\"erp/write\", \"mail/user\"]", denied);
    assert_eq!(of_duties(&[&both, &mail]), Vec::<String>::new());
    // Of two that nobody may hold together, nothing is left without one: that is the whole.
    let two = THREE_APART.replace(", \"mail/user\"", "");
    assert_eq!(survivors_of("sod:", &[&two, IT_WRITES]), ["sod:three: can be removed as a whole"]);
    // What is only written down decides nothing.
    let tried_out = THREE_APART.replace("decision = \"deny\"", "decision = \"deny\"\nmode = \"record\"");
    assert_eq!(survivors_of("sod:", &[&tried_out, IT_WRITES]), Vec::<String>::new());
}

const BUNDLE: &str = r#"
[bundle.it]
name = "IT"
owner = "team:desk"
when.subject.department = "it"
when.subject.employment = "employee"
entitlements = ["mail/user"]
"#;

#[test]
fn bundles_are_changed_until_a_scenario_notices() {
    let joins = |id: &str, who: &str, expected: &str| {
        format!("[scenario.{id}]\ndescription = \"{id}\"\nnow = 2026-11-23T09:00:00Z\n{who}\n{expected}\n")
    };
    let of_bundles = |scenarios: &[&str]| {
        let mut all = vec![BUNDLE];
        all.extend(scenarios);
        survivors_of("bundle:", &all)
    };
    assert_eq!(of_bundles(&[IT_WRITES]).len(), 5, "removed, and both tests inverted and dropped");
    let engineer = joins("engineer", "joiner = \"ben\"", "expect.given = [\"mail/user\"]");
    assert_eq!(
        of_bundles(&[&engineer]),
        [
            "bundle:it: can be dropped: `subject.department is it`",
            "bundle:it: can be dropped: `subject.employment is employee`",
        ]
    );
    let seller = joins("seller", "joiner = \"cleo\"", "expect.given = []");
    let contractor = joins(
        "contractor",
        "mover = { person = \"cleo\", department = \"it\", employment = \"contractor\" }",
        "expect.given = []",
    );
    assert_eq!(of_bundles(&[&engineer, &seller, &contractor]), Vec::<String>::new());
    let unreached = |scenarios: &[&str]| {
        let mut all = vec![BUNDLE];
        all.extend(scenarios);
        let (_, report) = report(&all, &["--coverage"]);
        let uncovered = report["coverage"]["uncovered"].as_array().unwrap().clone();
        uncovered.iter().any(|one| one["rule"] == "bundle:it")
    };
    assert!(unreached(&[IT_WRITES]) && unreached(&[&engineer]) && unreached(&[&seller]));
    assert!(!unreached(&[&engineer, &seller]));
}

const ENGINEERS_AGREE: &str = r#"
[workflow.engineers]
name = "Engineers"
owner = "team:security"

[[workflow.engineers.stage]]
id = "engineer"
approvers-when.subject.title = "Engineer"
within = "1d"
on-timeout = "deny"

[[workflow.engineers.stage]]
id = "head"
approvers = ["person:ana"]
within = "1d"
on-timeout = "deny"

[[access.mail.rule]]
id = "sales"
when.subject.department = "sales"
decision.workflow = "engineers"
max-duration = "30d"
"#;

#[test]
fn approvers_by_attribute_and_stages_are_changed_until_a_scenario_notices() {
    let tested = |scenario: &str, flag: &str| {
        let repository = Repository::base();
        let (workflow, rule) = ENGINEERS_AGREE.split_at(ENGINEERS_AGREE.find("[[access").unwrap());
        repository.write("policies/access.toml", repository.read("policies/access.toml") + rule);
        repository.write("catalog/cases.toml", format!("{workflow}{scenario}"));
        let run = gitsm(&["test", "--now", NOW, "--format", "json", flag], repository.path());
        serde_json::from_str::<Value>(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr))
    };
    let changes = |scenario: &str| -> Vec<String> {
        let report = tested(scenario, "--mutate");
        let all = report["mutation"]["survivors"].as_array().unwrap().iter();
        all.filter(|one| one["rule"].as_str().unwrap().starts_with("workflow:engineers"))
            .map(|one| format!("{} {}", one["rule"].as_str().unwrap(), one["change"].as_str().unwrap()))
            .collect()
    };
    let request = "[scenario.sales]\ndescription = \"sales\"\nnow = 2026-11-23T09:00:00Z\n\
                   request = { requester = \"cleo\", entitlements = [\"mail/admin\"], duration = \"10d\" }\n\
                   expect.verdict = \"needs-approval\"\n";
    let engineer = "workflow:engineers/engineer";
    // Inverted it asks the head for both stages, and nobody counts twice: that is noticed.
    assert_eq!(
        changes(request),
        [
            format!("{engineer} can be removed as a whole"),
            format!("{engineer} can be dropped: `subject.title is Engineer`"),
            "workflow:engineers/head can be removed as a whole".to_owned(),
        ]
    );
    let stages = format!("{request}expect.stages = [\"engineers/engineer\", \"engineers/head\"]\n");
    assert_eq!(changes(&stages).len(), 1, "who it is can still be changed");
    let whole = format!("{stages}expect.approvers.\"engineers/engineer\" = [\"ben\", \"dan\"]\n");
    assert_eq!(changes(&whole), Vec::<String>::new());
    let uncovered = |scenario: &str| {
        let report = tested(scenario, "--coverage");
        let all = report["coverage"]["uncovered"].as_array().unwrap().clone();
        all.iter().filter(|one| one["rule"].as_str().unwrap().starts_with("workflow:engineers")).count()
    };
    assert_eq!((uncovered(request), uncovered(IT_WRITES_MAIL)), (0, 2));
}

const IT_WRITES_MAIL: &str = "[scenario.mail]\ndescription = \"mail\"\nnow = 2026-11-23T09:00:00Z\n\
    request = { requester = \"ben\", entitlements = [\"mail/user\"] }\nexpect.verdict = \"approved\"\n";

/// The living example shows what scenarios are for: they reach everything, from both sides, and notice every change.
#[test]
fn the_living_example_reaches_every_rule_and_notices_every_change() {
    let run = gitsm(&["test", "--coverage", "--mutate", "--now", NOW, "--format", "json"], &root());
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    assert_eq!(report["mutation"]["survivors"], serde_json::json!([]), "no change goes unnoticed");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(report["mutation"]["tried"].as_u64().unwrap() > 1_000);
    let coverage = &report["coverage"];
    assert!(coverage["rules"].as_u64().unwrap() > 300, "{coverage}");
    assert_eq!(coverage["uncovered"].as_array().unwrap(), &Vec::<Value>::new());
    assert_eq!(coverage["never-asked-for"].as_array().unwrap(), &Vec::<Value>::new());
    assert!(coverage["cells"].as_u64().unwrap() > 0, "incidents have priorities");
    assert_eq!(coverage["never-reached"].as_array().unwrap(), &Vec::<Value>::new());
}
