//! The ledger of access, for people and for programs.

pub mod ended;
pub mod list;
pub mod people;
pub mod sheets;
