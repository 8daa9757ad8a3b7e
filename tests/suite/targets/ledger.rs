//! What gitsm remembers as its own: an object that is neither wanted nor there is somebody else's when it comes back.

use std::fs;

use super::{Stopped, apply, files, is_settled, plan, plan::read, publish, small};
use crate::support::Repository;

const EXTRA: &str = "\n[category.extra]\nname = \"Extra\"\nfunction = \"it\"\n";
const FILE: &str = "public/v1/category/extra.json";

/// The small repository with one more category, published; then the category is taken out of the rulebook, and its file
/// is gone.
fn without_its_extra() -> Repository {
    let repository = small();
    repository.write("catalog/extra.toml", EXTRA);
    publish(repository.path());
    repository.write("catalog/extra.toml", "");
    fs::remove_file(repository.path().join(FILE)).unwrap();
    repository
}

/// What somebody else puts there is not deleted.
fn stays(repository: &Repository) {
    repository.write(FILE, "{\"mine\": true}");
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let plan = read(repository);
    let unmanaged = plan["unmanaged"].as_array().unwrap();
    assert!(unmanaged.iter().any(|one| one["name"] == "v1/category/extra.json"), "{plan:#}");
    assert_eq!(plan["summary"]["total"]["delete"], 0);
    apply(repository.path(), &[]);
    assert_eq!(repository.read(FILE), "{\"mine\": true}");
}

#[test]
fn what_is_gone_is_forgotten_by_an_apply_with_nothing_to_do() {
    // Somebody has set the folder right already, file by file.
    let reference = small();
    publish(reference.path());
    let repository = without_its_extra();
    for (path, text) in files(&reference.path().join("public")) {
        repository.write(&format!("public/{path}"), text);
    }
    is_settled(repository.path());
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(!repository.read("public/.gitsm/state.json").contains("category/extra"));
    stays(&repository);
}

#[test]
fn what_is_gone_is_forgotten_by_an_apply_that_ends_in_the_middle() {
    let repository = without_its_extra();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let stopped = Stopped::at(repository.path(), "intended:1");
    repository.write("public/v1/category/index.json", "somebody else");
    let run = stopped.go();
    assert_eq!(run.status, 5, "{run:?}");
    stays(&repository);
}

#[test]
fn what_is_there_and_not_wanted_is_still_known_after_an_apply_that_ends_in_the_middle() {
    let repository = small();
    repository.write("catalog/extra.toml", EXTRA);
    publish(repository.path());
    repository.write("catalog/extra.toml", "");
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let stopped = Stopped::at(repository.path(), "intended:1");
    repository.write("public/v1/category/index.json", "somebody else");
    assert_eq!(stopped.go().status, 5);
    assert!(repository.path().join(FILE).exists(), "its index was not written, so it was not deleted");
    publish(repository.path());
    assert!(!repository.path().join(FILE).exists());
    is_settled(repository.path());
}

#[test]
fn an_apply_with_nothing_to_do_ends_what_was_interrupted() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    Stopped::at(repository.path(), "finished:1").kill();
    let run = plan(repository.path(), &[]);
    assert!(run.stderr.contains("ended in the middle"), "{run:?}");
    assert_eq!(apply(repository.path(), &[]).status, 0);
    let run = plan(repository.path(), &[]);
    assert!(!run.stderr.contains("ended in the middle"), "{run:?}");
    // And what it made is its own.
    repository.write("catalog/a.toml", repository.read("catalog/a.toml").replace("\"Mail\"", "\"Post\""));
    assert_eq!(plan(repository.path(), &[]).status, 0);
    assert_eq!(read(&repository)["summary"]["total"]["adopt"], 0);
}
