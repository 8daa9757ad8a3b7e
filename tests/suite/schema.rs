//! The published schemas, and the table of what they cover.

use std::{collections::BTreeSet, fs};

use gitsm::{
    diag::FileId,
    lint,
    load::document,
    model::{Kind, coverage, schema},
};
use serde_json::Value;

use crate::{
    golden::{Folder, check_file},
    support::{Repository, gitsm, root},
};

/// What editors read. `x-taplo` is how Taplo shows the meaning of each word of a vocabulary.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "default",
    "examples",
    "type",
    "enum",
    "const",
    "properties",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "x-taplo",
];

/// Calls `visit` for every schema inside a schema, with where it stands.
fn walk(schema: &Value, at: &str, visit: &mut impl FnMut(&Value, &str)) {
    visit(schema, at);
    let Some(object) = schema.as_object() else { return };
    for (keyword, value) in object {
        match keyword.as_str() {
            "properties" | "$defs" | "patternProperties" => {
                for (name, schema) in value.as_object().unwrap() {
                    walk(schema, &format!("{at}/{keyword}/{name}"), visit);
                }
            }
            "anyOf" | "oneOf" | "allOf" => {
                for (index, schema) in value.as_array().unwrap().iter().enumerate() {
                    walk(schema, &format!("{at}/{keyword}/{index}"), visit);
                }
            }
            "items" | "additionalProperties" | "propertyNames" | "not" | "if" | "then" | "else" => {
                walk(value, &format!("{at}/{keyword}"), visit);
            }
            _ => {}
        }
    }
}

#[test]
fn schemas_are_what_the_types_give() {
    let mut kept = Folder::new("schemas", ".schema.json");
    for (name, schema) in schema::all() {
        kept.check(name.strip_suffix(".schema.json").unwrap(), &schema::text(&schema));
    }
    kept.finish();
}

#[test]
fn schemas_are_schemas_that_every_editor_reads() {
    for (name, schema) in schema::all() {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        if let Err(error) = jsonschema::meta::validate(&schema) {
            panic!("{name}: {error}");
        }
        walk(&schema, "", &mut |part, at| {
            let Some(object) = part.as_object() else { return };
            for keyword in object.keys() {
                assert!(
                    KEYWORDS.contains(&keyword.as_str()),
                    "{name}{at}: `{keyword}` is not read by editors"
                );
            }
            let types = match &object.get("type") {
                Some(Value::String(only)) => vec![only.as_str()],
                Some(Value::Array(types)) => types.iter().map(|one| one.as_str().unwrap()).collect(),
                _ => Vec::new(),
            };
            assert!(!types.contains(&"null"), "{name}{at}: TOML has no null");
            assert_ne!(object.get("default"), Some(&Value::Null), "{name}{at}: TOML has no null");
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').expect("references stay in the file");
                assert!(schema.pointer(pointer).is_some(), "{name}{at}: {reference} leads nowhere");
            }
        });
    }
}

#[test]
fn every_key_and_every_kind_is_explained() {
    for (name, schema) in schema::all() {
        let described = |part: &Value| {
            let target =
                part.get("$ref").and_then(Value::as_str).map(|reference| reference.replacen('#', "", 1));
            let target = target.and_then(|pointer| schema.pointer(&pointer));
            [Some(part), target].into_iter().flatten().any(|part| {
                part.get("description").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
            })
        };
        walk(&schema, "", &mut |part, at| {
            for (key, property) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
                assert!(described(property), "{name}{at}: `{key}` has no description");
            }
        });
    }
    for kind in Kind::ALL {
        let schema = schema::object(kind);
        let name = kind.name();
        for key in ["title", "description"] {
            assert!(schema[key].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {key}");
        }
        let examples = schema["examples"].as_array().unwrap_or_else(|| panic!("{name} has no example"));
        assert!(!examples.is_empty(), "{name} has no example");
        let validator = jsonschema::validator_for(&schema).unwrap();
        for example in examples {
            if let Err(error) = validator.validate(example) {
                panic!("the example of {name} does not fit: {error}");
            }
            let file = toml::Table::from_iter([(
                name.to_owned(),
                toml::Table::from_iter([("example".to_owned(), as_toml(example))]).into(),
            )]);
            let read = document::read(FileId(0), file.to_string().into_bytes());
            assert!(read.found.is_empty(), "the example of {name} cannot be read: {:#?}", read.found);
            assert_eq!(read.objects.len(), 1, "{name}");
        }
        assert!(!validator.is_valid(&serde_json::json!({ "no-such-key": 1 })), "{name} takes any key");
    }
}

/// An example as it is written in TOML, where dates have no quotes.
fn as_toml(value: &Value) -> toml::Value {
    match value {
        Value::String(text) => match text.parse::<toml::value::Datetime>() {
            Ok(date) if text.len() >= 10 => date.into(),
            _ => text.as_str().into(),
        },
        Value::Array(items) => items.iter().map(as_toml).collect::<Vec<_>>().into(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), as_toml(value))).collect::<toml::Table>().into()
        }
        other => toml::Value::try_from(other).unwrap(),
    }
}

#[test]
fn examples_of_fields_fit_them() {
    let mut checked = 0;
    for (name, schema) in schema::all() {
        walk(&schema, "", &mut |part, at| {
            let Some(examples) = part.get("examples").and_then(Value::as_array) else { return };
            let mut own = part.clone();
            own["$defs"] = schema["$defs"].clone();
            let validator = jsonschema::validator_for(&own).unwrap();
            for example in examples {
                assert!(validator.is_valid(example), "{name}{at}: {example} does not fit");
                checked += 1;
            }
        });
    }
    assert!(checked > 100, "only {checked} examples");
}

#[test]
fn the_command_prints_what_is_published() {
    let folder = Repository::empty();
    let published = |name: &str| fs::read_to_string(root().join("schemas").join(name)).unwrap();
    for (argument, file) in [
        ("service", "service.schema.json"),
        ("any", "gitsm.schema.json"),
        ("all", "gitsm.schema.json"),
        ("settings", "settings.schema.json"),
    ] {
        let run = gitsm(&["schema", argument], folder.path());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{argument}");
        assert_eq!(run.stdout, published(file), "{argument}");
    }
    let run = gitsm(&["schema", "--out", "a/b"], folder.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let written: BTreeSet<String> = fs::read_dir(folder.path().join("a/b"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(written, schema::all().into_iter().map(|(name, _)| name).collect());
    assert_eq!(folder.read("a/b/service.schema.json"), published("service.schema.json"));
}

#[test]
fn the_list_names_every_kind_and_a_wrong_name_gets_a_hint() {
    let folder = Repository::empty();
    let run = gitsm(&["schema"], folder.path());
    assert_eq!(run.status, 0);
    for kind in Kind::ALL {
        assert!(run.stdout.contains(&format!("\n  {} ", kind.name())), "{}", kind.name());
    }
    let run = gitsm(&["schema", "servise"], folder.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("did you mean `service`?"), "{}", run.stderr);
    assert_eq!(gitsm(&["schema", "service", "--out", "x"], folder.path()).status, 2);
}

#[test]
fn bad_documents_of_the_editor_proof_break_the_schema_here_as_well() {
    for (quality, wanted) in [("bad", 1), ("good", 0)] {
        let folder = root().join("tests/taplo").join(quality);
        let mut number = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let file = if text.contains("[project]") { "gitsm.toml" } else { "catalog/x.toml" };
            let repository =
                Repository::with(&[("gitsm.toml", "[project]\nname = \"Example\"\n"), (file, &text)]);
            let run = gitsm(&["validate", "--format", "json"], repository.path());
            let report: Value = serde_json::from_str(&run.stdout).unwrap();
            let found = report["findings"].as_array().unwrap();
            let shape = found.iter().filter(|finding| finding["code"].as_str().unwrap().starts_with("GS11"));
            let places: BTreeSet<String> =
                shape.map(|finding| finding["place"]["start"].to_string()).collect();
            assert_eq!(places.len(), wanted, "{}: {found:#?}", path.display());
            number += 1;
        }
        assert!(number >= 25, "{number} {quality} documents");
    }
}

#[test]
fn every_item_of_the_checklist_is_held_or_left_out_for_a_reason() {
    let numbers: Vec<u8> = coverage::ITEMS.iter().map(|item| item.number).collect();
    assert_eq!(numbers, (1..=96).collect::<Vec<u8>>());
    let settings = schema::settings();
    for item in coverage::ITEMS {
        let reason = match item.held {
            coverage::Held::In(fields) => {
                assert!(!fields.is_empty(), "M{:03}", item.number);
                "in fields"
            }
            coverage::Held::Partly(_, reason) | coverage::Held::LeftOut(reason) => reason,
        };
        assert!(!reason.is_empty() && !item.title.is_empty(), "M{:03}", item.number);
        for field in item.fields() {
            let mut parts = field.split('.');
            let kind = parts.next().unwrap();
            let schema = if kind == "settings" {
                settings.clone()
            } else {
                schema::object(Kind::from_name(kind).unwrap_or_else(|| panic!("{field}: no such kind")))
            };
            let mut at = schema.clone();
            for part in parts {
                at = property(&schema, &at, part).unwrap_or_else(|| panic!("`{field}` does not exist"));
            }
        }
    }
    check_file("schemas/COVERAGE.md", &(coverage::markdown() + &lint::coverage::markdown()));
}

#[test]
fn every_check_of_the_checklist_is_decided_by_codes_or_left_out_for_a_reason() {
    let numbers: Vec<u8> = lint::coverage::CHECKS.iter().map(|check| check.number).collect();
    assert_eq!(numbers, (1..=62).collect::<Vec<u8>>());
    let known: BTreeSet<&str> = lint::codes().map(|code| code.id).collect();
    for check in lint::coverage::CHECKS {
        let reason = match check.decided {
            lint::coverage::Decided::Covered(codes) => {
                assert!(!codes.is_empty(), "V{:03}", check.number);
                "by findings"
            }
            lint::coverage::Decided::Partly(codes, reason) => {
                assert!(!codes.is_empty(), "V{:03}", check.number);
                reason
            }
            lint::coverage::Decided::LeftOut(reason) => reason,
        };
        assert!(!reason.is_empty() && !check.title.is_empty(), "V{:03}", check.number);
        assert!(check.codes().is_sorted_by(|one, other| one < other), "V{:03}", check.number);
        for code in check.codes() {
            assert!(known.contains(code), "V{:03}: there is no `{code}`", check.number);
        }
    }
}

/// The schema of a key below another, through references, maps and lists.
fn property(root: &Value, at: &Value, key: &str) -> Option<Value> {
    if let Some(reference) = at.get("$ref").and_then(Value::as_str) {
        return property(root, root.pointer(reference.strip_prefix('#')?)?, key);
    }
    if let Some(found) = at.get("properties").and_then(|properties| properties.get(key)) {
        return Some(found.clone());
    }
    let inner = at.get("patternProperties").and_then(Value::as_object).and_then(|map| map.values().next());
    let inner = inner.or_else(|| at.get("items")).or_else(|| at.get("additionalProperties"));
    property(root, inner.filter(|inner| inner.is_object())?, key)
}
