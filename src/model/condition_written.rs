//! Conditions in the form in which documents write them.
//!
//! Values of documents as JSON hold conditions in their explicit form: `all`, `any`, `not`, and tests with an attribute, an
//! operator and values. Here that becomes tables of attributes again, as a schema describes them.

use serde_json::{Map, Value, json};

/// A value of a document with every condition in it as it is written.
#[must_use]
pub fn written(value: Value) -> Value {
    if is_condition(&value) {
        return root(value);
    }
    match value {
        // A condition that always holds is not written at all.
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !is_always(value))
            .map(|(name, value)| (name, written(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(written).collect(),
        other => other,
    }
}

/// Whether a value is a condition in its explicit form. Nothing else of a document looks like one.
fn is_condition(value: &Value) -> bool {
    let Value::Object(fields) = value else { return false };
    let mut names = fields.keys().map(String::as_str);
    match (names.next(), names.next(), names.next(), names.next()) {
        (Some("all" | "any"), None, ..) => {
            let parts = fields.values().next().and_then(Value::as_array);
            parts.is_some_and(|parts| parts.iter().all(is_condition))
        }
        (Some("not"), None, ..) => fields.values().next().is_some_and(is_condition),
        (Some("attribute"), Some("operator"), Some("values"), None) => true,
        _ => false,
    }
}

/// Whether a value is the condition that always holds.
fn is_always(value: &Value) -> bool {
    *value == json!({ "all": [] })
}

/// A condition that stands by itself.
fn root(condition: Value) -> Value {
    if let Some(parts) = condition.get("all").and_then(Value::as_array) {
        if parts.is_empty() {
            return json!({});
        }
        if parts.len() > 1
            && let Some(table) = table(parts)
        {
            return Value::Object(table);
        }
    }
    Value::Object(entry(condition))
}

/// The parts of an `all` in one table; none when two of them would have to stand in the same place.
fn table(parts: &[Value]) -> Option<Map<String, Value>> {
    let mut table = Map::new();
    parts.iter().try_for_each(|part| merge(&mut table, entry(part.clone())))?;
    Some(table)
}

/// Adds keys to a table, deeper where both have a table; none when a place is taken.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) -> Option<()> {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (None, value) => {
                into.insert(key, value);
            }
            (Some(Value::Object(old)), Value::Object(new)) if !matches!(&*key, "not" | "all" | "any") => {
                merge(old, new)?;
            }
            _ => return None,
        }
    }
    Some(())
}

/// A condition as keys of a table.
fn entry(condition: Value) -> Map<String, Value> {
    let Value::Object(fields) = condition else { return Map::new() };
    if let Some(attribute) = fields.get("attribute").and_then(Value::as_str) {
        return test(attribute, &fields);
    }
    let inner = |value: Value| match value {
        Value::Array(parts) => parts.into_iter().map(root).collect(),
        part => root(part),
    };
    fields.into_iter().map(|(name, value)| (name, inner(value))).collect()
}

/// A test: `subject.department = ["sales"]`, `entitlement.risk.max = "medium"`.
fn test(attribute: &str, fields: &Map<String, Value>) -> Map<String, Value> {
    let operator = fields.get("operator").and_then(Value::as_str).unwrap_or_default();
    let values = fields.get("values").and_then(Value::as_array).cloned().unwrap_or_default();
    let one_or_many = match <[Value; 1]>::try_from(values.clone()) {
        Ok([only]) => only,
        Err(many) => Value::Array(many),
    };
    let said = match operator {
        "is" => one_or_many,
        "in" => Value::Array(values),
        "not-in" => json!({ operator: values }),
        _ => json!({ operator: one_or_many }),
    };
    let (namespace, name) = attribute.split_once('.').unwrap_or((attribute, ""));
    let named = match name.strip_prefix("form.") {
        Some(field) if namespace == "request" => json!({ "form": { field: said } }),
        _ => json!({ name: said }),
    };
    Map::from_iter([(namespace.to_owned(), named)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(attribute: &str, operator: &str, values: &[&str]) -> Value {
        json!({ "attribute": attribute, "operator": operator, "values": values })
    }

    #[test]
    fn conditions_are_written_as_tables_of_attributes() {
        let sales = || test("subject.department", "is", &["sales"]);
        for (explicit, expected) in [
            (sales(), json!({ "subject": { "department": "sales" } })),
            (test("subject.title", "in", &["a"]), json!({ "subject": { "title": ["a"] } })),
            (test("subject.title", "not-in", &["a"]), json!({ "subject": { "title": { "not-in": ["a"] } } })),
            (
                test("request.form.site", "glob", &["a*"]),
                json!({ "request": { "form": { "site": { "glob": "a*" } } } }),
            ),
            (
                json!({ "all": [sales(), test("subject.risk", "min", &["1"]), test("subject.risk", "max", &["2"])] }),
                json!({ "subject": { "department": "sales", "risk": { "min": "1", "max": "2" } } }),
            ),
            // Two tests in one place, and a list of one, keep their form.
            (
                json!({ "all": [sales(), sales()] }),
                json!({ "all": [{ "subject": { "department": "sales" } }, { "subject": { "department": "sales" } }] }),
            ),
            (json!({ "all": [sales()] }), json!({ "all": [{ "subject": { "department": "sales" } }] })),
            (
                json!({ "all": [sales(), { "not": { "any": [sales(), { "all": [sales(), sales()] }] } }] }),
                json!({ "subject": { "department": "sales" }, "not": { "any": [
                    { "subject": { "department": "sales" } },
                    { "all": [{ "subject": { "department": "sales" } }, { "subject": { "department": "sales" } }] },
                ] } }),
            ),
        ] {
            assert_eq!(written(json!({ "when": explicit })), json!({ "when": expected }));
        }
    }

    #[test]
    fn a_condition_that_always_holds_is_left_out() {
        assert_eq!(written(json!({ "id": "x", "when": { "all": [] } })), json!({ "id": "x" }));
    }

    #[test]
    fn what_is_no_condition_stays() {
        let value = json!({ "need": "all", "stage": [{ "any": "x" }, { "attribute": "a", "values": [] }], "not": [] });
        assert_eq!(written(value.clone()), value);
    }
}
