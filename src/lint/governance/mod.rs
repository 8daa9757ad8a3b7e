//! Ownership, evidence, review and the repository itself.

use super::Lint;

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[];
