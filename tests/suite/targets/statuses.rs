//! How commands end, and what they do not write over.

use std::{fs, process::Command};

use super::{CLOCK, NOW, apply, is_settled, plan, small};

#[test]
#[cfg(target_os = "linux")]
fn an_apply_whose_result_nobody_can_read_ends_as_it_went() {
    for format in ["human", "json"] {
        let repository = small();
        assert_eq!(plan(repository.path(), &[]).status, 0);
        let script = format!(
            "exec '{}' apply plan.json --now {NOW} --format {format} > /dev/full",
            env!("CARGO_BIN_EXE_gitsm")
        );
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script]).current_dir(repository.path()).env_clear().env(CLOCK, NOW);
        let run = crate::support::run(command);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stderr.contains("the result cannot be written"), "{run:?}");
        assert!(run.stderr.contains("10 of 10 operations were done"), "{run:?}");
        is_settled(repository.path());
    }
}

#[test]
fn what_is_no_plan_is_refused_and_what_is_not_there_cannot_be_applied() {
    let repository = small();
    assert_eq!(plan(repository.path(), &[]).status, 0);
    let text = repository.read("plan.json");
    for broken in ["", "{}", "[]", "nonsense", &text[..text.len() / 2], &format!("{text}{text}")] {
        repository.write("plan.json", broken);
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stderr.contains("nothing was applied"), "{run:?}");
    }
    repository.write("plan.json", b"\xff");
    assert_eq!(apply(repository.path(), &[]).status, 4);
    fs::remove_file(repository.path().join("plan.json")).unwrap();
    assert_eq!(apply(repository.path(), &[]).status, 2);
    repository.write("plan.json", text);
    assert_eq!(apply(repository.path(), &[]).status, 0);
}

#[test]
fn a_plan_takes_the_place_of_a_plan_and_of_nothing_else() {
    let repository = small();
    for (name, before, may) in [
        ("new.json", None, true),
        ("empty.json", Some(""), true),
        ("data.json", Some("{\"mine\": true}"), false),
        ("catalog/a.toml", Some("[category.mail]\nname = \"Mail\"\nfunction = \"it\"\n"), false),
    ] {
        if let Some(text) = before {
            repository.write(name, text);
        }
        let run = plan(repository.path(), &["--out", name]);
        assert_eq!(run.status, if may { 0 } else { 2 }, "{name}: {run:?}");
        if may {
            assert!(repository.read(name).contains("\"checksum\""), "{name}");
            // Over itself, and over one that somebody edited.
            assert_eq!(plan(repository.path(), &["--out", name]).status, 0);
            let text = repository.read(name);
            repository.write(name, text.replacen("\"create\": 1", "\"create\": 7", 1));
            assert_eq!(plan(repository.path(), &["--out", name]).status, 0);
        } else {
            assert!(run.stderr.contains("is there already and is no plan"), "{run:?}");
            assert_eq!(repository.read(name), before.unwrap());
        }
    }
    assert_eq!(plan(repository.path(), &["--out", "catalog"]).status, 2);
}

#[test]
#[cfg(unix)]
fn no_plan_is_written_through_a_link() {
    let repository = small();
    assert_eq!(plan(repository.path(), &["--out", "other.json"]).status, 0);
    std::os::unix::fs::symlink("other.json", repository.path().join("link.json")).unwrap();
    let before = repository.read("other.json");
    let run = plan(repository.path(), &["--out", "link.json"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert_eq!(repository.read("other.json"), before);
}
