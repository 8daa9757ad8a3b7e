//! Replay: what a rulebook would have done with what really happened, row by row and with flat memory.

mod batch;
pub mod fields;
mod flipped;
pub mod incidents;
mod instants;
mod limits;
pub mod people;
mod reject;
pub mod requests;
mod spread;

pub use batch::Observer;
pub use fields::{MapProblem, Mapping};
pub use flipped::Flipped;
pub use instants::{InstantFormat, check_format};
pub use limits::{Limit, LimitError, Threshold};
pub use reject::{Reject, RejectKind, Rejects};
pub use spread::Spread;

/// How many examples of each thing are kept.
pub const EXAMPLES: usize = 5;
