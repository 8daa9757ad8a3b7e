//! Small rulebooks that differ in one thing.

use serde_json::Value;

use crate::support::{Repository, Run, gitsm};

pub(super) const NOW: &str = "2026-11-30T10:00:00Z";

pub(super) const SETTINGS: &str = r#"
[project]
name = "t"
format = 1
time-zone = "UTC"
priorities = ["p1"]
currency = "EUR"
"#;

/// A desk, a mail service with two entitlements, and a workflow that asks the desk.
pub(super) const BASE: &str = r#"
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

pub(super) const APPROVED: &str = r#"
[access.a]
name = "A"
owner = "team:desk"
applies-to = "everything"
[[access.a.rule]]
id = "r"
decision = "auto-approve"
"#;

pub(super) const DENIED: &str = r#"
[access.a]
name = "A"
owner = "team:desk"
applies-to = "everything"
[[access.a.rule]]
id = "r"
decision = "deny"
"#;

pub(super) const APART: &str = r#"
[sod.both]
description = "nobody has both"
risk = "high"
owner = "team:desk"
entitlements = ["mail/box", "mail/adm"]
decision = "deny"
"#;

pub(super) const HELD: &str = r#"
[grant.one]
beneficiary = "ann"
entitlement = "mail/box"
start = 2026-01-01
state = "active"
"#;

pub(super) const BUNDLE: &str = r#"
[bundle.sales]
name = "S"
owner = "team:desk"
when.subject.department = "sales"
entitlements = ["mail/adm"]
"#;

/// An access policy with a rule that reads something, and everything else denied.
pub(super) const READS: &str = r#"
[access.a]
name = "A"
owner = "team:desk"
applies-to = "everything"
[[access.a.rule]]
id = "r"
when.WHAT
decision = "auto-approve"
"#;

/// A guardrail that refuses when it reads something.
pub(super) const GUARDED: &str = r#"
[guardrail.g]
description = "not then"
owner = "team:desk"
when.WHAT
deny = true
"#;

/// A request type that asks nobody, with a condition and a field.
pub(super) const TYPE: &str = r#"
[request-type.t]
name = "T"
category = "c"
event = "provision"
owner = "team:desk"
risk = "low"
lifecycle = "active"
workflow = "w"
field.why.label = "Why?"
field.why.type = "text"
"#;

pub(super) const HOURS: &str = r#"
[calendar.hours]
name = "hours"
time-zone = "UTC"
weekly.mon-fri = ["09:00-17:00"]
"#;

/// Who gets an incident, who is told about it, and who is on call.
pub(super) const INCIDENTS: &str = r#"
[team.net]
name = "Net"
members = ["oli", "ann"]
lead = "oli"
on-call.calendar = "cal"
on-call.rotation = ["oli", "ann"]
on-call.shift = "1w"
on-call.start = 2026-01-05
[category.network]
name = "Network"
function = "it"
owner = "person:boss"
[priority-matrix.m]
name = "M"
owner = "team:desk"
row-axis = "impact"
rows = ["high"]
column-axis = "urgency"
columns = ["high"]
cell.high.high = "p1"
[routing.r]
name = "R"
owner = "team:desk"
for = "incident"
priority-matrix = "m"
default = "desk"
[[routing.r.rule]]
id = "network"
when.incident.category = "network"
team = "net"
[[routing.r.rule]]
id = "service"
when.service.id.exists = true
to = "support-team"
"#;

/// An escalation of the SLA that tells whoever is on call.
pub(super) const TOLD: &str = r#"
[escalation.late]
name = "Late"
owner = "team:desk"
calendar = "cal"
[[escalation.late.step]]
id = "first"
after = "1h"
to = ["WHO"]
kind = "functional"
"#;

/// Who agrees to changes.
pub(super) const MODEL: &str = r#"
[change-model.normal]
name = "Normal"
owner = "team:desk"
type = "normal"
authority.low = "w"
authority.medium = "w"
authority.high = "w"
authority.critical = "w"
[[change-model.normal.freeze]]
name = "Freeze"
from = 2026-12-20T00:00:00Z
until = 2026-12-27T00:00:00Z
[[change-model.normal.freeze]]
name = "Freeze"
from = 2027-03-25T00:00:00Z
until = 2027-03-30T00:00:00Z
"#;

pub(super) const ACCOUNT: &str = r#"
[person.bot]
name = "Bot"
employment = "service-account"
department = "sales"
title = "x"
owner = "person:ann"
"#;

pub(super) const CLEARANCE: &str = r#"
[attribute.subject.clearance]
type = "ordered"
optional = true
values = ["none", "some", "all"]
description = "what they may see"
"#;

/// A rulebook: its settings, and everything else.
#[derive(Clone)]
pub(super) struct Book {
    pub(super) settings: String,
    pub(super) text: String,
}

pub(super) fn book(parts: &[&str]) -> Book {
    Book { settings: SETTINGS.to_owned(), text: parts.concat() }
}

impl Book {
    /// The same where one thing is written otherwise.
    pub(super) fn with(&self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "{from} in {}", self.text);
        Self { text: self.text.replacen(from, to, 1), ..self.clone() }
    }

    pub(super) fn and(&self, more: &str) -> Self {
        Self { text: format!("{}{more}", self.text), ..self.clone() }
    }

    pub(super) fn set(&self, from: &str, to: &str) -> Self {
        assert!(self.settings.contains(from), "{from} in {}", self.settings);
        Self { settings: self.settings.replacen(from, to, 1), ..self.clone() }
    }

    pub(super) fn declare(&self, more: &str) -> Self {
        Self { settings: format!("{}{more}", self.settings), ..self.clone() }
    }
}

/// Both versions in one folder.
pub(super) fn versions(old: &Book, new: &Book) -> Repository {
    let folder = Repository::empty();
    for (side, book) in [("old", old), ("new", new)] {
        folder.write(&format!("{side}/gitsm.toml"), &book.settings);
        folder.write(&format!("{side}/catalog/all.toml"), &book.text);
    }
    folder
}

/// What `gitsm diff` says about two rulebooks.
pub(super) fn diff(old: &Book, new: &Book) -> Run {
    let folder = versions(old, new);
    gitsm(&["diff", "old", "new", "--fail-on", "loosens", "--now", NOW], folder.path())
}

/// The same as data, in a folder in which both versions are still there.
pub(super) fn json(old: &Book, new: &Book) -> (Repository, Value) {
    let folder = versions(old, new);
    let run = gitsm(&["diff", "old", "new", "--format", "json", "--now", NOW], folder.path());
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    (folder, report)
}

/// A change, what is said about it, and what is written otherwise in its nearest neighbour, which changes nothing.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) old: Book,
    pub(super) new: Book,
    pub(super) says: &'static str,
    pub(super) neighbour: (&'static str, &'static str),
}

pub(super) fn row(name: &'static str, old: &Book, new: &Book, says: &'static str) -> Row {
    Row { name, old: old.clone(), new: new.clone(), says, neighbour: ("name=\"Desk\"", "name=\"The desk\"") }
}

pub(super) fn near(row: Row, from: &'static str, to: &'static str) -> Row {
    Row { neighbour: (from, to), ..row }
}

pub(super) fn reads(what: &str) -> String {
    READS.replace("WHAT", what)
}

pub(super) fn guarded(what: &str) -> String {
    GUARDED.replace("WHAT", what)
}

pub(super) const ANN: &str = "[person.ann]\nname=\"Ann\"\n";
pub(super) const ADM: &str = "[service.mail.entitlement.adm]\n";
pub(super) const SOME_HOURS: &str = "weekly.mon-fri = [\"09:00-17:00\"]";
pub(super) const MORE_HOURS: &str = "weekly.mon-fri = [\"09:00-18:00\"]";
