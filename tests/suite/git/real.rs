//! Eight years of the teams of an open-source project, rebuilt as a repository with a commit for each change.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

use serde_json::Value;

use super::support::Git;
use crate::{real_data::data, support::gitsm};

/// Somebody who joined or left a role of a team, in the order of time.
type Event = (String, String, bool);

/// The events of the file that change something, under the names of the teams that the generator makes.
fn events() -> Vec<Event> {
    let mut reader = csv::Reader::from_reader(data("rust_team_membership_events.csv.gz"));
    let mut members: BTreeSet<(String, String)> = BTreeSet::new();
    let (mut events, mut idle) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.unwrap();
        let suffix = match &record[3] {
            "member" => "",
            "lead" => ".leads",
            "alumnus" => ".alumni",
            other => panic!("{other}"),
        };
        let (team, person) = (format!("{}{suffix}", record[2].replace('/', ".")), record[5].to_owned());
        let joins = &record[4] == "add";
        let member = (team.clone(), person.clone());
        let changes = if joins { members.insert(member) } else { members.remove(&member) };
        if changes {
            events.push((team, person, joins));
        } else {
            idle += 1;
        }
    }
    assert_eq!((events.len(), idle), (5_619, 1));
    events
}

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
fn real_data_of_joins_and_leaves_is_what_the_history_says() {
    let events = events();
    let folder = PathBuf::from(std::env::var_os("GITSM_DATA").unwrap());
    let program = std::env::current_exe().unwrap();
    let program = program.parent().unwrap().parent().unwrap().join("examples/rust_team_history");
    let stream = Command::new(program).arg(folder.join("rust_team_membership_events.csv.gz")).output();
    let stream = stream.expect("`cargo build --example rust_team_history` made the program");
    assert!(stream.status.success(), "{}", String::from_utf8_lossy(&stream.stderr));
    let git = Git::empty();
    git.git_with(&["fast-import", "--quiet"], &stream.stdout);
    assert_eq!(git.git(&["rev-list", "--count", "main"]), "5621");

    let run = gitsm(&["log", "--format", "json"], git.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let mut found: Vec<Event> = Vec::new();
    let entries: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // From the oldest to the newest, without the commit that makes the teams.
    for entry in entries.iter().rev().skip(1) {
        for change in entry["changes"].as_array().unwrap() {
            let team = change["object"].as_str().unwrap().strip_prefix("team/").unwrap();
            for field in change["fields"].as_array().unwrap() {
                assert_eq!((&field["path"], &field["change"]), (&"members".into(), &"entries".into()));
                for (list, joins) in [("added", true), ("removed", false)] {
                    let people = field[list].as_array().into_iter().flatten();
                    found.extend(
                        people.map(|person| (team.to_owned(), person.as_str().unwrap().to_owned(), joins)),
                    );
                }
            }
        }
    }
    assert_eq!(found.len(), events.len());
    assert_eq!(found, events);

    // One team on its own, and who is in it now.
    let of = |team: &str| events.iter().filter(|(other, ..)| other == team).count();
    let team = gitsm(&["log", "team/infra", "--format", "json"], git.path());
    assert_eq!(team.stdout.lines().count(), of("infra") + 1);
    let blame = gitsm(&["blame", "team/infra", "--format", "json"], git.path());
    assert_eq!(blame.status, 0, "{}", blame.stderr);
    let blame: Value = serde_json::from_str(&blame.stdout).unwrap();
    for field in blame["fields"].as_array().unwrap().iter().filter(|field| field["path"] == "members") {
        let person = field["value"].as_str().unwrap();
        let subject = |commit: &Value| commit["subject"].as_str().unwrap().to_owned();
        let commit =
            blame["commits"].as_array().unwrap().iter().find(|commit| commit["commit"] == field["commit"]);
        assert_eq!(subject(commit.unwrap()), format!("Add {person} to infra as member"));
    }
    // And all of it at once.
    let diff = gitsm(&["diff", "main~5620..main", "--format", "json", "--now", "2026-11-20"], git.path());
    assert_eq!(diff.status, 0, "{}", diff.stderr);
    let diff: Value = serde_json::from_str(&diff.stdout).unwrap();
    let mut members: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (team, person, joins) in &events {
        if *joins {
            members.insert((team, person))
        } else {
            members.remove(&(team.as_str(), person.as_str()))
        };
    }
    let count: usize = diff["changes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|change| change["fields"].as_array().unwrap())
        .map(|field| field["added"].as_array().unwrap().len())
        .sum();
    assert_eq!(count, members.len());
}
