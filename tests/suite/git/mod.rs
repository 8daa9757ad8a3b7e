//! Revisions of Git repositories, which the tests make with `git`.

mod diff;
pub mod history;
mod moves;
mod naive;
mod real;
mod refused;
mod revisions;
pub mod support;
