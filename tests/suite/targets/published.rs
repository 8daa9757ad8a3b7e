//! What the `static` target publishes, how it writes, and what it refuses to write to.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::{CLOCK, NOW, apply, files, is_settled, plan, publish, repository};
use crate::support::{Repository, gitsm, root};

fn json(files: &BTreeMap<String, String>, path: &str) -> Value {
    serde_json::from_str(files.get(path).unwrap_or_else(|| panic!("{path} is published"))).unwrap()
}

#[test]
fn the_interface_leads_from_its_index_to_everything_and_follows_its_schemas() {
    let repository = repository();
    publish(repository.path());
    let files = files(&repository.path().join("public"));
    let index = json(&files, "index.json");
    assert_eq!((&index["api-version"], &index["name"]), (&1.into(), &"Example".into()));
    assert_eq!(index.get("commit"), None);
    let mut reached = vec!["index.json".to_owned()];
    let mut check = |reference: &Value| {
        let path = reference["path"].as_str().unwrap().to_owned();
        assert_eq!(reference["digest"], gitsm::source::digest(files[&path].as_bytes()), "{path}");
        let value = json(&files, &path);
        reached.push(path);
        value
    };
    for kind in index["kinds"].as_array().unwrap() {
        let schema = check(&kind["schema"]);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let list = check(&kind["index"]);
        assert_eq!((&list["count"], &list["kind"]), (&kind["count"], &kind["kind"]));
        let objects = list["objects"].as_array().unwrap();
        assert_eq!(kind["count"], objects.len());
        for entry in objects {
            let object = check(entry);
            let errors: Vec<String> = validator.iter_errors(&object).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{entry}");
            assert_eq!((&object["id"], &object["kind"]), (&entry["id"], &kind["kind"]));
            let mut wrong = object.clone();
            wrong["api-version"] = 2.into();
            assert!(!validator.is_valid(&wrong), "the schema can say no");
        }
    }
    reached.sort();
    assert_eq!(
        reached,
        files.keys().cloned().collect::<Vec<_>>(),
        "nothing is published that no index names"
    );
    let mail = json(&files, "v1/service/mail.json");
    assert_eq!(mail["resolved"]["sla"], "standard");
    assert_eq!(mail["resolved"]["availability"], "99.5%");
    assert!(files.keys().any(|path| path.starts_with("v1/who-can-approve/")));
}

#[test]
fn of_people_only_the_id_and_the_name_are_published_and_only_of_those_who_are_named() {
    let run = gitsm(&["show", "person", "--format", "json"], &root());
    let people: Value = serde_json::from_str(&run.stdout).unwrap();
    let people = people["objects"]["list"].as_array().unwrap();
    let folder = Repository::empty();
    crate::support::copy(&root().join("catalog"), &folder.path().join("catalog"));
    crate::support::copy(&root().join("policies"), &folder.path().join("policies"));
    fs::copy(root().join("gitsm.toml"), folder.path().join("gitsm.toml")).unwrap();
    let run = gitsm(&["plan", "--target", "static", "--now", NOW, "--out", "plan.json"], folder.path());
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(apply(folder.path(), &[]).status, 0);
    let files = files(&folder.path().join("site"));
    let published = files.keys().filter(|path| path.starts_with("v1/person/")).count() - 1;
    assert!(published > 10 && published < people.len(), "{published} of {}", people.len());
    let all: String = files.values().cloned().collect();
    for person in people {
        for field in ["email", "cost-centre", "start"] {
            let value = &person["fields"][field];
            if let Some(value) = value.as_str().filter(|value| field == "email" && !value.is_empty()) {
                assert!(!all.contains(value), "{field} of {} is published", person["id"]);
            }
        }
        let path = format!("v1/person/{}.json", person["id"].as_str().unwrap());
        if files.contains_key(&path) {
            let fields = json(&files, &path)["fields"].clone();
            assert_eq!(fields.as_object().unwrap().keys().collect::<Vec<_>>(), ["name"]);
        }
    }
    for kind in ["grant", "review", "exception", "scenario", "supplier-contract"] {
        assert!(!files.keys().any(|path| path.contains(&format!("/{kind}/"))), "{kind} is published");
    }
}

#[test]
fn ids_that_some_systems_cannot_have_as_file_names_are_published_and_come_back() {
    let ids = ["con", "con.mail", "nul", "index", "index.a", "com1", "a".repeat(64).as_str(), "a..b", "a_"]
        .map(str::to_owned);
    let text: String =
        ids.iter().map(|id| format!("[category.\"{id}\"]\nname = \"{id}\"\nfunction = \"it\"\n\n")).collect();
    let repository =
        Repository::with(&[("gitsm.toml", "[project]\nname = \"Small\"\n"), ("catalog/a.toml", &text)]);
    publish(repository.path());
    is_settled(repository.path());
    let names = files(&repository.path().join("public"));
    for path in [
        "v1/category/con=.json",
        "v1/category/con=.mail.json",
        "v1/category/index=.json",
        "v1/category/index.json",
    ] {
        assert!(names.contains_key(path), "{path}: {:?}", names.keys());
    }
    repository.write("catalog/a.toml", text.replacen("name = \"con\"", "name = \"no\"", 1));
    publish(repository.path());
    is_settled(repository.path());
}

#[test]
fn a_folder_that_leads_elsewhere_is_refused() {
    let repository = repository();
    for (folder, words) in [
        ("..", "leads upwards"),
        (".", "is the repository itself"),
        ("a/../..", "leads upwards"),
        (".git/refs", "keeps for itself"),
        ("a/.GITSM", "keeps for itself"),
    ] {
        let run = plan(repository.path(), &["--folder", folder]);
        assert_eq!(run.status, 4, "{folder}: {run:?}");
        assert!(run.stderr.contains(words), "{folder}: {}", run.stderr);
    }
    for folder in ["out", "a/b", "./c"] {
        assert_eq!(plan(repository.path(), &["--folder", folder]).status, 0, "{folder}");
        // Where it is written is said again where it is written.
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 4, "{folder}: {run:?}");
        assert!(run.stderr.contains("--folder"), "{run:?}");
        assert_eq!(apply(repository.path(), &["--folder", "other"]).status, 4, "{folder}");
        assert_eq!(apply(repository.path(), &["--folder", folder]).status, 0, "{folder}");
        assert!(repository.path().join(folder).join("index.json").is_file());
    }
}

#[test]
#[cfg(unix)]
fn a_link_is_never_followed() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    for (link, words) in [
        ("public", "is a link or lies behind one"),
        ("public/v1", "`public/v1` is a link"),
        ("public/v1/service", "`public/v1/service` is a link"),
        ("public/index.json", "`public/index.json` is a link"),
        ("public/.gitsm", "holds a link"),
    ] {
        let repository = repository();
        let path = repository.path().join(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(outside.path(), &path).unwrap();
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, 4, "{link}: {run:?}");
        assert!(run.stderr.contains(words), "{link}: {}", run.stderr);
        fs::remove_file(&path).unwrap();
        assert_eq!(plan(repository.path(), &[]).status, 0, "{link}");
        // Put there after the plan was made.
        symlink(outside.path(), &path).unwrap();
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 4, "{link}: {run:?}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    // A link beside what is gitsm's own is somebody's, and stays.
    let repository = repository();
    fs::create_dir_all(repository.path().join("public")).unwrap();
    symlink(outside.path(), repository.path().join("public/assets")).unwrap();
    publish(repository.path());
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_one_that_can_is_written() {
    let repository = repository();
    plan(repository.path(), &[]);
    repository.write("public", "a file is in the way");
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("`public` is a file, and a folder has to be there"), "{}", run.stderr);
    fs::remove_file(repository.path().join("public")).unwrap();
    assert_eq!(apply(repository.path(), &[]).status, 0);
}

#[test]
#[cfg(unix)]
fn files_that_cannot_be_written_to_their_end_fail_and_the_rest_is_done() {
    let repository = repository();
    plan(repository.path(), &[]);
    // A limit on the size of files does what a full disk does, for the large files alone.
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec '{}' apply plan.json --now {NOW} --format json",
        env!("CARGO_BIN_EXE_gitsm")
    );
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", &script]).current_dir(repository.path()).env_clear().env(CLOCK, NOW);
    let run = crate::support::run(command);
    assert_eq!(run.status, 5, "{run:?}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let number = |field: &str| report[field].as_u64().unwrap();
    assert!(number("applied") > 10 && number("failed") > 0, "{report:#}");
    assert_eq!(number("planned"), number("applied") + number("failed") + number("skipped"));
    let problem = &report["problems"][0];
    assert!(problem["reason"].as_str().unwrap().contains("cannot write `public/"), "{problem}");
    // The index of everything was not written, because it would name what is not there.
    assert!(!repository.path().join("public/index.json").exists());
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    is_settled(repository.path());
}

#[test]
fn the_folder_has_the_same_bytes_wherever_it_is_made() {
    let (one, other) = (repository(), repository());
    publish(one.path());
    publish(other.path());
    assert_eq!(files(&one.path().join("public")), files(&other.path().join("public")));
}
