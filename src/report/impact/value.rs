//! Values of the rulebook as they are written in TOML, on one line.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    load::secret::{in_text, in_value},
    report::{excerpt::CONCEALED, plain},
};

/// The most characters of a value in a text for people.
const LONG: usize = 120;

/// The value under a key as it would be written, cut where it is long, without characters that cannot be seen.
#[must_use]
pub fn inline(key: &str, value: &Value) -> String {
    let mut text = String::new();
    push(&mut text, key, value);
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The value with what must not be shown taken out of it.
#[must_use]
pub fn concealed(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if is_secret(key, text) => Value::from(CONCEALED),
        Value::Array(items) => items.iter().map(|item| concealed(key, item)).collect(),
        Value::Object(table) => {
            let entries = table.iter().map(|(key, value)| (key.clone(), concealed(key, value)));
            Value::Object(entries.collect())
        }
        other => other.clone(),
    }
}

fn is_secret(key: &str, text: &str) -> bool {
    in_text(text).is_some() || in_value(key, text).is_some()
}

fn push(out: &mut String, key: &str, value: &Value) {
    // What is longer is cut anyway.
    if out.len() > 8 * LONG {
        return;
    }
    // Writing into a string does not fail.
    let _ = match value {
        Value::String(text) if is_secret(key, text) => write!(out, "\"{CONCEALED}\""),
        Value::String(text) if is_date(text) => write!(out, "{text}"),
        Value::String(text) => {
            out.push('"');
            for character in text.chars() {
                match character {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\t' => out.push_str("\\t"),
                    other => plain::push(out, other),
                }
            }
            out.push('"');
            Ok(())
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push(out, key, item);
            }
            out.push(']');
            Ok(())
        }
        Value::Object(table) => {
            out.push('{');
            for (index, (key, item)) in table.iter().enumerate() {
                let _ = write!(out, "{} {} = ", if index > 0 { "," } else { "" }, plain::line(key));
                push(out, key, item);
            }
            out.push_str(if table.is_empty() { "}" } else { " }" });
            Ok(())
        }
        other => write!(out, "{other}"),
    };
}

/// Whether a text is a date, which stands without quotes.
fn is_date(text: &str) -> bool {
    let shape = |at: usize| matches!(at, 4 | 7);
    text.len() >= 10
        && text.len() <= 35
        && text.bytes().take(10).enumerate().all(
            |(at, byte)| {
                if shape(at) { byte == b'-' } else { byte.is_ascii_digit() }
            },
        )
        && text.bytes().skip(10).all(|byte| byte.is_ascii_digit() || b"T:Z+-. ".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_as_in_toml() {
        let value = json!({"a": ["x", 1, true], "b": {"c": "2026-01-02"}, "d": {}});
        assert_eq!(inline("", &value), "{ a = [\"x\", 1, true], b = { c = 2026-01-02 }, d = {} }");
        assert_eq!(inline("", &json!("a\"\u{1b}\n")), "\"a\\\"\\u{1b}\\n\"");
        assert_eq!(inline("", &json!("x".repeat(200))).chars().count(), LONG + 1);
    }

    #[test]
    fn secrets_are_not_shown() {
        let key = format!("AKIA{}", "Q3EXAMPLE7ZXCVBN");
        let value = json!({"note": key, "list": [key], "plain": "fine"});
        for text in [inline("", &value), concealed("", &value).to_string()] {
            assert!(!text.contains("AKIA") && text.contains(CONCEALED) && text.contains("fine"), "{text}");
        }
    }
}
