//! `gitsm explain`.

use serde_json::Value;

use crate::{
    golden::check_file,
    support::{Repository, gitsm},
};

#[test]
fn a_code_is_found_by_its_id_and_by_its_name() {
    let folder = Repository::empty();
    let page = gitsm(&["explain", "GS1201", "--format", "markdown"], folder.path());
    assert_eq!((page.status, page.stderr.as_str()), (0, ""));
    assert!(page.stdout.starts_with("# GS1201: dangling-reference\n"), "{}", page.stdout);
    for name in ["gs1201", "1201", "dangling-reference"] {
        assert_eq!(
            gitsm(&["explain", name, "--format", "markdown"], folder.path()).stdout,
            page.stdout,
            "{name}"
        );
    }
}

#[test]
fn pages_for_people_have_no_markup() {
    let folder = Repository::empty();
    for code in gitsm::lint::codes() {
        let run = gitsm(&["explain", code.id], folder.path());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", code.id);
        assert!(run.stdout.starts_with(&format!("{}: {}\n====", code.id, code.name)), "{}", run.stdout);
        assert!(!run.stdout.contains("```") && !run.stdout.contains("\n#"), "{}", run.stdout);
        assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
    }
    let run = gitsm(&["--color", "always", "explain", "GS1201"], folder.path());
    assert!(run.stdout.contains('\u{1b}'), "{}", run.stdout);
}

#[test]
fn several_codes_follow_each_other() {
    let folder = Repository::empty();
    let run = gitsm(&["explain", "GS1201", "GS1006"], folder.path());
    let positions: Vec<usize> =
        ["GS1201: ", "GS1006: "].iter().map(|title| run.stdout.find(title).unwrap()).collect();
    assert!(positions[0] < positions[1]);
}

#[test]
fn without_a_code_all_are_listed() {
    let folder = Repository::empty();
    let run = gitsm(&["explain"], folder.path());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let listed: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("GS")).collect();
    let codes: Vec<_> = gitsm::lint::codes().collect();
    assert_eq!(listed.len(), codes.len());
    for (line, code) in listed.iter().zip(codes) {
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        assert_eq!(words, [code.id, code.level.name()]);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
}

#[test]
fn json_has_every_field() {
    let folder = Repository::empty();
    let run = gitsm(&["explain", "GS1310", "--format", "json"], folder.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["format-version"], 1);
    let code = &report["codes"][0];
    assert_eq!((code["code"].as_str(), code["name"].as_str()), (Some("GS1310"), Some("unused-allowance")));
    assert_eq!((code["level"].as_str(), code["fixed"].as_bool()), (Some("warning"), Some(false)));
    assert!(code["page"].as_str().unwrap().starts_with("# GS1310"));
    let run = gitsm(&["explain", "--format", "json"], folder.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["codes"].as_array().unwrap().len(), gitsm::lint::codes().count());
}

#[test]
fn what_is_no_code_gets_a_hint_and_nothing_else() {
    let folder = Repository::empty();
    for (written, hint) in [
        ("dangling-refrence", "did you mean `dangling-reference`?"),
        ("GS1200", "did you mean `GS12"),
        ("service", "`gitsm schema service`"),
        ("qqqqqqqq", "`gitsm explain` lists them"),
        ("\u{1b}[31m", "`gitsm explain` lists them"),
    ] {
        let run = gitsm(&["explain", "GS1201", written], folder.path());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{written}");
        assert!(run.stderr.contains(hint), "{written}: {}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    }
}

#[test]
fn the_list_of_codes_is_kept() {
    // A code is never reused: a row that changes here has to be a new rule or a better summary.
    let folder = Repository::empty();
    let run = gitsm(&["explain", "--format", "markdown"], folder.path());
    assert_eq!(run.status, 0);
    check_file("tests/snapshots/codes.md", &run.stdout);
}
