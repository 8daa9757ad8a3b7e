//! Forges: where the repository lies, and where pull requests are made.

pub mod github;
pub mod proposal;
