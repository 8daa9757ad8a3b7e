//! Instants as exports write them.

use jiff::{Timestamp, civil, fmt::strtime, tz::TimeZone};

use crate::model::quantity::{QuantityError, is_leap_second};

/// How instants are written, and where they are meant when they do not say it.
#[derive(Debug, Clone)]
pub struct InstantFormat {
    format: Option<String>,
    zone: TimeZone,
}

impl InstantFormat {
    /// `format` is in the notation of strftime.
    #[must_use]
    pub const fn new(format: Option<String>, zone: TimeZone) -> Self {
        Self { format, zone }
    }

    /// Reads an instant.
    ///
    /// # Errors
    /// What should have been written.
    pub fn read(&self, text: &str) -> Result<Timestamp, String> {
        let Some(format) = &self.format else {
            if is_leap_second(text) {
                return Err(QuantityError::LeapSecond(shown(text)).to_string());
            }
            let read = || {
                text.parse::<Timestamp>().ok().or_else(|| {
                    let date = text.parse::<civil::Date>().ok();
                    let local = text.parse::<civil::DateTime>().ok();
                    self.local(local.or_else(|| Some(date?.at(0, 0, 0, 0)))?)
                })
            };
            return read().ok_or_else(|| {
                format!("`{}` is not an instant such as 2026-05-01T09:00:00Z; `instants` of the map can say how they are written", shown(text))
            });
        };
        let wrong = || format!("`{}` is not an instant in the format `{format}`", shown(text));
        let broken = strtime::BrokenDownTime::parse(format, text).map_err(|_| wrong())?;
        if broken.offset().is_some() || broken.timestamp().is_some() {
            return broken.to_timestamp().map_err(|_| wrong());
        }
        let local = broken.to_datetime().or_else(|_| broken.to_date().map(|date| date.at(0, 0, 0, 0)));
        self.local(local.map_err(|_| wrong())?).ok_or_else(wrong)
    }

    /// The instant at which the clocks on the wall show this. What they show twice is the first time; what they skip
    /// is the time that they would have shown without the change.
    fn local(&self, local: civil::DateTime) -> Option<Timestamp> {
        Some(local.to_zoned(self.zone.clone()).ok()?.timestamp())
    }
}

/// The beginning of a text, which may be of any length.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Whether instants can be read in this format at all.
///
/// # Errors
/// What is wrong with it.
pub fn check_format(format: &str) -> Result<(), String> {
    // Numbers of which none can be mistaken for another.
    let sample = civil::date(2031, 12, 28).at(21, 47, 0, 0);
    let zoned = sample.to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
    let written = strtime::format(format, &zoned).map_err(|error| error.to_string())?;
    let read = InstantFormat::new(Some(format.to_owned()), TimeZone::UTC).read(&written)?;
    let same_day = read.to_zoned(TimeZone::UTC).date() == sample.date();
    if same_day { Ok(()) } else { Err("it leaves out a part of the date".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Option<&str>, text: &str) -> Result<String, String> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        InstantFormat::new(format.map(str::to_owned), zone).read(text).map(|instant| instant.to_string())
    }

    #[test]
    fn instants_are_read_with_and_without_a_zone() {
        for (format, text, expected) in [
            (None, "2026-05-01T09:00:00Z", "2026-05-01T09:00:00Z"),
            (None, "2026-05-01T09:00:00+05:00", "2026-05-01T04:00:00Z"),
            (None, "2026-05-01 09:00:00", "2026-05-01T07:00:00Z"),
            (None, "2026-01-01", "2025-12-31T23:00:00Z"),
            (Some("%d/%m/%Y %H:%M"), "29/2/2016 01:16", "2016-02-29T00:16:00Z"),
            (Some("%d.%m.%Y"), "01.05.2026", "2026-04-30T22:00:00Z"),
            (Some("%Y-%m-%d %H:%M %z"), "2026-05-01 09:00 -0100", "2026-05-01T10:00:00Z"),
            (Some("%s"), "1000000000", "2001-09-09T01:46:40Z"),
            // Shown twice, and never shown.
            (None, "2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
            (None, "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(read(format, text).as_deref(), Ok(expected), "{format:?} {text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_not_guessed() {
        for (format, text) in [
            (None, "01/05/2026 09:00"),
            (None, "2026-13-01"),
            (None, "10000-01-01T00:00:00Z"),
            (None, ""),
            (Some("%d/%m/%Y"), "2/30/2026"),
            (Some("%d/%m/%Y"), "01/05/2026 09:00"),
        ] {
            assert!(read(format, text).is_err(), "{format:?} {text}");
        }
        assert!(read(None, &"9".repeat(1_000_000)).unwrap_err().chars().count() < 300);
    }

    #[test]
    fn formats_that_lose_the_day_are_refused() {
        for format in ["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z", "%s", "%d %b %Y"] {
            assert_eq!(check_format(format), Ok(()), "{format}");
        }
        for format in ["%H:%M", "%d/%m", "%Q9", "day"] {
            assert!(check_format(format).is_err(), "{format}");
        }
    }
}
