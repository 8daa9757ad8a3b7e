//! Real exports and rulebooks of other people, which are not part of the repository. `GITSM_DATA` names the
//! folder that holds them; the tests run only when asked for, with `--ignored`, and fail without it.

use std::{collections::BTreeMap, fs::File, io::Read, path::PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::{Repository, gitsm, root};

/// A compressed file of the data folder.
pub fn data(file: &str) -> impl Read {
    let folder = std::env::var_os("GITSM_DATA");
    let folder = folder.unwrap_or_else(|| panic!("set GITSM_DATA to a folder that holds `{file}`"));
    let path = PathBuf::from(folder).join(file);
    GzDecoder::new(File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn bytes(mut from: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    bytes
}

const SETTINGS: &str = "[project]\nname = \"Service inventory\"\ntime-zone = \"America/Toronto\"\n";

const SERVICES: &str = r#"ignore = [
    "fiscal_yr", "client_target_groups", "program_id", "service_fee", "os_account_registration",
    "os_authentication", "os_application", "os_decision", "os_issuance", "os_issue_resolution_feedback",
]

[fields]
id = { column = "service_id", prefix = "gc-" }
name = { column = "service_name_en" }
description = { column = "service_description_en" }
owner = { column = "owner_org", transform = "id", prefix = "team:" }
support-team = { column = "owner_org", transform = "id" }
tier = { column = "service_recipient_type", values = { CLIENT = "client", SOCIETY = "society" } }
lifecycle = { value = "active" }
audience = { column = "service_scope", values = { EXTERN = "customer", INTERN = "internal", ENTERPRISE = "internal" }, default = "customer" }
channels = { column = "client_feedback_channel", separator = ",", transform = "lower-case", missing = ["NON"] }
category = { column = "service_type", values = { INFO = "information", APIR = "regulation", RES = "resources", GNC = "grants", LRP = "licences" } }
"#;

const TEAMS: &str = "[fields]\nid = { column = \"owner_org\" }\nname = { column = \"owner_org_title\" }\n";

const REST: &str = r#"[tier.client]
name = "Services to clients"
rank = 1

[tier.society]
name = "Services to society"
rank = 2
"#;

fn import(repository: &Repository, kind: &str, map: &str) -> Value {
    let arguments = ["import", "csv", "export.csv", "--kind", kind, "--map", map, "--format", "json"];
    let run = gitsm(&arguments, repository.path());
    assert_eq!(run.status, 1, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn a_government_service_inventory_is_imported() {
    let export = data("gc_service_inventory_2024.csv.gz");
    let repository = Repository::with(&[
        ("gitsm.toml", SETTINGS),
        ("services.map.toml", SERVICES),
        ("teams.map.toml", TEAMS),
        ("catalog/tiers.toml", REST),
    ]);
    repository.write("export.csv", bytes(export));
    let teams = import(&repository, "team", "teams.map.toml");
    assert_eq!((&teams["records"], &teams["created"]), (&Value::from(1752), &Value::from(79)));
    let services = import(&repository, "service", "services.map.toml");
    assert_eq!((&services["records"], &services["created"]), (&Value::from(1752), &Value::from(1751)));
    let problems: Vec<(&str, &Value)> = services["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["problem"].as_str().unwrap(), &problem["count"]))
        .collect();
    // One service is there for two years; most types are several words at once.
    assert_eq!(
        problems,
        [("duplicate-id", &Value::from(1)), ("no-translation", &Value::from(496))],
        "nothing else is wrong"
    );
    let unmapped: Vec<(&str, u64)> = services["unmapped-columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| (column["column"].as_str().unwrap(), column["values"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        unmapped,
        [
            ("automated_decision_system", 1752),
            ("last_service_review", 1056),
            ("last_service_improvement", 972),
            ("num_applications_total", 1752),
            ("service_uri_en", 1489),
            ("owner_org_title", 1752),
        ]
    );
    let again = import(&repository, "service", "services.map.toml");
    assert_eq!((&again["unchanged"], &again["files"]), (&Value::from(1751), &Value::Array(Vec::new())));

    // Every document is read. What dangles are the categories and channels that nobody wrote.
    let expected = [("GS1201", 5734), ("GS2004", 1751), ("GS2007", 3502), ("GS2053", 80), ("GS5025", 1751)];
    let expected = expected.map(|(code, count)| (code.to_owned(), count));
    assert_eq!(counts(&repository), BTreeMap::from(expected));
}

const STANDARDS: &str = r#"ignore = [
    "fiscal_yr", "service_name_en", "type", "volume_meeting_target", "total_volume", "performance", "target_met",
    "owner_org_title",
]

[fields]
id = { column = "service_standard_id", prefix = "gc-standard-" }
name = { column = "service_standard_en" }
measure = { value = "compliance-rate" }
service = { column = "service_id", transform = "id", prefix = "gc-" }
target = { column = "target", transform = "percent" }
owner = { column = "owner_org", transform = "id", prefix = "team:" }
"#;

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn the_standards_of_government_services_are_imported() {
    let repository = catalogue();
    repository.write("standards.map.toml", STANDARDS);
    repository.write("export.csv", bytes(data("gc_service_standards_2024.csv.gz")));
    let standards = import(&repository, "metric", "standards.map.toml");
    assert_eq!((&standards["records"], &standards["created"]), (&Value::from(2343), &Value::from(2334)));
    let problems: Vec<(&str, &Value)> = standards["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["problem"].as_str().unwrap(), &problem["count"]))
        .collect();
    let expected = [("no-id", &Value::from(1)), ("duplicate-id", &Value::from(8))];
    assert_eq!(problems, expected, "nothing else is wrong");
    let again = import(&repository, "metric", "standards.map.toml");
    assert_eq!((&again["unchanged"], &again["files"]), (&Value::from(2334), &Value::Array(Vec::new())));
    let counts = counts(&repository);
    // Every standard is about a service of the inventory. What no standard says is which decision it drives.
    assert_eq!(counts.get("GS1201"), None, "{counts:?}");
    assert_eq!(counts.get("GS6041"), Some(&2334), "{counts:?}");
}

/// How often each code is found.
fn counts(repository: &Repository) -> BTreeMap<String, usize> {
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut counts = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        *counts.entry(finding["code"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

/// What the inventory leaves out and a rulebook has to say.
const AROUND: &str = r#"[person.registrar]
name = "Registrar"
email = "registrar@example.com"

[workflow.registrar]
name = "The registrar agrees"
stage = [{ id = "registrar", name = "Registrar", approvers = ["person:registrar"] }]
"#;

/// The inventory as a rulebook without errors: its services, the organisations that offer them as teams, and a request type for
/// each service, with its name and description.
pub fn catalogue() -> Repository {
    let mut around = format!("{REST}\n{AROUND}");
    for category in ["information", "regulation", "resources", "grants", "licences"] {
        around += &format!("\n[category.{category}]\nname = \"{category}\"\nfunction = \"other\"\n");
    }
    for channel in ["eml", "tel", "onl", "person", "post", "fax", "oth"] {
        around +=
            &format!("\n[channel.{channel}]\nname = \"{channel}\"\nmedium = \"portal\"\nintake = true\n");
    }
    let repository = Repository::with(&[
        ("gitsm.toml", SETTINGS),
        ("services.map.toml", SERVICES),
        ("teams.map.toml", TEAMS),
        ("catalog/around.toml", &around),
    ]);
    repository.write("export.csv", bytes(data("gc_service_inventory_2024.csv.gz")));
    import(&repository, "team", "teams.map.toml");
    import(&repository, "service", "services.map.toml");
    let teams: String = repository
        .read("catalog/teams.toml")
        .lines()
        .map(|line| {
            let members = if line.starts_with("[team.") { "members = [\"registrar\"]\n" } else { "" };
            format!("{line}\n{members}")
        })
        .collect();
    repository.write("catalog/teams.toml", teams);
    let mut requests = String::new();
    for service in repository.read("catalog/services.toml").split("[service.").skip(1) {
        let (id, fields) = service.split_once("]\n").unwrap();
        requests += &format!(
            "[request-type.{id}]\nservice = \"{id}\"\nevent = \"information\"\nworkflow = \"registrar\"\n"
        );
        let kept = ["name =", "description =", "owner =", "category ="];
        for line in fields.lines().filter(|line| kept.iter().any(|field| line.starts_with(field))) {
            requests += &format!("{line}\n");
        }
        requests.push('\n');
    }
    repository.write("catalog/requests.toml", requests);
    repository
}

/// Says how long something took, to whoever runs these tests.
#[allow(clippy::print_stderr, reason = "figures are for whoever asked for them")]
pub fn timed<T>(what: &str, ask: impl FnOnce() -> T) -> T {
    let start = std::time::Instant::now();
    let answer = ask();
    eprintln!("{what}: {:.1} s", start.elapsed().as_secs_f64());
    answer
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn a_government_catalogue_is_published_once() {
    let repository = catalogue();
    let planned =
        timed("static, first plan", || crate::targets::plan(repository.path(), &["--format", "json"]));
    assert_eq!(planned.status, 0, "{}", planned.stderr);
    let planned: Value = serde_json::from_str(&planned.stdout).unwrap();
    let total = &planned["summary"]["total"];
    assert_eq!((&total["create"], &total["update"], &total["delete"]), (&3617.into(), &0.into(), &0.into()));
    let applied = timed("static, apply", || crate::targets::apply(repository.path(), &[]));
    assert_eq!(applied.status, 0, "{}", applied.stderr);
    let again =
        timed("static, second plan", || crate::targets::plan(repository.path(), &["--detailed-exitcode"]));
    assert_eq!(again.status, 0, "{}", again.stdout);
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn a_priority_matrix_agrees_with_every_event_of_a_ticket_log() {
    let log = data("uci498_incident_event_log.csv.gz");
    let source = gitsm::source::WorkTree::new(root().join("examples/uci-priority-matrix"));
    let loaded = gitsm::load::load(&source).unwrap();
    assert!(loaded.found.is_empty(), "{:?}", loaded.found);
    let matrix = loaded.rulebook.priority_matrices.get("incidents").unwrap();
    // The names of the priorities, as the README of the example lists them.
    let names = [("p1", "1 - Critical"), ("p2", "2 - High"), ("p3", "3 - Moderate"), ("p4", "4 - Low")];
    let mut log = csv::Reader::from_reader(log);
    let heading = log.headers().unwrap().clone();
    let column = |name: &str| heading.iter().position(|known| known == name).unwrap();
    let (impact, urgency, priority) = (column("impact"), column("urgency"), column("priority"));
    let (mut events, mut cells) = (0, BTreeMap::new());
    for record in log.records() {
        let record = record.unwrap();
        let (row, column) = (&record[impact], &record[urgency]);
        let ours = matrix.priority(row, column).unwrap_or_else(|| panic!("no cell for {row}, {column}"));
        let theirs = names.iter().find(|(id, _)| *id == ours.as_str()).map(|(_, name)| *name);
        assert_eq!(theirs, Some(&record[priority]), "{row}, {column}");
        events += 1;
        *cells.entry((row.to_owned(), column.to_owned())).or_insert(0) += 1;
    }
    assert_eq!(events, 141_712);
    assert_eq!(cells.len(), 8, "high impact with low urgency never occurs: {cells:?}");
}

/// The codes of what the text and syntax stages find.
fn codes(bytes: Vec<u8>) -> Vec<&'static str> {
    let file = gitsm::diag::FileId(0);
    let mut found = Vec::new();
    let text = gitsm::load::text::read(file, bytes, &mut found);
    if found.is_empty() {
        gitsm::load::document::parse(file, &text, &mut found);
    }
    let mut codes: Vec<&str> = found.iter().map(|finding| finding.code.id).collect();
    codes.dedup();
    codes
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn the_files_of_another_rulebook_go_through_the_syntax_stage() {
    let archive = data("rust_team_snapshot_pseudonymised.tar.gz");
    let mut archive = tar::Archive::new(archive);
    let (mut files, mut refused, mut inline) = (0, Vec::new(), 0);
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        if std::path::Path::new(&path).extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        files += 1;
        let text = String::from_utf8(bytes(entry)).unwrap();
        // The same file with a line break in an inline table is TOML 1.1 only, and nothing else.
        let newer = text.replacen("{ ", "{\n", 1);
        let found = codes(text.clone().into_bytes());
        if !found.is_empty() {
            refused.push((path.clone(), found));
        }
        if newer != text {
            inline += 1;
            assert_eq!(codes(newer.into_bytes()), ["GS1007"], "{path}");
        }
    }
    assert_eq!(files, 1218);
    assert!(inline > 0, "some file holds an inline table");
    // Every file of the snapshot is TOML 1.0, as a second parser agrees.
    assert_eq!(refused, vec![]);
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn the_one_file_of_another_rulebook_that_needs_toml_1_1_is_named() {
    let archive = data("rust_team_snapshot_pseudonymised.tar.gz");
    let mut archive = tar::Archive::new(archive);
    let repository = Repository::empty();
    repository.write("gitsm.toml", "[project]\nname = \"Snapshot\"\nroots = [\"snapshot\"]\n");
    let mut newer = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        // A file with a dot before its name would not be read.
        let path = format!("snapshot/{}", entry.path().unwrap().display()).replace("/.", "/");
        if std::path::Path::new(&path).extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let mut text = String::from_utf8(bytes(entry)).unwrap();
        // The published snapshot was written anew and is all TOML 1.0: one file gets back what it had.
        if newer.is_empty() && text.contains("{ ") {
            text = text.replacen("{ ", "{\n", 1);
            newer.push(path.clone());
        }
        repository.write(&path, text);
    }
    let arguments = ["validate", "--only", "GS10", "--format", "json"];
    let run = gitsm(&arguments, repository.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let found = report["findings"].as_array().unwrap();
    assert_eq!(report["summary"]["files"], 1 + 1218);
    let files: Vec<&str> = found.iter().map(|one| one["place"]["file"].as_str().unwrap()).collect();
    assert_eq!(files, newer, "{}", run.stderr);
    let message = found[0]["message"].as_str().unwrap();
    assert_eq!(message, "a new line inside an inline table is syntax of TOML 1.1");
    let help = found[0]["help"].as_str().unwrap();
    assert!(help.starts_with("write the table on one line"), "{help}");
}
