//! How long a decision takes in gitsm and in other engines, on the same rules and requests.
//!
//! Run with `cargo run --release --manifest-path benches/peers/Cargo.toml`. The answers of all engines are compared
//! before anything is measured, for as many requests as are measured. Compare the ratios, not the microseconds of one
//! machine. An argument is a number of rules; without one there are 100, 1,000 and 10,000.

mod ours;
mod peers;
mod workload;

use workload::Workload;

fn main() {
    let sizes: Vec<usize> =
        std::env::args().skip(1).map(|size| size.parse().expect("a number of rules")).collect();
    let sizes = if sizes.is_empty() { vec![100, 1_000, 10_000] } else { sizes };
    ours::head();
    for rules in sizes {
        let workload = Workload::new(7, rules, 20_000);
        let (rows, expected) = ours::measure(&workload);
        let fastest = rows[0].nanoseconds;
        ours::print(&rows, fastest);
        peers::measure(&workload, &expected, fastest);
    }
}
