//! How long a replay of requests takes and how much memory, at three sizes, and how much of it is reading the rows.
//!
//! Run with `cargo bench --bench replay`. Each size runs in a process of its own, so that the most memory that it ever had
//! is its own. A row of the table is the median of several runs; the rows are made up, the same every time. Compare rows
//! a second and how memory grows; seconds belong to one machine.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
    process::Command,
    time::Instant,
};

use gitsm::{
    load::{
        load,
        rows::{Row, Rows, Sort},
    },
    simulate::replay::{
        Observer, Reject,
        requests::{Options, Plan, replay},
    },
    source::{WorkTree, stream},
};

/// How many rows.
const SIZES: [usize; 3] = [100_000, 300_000, 1_000_000];
/// How often each is replayed; the median counts.
const ROUNDS: usize = 3;
/// The rulebook.
const SERVICES: usize = 40;
const DEPARTMENTS: usize = 25;
const PEOPLE: usize = 2_000;
/// An argument that makes the process replay a file and print figures.
const CHILD: &str = "--replay";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, child, folder, jobs, ..] = arguments.as_slice()
        && child == CHILD
    {
        return measure(Path::new(folder), jobs.parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    rulebook(folder.path());
    println!(
        "{:>10} {:>5} {:>10} {:>10} {:>12} {:>12} {:>9}",
        "rows", "jobs", "read s", "replay s", "rows/s", "us of a core", "peak MiB"
    );
    for size in SIZES {
        requests(&folder.path().join("requests.csv"), size);
        for jobs in ["1", "2"] {
            let child =
                Command::new(&arguments[0]).args([CHILD, folder.path().to_str().unwrap(), jobs]).output();
            let child = child.unwrap();
            assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
            let figures = String::from_utf8(child.stdout).unwrap();
            let figures: Vec<f64> =
                figures.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
            let [reading, replaying, core, memory] = figures[..] else { panic!("{figures:?}") };
            println!(
                "{size:>10} {jobs:>5} {reading:>10.3} {replaying:>10.3} {:>12.0} {:>12.2} {memory:>9.0}",
                size as f64 / replaying,
                core * 1e6 / size as f64
            );
        }
    }
}

/// Replays the file of a folder and prints: seconds to read it, to replay it, of the processor for that, and the most
/// memory in MiB.
fn measure(folder: &Path, jobs: usize) {
    let loaded = load(&WorkTree::new(folder)).unwrap();
    assert!(loaded.found.is_empty(), "{:?}", loaded.found.first());
    let file = folder.join("requests.csv");
    let open = || Rows::new(stream(&file).unwrap(), Sort::Csv, b',').unwrap();
    let (mut reading, mut replaying, mut cores) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut rows = open();
        let plan = Plan::new(&rows, None, &[], &loaded.rulebook).unwrap();
        let (start, mut row, mut count) = (Instant::now(), Row::default(), 0);
        while rows.read(&mut row).unwrap() {
            plan.past(&row, &loaded.rulebook).unwrap();
            count += 1;
        }
        reading.push(start.elapsed().as_secs_f64());
        let mut rows = open();
        let plan = Plan::new(&rows, None, &[], &loaded.rulebook).unwrap();
        let options = Options { now: "2026-06-01T00:00:00Z".parse().unwrap(), jobs, warm_up: 0 };
        let (start, before) = (Instant::now(), processor());
        let outcome = replay(&mut rows, &plan, (&loaded.rulebook, None), options, &mut Nobody).unwrap();
        replaying.push(start.elapsed().as_secs_f64());
        cores.push(processor() - before);
        assert_eq!((outcome.rows, outcome.tally.decided), (count, count));
        let counts = outcome.tally.counts();
        assert!(counts.approved > 0 && counts.needs_approval > 0 && counts.denied > 0, "{counts:?}");
    }
    println!("{} {} {} {}", median(reading), median(replaying), median(cores), peak());
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The seconds of all processors that the process took; 0 where nobody says it.
fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The most memory that the process ever had, in MiB; 0 where nobody says it.
fn peak() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(0.0)
        / 1_024.0
}

struct Nobody;

impl Observer for Nobody {
    fn rejected(&mut self, row: &Row, reject: &Reject) -> io::Result<()> {
        panic!("row {}: {}", row.number, reject.why)
    }
    fn read(&mut self, _: u64) {}
}

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// A company with two thousand people in two dozen departments, and policies of two hundred rules.
fn rulebook(folder: &Path) {
    let mut text = String::from(
        "[calendar.office]\nname = \"Office\"\ntime-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"09:00-17:00\"]\n\
         [workflow.manager]\nname = \"Manager\"\n[[workflow.manager.stage]]\nid = \"manager\"\napprovers = [\"role:manager\"]\n\
         within = \"2bd\"\ncalendar = \"office\"\non-timeout = \"deny\"\nfallback = [\"team:security\"]\n\
         [workflow.both]\nname = \"Manager, then security\"\n[[workflow.both.stage]]\nid = \"manager\"\n\
         approvers = [\"role:manager\"]\nwithin = \"1bd\"\ncalendar = \"office\"\non-timeout = \"deny\"\nfallback = [\"team:security\"]\n\
         [[workflow.both.stage]]\nid = \"security\"\napprovers = [\"team:security\"]\nwithin = \"2bd\"\ncalendar = \"office\"\non-timeout = \"deny\"\n\
         [guardrail.privileged]\ndescription = \"Who is privileged says why.\"\nwhen.entitlement.privileged = true\nrequire = [\"justification\"]\n",
    );
    let mut chance = Chance(1);
    for person in 0..PEOPLE {
        let manager =
            if person < 100 { String::new() } else { format!("manager = \"p{}\"\n", chance.below(100)) };
        let employment = if person % 20 == 19 { "contractor" } else { "employee" };
        let _ = write!(
            text,
            "[person.p{person}]\nname = \"P{person}\"\ndepartment = \"d{}\"\ntitle = \"t{}\"\nemployment = \"{employment}\"\n{manager}",
            chance.below(DEPARTMENTS),
            chance.below(8)
        );
    }
    text.push_str(
        "[team.security]\nname = \"Security\"\nmembers = [\"p1\", \"p2\", \"p3\", \"p4\", \"p5\"]\n",
    );
    for service in 0..SERVICES {
        let _ = writeln!(
            text,
            "[service.s{service}]\nname = \"S{service}\"\nowner = \"team:security\"\nlifecycle = \"active\"\n\
             [service.s{service}.entitlement.user]\nname = \"U\"\nrisk = \"low\"\n\
             [service.s{service}.entitlement.power]\nname = \"P\"\nrisk = \"medium\"\n\
             [service.s{service}.entitlement.admin]\nname = \"A\"\nrisk = \"high\"\nprivileged = true"
        );
        let _ =
            writeln!(text, "[access.s{service}]\nname = \"S{service}\"\napplies-to.service = \"s{service}\"");
        for (id, when, decision) in [
            (
                "users",
                "when.entitlement.risk = \"low\"\nwhen.subject.employment = \"employee\"",
                "decision = \"auto-approve\"",
            ),
            ("contractors", "when.entitlement.risk = \"low\"", "decision.workflow = \"manager\""),
            (
                "team",
                &*format!(
                    "when.entitlement.risk = \"medium\"\nwhen.subject.department = [\"d{}\", \"d{}\"]",
                    service % DEPARTMENTS,
                    (service * 7) % DEPARTMENTS
                ),
                "decision = \"auto-approve\"",
            ),
            (
                "power",
                "when.entitlement.risk = \"medium\"\nwhen.request.duration.max = \"90d\"",
                "decision.workflow = \"manager\"",
            ),
            (
                "admin",
                &*format!(
                    "when.entitlement.risk = \"high\"\nwhen.subject.title = [\"t{}\", \"t{}\"]",
                    service % 8,
                    (service + 3) % 8
                ),
                "decision.workflow = \"both\"\nmax-duration = \"30d\"",
            ),
        ] {
            let _ = writeln!(text, "[[access.s{service}.rule]]\nid = \"{id}\"\n{when}\n{decision}");
        }
    }
    std::fs::create_dir_all(folder.join("catalog")).unwrap();
    std::fs::create_dir_all(folder.join("policies")).unwrap();
    std::fs::write(folder.join("gitsm.toml"), "[project]\nname = \"Benchmark\"\n").unwrap();
    std::fs::write(folder.join("catalog/all.toml"), text).unwrap();
}

/// Requests of a year.
fn requests(file: &Path, count: usize) {
    let mut chance = Chance(2);
    let mut out = BufWriter::new(File::create(file).unwrap());
    writeln!(out, "id,requester,entitlements,duration,justification,now,outcome").unwrap();
    for number in 0..count {
        let person = chance.below(PEOPLE);
        let service = chance.below(SERVICES);
        let entitlement = ["user", "user", "user", "power", "power", "admin"][chance.below(6)];
        let duration = ["", "30d", "60d", "180d"][chance.below(4)];
        let duration = if entitlement == "user" { duration } else { "30d" };
        let second = 1_735_689_600 + number * 31_536_000 / count;
        let now = jiff::Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
        let outcome = if chance.below(20) == 0 { "denied" } else { "approved" };
        writeln!(
            out,
            "R-{number},p{person},s{service}/{entitlement},{duration},needed for work,{now},{outcome}"
        )
        .unwrap();
    }
    out.flush().unwrap();
}
