//! Opening hours of a weekly calendar: `mon-fri` and `09:00-17:00`.

use std::fmt;
use std::str::FromStr;

use super::text::string_serde;

/// Seconds from one local midnight to the next on a day without a clock change.
pub(super) const DAY: u32 = 86_400;

/// A stretch of local time that begins on one date and ends on it or on the next: `09:00-17:00`, `22:00-06:00`.
///
/// Half-open: 17:00:00 is outside `09:00-17:00`. An end before the start lies on the next day, and the window then
/// belongs to the day on which it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    start: u32,
    end: u32,
}

impl Window {
    /// A window from `start` (0 to 86,399 seconds after local midnight) to `end` (0 to 86,400). An end of 0 is the
    /// same as 86,400, midnight at the end of the day.
    ///
    /// # Errors
    ///
    /// When an edge is out of range or both are equal: an empty window and a full one would look the same.
    pub fn new(start: u32, end: u32) -> Result<Self, WindowError> {
        if start >= DAY || end > DAY {
            let seconds = if start >= DAY { start } else { end };
            return Err(WindowError::Time { text: seconds.to_string() });
        }
        if start == end {
            return Err(WindowError::Empty { text: format!("{}-{}", TimeOfDay(start), TimeOfDay(end)) });
        }
        Ok(Self { start, end: if end == 0 { DAY } else { end } })
    }

    /// The first second of the window, counted from local midnight.
    #[must_use]
    pub fn start(self) -> u32 {
        self.start
    }

    /// The first second after the window, counted from local midnight of the day it ends on; never 0.
    #[must_use]
    pub fn end(self) -> u32 {
        self.end
    }

    /// Whether the window ends on the day after the one it starts on.
    #[must_use]
    pub fn is_overnight(self) -> bool {
        self.end < self.start
    }

    /// The first second after the window, counted from local midnight of the day it *starts* on.
    #[must_use]
    pub fn end_from_start_day(self) -> u32 {
        if self.is_overnight() { self.end + DAY } else { self.end }
    }

    /// How long the window is on a day without a clock change, in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.end_from_start_day() - self.start
    }
}

/// Why a text is not a window, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// Not two times with a hyphen.
    #[error(
        "`{text}` is not a window of time: write two times with a hyphen, such as `09:00-17:00` or `22:00-06:00`"
    )]
    Shape {
        /// The text as written.
        text: String,
    },
    /// A time of day that does not exist or is not written `HH:MM` or `HH:MM:SS`.
    #[error(
        "`{text}` is not a time of day: write `HH:MM` or `HH:MM:SS` from `00:00` to `23:59:59`, such as `09:00`"
    )]
    Time {
        /// The time as written.
        text: String,
    },
    /// A window that starts at 24:00.
    #[error("`{text}` starts at the end of the day: write `00:00` and put the window on the next day")]
    StartsAtEnd {
        /// The text as written.
        text: String,
    },
    /// Start and end are equal.
    #[error(
        "`{text}` starts and ends at the same time: write `00:00-24:00` for the whole day, or leave the window out for none"
    )]
    Empty {
        /// The text as written.
        text: String,
    },
}

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let (start, end) =
            text.split_once('-').ok_or_else(|| WindowError::Shape { text: text.to_owned() })?;
        if end.contains('-') {
            return Err(WindowError::Shape { text: text.to_owned() });
        }
        let (start, end) = (parse_time(start)?, parse_time(end)?);
        if start == DAY {
            return Err(WindowError::StartsAtEnd { text: text.to_owned() });
        }
        Self::new(start, end).map_err(|error| match error {
            WindowError::Empty { .. } => WindowError::Empty { text: text.to_owned() },
            other => other,
        })
    }
}

/// Reads `HH:MM` or `HH:MM:SS`, also `24:00`, as seconds after midnight.
fn parse_time(text: &str) -> Result<u32, WindowError> {
    let error = || WindowError::Time { text: text.to_owned() };
    let mut fields = text.split(':').map(|field| {
        let two_digits = field.len() == 2 && field.bytes().all(|byte| byte.is_ascii_digit());
        if two_digits { field.parse::<u32>().ok() } else { None }
    });
    let hour = fields.next().flatten().ok_or_else(error)?;
    let minute = fields.next().flatten().ok_or_else(error)?;
    let second = match fields.next() {
        None => 0,
        Some(field) => field.ok_or_else(error)?,
    };
    let seconds = hour * 3_600 + minute * 60 + second;
    if fields.next().is_some() || minute > 59 || second > 59 || seconds > DAY {
        return Err(error());
    }
    Ok(seconds)
}

/// Seconds after midnight, shown as `HH:MM`, with `:SS` only where they are not zero.
struct TimeOfDay(u32);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.0 / 3_600, self.0 / 60 % 60, self.0 % 60);
        write!(formatter, "{hour:02}:{minute:02}")?;
        if second > 0 { write!(formatter, ":{second:02}") } else { Ok(()) }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", TimeOfDay(self.start), TimeOfDay(self.end))
    }
}

string_serde!(Window, "a window of local time such as `09:00-17:00` or `22:00-06:00`");

impl schemars::JsonSchema for Window {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "title": "Window of local time",
            "description": "Start and end, HH:MM or HH:MM:SS; the end is outside. An end before the start is on the \
                            next day; 24:00 is the end of the day.",
            "type": "string",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?-(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)$",
            "examples": ["09:00-17:00", "22:00-06:00", "00:00-24:00"],
        })
    }
}

/// Names of the weekdays, Monday first.
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A weekday or a run of weekdays, the key of weekly windows: `mon`, `mon-fri`, `sun-thu`.
///
/// Every text has its own value: `mon-sun` and `tue-mon` are the same days but not equal, so that two keys of a
/// document never collapse into one. Ordered by first weekday, then by number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weekdays {
    /// 0 is Monday.
    first: u8,
    /// 1 to 7.
    length: u8,
}

impl Weekdays {
    /// The days, first one first, as numbers from 0 (Monday) to 6 (Sunday).
    pub fn days(self) -> impl Iterator<Item = usize> {
        (0..self.length).map(move |step| usize::from((self.first + step) % 7))
    }

    /// Whether a day (0 is Monday) is one of them.
    #[must_use]
    pub fn contains(self, day: usize) -> bool {
        self.days().any(|own| own == day)
    }

    /// The name of a day (0 is Monday), none from 7 on.
    #[must_use]
    pub fn name_of(day: usize) -> Option<&'static str> {
        NAMES.get(day).copied()
    }
}

/// Why a text does not name weekdays, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeekdaysError {
    /// A name that is none of the seven.
    #[error(
        "`{name}` is not a weekday: write `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`, or a run such as `mon-fri`"
    )]
    Unknown {
        /// The name as written.
        name: String,
    },
    /// A weekday spelled differently here.
    #[error("`{name}` is not how a weekday is written here: write `{instead}`")]
    Spelling {
        /// The name as written.
        name: String,
        /// The name of that day.
        instead: &'static str,
    },
    /// Several days without a run.
    #[error(
        "`{text}` lists several days: write one key for each day or run of days, such as `mon` and `wed-fri`"
    )]
    List {
        /// The text as written.
        text: String,
    },
    /// A run from a day to itself.
    #[error("`{text}` can mean one day or seven: write `{day}` for one day, `mon-sun` for the whole week")]
    SameDay {
        /// The text as written.
        text: String,
        /// The day.
        day: &'static str,
    },
}

impl FromStr for Weekdays {
    type Err = WeekdaysError;

    fn from_str(text: &str) -> Result<Self, WeekdaysError> {
        if text.contains([',', ' ', ';', '/', '|']) {
            return Err(WeekdaysError::List { text: text.to_owned() });
        }
        let Some((first, last)) = text.split_once('-') else {
            return Ok(Self { first: parse_day(text)?.0, length: 1 });
        };
        let ((first, name), (last, _)) = (parse_day(first)?, parse_day(last)?);
        if first == last {
            return Err(WeekdaysError::SameDay { text: text.to_owned(), day: name });
        }
        Ok(Self { first, length: (last + 7 - first) % 7 + 1 })
    }
}

/// Reads one weekday: its number and its name.
fn parse_day(text: &str) -> Result<(u8, &'static str), WeekdaysError> {
    let lower = text.to_lowercase();
    let days = (0_u8..).zip(NAMES);
    let full = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    for ((number, name), full) in days.zip(full) {
        if text == name {
            return Ok((number, name));
        }
        if lower.len() >= 3 && full.starts_with(&lower) || matches!((lower.as_str(), name), ("thurs", "thu"))
        {
            return Err(WeekdaysError::Spelling { name: text.to_owned(), instead: name });
        }
    }
    Err(WeekdaysError::Unknown { name: text.to_owned() })
}

impl fmt::Display for Weekdays {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut days = self.days().filter_map(Self::name_of);
        formatter.write_str(days.next().unwrap_or_default())?;
        days.last().map_or(Ok(()), |last| write!(formatter, "-{last}"))
    }
}

string_serde!(Weekdays, "a weekday or a run of weekdays such as `mon` or `mon-fri`");

impl schemars::JsonSchema for Weekdays {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Weekdays".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "title": "Weekdays",
            "description": "One weekday or a run of weekdays, which may pass the end of the week.",
            "type": "string",
            "pattern": "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$",
            "examples": ["mon-fri", "sat", "sun-thu"],
        })
    }
}
