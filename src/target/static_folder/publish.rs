//! What the rulebook becomes: a file for each object, an index of each kind and of everything, and their schemas.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    left_out::LeftOut,
    names::{self, EVERYTHING, INDEX, SCHEMA},
    people,
    resolve::{self, Approvers},
    schemas, support,
};
use crate::{
    decide::person::Directory,
    load::secret,
    model::{Kind, Rulebook, Target, condition_written::written},
    plan::{Content, Desired, Key, Wanted},
    target::{Book, TargetError, constructs},
};

/// The version of the interface. It is another one when a field changes its meaning or goes away.
pub(super) const API_VERSION: u32 = 1;

/// The kind of what says who can approve in a workflow.
pub(super) const APPROVERS: &str = "who-can-approve";

/// What the folder must hold.
pub(super) fn desired(book: &Book<'_>) -> Result<Desired, TargetError> {
    let rulebook = book.rulebook;
    let directory = Directory::new(rulebook, book.today);
    let workflows: Vec<_> = rulebook.workflows.iter().collect();
    let approvers = workflows.iter().map(|workflow| {
        Approvers::of(&directory, workflow).ok_or_else(|| {
            TargetError::refused(
                format!("nobody can say who approves in the workflow `{}`", workflow.id),
                "`gitsm validate` says what is wrong with its condition",
            )
        })
    });
    let approvers: Vec<Approvers<'_>> = approvers.collect::<Result<_, _>>()?;
    let people = people::published(rulebook, &approvers);
    let mut sources: Vec<(Kind, &str)> = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| support::is_published(*kind)) {
        let ids = rulebook.ids(kind).into_iter();
        sources.extend(ids.filter(|id| kind != Kind::Person || people.contains(id)).map(|id| (kind, id)));
    }
    let needs = needs(rulebook);
    let left_out = LeftOut::of(rulebook);
    let made: Result<Vec<(Key, Wanted)>, TargetError> = sources
        .par_iter()
        .map(|(kind, id)| {
            let key = Key::new(kind.name(), id);
            let value = object(&directory, &left_out, *kind, id)?;
            let needs = needs.get(&key).cloned().unwrap_or_default();
            wanted(key, &value, needs)
        })
        .collect();
    let mut objects: BTreeMap<Key, Wanted> = made?.into_iter().collect();
    for found in &approvers {
        let id = found.workflow.id.as_str();
        let value = envelope(APPROVERS, id, found.value(rulebook), None);
        let (key, wanted) = wanted(Key::new(APPROVERS, id), &value, vec![Key::new("workflow", id)])?;
        objects.insert(key, wanted);
    }
    // An empty rulebook publishes nothing, not even that there is nothing.
    if !objects.is_empty() {
        add_indexes(book, &mut objects);
    }
    Ok(Desired { objects, constructs: constructs(support::of, rulebook) })
}

/// What each object refers to of what is published: it has to be there first, so that no link leads nowhere.
fn needs(rulebook: &Rulebook) -> BTreeMap<Key, Vec<Key>> {
    let mut needs: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    for reference in &rulebook.references {
        let (Some((from, from_id)), Target::Object { kind, id, .. }) = (&reference.from, &reference.to)
        else {
            continue;
        };
        if *from != Kind::Person && support::is_published(*from) && support::is_published(*kind) {
            let to = Key::new(kind.name(), id);
            needs.entry(Key::new(from.name(), from_id.as_str())).or_default().push(to);
        }
    }
    needs
}

fn object(
    directory: &Directory<'_>,
    left_out: &LeftOut<'_>,
    kind: Kind,
    id: &str,
) -> Result<Value, TargetError> {
    let rulebook = directory.vocabulary().rulebook();
    if kind == Kind::Person {
        let name = rulebook.people.get(id).map(|person| person.value.name.as_str());
        return Ok(envelope(kind.name(), id, json!({ "name": name }), None));
    }
    let unwritable = |error: serde_json::Error| {
        TargetError::refused(
            format!("`{kind}/{id}` has no JSON: {error}", kind = kind.name()),
            "report this as a defect of gitsm",
        )
    };
    let mut fields = written(rulebook.json(kind, id).map_err(unwritable)?.unwrap_or_default());
    left_out.take_out(kind, id, &mut fields);
    let resolved = match kind {
        Kind::Service => rulebook.services.get(id).map(|service| resolve::service(directory, service)),
        Kind::Calendar => rulebook.calendars.get(id).map(|calendar| resolve::calendar(rulebook, calendar)),
        _ => None,
    };
    Ok(envelope(kind.name(), id, fields, resolved))
}

/// What every file of an object looks like.
fn envelope(kind: &str, id: &str, fields: Value, resolved: Option<Value>) -> Value {
    let mut envelope = Map::new();
    envelope.insert("api-version".to_owned(), json!(API_VERSION));
    envelope.insert("kind".to_owned(), json!(kind));
    envelope.insert("id".to_owned(), json!(id));
    envelope.insert("fields".to_owned(), fields);
    envelope.extend(resolved.map(|resolved| ("resolved".to_owned(), resolved)));
    Value::Object(envelope)
}

/// An object of the folder. One with a secret in it is never published, whatever level its finding has.
fn wanted(key: Key, value: &Value, needs: Vec<Key>) -> Result<(Key, Wanted), TargetError> {
    if let Some((field, what)) = secret_in("", value) {
        return Err(TargetError::refused(
            format!("`{key}` would publish {what} in its field `{field}`"),
            "change the secret where it is used, and write into the document where it is kept",
        ));
    }
    let name = value.pointer("/fields/name").and_then(Value::as_str).map(ToOwned::to_owned);
    Ok((key, Wanted { name, content: Content::of(value), needs, derived: false }))
}

/// The first text that looks like a secret, and what it looks like.
fn secret_in(field: &str, value: &Value) -> Option<(String, &'static str)> {
    let join = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    match value {
        Value::String(text) => {
            let name = field.rsplit('.').next().unwrap_or_default();
            secret::in_text(text)
                .or_else(|| secret::in_value(name, text))
                .map(|what| (field.to_owned(), what))
        }
        Value::Array(items) => items.iter().find_map(|item| secret_in(field, item)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| secret_in(&join(name), value)),
        _ => None,
    }
}

/// Adds the index of each kind, the schemas, and the index of everything.
fn add_indexes(book: &Book<'_>, objects: &mut BTreeMap<Key, Wanted>) {
    let mut kinds: BTreeMap<Box<str>, Vec<Value>> = BTreeMap::new();
    for (key, wanted) in &*objects {
        let mut entry = Map::new();
        entry.insert("id".to_owned(), json!(&*key.id));
        entry.extend(wanted.name.as_ref().map(|name| ("name".to_owned(), json!(name))));
        entry.insert("path".to_owned(), json!(names::path(key)));
        entry.insert("digest".to_owned(), json!(wanted.content.digest()));
        kinds.entry(key.kind.clone()).or_default().push(Value::Object(entry));
    }
    let mut derived = |kind: &str, id: &str, value: &Value, needs: Vec<Key>| {
        let content = Content::of(value);
        let digest = content.digest().to_owned();
        objects.insert(Key::new(kind, id), Wanted { name: None, content, needs, derived: true });
        digest
    };
    let mut listed = Vec::new();
    for (kind, entries) in kinds {
        let schema = derived(SCHEMA, &kind, &schemas::of(&kind), Vec::new());
        let index = Key::new(INDEX, &kind);
        let count = entries.len();
        let value = json!({
            "api-version": API_VERSION, "kind": &*kind, "count": count, "objects": entries,
        });
        let digest = derived(INDEX, &kind, &value, vec![Key::new(&kind, "*")]);
        listed.push(json!({
            "kind": &*kind,
            "count": count,
            "index": { "path": names::path(&index), "digest": digest },
            "schema": { "path": names::path(&Key::new(SCHEMA, &kind)), "digest": schema },
        }));
    }
    let mut everything = Map::new();
    everything.insert("api-version".to_owned(), json!(API_VERSION));
    everything.insert("name".to_owned(), json!(book.rulebook.settings.project.name));
    everything.extend(book.commit.map(|commit| ("commit".to_owned(), json!(commit.id))));
    everything.insert("kinds".to_owned(), Value::Array(listed));
    derived(INDEX, EVERYTHING, &Value::Object(everything), vec![Key::new(INDEX, "*"), Key::new(SCHEMA, "*")]);
}
