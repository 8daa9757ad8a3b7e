//! The commits that changed what a rulebook says, as data and in words.

mod decided;
pub mod human;
pub mod view;

pub use decided::{Decided, Otherwise};
pub use view::{BlameReport, CommitView, LogEntry, MergeView};
