//! `validate --fix` and `--diff`.

#![allow(clippy::string_slice, clippy::print_stdout, reason = "a test may panic and talk")]

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    explain::examples,
    support::{Repository, Run, gitsm},
};

/// Validates and looks only at the codes that these tests are about, so that new lints do not matter.
fn narrow(repository: &Repository, more: &[&str]) -> Run {
    validate(repository, &[more, &["--only", "GS1002,GS1110,GS1201"]].concat())
}

fn validate(repository: &Repository, more: &[&str]) -> Run {
    let arguments = [&["validate", "--now", "2026-11-20T12:00:00Z"], more].concat();
    gitsm(&arguments, repository.path())
}

fn report(repository: &Repository) -> serde_json::Value {
    serde_json::from_str(&validate(repository, &["--format", "json"]).stdout).unwrap()
}

/// A repository with two mistakes that can be mended, one that cannot, and comments.
fn mendable() -> Repository {
    let repository = Repository::base();
    repository.write(
        "catalog/article.toml",
        "# kept\n[article.vpn] # kept too\ntitle = \"VPN\"\nreview-date = \"2027-01-31\" # due\nowner = \"person:nobody\"\n",
    );
    repository.write("catalog/mark.toml", "\u{feff}# a note\r\n[team.mark]\r\nname = \"Mark\"\r\n");
    repository
}

#[test]
fn fixing_edits_the_places_and_nothing_else() {
    let repository = mendable();
    let run = narrow(&repository, &["--fix"]);
    assert_eq!(
        repository.read("catalog/article.toml"),
        "# kept\n[article.vpn] # kept too\ntitle = \"VPN\"\nreview-date = 2027-01-31 # due\nowner = \"person:nobody\"\n",
        "{run:?}"
    );
    assert_eq!(repository.read("catalog/mark.toml"), "# a note\r\n[team.mark]\r\nname = \"Mark\"\r\n");
    assert_eq!(run.status, 1, "what cannot be mended is still reported: {run:?}");
    assert!(run.stdout.contains("error[GS1201]"), "{run:?}");
    assert!(!run.stdout.contains("GS1110") && !run.stdout.contains("GS1002"), "{run:?}");
    assert!(run.stderr.starts_with("mended 2 findings in 2 files\n"), "{run:?}");
    let again = narrow(&repository, &["--fix"]);
    assert!(!again.stderr.contains("mended"), "fixing twice changes nothing: {again:?}");
    assert_eq!(again.stdout, run.stdout);
}

#[test]
fn a_repository_that_is_mended_whole_ends_with_success() {
    let repository = mendable();
    let text = repository.read("catalog/article.toml").replace("owner = \"person:nobody\"\n", "");
    repository.write("catalog/article.toml", text);
    let before = narrow(&repository, &[]);
    assert!(before.stderr.contains("; 2 can be mended with --fix"), "{before:?}");
    let run = narrow(&repository, &["--fix"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:?}");
}

#[test]
fn a_diff_shows_what_fixing_does_and_writes_nothing() {
    let repository = mendable();
    let text = repository.read("catalog/article.toml");
    let run = narrow(&repository, &["--diff"]);
    assert_eq!(repository.read("catalog/article.toml"), text);
    let expected = "--- a/catalog/article.toml\n+++ b/catalog/article.toml\n@@ -1,5 +1,5 @@\n # kept\n [article.vpn] # kept too\n title = \"VPN\"\n-review-date = \"2027-01-31\" # due\n+review-date = 2027-01-31 # due\n owner = \"person:nobody\"\n";
    assert!(run.stdout.starts_with(expected), "{}", run.stdout);
    assert!(run.stdout.contains("-\\u{feff}# a note\r\n+# a note\r\n"), "{}", run.stdout);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.starts_with("--fix would mend 2 findings in 2 files and leave 1 error\n"), "{run:?}");
    let clean = narrow(&Repository::base(), &["--diff"]);
    assert_eq!((clean.status, clean.stdout.as_str()), (0, ""), "{clean:?}");
    assert!(
        clean.stderr.starts_with("--fix would mend 0 findings in 0 files and leave nothing\n"),
        "{clean:?}"
    );
}

#[test]
fn only_what_is_asked_for_is_mended() {
    let repository = mendable();
    let article = repository.read("catalog/article.toml");
    validate(&repository, &["--fix", "--only", "GS1002"]);
    assert_eq!(repository.read("catalog/article.toml"), article);
    assert!(repository.read("catalog/mark.toml").starts_with("# a note"));
}

#[test]
fn permissions_stay_and_nothing_is_left_beside() {
    let repository = mendable();
    let path = repository.path().join("catalog/article.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let names = |repository: &Repository| {
        let mut names: Vec<_> = fs::read_dir(repository.path().join("catalog"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    let before = names(&repository);
    validate(&repository, &["--fix"]);
    assert!(repository.read("catalog/article.toml").contains("= 2027-01-31"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(names(&repository), before);
}

#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let marked = "\u{feff}[team.x]\nname = \"X\"\n";
    let outside = Repository::with(&[("x.toml", marked)]);
    let repository = Repository::base();
    symlink(outside.path().join("x.toml"), repository.path().join("catalog/x.toml")).unwrap();
    let run = validate(&repository, &["--fix"]);
    assert_eq!(outside.read("x.toml"), marked, "{run:?}");
    assert!(run.stdout.contains("GS1004"), "it is reported: {run:?}");
    assert_eq!(run.status, 1, "{run:?}");
    // The settings themselves are not read through a link either.
    let elsewhere = Repository::base();
    elsewhere.write("gitsm.toml", format!("\u{feff}{}", elsewhere.read("gitsm.toml")));
    fs::remove_file(repository.path().join("catalog/x.toml")).unwrap();
    fs::remove_file(repository.path().join("gitsm.toml")).unwrap();
    symlink(elsewhere.path().join("gitsm.toml"), repository.path().join("gitsm.toml")).unwrap();
    assert_eq!(validate(&repository, &["--fix"]).status, 2);
    assert!(elsewhere.read("gitsm.toml").starts_with('\u{feff}'));
    // The same files, not through a link, are mended.
    assert_eq!(validate(&elsewhere, &["--fix"]).status, 0);
    assert!(!elsewhere.read("gitsm.toml").starts_with('\u{feff}'));
    repository.write("catalog/y.toml", marked);
    fs::remove_file(repository.path().join("gitsm.toml")).unwrap();
    repository.write("gitsm.toml", elsewhere.read("gitsm.toml"));
    validate(&repository, &["--fix"]);
    assert!(repository.read("catalog/y.toml").starts_with("[team.x]"));
}

#[test]
fn a_file_that_is_not_text_is_never_rewritten() {
    let repository = Repository::base();
    let bytes = b"\xef\xbb\xbf[team.x]\nname = \"\xff\"\n";
    repository.write("catalog/bytes.toml", bytes);
    let run = validate(&repository, &["--fix"]);
    assert!(run.stdout.contains("GS1001") && run.stdout.contains("GS1002"), "{run:?}");
    assert_eq!(fs::read(repository.path().join("catalog/bytes.toml")).unwrap(), bytes);
}

#[test]
fn every_safe_fix_of_an_example_removes_its_finding_and_changes_nothing_else() {
    let mut failures = Vec::new();
    let mut fixes = 0;
    for code in gitsm::lint::codes() {
        for ((number, bad), files) in examples(code.page) {
            if !bad {
                continue;
            }
            let repository = Repository::base();
            for (path, text) in &files {
                repository.write(path, text);
            }
            let before = report(&repository);
            let findings = before["findings"].as_array().unwrap();
            let safe: Vec<_> = findings.iter().filter(|finding| finding["fix"]["safety"] == "safe").collect();
            if safe.is_empty() {
                continue;
            }
            fixes += safe.len();
            // What the edits of the report say, applied here by other means than those of the binary.
            let mut expected: Vec<(String, String)> = files.clone();
            let mut edits: Vec<&serde_json::Value> =
                safe.iter().flat_map(|finding| finding["fix"]["edits"].as_array().unwrap()).collect();
            edits.sort_by_key(|edit| std::cmp::Reverse(edit["place"]["start"].as_u64()));
            for edit in edits {
                let offset = |key: &str| usize::try_from(edit["place"][key].as_u64().unwrap()).unwrap();
                let file = expected.iter_mut().find(|(path, _)| edit["place"]["file"] == path.as_str());
                let (_, text) = file.expect("an edit outside the example");
                text.replace_range(offset("start")..offset("end"), edit["text"].as_str().unwrap());
            }
            validate(&repository, &["--fix"]);
            for (path, text) in &expected {
                if repository.read(path) != *text {
                    failures.push(format!("{} {number}: `{path}` is {}", code.id, repository.read(path)));
                }
            }
            let after = report(&repository);
            let left = after["findings"].as_array().unwrap().len();
            if left != findings.len() - safe.len() {
                failures.push(format!("{} {number}: {left} findings are left: {after:#}", code.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // Pages get their examples one by one; the fixes that exist are tried by hand above as well.
    println!("{fixes} fixes were tried");
}
