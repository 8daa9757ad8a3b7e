//! Headings with the wrong number of brackets: `[access.mail.rule]` in place of `[[access.mail.rule]]`, and the reverse.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;
use toml::de::DeValue;

use super::Explainer;
use crate::{
    diag::{Diagnostic, Safety, Span},
    load::tree::unescape,
    model::Id,
};

/// A heading as it should be.
pub(super) struct Heading {
    /// What to write.
    text: String,
    /// Where the heading stands that is to be replaced; none where that would not be enough.
    at: Option<Span>,
}

impl Heading {
    /// Says what to write.
    pub(super) fn offer(self, diagnostic: Diagnostic) -> Diagnostic {
        let is_list = self.text.starts_with("[[");
        let why = if is_list { "each entry of a list has a heading of its own" } else { "it is a table" };
        let mut diagnostic = diagnostic.help(format!("write `{}`: {why}", self.text));
        if let Some(at) = self.at {
            // The place of a finding about a key is the key, and what is replaced is the whole heading.
            let primary = std::mem::replace(&mut diagnostic.primary.span, at);
            diagnostic =
                diagnostic.replace_with(format!("write `{}`", self.text), self.text, Safety::Suggestion);
            diagnostic.primary.span = primary;
        }
        diagnostic
    }
}

impl Explainer<'_> {
    /// The heading of a value that is a table and should be a list of them, or the reverse.
    pub(super) fn other_heading(&self, error: &ValidationError<'_>) -> Option<Heading> {
        let ValidationErrorKind::Type { kind: TypeKind::Single(expected) } = error.kind() else {
            return None;
        };
        let schema = self.parent(error)?;
        self.heading(error.instance_path().as_str(), None, *expected, schema)
    }

    /// The heading of a table below a misspelt key, when that is not of the sort that the key wants.
    pub(super) fn meant_heading(
        &self,
        error: &ValidationError<'_>,
        written: &str,
        meant: &str,
    ) -> Option<Heading> {
        let schema = self.resolved(self.parent(error)?.get("properties")?.get(meant)?);
        let expected = match schema.get("type")?.as_str()? {
            "array" => JsonType::Array,
            "object" => JsonType::Object,
            _ => return None,
        };
        let below = format!("{}/{}", error.instance_path().as_str(), crate::load::tree::escape(written));
        self.heading(&below, Some(meant), expected, schema)
    }

    /// The heading of the value at `below`, whose last key is meant to be another one, as what is expected there.
    fn heading(
        &self,
        below: &str,
        last: Option<&str>,
        expected: JsonType,
        schema: &Value,
    ) -> Option<Heading> {
        let pointer = format!("{}{below}", self.pointer);
        let mut keys: Vec<String> = Vec::new();
        let mut tables = Some(self.root);
        let mut value: Option<&DeValue<'_>> = None;
        let mut place = (Span::default(), Span::default());
        for segment in pointer.split('/').skip(1).map(unescape) {
            if let Some(table) = tables {
                let (key, found) = table.get_key_value(segment.as_ref())?;
                keys.push(segment.into_owned());
                place = (key.span().into(), found.span().into());
                value = Some(found.get_ref());
            } else {
                // A heading does not say which entry of a list it goes on with.
                value = Some(value?.as_array()?.get(segment.parse::<usize>().ok()?)?.get_ref());
            }
            tables = value.and_then(DeValue::as_table);
        }
        let (key, span) = place;
        // What is written inline has no heading.
        if span.start >= key.start || key.end > span.end {
            return None;
        }
        if let Some(last) = last {
            last.clone_into(keys.last_mut()?);
        }
        match (expected, value?) {
            (JsonType::Array, DeValue::Table(_)) => {
                Some(Heading { text: format!("[[{}]]", dotted(&keys)), at: Some(span) })
            }
            (JsonType::Object, DeValue::Array(entries)) => {
                let first = entries.first()?.get_ref();
                let is_struct = schema.get("properties").is_some();
                let of_map = schema.get("additionalProperties").map(|values| self.resolved(values));
                let is_map_of_words = of_map.is_some_and(|values| {
                    !values.is_boolean() && values.get("type").is_none_or(|name| name != "object")
                });
                if is_struct || is_map_of_words {
                    let at = Some(span).filter(|_| entries.len() == 1 && is_struct);
                    return Some(Heading { text: format!("[{}]", dotted(&keys)), at });
                }
                let id = first.get("id").and_then(|id| Id::new(id.get_ref().as_str()?));
                keys.push(id.map_or_else(|| "some-id".to_owned(), |id| id.to_string()));
                Some(Heading { text: format!("[{}]", dotted(&keys)), at: None })
            }
            _ => None,
        }
    }
}

/// Keys with dots between them, in quotes where they need some.
fn dotted(keys: &[String]) -> String {
    let is_bare = |key: &String| {
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let quoted =
        |key: &String| if is_bare(key) { key.clone() } else { toml::Value::from(key.as_str()).to_string() };
    keys.iter().map(quoted).collect::<Vec<_>>().join(".")
}
