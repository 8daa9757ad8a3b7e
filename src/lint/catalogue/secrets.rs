//! Secrets in documents and settings. Git never forgets them.

use rayon::prelude::*;
use serde_json::Value;

use super::secret_shapes::{in_text, in_value};
use crate::{
    diag::{Code, code},
    lint::{Context, Location},
    load::tree::escape,
    model::{Kind, Origin, Rulebook},
};

/// A secret.
pub(super) static SECRET: Code =
    code!("GS2091", "secret-in-document", Error, "a password, key or token is written into a document");

/// A secret and where it stands below its object.
struct Found {
    pointer: String,
    what: &'static str,
}

pub(super) fn secret(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let objects: Vec<(Kind, &str)> = Kind::ALL
        .into_iter()
        .flat_map(|kind| rulebook.ids(kind).into_iter().map(move |id| (kind, id)))
        .filter(|(kind, id)| is_written_by_hand(rulebook, *kind, id))
        .collect();
    // The objects are independent, and their JSON is what takes the time.
    let found: Vec<(Kind, &str, Found)> = objects
        .into_par_iter()
        .flat_map_iter(|(kind, id)| {
            let value = rulebook.json(kind, id).unwrap_or_default();
            below(&value).into_iter().map(move |found| (kind, id, found))
        })
        .collect();
    for (kind, id, found) in found {
        let Some(origin) = rulebook.origin(kind, id) else { continue };
        let place = Location::field(kind, id, origin, &found.pointer);
        report(context, place, &format!("the {} `{id}` holds {}", kind.name(), found.what));
    }
    let settings = serde_json::to_value(&rulebook.settings).unwrap_or_default();
    for found in below(&settings) {
        // The settings are the first file that is read, and their fields start at its root.
        let place = Location::Field { origin: Origin::default(), pointer: found.pointer, key: false };
        report(context, place, &format!("gitsm.toml holds {}", found.what));
    }
}

/// Directories are long and hold names and dates; only what people write about accounts is looked at.
fn is_written_by_hand(rulebook: &Rulebook, kind: Kind, id: &str) -> bool {
    kind != Kind::Person || rulebook.people.get(id).is_some_and(|person| !person.employment.is_human())
}

fn report(context: &mut Context<'_>, place: Location, message: &str) {
    context
        .report(place, message)
        .label("everybody who can read the repository can use it, now and later")
        .help("change the secret where it is used, then write here where it is kept");
}

fn below(value: &Value) -> Vec<Found> {
    let mut found = Vec::new();
    walk(value, "", &mut String::new(), &mut found);
    found
}

// The depth is that of the types, or of a condition, which the parser bounds.
fn walk(value: &Value, key: &str, pointer: &mut String, found: &mut Vec<Found>) {
    let length = pointer.len();
    match value {
        Value::String(text) => {
            if let Some(what) = in_value(key, text).or_else(|| in_text(text)) {
                found.push(Found { pointer: pointer.clone(), what });
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                walk(item, key, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                pointer.push('/');
                pointer.push_str(&escape(key));
                walk(item, key, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
