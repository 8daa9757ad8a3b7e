//! gitsm: IT service management as code.
//!
//! The rulebook of a service desk (catalogue, SLA tiers, approval workflows, access policies) is TOML in a
//! Git repository. This library reads it, says everything that is wrong with it, and answers questions
//! about what it does.
//!
//! Modules are layers: each imports only from the ones listed above it.

pub mod diag;
pub mod time;
pub mod model;
pub mod source;
pub mod http;
pub mod load;
pub mod decide;
pub mod ledger;
pub mod lint;
pub mod import;
pub mod simulate;
pub mod impact;
pub mod plan;
pub mod gate;
pub mod forge;
pub mod target;
pub mod apply;
pub mod report;
pub mod cli;
