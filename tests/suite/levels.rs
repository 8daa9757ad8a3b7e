//! Levels by code and by path, and allowances that silence nothing.

use crate::support::{Repository, gitsm};

const SETTINGS: &str = "[project]\nname = \"Example\"\ntime-zone = \"Europe/Berlin\"\npriorities = [\"p1\", \"p2\", \"p3\"]\ncurrency = \"EUR\"\n";

/// A service without an owner, which is reported as GS2001 unless told otherwise.
const OWNERLESS: &str = "[service.wiki]\nname = \"Wiki\"\ntier = \"standard\"\nlifecycle = \"active\"\n\
                         support-team = \"desk\"\ncategory = \"software\"\nreview-date = 2030-01-01\n";

/// The code and level of each finding, and the exit status.
fn findings(settings: &str) -> (Vec<String>, i32) {
    let repository = Repository::base();
    repository.write("catalog/legacy/wiki.toml", OWNERLESS);
    repository.write("gitsm.toml", format!("{SETTINGS}{settings}"));
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found = report["findings"].as_array().unwrap().iter();
    (found.map(|one| format!("{} {}", text(&one["code"]), text(&one["level"]))).collect(), run.status)
}

fn allow(code: &str, path: &str, rest: &str) -> String {
    format!("[[lints.allow]]\ncode = \"{code}\"\npath = \"{path}\"\nreason = \"known\"\n{rest}\n")
}

#[test]
fn a_finding_has_the_level_of_its_code() {
    assert_eq!(findings(""), (vec!["GS2001 error".to_owned()], 1));
}

#[test]
fn a_level_for_a_code_holds_everywhere() {
    assert_eq!(findings("[lints.levels]\nGS2001 = \"note\"\n"), (vec!["GS2001 note".to_owned()], 0));
    assert_eq!(findings("[lints.levels]\nGS2001 = \"off\"\n"), (vec![], 0));
}

#[test]
fn an_allowance_holds_in_its_path_only() {
    assert_eq!(findings(&allow("GS2001", "catalog/legacy/**", "")), (vec![], 0));
    assert_eq!(
        findings(&allow("GS2001", "catalog/legacy/**", "level = \"warning\"")),
        (vec!["GS2001 warning".to_owned()], 0)
    );
    assert_eq!(
        findings(&allow("GS2001", "catalog/*.toml", "")),
        (vec!["GS1310 warning".to_owned(), "GS2001 error".to_owned()], 1)
    );
}

#[test]
fn an_allowance_that_silences_nothing_is_reported_and_can_be_silenced_by_level() {
    let idle = allow("GS2004", "**", "");
    let owned = "[lints.levels]\nGS2001 = \"off\"\n";
    assert_eq!(findings(&format!("{owned}{idle}")), (vec!["GS1310 warning".to_owned()], 0));
    let settings = format!("{owned}GS1310 = \"off\"\n{idle}");
    assert_eq!(findings(&settings), (vec![], 0));
}

#[test]
fn the_finding_about_allowances_can_be_allowed_by_path_too() {
    let owned = "[lints.levels]\nGS2001 = \"off\"\n";
    let idle = allow("GS2004", "**", "");
    let allowed = allow("GS1310", "gitsm.toml", "");
    assert_eq!(findings(&format!("{owned}{idle}{allowed}")), (vec![], 0));
    // Without something to allow, that allowance is itself of no use.
    assert_eq!(findings(&format!("{owned}{allowed}")), (vec!["GS1310 warning".to_owned()], 0));
}

#[test]
fn levels_of_unknown_and_fixed_codes_are_errors() {
    let quiet = "[lints.levels]\nGS2001 = \"off\"\n";
    for wrong in [format!("{quiet}GS9999 = \"off\"\n"), format!("{quiet}GS1201 = \"off\"\n")] {
        assert_eq!(findings(&wrong), (vec!["GS1311 error".to_owned()], 1), "{wrong}");
    }
    let wrong = format!("{quiet}{}", allow("GS1102", "**", ""));
    let (found, status) = findings(&wrong);
    assert!(found.contains(&"GS1311 error".to_owned()) && status == 1, "{found:?}");
}

#[test]
fn notes_never_crowd_out_an_error() {
    let repository = Repository::base();
    let calendars: String = (0..3)
        .map(|number| {
            format!("[calendar.c{number}]\nname = \"C{number}\"\ntime-zone = \"UTC\"\nweekly.mon = [\"09:00-17:00\"]\n")
        })
        .collect();
    repository.write("catalog/a.toml", calendars);
    let team = |id: &str, parent: &str| {
        format!(
            "[team.{id}]\nname = \"{id}\"\nmembers = [\"ana\", \"ben\"]\nlead = \"ana\"\nparent = \"{parent}\"\n"
        )
    };
    repository.write("policies/zz.toml", team("first", "second") + &team("second", "first"));
    for (most, expected) in [("1", &["GS2126"][..]), ("2", &["GS2055", "GS2126"])] {
        let arguments =
            ["validate", "--now", "2026-11-20T12:00:00Z", "--format", "concise", "--max-findings", most];
        let run = gitsm(&arguments, repository.path());
        let shown: Vec<&str> = run
            .stdout
            .lines()
            .filter_map(|line| line.split_once('[')?.1.split_once(']'))
            .map(|(code, _)| code)
            .collect();
        assert_eq!((run.status, shown.as_slice()), (1, expected), "{run:?}");
        assert!(run.stderr.contains("not shown"), "{run:?}");
    }
}

#[test]
fn an_allowance_for_what_is_off_anyway_or_that_stands_there_twice_is_reported() {
    let one = allow("GS2001", "catalog/legacy/**", "");
    assert_eq!(findings(&one), (vec![], 0));
    assert_eq!(findings(&format!("{one}{one}")), (vec!["GS1310 warning".to_owned()], 0));
    let off = "[lints.levels]\nGS2001 = \"off\"\n";
    assert_eq!(findings(&format!("{off}{one}")), (vec!["GS1310 warning".to_owned()], 0));
    // One that raises the level again is of use.
    let again = allow("GS2001", "catalog/legacy/**", "level = \"warning\"");
    assert_eq!(findings(&format!("{off}{again}")), (vec!["GS2001 warning".to_owned()], 0));
}
