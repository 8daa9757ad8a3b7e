//! Tickets of the past, and what an SLA says about them: which targets were kept and which were not, with the pauses
//! that it allows and without.
//!
//! A row is something that happened to a ticket; the rows of one ticket stand together. Each ticket is worked out by
//! itself, so that memory does not grow with the file. In a ticket, rows are taken in the order of their instants; what
//! is said to have happened before the ticket was opened counts as its opening.

mod flips;
mod group;
mod row;
mod run;
mod tally;
mod work;

pub use flips::{Change, Flip, Flips, State};
pub use row::{Plan, PlanError};
pub use run::{Options, Outcome, ReplayError, replay};
pub use tally::{Breach, Group, Key, Remarks, Tally};
