//! The target `servicenow`: the Table API against a stand-in with the columns of the SDK, and exported projects in the
//! compiler of the vendor.

mod fake;
mod faults;
mod ids;
mod project;

use gitsm::plan::Key;
use serde_json::Value;

use self::fake::{CATALOG, Fake, KNOWLEDGE, TOKEN};
use super::{CLOCK, NOW, proxy::Proxy, shared::members_are_limited};
use crate::support::{Repository, Run, command, run};

fn gitsm(repository: &Repository, arguments: &[&str]) -> Run {
    let mut command = command(arguments, repository.path());
    command.env("NOW_TOKEN", TOKEN).env(CLOCK, NOW);
    let run = run(command);
    assert!(!format!("{run:?}").contains(TOKEN), "{arguments:?} shows the token");
    run
}

fn plan(repository: &Repository, more: &[&str]) -> Run {
    let arguments = ["plan", "--target", "now", "--now", NOW, "--out", "plan.json"];
    gitsm(repository, &[&arguments, more].concat())
}

fn apply(repository: &Repository, more: &[&str]) -> Run {
    gitsm(repository, &[&["apply", "plan.json", "--now", NOW], more].concat())
}

/// Plans and applies, and makes sure that nothing is left to do.
fn settle(repository: &Repository) -> String {
    let planned = plan(repository, &[]);
    assert_eq!(planned.status, 0, "{planned:?}");
    let applied = apply(repository, &[]);
    assert_eq!(applied.status, 0, "{applied:?}");
    is_settled(repository);
    planned.stdout
}

fn is_settled(repository: &Repository) {
    let run = plan(repository, &["--detailed-exitcode"]);
    assert_eq!(run.status, 0, "{run:?}");
}

fn drift(repository: &Repository) -> Run {
    gitsm(repository, &["drift", "--target", "now", "--now", NOW])
}

/// Documents with everything that the small repository lacks and the target holds.
const MORE: &str = r#"
[team.mail]
name = "Mail"
description = "Keeps the mail going."
parent = "desk"
members = ["ana"]

[category.mail]
name = "Mail"
function = "it"
parent = "software"

[calendar.shifts]
name = "Shifts"
time-zone = "Europe/Berlin"
weekly.mon-fri = ["22:00-06:00"]
weekly.sat = ["09:00-12:00"]
holidays-from = ["office"]
overrides = { 2026-12-24 = ["22:00-23:00"], 2026-12-31 = [] }

[calendar.always]
name = "Always"
time-zone = "UTC"
weekly.mon-sun = ["00:00-24:00"]

[sla.gold]
name = "Gold"
owner = "team:desk"
calendar = "always"
pause-in = ["awaiting-requester", "awaiting-supplier"]
retroactive-start = true
review-date = 2030-01-01
target.p1 = { resolve = "30h" }
target.p2 = { resolve = "60h" }
target.p3 = { resolve = "90h" }

[article.mail-setup]
title = "How to set up mail"
summary = "Take the <usual> settings."
owner = "team:mail"
url = "https://kb.example.com/mail"
review-date = 2030-01-01

[article.mail-internals]
title = "What is behind mail"
audience = "support"
owner = "team:mail"
review-date = 2030-01-01

[request-type.list]
name = "Mailing list"
description = "A list. It's for many."
category = "mail"
service = "mail"
event = "information"
owner = "team:mail"
workflow = "manager"
sla = "standard"
review-date = 2030-01-01
available-when.subject.department = ["it"]
field.kind = { label = "What kind?", type = "choice", required = true, options = ["closed", "open / all"] }
field.owner = { label = "Whose?", type = "person", help = "Somebody who stays." }
field.from = { label = "From when?", type = "date" }
field.public = { label = "For everybody?", type = "boolean" }
field.topics = { label = "About what?", type = "choices", options = ["work", "play"] }
step = [{ id = "make", name = "Make it", team = "mail" }]

[request-type.secret]
name = "Secret list"
category = "mail"
service = "mail"
event = "information"
owner = "team:mail"
workflow = "manager"
review-date = 2030-01-01
available-when.subject.location = "fr-lyon"
step = [{ id = "make", name = "Make it", team = "mail" }]
"#;

/// A repository with a document of every sort, and a target at this address.
fn repository(address: &str) -> Repository {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write(
        "gitsm.toml",
        format!(
            "{settings}\n[target.now]\ntype = \"servicenow\"\nurl = \"http://{address}\"\n\
             token-variable = \"NOW_TOKEN\"\noptions.knowledge-base = \"{KNOWLEDGE}\"\n"
        ),
    );
    repository.write("catalog/more.toml", MORE);
    repository
}

/// The `sys_id` that an object has by the map of ids.
fn id(repository: &Repository, key: &str) -> String {
    repository.read(&format!("servicenow/ids/{key}")).trim().to_owned()
}

fn construct<'p>(plan: &'p Value, name: &str) -> Vec<&'p Value> {
    plan["constructs"].as_array().unwrap().iter().filter(|one| one["construct"] == name).collect()
}

#[test]
fn an_id_of_several_parts_can_be_protected() {
    let fake = Fake::start();
    let repository = repository(&fake.address());
    settle(&repository);
    let settings = repository.read("gitsm.toml");
    let levels = repository.read("catalog/service-levels.toml");
    let (both, one) = ("p3 = { respond = \"4h\", resolve = \"3bd\" }", "p3 = { resolve = \"3bd\" }");
    assert!(levels.contains(both));
    repository.write("catalog/service-levels.toml", levels.replace(both, one));
    for (protected, status, words) in [
        ("sla/standard/p3/respond", 4, "it would delete `sla/standard/p3/respond`, which is protected"),
        ("sla/standard/p2/respond", 0, "sla/standard/p3/respond"),
        ("sla/standard/p3", 4, "names `sla/standard/p3`, and there is no such object"),
    ] {
        repository.write("gitsm.toml", format!("{settings}limits.protect = [\"{protected}\"]\n"));
        let run = plan(&repository, &[]);
        assert_eq!(run.status, status, "{protected}: {run:?}");
        assert!(run.stdout.contains(words), "{protected}: {run:?}");
    }
}

#[test]
fn an_instance_is_filled_changed_drifts_and_is_repaired() {
    for honours in [true, false] {
        let fake = Fake::start();
        fake.state().honours = honours;
        let repository = repository(&fake.address());
        created(&fake, &repository);
        nothing_is_written_twice(&fake, &repository);
        members_are_limited(&|more| plan(&repository, more), &repository);
        changed(&fake, &repository);
        drifted(&fake, &repository);
    }
}

/// From nothing; what is there afterwards is what the instance itself says.
fn created(fake: &Fake, repository: &Repository) {
    // Somebody made something before, which is in the way until it is taken over.
    let mine = fake.state().insert("sys_user_group", &[("name", "security"), ("active", "true")]);
    let other = fake.state().insert("sys_user_group", &[("name", "Facilities"), ("active", "true")]);
    let run = plan(repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("group/security"), "{run:?}");
    let adopt = ["--adopt", "group/security"];
    let run = plan(repository, &adopt);
    assert_eq!(run.status, 0, "{run:?}");
    let applied = apply(repository, &adopt);
    assert_eq!(applied.status, 0, "{applied:?}");
    is_settled(repository);
    let run = plan(repository, &["--format", "json"]);
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(plan["unmanaged"], serde_json::json!([{ "name": "sys_user_group Facilities" }]));
    // Dan's user is not active, Cleo has none.
    assert_eq!(construct(&plan, "team.members")[0]["objects"], 2, "{run:?}");
    assert_eq!(construct(&plan, "request-type.available-when")[0]["objects"], 1, "{run:?}");
    let state = fake.state();
    assert_eq!(state.tables["sys_user_group"][&other]["name"], "Facilities");
    assert_eq!(id(repository, "group/security"), mine, "it was taken over");
    let (desk, group) = state.one("sys_user_group", "name", "Service desk");
    assert_eq!(desk, id(repository, "group/desk"));
    assert_eq!((group["email"].as_str(), group["active"].as_str()), ("desk@example.com", "true"));
    assert_eq!(state.tables["sys_user"][&group["manager"]]["user_name"], "ana");
    let members = state.find("sys_user_grmember", "group", &desk);
    assert_eq!(members.len(), 2, "ana and ben");
    assert_eq!(state.one("sys_user_group", "name", "Mail").1["parent"], desk);
    let (mail, service) = state.one("cmdb_ci_service", "name", "Mail");
    assert_eq!(service["busines_criticality"], "2 - somewhat critical");
    assert_eq!(service["service_level_requirement"], "<p>Service level: [example:sla/standard]</p>");
    assert_eq!(state.one("service_offering", "name", "Mail (Standard)").1["parent"], mail);
    let (item, list) = state.one("sc_cat_item", "name", "Mailing list");
    assert_eq!(list["sc_catalogs"], CATALOG);
    assert_eq!(list["description"], "<p>A list. It's for many.</p>");
    assert_eq!(list["delivery_time"], "1970-01-02 00:00:00", "three days of eight hours");
    let (criteria, row) = state.one("user_criteria", "name", "May ask for Mailing list");
    assert_eq!(state.tables["cmn_department"][&row["department"]]["name"], "IT");
    assert_eq!(
        state.one("sc_cat_item_user_criteria_mtom", "sc_cat_item", &item).1["user_criteria"],
        criteria
    );
    assert!(state.find("sc_cat_item", "name", "Secret list").is_empty(), "everybody would see it");
    let types = state.find("item_option_new", "cat_item", &item);
    let mut types: Vec<(&str, &str, &str)> = types
        .iter()
        .map(|(_, row)| (row["order"].as_str(), row["name"].as_str(), row["type"].as_str()))
        .collect();
    types.sort_unstable();
    let wanted = [
        ("100", "kind", "5"),
        ("200", "owner", "8"),
        ("300", "from", "9"),
        ("400", "public", "1"),
        ("500", "topics", "2"),
    ];
    assert_eq!(types, wanted);
    let (kind, _) = state.one("item_option_new", "name", "kind");
    let choices = state.find("question_choice", "question", &kind);
    let mut choices: Vec<(&str, &str)> =
        choices.iter().map(|(_, row)| (row["order"].as_str(), row["text"].as_str())).collect();
    choices.sort_unstable();
    assert_eq!(choices, [("100", "closed"), ("200", "open / all")]);
    let (_, p1) = state.one("contract_sla", "name", "p1 resolve: Standard");
    assert_eq!(
        p1["start_condition"],
        "active=true^priority=1^business_service.service_level_requirementLIKE[example:sla/standard]"
    );
    assert_eq!((p1["duration"].as_str(), p1["timezone"].as_str()), ("1970-01-01 04:00:00", "Europe/Berlin"));
    assert_eq!(p1["pause_condition"], "state=3^hold_reasonIN1");
    assert_eq!(p1["schedule"], state.one("cmn_schedule", "name", "Office hours").0);
    let (_, gold) = state.one("contract_sla", "name", "p1 resolve: Gold");
    assert_eq!((gold["duration"].as_str(), gold["schedule"].as_str()), ("1970-01-02 06:00:00", ""));
    assert_eq!(gold["set_start_to"], "opened_at");
    assert!(state.find("cmn_schedule", "name", "Always").is_empty());
    spans(&state);
    let (_, article) = state.one("kb_knowledge", "short_description", "How to set up mail");
    assert!(article["text"].starts_with("<p>Take the &lt;usual&gt; settings.</p><p>Read it at https"));
    assert_eq!(article["can_read_user_criteria"], "");
    let (_, article) = state.one("kb_knowledge", "short_description", "What is behind mail");
    let (support, row) = state.one("user_criteria", "name", "People who support others");
    assert_eq!(article["can_read_user_criteria"], support);
    assert_eq!(state.tables["sys_user_role"][&row["role"]]["name"], "itil");
}

/// The spans of the shifts: the usual ones, and what is otherwise around Christmas.
fn spans(state: &fake::State) {
    let (shifts, _) = state.one("cmn_schedule", "name", "Shifts");
    let rows = state.find("cmn_schedule_span", "schedule", &shifts);
    let mut spans: Vec<String> = rows
        .iter()
        .map(|(_, row)| {
            let [kind, from, to, days] =
                ["type", "start_date_time", "end_date_time", "days_of_week"].map(|name| row[name].as_str());
            format!("{kind} {from} {to} {days}").trim().to_owned()
        })
        .collect();
    spans.sort();
    assert_eq!(
        spans,
        [
            "20200106T220000 20200107T060000 12345",
            "20200111T090000 20200111T120000 6",
            // The shift of the 24th ends early, and what of it would run into the 25th is closed.
            "exclude 20261224T230000 20261225T060000",
            "exclude 20261225T000000 20261226T000000",
            "exclude 20261231T220000 20270101T060000",
        ]
    );
}

/// A second plan and its apply send no write at all.
fn nothing_is_written_twice(fake: &Fake, repository: &Repository) {
    let before = fake.writes.load(std::sync::atomic::Ordering::SeqCst);
    let planned = plan(repository, &[]);
    assert_eq!(planned.status, 0, "{planned:?}");
    let applied = apply(repository, &[]);
    assert_eq!(applied.status, 0, "{applied:?}");
    assert_eq!(fake.writes.load(std::sync::atomic::Ordering::SeqCst), before);
}

/// A second commit renames, moves and removes, and a third one takes it back: nothing is made twice.
fn changed(fake: &Fake, repository: &Repository) {
    let (desk, item, rows) = {
        let state = fake.state();
        let desk = state.one("sys_user_group", "name", "Service desk").0;
        (desk, state.one("sc_cat_item", "name", "Mailing list").0, state.count())
    };
    let organisation = repository.read("catalog/organisation.toml");
    let changed = organisation
        .replace("name = \"Service desk\"", "name = \"Help desk\"")
        .replace("members = [\"ana\", \"ben\", \"dan\"]", "members = [\"ana\", \"dan\"]");
    repository.write("catalog/organisation.toml", changed);
    let less = MORE
        .replace("\"closed\", \"open / all\"", "\"open\", \"closed\"")
        .replace("weekly.sat = [\"09:00-12:00\"]\n", "")
        .replace("field.from = { label = \"From when?\", type = \"date\" }\n", "");
    let less = less
        .split("[request-type.secret]")
        .next()
        .unwrap()
        .replace("[article.mail-setup]", "[article.setup]");
    repository.write("catalog/more.toml", less);
    settle(repository);
    {
        let state = fake.state();
        assert_eq!(state.tables["sys_user_group"][&desk]["name"], "Help desk");
        assert_eq!(state.find("sys_user_grmember", "group", &desk).len(), 1);
        let old = state.find("kb_knowledge", "workflow_state", "retired");
        assert_eq!((old.len(), old[0].1["short_description"].as_str()), (1, "How to set up mail"));
        let (from, row) = state.one("item_option_new", "name", "from");
        assert_eq!((row["active"].as_str(), id(repository, "variable/list/from")), ("false", from));
        let (kind, _) = state.one("item_option_new", "name", "kind");
        let choices = state.find("question_choice", "question", &kind);
        let mut choices: Vec<(&str, &str)> =
            choices.iter().map(|(_, row)| (row["order"].as_str(), row["value"].as_str())).collect();
        choices.sort_unstable();
        assert_eq!(choices, [("100", "open"), ("200", "closed")]);
    }
    repository.write("catalog/more.toml", MORE);
    repository.write("catalog/organisation.toml", organisation);
    settle(repository);
    let state = fake.state();
    assert_eq!(state.one("sc_cat_item", "name", "Mailing list").0, item);
    assert_eq!(state.one("item_option_new", "name", "from").1["active"], "true");
    let (_, article) = state.one("kb_knowledge", "workflow_state", "retired");
    assert_eq!(article["short_description"], "How to set up mail", "the one of the second commit");
    assert_eq!(state.count(), rows + 1, "all but that one were taken back into use");
}

/// Somebody changes things by hand.
fn drifted(fake: &Fake, repository: &Repository) {
    {
        let mut state = fake.state();
        let (desk, _) = state.one("sys_user_group", "name", "Service desk");
        state.set("sys_user_group", &desk, "name", "Renamed");
        let (eve, _) = state.one("sys_user", "user_name", "eve");
        state.insert("sys_user_grmember", &[("group", &desk), ("user", &eve)]);
        let (sla, _) = state.one("contract_sla", "name", "p1 resolve: Standard");
        state.set("contract_sla", &sla, "duration", "1970-01-01 08:00:00");
        let (category, _) = state.one("sc_category", "title", "Software");
        state.set("sc_category", &category, "active", "false");
        let (span, _) = state.one("cmn_schedule_span", "name", "Closed on 2026-12-31");
        state.remove("cmn_schedule_span", &span);
        let (offering, _) = state.one("service_offering", "name", "Mail (Standard)");
        state.remove("service_offering", &offering);
        let (item, _) = state.one("sc_cat_item", "name", "Mailing list");
        let (link, _) = state.one("sc_cat_item_user_criteria_mtom", "sc_cat_item", &item);
        state.remove("sc_cat_item_user_criteria_mtom", &link);
    }
    let run = drift(repository);
    assert_eq!(run.status, 3, "{run:?}");
    for object in [
        "group/desk",
        "sla/standard/p1/resolve",
        "category/software",
        "schedule/shifts",
        "offering/mail",
        "item/list",
    ] {
        assert!(Key::parse(object).is_some() && run.stdout.contains(object), "{object}: {}", run.stdout);
    }
    assert!(run.stdout.contains("user:eve@example.com"), "{}", run.stdout);
    assert!(run.stdout.contains("1970-01-01 08:00:00"), "{}", run.stdout);
    settle(repository);
    let run = drift(repository);
    assert_eq!(run.status, 0, "{run:?}");
    let state = fake.state();
    let (desk, _) = state.one("sys_user_group", "name", "Service desk");
    assert_eq!(state.find("sys_user_grmember", "group", &desk).len(), 2);
    assert_eq!(state.one("sc_category", "title", "Software").1["active"], "true");
    assert_eq!(state.find("cmn_schedule_span", "name", "Closed on 2026-12-31").len(), 1);
}

/// A target before which a proxy stands.
fn behind(fake: &Fake) -> (Proxy, Repository) {
    let proxy = Proxy::new(&fake.address());
    let repository = repository(&format!("127.0.0.1:{}", proxy.port));
    (proxy, repository)
}
