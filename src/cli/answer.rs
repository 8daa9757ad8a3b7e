//! How commands that answer a question write the answer.

use clap::ValueEnum;

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// As JSON; `gitsm schema` lists the schemas.
    Json,
}
