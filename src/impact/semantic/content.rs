//! What an object says, in a form in which equal things are equal.

use serde_json::{Map, Value};

/// Lists in which only the presence of an entry matters, by their keys. Any other list is taken for one whose order
/// matters: to show a change that is none is the smaller mistake.
const SETS: &[&str] = &[
    "affected-services",
    "against",
    "agents",
    "allow",
    "approvers",
    "articles",
    "at-risk",
    "by",
    "channels",
    "configuration-items",
    "consulted",
    "covers",
    "depends-on",
    "entitlements",
    "escalate",
    "evidence",
    "fallback",
    "groups",
    "guardrails",
    "hand-off-when",
    "holidays-from",
    "implementers",
    "informed",
    "kinds",
    "may",
    "members",
    "must-not",
    "paths",
    "pause-in",
    "peers-by",
    "pending",
    "people",
    "redact",
    "require",
    "responders",
    "responsible",
    "roots",
    "services",
    "stakeholders",
    "start-in",
    "stop-in",
    "tiers",
    "to",
];

/// The keys of conditions, in which no list has an order.
const CONDITIONS: &[&str] = &["when", "unless", "not", "any", "all", "eligible", "if"];

/// What an object says.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// As it was written.
    pub(super) written: Value,
    /// As it is understood, with defaults; none when it makes no sense.
    pub(super) meaning: Option<Value>,
}

impl Content {
    /// Puts what was written and what it means into the form in which they are compared. What comes from a file without
    /// keys, such as a record of people, is taken as it is understood.
    #[must_use]
    pub fn new(written: Option<Value>, meaning: Option<Value>) -> Self {
        let meaning = meaning.map(canonical);
        let written = written.map(canonical).or_else(|| meaning.clone());
        Self { written: written.unwrap_or(Value::Null), meaning }
    }

    /// Whether two objects mean the same; of one that makes no sense, whether it is written the same.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (&self.meaning, &other.meaning) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.written == other.written,
            _ => false,
        }
    }

    /// A text that is the same for objects that mean the same.
    #[must_use]
    pub fn text(&self) -> String {
        self.meaning.as_ref().unwrap_or(&self.written).to_string()
    }

    /// What was written.
    #[must_use]
    pub const fn written(&self) -> &Value {
        &self.written
    }

    /// What is understood; none when it makes no sense.
    #[must_use]
    pub const fn meaning(&self) -> Option<&Value> {
        self.meaning.as_ref()
    }
}

/// A value with its keys in order, and with the entries of sets in order.
#[must_use]
pub(super) fn canonical(value: Value) -> Value {
    walk(value, false, false)
}

/// Whether the list at a path has no order.
#[must_use]
pub fn is_set(path: &[String]) -> bool {
    let inside = path.iter().any(|key| CONDITIONS.contains(&key.as_str()));
    inside || path.last().is_some_and(|key| SETS.contains(&key.as_str()))
}

fn walk(value: Value, set: bool, condition: bool) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map
                .into_iter()
                .map(|(key, inner)| {
                    let condition = condition || CONDITIONS.contains(&key.as_str());
                    let set = condition || SETS.contains(&key.as_str());
                    (key, walk(inner, set, condition))
                })
                .collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            let mut map = entries.into_iter().collect::<Map<_, _>>();
            if condition {
                one_of_one(&mut map);
            }
            Value::Object(map)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> =
                items.into_iter().map(|item| walk(item, condition, condition)).collect();
            if set {
                items.sort_by_cached_key(ToString::to_string);
            }
            Value::Array(items)
        }
        other => other,
    }
}

/// To be one of a single value is to be that value.
fn one_of_one(test: &mut Map<String, Value>) {
    let single = test.get("values").and_then(Value::as_array).is_some_and(|values| values.len() == 1);
    if let Some(operator) = test.get_mut("operator").filter(|operator| single && **operator == "in") {
        *operator = Value::from("is");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_sets_is_none_and_that_of_rules_is_one() {
        let same = |one: Value, other: Value| canonical(one) == canonical(other);
        assert!(same(json!({"a": 1, "members": ["x", "y"]}), json!({"members": ["y", "x"], "a": 1})));
        assert!(same(
            json!({"when": {"any": [{"a": ["x", "y"]}, {"b": 1}]}}),
            json!({"when": {"any": [{"b": 1}, {"a": ["y", "x"]}]}})
        ));
        assert!(!same(json!({"rotation": ["x", "y"]}), json!({"rotation": ["y", "x"]})));
        assert!(!same(
            json!({"rule": [{"id": "x"}, {"id": "y"}]}),
            json!({"rule": [{"id": "y"}, {"id": "x"}]})
        ));
        assert!(!same(json!({"members": ["x", "x"]}), json!({"members": ["x"]})));
    }
}
