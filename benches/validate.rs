//! How long `gitsm validate` takes, on documents of two lengths and at three sizes, beside the alternatives on the same
//! files.
//!
//! Run with `cargo bench --bench validate`. Taplo (`taplo lint` with our schema) and check-jsonschema take
//! part when they are on the path: `npm install -g @taplo/cli@0.7.0`, `pip install check-jsonschema==0.33.0`.
//! They check syntax and schema only; gitsm also checks references and every lint. The medians of whole
//! processes are shown, of what takes longer than five seconds one run; compare the ratios, not the seconds of
//! one machine.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What a document holds, and its template.
const SHAPES: [(&str, &str); 2] = [
    ("650 bytes: a service, an entitlement and an access policy of two rules", include_str!("small.toml")),
    ("1.6 KiB: the same with descriptions, two entitlements and who does what", include_str!("service.toml")),
];
/// Numbers of documents.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// The largest size at which the alternatives take part: beyond it each run of them takes minutes.
const ALTERNATIVES_UP_TO: usize = 10_000;
/// What takes longer than this is run once: the figure is large enough to be read without a median.
const LONG: Duration = Duration::from_secs(5);

fn main() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::temp_dir().join(format!("gitsm-bench-{}", std::process::id()));
    println!("{:>9}  {:<18} {:>9} {:>10} {:>9}", "documents", "command", "seconds", "peak MiB", "against");
    for ((shape, template), size) in SHAPES.into_iter().flat_map(|shape| SIZES.map(|size| (shape, size))) {
        if size == SIZES[0] {
            println!("{shape}");
        }
        let repository = folder.join(size.to_string());
        let _ = fs::remove_dir_all(&repository);
        generate(package, &repository, template, size);
        let gitsm = measure(
            "gitsm validate",
            size,
            None,
            Command::new(env!("CARGO_BIN_EXE_gitsm"))
                .args(["validate", "--now", "2026-11-20T12:00:00Z"])
                .current_dir(&repository),
            if size > 10_000 { 3 } else { 7 },
        );
        if size > ALTERNATIVES_UP_TO {
            println!("{size:>9}  the alternatives are left out: each run takes minutes");
            continue;
        }
        let schema = package.join("schemas/gitsm.schema.json");
        let files = documents(&repository);
        measure(
            "taplo lint",
            size,
            gitsm,
            Command::new("taplo")
                .arg("lint")
                .arg("--schema")
                .arg(format!("file://{}", schema.display()))
                .args(&files)
                .env("RUST_LOG", "error")
                .current_dir(&repository),
            3,
        );
        measure(
            "check-jsonschema",
            size,
            gitsm,
            Command::new("check-jsonschema")
                .arg("--schemafile")
                .arg(&schema)
                .args(&files)
                .current_dir(&repository),
            3,
        );
    }
    measure("gitsm --version", 0, None, Command::new(env!("CARGO_BIN_EXE_gitsm")).arg("--version"), 21);
    let _ = fs::remove_dir_all(&folder);
}

/// Prints and gives back the median of some runs after one that warms up.
fn measure(
    name: &str,
    size: usize,
    against: Option<Duration>,
    command: &mut Command,
    runs: usize,
) -> Option<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(status) => {
            println!("{size:>9}  {name:<18} failed: {status}");
            return None;
        }
        Err(_) => {
            println!("{size:>9}  {name:<18} not installed");
            return None;
        }
    }
    let first = start.elapsed();
    let mut times: Vec<Duration> = if first > LONG {
        vec![first]
    } else {
        let timed = |_| {
            let start = Instant::now();
            command.status().expect("it ran before");
            start.elapsed()
        };
        (0..runs).map(timed).collect()
    };
    times.sort();
    let median = times[times.len() / 2];
    let peak = if first > LONG { "-".to_owned() } else { peak(command) };
    let ratio =
        against.map_or(String::new(), |base| format!("{:.1}x", median.as_secs_f64() / base.as_secs_f64()));
    println!("{size:>9}  {name:<18} {:>9.3} {peak:>10} {ratio:>9}", median.as_secs_f64());
    Some(median)
}

/// The peak memory of one more run, when GNU time is there.
fn peak(command: &Command) -> String {
    let report = std::env::temp_dir().join(format!("gitsm-bench-peak-{}", std::process::id()));
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M", "-o"]).arg(&report).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let ran = timed.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    let text = fs::read_to_string(&report).unwrap_or_default();
    let _ = fs::remove_file(&report);
    match text.trim().parse::<u64>() {
        Ok(kibibytes) if ran => format!("{}", kibibytes / 1024),
        _ => "-".to_owned(),
    }
}

/// A repository of documents that a template gives.
fn generate(package: &Path, repository: &Path, template: &str, size: usize) {
    copy(&package.join("tests/base"), repository);
    let services = repository.join("catalog/services");
    fs::create_dir_all(&services).expect("a folder in the temporary folder");
    for number in 0..size {
        let text = template.replace("NUMBER", &format!("{number:06}"));
        fs::write(services.join(format!("{number:06}.toml")), text).expect("a file in the temporary folder");
    }
}

fn documents(repository: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(repository.join("catalog/services"))
        .expect("the folder was just made")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder in the temporary folder");
    for entry in fs::read_dir(from).expect("the base repository is there") {
        let entry = entry.expect("the base repository can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file in the temporary folder");
        }
    }
}
