//! GitHub, through octocrab.
//!
//! Octocrab alone would wait for ever, follow pages to other servers and take any answer for the last one. Here it has no
//! connection of its own: each of its requests leaves through [`crate::http`], with its limits. Callers wait for an
//! answer like for a file.

mod client;
pub mod deploy;
mod error;
pub mod issue;
pub mod merge;
pub mod merged;
pub mod post;
pub mod propose;
pub mod pull_request;
#[cfg(test)]
mod tests;

pub use client::{API, GitHub};
pub use error::ForgeError;
