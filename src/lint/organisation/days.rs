//! Whole days.

use jiff::civil::Date;

use crate::model::{Duration, LocalDate};

/// How many days lie between two dates; negative when the second comes first.
pub(in crate::lint) fn days_between(from: LocalDate, until: Date) -> i64 {
    // The difference of two dates is in days unless something else is asked for.
    from.0.until(until).map_or(0, |span| i64::from(span.get_days()))
}

/// The whole days of a duration; a business day counts as one.
pub(in crate::lint) fn whole_days(duration: Duration) -> i64 {
    duration.seconds(86_400).div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_across_months_and_years() {
        let date = |text: &str| text.parse::<LocalDate>().unwrap();
        assert_eq!(days_between(date("2026-11-20"), date("2026-11-20").0), 0);
        assert_eq!(days_between(date("2026-08-22"), date("2026-11-20").0), 90);
        assert_eq!(days_between(date("2023-12-31"), date("2025-01-01").0), 367);
        assert_eq!(days_between(date("2026-11-20"), date("2026-11-19").0), -1);
        assert_eq!(whole_days("36h".parse().unwrap()), 1);
        assert_eq!(whole_days("2bd".parse().unwrap()), 2);
    }
}
