//! What really happened, which is no part of the repository. `GITSM_DATA` names the folder that holds it; the tests run
//! only when asked for, with `--ignored`, and fail without it.

use std::path::PathBuf;

use serde_json::Value;

use super::NOW;
use crate::support::{Repository, copy, gitsm, root};

fn data(file: &str) -> String {
    let folder = std::env::var_os("GITSM_DATA");
    let folder = folder.unwrap_or_else(|| panic!("set GITSM_DATA to a folder that holds `{file}`"));
    PathBuf::from(folder).join(file).to_str().unwrap().to_owned()
}

/// Which part of the organisation counts, and which column says it.
const MAP: &str = r#"like = "resources/resource"
[fields]
entitlements = { column = "RESOURCE", prefix = "resources/" }
outcome = { column = "ACTION", values = { 1 = "approved", 0 = "denied" } }
[subject]
department = { column = "ROLE_DEPTNAME" }
"#;

/// Replays the requests of a company under the example, in which `peers-by` and the least number of earlier requests
/// are replaced: how many are approved by rule, how many of them had been denied, and how many are counted.
fn access(peers_by: &[(&str, &str)], least: u32, arguments: &[&str]) -> (u64, u64, u64) {
    let repository = Repository::empty();
    copy(&root().join("examples/approve-as-before"), repository.path());
    let names: Vec<&str> = peers_by.iter().map(|(name, _)| *name).collect();
    let settings = repository.read("gitsm.toml");
    let before = "peers-by = [\"department\", \"division\"]";
    assert!(settings.contains(before));
    repository.write("gitsm.toml", settings.replace(before, &format!("peers-by = {names:?}")));
    let policy = repository.read("policies/access.toml");
    let before = "when.peers.approved.min = 1";
    assert!(policy.contains(before));
    repository
        .write("policies/access.toml", policy.replace(before, &format!("when.peers.approved.min = {least}")));
    let division = peers_by.iter().filter(|(name, _)| *name == "division");
    let more: String =
        division.map(|(name, column)| format!("{name} = {{ column = \"{column}\" }}\n")).collect();
    repository.write("map.toml", format!("{MAP}{more}"));
    let file = data("amazon_access_train.csv.gz");
    let fixed = ["replay", "requests", &file, "--map", "map.toml", "--format", "json", "--now", NOW];
    let run = gitsm(&[&fixed[..], arguments].concat(), repository.path());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).unwrap();
    (number("/verdicts/approved"), number("/recorded/wrong-approvals/count"), number("/decided"))
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn a_rule_that_learns_from_earlier_requests_approves_what_a_count_by_hand_gives() {
    let department = [("department", "ROLE_DEPTNAME")];
    assert_eq!(access(&department, 3, &[]), (5_599, 121, 32_769));
    assert_eq!(access(&department, 3, &["--jobs", "1"]), (5_599, 121, 32_769));
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn the_rules_of_the_example_give_the_figures_of_its_readme() {
    let department = [("department", "ROLE_DEPTNAME")];
    let division = [("department", "ROLE_DEPTNAME"), ("division", "ROLE_ROLLUP_2")];
    let manager = [("division", "MGR_ID")];
    // Chosen on the first two thirds, tried on the rest.
    for (peers_by, least, all, kept_apart) in [
        (&department[..], 3, (5_599, 121), (2_895, 65)),
        (&division, 2, (6_269, 121), (3_225, 60)),
        (&division, 1, (11_638, 241), (5_196, 108)),
        (&manager, 1, (5_005, 83), (2_558, 39)),
    ] {
        let (approved, wrong, _) = access(peers_by, least, &[]);
        assert_eq!((approved, wrong), all, "{peers_by:?} {least}");
        let (approved, wrong, counted) = access(peers_by, least, &["--warm-up", "21846"]);
        assert_eq!((approved, wrong, counted), (kept_apart.0, kept_apart.1, 10_923), "{peers_by:?} {least}");
    }
}

/// The states and priorities of a ticket system.
const TICKETS: &str = r#"missing = ["?"]
instants = "%d/%m/%Y %H:%M"
time-zone = "UTC"
[fields]
id = { column = "number" }
at = { column = "sys_updated_at" }
opened = { column = "opened_at" }
resolved = { column = "resolved_at" }
sla = { value = "incidents" }
recorded = { column = "made_sla", values = { true = "met", false = "breached" } }
[fields.priority]
column = "priority"
values = { "1 - Critical" = "p1", "2 - High" = "p2", "3 - Moderate" = "p3", "4 - Low" = "p4" }
[fields.state]
column = "incident_state"
default = "in-progress"
[fields.state.values]
"New" = "new"
"Awaiting User Info" = "awaiting-requester"
"Awaiting Evidence" = "awaiting-requester"
"Awaiting Vendor" = "awaiting-supplier"
"Awaiting Problem" = "awaiting-change"
"#;

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn the_incidents_of_a_desk_breach_as_often_as_a_count_by_hand_says() {
    let repository = Repository::empty();
    copy(&root().join("examples/incident-history"), repository.path());
    repository.write("map.toml", TICKETS);
    let file = data("uci498_incident_event_log.csv.gz");
    let arguments = ["replay", "incidents", &file, "--map", "map.toml", "--format", "json", "--now", NOW];
    let run = gitsm(&arguments, repository.path());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).unwrap();
    assert_eq!((number("/rows"), number("/tickets")), (141_712, 24_918));
    // One ticket is not in the order of its instants, five start before they were opened.
    assert_eq!((number("/out-of-order"), number("/before-opening")), (1, 5));
    let of = |key: &str| -> Vec<u64> {
        let targets = report["targets"].as_array().unwrap().iter().filter(|one| one["target"] == "resolve");
        targets.map(|target| target[key].as_u64().unwrap()).collect()
    };
    let sum = |key: &str| of(key).iter().sum::<u64>();
    assert_eq!((sum("finished"), sum("open")), (23_362, 1_556));
    assert_eq!((sum("breached-without-pauses"), sum("breached")), (8_053, 5_788));
    assert_eq!(of("breached"), [192, 204, 5_307, 85]);
}

/// Who did what in which team, as a project of volunteers keeps it.
const TEAMS: &str = r#"[fields]
person = { column = "person" }
at = { column = "committed_at_utc" }
action = { column = "action" }
team = { column = "team", transform = "id" }
role = { column = "role", values = { member = "member", lead = "lead", alumnus = "former" } }
"#;

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn eight_years_of_joining_and_leaving_end_in_the_teams_that_there_are() {
    let archive = flate2::read::GzDecoder::new(
        std::fs::File::open(data("rust_team_snapshot_pseudonymised.tar.gz")).unwrap(),
    );
    let mut archive = tar::Archive::new(archive);
    let (mut people, mut teams) = (std::collections::BTreeSet::new(), String::new());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let Some(name) = path.strip_prefix("teams/").and_then(|path| path.strip_suffix(".toml")) else {
            continue;
        };
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        let team: toml::Table = text.parse().unwrap();
        // A member is a name, or a table with one; those who lead are members as well.
        let members: std::collections::BTreeSet<String> = ["leads", "members"]
            .into_iter()
            .filter_map(|role| team.get("people")?.get(role)?.as_array())
            .flatten()
            .map(|member| member.as_str().unwrap_or_else(|| member["github"].as_str().unwrap()).to_owned())
            .collect();
        let id = name.replace('/', "-");
        teams.push_str(&format!("[team.{id}]\nname = \"{id}\"\nmembers = {members:?}\n"));
        people.extend(members);
    }
    let people: String = people.iter().map(|id| format!("[person.{id}]\nname = \"{id}\"\n")).collect();
    let repository = Repository::with(&[
        ("gitsm.toml", "[project]\nname = \"Teams\"\n"),
        ("catalog/people.toml", &people),
        ("catalog/teams.toml", &teams.replace('{', "[").replace('}', "]")),
        ("map.toml", TEAMS),
    ]);
    let file = data("rust_team_membership_events.csv.gz");
    let fixed = ["replay", "people", &file, "--map", "map.toml", "--format", "json", "--now", NOW];
    let run =
        gitsm(&[&fixed[..], &["--max-differences", "0", "--allow-rejects", "1"]].concat(), repository.path());
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    assert_eq!(run.status, 0, "{} {:#}", run.stderr, report["teams"]);
    assert_eq!((&report["rows"], &report["rejects"]["count"]), (&Value::from(5_620), &Value::from(1)));
    assert_eq!(report["teams"]["differences"], 0, "{:#}", report["teams"]);
    // Somebody who went and came back joined twice.
    assert!(report["events"]["joiners"].as_u64().unwrap() >= 736, "{:#}", report["events"]);
    assert!(report["memberships"].as_u64().unwrap() > 900, "{report:#}");
}
