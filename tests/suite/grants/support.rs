//! The small repository, and short ways to ask it.

use std::path::Path;

use crate::support::{Repository, Run, gitsm};

pub const NOW: &str = "2026-11-20T12:00:00Z";

/// Runs a command line, its parts separated by spaces, at an instant. `_` in a part stands for a space.
pub fn at(now: &str, line: &str, repository: &Repository) -> Run {
    at_path(now, line, repository.path())
}

/// The same in a folder.
pub fn at_path(now: &str, line: &str, folder: &Path) -> Run {
    let words: Vec<String> = line.split(' ').map(|word| word.replace('_', " ")).collect();
    let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    arguments.extend(["--now", now]);
    gitsm(&arguments, folder)
}

/// The same on the usual day.
pub fn run(line: &str, repository: &Repository) -> Run {
    at(NOW, line, repository)
}

/// Runs a command that must end so.
pub fn ends(status: i32, line: &str, repository: &Repository) -> Run {
    let run = run(line, repository);
    assert_eq!(run.status, status, "{line}\n{}\n{}", run.stdout, run.stderr);
    run
}

/// The codes that `gitsm validate` finds at an instant.
pub fn codes(now: &str, repository: &Repository) -> Vec<String> {
    codes_in(now, repository.path())
}

/// The same in a folder.
pub fn codes_in(now: &str, folder: &Path) -> Vec<String> {
    let run = gitsm(&["validate", "--format", "json", "--now", now], folder);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// The files below the folder of grants, in order.
pub fn files(repository: &Repository) -> Vec<String> {
    let folder = repository.path().join("policies/grants");
    let mut found: Vec<String> = walkdir::WalkDir::new(&folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(&folder).unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

/// Replaces a text that must be there once.
pub fn edit(repository: &Repository, path: &str, from: &str, to: &str) {
    let text = repository.read(path);
    assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}:\n{text}");
    repository.write(path, text.replace(from, to));
}
