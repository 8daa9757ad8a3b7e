//! Names of objects that are not published are not published either, where what is published refers to them: the name of a
//! client or of a server says what its file would.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support;
use crate::model::{Kind, Rulebook, Target};

/// What stands in a condition in the place of such a name. Without it the condition would say that it always holds.
const NAMELESS: &str = "not-published";

/// A name that must not be published: the field that holds it as a pointer, and the kind and the id that it names.
type Name<'a> = (&'a str, Kind, &'a str);

/// Names that must not be published, by the object that refers to them.
pub(super) struct LeftOut<'a> {
    names: BTreeMap<(Kind, &'a str), Vec<Name<'a>>>,
}

impl<'a> LeftOut<'a> {
    /// Finds them.
    pub(super) fn of(rulebook: &'a Rulebook) -> Self {
        let mut names: BTreeMap<(Kind, &str), Vec<Name<'_>>> = BTreeMap::new();
        for reference in &rulebook.references {
            if let (Some((from, from_id)), Target::Object { kind, id, .. }) = (&reference.from, &reference.to)
                && support::is_published(*from)
                && !support::is_published(*kind)
            {
                names.entry((*from, from_id.as_str())).or_default().push((&reference.field, *kind, id));
            }
        }
        Self { names }
    }

    /// Takes them out of the fields of an object.
    pub(super) fn take_out(&self, from: Kind, from_id: &str, fields: &mut Value) {
        let Some(names) = self.names.get(&(from, from_id)) else { return };
        // From behind, so that the places of other items of a list stay what they are.
        let mut names = names.clone();
        names.sort_unstable_by(|one, other| compare(other.0, one.0));
        for (field, kind, id) in names {
            let is_it = |value: &Value| {
                value.as_str().is_some_and(|text| {
                    text == id || text.split_once(':').is_some_and(|(of, rest)| of == kind.name() && rest == id)
                })
            };
            if !in_a_condition(field) && remove(fields, field, &is_it) {
                continue;
            }
            conceal(fields, kind.name(), false, &is_it);
        }
    }
}

/// Compares pointers by their parts, with the places in lists as numbers.
fn compare(one: &str, other: &str) -> std::cmp::Ordering {
    let parts = |pointer: &str| -> Vec<(Option<usize>, String)> {
        pointer.split('/').map(|part| (part.parse().ok(), part.to_owned())).collect()
    };
    parts(one).cmp(&parts(other))
}

/// Whether a field lies in a condition.
fn in_a_condition(field: &str) -> bool {
    field.split('/').any(|part| matches!(part, "when" | "unless" | "any" | "all" | "not"))
}

/// Removes a value from the table or list that holds it, with the list when nothing else is in it.
fn remove(fields: &mut Value, pointer: &str, is_it: &dyn Fn(&Value) -> bool) -> bool {
    if !fields.pointer(pointer).is_some_and(is_it) {
        return false;
    }
    let Some((above, last)) = pointer.rsplit_once('/') else { return false };
    match fields.pointer_mut(above) {
        Some(Value::Object(table)) => {
            table.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
            let is_empty = items.is_empty();
            if is_empty
                && let Some((table, name)) = above.rsplit_once('/')
                && let Some(Value::Object(table)) = fields.pointer_mut(table)
            {
                table.shift_remove(name);
            }
        }
        _ => return false,
    }
    true
}

/// Writes something else in the place of a name: below a field that is called as its kind, or where the kind stands before
/// it.
fn conceal(value: &mut Value, kind: &str, below: bool, is_it: &dyn Fn(&Value) -> bool) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let names = name.strip_suffix('s').unwrap_or(name).rsplit('.').next() == Some(kind);
                conceal(value, kind, below || names, is_it);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| conceal(item, kind, below, is_it)),
        Value::String(text) => {
            let with_kind = text.starts_with(kind) && text.get(kind.len()..).is_some_and(|rest| rest.starts_with(':'));
            if with_kind && is_it(&Value::String(text.clone())) {
                *text = format!("{kind}:{NAMELESS}");
            } else if below && is_it(&Value::String(text.clone())) {
                NAMELESS.clone_into(text);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(mut fields: Value, names: &[Name<'_>]) -> Value {
        let left_out = LeftOut { names: [((Kind::Service, "mail"), names.to_vec())].into() };
        left_out.take_out(Kind::Service, "mail", &mut fields);
        fields
    }

    #[test]
    fn names_are_taken_out_and_what_is_called_alike_stays() {
        let fields = json!({
            "tenant": "mail",
            "category": "mail",
            "configuration-items": ["mail"],
            "covers": ["service:mail", "configuration-item:a", "configuration-item:b", "service:a"],
            "rule": [{ "when": { "service": { "tenant": ["mail", "other"], "category": "mail" } } }],
        });
        let names = [
            ("/tenant", Kind::Tenant, "mail"),
            ("/configuration-items/0", Kind::ConfigurationItem, "mail"),
            ("/covers/1", Kind::ConfigurationItem, "a"),
            ("/covers/2", Kind::ConfigurationItem, "b"),
            ("/rule/0/when/service/tenant/0", Kind::Tenant, "mail"),
        ];
        let expected = json!({
            "category": "mail",
            "covers": ["service:mail", "service:a"],
            "rule": [{ "when": { "service": { "tenant": [NAMELESS, "other"], "category": "mail" } } }],
        });
        assert_eq!(taken(fields, &names), expected);
    }

    #[test]
    fn items_of_long_lists_are_taken_out_from_behind() {
        let all: Vec<String> = (0..12).map(|number| format!("i{number}")).collect();
        let fields = json!({ "configuration-items": all });
        let pointers: Vec<String> = (0..12).map(|number| format!("/configuration-items/{number}")).collect();
        let names: Vec<Name<'_>> = [2, 10]
            .map(|number: usize| (pointers[number].as_str(), Kind::ConfigurationItem, all[number].as_str()))
            .into();
        let left = taken(fields, &names);
        let left: Vec<&str> =
            left["configuration-items"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(left, ["i0", "i1", "i3", "i4", "i5", "i6", "i7", "i8", "i9", "i11"]);
    }
}
