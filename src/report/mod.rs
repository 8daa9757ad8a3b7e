//! Values into words: one file per format.

pub mod human;
pub mod import;
pub mod json;
