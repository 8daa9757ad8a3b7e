//! What is remembered about a history never changes what is said about it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::support::{Git, loose};
use crate::support::{Repository, Run, command, run};

/// How many commits are worth remembering.
const COMMITS: usize = 70;

/// A history of commits that each change the members of a team, whose objects lie in a file each.
fn history() -> Git {
    let git = Git::empty();
    let mut stream = String::new();
    for number in 0..COMMITS {
        let (team, date) = (number % 3, 1_790_000_000 + number * 60);
        let text = format!("[team.team-{team}]\nname = \"Team {team}\"\nmembers = [\"u{number}\"]\n");
        stream += &format!(
            "commit refs/heads/main\ncommitter Ana Lima <ana.lima@example.com> {date} +0000\ndata 6\nChange\n\
             M 100644 inline catalog/team-{team}.toml\ndata {}\n{text}\n",
            text.len()
        );
        if number == 0 {
            let settings = "[project]\nname = \"Teams\"\nroots = [\"catalog\"]\n";
            stream += &format!("M 100644 inline gitsm.toml\ndata {}\n{settings}\n", settings.len());
        }
    }
    git.git_with(&["-c", "fastimport.unpackLimit=100000", "fast-import", "--quiet"], stream.as_bytes());
    git
}

fn log(git: &Git, cache: &Path, arguments: &[&str]) -> Run {
    let mut command = command(&[&["log", "--format", "json"], arguments].concat(), git.path());
    command.env("XDG_CACHE_HOME", cache);
    run(command)
}

/// The one file of the cache.
fn file(cache: &Path) -> PathBuf {
    let files: Vec<PathBuf> =
        fs::read_dir(cache.join("gitsm")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn what_is_remembered_is_what_was_worked_out() {
    let (git, cache) = (history(), Repository::empty());
    let cold = log(&git, cache.path(), &["--no-cache"]);
    assert_eq!((cold.status, cold.stdout.lines().count()), (0, COMMITS), "{}", cold.stderr);
    assert!(!cache.path().join("gitsm").exists());
    assert_eq!(log(&git, cache.path(), &[]), cold);
    let kept = fs::read(file(cache.path())).unwrap();
    assert_eq!(log(&git, cache.path(), &[]), cold);
    assert_eq!(fs::read(file(cache.path())).unwrap(), kept, "nothing was new");
    // It is really looked at: what it stands for need not be there any more.
    let blob = git.git(&["rev-parse", "main~30:catalog/team-0.toml"]);
    fs::remove_file(loose(&git, &blob)).unwrap();
    assert_eq!(log(&git, cache.path(), &[]), cold);
    let run = log(&git, cache.path(), &["--no-cache"]);
    let missing = format!("the file {blob} is missing from this clone");
    assert!(run.status == 6 && run.stdout.contains(&missing), "{}", run.stdout);
    fs::remove_dir_all(cache.path().join("gitsm")).unwrap();
    assert_eq!(log(&git, cache.path(), &[]), run);
}

#[test]
fn a_damaged_or_foreign_cache_is_none() {
    let (git, cache) = (history(), Repository::empty());
    let cold = log(&git, cache.path(), &[]);
    let path = file(cache.path());
    let good = fs::read(&path).unwrap();
    let is_the_same = |what: &str| assert_eq!(log(&git, cache.path(), &[]), cold, "{what}");
    for at in (0..good.len()).step_by(good.len() / 20) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        is_the_same(&format!("byte {at}"));
    }
    for length in [0, 10, 50, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..length]).unwrap();
        is_the_same(&format!("{length} bytes"));
    }
    // What another build remembered, whatever it says.
    let text = String::from_utf8_lossy(&good).replacen("gitsm cache 1 ", "gitsm cache 1 0", 1);
    fs::write(&path, text).unwrap();
    is_the_same("another build");
    fs::write(&path, b"gitsm").unwrap();
    is_the_same("no cache");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        // A forged answer with a name that fits would be believed, so nobody else may write one.
        let forged = String::from_utf8_lossy(&good).replace("Team", "Taem");
        fs::write(&path, &good).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        is_the_same("a file that everybody can write");
        let elsewhere = cache.path().join("elsewhere");
        fs::write(&elsewhere, forged).unwrap();
        fs::remove_file(&path).unwrap();
        symlink(&elsewhere, &path).unwrap();
        is_the_same("a link");
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink(), "nothing was written");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    is_the_same("a folder");
    fs::remove_dir_all(cache.path().join("gitsm")).unwrap();
    fs::write(cache.path().join("gitsm"), "a file").unwrap();
    is_the_same("no folder");
}

#[test]
fn a_repository_brings_no_cache() {
    let git = history();
    // Where the cache folder is no absolute path, or there is none, nothing is remembered.
    for (name, value) in [("XDG_CACHE_HOME", "."), ("HOME", ".git"), ("XDG_CACHE_HOME", "")] {
        let mut command = command(&["log"], git.path());
        command.env(name, value);
        assert_eq!(run(command).status, 0);
        assert!(!git.path().join("gitsm").exists() && !git.path().join(".git/.cache").exists());
    }
}
