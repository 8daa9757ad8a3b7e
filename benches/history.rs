//! How long `gitsm log` takes over all of a history, at three sizes, with what it remembers from an earlier run and without,
//! beside `git log -p` on the same repository.
//!
//! Run with `cargo bench --bench history`. Each commit changes the members of one of 300 teams, one file each, below some
//! folders with other files. `git log -p` shows lines, and is the floor of what can be asked of the same objects; medians
//! of whole processes are shown; compare the ratios, not the seconds of one machine. Where `GITSM_HISTORY` names a
//! repository, it is measured as well.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Numbers of commits.
const SIZES: [usize; 3] = [1_000, 5_000, 25_000];
const TEAMS: usize = 300;
const PEOPLE: usize = 700;
const RUNS: usize = 5;

fn main() {
    let folder = folder();
    println!("{:>9}  {:<28} {:>9} {:>9}", "commits", "command", "seconds", "against");
    for size in SIZES {
        let repository = folder.join(size.to_string());
        generate(&repository, size);
        compare(size, &repository);
    }
    if let Some(repository) = std::env::var_os("GITSM_HISTORY") {
        let repository = PathBuf::from(repository);
        let count =
            Command::new("git").args(["rev-list", "--count", "HEAD"]).current_dir(&repository).output();
        let count = String::from_utf8(count.expect("git runs").stdout).expect("a number");
        compare(count.trim().parse().expect("a number"), &repository);
    }
    let _ = fs::remove_dir_all(&folder);
}

/// Where everything lies that is made here, what is remembered among it.
fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("gitsm-history-{}", std::process::id()))
}

/// Measures every way of looking at a history.
fn compare(size: usize, repository: &Path) {
    let gitsm = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitsm"));
        command.args(arguments).current_dir(repository).env("XDG_CACHE_HOME", folder().join("cache"));
        command
    };
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(repository);
        command
    };
    let lines = ["log", "-p", "--no-color", "--", "catalog"];
    let floor = Some(measure("git log -p -- catalog", size, None, &mut git(&lines)));
    measure(
        "git log --name-only",
        size,
        floor,
        &mut git(&["log", "--name-only", "--no-color", "--", "catalog"]),
    );
    measure("gitsm log --no-cache", size, floor, &mut gitsm(&["log", "--no-cache"]));
    measure("gitsm log", size, floor, &mut gitsm(&["log"]));
    measure("gitsm log --format json", size, floor, &mut gitsm(&["log", "--format", "json"]));
    measure("gitsm log -n 20 --no-cache", size, floor, &mut gitsm(&["log", "-n", "20", "--no-cache"]));
    measure("gitsm log -n 20", size, floor, &mut gitsm(&["log", "-n", "20"]));
    measure("gitsm log --all-parents", size, floor, &mut gitsm(&["log", "--all-parents"]));
}

/// Prints and gives back the median of some runs after one that warms up.
fn measure(name: &str, size: usize, against: Option<Duration>, command: &mut Command) -> Duration {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut times: Vec<Duration> = (0..=RUNS)
        .map(|_| {
            let start = Instant::now();
            assert!(command.status().expect("it runs").success(), "{name}");
            start.elapsed()
        })
        .skip(1)
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    let ratio =
        against.map_or(String::new(), |base| format!("{:.1}x", median.as_secs_f64() / base.as_secs_f64()));
    println!("{size:>9}  {name:<28} {:>9.3} {ratio:>9}", median.as_secs_f64());
    median
}

/// A repository of teams with a commit for each change of their members.
fn generate(repository: &Path, size: usize) {
    fs::create_dir_all(repository).expect("a folder in the temporary folder");
    let run = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(repository).stdin(Stdio::piped()).stdout(Stdio::null());
        command
    };
    let done = run(&["init", "--quiet", "--initial-branch=main"]).status().expect("git runs");
    assert!(done.success());
    let mut import = run(&["fast-import", "--quiet"]).spawn().expect("git runs");
    let mut out = std::io::BufWriter::new(import.stdin.take().expect("it reads"));
    let mut write = |number: usize, message: &str, files: &[(String, String)]| {
        let mut text = format!(
            "commit refs/heads/main\ncommitter Team Desk <desk@example.com> {} +0000\ndata {}\n{message}\n",
            1_700_000_000 + number * 3_600,
            message.len()
        );
        for (path, content) in files {
            let _ = write!(text, "M 100644 inline {path}\ndata {}\n{content}\n", content.len());
        }
        out.write_all(text.as_bytes()).expect("git reads");
    };
    let mut teams: Vec<BTreeSet<usize>> = (0..TEAMS).map(|team| (team..team + 8).collect()).collect();
    let people: String = (0..PEOPLE).fold("id,name\n".to_owned(), |mut rows, person| {
        let _ = writeln!(rows, "u{person:04},Person {person}");
        rows
    });
    let settings =
        "[project]\nname = \"Teams\"\nroots = [\"catalog\"]\n\n[[people]]\nfile = \"catalog/people.csv\"\n";
    let mut files =
        vec![("gitsm.toml".to_owned(), settings.to_owned()), ("catalog/people.csv".to_owned(), people)];
    files.extend(teams.iter().enumerate().map(|(team, members)| document(team, members)));
    files.extend((0..200).map(|number| (format!("docs/page-{number}.md"), "A page.\n".to_owned())));
    write(0, "Every team", &files);
    let mut random: u64 = 7;
    let mut below = |limit: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).expect("31 bits fit") % limit
    };
    for number in 1..size {
        let (team, person) = (below(TEAMS), below(PEOPLE));
        let members = &mut teams[team];
        if !members.insert(person) {
            members.remove(&person);
        }
        write(number, &format!("Change team {team}"), &[document(team, members)]);
    }
    drop(out);
    assert!(import.wait().expect("git ends").success());
}

fn document(team: usize, members: &BTreeSet<usize>) -> (String, String) {
    let lines: String = members.iter().fold(String::new(), |mut lines, person| {
        let _ = writeln!(lines, "    \"u{person:04}\",");
        lines
    });
    let text = format!("[team.team-{team:03}]\nname = \"Team {team}\"\nmembers = [\n{lines}]\n");
    (format!("catalog/teams/team-{team:03}.toml"), text)
}
