//! `gitsm fmt`.

use std::{fs, path::Path, process::Stdio};

use gitsm::{
    diag::FileId,
    load::layout::{LayoutError, layout},
};
use proptest::prelude::*;

use crate::support::{Repository, gitsm, root};

const SETTINGS: &str = "[project]\nname = \"Example\"\n";

/// Every document of this repository with its text.
fn documents() -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for folder in ["catalog", "policies", "examples", "tests/base", "tests/taplo"] {
        let folder = root().join(folder);
        if !folder.exists() {
            continue;
        }
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let path = entry.unwrap().into_path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                documents.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(documents.len() >= 60, "{} documents", documents.len());
    documents
}

#[test]
fn documents_of_this_repository_are_laid_out() {
    for (path, text) in documents() {
        match layout(FileId(0), &text) {
            Ok(laid_out) => assert_eq!(laid_out, text, "{path}"),
            Err(error) => panic!("{path}: {error:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Documents that people have moved about: layout settles at once, and says what was said.
    #[test]
    fn layout_settles_and_says_the_same(
        document in any::<proptest::sample::Index>(),
        moves in prop::collection::vec((any::<proptest::sample::Index>(), 0..6_u8), 0..12),
    ) {
        let documents = documents();
        let (path, text) = document.get(&documents);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (line, change) in moves {
            let line = line.get_mut(&mut lines);
            *line = match change {
                0 => format!("{line}  "),
                1 => format!("  {line}"),
                2 => line.replacen(" = ", "=", 1),
                3 => line.replacen(" = ", "   =  ", 1),
                4 => format!("\n\n\n{line}"),
                _ => line.replacen(", ", ",", 1),
            };
        }
        let moved = lines.join("\n");
        let Ok(before) = moved.parse::<toml::Table>() else { return Ok(()) };
        match layout(FileId(0), &moved) {
            Ok(once) => {
                prop_assert_eq!(layout(FileId(0), &once).unwrap(), once.clone(), "{}", path);
                prop_assert_eq!(once.parse::<toml::Table>().unwrap(), before, "{}", path);
            }
            Err(LayoutError::Syntax(found)) => prop_assert!(!found.is_empty()),
            Err(LayoutError::Changed) => prop_assert!(false, "{} cannot be laid out:\n{}", path, moved),
        }
    }
}

fn repository() -> Repository {
    Repository::with(&[
        ("gitsm.toml", SETTINGS),
        ("catalog/tidy.toml", "[tenant.a]\nname = \"A\" # why\n"),
        (
            "catalog/untidy.toml",
            "[tenant.b]\nname=\"B\"   # kept\n\n\n\n\n# and this\n[tenant.c]\n  name = \"C\"",
        ),
        ("catalog/notes.txt", "a=1"),
        ("elsewhere/untidy.toml", "a=1\n"),
    ])
}

const TIDY: &str = "[tenant.b]\nname = \"B\" # kept\n\n# and this\n[tenant.c]\nname = \"C\"\n";

#[test]
fn documents_are_laid_out_in_place_and_nothing_else_is_touched() {
    let repository = repository();
    let run = gitsm(&["fmt"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (0, "catalog/untidy.toml\n"), "{}", run.stderr);
    assert_eq!(run.stderr, "1 of 3 files laid out\n");
    assert_eq!(repository.read("catalog/untidy.toml"), TIDY);
    assert_eq!(repository.read("elsewhere/untidy.toml"), "a=1\n");
    assert_eq!(repository.read("catalog/notes.txt"), "a=1");
    let run = gitsm(&["fmt"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (0, ""));
    let left: Vec<_> = fs::read_dir(repository.path().join("catalog")).unwrap().collect();
    assert_eq!(left.len(), 3, "no temporary file is left");
}

#[test]
fn check_and_diff_write_nothing_and_fail() {
    let repository = repository();
    let before = repository.read("catalog/untidy.toml");
    let run = gitsm(&["fmt", "--check"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (1, "catalog/untidy.toml\n"));
    let run = gitsm(&["fmt", "--diff"], repository.path());
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("--- a/catalog/untidy.toml\n+++ b/catalog/untidy.toml\n"), "{}", run.stdout);
    for line in ["-name=\"B\"   # kept", "+name = \"B\" # kept", " # and this"] {
        assert!(run.stdout.lines().any(|shown| shown == line), "{line}:\n{}", run.stdout);
    }
    assert_eq!(repository.read("catalog/untidy.toml"), before);
    assert_eq!(gitsm(&["fmt", "--check", "catalog/tidy.toml"], repository.path()).status, 0);
}

#[test]
fn only_what_is_asked_for() {
    let repository = repository();
    repository.write("policies/untidy.toml", "[tenant.d]\nname=\"D\"\n");
    let run = gitsm(&["fmt", "--check", "policies"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (1, "policies/untidy.toml\n"));
    let below = repository.path().join("policies");
    let run = gitsm(&["fmt", "-C", "..", "--check", "untidy.toml"], &below);
    assert_eq!((run.status, run.stdout.as_str()), (1, "policies/untidy.toml\n"), "{}", run.stderr);
    // Below the repository as well, and shown as it can be followed from where the command runs.
    let above = repository.path().parent().unwrap();
    let name = repository.path().file_name().unwrap().to_str().unwrap();
    for path in ["policies", "policies/untidy.toml", &format!("{name}/policies")] {
        let run = gitsm(&["fmt", "-C", name, "--check", path], above);
        assert_eq!((run.status, run.stdout), (1, format!("{name}/policies/untidy.toml\n")), "{}", run.stderr);
    }
    for path in ["elsewhere", "elsewhere/untidy.toml", "catalog/notes.txt", "nowhere", "/"] {
        let run = gitsm(&["fmt", path], repository.path());
        let wanted = if path == "/" { 0 } else { 2 };
        assert_eq!(run.status, wanted, "{path}: {}", run.stderr);
        assert_eq!(repository.read("elsewhere/untidy.toml"), "a=1\n");
    }
}

#[test]
fn files_that_are_not_toml_are_reported_and_left_alone() {
    let repository = repository();
    let broken = "[tenant.x]\nname = \n y=1\n";
    repository.write("catalog/broken.toml", broken);
    repository.write("catalog/mark.toml", "\u{feff}a=1\n");
    let run = gitsm(&["fmt"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (1, "catalog/untidy.toml\n"));
    assert!(run.stderr.contains("GS1006") && run.stderr.contains("catalog/broken.toml:2"), "{}", run.stderr);
    assert!(run.stderr.contains("GS1002"), "{}", run.stderr);
    assert!(run.stderr.ends_with("1 of 5 files laid out, 2 files left alone\n"), "{}", run.stderr);
    assert_eq!(repository.read("catalog/broken.toml"), broken);
    assert_eq!(repository.read("catalog/mark.toml"), "\u{feff}a=1\n");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let repository = repository();
    let path = repository.path().join("catalog/untidy.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../elsewhere/untidy.toml", repository.path().join("catalog/link.toml")).unwrap();
    // What could not be done is not passed over.
    let run = gitsm(&["fmt"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, "catalog/untidy.toml\n"), "{run:?}");
    assert!(
        run.stderr.contains("error: catalog/link.toml: a symbolic link, which is never followed\n"),
        "{run:?}"
    );
    assert!(run.stderr.ends_with("1 of 4 files laid out, 1 file left alone\n"), "{run:?}");
    assert_eq!(gitsm(&["fmt", "catalog/link.toml"], repository.path()).status, 2);
    assert_eq!(gitsm(&["fmt", "--check", "catalog/tidy.toml"], repository.path()).status, 0);
    fs::remove_file(repository.path().join("catalog/link.toml")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(repository.path().join("catalog/pipe.toml")).unwrap();
    let run = gitsm(&["fmt"], repository.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("error: catalog/pipe.toml: a pipe or device\n"), "{run:?}");
    drop(socket);
    fs::remove_file(repository.path().join("catalog/pipe.toml")).unwrap();
    assert_eq!(gitsm(&["fmt"], repository.path()).status, 0);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(repository.read("elsewhere/untidy.toml"), "a=1\n");
}

#[test]
fn outside_a_repository_there_is_nothing_to_lay_out() {
    let folder = Repository::empty();
    let run = gitsm(&["fmt"], folder.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("gitsm init"), "{}", run.stderr);
}

fn through_standard_input(arguments: &[&str], input: &[u8], folder: &Path) -> (i32, String, String) {
    use std::io::Write as _;
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_gitsm"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Repository::empty();
    let run = |arguments: &[&str], input: &str| {
        through_standard_input(&[&["fmt", "-"], arguments].concat(), input.as_bytes(), folder.path())
    };
    assert_eq!(run(&[], "a=1"), (0, "a = 1\n".to_owned(), String::new()));
    assert_eq!(run(&[], "a = 1\n"), (0, "a = 1\n".to_owned(), String::new()));
    assert_eq!(run(&["--check"], "a=1"), (1, String::new(), String::new()));
    assert_eq!(run(&["--check"], "a = 1\n"), (0, String::new(), String::new()));
    let (status, stdout, stderr) = run(&[], "a = \n");
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.contains("GS1006"), "{stderr}");
    let (status, stdout, _) = through_standard_input(&["fmt", "-"], b"a = \"\xff\"\n", folder.path());
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert_eq!(gitsm(&["fmt", "-", "catalog"], folder.path()).status, 2);
}
