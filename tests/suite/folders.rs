//! Folders that are no repository, or one that cannot be looked at: what is said, and that it ends with 2.

use std::fs;

use crate::support::{Repository, Run, gitsm};

const NOW: &[&str] = &["validate", "--now", "2026-11-20T12:00:00Z"];

fn validate(repository: &Repository, more: &[&str]) -> Run {
    gitsm(&[NOW, more].concat(), repository.path())
}

#[test]
fn a_repository_without_permission_could_not_be_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::base();
    let folder = repository.path().join("catalog");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything; then there is nothing to see here.
    let is_root = fs::read_dir(&folder).is_ok();
    let run = validate(&repository, &[]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    if !is_root {
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
    assert_eq!(validate(&repository, &[]).status, 0, "with permission it is clean");
}

#[test]
fn a_folder_that_is_no_repository_says_which_one_may_be_meant() {
    let folder = Repository::empty();
    folder.write("file", "");
    folder.write("empty/file", "");
    folder.write("rules/gitsm.toml", "[project]\nname = \"Example\"\n");
    folder.write("rules/catalog/crm/mail.toml", "");
    let says = |from: &str, arguments: &[&str]| {
        gitsm(&[&["validate"], arguments].concat(), &folder.path().join(from))
    };
    for (from, arguments, expected) in [
        (
            ".",
            &[][..],
            "this folder is not a gitsm repository, because it holds no `gitsm.toml`: `gitsm init` makes one",
        ),
        (
            ".",
            &["-C", "empty"],
            "the folder `empty` is not a gitsm repository, because it holds no `gitsm.toml`: `gitsm init empty` makes one",
        ),
        (".", &["-C", "nowhere"], "there is no folder `nowhere`"),
        (".", &["-C", "file"], "`file` is not a folder: `-C` takes the one that holds `gitsm.toml`"),
        (
            ".",
            &["-C", "rules/catalog"],
            "the folder `rules/catalog` lies in a gitsm repository: run the command with `-C rules`",
        ),
        ("rules/catalog/crm", &[], "this folder lies in a gitsm repository: run the command with `-C ../..`"),
        (
            "rules/catalog/crm",
            &["-C", ".."],
            "the folder `..` lies in a gitsm repository: run the command with `-C ../..`",
        ),
    ] {
        let run = says(from, arguments);
        assert_eq!((run.status, run.stderr), (2, format!("error: {expected}\n")), "{from} {arguments:?}");
    }
}

#[test]
fn what_is_no_repository_is_not_watched() {
    let folder = Repository::empty();
    for arguments in [&["-C", "nowhere"][..], &[]] {
        let run = validate(&folder, &[arguments, &["--watch"]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}

#[test]
fn a_folder_where_none_is_expected_gets_the_flag_that_names_one() {
    let repository = Repository::base();
    let run = gitsm(&["validate", "catalog"], repository.path());
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("tip: `-C FOLDER` names the folder of the repository"), "{run:?}");
    let run = gitsm(&["validate", "elsewhere"], repository.path());
    assert!(run.status == 2 && !run.stderr.contains("-C FOLDER"), "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_matters_only_where_it_could_be_a_document() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let repository = Repository::base();
    let catalog = repository.path().join("catalog");
    fs::write(catalog.join(OsStr::from_bytes(b"plan\xff.png")), "").unwrap();
    let run = validate(&repository, &[]);
    assert_eq!(run.status, 0, "{run:?}");
    for name in [b"plan\xff.toml".as_slice(), b"plan\xff.toml.bak", b"plan\xff.TOML"] {
        let path = catalog.join(OsStr::from_bytes(name));
        fs::write(&path, "").unwrap();
        let run = validate(&repository, &[]);
        assert_eq!(run.status, 1, "{run:?}");
        assert!(run.stdout.contains("error[GS1012]: the name of the file is not UTF-8"), "{run:?}");
        fs::remove_file(path).unwrap();
    }
    // Behind a link could be a folder of documents.
    std::os::unix::fs::symlink("/", catalog.join(OsStr::from_bytes(b"plan\xff"))).unwrap();
    assert_eq!(validate(&repository, &[]).status, 1);
}
