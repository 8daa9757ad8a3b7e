//! The schemas of the files that are published.

use serde_json::{Value, json};

use super::publish::{API_VERSION, APPROVERS};
use crate::model::{Kind, id::ID_PATTERN, schema};

/// The schema of the files of a kind.
#[must_use]
pub(super) fn of(kind: &str) -> Value {
    let fields = match Kind::from_name(kind) {
        Some(Kind::Person) => json!({
            "type": "object",
            "properties": { "name": { "type": "string" } },
            "required": ["name"],
            "additionalProperties": false,
        }),
        Some(of) => schema::object(of),
        None if kind == APPROVERS => approvers(),
        None => json!({ "type": "object" }),
    };
    let mut fields = fields;
    // References inside lead to the root of the schema, so its definitions have to be there.
    let definitions = fields.as_object_mut().and_then(|fields| fields.remove("$defs"));
    if let Some(fields) = fields.as_object_mut() {
        fields.remove("$schema");
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("A file of kind {kind}"),
        "type": "object",
        "properties": {
            "api-version": { "const": API_VERSION },
            "kind": { "const": kind },
            "id": { "type": "string", "pattern": ID_PATTERN },
            "fields": fields,
            "resolved": { "type": "object", "description": "What follows from the fields and other objects." },
        },
        "required": ["api-version", "kind", "id", "fields"],
        "additionalProperties": false,
    });
    if let (Some(definitions), Some(schema)) = (definitions, schema.as_object_mut()) {
        schema.insert("$defs".to_owned(), definitions);
    }
    schema
}

fn approvers() -> Value {
    let somebody = json!({
        "type": "object",
        "description": "People who can act, and roles that each request gives to somebody.",
        "properties": {
            "people": { "type": "array", "items": {
                "type": "object",
                "properties": { "id": { "type": "string" }, "name": { "type": ["string", "null"] } },
                "required": ["id", "name"],
                "additionalProperties": false,
            } },
            "roles": { "type": "array", "items": { "type": "string" } },
        },
        "required": ["people", "roles"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "properties": {
            "workflow": { "type": "string" },
            "name": { "type": "string" },
            "automatic": { "type": "boolean" },
            "stages": { "type": "array", "items": {
                "type": "object",
                "properties": {
                    "id": { "type": "string" },
                    "need": { "type": "string" },
                    "approvers": somebody.clone(),
                    "after-timeout": somebody.clone(),
                    "fallback": somebody,
                },
                "required": ["id", "need", "approvers"],
                "additionalProperties": false,
            } },
        },
        "required": ["workflow", "name", "automatic", "stages"],
        "additionalProperties": false,
    })
}
