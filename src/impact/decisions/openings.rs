//! Calendars that rules read: what is decided otherwise at instants at which one is open now and was not, or the other
//! way round.
//!
//! The new rules are read about such an instant as the calendar was and as it is. Where several calendars are others, each
//! is looked at by itself, whatever the rest are: whoever goes from the one rulebook to the other goes through one of
//! them after the other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    Case, Cause, Comparison, Decisions, Grouped, Unknown, cases,
    directory::{self, personal},
    kernel::{Known as Found, NEW, OLD},
    panels::hours,
    people::People,
    side::Side,
};
use crate::{
    decide::{
        policy,
        space::{Facet, Unsure, Words},
        value::Value,
    },
    impact::hours::HoursChange,
    model::{Id, Location, Ref},
};

/// For how long from the instant of the comparison calendars are held against each other: two years.
const AHEAD: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// How a calendar differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opening {
    /// Whether it is open at some time and was not.
    pub(super) opens: bool,
    /// Whether it is closed at some time and was not.
    pub(super) closes: bool,
}

/// How a calendar of both rulebooks differs in the time that is looked at; none where that cannot be said.
pub(super) fn opening(sides: &[Side<'_>; 2], calendar: &Id) -> Option<Opening> {
    let [old, new] = sides;
    let of = |side: &Side<'_>| side.engine.rulebook().calendars.get(calendar.as_str()).is_some();
    if !of(old) || !of(new) {
        return None;
    }
    let before = old.engine.calendars().get(calendar.as_str(), Location::settings).ok()?;
    let after = new.engine.calendars().get(calendar.as_str(), Location::settings).ok()?;
    let (from, to) = (new.instant, new.instant.checked_add(AHEAD).unwrap_or(Timestamp::MAX));
    let found = Opening {
        opens: before.first_uncovered(after, from, to).is_some(),
        closes: after.first_uncovered(before, from, to).is_some(),
    };
    (found.opens || found.closes).then_some(found)
}

/// The calendars that have other hours on both sides.
pub(super) fn others(sides: &[Side<'_>; 2]) -> Vec<HoursChange> {
    let rulebooks = sides.each_ref().map(|side| side.engine.rulebook());
    let [old, new] = rulebooks;
    let differing = new.calendars.iter().filter(|calendar| {
        let reference = Ref::new(calendar.id.clone());
        old.calendars.get(calendar.id.as_str()).is_some() && hours(old, &reference) != hours(new, &reference)
    });
    let between = |id: &Id| HoursChange::between(rulebooks, [id.as_str(), id.as_str()]);
    differing.filter_map(|calendar| between(&calendar.id)).collect()
}

/// What is decided otherwise because of calendars.
pub(super) fn compare(comparison: &mut Comparison<'_, '_>, found: &mut Decisions) {
    let [old, new] = comparison.sides;
    let mut calendars: Vec<(Id, Opening)> = Vec::new();
    for calendar in &new.engine.rulebook().calendars {
        let reference = Ref::new(calendar.id.clone());
        if hours(old.engine.rulebook(), &reference) != hours(new.engine.rulebook(), &reference)
            && let Some(opening) = opening(comparison.sides, &calendar.id)
        {
            calendars.push((calendar.id.clone(), opening));
        }
    }
    if calendars.is_empty() {
        return;
    }
    if let Err(why) = tell(comparison, &calendars, found) {
        let rulebook = new.engine.rulebook();
        let entitlements = policy::offers(rulebook).map(|offer| offer.reference()).collect();
        let types = rulebook.request_types.iter().map(|one| one.id.clone()).collect();
        found.unknown.push(Unknown { entitlements, types, why });
    }
}

fn tell(
    comparison: &mut Comparison<'_, '_>,
    calendars: &[(Id, Opening)],
    found: &mut Decisions,
) -> Result<(), Unsure> {
    let (mut space, read) = directory::read(comparison)?;
    let mut looked_at = Found::default();
    let people = People::new(comparison.sides);
    let rulebooks = comparison.sides.each_ref().map(|side| side.engine.rulebook());
    for (calendar, opening) in calendars {
        let change = HoursChange::between(rulebooks, [calendar.as_str(), calendar.as_str()]);
        let reads = |facet: &Facet| matches!(facet, Facet::Within(named) if **named == *calendar.as_str());
        let variables: BTreeSet<usize> = space
            .variables()
            .enumerate()
            .filter(|(_, key)| reads(&key.facet))
            .map(|(variable, _)| variable)
            .collect();
        for (differs, opens) in [(opening.opens, true), (opening.closes, false)] {
            if !differs || variables.is_empty() {
                continue;
            }
            let known = |open: bool| -> Vec<Option<u32>> {
                let of = |variable| variables.contains(&variable).then_some(Value::Boolean(open));
                (0..space.variables().count())
                    .map(|variable| space.class_of(variable, &of(variable)?))
                    .collect()
            };
            let classes = [known(!opens), known(opens)];
            let mut grouped: BTreeMap<Option<Id>, Grouped> = BTreeMap::new();
            for read in read.iter().filter(|read| !read.matters.is_disjoint(&variables)) {
                let mut of = |side: usize| {
                    let classes = classes.get(side).map(Vec::as_slice).unwrap_or_default();
                    let made = personal(comparison, &mut space, read, classes, (None, None));
                    made.map(|made| made.on(side))
                };
                let (was, is) = (of(OLD)?, of(NEW)?);
                let changes = comparison.differ(&mut space, &mut looked_at, was, is)?;
                let of_type = grouped.entry(read.request_type.clone()).or_default();
                of_type.add(read.entitlement.as_ref(), &changes, &comparison.parts);
            }
            for (request_type, cases) in grouped {
                for (alike, entitlements) in cases.0 {
                    let outcomes = alike.outcomes.map(|number| comparison.outcome(number));
                    // Which hours these are is all that tells one such change from another.
                    let exactly = format!("{change:?}");
                    let who = cases::tell(&mut space, alike.set);
                    let who = who.that(&words(calendar, opens, change.as_ref()), &exactly);
                    let touched = people.touched(&space, alike.set, &entitlements);
                    let said = change.as_ref().map(HoursChange::words).unwrap_or_default();
                    let cause = Cause::Hours(calendar.clone(), said);
                    let made = Case::new(cause, entitlements, outcomes, alike.rules, who);
                    let stuck = people.stuck(&space, alike.set, [&made.before.0, &made.after.0]);
                    let made = made.of_type(request_type.clone(), false).touching(touched, None);
                    found.cases.push(made.stuck_for(stuck));
                }
            }
        }
    }
    Ok(())
}

fn words(calendar: &Id, opens: bool, change: Option<&HoursChange>) -> Words {
    let mut said = if opens {
        format!("is within `{calendar}`, and was not before")
    } else {
        format!("is not within `{calendar}` any more")
    };
    if let Some(change) = change {
        said = format!("{said} ({})", change.words().join("; "));
    }
    Words { attribute: "request.instant".to_owned(), said }
}
