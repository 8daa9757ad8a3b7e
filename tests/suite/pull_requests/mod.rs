//! The gate of pull requests, through the real binary: who has to agree, and whose agreement counts.

mod agreement;
mod comment;
mod disguise;
mod fake;
mod forge;
mod gaps;
mod ledger;
mod merge;
mod schedule;
pub mod support;
mod verdicts;
