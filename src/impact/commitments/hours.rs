//! What differs between the hours of two calendars, as it is written: why something becomes due at other instants.

use jiff::civil::Date;

use super::{Commitments, Unknown, side::Side, times::Times};
pub use crate::impact::hours::HoursChange;
use crate::model::{Kind, Selector};

impl HoursChange {
    /// What differs between a calendar of the one side and one of the other.
    pub(super) fn of(sides: &[Side<'_>; 2], calendars: [&str; 2]) -> Option<Self> {
        Self::between(sides.each_ref().map(Side::rulebook), calendars)
    }
}

/// Dates that differ and lie outside of the period: nothing is known about what they do.
pub(super) fn beyond(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides;
    let zone = new.engine.zone();
    let [first, end] =
        [times.starts.from, times.starts.to].map(|instant| instant.to_zoned(zone.clone()).date());
    for calendar in &new.rulebook().calendars {
        let id = &calendar.id;
        if old.rulebook().calendars.get(id.as_str()).is_none()
            || times.have_the_same_hours([id.as_str(), id.as_str()])
        {
            continue;
        }
        let Some(change) = HoursChange::of(times.sides, [id.as_str(), id.as_str()]) else { continue };
        let outside: Vec<Date> = change.dates().filter(|date| *date < first || *date >= end).collect();
        if let Some(date) = outside.first() {
            found.unknown.push(Unknown {
                subjects: vec![Selector { kind: Kind::Calendar, id: id.clone(), part: None }],
                why: match outside.len() {
                    1 => format!("{date} lies outside of the years that are compared"),
                    several => {
                        format!("{several} dates, such as {date}, lie outside of the years that are compared")
                    }
                },
            });
        }
    }
}
