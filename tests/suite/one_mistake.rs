//! One mistake gives one finding: what only follows from it is not reported as well.

use crate::support::{Repository, gitsm};

/// The codes found after a text in a file of the base repository is replaced.
fn codes(path: &str, from: &str, to: &str) -> Vec<String> {
    let repository = Repository::base();
    let text = repository.read(path);
    assert_eq!(text.matches(from).count(), 1, "{from} in {path}");
    repository.write(path, text.replace(from, to));
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let found = report["findings"].as_array().unwrap().iter();
    found.map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

const PEOPLE: &str = "catalog/organisation.toml";
const BEN: &str = "name = \"Ben Okoro\"\n";

/// Ben leads a team, is a member of two, and approves.
#[test]
fn somebody_whose_last_day_has_passed_is_one_finding() {
    let end = |day: &str| codes(PEOPLE, BEN, &format!("{BEN}end = {day}\n"));
    assert_eq!(end("2026-11-20"), Vec::<String>::new());
    assert_eq!(end("2026-11-19"), ["GS2112"]);
}

/// Ana manages everybody, leads the desk, and leads when an incident is major.
#[test]
fn a_manager_whose_last_day_has_passed_is_one_finding() {
    let ana = "name = \"Ana Silva\"\n";
    assert_eq!(codes(PEOPLE, ana, &format!("{ana}end = 2026-11-19\n")), ["GS2112"]);
}

#[test]
fn a_team_of_one_whose_last_day_has_passed_is_one_finding() {
    let with = |extra: &str| {
        let team = "[team.security]\nname = \"Security\"\nmembers = [\"ben\", \"cleo\", \"dan\"]";
        let repository = Repository::base();
        let text = repository.read(PEOPLE);
        assert!(text.contains(team) && text.contains(BEN));
        let text = text.replace("members = [\"ben\", \"cleo\", \"dan\"]", "members = [\"ben\"]");
        repository.write(PEOPLE, text.replace(BEN, &format!("{BEN}{extra}")));
        let run = gitsm(&["validate", "--now", "2026-11-20T12:00:00Z"], repository.path());
        let mut codes: Vec<String> = run
            .stdout
            .lines()
            .filter_map(|line| Some(line.split_once('[')?.1.get(..6)?.to_owned()))
            .collect();
        codes.retain(|code| code.starts_with("GS"));
        (codes, run.stdout)
    };
    let (codes, text) = with("end = 2026-11-19\n");
    // That a request cannot be approved any more is said all the same: it would be denied.
    assert!(codes.contains(&"GS2112".to_owned()) && codes.contains(&"GS4042".to_owned()), "{text}");
    assert!(!codes.iter().any(|code| code == "GS2007" || code == "GS2121" || code == "GS4044"), "{text}");
    assert!(text.contains("still named by the team `desk` and the team `security`"), "{text}");
}

/// Ben alone answers for mail, which he also asks for.
#[test]
fn a_service_of_one_person_who_has_to_agree_is_one_finding() {
    let repository = Repository::base();
    let edit = |path: &str, from: &str, to: &str| {
        let text = repository.read(path);
        assert_eq!(text.matches(from).count(), 1, "{from} in {path}");
        repository.write(path, text.replace(from, to));
    };
    edit("policies/access.toml", "approvers = [\"team:security\"]", "approvers = [\"role:service-owner\"]");
    edit("catalog/services.toml", "owner = \"team:desk\"\ntier", "owner = \"person:ben\"\ntier");
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let found = report["findings"].as_array().unwrap().iter();
    let codes: Vec<&str> = found.map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["GS2006"], "{}", run.stdout);
}

#[test]
fn once_the_state_says_so_what_hangs_on_somebody_who_left_is_found() {
    let found = codes(PEOPLE, BEN, &format!("{BEN}end = 2026-11-19\nstatus = \"inactive\"\n"));
    assert_eq!(found, ["GS2124", "GS2123"]);
}

#[test]
fn a_tier_that_cannot_be_read_promises_neither_something_nor_nothing() {
    let services = "catalog/services.toml";
    assert_eq!(codes(services, "rank = 2", "rank = \"two\""), ["GS1103"]);
    // A tier that promises nothing is something else.
    let without = codes(services, "sla = \"standard\"\navailability", "availability");
    assert!(without.contains(&"GS2004".to_owned()), "{without:?}");
}
