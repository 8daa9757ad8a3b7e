//! Revisions of Git repositories, which the tests make with `git`.

mod cache;
mod decided;
mod diff;
pub mod history;
mod hostile;
mod merges;
mod missing;
mod moves;
mod naive;
mod parents;
mod real;
mod refused;
mod revisions;
pub mod support;
