//! JSON Schemas, generated from the types so that there is one source of truth.

use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::SchemaSettings,
    json_schema,
    transform::{Transform, transform_subschemas},
};
use serde_json::{Map, Value, json};

use super::{
    Kind,
    condition::Literal,
    id::ID_PATTERN,
    import_map::ImportMap,
    replay_map::ReplayMap,
    settings::{Namespace, PersonField, Settings},
};

/// The file name of the schema that accepts any document file.
pub const ANY_FILE: &str = "gitsm.schema.json";
/// The file name of the schema of `gitsm.toml`.
pub const SETTINGS_FILE: &str = "settings.schema.json";
/// The file name of the schema of import maps.
pub const IMPORT_MAP_FILE: &str = "import-map.schema.json";
/// The file name of the schema of replay maps.
pub const REPLAY_MAP_FILE: &str = "replay-map.schema.json";

/// The file name of the schema of files that hold objects of one kind.
#[must_use]
pub fn file_name(kind: Kind) -> String {
    format!("{}.schema.json", kind.name())
}

/// Every published schema with its file name: any file, the settings, maps, and one for each kind.
#[must_use]
pub fn all() -> Vec<(String, Value)> {
    let mut schemas = vec![
        (ANY_FILE.to_owned(), documents(&Kind::ALL)),
        (SETTINGS_FILE.to_owned(), settings()),
        (IMPORT_MAP_FILE.to_owned(), import_map()),
        (REPLAY_MAP_FILE.to_owned(), replay_map()),
    ];
    schemas.extend(Kind::ALL.map(|kind| (file_name(kind), documents(&[kind]))));
    schemas
}

/// A schema as it is published: indented, and ended by a new line.
#[must_use]
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// The schema of `gitsm.toml`.
#[must_use]
pub fn settings() -> Value {
    let mut schema = finish(generator().into_root_schema_for::<Settings>());
    describe_keys::<Namespace>(&mut schema, "/properties/attribute/properties");
    describe_keys::<PersonField>(&mut schema, "/$defs/PeopleFile/properties/columns/properties");
    describe_keys::<PersonField>(&mut schema, "/$defs/PeopleFile/properties/values/properties");
    schema
}

/// Explains the keys of a map whose keys are a vocabulary with the meanings of the words.
fn describe_keys<T: JsonSchema>(schema: &mut Value, pointer: &str) {
    let vocabulary = T::json_schema(&mut generator()).to_value();
    let list = |pointer: &str| vocabulary.pointer(pointer).and_then(Value::as_array).cloned();
    let (Some(names), Some(meanings)) = (list("/enum"), list("/x-taplo/docs/enumValues")) else { return };
    let Some(properties) = schema.pointer_mut(pointer).and_then(Value::as_object_mut) else { return };
    for (name, meaning) in names.iter().zip(meanings) {
        let property = name.as_str().and_then(|name| properties.get_mut(name)).and_then(Value::as_object_mut);
        if let Some(property) = property {
            property.insert("description".to_owned(), meaning);
        }
    }
}

/// The schema of an import map.
#[must_use]
pub fn import_map() -> Value {
    finish(generator().into_root_schema_for::<ImportMap>())
}

/// The schema of a replay map.
#[must_use]
pub fn replay_map() -> Value {
    finish(generator().into_root_schema_for::<ReplayMap>())
}

/// The schema of one object of a kind.
#[must_use]
pub fn object(kind: Kind) -> Value {
    let mut generator = generator();
    let schema = kind.subschema(&mut generator);
    with_definitions(schema.to_value(), generator)
}

/// The schema of a file that holds objects of these kinds.
#[must_use]
pub fn documents(kinds: &[Kind]) -> Value {
    let mut generator = generator();
    let mut properties = Map::new();
    for kind in kinds {
        let mut object = kind.subschema(&mut generator).to_value();
        let title = object.get("title").cloned().unwrap_or_default();
        let description = object.get("description").cloned().unwrap_or_default();
        if let Some(fields) = object.as_object_mut() {
            fields.remove("$schema");
        }
        generator.definitions_mut().insert(kind.name().to_owned(), object);
        properties.insert(
            kind.name().to_owned(),
            json!({
                "type": "object",
                "title": title,
                "description": description,
                "propertyNames": { "pattern": ID_PATTERN },
                "additionalProperties": { "$ref": format!("#/$defs/{}", kind.name()) },
            }),
        );
    }
    let title = match kinds {
        [only] => format!("gitsm documents: {}", only.name()),
        _ => "gitsm documents".to_owned(),
    };
    let schema = json!({
        "title": title,
        "description": "A file of a gitsm rulebook: any number of objects, each one table `[kind.id]`.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    with_definitions(schema, generator)
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().with_transform(NoNull).into_generator()
}

fn with_definitions(schema: Value, mut generator: SchemaGenerator) -> Value {
    let definitions = generator.take_definitions(true);
    let mut root = Map::new();
    root.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    if let Value::Object(fields) = schema {
        root.extend(fields);
    }
    if !definitions.is_empty() {
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    let mut root = Schema::from(root);
    NoNull.transform(&mut root);
    finish(root)
}

fn finish(schema: Schema) -> Value {
    schema.to_value()
}

/// TOML has no null: an optional field is absent, so `null` is not one of its types. Besides, every key
/// gets a description.
#[derive(Debug, Clone)]
struct NoNull;

impl Transform for NoNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(object) = schema.as_object_mut() {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            let branches = object.get_mut("anyOf").and_then(Value::as_array_mut);
            if let Some(branches) = branches {
                branches.retain(|branch| branch.get("type").and_then(Value::as_str) != Some("null"));
                if let [only] = branches.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    if let Value::Object(fields) = only {
                        for (key, value) in fields {
                            object.entry(key).or_insert(value);
                        }
                    }
                }
            }
            if object.get("default") == Some(&Value::Null) {
                object.remove("default");
            }
            // `decision.workflow = "…"`: what a variant means is also what its only key means.
            let meaning = object.get("description").cloned();
            let only = object
                .get_mut("properties")
                .and_then(Value::as_object_mut)
                .filter(|properties| properties.len() == 1)
                .and_then(|properties| properties.values_mut().next())
                .and_then(Value::as_object_mut);
            if let (Some(meaning), Some(only)) = (meaning, only) {
                only.entry("description").or_insert(meaning);
            }
            // Widths of integers say nothing to somebody who writes TOML; bounds do.
            let bounds = match object.get("format").and_then(Value::as_str) {
                Some("uint8") => Some((0, i64::from(u8::MAX))),
                Some("uint32") => Some((0, i64::from(u32::MAX))),
                Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
                _ => None,
            };
            if let Some((least, most)) = bounds {
                object.remove("format");
                object.entry("minimum").or_insert_with(|| least.into());
                object.entry("maximum").or_insert_with(|| most.into());
            }
        }
        transform_subschemas(self, schema);
    }
}

impl JsonSchema for Literal {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Value".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer", "boolean"] })
    }
}
