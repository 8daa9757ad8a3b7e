//! Limits that the results of a replay must keep: what is counted as too many, and what is not enough.

use std::{fmt, str::FromStr};

/// A number, or a share of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many.
    Count(u64),
    /// So many of ten thousand.
    Share(u64),
}

/// A limit that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a number such as `10`, or a share such as `2.5%`")]
pub struct LimitError;

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let number = |digits: &str| {
            let fine = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            fine.then(|| digits.parse::<u64>().ok()).flatten().ok_or(LimitError)
        };
        let Some(share) = text.strip_suffix('%') else { return Ok(Self::Count(number(text)?)) };
        let (whole, part) = share.trim_end().split_once('.').unwrap_or((share.trim_end(), "00"));
        if part.len() > 2 {
            return Err(LimitError);
        }
        let of = number(whole)?.checked_mul(100).ok_or(LimitError)? + number(&format!("{part:0<2}"))?;
        if of > 10_000 { Err(LimitError) } else { Ok(Self::Share(of)) }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(formatter, "{count}"),
            Self::Share(of) if of % 100 == 0 => write!(formatter, "{}%", of / 100),
            Self::Share(of) => {
                let text = format!("{}.{:02}", of / 100, of % 100);
                write!(formatter, "{}%", text.trim_end_matches('0'))
            }
        }
    }
}

impl Limit {
    /// Whether `count` of `all` are more than this.
    #[must_use]
    pub const fn is_exceeded(self, count: u64, all: u64) -> bool {
        match self {
            Self::Count(most) => count > most,
            Self::Share(of) => count as u128 * 10_000 > of as u128 * all as u128,
        }
    }

    /// Whether `count` of `all` are fewer than this.
    #[must_use]
    pub const fn is_missed(self, count: u64, all: u64) -> bool {
        match self {
            Self::Count(least) => count < least,
            Self::Share(of) => (count as u128 * 10_000) < of as u128 * all as u128,
        }
    }
}

/// A limit, held against what came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// The flag that set it.
    pub flag: &'static str,
    /// The limit.
    pub limit: Limit,
    /// How many there are.
    pub count: u64,
    /// Of how many; none when the file does not tell, so that nobody knows whether the limit is kept.
    pub of: Option<u64>,
    /// Whether the limit is not kept, or nobody knows.
    pub crossed: bool,
}

impl Threshold {
    /// At most so many. Where nothing can be counted, nobody knows, and the limit counts as crossed.
    #[must_use]
    pub const fn most(flag: &'static str, limit: Limit, count: u64, of: Option<u64>) -> Self {
        let crossed = match of {
            None => true,
            Some(all) => limit.is_exceeded(count, all),
        };
        Self { flag, limit, count, of, crossed }
    }

    /// At least so many.
    #[must_use]
    pub const fn least(flag: &'static str, limit: Limit, count: u64, of: Option<u64>) -> Self {
        let crossed = match of {
            None => true,
            Some(all) => limit.is_missed(count, all),
        };
        Self { flag, limit, count, of, crossed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_numbers_or_shares() {
        for (text, shown) in [
            ("0", "0"),
            ("10", "10"),
            ("10%", "10%"),
            ("2.5%", "2.5%"),
            ("0.25 %", "0.25%"),
            ("100%", "100%"),
        ] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), shown);
        }
        for text in ["", "%", "-1", "1.5", "101%", "1.234%", "ten", ".5%", "+1", "1e3"] {
            assert_eq!(text.parse::<Limit>(), Err(LimitError), "{text}");
        }
    }

    #[test]
    fn exactly_at_the_limit_keeps_it() {
        let share = Limit::Share(1_000);
        assert_eq!([9, 10, 11].map(|count| share.is_exceeded(count, 100)), [false, false, true]);
        assert_eq!([9, 10, 11].map(|count| share.is_missed(count, 100)), [true, false, false]);
        assert_eq!([4, 5].map(|count| Limit::Count(4).is_exceeded(count, 5)), [false, true]);
        assert!(Threshold::most("--most", Limit::Count(4), 0, None).crossed);
        assert!(!Threshold::most("--most", Limit::Count(4), 0, Some(0)).crossed);
    }
}
