//! The one integration test binary.

#![allow(
    unreachable_pub,
    clippy::string_slice,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a test binary has no outside, and a test may stop at the first surprise"
)]

// `cfg(test)` says to clippy what cargo knows anyway: that all of this is test code, helpers included.
#[cfg(test)]
mod analysis;
#[cfg(test)]
mod approvals;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod at_once;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bad_requests;
#[cfg(test)]
mod business_hours;
#[cfg(test)]
mod business_time;
#[cfg(test)]
mod business_time_differences;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod commitments;
#[cfg(test)]
mod consequences;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod explain_command;
#[cfg(test)]
mod fixes;
#[cfg(test)]
mod fmt;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod fuzz_corpus;
#[cfg(test)]
mod git;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod help;
#[cfg(test)]
mod import;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod init;
#[cfg(test)]
mod levels;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod loader_properties;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod neighbours;
#[cfg(test)]
mod not_approved;
#[cfg(test)]
mod one_mistake;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod pull_requests;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod reasons;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod routed_items;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod show;
#[cfg(test)]
mod slips;
#[cfg(test)]
mod support;
#[cfg(test)]
mod syntax;
#[cfg(test)]
mod targets;
#[cfg(test)]
mod untold;
#[cfg(test)]
mod validate;
