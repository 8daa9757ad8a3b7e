//! Plans, applying them, drift and imports: the conformance of every target, and the `static` one through the binary.

mod apply;
mod conformance;
mod doubtful;
mod entrusted;
mod forged;
mod imported;
mod github;
mod kill;
mod ledger;
mod limits;
mod meddling;
mod owner;
mod places;
mod plan;
mod proxy;
mod published;
mod request_tracker;
mod scim;
mod secrets;
mod servicenow;
mod shared;
mod shown;
mod stand_in;
mod statuses;
mod strange;

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStderr, Stdio},
};

use crate::support::{Repository, Run, command, gitsm, run};

/// An instant at which every plan of these tests is made.
pub const NOW: &str = "2026-11-20T12:00:00Z";

/// The variable with what the clock of the machine says, for a binary that is built to be tested: no flag can say it.
pub const CLOCK: &str = "GITSM_CLOCK";

/// The small repository with the folder `public` beside its documents.
pub fn repository() -> Repository {
    Repository::base()
}

/// Plans for the folder `public` of a repository into `plan.json`.
pub fn plan(folder: &Path, more: &[&str]) -> Run {
    let out = if more.contains(&"--out") { &[][..] } else { &["--out", "plan.json"] };
    let arguments = [&["plan", "--target", "static", "--now", NOW], out, more].concat();
    gitsm(&arguments, folder)
}

/// Applies `plan.json`.
pub fn apply(folder: &Path, more: &[&str]) -> Run {
    apply_at(folder, NOW, more)
}

/// Applies `plan.json` on a machine whose clock says this.
pub fn apply_at(folder: &Path, clock: &str, more: &[&str]) -> Run {
    let mut command = command(&[&["apply", "plan.json", "--now", NOW], more].concat(), folder);
    command.env(CLOCK, clock);
    run(command)
}

/// An apply that has come to a point and waits there.
pub struct Stopped {
    pub child: Child,
    talk: BufReader<ChildStderr>,
}

impl Stopped {
    /// Applies `plan.json` as far as a point.
    pub fn at(folder: &Path, point: &str) -> Self {
        let mut child = command(&["apply", "plan.json", "--now", NOW], folder)
            .env(CLOCK, NOW)
            .env("GITSM_STOP_AT", point)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut talk = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while line.trim_end() != format!("stopped at {point}") {
            line.clear();
            assert_ne!(talk.read_line(&mut line).unwrap(), 0, "it comes to {point}");
        }
        Self { child, talk }
    }

    /// Kills it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Lets it go on to its end.
    pub fn go(mut self) -> Run {
        self.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.talk.read_to_string(&mut stderr).unwrap();
        Run { status: self.child.wait().unwrap().code().unwrap_or(-1), stdout, stderr }
    }
}

/// A repository that is published in ten files.
pub fn small() -> Repository {
    Repository::with(&[
        ("gitsm.toml", "[project]\nname = \"Small\"\n"),
        (
            "catalog/a.toml",
            "[category.mail]\nname = \"Mail\"\nfunction = \"it\"\n\n[team.desk]\nname = \"Desk\"\nmembers = [\"ana\"]\n\
             lead = \"ana\"\n\n[person.ana]\nname = \"Ana\"\n",
        ),
    ])
}

/// Says that the target that a folder remembers has moved to another address, as the refusal of it says.
pub fn moved(repository: &Repository, folder: &str, from: &str, to: &str) {
    let file = format!("{folder}/.gitsm/state.json");
    let state = repository.read(&file);
    assert!(state.contains(from), "{state}");
    repository.write(&file, state.replace(from, to));
}

/// The text of so many categories.
pub fn categories(number: usize) -> String {
    (0..number)
        .map(|number| {
            format!("[category.extra-{number:02}]\nname = \"Extra {number}\"\nfunction = \"it\"\n\n")
        })
        .collect()
}

/// Plans and applies; both must succeed.
pub fn publish(folder: &Path) {
    let planned = plan(folder, &[]);
    assert_eq!(planned.status, 0, "{planned:?}");
    let applied = apply(folder, &[]);
    assert_eq!(applied.status, 0, "{applied:?}");
}

/// Makes sure that there is nothing left to do.
pub fn is_settled(folder: &Path) {
    let run = plan(folder, &["--detailed-exitcode"]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    assert!(run.stdout.contains("nothing to do"), "{}", run.stdout);
}

/// Every file below a folder with its text, by path, without what gitsm keeps for itself.
pub fn files(folder: &Path) -> std::collections::BTreeMap<String, String> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            (path, std::fs::read_to_string(entry.path()).unwrap())
        })
        .filter(|(path, _)| !path.starts_with(".gitsm/"))
        .collect()
}
