//! Keys that there are not.

use jsonschema::ValidationError;
use serde_json::Value;

use super::Explainer;
use crate::{
    diag::{Diagnostic, Safety},
    load::{codes, document, slips, suggest::nearest, tree, words::list},
    model::id::ID_PATTERN,
};

impl Explainer<'_> {
    pub(super) fn unknown_key(
        &self,
        error: &ValidationError<'_>,
        key: &str,
        allowed: &[String],
    ) -> Diagnostic {
        let table = error.instance_path().as_str();
        let at = self.locate(&format!("{table}/{}", tree::escape(key)));
        let span = at.key.unwrap_or(at.value);
        if self.has_ids(error)
            && let Some(diagnostic) = document::look_alike(self.file, key, span)
        {
            return diagnostic;
        }
        let label = match slips::why_not(key) {
            why if why.starts_with("U+") => why,
            _ => "unknown key".to_owned(),
        };
        let diagnostic =
            Diagnostic::new(&codes::UNKNOWN_KEY, self.file, span, format!("there is no key `{key}` here"))
                .label(label);
        let near = nearest(&slips::plain(key), allowed.iter().map(String::as_str)).map(str::to_owned);
        let operator = || slips::operator(key).filter(|name| allowed.iter().any(|known| known == name));
        let near = near.or_else(|| operator().map(str::to_owned));
        let near = near.or_else(|| slips::key(self.parent(error)?, key));
        if let (None, Some(whole)) = (&near, self.dotted_id(error, key)) {
            return diagnostic.help(format!("an id with a dot in it stands in quotes: `{whole}`"));
        }
        if let Some(heading) = near.as_ref().and_then(|near| self.meant_heading(error, key, near)) {
            return heading.offer(diagnostic);
        }
        match near.or_else(|| Some(format!("{}.{key}", self.key_around(error, key)?))) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).replace_with(
                format!("write `{near}`"),
                near,
                Safety::Suggestion,
            ),
            None if allowed.is_empty() => match self.how_to_write(error) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            },
            None => {
                diagnostic.help(format!("the keys here are {}", list(allowed.iter().map(String::as_str))))
            }
        }
    }

    /// Whether the keys of a table are ids.
    fn has_ids(&self, error: &ValidationError<'_>) -> bool {
        let patterns = self.parent(error).and_then(|schema| schema.get("patternProperties"));
        patterns.and_then(Value::as_object).is_some_and(|patterns| patterns.contains_key(ID_PATTERN))
    }

    /// The words that a value of another type could be.
    pub(super) fn words(&self, error: &ValidationError<'_>) -> Option<String> {
        let words = self.parent(error)?.get("enum")?.as_array()?.iter().filter_map(Value::as_str);
        let words: Vec<String> = words.map(|word| format!("`\"{word}\"`")).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}
