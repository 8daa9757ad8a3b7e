//! Names of objects that are not published are not published either, where what is published refers to them: the name of a
//! client or of a server says what its file would.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support;
use crate::model::{
    Kind, Rulebook, Target,
    attribute::{self, Values},
};

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
        // From behind, so that the places of other items of a list stay what they are.
        let mut names = self.names.get(&(from, from_id)).cloned().unwrap_or_default();
        names.sort_unstable_by(|one, other| compare(other.0, one.0));
        for (field, kind, id) in names {
            let is_it = |value: &Value| {
                value.as_str().is_some_and(|text| {
                    text == id
                        || text.split_once(':').is_some_and(|(of, rest)| of == kind.name() && rest == id)
                })
            };
            if !remove(fields, field, &is_it) {
                conceal(fields, kind.name(), &is_it);
            }
        }
        conceal_tests(fields, "");
    }
}

/// Compares pointers by their parts, with the places in lists as numbers.
fn compare(one: &str, other: &str) -> std::cmp::Ordering {
    let parts = |pointer: &str| -> Vec<(Option<usize>, String)> {
        pointer.split('/').map(|part| (part.parse().ok(), part.to_owned())).collect()
    };
    parts(one).cmp(&parts(other))
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

/// Writes something else in the place of a name where the kind stands before it.
fn conceal(value: &mut Value, kind: &str, is_it: &dyn Fn(&Value) -> bool) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|value| conceal(value, kind, is_it)),
        Value::Array(items) => items.iter_mut().for_each(|item| conceal(item, kind, is_it)),
        Value::String(text) => {
            let with_kind = text.strip_prefix(kind).is_some_and(|rest| rest.starts_with(':'));
            if with_kind && is_it(&Value::String(text.clone())) {
                *text = format!("{kind}:{NAMELESS}");
            }
        }
        _ => {}
    }
}

/// Writes something else in the place of everything that conditions hold against such a name: `service.tenant`. What they
/// name is no reference, and can be a pattern.
fn conceal_tests(value: &mut Value, above: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let (namespace, attribute) = name.split_once('.').unwrap_or((above, name));
                if is_hidden(namespace, attribute) {
                    conceal_all(value);
                } else {
                    conceal_tests(value, name);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| conceal_tests(item, above)),
        _ => {}
    }
}

/// Whether an attribute of conditions names objects that are not published. Entitlements can be called like a kind.
fn is_hidden(namespace: &str, attribute: &str) -> bool {
    let found = attribute::find(namespace, attribute);
    found.is_some_and(
        |found| matches!(found.values, Values::Id(kind) | Values::Ids(kind) if !support::is_published(kind)),
    )
}

fn conceal_all(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(conceal_all),
        Value::Array(items) => items.iter_mut().for_each(conceal_all),
        Value::String(text) => NAMELESS.clone_into(text),
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
            "when": { "incident.configuration-item": { "glob": "db-*" }, "incident.category": "mail" },
            "entitlement": { "tenant": { "name": "Tenants" } },
        });
        let names = [
            ("/tenant", Kind::Tenant, "mail"),
            ("/configuration-items/0", Kind::ConfigurationItem, "mail"),
            ("/covers/1", Kind::ConfigurationItem, "a"),
            ("/covers/2", Kind::ConfigurationItem, "b"),
        ];
        let expected = json!({
            "category": "mail",
            "covers": ["service:mail", "service:a"],
            "rule": [{ "when": { "service": { "tenant": [NAMELESS, NAMELESS], "category": "mail" } } }],
            "when": { "incident.configuration-item": { "glob": NAMELESS }, "incident.category": "mail" },
            "entitlement": { "tenant": { "name": "Tenants" } },
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
