//! Phrases of messages.

use jsonschema::{JsonType, error::TypeKind};

/// The first sentence of a description, which may run over several lines.
pub(super) fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    match paragraph.find(". ") {
        Some(end) => paragraph.get(..=end).unwrap_or_default().to_owned(),
        None => paragraph,
    }
}

/// What a schema wants, in words.
pub(super) fn expected_types(kind: &TypeKind) -> String {
    let name = |json_type: JsonType| match json_type {
        JsonType::String => "a string",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::Boolean => "true or false",
        JsonType::Array => "a list",
        JsonType::Object => "a table",
        JsonType::Null => "nothing",
    };
    match kind {
        TypeKind::Single(json_type) => name(*json_type).to_owned(),
        TypeKind::Multiple(types) => types.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

/// A list of words for people, cut when it is long.
#[must_use]
pub fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 24;
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    let hidden = words.len().saturating_sub(SHOWN);
    let shown = words.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if hidden == 0 { shown } else { format!("{shown} and {hidden} more") }
}

/// Some things in a row, with a word before the last one: `a, b or c`.
#[must_use]
pub fn in_a_row(parts: &[String], last: &str) -> String {
    match parts {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// One of some words.
pub(super) fn alternatives(words: &[&str]) -> String {
    match words {
        [only] => format!("`{only}`"),
        several => format!("one of {}", list(several.iter().copied())),
    }
}
