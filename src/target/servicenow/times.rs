//! Schedules with their spans, and SLA definitions.

use std::collections::BTreeSet;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use serde_json::{Value, json};

use super::{desired::Rows, sort::Sort};
use crate::{
    model::{
        Entry, Rulebook,
        calendar::Calendar,
        service::Service,
        sla::{Sla, TicketState},
    },
    target::{
        TargetError,
        mark::{Owner, one_line},
    },
    time::Window,
};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// The Monday on which weekly spans begin: before everything that anybody counts.
const FIRST_MONDAY: Date = Date::constant(2020, 1, 6);
/// The table of the tickets that SLA definitions are about.
const TICKETS: &str = "incident";

/// A stretch of a day, in seconds from its midnight; it can begin before and end after it.
type Stretch = (i64, i64);

/// The SLA of a service: its own, else that of its tier.
pub(super) fn sla_of<'r>(rulebook: &'r Rulebook, service: &Service) -> Option<&'r Entry<Sla>> {
    let tier = service.tier.as_ref().and_then(|tier| rulebook.tiers.get(tier.as_str()));
    let sla = service.sla.as_ref().or_else(|| tier?.sla.as_ref())?;
    rulebook.slas.get(sla.as_str())
}

/// What a service says about its SLA, and SLA definitions look for.
pub(super) fn promise(owner: &Owner, sla: &str) -> String {
    format!("Service level: {}", mark(owner, sla))
}

/// The part of it that stands for one SLA of one rulebook alone.
fn mark(owner: &Owner, sla: &str) -> String {
    format!("[{}:sla/{sla}]", owner.as_str())
}

/// A length of time as the instance writes it: a date from the beginning of 1970.
pub(super) fn duration(seconds: i64) -> String {
    let at = Timestamp::from_second(seconds.max(0)).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A schedule for every calendar that is open at some time and closed at another.
pub(super) fn schedules(rulebook: &Rulebook, rows: &mut Rows) -> Result<(), TargetError> {
    for calendar in &rulebook.calendars {
        if !has_schedule(rulebook, calendar)? {
            continue;
        }
        let id = calendar.id.as_str();
        let content = json!({
            "name": rows.name(Sort::Schedule, id, &calendar.name),
            "time_zone": calendar.time_zone.as_str(),
            "spans": spans(rulebook, calendar),
        });
        rows.add(Sort::Schedule, id, &calendar.name, content);
    }
    Ok(())
}

/// Whether a calendar has a schedule: one that is always open needs none, and lists of holidays are in those that use them.
fn has_schedule(rulebook: &Rulebook, calendar: &Entry<Calendar>) -> Result<bool, TargetError> {
    let opens =
        calendar.weekly.values().chain(calendar.overrides.values()).any(|windows| !windows.is_empty());
    let compiled = calendar.compile(rulebook).map_err(|why| {
        TargetError::refused(
            format!("nobody can count on the calendar `{}`: {why}", calendar.id),
            "`gitsm validate` says what to mend",
        )
    })?;
    Ok(opens && !compiled.is_always_open())
}

/// The spans of a calendar: its usual hours, and for each day that is otherwise what is closed of these and open beside
/// them. A holiday closes a date from midnight to midnight; hours of its own replace those that start on a date.
fn spans(rulebook: &Rulebook, calendar: &Calendar) -> Value {
    let days = calendar.windows_by_day().map(|windows| stretches(&windows));
    let mut items = Vec::new();
    let shapes: BTreeSet<Stretch> = days.iter().flatten().copied().collect();
    for shape in shapes {
        let open = days.iter().enumerate().filter(|(_, day)| day.contains(&shape)).map(|(index, _)| index);
        let open: Vec<usize> = open.collect();
        let Some(first) = open.first().and_then(|first| i64::try_from(*first).ok()) else { continue };
        let from = FIRST_MONDAY.saturating_add(first.days());
        let weekdays: String = open.iter().map(|day| (day + 1).to_string()).collect();
        items.push(span("Open", "weekly", &weekdays, from, shape));
    }
    let closed = calendar.closed_dates(rulebook).unwrap_or_default();
    let own = |date: Date| {
        calendar.overrides.iter().find(|(day, _)| day.0 == date).map(|(_, windows)| stretches(windows))
    };
    let special: BTreeSet<Date> =
        closed.iter().copied().chain(calendar.overrides.keys().map(|day| day.0)).collect();
    for date in special {
        let whole = closed.contains(&date).then_some((0, DAY));
        let was = usual(&days, date);
        let is = own(date);
        // A holiday closes the date; what it has of hours of its own stays. Other hours replace those that start on it.
        let mut shut = Vec::from_iter(whole);
        if let Some(is) = &is {
            shut.extend(was.iter().copied().filter(|_| whole.is_none()));
            shut.extend(was.iter().filter(|_| whole.is_some()).map(|(start, end)| ((*start).max(DAY), *end)));
            shut.retain(|(start, end)| start < end);
            shut = without(&shut, is);
            items
                .extend(without(is, &was).into_iter().map(|shape| span("Open as well", "", "", date, shape)));
        }
        // What the days beside it keep open is not closed.
        let beside = |other: Date, by: i64| -> Vec<Stretch> {
            let hours = own(other).unwrap_or_else(|| usual(&days, other));
            hours.into_iter().map(|(start, end)| (start + by, end + by)).collect()
        };
        if whole.is_none() {
            shut = without(&shut, &beside(date.saturating_sub(1.day()), -DAY));
        }
        let next = date.saturating_add(1.day());
        if is.is_some() && !closed.contains(&next) {
            shut = without(&shut, &beside(next, DAY));
        }
        items.extend(shut.into_iter().map(|shape| span("Closed", "", "", date, shape)));
    }
    items.sort_by_cached_key(Value::to_string);
    items.dedup();
    Value::Array(items)
}

fn usual(days: &[Vec<Stretch>; 7], date: Date) -> Vec<Stretch> {
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
    days.get(weekday).cloned().unwrap_or_default()
}

/// Windows as sorted stretches without those that touch or overlap.
fn stretches(windows: &[Window]) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = windows
        .iter()
        .map(|window| (i64::from(window.start()), i64::from(window.end_from_start_day())))
        .collect();
    all.sort_unstable();
    let mut merged: Vec<Stretch> = Vec::new();
    for (start, end) in all {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// What is left of stretches without others.
fn without(stretches: &[Stretch], others: &[Stretch]) -> Vec<Stretch> {
    let mut left = stretches.to_vec();
    for (from, to) in others {
        let parts =
            left.into_iter().flat_map(|(start, end)| [(start, end.min(*from)), (start.max(*to), end)]);
        left = parts.filter(|(start, end)| start < end).collect();
        left.dedup();
    }
    left
}

fn span(what: &str, repeat: &str, weekdays: &str, date: Date, (start, end): Stretch) -> Value {
    let closed = what == "Closed";
    let name = if repeat.is_empty() { format!("{what} on {date}") } else { format!("{what} {weekdays}") };
    json!({
        "name": name,
        "type": if closed { "exclude" } else { "" },
        "show_as": if closed { "free" } else { "busy" },
        "start_date_time": local(date, start),
        "end_date_time": local(date, end),
        "repeat_type": repeat,
        "days_of_week": weekdays,
        "repeat_count": "1",
        "all_day": "false",
    })
}

/// A time in the zone of the schedule, as spans write it: `20261225T090000`.
fn local(date: Date, seconds: i64) -> String {
    let at = date.to_datetime(Time::midnight()).saturating_add(seconds.seconds());
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

/// A definition for each target of an SLA that is about answering or solving, by priority.
pub(super) fn slas(rulebook: &Rulebook, rows: &mut Rows) -> Result<(), TargetError> {
    for sla in &rulebook.slas {
        let Some(calendar) = rulebook.calendars.get(sla.calendar.as_str()) else { continue };
        let (day, scheduled) = business_day(rulebook, calendar)?;
        for (priority, targets) in &sla.target {
            let mut priorities = rulebook.settings.project.priorities.iter();
            let Some(number) = priorities.position(|known| known.as_str() == priority.as_str()) else {
                continue;
            };
            let kinds =
                [("respond", "response", targets.respond), ("resolve", "resolution", targets.resolve)];
            for (kind, column, target) in kinds {
                let Some(target) = target else { continue };
                let id = format!("{}/{priority}/{kind}", sla.id);
                // The column is short: what tells the definitions of one SLA apart comes first.
                let called = format!("{priority} {kind}: {}", one_line(&sla.name));
                let mut content = json!({
                    "name": rows.name(Sort::Sla, &id, &called),
                    "type": "SLA",
                    "target": column,
                    "collection": TICKETS,
                    "duration": duration(target.seconds(day)),
                    "start_condition": start(&rows.owner, sla, number + 1),
                    "stop_condition": if kind == "respond" { "state!=1".to_owned() } else { states(&sla.stop_in) },
                    "pause_condition": pause(sla),
                    "when_to_resume": "no_match",
                    "when_to_cancel": "never",
                    "retroactive": sla.retroactive_start.to_string(),
                    // Without a start in the past the column has no meaning, and keeps what it has from the beginning.
                    "retroactive_pause": (sla.retroactive_pause || !sla.retroactive_start).to_string(),
                    "set_start_to": if sla.retroactive_start { "opened_at" } else { "" },
                });
                let (schedule, source, zone_source, zone) = if scheduled {
                    let schedule = format!("schedule/{}", calendar.id);
                    (schedule, "sla_definition", "sla.timezone", calendar.time_zone.as_str())
                } else {
                    (String::new(), "no_schedule", "task.caller_id.time_zone", "")
                };
                if let Some(fields) = content.as_object_mut() {
                    fields.insert("schedule".into(), json!(schedule));
                    fields.insert("schedule_source".into(), json!(source));
                    fields.insert("timezone_source".into(), json!(zone_source));
                    fields.insert("timezone".into(), json!(zone));
                }
                rows.add(Sort::Sla, &id, &called, content);
            }
        }
    }
    Ok(())
}

/// The seconds of a business day of a calendar, and whether it has a schedule.
pub(super) fn business_day(
    rulebook: &Rulebook,
    calendar: &Entry<Calendar>,
) -> Result<(i64, bool), TargetError> {
    let scheduled = has_schedule(rulebook, calendar)?;
    let day = calendar.compile(rulebook).map(|compiled| compiled.business_day_seconds());
    Ok((day.unwrap_or(DAY), scheduled))
}

/// When the clock starts: a ticket of this priority about a service that has the SLA.
fn start(owner: &Owner, sla: &Entry<Sla>, priority: usize) -> String {
    let usual = sla.start_in == [TicketState::New];
    let state = if usual { "active=true".to_owned() } else { states(&sla.start_in) };
    let promised = mark(owner, sla.id.as_str());
    format!("{state}^priority={priority}^business_service.service_level_requirementLIKE{promised}")
}

/// Tickets in some states. "On hold" says why it holds.
fn states(states: &[TicketState]) -> String {
    let number = |state: &TicketState| match state {
        TicketState::New => Some("1"),
        TicketState::Assigned | TicketState::InProgress => Some("2"),
        TicketState::Resolved => Some("6"),
        TicketState::Closed => Some("7"),
        TicketState::Cancelled => Some("8"),
        _ => None,
    };
    let numbers: BTreeSet<&str> = states.iter().filter_map(number).collect();
    let on_hold = hold(states);
    match (numbers.is_empty(), on_hold.is_empty()) {
        (false, true) => format!("stateIN{}", numbers.into_iter().collect::<Vec<_>>().join(",")),
        (true, _) => on_hold,
        (false, false) => {
            format!("stateIN{}^NQ{on_hold}", numbers.into_iter().collect::<Vec<_>>().join(","))
        }
    }
}

/// Tickets that are on hold for one of the reasons among these states.
fn hold(states: &[TicketState]) -> String {
    let reason = |state: &TicketState| match state {
        TicketState::AwaitingRequester => Some("1"),
        TicketState::AwaitingSupplier => Some("4"),
        TicketState::AwaitingChange => Some("5"),
        _ => None,
    };
    let reasons: BTreeSet<&str> = states.iter().filter_map(reason).collect();
    if reasons.is_empty() {
        return String::new();
    }
    format!("state=3^hold_reasonIN{}", reasons.into_iter().collect::<Vec<_>>().join(","))
}

fn pause(sla: &Sla) -> String {
    hold(&sla.pause_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_dates_from_the_beginning_of_1970() {
        assert_eq!(duration(4 * 3600), "1970-01-01 04:00:00");
        assert_eq!(duration(DAY + 6 * 3600 + 30 * 60 + 15), "1970-01-02 06:30:15");
        assert_eq!(duration(40 * DAY), "1970-02-10 00:00:00");
    }

    #[test]
    fn what_is_taken_away_leaves_the_rest() {
        assert_eq!(without(&[(9, 17)], &[(12, 13)]), [(9, 12), (13, 17)]);
        assert_eq!(without(&[(9, 17)], &[(8, 18)]), []);
        assert_eq!(without(&[(9, 17)], &[(18, 20), (1, 9)]), [(9, 17)]);
        assert_eq!(without(&[(9, 12), (13, 17)], &[(11, 14)]), [(9, 11), (14, 17)]);
    }

    #[test]
    fn states_are_those_of_incidents() {
        use TicketState::{AwaitingRequester, AwaitingSupplier, Cancelled, Closed, New, Resolved, Scheduled};
        assert_eq!(states(&[Resolved, Closed, Cancelled]), "stateIN6,7,8");
        assert_eq!(states(&[New, AwaitingRequester]), "stateIN1^NQstate=3^hold_reasonIN1");
        assert_eq!(hold(&[AwaitingSupplier, AwaitingRequester, Scheduled]), "state=3^hold_reasonIN1,4");
        assert_eq!(hold(&[Scheduled]), "");
    }
}
