//! How long a decision takes with 100, 1,000 and 10,000 rules: verdict and deciding rule, the full trace, and a
//! walk from rule to rule.
//!
//! Run with `cargo bench --bench decide`. All answers are compared before anything is measured. The same table with
//! other engines on the same rules and requests: `cargo run --release --manifest-path benches/peers/Cargo.toml`.

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
    reason = "a benchmark prints its table and may stop at the first failure"
)]

#[path = "peers/src/ours.rs"]
mod ours;
#[path = "peers/src/workload.rs"]
mod workload;

fn main() {
    ours::head();
    for rules in [100, 1_000, 10_000] {
        let (rows, _) = ours::measure(&workload::Workload::new(7, rules, 20_000));
        ours::print(&rows, rows[0].nanoseconds);
    }
}
