//! What is decided or promised otherwise is told as a case, or named, and a gate stops it: never "as before".

use serde_json::Value;

use crate::support::{Repository, Run, gitsm};

const NOW: &str = "2026-11-30T10:00:00Z";

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

/// An access policy with a rule that reads something, and everything else denied.
const READS: &str = r#"
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
const GUARDED: &str = r#"
[guardrail.g]
description = "not then"
owner = "team:desk"
when.WHAT
deny = true
"#;

/// A request type that asks nobody, with a condition and a field.
const TYPE: &str = r#"
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

const HOURS: &str = r#"
[calendar.hours]
name = "hours"
time-zone = "UTC"
weekly.mon-fri = ["09:00-17:00"]
"#;

/// Who gets an incident, who is told about it, and who is on call.
const INCIDENTS: &str = r#"
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
const TOLD: &str = r#"
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
const MODEL: &str = r#"
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

const ACCOUNT: &str = r#"
[person.bot]
name = "Bot"
employment = "service-account"
department = "sales"
title = "x"
owner = "person:ann"
"#;

const CLEARANCE: &str = r#"
[attribute.subject.clearance]
type = "ordered"
optional = true
values = ["none", "some", "all"]
description = "what they may see"
"#;

/// A rulebook: its settings, and everything else.
#[derive(Clone)]
struct Book {
    settings: String,
    text: String,
}

fn book(parts: &[&str]) -> Book {
    Book { settings: SETTINGS.to_owned(), text: parts.concat() }
}

impl Book {
    /// The same where one thing is written otherwise.
    fn with(&self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "{from} in {}", self.text);
        Self { text: self.text.replacen(from, to, 1), ..self.clone() }
    }

    fn and(&self, more: &str) -> Self {
        Self { text: format!("{}{more}", self.text), ..self.clone() }
    }

    fn set(&self, from: &str, to: &str) -> Self {
        assert!(self.settings.contains(from), "{from} in {}", self.settings);
        Self { settings: self.settings.replacen(from, to, 1), ..self.clone() }
    }

    fn declare(&self, more: &str) -> Self {
        Self { settings: format!("{}{more}", self.settings), ..self.clone() }
    }
}

/// Both versions in one folder.
fn versions(old: &Book, new: &Book) -> Repository {
    let folder = Repository::empty();
    for (side, book) in [("old", old), ("new", new)] {
        folder.write(&format!("{side}/gitsm.toml"), &book.settings);
        folder.write(&format!("{side}/catalog/all.toml"), &book.text);
    }
    folder
}

/// What `gitsm diff` says about two rulebooks.
fn diff(old: &Book, new: &Book) -> Run {
    let folder = versions(old, new);
    gitsm(&["diff", "old", "new", "--fail-on", "loosens", "--now", NOW], folder.path())
}

/// The same as data, in a folder in which both versions are still there.
fn json(old: &Book, new: &Book) -> (Repository, Value) {
    let folder = versions(old, new);
    let run = gitsm(&["diff", "old", "new", "--format", "json", "--now", NOW], folder.path());
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    (folder, report)
}

/// A change, what is said about it, and what is written otherwise in its nearest neighbour, which changes nothing.
struct Row {
    name: &'static str,
    old: Book,
    new: Book,
    says: &'static str,
    neighbour: (&'static str, &'static str),
}

fn row(name: &'static str, old: &Book, new: &Book, says: &'static str) -> Row {
    Row { name, old: old.clone(), new: new.clone(), says, neighbour: ("name=\"Desk\"", "name=\"The desk\"") }
}

fn near(row: Row, from: &'static str, to: &'static str) -> Row {
    Row { neighbour: (from, to), ..row }
}

fn reads(what: &str) -> String {
    READS.replace("WHAT", what)
}

fn guarded(what: &str) -> String {
    GUARDED.replace("WHAT", what)
}

const ANN: &str = "[person.ann]\nname=\"Ann\"\n";
const ADM: &str = "[service.mail.entitlement.adm]\n";
const SOME_HOURS: &str = "weekly.mon-fri = [\"09:00-17:00\"]";
const MORE_HOURS: &str = "weekly.mon-fri = [\"09:00-18:00\"]";

/// What rules read behind a name.
fn behind_names() -> Vec<Row> {
    let within = "request.instant.within = \"hours\"";
    let other_hours = |rules: &str| {
        let old = book(&[BASE, HOURS, rules]);
        let new = old.with(SOME_HOURS, MORE_HOURS);
        (old, new)
    };
    let (rule, rule_new) = other_hours(&reads(within));
    let (guard, guard_new) = other_hours(&[APPROVED, &guarded(within)].concat());
    let (kind, kind_new) =
        other_hours(&[TYPE, "available-when.request.instant.within = \"hours\"\n"].concat());
    let says = "is within `hours`, and was not before";
    let (far, far_new) = (
        &rule,
        rule.with("name = \"hours\"\n", "name = \"hours\"\nholidays = { 2041-12-27 = \"Far away\" }\n"),
    );
    let supported = book(&[BASE, HOURS, &reads("request.outside-hours = false")])
        .with("support-team=\"desk\"\n", "support-team=\"desk\"\nsupport-hours=\"hours\"\n");
    let peers = book(&[BASE, &reads("peers.share.min = 50")]);
    let ends = book(&[BASE, &reads("subject.end.exists = false")]);
    let renamed = |row| near(row, "name = \"hours\"", "name = \"the hours\"");
    vec![
        renamed(row(
            "hours in years that are not looked at",
            far,
            &far_new,
            "the hours of the calendar `hours` are others",
        )),
        renamed(row("hours that a rule reads", &rule, &rule_new, says)),
        renamed(row("hours that a guardrail reads", &guard_new, &guard, "is not within `hours` any more")),
        renamed(row("hours that a request type reads", &kind, &kind_new, says)),
        row(
            "hours of support",
            &supported,
            &supported.with(SOME_HOURS, MORE_HOURS),
            "the hours of support of some services are others",
        ),
        row(
            "who is alike",
            &peers,
            &peers.declare("[decision]\npeers-by = [\"department\"]\n"),
            "colleagues are alike by other attributes",
        ),
        row(
            "where dates are meant",
            &ends,
            &ends.set("time-zone = \"UTC\"", "time-zone = \"Asia/Tokyo\""),
            "dates are meant in another time zone",
        ),
    ]
}

/// Requests that name a service and ask for no access.
fn named_services() -> Vec<Row> {
    let says = "requests that name `mail` and ask for no access may be decided otherwise";
    let open = book(&[BASE, APPROVED, TYPE]);
    let guard = "[guardrail.g]\ndescription = \"not for mail\"\nowner = \"team:desk\"\napplies-to.service = \"mail\"\nwhen.request.emergency = true\nrequire = [\"ticket\"]\n";
    let owned = open.with("approvers=[\"team:desk\"]", "approvers=[\"role:service-owner\"]");
    let tiers = open.and("available-when.service.lifecycle = \"active\"\n");
    vec![
        near(
            row("a guardrail of a service", &open.and(guard), &open, says),
            "field.why.label = \"Why?\"",
            "field.why.label = \"Why is it?\"",
        ),
        row(
            "who answers for a service",
            &owned,
            &owned.with(
                "[service.mail]\nname=\"Mail\"\nowner=\"person:boss\"",
                "[service.mail]\nname=\"Mail\"\nowner=\"person:oli\"",
            ),
            says,
        ),
        row(
            "a service that a request type reads",
            &tiers.with("lifecycle=\"active\"", "lifecycle=\"deprecated\""),
            &tiers,
            says,
        ),
    ]
}

/// What is known about people, what they hold, and what is asked of them.
fn people_and_forms() -> Vec<Row> {
    let base = book(&[BASE, APPROVED]);
    let apart = book(&[BASE, APPROVED, APART]);
    let holds = "grants.entitlements.contains = \"mail/box\"";
    let granted = book(&[BASE, &reads(holds)]);
    let refused = book(&[BASE, APPROVED, &guarded(holds)]);
    let typed = book(&[BASE, APPROVED, TYPE]);
    let cleared = book(&[BASE, BUNDLE])
        .declare(CLEARANCE)
        .with("when.subject.department = \"sales\"", "when.subject.clearance.min = \"some\"")
        .with(ANN, &format!("{ANN}attributes.clearance=\"some\"\n"));
    let mixed = typed
        .and("available-when.any = [{ subject.department = \"it\" }, { entitlement.risk = \"high\" }]\n");
    let account = base.and(ACCOUNT);
    let both = typed
        .and("[workflow.v]\nname=\"V\"\nowner=\"team:desk\"\n[[workflow.v.stage]]\nid=\"s\"\napprovers=[\"team:desk\"]\n")
        .with("decision = \"auto-approve\"", "decision = { workflow = \"v\" }");
    let people = "something else is known about ann";
    let colleagues = book(&[BASE, &reads("peers.share.min = 50")]);
    let ahead = HELD.replace("2026-01-01", "2027-01-01");
    vec![
        row("what is kept apart", &apart.and(HELD), &apart, people),
        row("what a rule reads of grants", &granted, &granted.and(HELD), people),
        row("what a guardrail reads of grants", &refused.and(HELD), &refused, people),
        row("what colleagues hold", &colleagues, &colleagues.and(HELD), "people hold other access"),
        row("what is kept apart one day", &apart.and(&ahead), &apart, "people hold other access"),
        row(
            "a question of a form",
            &typed.and("field.why.required = true\n"),
            &typed,
            "`why` is not asked for any more, or need not be answered",
        ),
        near(
            row(
                "what a question can be answered with",
                &typed,
                &typed.with(
                    "field.why.type = \"text\"",
                    "field.why.type = \"choice\"\nfield.why.options = [\"a\", \"b\"]",
                ),
                "questions of forms are others",
            ),
            "field.why.label = \"Why?\"",
            "field.why.label = \"Why is it?\"",
        ),
        row(
            "whom a request type asks",
            &typed,
            &typed.with("workflow = \"w\"\n", ""),
            "nobody is asked any more",
        ),
        row(
            "whom a request type and access ask",
            &both,
            &both.with(
                "owner = \"team:desk\"\nrisk = \"low\"\nlifecycle = \"active\"\nworkflow = \"w\"",
                "owner = \"team:desk\"\nrisk = \"low\"\nlifecycle = \"active\"\nworkflow = \"v\"",
            ),
            "stages are asked once for a request type",
        ),
        row(
            "an order of words",
            &cleared,
            &cleared.set("[\"none\", \"some\", \"all\"]", "[\"some\", \"none\", \"all\"]"),
            "attributes are declared otherwise",
        ),
        row(
            "who answers for an account",
            &account,
            &account.with("owner = \"person:ann\"", "owner = \"person:oli\""),
            "who answers for an account",
        ),
        row(
            "until when an approver is here",
            &base.with("[person.bob]\n", "[person.bob]\nend=2027-01-31\n"),
            &base.with("[person.bob]\n", "[person.bob]\nend=2027-12-31\n"),
            "it changed who is here, until when",
        ),
        row(
            "whom a request type for some access is offered to",
            &mixed,
            &mixed.with(
                "[person.oli]\nname=\"Oli\"\nemail=\"o@e.com\"\ndepartment=\"ops\"",
                "[person.oli]\nname=\"Oli\"\nemail=\"o@e.com\"\ndepartment=\"it\"",
            ),
            "something else is known about people",
        ),
    ]
}

/// Who agrees to changes.
fn changes() -> Vec<Row> {
    let model = book(&[BASE, MODEL]);
    let by_role = model.with("approvers=[\"team:desk\"]", "approvers=[\"role:service-owner\"]");
    let asked = |book: &Book| {
        book.with(
            "[service.mail]\nname=\"Mail\"\nowner=\"person:boss\"",
            "[service.mail]\nname=\"Mail\"\nowner=\"person:oli\"",
        )
    };
    let says = "whoever answers for some services is somebody else";
    let sized = model
        .declare("[attribute.change.size]\ntype = \"ordered\"\noptional = true\nvalues = [\"small\", \"large\"]\ndescription = \"how large\"\n")
        .and("[[change-model.normal.risk]]\nid = \"large\"\nwhen.change.size.min = \"large\"\nrisk = \"high\"\n");
    let only_freeze = by_role
        .with("authority.low = \"w\"\nauthority.medium = \"w\"\nauthority.high = \"w\"\nauthority.critical = \"w\"\n", "")
        .with("until = 2026-12-27T00:00:00Z\n", "until = 2026-12-27T00:00:00Z\nauthority = \"w\"\n");
    vec![
        row("the authority of a role", &by_role, &asked(&by_role), says),
        row("the authority of a role in a freeze", &only_freeze, &asked(&only_freeze), says),
        row(
            "attributes of changes",
            &sized,
            &sized.set("values = [\"small\", \"large\"]", "values = [\"large\", \"small\"]"),
            "attributes are declared otherwise, which conditions may read",
        ),
        row(
            "one of two freezes of one name",
            &model,
            &model.with(
                "from = 2027-03-25T00:00:00Z\nuntil = 2027-03-30T00:00:00Z\n",
                "from = 2027-03-28T00:00:00Z\nuntil = 2027-03-30T00:00:00Z\n",
            ),
            "Freeze",
        ),
    ]
}

/// Who is reached.
fn reached() -> Vec<Row> {
    let incidents = book(&[BASE, INCIDENTS]);
    let told = |who: &str| {
        incidents
            .and(&TOLD.replace("WHO", who))
            .with("[sla.sl]\n", "[sla.sl]\nescalation=\"late\"\n")
            .with("team = \"net\"\n", "team = \"desk\"\n")
    };
    let on_call = told("on-call:net");
    let rota = ("on-call.rotation = [\"oli\", \"ann\"]", "on-call.rotation = [\"oli\", \"bob\"]");
    let members = ("members = [\"oli\", \"ann\"]", "members = [\"oli\"]");
    let tier = on_call
        .with("[sla.sl]\nescalation=\"late\"\n", "[sla.sl]\n")
        .with("sla=\"sl\"\n", "escalation=\"late\"\n")
        .with("[category.c]", "[tier.other]\nname=\"Other\"\nrank=3\ndowntime-cost=\"1 EUR\"\nsla=\"sl\"\navailability=\"99%\"\n[category.c]");
    let named = |row| near(row, "name = \"Net\"", "name = \"Network\"");
    vec![
        named(row(
            "who is on call when it is late",
            &on_call,
            &on_call.with(rota.0, rota.1),
            "is on call instead of",
        )),
        named(row(
            "the order of turns",
            &on_call,
            &on_call.with(rota.0, "on-call.rotation = [\"ann\", \"oli\"]"),
            "is on call instead of",
        )),
        named(row(
            "somebody on call who is away",
            &on_call,
            &on_call.with(ANN, &format!("{ANN}status=\"on-leave\"\n")),
            "nobody is on call instead of `ann`",
        )),
        named(row(
            "who is on call for incidents",
            &incidents,
            &incidents.with(rota.0, rota.1),
            "is on call instead of",
        )),
        named(row(
            "a team that is told when it is late",
            &told("team:net"),
            &told("team:net").with(members.0, members.1),
            "`ann` is not told any more",
        )),
        named(row(
            "who is told about services without an agreement",
            &tier,
            &tier.with("after = \"1h\"", "after = \"2h\""),
            "is told after 2h",
        )),
        named(row(
            "where a rule sends incidents",
            &incidents,
            &incidents.with("team = \"net\"", "team = \"desk\""),
            "incidents go to the team `desk` instead of to the team `net` when incident.category is `network`",
        )),
        named(row(
            "which incidents a rule sends",
            &incidents,
            &incidents.with("when.incident.category = \"network\"", "when.incident.category = \"c\""),
            "incidents go to the team `net`",
        )),
        named(row(
            "the support team of a service",
            &incidents,
            &incidents.with("support-team=\"desk\"", "support-team=\"net\""),
            "incidents go to the team `net` instead of to the team `desk`",
        )),
        named(row(
            "whatever no rule sends",
            &incidents,
            &incidents.with("default = \"desk\"", "default = \"net\""),
            "incidents about no service go to the team `net`",
        )),
    ]
}

/// Who comes and gets something.
fn comers() -> Vec<Row> {
    let asked = |distinct: bool| {
        let workflow = format!("[workflow.w]\ndistinct = {distinct}\n");
        book(&[BASE, APPROVED])
            .with("[workflow.w]\n", &workflow)
            .with("decision = \"auto-approve\"", "decision = { workflow = \"w\" }")
    };
    let bundled = |rule: &str| book(&[BASE, rule, BUNDLE]).with(ADM, &format!("{ADM}requestable = false\n"));
    let eve = "[person.eve]\nname=\"Eve\"\nemail=\"eve@e.com\"\ndepartment=\"sales\"\ntitle=\"x\"\nmanager=\"boss\"\n";
    let base = book(&[BASE, APPROVED]);
    let given = book(&[BASE, DENIED, BUNDLE]);
    let inactive = base.with(ANN, &format!("{ANN}status=\"inactive\"\n"));
    let ends = |day: &str| base.with("[person.oli]\n", &format!("[person.oli]\nend={day}\n"));
    vec![
        row("somebody is here again", &inactive, &base, "there is one person more: ann"),
        row("people count in several workflows", &asked(true), &asked(false), "may count elsewhere"),
        row(
            "what only a bundle gives",
            &bundled(DENIED),
            &bundled(APPROVED),
            "is granted without asking anybody",
        ),
        row("somebody who is approved at once", &base, &base.and(eve), "there is one person more: eve"),
        row(
            "somebody who gets something with the role",
            &given,
            &given.and(eve),
            "comes with the role, without asking",
        ),
        row(
            "somebody who gets a role",
            &given,
            &given.with("department=\"ops\"", "department=\"sales\""),
            "comes with the role, without asking",
        ),
        row("somebody who stays longer", &ends("2027-01-31"), &ends("2027-06-30"), "ends on 2027-06-30"),
    ]
}

#[test]
fn what_changes_is_told_or_named_and_a_gate_stops_it() {
    let rows = [behind_names(), named_services(), people_and_forms(), changes(), reached(), comers()];
    let mut wrong = Vec::new();
    for row in rows.into_iter().flatten() {
        let name = row.name;
        let run = diff(&row.old, &row.new);
        if run.status != 1 || !run.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(row.says)
        {
            wrong.push(format!("{name}: not {:?}: {} {}{}", row.says, run.status, run.stdout, run.stderr));
        }
        // The nearest neighbour: nothing that decides is another, and nothing is stopped.
        let (from, to) = row.neighbour;
        let run = diff(&row.new, &row.new.with(from, to));
        if run.status != 0 || !run.stdout.contains("changed") {
            wrong.push(format!("{name}, its neighbour: {} {}{}", run.status, run.stdout, run.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn incidents_that_go_elsewhere_are_shown_by_a_ticket_on_both_versions() {
    let mut shown = 0;
    for row in reached() {
        let (folder, report) = json(&row.old, &row.new);
        let cases = report["commitments"]["compared"]["cases"].as_array().unwrap().clone();
        for case in cases.iter().filter(|case| case["topic"] == "routing") {
            let ticket = case["tickets"][0].clone();
            assert!(ticket.is_object(), "{}: {case:#}", row.name);
            for (side, version) in [("before", "old"), ("after", "new")] {
                let dated = serde_json::json!({ "incident": ticket["incident"] });
                folder.write("incident.json", dated.to_string());
                let arguments = ["simulate", "incident", "--incident", "incident.json", "-C", version];
                let run =
                    gitsm(&[&arguments[..], &["--now", NOW, "--format", "json"]].concat(), folder.path());
                let answer: Value = serde_json::from_str(&run.stdout).unwrap();
                let team = answer["decision"]["team"].as_str().unwrap_or_else(|| panic!("{answer:#}"));
                assert_eq!(ticket[side], format!("team:{team}"), "{}, {side}", row.name);
            }
            shown += 1;
        }
    }
    assert!(shown > 3, "{shown} tickets showed where incidents go");
}

#[test]
fn people_who_come_are_shown_by_a_request_on_both_versions() {
    let mut shown = 0;
    for row in comers() {
        let (folder, report) = json(&row.old, &row.new);
        let cases = report["decisions"]["compared"]["cases"].as_array().unwrap().clone();
        for case in cases.iter().filter(|case| case.get("witness").is_some()) {
            let request = serde_json::json!({ "request": case["witness"]["request"] });
            folder.write("request.json", request.to_string());
            for (side, version) in [("before", "old"), ("after", "new")] {
                let arguments = ["simulate", "access", "--request", "request.json", "-C", version];
                let run =
                    gitsm(&[&arguments[..], &["--now", NOW, "--format", "json"]].concat(), folder.path());
                let answer: Value = serde_json::from_str(&run.stdout).unwrap();
                let (verdict, said) = (&answer["verdict"], &case[side]["verdict"]);
                assert_eq!(*verdict, case["witness"][side], "{}, {side}: {answer:#}", row.name);
                assert!(
                    verdict == said || (verdict == "invalid" && said == "denied"),
                    "{}: {case:#}",
                    row.name
                );
            }
            shown += 1;
        }
    }
    assert!(shown > 4, "{shown} requests showed what people get");
}
