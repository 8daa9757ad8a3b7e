//! Trying a rulebook out: its scenarios, and requests that nobody has made.

pub mod scenario;
