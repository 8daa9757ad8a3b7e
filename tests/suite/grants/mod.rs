//! The ledger of access: what is asked for, what is kept, what ends, and what nobody wrote a reason for.

mod approving;
mod forged;
mod issues;
mod keeping;
mod requests;
mod reviews;
mod support;
