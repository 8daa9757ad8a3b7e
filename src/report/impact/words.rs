//! Words about differences that all formats share.

use serde_json::Value;

use super::{
    value::inline,
    view::{EditView, Summary, UncomparedView, View},
};
use crate::report::{
    plain,
    summary::{plural, thousands},
};

/// The most entries of a list that are written before the rest is counted.
const MOST: usize = 10;

/// How much changed, in one line.
#[must_use]
pub fn headline(view: &View) -> String {
    let Summary { added, removed, renamed, changed, fields, .. } = view.summary;
    let mut parts: Vec<String> = Vec::new();
    let mut push = |count: usize, what: &str| {
        if count > 0 {
            let objects = if parts.is_empty() { plural(count, "object") } else { thousands(count) };
            parts.push(format!("{objects} {what}"));
        }
    };
    push(added, "added");
    push(removed, "removed");
    push(renamed, "renamed");
    push(changed, "changed");
    if let Some(last) = parts.last_mut().filter(|_| changed > 0) {
        *last = format!("{last} in {}", plural(fields, "field"));
    }
    let said = if parts.is_empty() { "no object changed".to_owned() } else { parts.join(", ") };
    match (view.summary.complete, parts.is_empty()) {
        (true, true) => "nothing changed".to_owned(),
        (true, false) => said,
        (false, _) => format!("{said}, as far as could be compared"),
    }
}

/// What changed in a field: one line for each fact.
#[must_use]
pub fn edit(edit: &EditView) -> Vec<String> {
    let key = edit.path.rsplit('.').next().unwrap_or_default();
    let entries = |sign: &str, values: &[Value]| -> Vec<String> {
        let mut lines: Vec<String> =
            values.iter().take(MOST).map(|value| format!("{sign} {}", inline(key, value))).collect();
        if values.len() > MOST {
            lines.push(format!("{sign} and {} more", thousands(values.len() - MOST)));
        }
        lines
    };
    match (edit.change, &edit.before, &edit.after) {
        ("entries", ..) => [entries("-", &edit.removed), entries("+", &edit.added)].concat(),
        ("renamed", ..) => {
            let from = edit.from.as_deref().unwrap_or_default();
            vec![format!("was `{}` and is otherwise the same", plain::line(from))]
        }
        ("order", ..) => order(edit),
        (_, Some(before), Some(after)) => {
            let (before, after) = (inline(key, before), inline(key, after));
            if before.chars().count() + after.chars().count() < 60 {
                vec![format!("{before} → {after}")]
            } else {
                vec![format!("- {before}"), format!("+ {after}")]
            }
        }
        (_, Some(before), None) => whole("-", key, before),
        (_, None, Some(after)) => whole("+", key, after),
        (_, None, None) => Vec::new(),
    }
}

/// A value that is new or gone; of a table, each of its keys.
fn whole(sign: &str, key: &str, value: &Value) -> Vec<String> {
    let Some(table) = value.as_object().filter(|table| table.len() > 1) else {
        return vec![format!("{sign} {}", inline(key, value))];
    };
    let mut lines: Vec<String> = table
        .iter()
        .take(MOST)
        .map(|(key, value)| format!("{sign} {} = {}", plain::line(key), inline(key, value)))
        .collect();
    if table.len() > MOST {
        lines.push(format!("{sign} and {} more", thousands(table.len() - MOST)));
    }
    lines
}

/// Which parts now stand where.
fn order(edit: &EditView) -> Vec<String> {
    let mut lines: Vec<String> = edit
        .moved
        .iter()
        .take(MOST)
        .map(|id| {
            let at = edit.order_after.iter().position(|other| other == id).unwrap_or_default();
            let next = edit.order_after.get(at + 1);
            let id = plain::line(id);
            match next {
                Some(next) => format!("`{id}` moved before `{}`", plain::line(next)),
                None => format!("`{id}` moved to the end"),
            }
        })
        .collect();
    if edit.moved.len() > MOST {
        lines.push(format!("and {} more moved", thousands(edit.moved.len() - MOST)));
    }
    lines
}

/// Where a part stands among its neighbours, when that decides.
#[must_use]
pub fn position(edit: &EditView) -> Option<String> {
    edit.position.map(|position| format!("{} of {}", position.number, position.of))
}

/// Why something could not be compared.
#[must_use]
pub fn uncompared(one: &UncomparedView) -> String {
    let side = match one.side {
        "before" => "before the change",
        _ => "after the change",
    };
    match (&one.object, one.why) {
        (None, _) => format!("files cannot be read {side}, and nobody knows what they hold"),
        (Some(object), "broken") => format!("`{}` is wrong {side}", plain::line(object)),
        (Some(object), _) => {
            format!("`{}` may be in a file that cannot be read {side}", plain::line(object))
        }
    }
}

/// What is not listed.
#[must_use]
pub fn cut(summary: &Summary) -> Option<String> {
    let mut parts = Vec::new();
    if summary.objects_not_listed > 0 {
        parts.push(plural(summary.objects_not_listed, "more object"));
    }
    if summary.fields_not_listed > 0 {
        parts.push(plural(summary.fields_not_listed, "more field"));
    }
    (!parts.is_empty()).then(|| format!("{} changed; `--max-changes 0` lists all", parts.join(" and ")))
}
