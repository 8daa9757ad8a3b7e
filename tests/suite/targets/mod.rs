//! Plans, applying them, drift and imports: the conformance of every target, and the `static` one through the binary.

mod apply;
mod conformance;
mod github;
mod kill;
mod plan;
mod proxy;
mod published;
mod request_tracker;
mod shown;

use std::path::Path;

use crate::support::{Repository, Run, gitsm};

/// An instant at which every plan of these tests is made.
pub const NOW: &str = "2026-11-20T12:00:00Z";

/// The small repository with the folder `public` beside its documents.
pub fn repository() -> Repository {
    Repository::base()
}

/// Plans for the folder `public` of a repository into `plan.json`.
pub fn plan(folder: &Path, more: &[&str]) -> Run {
    let arguments = [&["plan", "--target", "static", "--now", NOW, "--out", "plan.json"], more].concat();
    gitsm(&arguments, folder)
}

/// Applies `plan.json`.
pub fn apply(folder: &Path, more: &[&str]) -> Run {
    gitsm(&[&["apply", "plan.json", "--now", NOW], more].concat(), folder)
}

/// Plans and applies; both must succeed.
pub fn publish(folder: &Path) {
    let planned = plan(folder, &[]);
    assert_eq!(planned.status, 0, "{planned:?}");
    let applied = apply(folder, &[]);
    assert_eq!(applied.status, 0, "{applied:?}");
}

/// Makes sure that there is nothing left to do.
pub fn is_settled(folder: &Path) {
    let run = plan(folder, &["--detailed-exitcode"]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    assert!(run.stdout.contains("nothing to do"), "{}", run.stdout);
}

/// Every file below a folder with its text, by path, without what gitsm keeps for itself.
pub fn files(folder: &Path) -> std::collections::BTreeMap<String, String> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            (path, std::fs::read_to_string(entry.path()).unwrap())
        })
        .filter(|(path, _)| !path.starts_with(".gitsm/"))
        .collect()
}
