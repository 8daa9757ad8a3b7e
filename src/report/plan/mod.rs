//! Plans, for people and for pull requests.

mod human;
mod markdown;
mod words;

pub use human::{drift, human};
pub use markdown::markdown;
