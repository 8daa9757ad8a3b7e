//! Access decisions held against a slow and obvious second computation, over many drawn repositories.
//!
//! `PROPTEST_CASES=100000` looks at so many of them, `GITSM_LONG=1` at hundreds of times the usual number.

mod classifier;
pub(crate) mod compare;
mod conditions;
pub(crate) mod draw;
mod draw_person;
mod holdings;
mod metamorphic;
mod more;
mod people;
pub(crate) mod steps;
mod wide;
pub(crate) mod world;
