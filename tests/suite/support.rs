//! Repositories to try things in, and the real binary.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A repository in a temporary folder.
pub struct Repository(tempfile::TempDir);

/// What a run of the binary gave.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Repository {
    /// A repository without a file.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The small repository in `tests/base`.
    pub fn base() -> Self {
        let repository = Self::empty();
        copy(&root().join("tests/base"), repository.path());
        repository
    }

    /// A repository with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self::empty();
        for (path, text) in files {
            repository.write(path, text);
        }
        repository
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }
}

/// The folder of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs the binary in a folder, with nothing of this machine in its environment.
pub fn gitsm(arguments: &[&str], folder: &Path) -> Run {
    run(command(arguments, folder))
}

/// The binary, ready to run in a folder, with nothing of this machine in its environment.
pub fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitsm"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}

/// Runs a command to its end.
pub fn run(mut command: Command) -> Run {
    let output = command.output().unwrap();
    Run {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
