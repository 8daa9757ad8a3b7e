//! The gate of pull requests, through the real binary: who has to agree, and whose agreement counts.

mod agreement;
mod comment;
mod fake;
mod forge;
mod gaps;
mod merge;
mod schedule;
pub mod support;
mod verdicts;
