//! When something is asked once more, and how long to wait before.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::Duration,
};

use jiff::{Timestamp, fmt::rfc2822};

/// How often one request is sent at most.
pub(super) const ATTEMPTS: u32 = 4;
/// The wait before the second attempt; it doubles with each.
const FIRST: Duration = Duration::from_millis(250);

/// How long to wait after an attempt, counted from 1: twice as long each time, and a random part of it less, so that
/// many who failed together do not come back together.
pub(super) fn back_off(attempt: u32) -> Duration {
    let most = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    // Half of it is certain.
    most / 2 + (most / 2).mul_f64(fraction())
}

/// A random number from 0 to 1. Nothing is guarded by it, so the seeds of hash maps are good enough.
fn fraction() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// What `Retry-After` says: seconds, or an instant.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = instant(header)?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// An instant in the form that HTTP has for it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn instant(header: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(header.trim()).ok()
}
