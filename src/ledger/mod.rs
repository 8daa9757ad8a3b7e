//! The ledger of access: who holds what and why, what ends, and what is really taken away then.
//!
//! Several grants and bundles may give the same thing, so that everything is counted: what one of them stops giving is
//! taken away only when nothing else in force gives it. Everything here is pure: the instant is an argument, and what
//! is to be written comes back as data or text.

pub mod already;
pub mod campaign;
pub mod ending;
pub mod given;
pub mod holdings;
pub mod issue;
pub mod lifecycle;
pub mod record;
pub mod rederive;
pub mod standing;
pub mod text;

#[cfg(test)]
mod properties;
