//! Who may have what, and who agrees to it.

use super::Lint;

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[];
