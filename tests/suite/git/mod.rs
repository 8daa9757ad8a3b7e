//! Revisions of Git repositories, which the tests make with `git`.

mod refused;
mod revisions;
mod support;
