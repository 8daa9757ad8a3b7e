//! How long it takes to find out which requests are decided otherwise, and whom that touches: three rules edited
//! among 1,000, 5,000 and 10,000, another default, and a broad denial before everything; and the same among 200,000
//! people and 3,000 entitlements.
//!
//! Run with `cargo bench --bench impact`; `GITSM_SEEDS=20` draws so many rulebooks of each size, `GITSM_RULES=1000`
//! is about other sizes, `GITSM_EDITS="three rules"` about some of the edits only, and `GITSM_PEOPLE=0` leaves out the
//! large organisation.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_precision_loss,
    clippy::must_use_candidate,
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

/// The one of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "peers/src/workload.rs"]
mod workload;

use std::{
    fs,
    time::{Duration, Instant},
};

use gitsm::{
    impact::decisions::{Budget, compare},
    load,
    model::Rulebook,
    source::WorkTree,
};
use workload::{Draw, Size, Verdict, Workload};

fn rulebook(workload: &Workload, settings: &str) -> Rulebook {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("catalog")).unwrap();
    fs::create_dir_all(folder.path().join("policies")).unwrap();
    fs::write(folder.path().join("gitsm.toml"), settings).unwrap();
    for (number, document) in workload.documents().iter().enumerate() {
        fs::write(folder.path().join(format!("policies/{number}.toml")), document).unwrap();
    }
    load::load(&WorkTree::new(folder.path())).unwrap().rulebook
}

/// Another outcome, a condition less, and a rule that stands elsewhere.
fn edited(workload: &mut Workload, draw: &mut Draw) {
    let other = |verdict| match verdict {
        Verdict::Approved => Verdict::NeedsApproval,
        Verdict::NeedsApproval => Verdict::Denied,
        Verdict::Denied => Verdict::Approved,
    };
    let count = workload.rules.len();
    let one = draw.below(count);
    workload.rules[one].verdict = other(workload.rules[one].verdict);
    let two = draw.below(count);
    workload.rules[two].tests.pop();
    let three = draw.below(count);
    let moved = workload.rules.remove(three);
    workload.rules.insert(draw.below(count), moved);
}

fn broad_denial(workload: &mut Workload) {
    let mut rule = workload.rules[0].clone();
    rule.tests = vec![workload::Test::In(6, vec!["contractor".to_owned()])];
    rule.verdict = Verdict::Denied;
    workload.rules.insert(0, rule);
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or_default() / 1_024
}

/// Numbers of an environment variable, with commas between them.
fn numbers(name: &str, usual: &[usize]) -> Vec<usize> {
    let written = std::env::var(name).ok();
    written.map_or_else(|| usual.to_vec(), |text| text.split(',').map(|one| one.parse().unwrap()).collect())
}

/// How long one comparison takes, how many cases it finds, and for how many entitlements it does not know.
fn measure(seed: u64, rules: usize, size: Size, edit: &str) -> (Duration, usize, usize) {
    let mut workload = Workload::sized(seed, rules, 0, size);
    let settings = Workload::SETTINGS.to_owned();
    let before = rulebook(&workload, &settings);
    let mut after = settings.clone();
    match edit {
        "nothing" => {}
        "three rules" => edited(&mut workload, &mut Draw::new(seed + 1_000)),
        "another default" => after += "\n[decision]\ndefault = { workflow = \"owners\" }\n",
        _ => broad_denial(&mut workload),
    }
    let after = rulebook(&workload, &after);
    let at = "2026-11-20T12:00:00Z".parse().unwrap();
    let start = Instant::now();
    let found = compare(&before, &after, at, Budget::default()).unwrap();
    let time = start.elapsed();
    (time, found.cases.len(), found.unknown.iter().map(|unknown| unknown.entitlements.len()).sum())
}

fn main() {
    let seeds = u64::try_from(numbers("GITSM_SEEDS", &[5])[0]).unwrap();
    println!(
        "| rules | people | entitlements | edit | median ms | 90 % ms | most ms | cases | not compared | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let wanted = std::env::var("GITSM_EDITS");
    let large = Size { people: numbers("GITSM_PEOPLE", &[200_000])[0], services: 600 };
    let usual = numbers("GITSM_RULES", &[1_000, 5_000, 10_000]).into_iter().map(|rules| (rules, Size::USUAL));
    for (rules, size) in usual.chain((large.people > 0).then_some((5_000, large))) {
        for edit in ["nothing", "three rules", "another default", "a broad denial"] {
            if wanted.as_ref().is_ok_and(|wanted| !wanted.split(',').any(|one| one.trim() == edit)) {
                continue;
            }
            let seeds = if size.people > 10_000 { seeds.min(3) } else { seeds };
            let (mut times, mut cases, mut unknown) = (Vec::new(), 0, 0);
            for seed in 0..seeds {
                let (time, found, missing) = measure(seed, rules, size, edit);
                times.push(time);
                cases += found;
                unknown += missing;
            }
            times.sort();
            let place = |share: usize| milliseconds(times[(times.len() - 1) * share / 100]);
            println!(
                "| {rules} | {} | {} | {edit} | {:.1} | {:.1} | {:.1} | {} | {unknown} | {} |",
                size.people,
                size.services * 5,
                place(50),
                place(90),
                place(100),
                cases / times.len(),
                peak()
            );
        }
    }
}
