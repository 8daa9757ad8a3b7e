//! Joiners, movers and leavers of the past: who came, changed and went, what bundles would have given and taken, and
//! whether the history ends in the teams that the rulebook holds.
//!
//! Rows are taken in the order of the file. Memory grows with the people, not with the rows.

mod bundles;
mod flips;
mod row;
mod run;

pub use flips::{Change, Flips};
pub use row::{Plan, PlanError};
pub use run::{BundleUse, Counts, Membership, Options, Outcome, ReplayError, Tally, replay};
