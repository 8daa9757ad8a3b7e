//! Calendars and business time.
//!
//! Everything here is a pure function of its arguments: nothing reads a clock, a file or the machine's zones.

mod duration;
mod text;
mod window;
mod zone;

pub use duration::{Duration, DurationError, MAX_BUSINESS_DAYS, MAX_SECONDS};
pub use window::{Weekdays, WeekdaysError, Window, WindowError};
pub use zone::Zone;
