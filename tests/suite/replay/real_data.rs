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

/// Where the requests of the company go through the ledger: what was known about each of them when it was made stands with
/// the one who asks, since the ledger does not say what was refused.
const LEDGER: [(&str, &str); 3] = [
    (
        "gitsm.toml",
        "[project]\nname = \"Requests\"\ntime-zone = \"UTC\"\n\n[[people]]\nfile = \"people.csv\"\n\
         attributes.granted = \"granted\"\nattributes.refused = \"refused\"\n\n\
         [attribute.subject.granted]\ntype = \"integer\"\ndescription = \"what colleagues were granted before\"\noptional = true\n\n\
         [attribute.subject.refused]\ntype = \"integer\"\ndescription = \"what colleagues were refused before\"\noptional = true\n",
    ),
    (
        "policies/access.toml",
        "[workflow.owner]\nname = \"Owner\"\nowner = \"team:access\"\n\n[[workflow.owner.stage]]\nid = \"owner\"\n\
         approvers = [\"role:service-owner\"]\nwithin = \"2d\"\non-timeout = \"deny\"\n\n\
         [access.resources]\nname = \"Resources\"\nowner = \"team:access\"\napplies-to.service = \"resources\"\n\
         review-date = 2030-01-01\n\n[[access.resources.rule]]\nid = \"as-before\"\nwhen.subject.granted.min = 3\n\
         when.subject.refused.max = 0\ndecision = \"auto-approve\"\n\n[[access.resources.rule]]\nid = \"everybody-else\"\n\
         decision.workflow = \"owner\"\n",
    ),
    (
        "catalog/access.toml",
        "[team.access]\nname = \"Access\"\nmembers = [\"ana\", \"ben\"]\nlead = \"ana\"\n\n\
         [person.ana]\nname = \"Ana Silva\"\n\n[person.ben]\nname = \"Ben Okoro\"\n\n\
         [tier.standard]\nname = \"Standard\"\nrank = 1\n",
    ),
];

/// Runs a command that writes much, and says how long it took and how much memory it had at most, in MiB.
#[allow(clippy::print_stderr, reason = "the time and memory that it took are what is asked for")]
fn watched(arguments: &[&str], repository: &Repository) -> (String, i32) {
    let out = repository.path().join("out.txt");
    let mut command = crate::support::command(arguments, repository.path());
    let begin = std::time::Instant::now();
    let file = || std::fs::OpenOptions::new().append(true).create(true).open(&out).unwrap();
    let _ = std::fs::remove_file(&out);
    let mut child = command.stdout(file()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0));
        match child.try_wait().unwrap() {
            Some(status) => break status.code().unwrap_or(-1),
            None => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    };
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!("{}: {seconds:.1} s, {} MiB", arguments[..2].join(" "), most / 1_024);
    (std::fs::read_to_string(out).unwrap(), status)
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn all_requests_of_a_company_go_through_the_ledger_at_once() {
    let repository = Repository::with(&LEDGER);
    let archive =
        flate2::read::GzDecoder::new(std::fs::File::open(data("amazon_access_train.csv.gz")).unwrap());
    let mut known: std::collections::BTreeMap<(String, String), (u32, u32)> =
        std::collections::BTreeMap::new();
    let mut resources = std::collections::BTreeSet::new();
    let (mut people, mut requests) = ("id,name,department,granted,refused\n".to_owned(), String::new());
    let mut by_hand = 0;
    for (number, line) in std::io::BufRead::lines(std::io::BufReader::new(archive)).skip(1).enumerate() {
        let line = line.unwrap();
        let cells: Vec<&str> = line.split(',').collect();
        let (resource, department) = (cells[1].to_owned(), cells[5].to_owned());
        let (granted, refused) = known.entry((resource.clone(), department.clone())).or_default();
        by_hand += usize::from(*granted >= 3 && *refused == 0);
        people.push_str(&format!("e{number},Employee {number},d{department},{granted},{refused}\n"));
        requests.push_str(&format!(
            "{{\"id\":\"R-{number}\",\"request\":{{\"requester\":\"e{number}\",\"entitlements\":[\"resources/r{resource}\"],\"duration\":\"90d\"}}}}\n"
        ));
        *(if cells[0] == "1" { granted } else { refused }) += 1;
        resources.insert(resource);
    }
    repository.write("people.csv", people);
    repository.write("requests.jsonl", requests);
    let mut service = "[service.resources]\nname = \"Resources\"\ndescription = \"Everything that people ask for.\"\nowner = \"team:access\"\n\
                       tier = \"standard\"\nlifecycle = \"active\"\nsupport-team = \"access\"\nreview-date = 2030-01-01\n"
        .to_owned();
    for resource in &resources {
        service.push_str(&format!(
            "entitlement.r{resource} = {{ name = \"Resource {resource}\", risk = \"low\", role = \"r{resource}\", \
             provision = {{ method = \"manual\", team = \"access\" }}, remove = {{ method = \"manual\", team = \"access\" }} }}\n"
        ));
    }
    repository.write("catalog/resources.toml", service);
    let ask = |more: &[&str], expected: i32| {
        let arguments =
            ["request", "access", "--requests", "requests.jsonl", "--now", NOW, "--format", "json"];
        let (said, status) = watched(&[&arguments[..], more].concat(), &repository);
        assert_eq!(status, expected, "{}", said.lines().last().unwrap_or_default());
        let answers = said.lines().filter(|line| line.starts_with('{'));
        let verdicts = answers.map(|line| serde_json::from_str::<Value>(line).unwrap()["verdict"].clone());
        let mut counts = std::collections::BTreeMap::new();
        verdicts.for_each(|verdict| *counts.entry(verdict.as_str().unwrap().to_owned()).or_insert(0) += 1);
        counts.into_iter().collect::<Vec<(String, usize)>>()
    };
    let expected = [("approved".to_owned(), 5_599), ("needs-approval".to_owned(), 32_769 - 5_599)];
    assert_eq!(by_hand, 5_599);
    assert_eq!(ask(&[], 0), expected);
    // The ledger is sound, and holds all of it.
    let (said, _) = watched(&["validate", "--format", "json", "--now", NOW], &repository);
    let report: Value = serde_json::from_str(&said).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let errors: Vec<&Value> = findings.iter().filter(|finding| finding["level"] == "error").take(3).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let (said, status) = watched(&["grants", "list", "--format", "json", "--all", "--now", NOW], &repository);
    assert_eq!(status, 0);
    let report: Value = serde_json::from_str(&said).unwrap();
    let grants = report["grants"].as_array().unwrap();
    let standing = |name: &str| grants.iter().filter(|grant| grant["standing"] == name).count();
    assert_eq!((standing("in-force"), standing("requested")), (5_599, 32_769 - 5_599), "{}", grants[0]);
    // Once more, with all of it in the ledger: what is held is not given twice, and what is pending gives nothing yet.
    let again = [("invalid".to_owned(), 5_599), ("needs-approval".to_owned(), 32_769 - 5_599)];
    assert_eq!(ask(&["--dry-run"], 1), again);
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
