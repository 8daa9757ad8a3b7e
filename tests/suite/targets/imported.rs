//! `gitsm import target`: what it takes over, where it writes, and from whom.

use std::fs;

use super::{plan, publish, repository, small};
use crate::support::{Repository, Run, gitsm};

fn import(repository: &Repository, more: &[&str]) -> Run {
    gitsm(&[&["import", "target", "--target", "static"], more].concat(), repository.path())
}

/// A published repository whose documents are gone.
fn emptied() -> Repository {
    let repository = small();
    publish(repository.path());
    fs::remove_file(repository.path().join("catalog/a.toml")).unwrap();
    repository
}

#[test]
#[cfg(unix)]
fn no_document_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    let repository = emptied();
    symlink(outside.path(), repository.path().join("catalog/elsewhere")).unwrap();
    symlink(outside.path().join("new.toml"), repository.path().join("catalog/link.toml")).unwrap();
    for path in ["catalog/elsewhere/a.toml", "catalog/link.toml"] {
        let run = import(&repository, &["--out", path]);
        assert_eq!(run.status, 2, "{path}: {run:?}");
        assert!(run.stderr.contains("link") || run.stderr.contains("is there already"), "{path}: {run:?}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    let run = import(&repository, &["--out", "catalog/new/a.toml"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(repository.read("catalog/new/a.toml").contains("[category.mail]"));
}

#[test]
fn a_folder_of_another_repository_is_not_imported() {
    let repository = emptied();
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", settings.replace("Small", "Other"));
    let run = import(&repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("holds what the repository `Small` says"), "{run:?}");
    repository.write("gitsm.toml", settings);
    assert_eq!(import(&repository, &[]).status, 0);
}

#[test]
fn files_of_others_do_not_keep_the_rest_from_being_taken_over() {
    let repository = emptied();
    for (name, text) in [
        ("text", "no JSON"),
        ("bare", "{}"),
        ("words", "{\"fields\": \"words\"}"),
        ("nothing", "{\"fields\": null}"),
        ("hole", "{\"fields\": {\"name\": \"Hole\", \"function\": \"it\", \"tags\": [null]}}"),
        ("large", "{\"fields\": {\"name\": \"Large\", \"function\": \"it\", \"x\": 18446744073709551615}}"),
    ] {
        repository.write(&format!("public/v1/category/{name}.json"), text);
    }
    repository.write("public/v1/category/bytes.json", b"\xff");
    repository.write(
        "public/v1/category/good.json",
        "{\"fields\": {\"name\": \"Good\", \"function\": \"it\", \"owner\": null}}",
    );
    let run = import(&repository, &[]);
    assert_eq!(run.status, 1, "{run:?}");
    for name in ["text", "bare", "words", "nothing", "hole", "large", "bytes"] {
        assert!(run.stderr.contains(&format!("`category/{name}` is no document")), "{name}: {run:?}");
    }
    let text = repository.read("catalog/imported-static.toml");
    assert!(text.contains("[category.mail]") && text.contains("[category.good]"), "{text}");
    assert_eq!(gitsm(&["validate"], repository.path()).status, 0);
}

#[test]
fn what_is_not_published_of_an_object_is_no_difference() {
    let repository = repository();
    repository.write(
        "catalog/more.toml",
        "[tenant.acme]\nname = \"Acme\"\n\n[team.field]\nname = \"Field\"\nmembers = [\"ana\"]\nlead = \"ana\"\ntenant = \"acme\"\n",
    );
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    publish(repository.path());
    let run = import(&repository, &[]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn a_file_that_no_document_can_be_is_left_out_and_the_others_are_not() {
    let repository = emptied();
    let deep = |depth: usize| {
        let (open, close) = ("{\"a\": ".repeat(depth), "}".repeat(depth));
        format!("{{\"fields\": {{\"name\": \"Deep\", \"function\": \"it\", \"x\": {open}1{close}}}}}")
    };
    repository.write("public/v1/category/deep.json", deep(100));
    let run = import(&repository, &[]);
    assert_eq!(run.status, 1, "{run:?}");
    let left: Vec<&str> = run.stderr.lines().filter(|line| line.contains("is no document")).collect();
    assert_eq!(left, ["`category/deep` is no document as it is, and was left out"]);
    let text = repository.read("catalog/imported-static.toml");
    assert!(text.contains("[category.mail]") && text.contains("[team.desk]"), "{text}");
}
