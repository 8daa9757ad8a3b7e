//! Imports and directories of the size of a large company.

use std::fmt::Write as _;

use serde_json::Value;

use super::{HEADING, MAP, import, report, repository};
use crate::support::{Repository, gitsm};

#[test]
fn a_large_export_is_spread_over_files_that_the_loader_reads() {
    let mut export = String::from(HEADING);
    for number in 0..12_000 {
        writeln!(export, "{number},Service {number},Words about it,Desk {},A,1/2/2030,,Public", number % 9)
            .unwrap();
    }
    let repository = repository(MAP, export);
    let run = import(&repository, "service", &["--format", "json"]);
    assert_eq!(run.status, 0, "{run:#?}");
    let report = report(&run);
    assert_eq!(report["created"], 12_000);
    let files = report["files"].as_array().unwrap();
    assert!(files.len() > 1, "{files:?}");
    let run = gitsm(&["validate", "--format", "json"], repository.path());
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let shapes = found["findings"].as_array().unwrap().iter();
    let shapes: Vec<&Value> = shapes
        .filter(|one| {
            one["code"].as_str().is_some_and(|code| code.starts_with("GS10") || code.starts_with("GS11"))
        })
        .collect();
    assert!(shapes.is_empty(), "{shapes:?}");
    let again = import(&repository, "service", &["--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&again.stdout).unwrap()["unchanged"], 12_000);
}

#[test]
fn a_directory_of_20000_people_loads_and_validates() {
    let repository = Repository::with(&[("gitsm.toml", DIRECTORY)]);
    repository.write(
        "catalog/teams.toml",
        "[team.desk]\nname = \"Desk\"\nmembers = [\"u7\", \"u8\"]\nlead = \"u7\"\n",
    );
    repository.write("people.csv", directory(20_000));
    let loaded = gitsm::load::load(&gitsm::source::WorkTree::new(repository.path())).unwrap();
    assert_eq!(loaded.rulebook.people.len(), 20_000);
    assert!(loaded.found.is_empty(), "{:?}", loaded.found.first());
    let person = loaded.rulebook.people.get("u19999").unwrap();
    assert_eq!(person.manager.as_ref().unwrap().as_str(), "u1999");
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let errors: Vec<&Value> =
        found["findings"].as_array().unwrap().iter().filter(|one| one["level"] == "error").collect();
    assert!(errors.is_empty(), "{:?}", errors.first());
}

const DIRECTORY: &str = r#"[project]
name = "Example"

[[people]]
file = "people.csv"
delimiter = ";"
columns.id = "Login"
columns.name = "Full name"
columns.email = "Mail"
columns.department = "Dept"
columns.title = "Job"
columns.location = "Site"
columns.manager = "Reports to"
columns.employment = "Type"
columns.status = "State"
columns.start = "Hired"
columns.end = "Leaves"
values.employment.FTE = "employee"
values.employment.CWK = "contractor"
values.status.A = "active"
"#;

/// An export of a made-up personnel system: a tree of people, ten under each manager.
fn directory(people: u32) -> String {
    let mut csv =
        String::from("Login;Full name;Mail;Dept;Job;Site;Reports to;Type;State;Hired;Leaves;Cost centre\r\n");
    for number in 0..people {
        let manager = if number == 0 { String::new() } else { format!("u{}", number / 10) };
        let (employment, leaves) = if number % 17 == 3 { ("CWK", "2031-03-31") } else { ("FTE", "") };
        let name = if number % 5 == 0 {
            format!("\"Family {number}; Given\"")
        } else {
            format!("Given Family {number}")
        };
        writeln!(
            csv,
            "u{number};{name};u{number}@example.com;d{};Job {};s{};{manager};{employment};A;2020-0{}-11;{leaves};{}\r",
            number % 40,
            number % 300,
            number % 25,
            number % 9 + 1,
            number % 90
        )
        .unwrap();
    }
    csv
}
