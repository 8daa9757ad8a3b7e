//! How long things take: the middle, the slow end and the longest of many durations.

use std::collections::BTreeMap;

/// Durations in whole minutes, rounded up, and how often each occurs. It grows with how different they are, not
/// with how many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    minutes: BTreeMap<i64, u64>,
    count: u64,
}

impl Spread {
    /// Adds a duration in seconds.
    pub fn add(&mut self, seconds: i64) {
        *self.minutes.entry(seconds.saturating_add(59).div_euclid(60)).or_default() += 1;
        self.count += 1;
    }

    /// Adds everything of another.
    pub fn merge(&mut self, other: Self) {
        for (minutes, count) in other.minutes {
            *self.minutes.entry(minutes).or_default() += count;
        }
        self.count += other.count;
    }

    /// How many durations were added.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The least duration, in minutes, that so many percent of all do not exceed; none when there are none.
    #[must_use]
    pub fn within(&self, percent: u64) -> Option<i64> {
        let wanted = self.count.saturating_mul(percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.minutes
            .iter()
            .find(|(_, count)| {
                seen += **count;
                seen >= wanted
            })
            .map(|(minutes, _)| *minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends_are_found() {
        let mut spread = Spread::default();
        assert_eq!(spread.within(50), None);
        for seconds in [60, 61, 120, 3_600] {
            spread.add(seconds);
        }
        assert_eq!(
            [1, 25, 50, 75, 76, 100].map(|percent| spread.within(percent).unwrap()),
            [1, 1, 2, 2, 60, 60]
        );
        let mut twice = spread.clone();
        twice.merge(spread.clone());
        assert_eq!((twice.count(), twice.within(50)), (8, Some(2)));
    }
}
