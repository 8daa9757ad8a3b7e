//! What a schema says about the place of an error.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

use super::Explainer;
use crate::{
    load::{
        guess::{Guess, Wants},
        secret, slips,
        tree::{Located, unescape},
        words::first_sentence,
    },
    model::{Id, id::ID_PATTERN},
};

impl Explainer<'_> {
    /// The keys of the tables that could stand in place of a word.
    pub(super) fn keys_of_tables(&self, error: &ValidationError<'_>) -> Vec<&str> {
        let forms = |schema| forms(schema).filter_map(|form| form.get("properties")?.as_object());
        let parent = self.parent(error);
        parent.into_iter().flat_map(forms).flatten().map(|(key, _)| key.as_str()).collect()
    }

    /// The key whose value is a table that can hold another key, which stands beside it instead.
    pub(super) fn key_around(&self, error: &ValidationError<'_>, key: &str) -> Option<String> {
        let properties = self.parent(error)?.get("properties")?.as_object()?;
        // The code of a finding is a key of the levels.
        let is_code = key.len() == 6
            && key.starts_with("GS")
            && key.bytes().skip(2).all(|digit| digit.is_ascii_digit());
        if is_code && properties.contains_key("levels") {
            return Some("levels".to_owned());
        }
        let holds = |schema: &Value| schema.get("properties").is_some_and(|keys| keys.get(key).is_some());
        let around = properties.iter().find(|(_, schema)| {
            let schema = self.resolved(schema);
            holds(schema) || forms(schema).any(holds)
        });
        around.map(|(name, _)| name.clone())
    }

    /// A schema, or the one that it refers to.
    pub(super) fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix('#'));
        reference.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(schema)
    }

    /// What to write instead of a value of the wrong type.
    pub(super) fn another_type(&self, error: &ValidationError<'_>) -> Option<String> {
        let ValidationErrorKind::Type { kind: TypeKind::Single(expected) } = error.kind() else {
            return None;
        };
        let written = error.instance();
        if written.as_str().is_some() && Self::written(error).as_deref() != written.as_str() {
            return None;
        }
        slips::instead_of_type(self.parent(error)?, expected.as_str(), written)
    }

    /// Remembers a text that may name something.
    pub(super) fn guess(&self, error: &ValidationError<'_>, at: Located, written: &str) {
        let Some(schema) = self.parent(error) else { return };
        let wants = if slips::is_principal(schema) {
            Wants::Somebody
        } else if slips::is_entitlement(schema) {
            Wants::Entitlement
        } else if slips::is_id(schema) {
            Wants::Id
        } else {
            return;
        };
        self.guesses.borrow_mut().push(Guess { span: at.value, text: written.to_owned(), wants });
    }

    /// The heading of an object whose id was meant to go on after a dot: `[person."ana.silva"]`.
    pub(super) fn dotted_id(&self, error: &ValidationError<'_>, key: &str) -> Option<String> {
        let is_object = error.instance_path().as_str().is_empty();
        let is_table = error.instance().as_ref().get(key)?.is_object();
        let (kind, id) = self.pointer.strip_prefix('/')?.split_once('/')?;
        let whole = Id::new(&format!("{}.{key}", unescape(id)))?;
        (is_object && is_table).then(|| format!("[{kind}.\"{whole}\"]"))
    }

    /// A text as it was written, to be repeated in a message; not when it looks like a secret.
    pub(super) fn written(error: &ValidationError<'_>) -> Option<String> {
        let text = error.instance().as_str()?.to_owned();
        let mut parts = error.instance_path().as_str().rsplit('/');
        let key = parts.find(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or_default();
        let is_secret = secret::in_text(&text).or_else(|| secret::in_value(key, &text)).is_some();
        Some(if is_secret { "***".to_owned() } else { text })
    }

    /// The schema that holds the keyword that failed.
    pub(super) fn parent(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let path = error.schema_path().as_str();
        let (parent, _) = path.rsplit_once('/')?;
        self.schema.pointer(parent)
    }

    pub(super) fn allowed_keys(&self, error: &ValidationError<'_>) -> Vec<String> {
        let properties =
            self.parent(error).and_then(|parent| parent.get("properties")).and_then(Value::as_object);
        properties.into_iter().flatten().map(|(key, _)| key.clone()).collect()
    }

    pub(super) fn description(&self, error: &ValidationError<'_>, below: &str) -> Option<String> {
        let mut at = self.parent(error)?;
        for part in below.split('/') {
            at = at.get(part)?;
        }
        let text = at.get("description")?.as_str()?;
        Some(first_sentence(text))
    }

    pub(super) fn how_to_write(&self, error: &ValidationError<'_>) -> Option<String> {
        let description = self.parent(error)?.get("description").and_then(Value::as_str).map(first_sentence);
        match (self.examples(error), description) {
            (None, description) => description,
            (Some(examples), None) => Some(format!("for example {examples}")),
            (Some(examples), Some(text)) => Some(format!("{text} For example {examples}")),
        }
    }

    /// The same for a text of the wrong form, where the form has a name and no example tells it.
    pub(super) fn how_to_write_text(&self, error: &ValidationError<'_>) -> Option<String> {
        let text = |key: &str| self.parent(error)?.get(key)?.as_str();
        let form = if self.examples(error).is_some() {
            None
        } else if text("pattern") == Some(ID_PATTERN) {
            Some("an id: lower-case letters, digits, dots, dashes and underscores")
        } else if text("format") == Some("email") {
            Some("an address such as `desk@example.com`")
        } else {
            None
        };
        match (self.how_to_write(error), form) {
            (help, None) => help,
            (None, Some(form)) => Some(format!("write {form}")),
            (Some(help), Some(form)) => Some(format!("{help} Write {form}")),
        }
    }

    /// How such texts are written.
    pub(super) fn examples(&self, error: &ValidationError<'_>) -> Option<String> {
        let examples = self.parent(error)?.get("examples")?.as_array()?.iter().filter_map(Value::as_str);
        let examples: Vec<String> = examples.map(|example| format!("`{example}`")).collect();
        (!examples.is_empty()).then(|| examples.join(", "))
    }
}

/// The keys of a table that are known each by itself, when it has several of them.
pub(super) fn several_of(error: &ValidationError<'_>, keys: &[String]) -> Option<Vec<String>> {
    let instance = error.instance().as_ref().as_object()?;
    let known: Vec<String> = instance.keys().filter(|key| keys.contains(key)).cloned().collect();
    (known.len() > 1 && known.len() == instance.len()).then_some(known)
}

/// The forms that a value can have.
fn forms(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten()
}
