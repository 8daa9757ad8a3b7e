//! What is decided otherwise and is not told as a case is named, and a gate stops it: never "as before".

use crate::support::{Repository, Run, gitsm};

const SETTINGS: &str = r#"
[project]
name = "t"
format = 1
time-zone = "UTC"
priorities = ["p1"]
currency = "EUR"
"#;

/// A desk, a mail service with two entitlements, and a workflow that asks the desk.
const BASE: &str = r#"
[person.boss]
name="Boss"
email="b@e.com"
department="it"
title="x"
[person.ann]
name="Ann"
email="a@e.com"
department="sales"
title="x"
manager="boss"
[person.bob]
name="Bob"
email="bo@e.com"
department="sales"
title="x"
manager="boss"
[person.oli]
name="Oli"
email="o@e.com"
department="ops"
title="x"
manager="boss"
[team.desk]
name="Desk"
members=["boss","bob"]
lead="boss"
[category.c]
name="C"
function="it"
owner="person:boss"
[tier.std]
name="Std"
rank=2
downtime-cost="1 EUR"
sla="sl"
availability="99.5%"
[sla.sl]
name="sl"
owner="team:desk"
calendar="cal"
[sla.sl.target]
p1={respond="30m",resolve="4h"}
[calendar.cal]
name="always"
time-zone="UTC"
weekly.mon-sun=["00:00-24:00"]
[service.mail]
name="Mail"
owner="person:boss"
lifecycle="active"
tier="std"
support-team="desk"
category="c"
[service.mail.entitlement.box]
name="Box"
risk="low"
role="user"
provision={method="manual",team="desk"}
remove={method="manual",team="desk"}
[service.mail.entitlement.adm]
name="Adm"
risk="low"
role="adm"
provision={method="manual",team="desk"}
remove={method="manual",team="desk"}
[workflow.w]
name="W"
owner="team:desk"
[[workflow.w.stage]]
id="s"
approvers=["team:desk"]
"#;

const APPROVED: &str = r#"
[access.a]
name = "A"
owner = "team:desk"
applies-to = "everything"
[[access.a.rule]]
id = "r"
decision = "auto-approve"
"#;

const DENIED: &str = r#"
[access.a]
name = "A"
owner = "team:desk"
applies-to = "everything"
[[access.a.rule]]
id = "r"
decision = "deny"
"#;

const APART: &str = r#"
[sod.both]
description = "nobody has both"
risk = "high"
owner = "team:desk"
entitlements = ["mail/box", "mail/adm"]
decision = "deny"
"#;

const HELD: &str = r#"
[grant.one]
beneficiary = "ann"
entitlement = "mail/box"
start = 2026-01-01
state = "active"
"#;

const BUNDLE: &str = r#"
[bundle.sales]
name = "S"
owner = "team:desk"
when.subject.department = "sales"
entitlements = ["mail/adm"]
"#;

/// What `gitsm diff` says about two rulebooks.
fn diff(old: &str, new: &str) -> Run {
    let files = |text: &str, side: &str| {
        [
            (format!("{side}/gitsm.toml"), SETTINGS.to_owned()),
            (format!("{side}/catalog/all.toml"), text.to_owned()),
        ]
    };
    let folder = Repository::empty();
    for (path, text) in files(old, "old").into_iter().chain(files(new, "new")) {
        folder.write(&path, text);
    }
    let now = "2026-11-30T10:00:00Z";
    gitsm(&["diff", "old", "new", "--fail-on", "loosens", "--now", now], folder.path())
}

#[test]
fn what_is_not_told_as_a_case_is_named() {
    let base = format!("{BASE}{APPROVED}");
    let ann = "[person.ann]\nname=\"Ann\"\n";
    let inactive = base.replace(ann, &format!("{ann}status=\"inactive\"\n"));
    let apart = format!("{base}{APART}");
    let asked = |distinct: bool| {
        base.replace("[workflow.w]\n", &format!("[workflow.w]\ndistinct = {distinct}\n"))
            .replace("decision = \"auto-approve\"", "decision = { workflow = \"w\" }")
    };
    let bundled = |rule: &str| {
        let adm = "[service.mail.entitlement.adm]\n";
        format!("{BASE}{rule}{BUNDLE}").replace(adm, &format!("{adm}requestable = false\n"))
    };
    assert!(base.contains(ann), "the base has what is changed in it");
    for (name, old, new) in [
        ("somebody is here again", inactive, base.clone()),
        ("somebody holds less that is kept apart", format!("{apart}{HELD}"), apart),
        ("people count in several workflows", asked(true), asked(false)),
        ("what only a bundle gives", bundled(DENIED), bundled(APPROVED)),
    ] {
        let run = diff(&old, &new);
        assert_eq!(run.status, 1, "{name}: {run:?}");
        // The nearest neighbour: nothing changed, and nothing is stopped.
        let run = diff(&new, &new);
        assert_eq!(run.status, 0, "{name}: {run:?}");
    }
}
