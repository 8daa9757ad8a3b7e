//! Lengths of time as a rulebook writes them: `30m`, `1h30m`, `365d`, `2bd`.

use std::fmt;
use std::str::FromStr;

use super::text::string_serde;

/// The longest elapsed duration, in seconds: 100 years of 365.25 days.
pub const MAX_SECONDS: i64 = 36_525 * 86_400;
/// The longest duration in business days.
pub const MAX_BUSINESS_DAYS: u32 = 10_000;

/// Units in descending order with their length in seconds. A day has 24 hours whatever the calendar, a week seven of them.
const UNITS: [(&str, u32); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// A length of time.
///
/// `d` is 24 hours and `bd` is the business day of the calendar that the duration is counted on, so the two never
/// mix and have no order between them: [`Duration::seconds`] compares them once the calendar is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Duration {
    /// Seconds that a clock counts while it runs; never negative, at most [`MAX_SECONDS`] when parsed.
    Elapsed {
        /// The number of seconds.
        seconds: i64,
    },
    /// Days of the calendar's usual business hours; at most [`MAX_BUSINESS_DAYS`] when parsed.
    BusinessDays {
        /// The number of business days.
        days: u32,
    },
}

impl Duration {
    /// The length in seconds on a calendar whose business day is `business_day_seconds` long
    /// (see [`Calendar::business_day_seconds`](super::Calendar::business_day_seconds)).
    #[must_use]
    pub fn seconds(&self, business_day_seconds: i64) -> i64 {
        match *self {
            Self::Elapsed { seconds } => seconds,
            Self::BusinessDays { days } => i64::from(days).saturating_mul(business_day_seconds),
        }
    }

    /// The duration as it is written where the hours of a calendar are counted: `32h`, not `1d8h`.
    #[must_use]
    pub const fn in_hours(self) -> InHours {
        InHours(self)
    }

    /// Whether nothing has to pass at all.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Elapsed { seconds: 0 } | Self::BusinessDays { days: 0 })
    }
}

/// Why a text is not a duration, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing was written.
    #[error("a duration is empty: write a number and a unit, such as `30m`, `4h`, `1h30m`, `14d` or `2bd`")]
    Empty,
    /// A part does not begin with an ASCII digit: a sign, a space, a unit without a number.
    #[error(
        "`{text}` is not a duration: `{found}` stands where a digit must; write whole numbers and units without \
         spaces or signs, such as `30m`, `4h`, `1h30m`, `14d` or `2bd`"
    )]
    NotANumber {
        /// The whole text.
        text: String,
        /// The character that is not a digit.
        found: char,
    },
    /// A decimal fraction.
    #[error(
        "`{text}` has a fraction: write whole numbers in a smaller unit, such as `1h30m` or `90m` for an hour and a half"
    )]
    Fraction {
        /// The whole text.
        text: String,
    },
    /// The last number has no unit.
    #[error(
        "`{text}` has no unit after `{number}`: write `{number}m` for minutes, `{number}h` for hours, `{number}d` for days of 24 hours, `{number}bd` for business days"
    )]
    NoUnit {
        /// The whole text.
        text: String,
        /// The number without a unit.
        number: String,
    },
    /// A number such as `007`.
    #[error("`{text}` has a number with leading zeros: write `{number}` instead of `{written}`")]
    LeadingZero {
        /// The whole text.
        text: String,
        /// The number as written.
        written: String,
        /// The number as it should be.
        number: String,
    },
    /// A unit that is spelled differently here.
    #[error("`{text}` has the unit `{unit}`: write `{number}{instead}`")]
    Spelling {
        /// The whole text.
        text: String,
        /// The number before the unit.
        number: String,
        /// The unit as written.
        unit: String,
        /// The unit of the same meaning.
        instead: &'static str,
    },
    /// Months and years have no fixed length.
    #[error("`{text}` has the unit `{unit}`, which has no fixed length: write days, such as `30d` or `365d`")]
    NoFixedLength {
        /// The whole text.
        text: String,
        /// The unit as written.
        unit: String,
    },
    /// A unit that does not exist.
    #[error("`{text}` has the unknown unit `{unit}`: write `w`, `d`, `h`, `m`, `s` or `bd`")]
    UnknownUnit {
        /// The whole text.
        text: String,
        /// The unit as written.
        unit: String,
    },
    /// The same unit twice.
    #[error("`{text}` has the unit `{unit}` twice: write their sum once")]
    Repeated {
        /// The whole text.
        text: String,
        /// The unit.
        unit: &'static str,
    },
    /// A larger unit after a smaller one.
    #[error(
        "`{text}` has `{unit}` after a smaller unit: write the units from large to small, such as `1d12h` or `1h30m`"
    )]
    Order {
        /// The whole text.
        text: String,
        /// The unit that comes too late.
        unit: &'static str,
    },
    /// Business days together with another unit.
    #[error(
        "`{text}` mixes business days with other units: write either `bd` alone, such as `2bd`, or only `w`, `d`, `h`, `m`, `s`"
    )]
    Mixed {
        /// The whole text.
        text: String,
    },
    /// Beyond [`MAX_SECONDS`] or [`MAX_BUSINESS_DAYS`].
    #[error("`{text}` is too long: write at most 100 years (`36525d`) or 10000 business days (`10000bd`)")]
    TooLong {
        /// The whole text.
        text: String,
    },
}

/// What follows a number in a duration.
enum Unit {
    /// Index into [`UNITS`].
    Clock(usize),
    /// `bd`
    BusinessDay,
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        if text.is_empty() {
            return Err(DurationError::Empty);
        }
        let owned = || text.to_owned();
        let too_long = || DurationError::TooLong { text: owned() };
        let mut rest = text;
        let mut seconds = 0_i64;
        let mut previous: Option<usize> = None;
        let mut parts = 0_usize;
        let mut business_days: Option<u32> = None;
        while let Some(found) = rest.chars().next() {
            let (number, after) = split_while(rest, |c| c.is_ascii_digit());
            if number.is_empty() {
                return Err(DurationError::NotANumber { text: owned(), found });
            }
            let (unit, after) = split_while(after, |c| !c.is_ascii_digit());
            check_number(text, number, unit)?;
            let unit = parse_unit(text, number, unit)?;
            parts += 1;
            match unit {
                Unit::BusinessDay => {
                    let days = number.parse::<u32>().ok().filter(|&days| days <= MAX_BUSINESS_DAYS);
                    business_days = Some(days.ok_or_else(too_long)?);
                }
                Unit::Clock(index) => {
                    let Some(&(name, length)) = UNITS.get(index) else { return Err(too_long()) };
                    match previous {
                        Some(before) if before == index => {
                            return Err(DurationError::Repeated { text: owned(), unit: name });
                        }
                        Some(before) if before > index => {
                            return Err(DurationError::Order { text: owned(), unit: name });
                        }
                        _ => previous = Some(index),
                    }
                    seconds = number
                        .parse::<i64>()
                        .ok()
                        .and_then(|count| count.checked_mul(i64::from(length)))
                        .and_then(|part| seconds.checked_add(part))
                        .filter(|&sum| sum <= MAX_SECONDS)
                        .ok_or_else(too_long)?;
                }
            }
            if business_days.is_some() && parts > 1 {
                return Err(DurationError::Mixed { text: owned() });
            }
            rest = after;
        }
        Ok(match business_days {
            Some(days) => Self::BusinessDays { days },
            None => Self::Elapsed { seconds },
        })
    }
}

/// The longest prefix of characters that pass, and the rest.
fn split_while(text: &str, pass: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !pass(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Refuses numbers that could be read in two ways, and numbers that nothing but a fraction follows.
fn check_number(text: &str, number: &str, unit: &str) -> Result<(), DurationError> {
    if unit.is_empty() {
        return Err(DurationError::NoUnit { text: text.to_owned(), number: number.to_owned() });
    }
    if unit.starts_with(['.', ',']) {
        return Err(DurationError::Fraction { text: text.to_owned() });
    }
    if number.len() > 1 && number.starts_with('0') {
        let short = number.trim_start_matches('0');
        return Err(DurationError::LeadingZero {
            text: text.to_owned(),
            written: number.to_owned(),
            number: if short.is_empty() { "0" } else { short }.to_owned(),
        });
    }
    Ok(())
}

/// Reads a unit; words and capitals that people are used to are refused with the spelling that is valid.
fn parse_unit(text: &str, number: &str, unit: &str) -> Result<Unit, DurationError> {
    if unit == "bd" {
        return Ok(Unit::BusinessDay);
    }
    if let Some(index) = UNITS.iter().position(|&(name, _)| name == unit) {
        return Ok(Unit::Clock(index));
    }
    let word = unit.trim().to_lowercase();
    let instead = match word.as_str() {
        "w" | "wk" | "wks" | "week" | "weeks" => "w",
        "d" | "day" | "days" => "d",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "bd" | "business day" | "business days" | "business-day" | "business-days" | "working day"
        | "working days" | "workday" | "workdays" => "bd",
        "mo" | "mon" | "month" | "months" | "y" | "yr" | "yrs" | "year" | "years" | "q" | "quarter"
        | "quarters" => {
            return Err(DurationError::NoFixedLength { text: text.to_owned(), unit: word });
        }
        _ => return Err(DurationError::UnknownUnit { text: text.to_owned(), unit: unit.to_owned() }),
    };
    Err(DurationError::Spelling {
        text: text.to_owned(),
        number: number.to_owned(),
        unit: unit.trim().to_owned(),
        instead,
    })
}

impl fmt::Display for Duration {
    /// The shortest text of that length: `90m`, not `1h30m`; `365d`, not `52w1d`. Among equally short texts the
    /// larger units win: `1w`, not `7d`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BusinessDays { days } => write!(formatter, "{days}bd"),
            Self::Elapsed { seconds } => write_shortest(formatter, seconds, UNITS.len()),
        }
    }
}

/// A duration in units up to hours. Where only some hours of a day count, `1d` would be taken for one of their days.
#[derive(Debug, Clone, Copy)]
pub struct InHours(Duration);

impl fmt::Display for InHours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Duration::BusinessDays { .. } => fmt::Display::fmt(&self.0, formatter),
            // The last three units: hours, minutes, seconds.
            Duration::Elapsed { seconds } => write_shortest(formatter, seconds, 3),
        }
    }
}

/// Writes the shortest text of a length in the smallest units of so many.
fn write_shortest(formatter: &mut fmt::Formatter<'_>, seconds: i64, units: usize) -> fmt::Result {
    // Each set of units has one shortest text; five units make 31 sets, largest units first.
    let shortest = (1..1_u32 << units)
        .rev()
        .filter_map(|set| in_units(seconds.unsigned_abs(), set))
        .min_by_key(String::len);
    // Nothing that was parsed is negative, but what is computed must not look shorter than it is.
    formatter.write_str(if seconds < 0 { "-" } else { "" })?;
    formatter.write_str(shortest.as_deref().unwrap_or("0s"))
}

/// `seconds` in the units of a set (the highest bit stands for weeks), none if they do not come out even.
fn in_units(seconds: u64, set: u32) -> Option<String> {
    let mut rest = seconds;
    let mut text = String::new();
    for (bit, (name, length)) in (0..UNITS.len()).rev().zip(UNITS) {
        let length = u64::from(length);
        if set & (1 << bit) != 0 && rest >= length {
            text.push_str(&(rest / length).to_string());
            text.push_str(name);
            rest %= length;
        }
    }
    (rest == 0 && !text.is_empty()).then_some(text)
}

string_serde!(Duration, "a duration such as `30m`, `4h`, `1h30m`, `14d` or `2bd`");

impl schemars::JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // Spelled out from the largest unit to the smallest: no look-ahead, so every validator can run it.
        schemars::json_schema!({
            "title": "Duration",
            "description": "A length of time: whole numbers with the units w, d (24 hours), h, m, s from large to small, \
                            or a number of business days (bd) of the calendar it is counted on.",
            "type": "string",
            "pattern": "^((0|[1-9][0-9]{0,4})bd\
                |(0|[1-9][0-9]{0,3})w((0|[1-9][0-9]{0,4})d)?((0|[1-9][0-9]{0,5})h)?((0|[1-9][0-9]{0,7})m)?((0|[1-9][0-9]{0,9})s)?\
                |(0|[1-9][0-9]{0,4})d((0|[1-9][0-9]{0,5})h)?((0|[1-9][0-9]{0,7})m)?((0|[1-9][0-9]{0,9})s)?\
                |(0|[1-9][0-9]{0,5})h((0|[1-9][0-9]{0,7})m)?((0|[1-9][0-9]{0,9})s)?\
                |(0|[1-9][0-9]{0,7})m((0|[1-9][0-9]{0,9})s)?\
                |(0|[1-9][0-9]{0,9})s)$",
            "examples": ["30m", "4h", "1h30m", "14d", "2bd"],
        })
    }
}
