//! Tests of business time: notation, worked figures, a slow reference, and properties.

mod feasibility;
mod notation;
mod properties;
mod reference;
mod semantics;
mod shift;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Calendar, Weekdays, Window, Zone};

/// How many cases a property is tried on: this many, or a hundred times as many with `GITSM_LONG=1`.
pub(crate) fn cases(usual: u32) -> u32 {
    let long = std::env::var_os("GITSM_LONG").is_some_and(|value| value == "1");
    if long { usual * 100 } else { usual }
}

/// A calendar from `mon-fri 09:00-17:00; sat 10:00-14:00`, holidays and overrides.
fn calendar(zone: &str, weekly: &str, holidays: &[&str], overrides: &[(&str, &[&str])]) -> Calendar {
    let mut days: [Vec<Window>; 7] = std::array::from_fn(|_| Vec::new());
    for part in weekly.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (key, text) = part.split_once(' ').unwrap();
        for day in key.parse::<Weekdays>().unwrap().days() {
            days[day].extend(text.split(',').map(|window| window.parse::<Window>().unwrap()));
        }
    }
    let holidays: BTreeSet<_> = holidays.iter().map(|date| date.parse().unwrap()).collect();
    let overrides: BTreeMap<_, _> = overrides
        .iter()
        .map(|(date, windows)| {
            (date.parse().unwrap(), windows.iter().map(|window| window.parse().unwrap()).collect())
        })
        .collect();
    Calendar::new(Zone::new(zone).resolve().unwrap(), days, holidays, overrides)
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}
