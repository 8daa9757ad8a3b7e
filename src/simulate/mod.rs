//! Trying a rulebook out: its scenarios, and requests that nobody has made.

pub mod coverage;
pub mod mutation;
pub mod replay;
pub mod rules;
pub mod scenario;
mod witness;
