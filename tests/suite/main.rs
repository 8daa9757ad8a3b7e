//! The one integration test binary.

// `cfg(test)` says to clippy what cargo knows anyway: that all of this is test code, helpers included.
#[cfg(test)]
mod business_time;
