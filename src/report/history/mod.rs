//! The commits that changed what a rulebook says, as data and in words.

pub mod human;
pub mod view;

pub use view::{BlameReport, CommitView, LogEntry};
