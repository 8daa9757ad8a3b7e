//! Revisions of Git repositories, which the tests make with `git`.

mod diff;
mod moves;
mod refused;
mod revisions;
mod support;
