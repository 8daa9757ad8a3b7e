//! What a replay found: for people and for programs.

pub mod incidents;
pub mod people;
pub mod requests;
pub mod shared;
mod table;
