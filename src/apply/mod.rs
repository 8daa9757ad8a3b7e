//! Doing what a plan says, so that it can be killed at any point and run again.

pub mod clock;
pub mod evidence;
mod fault;
pub mod import;
pub mod journal;
pub mod lock;
pub mod run;
pub mod session;
pub mod state;

pub use run::Done;
pub use session::{Applied, ApplyError, Session, apply};
pub use state::State;
