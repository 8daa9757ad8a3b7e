//! What time it is for plans that expire. No flag and no variable of a program that is built for use says otherwise: that
//! would bring plans back that nobody may apply any more.

use jiff::Timestamp;

use crate::model::Instant;

/// The variable with which a test says what the clock of the machine shows.
#[cfg(debug_assertions)]
const VARIABLE: &str = "GITSM_CLOCK";

/// What the clock of the machine shows, to the second.
#[must_use]
pub fn now() -> Instant {
    let now = shown();
    Instant(Timestamp::from_second(now.as_second()).unwrap_or(now))
}

#[cfg(debug_assertions)]
fn shown() -> Timestamp {
    let said = std::env::var(VARIABLE).ok().and_then(|said| said.parse().ok());
    said.unwrap_or_else(Timestamp::now)
}

#[cfg(not(debug_assertions))]
fn shown() -> Timestamp {
    Timestamp::now()
}
