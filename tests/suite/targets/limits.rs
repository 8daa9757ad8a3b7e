//! Limits of kinds, shares of nothing, and names that name nothing.

use super::{apply, categories, is_settled, plan, publish, repository};
use crate::support::{Repository, gitsm};

/// Categories that are published, and the settings with what is written about the target.
fn published(number: usize) -> Repository {
    let repository = repository();
    repository.write("catalog/categories.toml", categories(number));
    publish(repository.path());
    repository
}

fn limit(repository: &Repository, lines: &str) {
    let settings = Repository::base().read("gitsm.toml");
    repository.write("gitsm.toml", format!("{settings}\n[target.static]\ntype = \"static\"\n{lines}\n"));
}

#[test]
fn a_share_of_nothing_is_nothing() {
    let repository = published(9);
    repository.write("catalog/categories.toml", categories(8));
    for (lines, status) in [
        ("limits.delete-share = \"0%\"", 4),
        ("limits.delete-share = \"0.0001%\"", 0),
        ("limits.update-share = \"0%\"", 0),
        ("limits.deletes = 0", 4),
        ("", 0),
    ] {
        limit(&repository, lines);
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, status, "{lines}: {run:?}");
    }
    assert_eq!(plan(repository.path(), &["--max-delete-share", "0%"]).status, 4);
    let text = categories(8).replacen("\"Extra 1\"", "\"Other\"", 1) + &categories(9)[categories(8).len()..];
    repository.write("catalog/categories.toml", text);
    for (lines, status) in [("limits.update-share = \"0%\"", 4), ("limits.update-share = \"1%\"", 0)] {
        limit(&repository, lines);
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, status, "{lines}: {run:?}");
    }
}

#[test]
fn a_name_that_nothing_has_is_said_and_its_neighbour_is_not() {
    let repository = published(2);
    for (protected, words) in [
        ("category/extra-02", "names `category/extra-02`, and there is no such object"),
        ("category/extra-1", "did you mean `category/extra-"),
    ] {
        limit(&repository, &format!("limits.protect = [\"{protected}\"]"));
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
    for protected in ["category/extra-01", "category/*", "tenant/*"] {
        limit(&repository, &format!("limits.protect = [\"{protected}\"]"));
        let status = i32::from(protected == "tenant/*");
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, status, "{protected}: {run:?}");
    }
    limit(&repository, "");
    for (pattern, status) in
        [("category/extra-02", 4), ("categroy/*", 4), ("category/extra-01", 0), ("category/*", 0)]
    {
        let run = plan(repository.path(), &["--adopt", pattern]);
        assert_eq!(run.status, status, "{pattern}: {run:?}");
    }
    let run = plan(repository.path(), &["--adopt", "categroy/*"]);
    assert!(run.stdout.contains("`--adopt categroy/*` names nothing"), "{}", run.stdout);
}

#[test]
fn a_kind_has_limits_of_its_own() {
    let repository = published(12);
    repository.write("catalog/categories.toml", categories(10));
    for (lines, status) in [
        ("limits.kind.category.deletes = 1", 4),
        ("limits.kind.category.deletes = 2", 0),
        ("limits.kind.category.delete-share = \"10%\"", 4),
        ("limits.kind.service.deletes = 0", 0),
        ("limits.deletes = 0\nlimits.kind.category.deletes = 2", 0),
        ("limits.deletes = 0\nlimits.kind.service.deletes = 2", 4),
    ] {
        limit(&repository, lines);
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, status, "{lines}: {run:?}");
    }
    limit(&repository, "limits.kind.category.deletes = 1");
    let run = plan(repository.path(), &[]);
    assert!(run.stdout.contains("target.static.limits.kind.category.deletes"), "{}", run.stdout);
    // A flag for all kinds leaves what was written about one of them; a flag for the kind does not.
    assert_eq!(plan(repository.path(), &["--max-deletes", "5"]).status, 4);
    let flag = ["--max-deletes", "category=2"];
    assert_eq!(plan(repository.path(), &flag).status, 0);
    assert_eq!(apply(repository.path(), &[]).status, 4);
    assert_eq!(apply(repository.path(), &flag).status, 0);
    is_settled(repository.path());
    let run = plan(repository.path(), &["--max-deletes", "categroy=2"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("did you mean `category`"), "{run:?}");
}

#[test]
fn a_kind_that_the_target_does_not_have_is_found() {
    let repository = repository();
    for (lines, words) in [
        ("limits.kind.categroy.deletes = 1", "did you mean `category`"),
        ("limits.kind.grant.deletes = 1", "`grant`"),
        ("limits.protect = [\"servcie/mail\"]", "did you mean `service`"),
    ] {
        limit(&repository, lines);
        let run = gitsm(&["validate"], repository.path());
        assert_eq!(run.status, 1, "{lines}: {run:?}");
        assert!(run.stdout.contains(words), "{lines}: {}", run.stdout);
    }
    for lines in
        ["limits.kind.category.deletes = 1", "limits.protect = [\"service/mail\", \"who-can-approve/*\"]"]
    {
        limit(&repository, lines);
        let run = gitsm(&["validate"], repository.path());
        assert_eq!(run.status, 0, "{lines}: {run:?}");
    }
}
