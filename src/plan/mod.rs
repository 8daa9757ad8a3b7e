//! What has to be done so that a target holds what the rulebook says: desired state against observed state.
//!
//! Everything here is data and pure functions. Nothing reads a target and nothing can write to one.

pub mod build;
pub mod compare;
pub mod content;
mod fields;
pub mod file;
pub mod guard;
pub mod key;
pub mod ledger;
mod order;
mod parts;
pub mod state;
pub mod support;

pub use build::{Bound, build};
pub use content::Content;
pub use file::{Action, Cause, Commit, FORMAT_VERSION, Operation, Plan, Verdict};
pub use key::Key;
pub use ledger::Ledger;
pub use state::{Desired, Found, Observed, Unmanaged, Wanted};
pub use support::{Construct, Support};
