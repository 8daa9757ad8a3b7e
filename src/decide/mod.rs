//! What the rules mean: attributes and their types, tests, conditions as exact sets, who can approve.
//!
//! Everything here is pure. The directory and the rulebook are arguments; nothing reads a clock or a file.

pub mod approvers;
pub mod glob;
pub mod matching;
pub mod person;
pub mod policy;
pub mod scopes;
pub mod space;
pub mod value;
pub mod vocabulary;
#[cfg(test)]
pub(crate) mod testing;
