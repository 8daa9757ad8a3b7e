//! The ledger of access: what is asked for, what is kept, what ends, and what nobody wrote a reason for.

mod approving;
mod branch;
mod doubtful;
mod forged;
mod issues;
mod keeping;
pub mod people;
mod requests;
pub mod reviewing;
mod reviews;
mod support;
mod told;
