//! Amounts and dates. Numbers are integers with units, never floats.

use std::{fmt, marker::PhantomData, str::FromStr};

use jiff::civil;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::currency::is_currency;

/// The reserved newtype name of a [`LocalDate`], which TOML writes without quotes.
pub(crate) const DATE: &str = "gitsm:date";
/// The reserved newtype name of an [`Instant`], which TOML writes without quotes.
pub(crate) const INSTANT: &str = "gitsm:instant";

/// Why a text is not the quantity that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a percentage.
    #[error("`{0}` is not a percentage: write digits and a percent sign, such as `40%` or `99.95%`")]
    Percent(String),
    /// Not an amount of money.
    #[error(
        "`{0}` is not an amount of money: write the amount and the currency, such as `1200 EUR` or `49.90 USD`"
    )]
    Money(String),
    /// Not a currency.
    #[error("there is no currency `{0}`: write three letters of ISO 4217, such as `EUR`")]
    Currency(String),
    /// Not a date.
    #[error("`{0}` is not a date: write year-month-day without quotes, such as `2026-05-01`")]
    Date(String),
    /// Not an instant.
    #[error(
        "`{0}` is not an instant: write it without quotes and with its offset, such as `2026-05-01T09:00:00Z`, and \
         not after `9999-12-30T22:00:00Z`"
    )]
    Instant(String),
    /// An instant with 60 seconds.
    #[error("`{0}` has 60 seconds, and a leap second is no time of day: write seconds from 0 to 59")]
    LeapSecond(String),
}

/// A share between 0 % and 100 %, exact to four decimals of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent {
    parts_per_million: u32,
}

impl Percent {
    /// Nothing: 0 %.
    pub const NOTHING: Self = Self { parts_per_million: 0 };

    /// A share in parts per million; `None` above 100 %.
    #[must_use]
    pub const fn from_parts_per_million(parts_per_million: u32) -> Option<Self> {
        if parts_per_million <= 1_000_000 { Some(Self { parts_per_million }) } else { None }
    }

    /// So much of a number, rounded up; nothing of less than nothing.
    #[must_use]
    pub fn of_rounded_up(self, number: i64) -> i64 {
        let parts = i128::from(number.max(0)) * i128::from(self.parts_per_million);
        i64::try_from((parts + 999_999) / 1_000_000).unwrap_or(i64::MAX)
    }

    /// The share in parts per million: 40 % is 400 000.
    #[must_use]
    pub const fn parts_per_million(self) -> u32 {
        self.parts_per_million
    }
}

impl FromStr for Percent {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let number = text.strip_suffix('%')?;
            Self::from_parts_per_million(u32::try_from(fixed_point(number, 4)?).ok()?)
        };
        parse().ok_or_else(|| QuantityError::Percent(text.to_owned()))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.parts_per_million / 10_000, self.parts_per_million % 10_000);
        if decimals == 0 {
            return write!(formatter, "{whole}%");
        }
        write!(formatter, "{whole}.{}%", format!("{decimals:04}").trim_end_matches('0'))
    }
}

/// An amount of money in the smallest common unit of its currency (two decimals).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Hundredths of the currency.
    pub hundredths: i64,
    /// The three letters of ISO 4217.
    pub currency: [u8; 3],
}

impl FromStr for Money {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (amount, currency) = text.split_once(' ')?;
            let currency: [u8; 3] = currency.as_bytes().try_into().ok()?;
            currency.iter().all(u8::is_ascii_uppercase).then_some(())?;
            Some(Self { hundredths: fixed_point(amount, 2)?, currency })
        };
        let money = parse().ok_or_else(|| QuantityError::Money(text.to_owned()))?;
        if is_currency(money.currency) {
            Ok(money)
        } else {
            Err(QuantityError::Currency(String::from_utf8_lossy(&money.currency).into_owned()))
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.hundredths / 100)?;
        if self.hundredths % 100 != 0 {
            write!(formatter, ".{:02}", self.hundredths % 100)?;
        }
        write!(formatter, " {}", String::from_utf8_lossy(&self.currency))
    }
}

/// Reads an unsigned decimal number with at most `decimals` digits after the point, scaled by
/// 10^`decimals`; at most twelve digits before the point.
fn fixed_point(text: &str, decimals: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if !digits(whole) || whole.len() > 12 || leading_zero {
        return None;
    }
    let fraction = match fraction {
        Some(fraction) if digits(fraction) && fraction.len() <= decimals => fraction,
        Some(_) => return None,
        None => "",
    };
    format!("{whole}{fraction:0<decimals$}").parse().ok()
}

/// A date without a time, as people write it in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDate(pub civil::Date);

impl FromStr for LocalDate {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let exact = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        // The calendar of people has no year 0, and many programs refuse it.
        exact
            .then(|| text.parse().ok())
            .flatten()
            .filter(|date: &civil::Date| date.year() > 0)
            .map(Self)
            .ok_or_else(|| QuantityError::Date(text.to_owned()))
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// A point in time, written with its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub jiff::Timestamp);

impl FromStr for Instant {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_leap_second(text) {
            return Err(QuantityError::LeapSecond(text.to_owned()));
        }
        text.parse().map(Self).map_err(|_| QuantityError::Instant(text.to_owned()))
    }
}

/// Whether an instant is written with 60 seconds. There are no leap seconds here, and programs that read one mean the second
/// before or the second after.
#[must_use]
pub fn is_leap_second(text: &str) -> bool {
    let Some((_, time)) = text.split_once(['T', 't', ' ']) else { return false };
    let mut digits = time.chars().filter(|character| *character != ':');
    (0..4).all(|_| digits.next().is_some_and(|digit| digit.is_ascii_digit()))
        && (digits.next(), digits.next()) == (Some('6'), Some('0'))
}

impl fmt::Display for Instant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// Reads a quantity where it is written, so that what is wrong with it is said there.
struct Parsed<T>(PhantomData<T>);

impl<'de, T: FromStr<Err: fmt::Display>> de::Visitor<'de> for Parsed<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Serde and schema for a quantity that is written as a string or as a bare TOML date.
macro_rules! text_quantity {
    ($type:ident, $newtype:expr, $schema:tt) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_newtype_struct($newtype, Parsed(PhantomData))
            }
        }
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

text_quantity!(Percent, "Percent", {
    "type": "string",
    "pattern": "^(100(\\.0{1,4})?|[0-9]{1,2}(\\.[0-9]{1,4})?)%$",
    "description": "A percentage between 0% and 100%.",
    "examples": ["40%", "99.95%"],
});
text_quantity!(Money, "Money", {
    "type": "string",
    "pattern": "^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,2})? [A-Z]{3}$",
    "description": "An amount of money with its ISO 4217 currency.",
    "examples": ["1200 EUR", "49.90 USD"],
});
text_quantity!(LocalDate, DATE, {
    "type": "string",
    "format": "date",
    "description": "A date, written without quotes: year-month-day.",
    "examples": ["2026-05-01"],
});
text_quantity!(Instant, INSTANT, {
    "type": "string",
    "format": "date-time",
    "description": "A point in time, written without quotes and with its offset from UTC.",
    "examples": ["2026-05-01T09:00:00Z"],
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact_and_bounded() {
        for (text, parts) in [("0%", 0), ("40%", 400_000), ("99.95%", 999_500), ("100%", 1_000_000)] {
            let percent: Percent = text.parse().unwrap();
            assert_eq!(percent.parts_per_million(), parts);
            assert_eq!(percent.to_string(), text);
        }
        for text in ["101%", "100.0001%", "-1%", "40", "4 0%", "1.23456%", "٤%", "%", "1.%", "01%"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }

    #[test]
    fn money_keeps_its_hundredths() {
        for text in ["0 EUR", "1200 EUR", "49.90 USD"] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), text);
        }
        for text in
            ["1200", "1200 euro", "10 ABC", "10 QQQ", "-5 EUR", "1.234 EUR", "1e3 EUR", "9999999999999 EUR"]
        {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn dates_exist_in_the_calendar() {
        assert!("2024-02-29".parse::<LocalDate>().is_ok());
        for text in ["2023-02-29", "2024-2-9", "2024-02-29T00:00:00", "0000-00-00", "0000-01-01"] {
            assert!(text.parse::<LocalDate>().is_err(), "{text}");
        }
        assert!("2024-02-29T09:00:00+01:00".parse::<Instant>().is_ok());
        assert!("2024-02-29T09:00:00".parse::<Instant>().is_err());
    }
}
