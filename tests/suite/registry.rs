//! Walks the registries: what has a row must have everything that goes with it, in the style of the house.

use gitsm::{
    diag::{FileId, Level},
    lint,
    load::document,
    model::{Kind, schema},
    simulate::rules::CONDITIONS,
};
use serde_json::Value;

use crate::support::{gitsm, root};

#[test]
fn every_kind_has_its_schema_and_stands_in_the_living_example() {
    let run = gitsm(&["show", "--format", "json"], &root());
    assert_eq!(run.status, 0, "{}", run.stderr);
    for kind in Kind::ALL {
        let name = kind.name();
        assert!(
            root().join("schemas").join(schema::file_name(kind)).is_file(),
            "{name} has a published schema"
        );
        assert_eq!(Kind::from_name(name), Some(kind));
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
        plain_line(kind.summary());
        let list = gitsm(&["show", name, "--format", "json"], &root());
        assert_eq!(list.status, 0, "{name}: {}", list.stderr);
        let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
        let objects = list["objects"]["list"].as_array().unwrap_or_else(|| panic!("{name}: {list}"));
        assert!(!objects.is_empty(), "the living example lacks {}", kind.with_article());
    }
}

#[test]
fn an_unknown_key_is_refused_in_every_kind() {
    for kind in Kind::ALL {
        let text = format!("[{}.example]\nno-such-key-at-all = 1\n", kind.name());
        let parsed = document::read(FileId(0), text.clone().into_bytes());
        let unknown = parsed.found.iter().find(|finding| finding.code.id == "GS1102");
        let span = unknown.unwrap_or_else(|| panic!("{text}: {:#?}", parsed.found)).primary.span;
        assert_eq!(&text[span.range()], "no-such-key-at-all", "{}", kind.name());
        assert!(parsed.objects.is_empty());
    }
}

#[test]
fn codes_are_in_the_style_of_the_house() {
    for code in lint::codes() {
        let number = code.id.strip_prefix("GS").unwrap();
        assert!(number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()), "{}", code.id);
        assert!(
            code.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)),
            "{}",
            code.name
        );
        assert_ne!(code.level, Level::Off, "{}", code.id);
        plain_line(code.summary);
        assert!(code.page.ends_with('\n') && !code.page.contains('\t'), "{}", code.id);
        assert!(code.page.lines().count() >= 4, "{} says something", code.id);
    }
    let mut names: Vec<&str> = lint::codes().map(|code| code.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "no two codes have the same name");
}

/// Levels are applied to what lints find. What loading finds must be mended, whatever the settings say: they are
/// part of what was loaded.
#[test]
fn the_levels_of_loading_are_fixed() {
    for code in gitsm::load::codes::ALL {
        assert!(code.fixed && code.level == Level::Error, "{}", code.id);
    }
}

/// Lower case at the start, no full stop at the end, one line.
fn plain_line(text: &str) {
    let start = text.chars().next().unwrap();
    let abbreviation = text.chars().nth(1).is_some_and(char::is_uppercase);
    assert!(!start.is_uppercase() || abbreviation, "{text}");
    assert!(!text.ends_with('.') && !text.contains('\n'), "{text}");
}

/// What decides when a condition holds has to be shown by coverage and tried out by mutation, so every condition of a schema
/// has a row there.
#[test]
fn every_condition_of_a_schema_is_mutated() {
    fn walk(schema: &Value, whole: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/")) {
            if name.ends_with("Condition") {
                return found.push(path.to_owned());
            }
            return walk(&whole["$defs"][name], whole, path, found);
        }
        for list in ["anyOf", "oneOf", "allOf"] {
            for one in schema[list].as_array().into_iter().flatten() {
                walk(one, whole, path, found);
            }
        }
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        for (name, one) in schema["properties"].as_object().into_iter().flatten() {
            walk(one, whole, &below(name), found);
        }
        for inner in ["items", "additionalProperties"] {
            if schema[inner].is_object() {
                walk(&schema[inner], whole, &below("*"), found);
            }
        }
    }
    let mut in_schemas = Vec::new();
    for kind in Kind::ALL {
        let text = std::fs::read_to_string(root().join("schemas").join(schema::file_name(kind))).unwrap();
        let whole: Value = serde_json::from_str(&text).unwrap();
        let mut found = Vec::new();
        walk(&whole["$defs"][kind.name()], &whole, "", &mut found);
        in_schemas.extend(found.into_iter().map(|field| format!("{} {field}", kind.name())));
    }
    let mut rows: Vec<String> =
        CONDITIONS.iter().map(|row| format!("{} {}", row.kind.name(), row.field)).collect();
    rows.sort_unstable();
    in_schemas.sort_unstable();
    assert_eq!(rows, in_schemas);
}
