//! SLA levels and business hours, which Request Tracker takes from its configuration and from nowhere else.
//!
//! What they become is data that a plan compares, and from it the text of a file of configuration in Perl.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Map, Value, json};

use super::api::set;
use crate::{
    model::{
        Rulebook,
        calendar::Calendar,
        sla::{Sla, Targets},
    },
    target::TargetError,
};

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// What stands before the data at the end of the file. Perl reads no further.
const DATA: &str = "__END__\n";

/// What the configuration must say: `hours` by calendar, `levels`, and the level that each queue has when nobody
/// chooses one. `queues` are the names of the queues of the request types, by the id of the request type.
pub(super) fn desired(rulebook: &Rulebook, queues: &BTreeMap<String, String>) -> Result<Value, TargetError> {
    let mut hours = Map::new();
    let mut levels = Map::new();
    for sla in &rulebook.slas {
        let Some(calendar) = rulebook.calendars.get(sla.calendar.as_str()) else { continue };
        let compiled = calendar.compile(rulebook).map_err(|why| {
            TargetError::refused(
                format!("nobody can count on the calendar `{}`: {why}", calendar.id),
                "`gitsm validate` says what to mend",
            )
        })?;
        hours.insert(calendar.id.to_string(), business_hours(&calendar.value, rulebook));
        for (priority, targets) in &sla.target {
            let day = compiled.business_day_seconds();
            let level = level(&sla.value, &calendar.value, targets, compiled.is_always_open(), day);
            levels.insert(name(sla.id.as_str(), priority.as_str()), level);
        }
    }
    let mut defaults = Map::new();
    for request_type in &rulebook.request_types {
        let queue = queues.get(request_type.id.as_str());
        let sla = request_type.sla.as_ref().and_then(|sla| rulebook.slas.get(sla.as_str()));
        let (Some(queue), Some(sla)) = (queue, sla) else { continue };
        // Nobody says how urgent a request is that just came in: it has the longest time.
        let priorities = rulebook.settings.project.priorities.iter().rev();
        let mut slowest = priorities.map(|priority| name(sla.id.as_str(), priority.as_str()));
        if let Some(level) = slowest.find(|level| levels.contains_key(level)) {
            defaults.insert(queue.clone(), json!(level));
        }
    }
    Ok(json!({ "hours": hours, "levels": levels, "defaults": defaults }))
}

/// The name of a level: `gold p1`.
fn name(sla: &str, priority: &str) -> String {
    format!("{sla} {priority}")
}

fn level(sla: &Sla, calendar: &Calendar, targets: &Targets, always: bool, day: i64) -> Value {
    let mut level = Map::new();
    if !always {
        level.insert("BusinessHours".into(), json!(sla.calendar.as_str()));
        level.insert("Timezone".into(), json!(calendar.time_zone.as_str()));
    }
    let unit = if always { "RealMinutes" } else { "BusinessMinutes" };
    let kinds = [("Response", targets.respond), ("KeepInLoop", targets.update), ("Resolve", targets.resolve)];
    for (kind, target) in kinds {
        let Some(target) = target else { continue };
        // Whole minutes, and never more than was promised.
        let mut value = json!({ unit: target.seconds(day) / 60 });
        if kind == "Resolve" && !sla.pause_in.is_empty() {
            set(&mut value, "IgnoreOnStatuses", json!(["stalled"]));
            set(&mut value, "ExcludeTimeOnIgnoredStatuses", json!(1));
        }
        level.insert(kind.into(), value);
    }
    Value::Object(level)
}

/// The hours of a calendar by weekday, as minutes of the day: one stretch with the breaks in it.
fn business_hours(calendar: &Calendar, rulebook: &Rulebook) -> Value {
    let mut days: [Vec<(u32, u32)>; 7] = Default::default();
    for (weekday, windows) in calendar.windows_by_day().into_iter().enumerate() {
        for window in windows {
            let (start, end) = (window.start() / 60, window.end_from_start_day() / 60);
            push(&mut days, weekday, start, end.min(DAY));
            if end > DAY {
                push(&mut days, weekday + 1, 0, end - DAY);
            }
        }
    }
    let mut hours = Map::new();
    for (weekday, mut stretches) in days.into_iter().enumerate() {
        stretches.sort_unstable();
        let merged = merged(&stretches);
        let (Some(first), Some(last)) = (merged.first(), merged.last()) else { continue };
        let breaks: Vec<Value> = merged
            .iter()
            .zip(merged.iter().skip(1))
            .map(|(before, after)| json!({ "Start": clock(before.1), "End": clock(after.0) }))
            .collect();
        let mut day = json!({ "Name": NAMES.get(weekday), "Start": clock(first.0), "End": clock(last.1) });
        if !breaks.is_empty() {
            set(&mut day, "Breaks", json!(breaks));
        }
        // Sunday is the first day there.
        hours.insert(((weekday + 1) % 7).to_string(), day);
    }
    let mut closed = calendar.closed_dates(rulebook).unwrap_or_default();
    closed
        .extend(calendar.overrides.iter().filter(|(_, windows)| windows.is_empty()).map(|(date, _)| date.0));
    let closed: Vec<String> = closed.into_iter().map(|date| date.to_string()).collect();
    hours.insert("holidays".into(), json!(closed));
    Value::Object(hours)
}

const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn push(days: &mut [Vec<(u32, u32)>; 7], weekday: usize, start: u32, end: u32) {
    if let Some(day) = days.get_mut(weekday % 7).filter(|_| start < end) {
        day.push((start, end));
    }
}

/// Sorted stretches without those that touch or overlap.
fn merged(stretches: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (start, end) in stretches.iter().copied() {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

fn clock(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// The file of configuration that says this, with the data at its end.
pub(super) fn render(content: &Value) -> String {
    let mut out = String::from(
        "# SLA levels and business hours, written by gitsm: what is changed here is overwritten.\n\
         # Request Tracker reads this file when it starts.\nuse utf8;\n\n",
    );
    let empty = Value::Object(Map::new());
    let part = |name: &str| content.get(name).unwrap_or(&empty);
    out.push_str("Set(%ServiceBusinessHours,\n");
    pairs(part("hours"), 1, &mut out);
    out.push_str(");\n\nSet(%ServiceAgreements,\n    'Levels' => {\n");
    pairs(part("levels"), 2, &mut out);
    out.push_str("    },\n    'QueueDefault' => {\n");
    pairs(part("defaults"), 2, &mut out);
    let _ = write!(out, "    }},\n);\n\n1;\n{DATA}{content:#}\n");
    out
}

/// What a file says that [`render`] wrote; none when somebody changed it.
pub(super) fn read(text: &str) -> Option<Value> {
    let (_, data) = text.split_once(DATA)?;
    let content: Value = serde_json::from_str(data).ok()?;
    (render(&content) == text).then_some(content)
}

fn pairs(value: &Value, depth: usize, out: &mut String) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let _ = write!(out, "{}{} => ", "    ".repeat(depth), quoted(key));
        perl(value, depth, out);
        out.push_str(",\n");
    }
}

fn perl(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if map.values().all(|value| !value.is_object() && !value.is_array()) => {
            let pairs = map.iter().map(|(key, value)| format!("{} => {}", quoted(key), scalar(value)));
            let _ = write!(out, "{{ {} }}", pairs.collect::<Vec<_>>().join(", "));
        }
        Value::Object(_) => {
            out.push_str("{\n");
            pairs(value, depth + 1, out);
            let _ = write!(out, "{}}}", "    ".repeat(depth));
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                perl(item, depth + 1, out);
            }
            out.push(']');
        }
        other => out.push_str(&scalar(other)),
    }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), quoted)
}

/// A text as Perl reads it without looking for variables.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
