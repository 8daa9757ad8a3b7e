//! People, teams and tenants.

use super::Lint;

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[];
