//! Things in the folder that nobody expects there.

use std::fs;

use super::{apply, categories, is_settled, plan, plan::read, publish, small};

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_is_no_text_is_somebody_elses() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let repository = small();
    publish(repository.path());
    let folder = repository.path().join("public/v1/category");
    fs::write(folder.join(OsStr::from_bytes(b"caf\xe9.json")), "{}").unwrap();
    fs::create_dir(folder.join(OsStr::from_bytes(b"\xff"))).unwrap();
    let run = plan(repository.path(), &["--detailed-exitcode"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(read(&repository)["unmanaged"].as_array().unwrap().len(), 2);
    assert_eq!(apply(repository.path(), &[]).status, 0);
}

#[test]
fn a_folder_in_the_place_of_a_file_and_a_file_in_the_place_of_a_folder_stop_the_plan() {
    for (path, is_folder) in [
        ("public/v1", false),
        ("public/v1/category", false),
        ("public/v1/category/mail.json", true),
        ("public/index.json", true),
        ("public/v1/category/index.json", true),
    ] {
        let repository = small();
        if is_folder {
            fs::create_dir_all(repository.path().join(path)).unwrap();
        } else {
            repository.write(path, "mine");
        }
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, 4, "{path}: {run:?}");
        let words = if is_folder { "is a folder, and a file" } else { "is a file, and a folder" };
        assert!(run.stderr.contains(&format!("`{path}` {words}")), "{path}: {run:?}");
        // Taken away, it is planned.
        if is_folder {
            fs::remove_dir(repository.path().join(path)).unwrap();
        } else {
            fs::remove_file(repository.path().join(path)).unwrap();
        }
        assert_eq!(plan(repository.path(), &[]).status, 0);
    }
    // Where nothing has to be, they are somebody else's.
    let repository = small();
    fs::create_dir_all(repository.path().join("public/v1/category/other.json")).unwrap();
    repository.write("public/v1/tier", "mine");
    publish(repository.path());
    is_settled(repository.path());
}

#[test]
fn folders_among_what_gitsm_keeps_for_itself_are_in_nobodys_way() {
    let repository = small();
    for name in ["new", "state.new", "journal.new"] {
        fs::create_dir_all(repository.path().join("public/.gitsm").join(name).join("full")).unwrap();
    }
    publish(repository.path());
    is_settled(repository.path());
}

#[test]
fn a_huge_file_of_somebody_else_is_left_alone_and_one_in_the_way_is_named() {
    let repository = small();
    let huge = |path: &str| {
        let path = repository.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(path).unwrap().set_len(65 * 1024 * 1024).unwrap();
    };
    huge("public/v1/category/foreign.json");
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(read(&repository)["unmanaged"][0]["name"], "v1/category/foreign.json");
    assert_eq!(apply(repository.path(), &[]).status, 0);
    huge("public/v1/category/mail.json");
    // It is gitsm's own, so it is put right.
    assert_eq!(plan(repository.path(), &[]).status, 0);
    assert_eq!(apply(repository.path(), &[]).status, 0);
    is_settled(repository.path());
    // One that has to be made is in the way.
    repository.write("catalog/more.toml", categories(1));
    huge("public/v1/category/extra-00.json");
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("`category/extra-00` is there"), "{run:?}");
    let adopt = ["--adopt", "category/extra-00"];
    assert_eq!(plan(repository.path(), &adopt).status, 0);
    assert_eq!(apply(repository.path(), &adopt).status, 0);
    is_settled(repository.path());
}

#[test]
#[cfg(unix)]
fn a_file_that_nobody_may_read_is_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = small();
    repository.write("public/v1/category/foreign.json", "{}");
    let path = repository.path().join("public/v1/category/foreign.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    if fs::read(&path).is_ok() {
        // Whoever runs this may read everything.
        return;
    }
    publish(repository.path());
    is_settled(repository.path());
}

#[test]
fn a_folder_with_a_line_end_in_its_name_is_refused_in_one_line() {
    let repository = small();
    let run = plan(repository.path(), &["--folder", "a\nb"]);
    assert_eq!(run.status, 4, "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(run.stderr.contains("`a\\nb`"), "{run:?}");
    assert_eq!(plan(repository.path(), &["--folder", "a b"]).status, 0);
}

#[test]
#[cfg(unix)]
fn a_link_with_a_line_end_in_its_name_is_said_in_one_line() {
    let repository = small();
    fs::create_dir_all(repository.path().join("public/v1")).unwrap();
    std::os::unix::fs::symlink("/nowhere", repository.path().join("public/v1/a\nb")).unwrap();
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
}
