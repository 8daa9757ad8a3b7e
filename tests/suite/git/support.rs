//! Git repositories to try things in.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::support::{Repository, Run, gitsm};

/// A Git repository in a temporary folder.
pub struct Git {
    folder: Repository,
    /// How many commits were made, so that each has a date of its own.
    commits: std::cell::Cell<u32>,
}

impl Git {
    /// A repository without a commit.
    pub fn empty() -> Self {
        Self::around(Repository::empty())
    }

    /// The small repository of `tests/base`, committed.
    pub fn base() -> Self {
        let git = Self::around(Repository::base());
        git.commit("Base");
        git
    }

    /// A Git repository around the files of a folder, without a commit.
    pub fn around(folder: Repository) -> Self {
        let git = Self { folder, commits: std::cell::Cell::new(0) };
        git.git(&["init", "--quiet", "--initial-branch=main"]);
        git
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.folder.write(path, text);
    }

    pub fn read(&self, path: &str) -> String {
        self.folder.read(path)
    }

    /// Writes a text in the place of another, which must be there once.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
        self.write(path, text.replace(from, to));
    }

    /// Runs `git`, which must succeed, and gives what it prints.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_with(arguments, b"")
    }

    /// The same, with something to read.
    pub fn git_with(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut command = git(self.path(), self.commits.get());
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("`git` is installed");
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {talk}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Commits everything, and gives the name of the commit.
    pub fn commit(&self, message: &str) -> String {
        self.commits.set(self.commits.get() + 1);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    /// Commits everything as somebody else, and gives the name of the commit.
    pub fn commit_by(&self, address: &str, message: &str) -> String {
        self.commits.set(self.commits.get() + 1);
        self.git(&["add", "--all"]);
        let mut command = git(self.path(), self.commits.get());
        command.env("GIT_AUTHOR_EMAIL", address).env("GIT_COMMITTER_EMAIL", address);
        let done =
            command.args(["commit", "--quiet", "--allow-empty", "--message", message]).status().unwrap();
        assert!(done.success(), "{message}");
        self.head()
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Writes an object from its bytes, whatever they are.
    pub fn object(&self, kind: &str, bytes: &[u8]) -> String {
        self.git_with(&["hash-object", "-t", kind, "-w", "--literally", "--stdin"], bytes)
    }

    /// A commit of a tree that was written by hand.
    pub fn commit_of(&self, tree: &str) -> String {
        self.git(&["commit-tree", tree, "-m", "By hand"])
    }

    /// Clones the repository into a temporary folder.
    pub fn clone_with(&self, arguments: &[&str]) -> Repository {
        let folder = Repository::empty();
        let from = format!("file://{}", self.path().display());
        let to = folder.path().to_str().unwrap();
        let words: Vec<&str> = ["clone", "--quiet"].iter().chain(arguments).copied().collect();
        self.git(&words.into_iter().chain([from.as_str(), to]).collect::<Vec<_>>());
        folder
    }

    /// Runs the binary in the repository, on the day for which the examples are written.
    pub fn gitsm(&self, arguments: &[&str]) -> Run {
        let mut all = arguments.to_vec();
        if !arguments.contains(&"--now") {
            all.extend(["--now", "2026-11-20T12:00:00Z"]);
        }
        gitsm(&all, self.path())
    }
}

/// `git` with nothing of this machine in its environment.
fn git(folder: &Path, commits: u32) -> Command {
    let mut command = Command::new("git");
    let date = format!("{} +0000", 1_790_000_000 + u64::from(commits) * 86_400);
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("HOME", folder)
        .env("GIT_AUTHOR_NAME", "Ana Lima")
        .env("GIT_AUTHOR_EMAIL", "ana.lima@example.com")
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_NAME", "Ben Okoro")
        .env("GIT_COMMITTER_EMAIL", "ben.okoro@example.com")
        .env("GIT_COMMITTER_DATE", &date)
        .args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
    command
}

/// The bytes of an object name.
pub fn bytes_of(id: &str) -> Vec<u8> {
    (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect()
}

/// An entry of a tree.
pub fn entry(mode: &str, name: &str, id: &str) -> Vec<u8> {
    [mode.as_bytes(), b" ", name.as_bytes(), &[0], &bytes_of(id)].concat()
}

/// The folder of a repository's objects.
pub fn objects(git: &Git) -> PathBuf {
    git.path().join(".git/objects")
}

/// The file of an object that is not packed.
pub fn loose(git: &Git, id: &str) -> PathBuf {
    objects(git).join(&id[..2]).join(&id[2..])
}
