//! Which fields of an object differ.

use std::collections::BTreeSet;

use serde_json::Value;

use super::file::FieldChange;

/// The most changes of one object that a plan lists.
const MOST: usize = 40;
/// The most characters of a value that a plan shows.
const LONG: usize = 200;

/// The fields that differ, in the order of their names, and how many more there are than a plan lists.
#[must_use]
pub(super) fn differences(before: &Value, after: &Value) -> (Vec<FieldChange>, usize) {
    let mut changes = Vec::new();
    walk(before, after, "", &mut changes);
    let more = changes.len().saturating_sub(MOST);
    changes.truncate(MOST);
    (changes, more)
}

fn walk(before: &Value, after: &Value, path: &str, changes: &mut Vec<FieldChange>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                step(old.get(name), new.get(name), &join(path, name), changes);
            }
        }
        (Value::Array(old), Value::Array(new)) => match (by_id(old), by_id(new)) {
            (Some(old_ids), Some(new_ids)) => lists(&old_ids, &new_ids, path, changes),
            _ => changes.push(change(path, Some(before), Some(after))),
        },
        _ => changes.push(change(path, Some(before), Some(after))),
    }
}

/// Lists whose items have ids: each item is compared with the one that has its id, and the order by itself.
fn lists(old: &[(&str, &Value)], new: &[(&str, &Value)], path: &str, changes: &mut Vec<FieldChange>) {
    fn find<'v>(list: &[(&str, &'v Value)], id: &str) -> Option<&'v Value> {
        list.iter().find(|(other, _)| *other == id).map(|(_, value)| *value)
    }
    let ids: BTreeSet<&str> = old.iter().chain(new).map(|(id, _)| *id).collect();
    for id in ids {
        step(find(old, id), find(new, id), &join(path, id), changes);
    }
    let order = |list: &[(&str, &Value)], others: &[(&str, &Value)]| -> Vec<Value> {
        let both = list.iter().filter(|(id, _)| find(others, id).is_some());
        both.map(|(id, _)| Value::from(*id)).collect()
    };
    let (before, after) = (order(old, new), order(new, old));
    if before != after {
        let (before, after) = (Value::from(before), Value::from(after));
        changes.push(change(&join(path, "(order)"), Some(&before), Some(&after)));
    }
}

fn step(before: Option<&Value>, after: Option<&Value>, path: &str, changes: &mut Vec<FieldChange>) {
    match (before, after) {
        (Some(before), Some(after)) => walk(before, after, path, changes),
        (before, after) => changes.push(change(path, before, after)),
    }
}

/// The items of a list by their ids; none when they have none, or two have the same.
fn by_id(list: &[Value]) -> Option<Vec<(&str, &Value)>> {
    let items: Option<Vec<(&str, &Value)>> =
        list.iter().map(|item| Some((item.get("id")?.as_str()?, item))).collect();
    let items = items?;
    let ids: BTreeSet<&str> = items.iter().map(|(id, _)| *id).collect();
    (ids.len() == items.len()).then_some(items)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn change(path: &str, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    FieldChange { field: path.to_owned(), before: before.map(shown), after: after.map(shown) }
}

/// A value in one line, cut where it gets long.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(before: &Value, after: &Value) -> Vec<String> {
        let (changes, more) = differences(before, after);
        assert_eq!(more, 0);
        let word = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        changes
            .into_iter()
            .map(|change| format!("{}: {} > {}", change.field, word(change.before), word(change.after)))
            .collect()
    }

    #[test]
    fn fields_are_compared_one_by_one() {
        let before = json!({ "a": 1, "b": { "c": "x", "d": [1, 2] }, "gone": true });
        let after = json!({ "b": { "d": [2, 1], "c": "y" }, "a": 1, "new": null });
        assert_eq!(
            of(&before, &after),
            ["b.c: x > y", "b.d: [1,2] > [2,1]", "gone: true > -", "new: - > null"]
        );
        assert_eq!(of(&before, &before), Vec::<String>::new());
    }

    #[test]
    fn items_with_ids_are_found_wherever_they_stand() {
        let before = json!([{ "id": "a", "x": 1 }, { "id": "b", "x": 1 }, { "id": "c" }]);
        let after = json!([{ "id": "b", "x": 2 }, { "id": "a", "x": 1 }, { "id": "d" }]);
        assert_eq!(
            of(&before, &after),
            [
                "b.x: 1 > 2",
                "c: {\"id\":\"c\"} > -",
                "d: - > {\"id\":\"d\"}",
                "(order): [\"a\",\"b\"] > [\"b\",\"a\"]"
            ]
        );
        let twice = json!([{ "id": "a" }, { "id": "a" }]);
        assert_eq!(of(&json!([{ "id": "a" }]), &twice).len(), 1, "compared as a whole");
    }

    #[test]
    fn what_is_long_is_cut_and_counted() {
        let before: Value = (0..100)
            .map(|number| (format!("{number:03}"), json!(1)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let (changes, more) = differences(&before, &json!({}));
        assert_eq!((changes.len(), more), (MOST, 60));
        assert_eq!(shown(&json!("é".repeat(300))).chars().count(), LONG + 1);
    }
}
