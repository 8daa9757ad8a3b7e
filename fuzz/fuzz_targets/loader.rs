//! Whatever the bytes are, the loader says what is wrong with them, at places that exist.
//!
//! Run with `cargo +nightly fuzz run loader`. The corpus is replayed by the ordinary tests.

#![no_main]

#[path = "../invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| invariants::check(bytes));
