//! The one integration test binary.

mod business_time;
