//! Requests of the past, decided under one rulebook or two.
//!
//! Rows are decided one by one in the order of the file, each as of the instant at which it was made. What a rule
//! learns from earlier requests (`peers.approved`, `peers.denied`) is what their rows say was decided. Where a row does
//! not say it, what the rulebook decided counts; of a request about which people would have been asked nobody knows
//! the end, so that it does not count.

mod flips;
mod gist;
mod history;
mod memo;
mod row;
mod run;
mod subject;
mod tally;

pub use flips::{Change, Flip, Flips};
pub use row::{Past, Plan, PlanError};
pub(super) use row::{SUBJECT, id, word};
pub use run::{Options, Outcome, ReplayError, replay};
pub(super) use subject::Subject;
pub use tally::{ApproverLoad, Because, Counts, Difference, Examples, RuleUse, StageLoad, Tally, Witness};
