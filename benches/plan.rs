//! How long it takes to plan for the `static` target: services with entitlements and categories, from nothing, when all of
//! it is there already, and after a change; and that an apply without a change writes nothing.
//!
//! Run with `cargo bench --bench plan`; it writes into a folder of `TMPDIR`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use gitsm::{
    apply::{Session, State, apply},
    load,
    model::{
        Rulebook,
        settings::{Target, TargetType},
    },
    plan::{self, Bound, Desired, Ledger, Observed, Plan, Verdict},
    source::WorkTree,
    target::{Book, Place, Reader, Row, row},
};

const NOW: &str = "2026-11-20T12:00:00Z";

fn write(folder: &Path, services: usize) {
    fs::create_dir_all(folder.join("catalog")).unwrap();
    fs::write(folder.join("gitsm.toml"), "[project]\nname = \"Bench\"\n").unwrap();
    for part in 0..services.div_ceil(500) {
        let mut text = String::new();
        for number in part * 500..services.min((part + 1) * 500) {
            let _ = write!(
                text,
                "[service.s{number:05}]\nname = \"Service {number}\"\ndescription = \"What service {number} is for, in some words.\"\n\
                 lifecycle = \"active\"\nowner = \"team:desk\"\nsupport-team = \"desk\"\n\n\
                 [service.s{number:05}.entitlement.user]\nname = \"User of {number}\"\nrisk = \"low\"\ngroups = [\"users-{number}\"]\n\n"
            );
        }
        fs::write(folder.join(format!("catalog/{part}.toml")), text).unwrap();
    }
    let team =
        "[team.desk]\nname = \"Desk\"\nmembers = [\"ana\"]\nlead = \"ana\"\n\n[person.ana]\nname = \"Ana\"\n";
    fs::write(folder.join("catalog/team.toml"), team).unwrap();
}

struct Bench<'a> {
    row: &'static Row,
    place: Place<'a>,
    rulebook: &'a Rulebook,
}

impl Bench<'_> {
    fn desired(&self) -> Desired {
        let today = "2026-11-20".parse().unwrap();
        (self.row.desired)(&Book {
            rulebook: self.rulebook,
            commit: None,
            settings: self.place.settings,
            today,
            now: NOW.parse().unwrap(),
        })
        .unwrap()
    }

    fn build(&self, reader: &dyn Reader, desired: &Desired, observed: &Observed, ledger: &Ledger) -> Plan {
        let bound = Bound {
            repository: "Bench",
            commit: None,
            target: plan::file::Target {
                name: "static".to_owned(),
                target_type: "static".to_owned(),
                place: reader.place(),
                place_was_named: false,
            },
            configuration: String::new(),
            limits: self.place.settings.limits.clone(),
            adopt: &[],
            created: NOW.parse().unwrap(),
            expires: "2026-11-21T12:00:00Z".parse().unwrap(),
        };
        plan::build(desired, observed, ledger, bound)
    }

    /// The whole of planning: what must be there, what is there, and the difference.
    fn plan(&self) -> (Plan, Desired) {
        let reader = (self.row.reader)(&self.place).unwrap();
        let desired = self.desired();
        let observed = reader.observe(&desired).unwrap();
        let ledger = State::load(&*reader).unwrap().settled(&observed);
        (self.build(&*reader, &desired, &observed, &ledger), desired)
    }

    fn apply(&self, plan: &Plan, desired: &Desired) -> usize {
        let reader = (self.row.reader)(&self.place).unwrap();
        let session = Session {
            reviewed: plan,
            desired,
            replan: &|observed, ledger| self.build(&*reader, desired, observed, ledger),
            reader: &*reader,
            writer: &|| (self.row.writer)(&self.place),
            now: NOW.parse().unwrap(),
            longest: 24,
            owner: None,
            take_over: false,
            gone: None,
            evidence: None,
        };
        let applied = apply(&session, &mut |_, _| {}).unwrap();
        assert!(applied.results.stopped.is_none());
        applied.results.done.len()
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed())
}

fn main() {
    println!("| objects | plan from nothing | apply | plan again | apply again | writes of it |");
    println!("|---|---|---|---|---|---|");
    let settings = Target::new(TargetType::Static);
    for services in [2_000, 10_000, 50_000] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), services);
        let loaded = load::load(&WorkTree::new(folder.path())).unwrap();
        let bench = Bench {
            row: row(TargetType::Static).unwrap(),
            place: Place { name: "static", settings: &settings, repository: folder.path(), project: "Bench" },
            rulebook: &loaded.rulebook,
        };
        let ((first, desired), planning) = timed(|| bench.plan());
        assert_eq!(first.verdict, Verdict::Ready);
        let (_, applying) = timed(|| bench.apply(&first, &desired));
        let ((again, desired), replanning) = timed(|| bench.plan());
        assert_eq!(again.verdict, Verdict::Unchanged);
        let (writes, reapplying) = timed(|| bench.apply(&again, &desired));
        assert_eq!(writes, 0);
        println!(
            "| {} | {planning:.2?} | {applying:.2?} | {replanning:.2?} | {reapplying:.2?} | {writes} |",
            desired.objects.len()
        );
    }
}
