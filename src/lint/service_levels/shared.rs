//! What the lints about time share: agreements of every kind, comparisons of promises, instants in words.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub(super) use crate::decide::agreement::Agreement;
use crate::{
    decide::calendars::Calendars,
    model::{
        Duration, Entry, Priority, Rulebook,
        service::{Lifecycle, Service},
        sla::{Sla, Targets},
    },
    time::{self, Commitment, Feasibility},
};

/// The time that is looked at: two years from the start of the year of `today`, in the zone of a calendar.
pub(in crate::lint) fn period(today: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let first_of = |year: i16| {
        let date = Date::new(year, 1, 1).ok()?;
        Some(date.to_zoned(zone.clone()).ok()?.timestamp())
    };
    Some((first_of(today.year())?, first_of(today.year().checked_add(2)?)?))
}

/// An instant on the clock of a zone, with its weekday: `Fri 2026-11-20 14:45`.
pub(in crate::lint) fn local(instant: Timestamp, zone: &TimeZone) -> String {
    let zoned = instant.to_zoned(zone.clone());
    let format = if zoned.second() == 0 { "%a %Y-%m-%d %H:%M" } else { "%a %Y-%m-%d %H:%M:%S" };
    zoned.strftime(format).to_string()
}

/// A length of time in hours and smaller: `61h30m`.
pub(super) fn hours(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let part = |count: i64, unit: &str| if count > 0 { format!("{count}{unit}") } else { String::new() };
    let text = part(hours, "h") + &part(minutes, "m") + &part(rest, "s");
    if text.is_empty() { "0m".to_owned() } else { text }
}

/// The four targets of a priority with the names of their fields.
pub(super) fn fields(targets: &Targets) -> [(&'static str, Option<Duration>); 4] {
    [
        ("respond", targets.respond),
        ("update", targets.update),
        ("workaround", targets.workaround),
        ("resolve", targets.resolve),
    ]
}

/// The targets of the priorities of the project, the most urgent first.
pub(super) fn by_urgency<'a>(
    rulebook: &'a Rulebook,
    target: &'a BTreeMap<Priority, Targets>,
) -> impl Iterator<Item = (&'a str, &'a Targets)> {
    let priorities = rulebook.settings.project.priorities.iter();
    priorities.filter_map(|id| target.get(id.as_str()).map(|targets| (id.as_str(), targets)))
}

/// What is promised about a service: its own SLA, or that of its tier.
pub(in crate::lint) fn promised<'a>(rulebook: &'a Rulebook, service: &'a Service) -> Option<&'a Entry<Sla>> {
    let own = service.sla.as_ref();
    let tier = || rulebook.tiers.get(service.tier.as_ref()?.as_str())?.sla.as_ref();
    rulebook.slas.get(own.or_else(tier)?.as_str())
}

/// Whether a service is offered: neither planned nor switched off.
pub(in crate::lint) fn is_offered(service: &Service) -> bool {
    !matches!(service.lifecycle, Some(Lifecycle::Proposed | Lifecycle::Retired))
}

/// Compares targets with chains, each different question once.
pub(super) struct Comparisons<'a> {
    calendars: &'a Calendars<'a>,
    today: Date,
    known: HashMap<Vec<(&'a str, i64)>, Option<Feasibility>>,
}

impl<'a> Comparisons<'a> {
    pub(super) fn new(calendars: &'a Calendars<'a>, today: Date) -> Self {
        Self { calendars, today, known: HashMap::new() }
    }

    /// Whether steps, one after another, end before a target is used up; calendars are given by id, the empty
    /// id is one that is always open. None when a calendar cannot be used.
    pub(super) fn compare(
        &mut self,
        target: (&'a str, Duration),
        steps: &[(&'a str, Duration)],
    ) -> Option<Feasibility> {
        let calendars = self.calendars;
        let calendar = |id: &str| if id.is_empty() { Some(calendars.always()) } else { calendars.find(id) };
        let mut commitments = Vec::with_capacity(steps.len() + 1);
        for (id, duration) in std::iter::once(&target).chain(steps) {
            commitments.push((*id, Commitment::new(calendar(id)?, *duration)));
        }
        let key: Vec<(&str, i64)> =
            commitments.iter().map(|(id, commitment)| (*id, commitment.seconds)).collect();
        let today = self.today;
        *self.known.entry(key).or_insert_with(|| {
            let mut all = commitments.into_iter().map(|(_, commitment)| commitment);
            let target = all.next()?;
            let (from, to) = period(today, target.calendar.zone())?;
            Some(time::feasibility(target, &all.collect::<Vec<_>>(), from, to))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    #[test]
    fn lengths_are_written_in_hours() {
        let texts = [0, 59, 60, 3_600, 221_400, 93_784].map(hours);
        assert_eq!(texts, ["0m", "59s", "1m", "1h", "61h30m", "26h3m4s"]);
    }

    #[test]
    fn the_period_is_two_years_on_the_local_clock() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let (from, to) = period("2026-11-20".parse().unwrap(), &zone).unwrap();
        assert_eq!(from.to_string(), "2025-12-31T23:00:00Z");
        assert_eq!(to.to_string(), "2027-12-31T23:00:00Z");
        assert_eq!(local(from, &zone), "Thu 2026-01-01 00:00");
        assert_eq!(local(from + jiff::SignedDuration::from_secs(61), &zone), "Thu 2026-01-01 00:01:01");
    }

    fn rulebook(calendars: &[(&str, &str)]) -> Rulebook {
        let mut rulebook = Rulebook::default();
        for (id, weekly) in calendars {
            let text = format!(r#"{{"name": "{id}", "time-zone": "UTC", "weekly": {weekly}}}"#);
            let entry = Entry {
                id: crate::model::Id::new(id).unwrap(),
                value: serde_json::from_str(&text).unwrap(),
                origin: Origin::default(),
            };
            rulebook.calendars.insert(entry).unwrap();
        }
        rulebook
    }

    #[test]
    fn a_chain_that_adds_up_can_still_be_too_slow() {
        let rulebook = rulebook(&[
            ("always", r#"{"mon-sun": ["00:00-24:00"]}"#),
            ("office", r#"{"mon-fri": ["08:00-18:00"]}"#),
        ]);
        let calendars = Calendars::new(&rulebook);
        let mut comparisons = Comparisons::new(&calendars, "2026-11-20".parse().unwrap());
        let minutes = |count: i64| Duration::Elapsed { seconds: count * 60 };
        let target = ("always", minutes(240));
        let inside = [("always", minutes(30)), ("always", minutes(120)), ("always", minutes(60))];
        assert!(comparisons.compare(target, &inside).unwrap().is_feasible());
        let supplier = [("always", minutes(30)), ("always", minutes(120)), ("office", minutes(60))];
        let Feasibility::Measured { breach: Some(case), .. } =
            comparisons.compare(target, &supplier).unwrap()
        else {
            panic!("210 minutes over a weekend are more than 240");
        };
        // One second too late for the supplier's Friday.
        assert_eq!(local(case.start, &TimeZone::UTC), "Fri 2026-01-02 14:30:01");
        assert_eq!(local(case.completion, &TimeZone::UTC), "Mon 2026-01-05 08:00:01");
    }

    #[test]
    fn business_days_are_those_of_each_calendar() {
        let rulebook = rulebook(&[("office", r#"{"mon-fri": ["09:00-17:00"]}"#)]);
        let calendars = Calendars::new(&rulebook);
        assert_eq!(calendars.seconds(Duration::BusinessDays { days: 2 }, "office"), Some(16 * 3_600));
        assert_eq!(calendars.seconds(Duration::BusinessDays { days: 2 }, "missing"), None);
        let mut comparisons = Comparisons::new(&calendars, "2026-11-20".parse().unwrap());
        let day = Duration::BusinessDays { days: 1 };
        let hours = |count: i64| Duration::Elapsed { seconds: count * 3_600 };
        let mut feasible = |target, step| comparisons.compare(target, &[step]).unwrap().is_feasible();
        assert!(feasible(("office", day), ("office", hours(8))));
        assert!(!feasible(("office", day), ("office", hours(9))));
        // The empty id is a calendar that is always open.
        assert!(feasible(("", hours(24)), ("", day)));
        assert!(!feasible(("", hours(23)), ("", day)));
    }
}
