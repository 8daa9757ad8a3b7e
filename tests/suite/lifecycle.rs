//! Joiners, movers and leavers, through the real binary.

use serde_json::{Value, json};

use crate::support::{Repository, gitsm};

const NOW: &str = "2026-11-23T09:00:00Z";

const MORE: &str = r#"
[service.list]
name = "Lists"
owner = "person:dan"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"

[service.list.entitlement]
it = { name = "IT", risk = "low", groups = ["list-it"] }
sales = { name = "Sales", risk = "low", groups = ["list-sales"] }
both = { name = "Both", risk = "low", groups = ["list-both"] }

[access.list]
applies-to.service = "list"

[[access.list.rule]]
id = "it"
when.subject.department = "it"
decision = "auto-approve"

[[access.list.rule]]
id = "others"
decision.workflow = "manager"

[bundle.it]
name = "IT"
owner = "team:desk"
when.subject.department = "it"
entitlements = ["list/it", "list/both"]

[bundle.sales]
name = "Sales"
owner = "team:desk"
when.subject.department = "sales"
entitlements = ["list/sales", "list/both"]

[grant.dan-mail]
beneficiary = "dan"
entitlement = "mail/user"
start = 2026-01-01

[grant.dan-old]
beneficiary = "dan"
entitlement = "mail/admin"
start = 2026-01-01
end = 2026-11-22
"#;

fn report(arguments: &[&str]) -> Value {
    let repository = Repository::base();
    repository.write("catalog/more.toml", MORE);
    let mut all = vec!["simulate"];
    all.extend(arguments);
    all.extend(["--now", NOW, "--format", "json"]);
    let run = gitsm(&all, repository.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

fn entitlements(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["entitlement"].as_str().unwrap()).collect()
}

#[test]
fn a_joiner_gets_the_bundles_that_are_theirs() {
    let report = report(&["joiner", "cleo"]);
    let given = report["given"].as_array().unwrap();
    assert_eq!(given.len(), 1, "{report:#}");
    assert_eq!((&given[0]["bundle"], &given[0]["verdict"]), (&json!("sales"), &json!("needs-approval")));
    assert_eq!(entitlements(&given[0]["items"]), ["list/sales", "list/both"]);
    let stage = &given[0]["stages"][0];
    assert_eq!((&stage["stage"], &stage["approvers"][0]["id"]), (&json!("manager/manager"), &json!("ana")));
    assert_eq!(stage["due"], "2026-11-25T09:00:00Z");
    assert_eq!((&report["removed"], &report["transferred"]), (&json!([]), &json!([])));
}

#[test]
fn a_mover_loses_what_came_with_the_old_role_and_keeps_what_both_have() {
    let report = report(&["mover", "dan", "--set", "department=sales"]);
    assert_eq!(report["given"][0]["bundle"], "sales");
    assert_eq!(entitlements(&report["removed"]), ["list/it"], "{report:#}");
    assert_eq!(report["removed"][0]["held-by"], "bundle:it");
    // What was granted is looked at again; what has ended is not.
    assert_eq!(entitlements(&report["reviewed"]), ["mail/user"]);
    assert_eq!(report["reviewed"][0]["verdict"], "approved");
    let same = self::report(&["mover", "dan", "--set", "title=Architect"]);
    assert_eq!((&same["given"], &same["removed"]), (&json!([]), &json!([])));
}

#[test]
fn a_leaver_loses_everything_and_leaves_work_behind() {
    let report = report(&["leaver", "dan"]);
    assert_eq!(entitlements(&report["removed"]), ["list/both", "list/it", "mail/user"]);
    let left: Vec<(&str, &str)> = report["transferred"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["object"].as_str().unwrap(), one["field"].as_str().unwrap()))
        .collect();
    assert!(left.contains(&("service:list", "owner")), "{left:?}");
    assert!(left.contains(&("team:desk", "members.2")), "{left:?}");
    assert!(!left.iter().any(|(object, _)| object.starts_with("grant:")), "the ledger keeps its history");
}

#[test]
fn what_makes_no_sense_is_said() {
    let repository = Repository::base();
    for (arguments, why) in [
        (&["joiner", "cleoo"][..], "did you mean `cleo`?"),
        (&["mover", "ben", "--set", "shoe-size=44"], "shoe-size"),
        (&["mover", "ben", "--set", "employment=robot"], "robot"),
        (&["mover", "ben", "--set", "manager=nobody"], "there is no person `nobody`"),
        (&["mover", "ben", "--set", "attributes.shoe-size=44"], "`shoe-size` is not declared in gitsm.toml"),
        (&["mover", "ben", "--set", "status=inactive"], "use `gitsm simulate leaver ben`"),
        (&["mover", "ben", "--set", "end=2020-01-01"], "use `gitsm simulate leaver ben`"),
        (&["mover", "ben"], "--set"),
    ] {
        let mut all = vec!["simulate"];
        all.extend(arguments);
        let run = gitsm(&all, repository.path());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(why), "{why}: {}", run.stderr);
    }
}

#[test]
fn attributes_of_a_mover_are_what_the_directory_takes() {
    let repository = Repository::base();
    let declared = "\n[attribute.subject.clearance]\ntype = \"ordered\"\nvalues = [\"none\", \"basic\"]\noptional = true\n\
                    [attribute.subject.trained]\ntype = \"date\"\noptional = true\n";
    repository.write("gitsm.toml", repository.read("gitsm.toml") + declared);
    for (set, why) in [
        ("attributes.clearance=basic", None),
        ("attributes.trained=2026-02-01", None),
        ("attributes.clearance=top", Some("`top` is not one of the declared values")),
        ("attributes.trained=yesterday", Some("yesterday")),
        ("attributes.clearence=basic", Some("did you mean `clearance`?")),
    ] {
        let run = gitsm(&["simulate", "mover", "ben", "--set", set, "--now", NOW], repository.path());
        assert_eq!(run.status, if why.is_some() { 2 } else { 0 }, "{set}: {}", run.stderr);
        assert!(run.stderr.contains(why.unwrap_or_default()), "{set}: {}", run.stderr);
    }
}

#[test]
fn what_a_mover_would_not_get_today_stands_apart_with_the_reason() {
    let repository = Repository::base();
    let only_it = "\n[access.only-it]\napplies-to.entitlement = \"mail/user\"\n[[access.only-it.rule]]\n\
                   id = \"others\"\nwhen.not.subject.department = \"it\"\ndecision = \"deny\"\n";
    repository.write("catalog/more.toml", format!("{MORE}{only_it}"));
    let shown = |set: &str| {
        let run = gitsm(&["simulate", "mover", "dan", "--set", set, "--now", NOW], repository.path());
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.stdout
    };
    let text = shown("department=sales");
    let (_, denied) =
        text.split_once("\nholds still, and would not get today\n").unwrap_or_else(|| panic!("{text}"));
    assert!(
        denied.starts_with("  mail/user  grant:dan-mail\n     access:only-it/others denies it\n"),
        "{text}"
    );
    assert!(!text.contains("keeps, if somebody still agrees"), "{text}");
    let same = shown("title=Architect");
    assert!(
        same.contains("\nkeeps, if somebody still agrees\n  mail/user  would be approved today"),
        "{same}"
    );
    assert!(!same.contains("would not get today"), "{same}");
}

#[test]
fn a_joiner_sees_who_agrees_until_when_and_the_rules() {
    let repository = Repository::base();
    repository.write("catalog/more.toml", MORE);
    let shown = |more: &[&str]| {
        let run = gitsm(&[&["simulate", "joiner", "cleo", "--now", NOW], more].concat(), repository.path());
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.stdout
    };
    let text = shown(&[]);
    assert!(
        text.contains("Ana Silva") && text.contains("at the latest Wed 2026-11-25 10:00 Europe/Berlin"),
        "{text}"
    );
    assert!(!text.contains("access:list/it"), "{text}");
    let traced = shown(&["--trace"]);
    assert!(traced.contains("access:list/it  does not match  catalog/more.toml:"), "{traced}");
    assert!(traced.contains("access:list/others  asks workflow:manager  catalog/more.toml:"), "{traced}");
}
