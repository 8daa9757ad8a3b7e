//! The JSON Schema of conditions, made from the table of attributes.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::{
    attribute::{self, Values},
    condition::{ScopeName, When},
    id::ID_PATTERN,
};

impl<S: ScopeName> JsonSchema for When<S> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        S::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = json!({ "$ref": format!("#/$defs/{}", S::NAME) });
        let mut properties = Map::new();
        for namespace in S::SCOPE.namespaces() {
            properties.insert((*namespace).to_owned(), namespace_schema(namespace, generator));
        }
        let nested = |description: &str| json!({ "type": "array", "minItems": 1, "items": own, "description": description });
        properties.insert("any".to_owned(), nested("At least one of these conditions holds."));
        properties.insert("all".to_owned(), nested("Every one of these conditions holds."));
        properties.insert(
            "not".to_owned(),
            json!({ "$ref": format!("#/$defs/{}", S::NAME), "description": "This condition does not hold." }),
        );
        json_schema!({
            "type": "object",
            "description": "A condition. Every key of the table must hold; a list means one of its values.",
            "properties": properties,
            "additionalProperties": false,
            "minProperties": 1,
        })
    }
}

/// One namespace. Attributes declared in `gitsm.toml` are allowed beside the built-in ones; the loader
/// checks their names and types, which a fixed schema cannot know.
fn namespace_schema(namespace: &str, generator: &mut SchemaGenerator) -> Value {
    let mut properties: Map<String, Value> = attribute::all()
        .filter(|attribute| attribute.namespace == namespace)
        .map(|attribute| {
            let mut schema = values_schema(attribute.values, generator);
            let optional =
                if attribute.optional { " Can be absent: a comparison is then false." } else { "" };
            if let Some(object) = schema.as_object_mut() {
                let summary = attribute.summary;
                object.insert("description".to_owned(), format!("Tests {summary}.{optional}").into());
            }
            (attribute.name.to_owned(), schema)
        })
        .collect();
    let declared = definition("ConditionTest", generator, &["string", "integer", "boolean"], None);
    if namespace == "request" {
        properties.insert(
            "form".to_owned(),
            json!({
                "type": "object",
                "description": "Tests fields of the form of the request type.",
                "propertyNames": { "pattern": ID_PATTERN },
                "additionalProperties": declared,
            }),
        );
    }
    json!({
        "type": "object",
        "description": namespace_summary(namespace),
        "properties": properties,
        "additionalProperties": declared,
        "minProperties": 1,
    })
}

/// What the attributes of a namespace are about.
fn namespace_summary(namespace: &str) -> &'static str {
    match namespace {
        "subject" => "Attributes of the person that it is about: for a request, the one who gets the access.",
        "requester" => "Attributes of the person who asks.",
        "service" => "Attributes of the service.",
        "entitlement" => "Attributes of the access that is asked for.",
        "request" => "Attributes of the request itself, and the answers in its form.",
        "grants" => "What the beneficiary holds already.",
        "peers" => "What colleagues like the beneficiary hold, and how their requests were decided.",
        "incident" => "Attributes of the incident.",
        "change" => "Attributes of the change.",
        _ => "Attributes that a condition can test.",
    }
}

fn values_schema(values: Values, generator: &mut SchemaGenerator) -> Value {
    match values {
        Values::Integer => definition("IntegerTest", generator, &["integer"], None),
        Values::Boolean => definition("BooleanTest", generator, &["boolean"], None),
        Values::Choice(names) | Values::Ordered(names) => choices(names),
        Values::Text
        | Values::Date
        | Values::Instant
        | Values::Duration
        | Values::Id(_)
        | Values::Ids(_)
        | Values::Entitlement
        | Values::Entitlements
        | Values::Priority => definition("TextTest", generator, &["string"], None),
    }
}

fn choices(names: &[&str]) -> Value {
    let mut schema = test_schema(&["string"], Some(names));
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), names.join(" | ").into());
    }
    schema
}

/// A named test schema, defined once.
fn definition(
    name: &'static str,
    generator: &mut SchemaGenerator,
    types: &'static [&'static str],
    names: Option<&'static [&'static str]>,
) -> Value {
    if !generator.definitions().contains_key(name) {
        generator.definitions_mut().insert(name.to_owned(), test_schema(types, names));
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// A value, a list of values, or a table of operators.
fn test_schema(types: &[&str], names: Option<&[&str]>) -> Value {
    let scalar = || {
        let mut schema = Map::new();
        match types {
            [only] => schema.insert("type".to_owned(), (*only).into()),
            several => schema.insert("type".to_owned(), several.into()),
        };
        if let Some(names) = names {
            schema.insert("enum".to_owned(), names.into());
        }
        schema
    };
    let described = |text: &str| {
        let mut schema = scalar();
        schema.insert("description".to_owned(), text.into());
        Value::Object(schema)
    };
    let list = |text: &str| json!({ "type": "array", "minItems": 1, "items": scalar(), "description": text });
    json!({
        "anyOf": [
            described("Equal to this value."),
            list("Equal to one of these values."),
            {
                "type": "object",
                "description": "Operators; every one must hold.",
                "minProperties": 1,
                "additionalProperties": false,
                "properties": {
                    "is": described("Equal to this value."),
                    "in": list("Equal to one of these values."),
                    "not-in": list("Equal to none of these values."),
                    "min": described("At least this value."),
                    "max": described("At most this value."),
                    "above": described("More than this value."),
                    "below": described("Less than this value."),
                    "glob": { "type": "string", "minLength": 1, "description": "Matches this pattern: `*` is any text, `?` one character." },
                    "exists": { "type": "boolean", "description": "Whether there is a value at all." },
                    "contains": {
                        "description": "The set holds this value, or each of these.",
                        "anyOf": [described("The set holds this value."), list("The set holds each of these values.")],
                    },
                    "within": { "type": "string", "pattern": ID_PATTERN, "description": "The instant lies in the open hours of this calendar." },
                },
            },
        ],
    })
}
