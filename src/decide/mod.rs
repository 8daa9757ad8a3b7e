//! What the rules mean: attributes and their types, tests, conditions as exact sets, who can approve.
//!
//! Everything here is pure. The directory and the rulebook are arguments; nothing reads a clock or a file.

pub mod access;
pub mod agreement;
pub mod approval;
pub mod approvers;
pub mod asked;
pub mod birthright;
pub mod calendars;
pub mod change;
pub mod classifier;
pub mod clocks;
pub mod condition;
pub mod considered;
pub mod decision;
mod duties;
pub mod engine;
pub mod facts;
pub mod form;
pub mod glob;
mod guardrails;
pub mod guests;
pub mod hands;
pub(crate) mod hashing;
pub mod incident;
pub mod items;
pub mod known;
pub mod ledger;
pub mod lifecycle;
mod limits;
pub mod matching;
pub mod peers;
pub mod person;
pub mod policy;
pub mod principals;
#[cfg(test)]
pub(crate) mod reference;
pub mod scopes;
pub mod service_level;
mod service_request;
pub mod space;
pub mod stages;
pub mod ticket;
pub mod timeline;
pub mod undecidable;
pub mod value;
pub mod vocabulary;
pub mod waiver;
#[cfg(test)]
pub(crate) mod testing;
