//! Values of documents in words.

use serde_json::Value;

/// A value on one line.
#[must_use]
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(self::value).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            if let Some(text) = condition(value) {
                return text;
            }
            let parts = fields.iter().map(|(key, value)| format!("{key} {}", self::value(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}

/// A condition in the explicit form in which the model writes it; `None` when the value is something else.
#[must_use]
pub(super) fn condition(value: &Value) -> Option<String> {
    let fields = value.as_object()?;
    if let (Some(attribute), Some(operator), Some(Value::Array(values))) =
        (fields.get("attribute"), fields.get("operator"), fields.get("values"))
    {
        return Some(test(attribute.as_str()?, operator.as_str()?, values));
    }
    let (key, parts) = fields.iter().next().filter(|_| fields.len() == 1)?;
    let joined = |word: &str, empty: &str| {
        let parts = parts.as_array()?.iter().map(nested).collect::<Option<Vec<_>>>()?;
        Some(if parts.is_empty() { empty.to_owned() } else { parts.join(word) })
    };
    match key.as_str() {
        "all" => joined(" and ", "always"),
        "any" => joined(" or ", "never"),
        "not" => Some(format!("not {}", nested(parts)?)),
        _ => None,
    }
}

/// A condition inside another, in parentheses where they are needed.
fn nested(value: &Value) -> Option<String> {
    let text = condition(value)?;
    let several = ["all", "any"]
        .iter()
        .any(|key| value.get(key).and_then(Value::as_array).is_some_and(|parts| parts.len() > 1));
    Some(if several { format!("({text})") } else { text })
}

fn test(attribute: &str, operator: &str, values: &[Value]) -> String {
    let list = values.iter().map(value).collect::<Vec<_>>().join(", ");
    match operator {
        "is" => match values {
            [Value::Bool(true)] => attribute.to_owned(),
            [Value::Bool(false)] => format!("not {attribute}"),
            _ => format!("{attribute} is {list}"),
        },
        "in" => format!("{attribute} is one of {list}"),
        "not-in" => format!("{attribute} is none of {list}"),
        "min" => format!("{attribute} is at least {list}"),
        "max" => format!("{attribute} is at most {list}"),
        "above" => format!("{attribute} is above {list}"),
        "below" => format!("{attribute} is below {list}"),
        "glob" => format!("{attribute} is like {list}"),
        "exists" => match values {
            [Value::Bool(false)] => format!("{attribute} is absent"),
            _ => format!("{attribute} is there"),
        },
        "contains" => format!("{attribute} contains {list}"),
        "within" => format!("{attribute} is within {list}"),
        other => format!("{attribute} {other} {list}"),
    }
}

/// Fields for a list of labels and texts: tables are written as dotted keys, tables with ids as their
/// ids. `skip` holds what is shown elsewhere.
#[must_use]
pub(super) fn fields(object: &Value, skip: &[&str]) -> Vec<(String, String)> {
    let mut list = Vec::new();
    let Some(fields) = object.as_object() else { return list };
    for (key, field) in fields {
        if !skip.contains(&key.as_str()) {
            add(key.clone(), field, &mut list);
        }
    }
    list
}

fn add(label: String, field: &Value, list: &mut Vec<(String, String)>) {
    match field {
        Value::Object(fields) if condition(field).is_none() => {
            for (key, field) in fields {
                add(format!("{label}.{key}"), field, list);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (index, item) in items.iter().enumerate() {
                let own = item.get("id").or_else(|| item.get("name")).map(value);
                let rest = item.as_object().into_iter().flatten();
                let text: Vec<String> = rest
                    .filter(|(key, field)| *key != "id" && !is_nothing(field))
                    .map(|(key, field)| format!("{key} {}", value(field)))
                    .collect();
                let label = format!("{label} {}", own.unwrap_or_else(|| (index + 1).to_string()));
                list.push((label, text.join(", ")));
            }
        }
        _ => {
            let text = value(field);
            if !text.is_empty() {
                list.push((label, text));
            }
        }
    }
}

/// A condition that is not written, or a list without elements.
fn is_nothing(field: &Value) -> bool {
    match field {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => {
            fields.is_empty() || field.get("all").and_then(Value::as_array).is_some_and(Vec::is_empty)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_are_read_aloud() {
        let test = |attribute: &str, operator: &str, values: Value| json!({ "attribute": attribute, "operator": operator, "values": values });
        let department = test("subject.department", "in", json!(["sales", "it"]));
        let risk = test("entitlement.risk", "max", json!(["medium"]));
        let admin = test("entitlement.privileged", "is", json!([true]));
        let both = json!({ "all": [department, { "any": [risk, admin] }] });
        assert_eq!(
            condition(&both).unwrap(),
            "subject.department is one of sales, it and (entitlement.risk is at most medium or entitlement.privileged)"
        );
        assert_eq!(condition(&json!({ "not": both })).unwrap().split('(').next().unwrap(), "not ");
        assert_eq!(condition(&json!({ "all": [] })).unwrap(), "always");
        assert_eq!(condition(&json!({ "service": "mail" })), None);
        assert_eq!(condition(&json!("text")), None);
    }

    #[test]
    fn tables_become_dotted_keys() {
        let object = json!({ "name": "x", "provision": { "method": "manual", "team": "desk" }, "list": ["a", "b"], "empty": [] });
        assert_eq!(
            fields(&object, &["name"]),
            [("provision.method", "manual"), ("provision.team", "desk"), ("list", "a, b")]
                .map(|(label, text)| (label.to_owned(), text.to_owned()))
        );
    }
}
