//! Calendars and business time.
