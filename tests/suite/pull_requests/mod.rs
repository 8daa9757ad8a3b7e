//! The gate of pull requests, through the real binary: who has to agree, and whose agreement counts.

mod agreement;
mod colleagues;
mod comment;
pub mod described;
mod disguise;
mod eased;
mod fake;
mod forge;
mod gaps;
mod granting;
mod ledger;
mod merge;
mod merging;
mod people;
mod plans;
pub mod schedule;
pub mod support;
mod verdicts;
