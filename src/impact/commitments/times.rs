//! When things are due on both sides: each different question is asked once.

use std::{cell::RefCell, collections::BTreeMap};

use jiff::{Timestamp, civil::Date};

use super::side::Side;
use crate::{
    decide::undecidable::Undecidable,
    time::{self, Commitment, Shift, Starts},
};

/// How many years before the year of the comparison can be looked at, and how many after it.
const YEARS_BEFORE: i16 = 2;
const YEARS_AFTER: i16 = 5;

/// So many seconds in the hours of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step<'a> {
    pub(super) calendar: &'a str,
    pub(super) seconds: i64,
}

/// Steps one after another; of several chains the first to be done counts.
pub(super) type Chains<'a> = Vec<Vec<Step<'a>>>;

/// The two sides, with what was found out about them.
pub(super) struct Times<'s, 'a> {
    pub(super) sides: &'s [Side<'a>; 2],
    pub(super) starts: Starts,
    known: RefCell<BTreeMap<[Chains<'a>; 2], Shift>>,
    same: RefCell<BTreeMap<[&'a str; 2], bool>>,
}

impl<'s, 'a> Times<'s, 'a> {
    pub(super) fn new(sides: &'s [Side<'a>; 2], starts: Starts) -> Self {
        Self { sides, starts, known: RefCell::default(), same: RefCell::default() }
    }

    /// How the instants move at which something is due.
    ///
    /// # Errors
    /// When nobody can count on one of the calendars.
    pub(super) fn shift(&self, chains: [Chains<'a>; 2]) -> Result<Shift, Undecidable> {
        if let Some(known) = self.known.borrow().get(&chains) {
            return Ok(*known);
        }
        let [before, after] = &chains;
        let shift = if self.are_the_same(before, after) {
            let all = self.starts.to.as_second() - self.starts.from.as_second();
            Shift { same: all, ..Shift::default() }
        } else {
            let [old, new] = self.sides;
            time::shift(&commitments(old, before)?, &commitments(new, after)?, self.starts)
        };
        self.known.borrow_mut().insert(chains, shift);
        Ok(shift)
    }

    fn are_the_same(&self, before: &Chains<'a>, after: &Chains<'a>) -> bool {
        let alike = |(one, other): (&Step<'a>, &Step<'a>)| {
            one.seconds == other.seconds && self.have_the_same_hours([one.calendar, other.calendar])
        };
        before.len() == after.len()
            && before
                .iter()
                .zip(after)
                .all(|(one, other)| one.len() == other.len() && one.iter().zip(other).all(alike))
    }

    /// Whether two calendars, one of each side, say the same hours. Those that say it in other words may do all the
    /// same.
    pub(super) fn have_the_same_hours(&self, calendars: [&'a str; 2]) -> bool {
        if let Some(known) = self.same.borrow().get(&calendars) {
            return *known;
        }
        let ([old, new], [before, after]) = (self.sides, calendars);
        let same = old.hours(before).is_some_and(|hours| new.hours(after) == Some(hours));
        self.same.borrow_mut().insert(calendars, same);
        same
    }
}

fn commitments<'c>(side: &'c Side<'_>, chains: &Chains<'_>) -> Result<Vec<Vec<Commitment<'c>>>, Undecidable> {
    let commitment =
        |step: &Step<'_>| Ok(Commitment { calendar: side.calendar(step.calendar)?, seconds: step.seconds });
    chains.iter().map(|chain| chain.iter().map(commitment).collect()).collect()
}

/// The starts that are compared: the years of which a calendar of either side names dates, with the year of the
/// comparison and the next one.
///
/// # Errors
/// When these are years that no date can have.
pub(super) fn period(sides: &[Side<'_>; 2], instant: Timestamp) -> Result<Starts, Undecidable> {
    let [_, new] = sides;
    let year = new.engine.date(instant).year();
    let (mut first, mut last) = (year, year.saturating_add(1));
    for side in sides {
        for calendar in &side.rulebook().calendars {
            let dates = calendar.value.holidays.keys().chain(calendar.value.overrides.keys());
            for named in dates.map(|date| date.0.year()) {
                first = first.min(named.max(year.saturating_sub(YEARS_BEFORE)));
                last = last.max(named.min(year.saturating_add(YEARS_AFTER)));
            }
        }
    }
    let start_of = |year: i16| {
        let date = Date::new(year, 1, 1).map_err(|_| Undecidable::OutOfTime)?;
        new.engine.start_of(date).ok_or(Undecidable::OutOfTime)
    };
    // A full hour is easier to read than the second at which somebody asked.
    let hour = instant.as_second().div_euclid(3_600) + i64::from(instant.as_second().rem_euclid(3_600) > 0);
    Ok(Starts {
        from: start_of(first)?,
        to: start_of(last.saturating_add(1))?,
        prefer: Timestamp::from_second(hour * 3_600).unwrap_or(instant),
    })
}
