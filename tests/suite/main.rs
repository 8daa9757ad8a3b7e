//! The one integration test binary.

#![allow(unreachable_pub, reason = "a test binary has no outside")]

// `cfg(test)` says to clippy what cargo knows anyway: that all of this is test code, helpers included.
#[cfg(test)]
mod business_time;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod explain_command;
#[cfg(test)]
mod fmt;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod help;
#[cfg(test)]
mod init;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod show;
#[cfg(test)]
mod support;
