//! Plans, for people and for pull requests.

mod human;
pub mod issue;
mod markdown;
mod words;

pub use human::{drift, human};
pub use markdown::{brief, markdown};
pub use words::counts;
