//! The gate of pull requests, through the real binary: who has to agree, and whose agreement counts.

mod agreement;
mod comment;
mod disguise;
mod eased;
mod fake;
mod forge;
mod gaps;
mod ledger;
mod merge;
mod plans;
mod schedule;
pub mod support;
mod verdicts;
