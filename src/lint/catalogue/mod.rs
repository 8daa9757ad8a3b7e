//! What is offered: services, tiers, categories, request types, articles.

use super::Lint;

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[];
