//! The schema and the types are one truth: whatever the schema accepts, the types can read, save for the few
//! rules that a schema cannot say. And the schema sees the TOML tree as it would see the same JSON.

use gitsm::{
    diag::FileId,
    load::{document, json, shape},
    model::{Kind, schema},
};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// A value as TOML on one line; texts that are dates are written as dates.
fn toml(value: &Value) -> String {
    match value {
        Value::String(text) if is_date(text) => text.clone(),
        Value::Null => "\"\"".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key:?} = {}", toml(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

fn is_date(text: &str) -> bool {
    let date = |text: &str| text.parse::<gitsm::model::LocalDate>().is_ok();
    date(text) || (text.get(..10).is_some_and(date) && text.parse::<gitsm::model::Instant>().is_ok())
}

fn document(kind: Kind, object: &Value) -> String {
    let mut text = format!("[{}.example]\n", kind.name());
    for (key, value) in object.as_object().unwrap() {
        text += &format!("{key:?} = {}\n", toml(value));
    }
    text
}

fn examples() -> Vec<(Kind, Value)> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let schema = schema::object(kind);
        for example in schema["examples"].as_array().unwrap_or(&Vec::new()) {
            found.push((kind, example.clone()));
        }
    }
    assert!(found.len() >= Kind::ALL.len(), "every kind has an example");
    found
}

/// Puts something else at the `at`-th place of a document, counted over all values.
fn mutate(value: &mut Value, at: &mut usize, what: &Mutation) {
    if *at == 0 {
        *at = usize::MAX;
        match what {
            Mutation::Replace(with) => *value = with.clone(),
            Mutation::Rename(name) => {
                if let Value::Object(members) = value {
                    let mut renamed = Map::new();
                    for (index, (key, value)) in members.iter().enumerate() {
                        renamed.insert(if index == 0 { name.clone() } else { key.clone() }, value.clone());
                    }
                    *members = renamed;
                }
            }
            Mutation::Repeat => {
                if let Value::Array(items) = value {
                    items.extend(items.clone());
                }
            }
        }
        return;
    }
    *at = at.saturating_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mutate(item, at, what)),
        Value::Object(members) => members.iter_mut().for_each(|(_, value)| mutate(value, at, what)),
        _ => {}
    }
}

#[derive(Debug, Clone)]
enum Mutation {
    Replace(Value),
    Rename(String),
    Repeat,
}

fn values() -> impl Strategy<Value = Value> {
    let words = [
        "",
        "a",
        "p1",
        "team:desk",
        "role:manager",
        "on-call:x",
        "salesforce/user",
        "access:x/rule",
        "30m",
        "2bd",
        "40%",
        "100.00%",
        "12 EUR",
        "2026-05-01",
        "2026-05-01T09:00:00Z",
        "09:00-17:00",
        "mon-fri",
        "Europe/Berlin",
        "low",
        "deny",
        "auto-approve",
        "all",
        "ÄÖ ü",
        "everything",
        "static",
        "eve@example.com",
        "*",
        "99999d",
        "24:00-24:00",
        "0%",
        "p1/p2",
        "person:Ana",
    ];
    let leaf = prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
        proptest::sample::select(vec![-1_i64, 0, 1, 2, 300, 70_000, 5_000_000_000, i64::MAX])
            .prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(
                proptest::sample::select(vec![
                    "a", "id", "name", "workflow", "service", "p1", "min", "subject", "escalate"
                ]),
                inner,
                0..3
            )
            .prop_map(|members| Value::Object(
                members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

fn mutations() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        6 => values().prop_map(Mutation::Replace),
        1 => Just(Mutation::Rename("nmae".to_owned())),
        1 => Just(Mutation::Repeat),
    ]
}

/// Words of the deserialiser that a person should never see: the schema must have caught the mistake.
const JARGON: &[&str] = &[
    "invalid type",
    "invalid value",
    "unknown field",
    "missing field",
    "unknown variant",
    "duplicate field",
    "u32",
    "i64",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_schema_accepts_the_types_can_read(
        which in any::<prop::sample::Index>(),
        at in 1_usize..40,
        what in mutations(),
    ) {
        let examples = examples();
        let (kind, mut object) = examples[which.index(examples.len())].clone();
        let mut at = at;
        mutate(&mut object, &mut at, &what);
        let text = document(kind, &object);
        let parsed = document::read(FileId(0), text.clone().into_bytes());
        for finding in &parsed.found {
            prop_assert!(
                !JARGON.iter().any(|word| finding.message.contains(word)),
                "{text}\n{}", finding.message
            );
        }
        prop_assert_eq!(parsed.found.is_empty(), parsed.objects.len() == 1, "{}", text);
    }

    #[test]
    fn the_tree_and_its_json_have_the_same_errors(
        which in any::<prop::sample::Index>(),
        at in 1_usize..40,
        what in mutations(),
    ) {
        let examples = examples();
        let (kind, mut object) = examples[which.index(examples.len())].clone();
        let mut at = at;
        mutate(&mut object, &mut at, &what);
        let text = document(kind, &object);
        let root = toml::de::DeTable::parse(&text).unwrap();
        let value = root.get_ref()[kind.name()].get_ref();
        let same = json::json(value)["example"].clone();
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema::object(kind))
            .unwrap();
        let table = root.get_ref()[kind.name()].get_ref().as_table().unwrap();
        let mut found = Vec::new();
        let pointer = format!("/{}/example", kind.name());
        let fits = shape::checker(kind).check(FileId(0), root.get_ref(), &pointer, &table["example"], &mut found, &mut Vec::new());
        prop_assert_eq!(fits, validator.is_valid(&same), "{}", text);
        prop_assert_eq!(fits, found.is_empty());
    }
}

#[test]
fn the_examples_themselves_are_right() {
    for (kind, example) in examples() {
        let text = document(kind, &example);
        let parsed = document::read(FileId(0), text.clone().into_bytes());
        assert!(parsed.found.is_empty(), "{text}\n{:#?}", parsed.found);
    }
}
