//! YAML, as far as issue forms need it: tables, lists, texts and truth.
//!
//! Texts are always in double quotes, as JSON writes them, which YAML reads alike: nothing in them can become anything
//! else. Only what was written here is read back; any other file is one that somebody changed.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A value as YAML. Tables keep their order.
pub(super) fn render(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let _ = write!(out, "{indent}{name}:");
                below(value, depth, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                let _ = write!(out, "{indent}-");
                below(item, depth, out);
            }
        }
        scalar => {
            let _ = writeln!(out, "{indent}{scalar}");
        }
    }
}

/// What stands behind a name or a dash.
fn below(value: &Value, depth: usize, out: &mut String) {
    let is_empty =
        value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
    if is_empty || !(value.is_object() || value.is_array()) {
        let _ = writeln!(out, " {value}");
    } else {
        out.push('\n');
        write(value, depth + 1, out);
    }
}

/// The value that [`render`] wrote; none when it is anything else.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let rest = line.trim_start_matches(' ');
        lines.push(((line.len() - rest.len()) / 2, rest));
    }
    let mut at = 0;
    let value = block(&lines, &mut at, 0)?;
    (at == lines.len() && render(&value) == text).then_some(value)
}

/// Deeper than any form.
const MOST_DEPTH: usize = 16;

fn block(lines: &[(usize, &str)], at: &mut usize, depth: usize) -> Option<Value> {
    if depth > MOST_DEPTH {
        return None;
    }
    let mut fields = Map::new();
    let mut items = Vec::new();
    while let Some((_, line)) = lines.get(*at).filter(|(indent, _)| *indent == depth) {
        *at += 1;
        let (name, rest) = match line.strip_prefix('-') {
            Some(rest) => (None, rest),
            None => line.split_once(':').map(|(name, rest)| (Some(name), rest))?,
        };
        let value = match rest.strip_prefix(' ') {
            Some(scalar) => serde_json::from_str(scalar).ok()?,
            None if rest.is_empty() => block(lines, at, depth + 1)?,
            None => return None,
        };
        match name {
            Some(name) => drop(fields.insert(name.to_owned(), value)),
            None => items.push(value),
        }
    }
    match (fields.is_empty(), items.is_empty()) {
        (false, true) => Some(Value::Object(fields)),
        (true, false) => Some(Value::Array(items)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let value = json!({
            "name": "A \"name\": with # and\nlines, 日本 and \u{7}",
            "labels": ["request:vpn", "- x", "yes", ""],
            "body": [
                { "type": "input", "attributes": { "label": "One", "multiple": true }, "validations": { "required": false } },
                { "type": "dropdown", "attributes": { "options": ["no", "1"] } },
            ],
            "empty": [],
        });
        let text = render(&value);
        assert_eq!(read(&text), Some(value));
        assert!(text.contains("\nbody:\n  -\n    type: \"input\"\n"), "{text}");
        for other in ["", "name: plain\n", "name:  \"x\"\n", "a: \"x\"\n  b: \"y\"\n", "- \"x\"\na: \"y\"\n"]
        {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(read(&text.replace("\"One\"", "'One'")), None);
    }
}
