//! The small repositories in `examples/`: each validates without a word and says what it is about.

use std::{fs, path::PathBuf};

use crate::support::{Repository, copy, gitsm, root};

fn examples() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("gitsm.toml").exists())
        .collect();
    found.sort();
    found
}

#[test]
fn every_example_validates_without_a_warning() {
    let examples = examples();
    assert!(examples.len() >= 8, "{examples:?}");
    let arguments = ["validate", "--deny-warnings", "--now", "2026-11-20T12:00:00Z", "--format", "json"];
    let mut failures = Vec::new();
    for example in examples {
        let run = gitsm(&arguments, &example);
        let report: serde_json::Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}\n{run:#?}", example.display()));
        if run.status != 0 || report["findings"] != serde_json::json!([]) {
            failures.push(format!("{}\n{}{}", example.display(), run.stdout, run.stderr));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_example_has_a_readme_and_its_documents_name_their_schema() {
    for example in examples() {
        let readme = fs::read_to_string(example.join("README.md")).unwrap();
        assert!(readme.starts_with("# ") && readme.lines().count() < 60, "{}", example.display());
        for entry in walkdir::WalkDir::new(&example) {
            let path = entry.unwrap().into_path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let header = text.lines().next().unwrap_or_default();
            let schema = header.strip_prefix("#:schema ").unwrap_or_else(|| panic!("{}", path.display()));
            let file = schema.rsplit('/').next().unwrap();
            let known = gitsm::model::schema::all();
            assert!(known.iter().any(|(name, _)| name == file), "{}: {schema}", path.display());
            let folder = path.parent().unwrap().join(schema.strip_suffix(file).unwrap());
            let schemas = root().join("schemas");
            let same = folder.components().collect::<PathBuf>();
            assert_eq!(normal(&same), schemas, "{}: {schema}", path.display());
        }
    }
}

/// A path without `..`.
fn normal(path: &std::path::Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        if part == std::path::Component::ParentDir {
            normal.pop();
        } else {
            normal.push(part);
        }
    }
    normal
}

#[test]
fn the_import_of_the_example_gives_the_catalogue_that_is_there() {
    let repository = Repository::empty();
    copy(&root().join("examples/import-csv"), repository.path());
    let import = ["import", "csv", "services.csv", "--kind", "service", "--map", "services.map.toml"];
    let there = repository.read("catalog/services.toml");
    let run = gitsm(&[&import[..], &["--dry-run"]].concat(), repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:#?}");
    assert!(run.stderr.contains("0 created, 0 updated"), "{}", run.stderr);
    fs::remove_file(repository.path().join("catalog/services.toml")).unwrap();
    let run = gitsm(&import, repository.path());
    assert_eq!(run.status, 0, "{run:#?}");
    let body = there.split_once("\n\n").unwrap().1;
    assert_eq!(repository.read("catalog/services.toml"), body);
}
