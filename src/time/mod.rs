//! Calendars and business time.
//!
//! Everything here is a pure function of its arguments: nothing reads a clock, a file or the machine's zones. The unit
//! is the second; leap seconds do not exist.

mod calendar;
mod clock;
mod duration;
mod feasibility;
mod intervals;
mod lines;
mod offsets;
mod shift;
mod text;
mod window;
mod zone;

pub use calendar::Calendar;
pub use clock::{
    Clock, ClockState, Due, HORIZON_SECONDS, NeverDue, PauseError, Pauses, ReadAt, Reading, due, elapsed,
    percent,
};
pub use duration::{Duration, DurationError, InHours, MAX_BUSINESS_DAYS, MAX_SECONDS};
pub use feasibility::{Case, Commitment, Feasibility, feasibility};
pub use intervals::{OpenInterval, OpenIntervals};
pub use shift::{Chains, Instance, Moved, Shift, Starts, shift};
pub use window::{Weekdays, WeekdaysError, Window, WindowError};
pub use zone::Zone;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::cases;
