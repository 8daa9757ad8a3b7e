//! What is at an instance: the rows of every managed table, and which of them stand for objects of the rulebook.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    api::{Api, Only, is_id, text},
    error::NowError,
    ids::Ids,
    lookups::Lookups,
    sort::{About, Column, DEPARTMENTS, Part, ROLES, Retire, Sort, Takes, USERS},
};
use crate::plan::Key;

/// The field of a content that says how the object is known.
pub(super) const MARK: &str = "Mark";
/// It is in the map of ids.
pub(super) const MAPPED: &str = "id map";
/// It has the `sys_id` that gitsm gives, and the map does not say so.
const CHOSEN: &str = "sys_id";

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    rows: BTreeMap<Sort, BTreeMap<String, Value>>,
    /// The objects that rows stand for, by table and `sys_id`.
    keys: BTreeMap<(&'static str, String), Key>,
    pub(super) lookups: Lookups,
}

/// An object as it is found.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) sort: Sort,
    pub(super) id: String,
    pub(super) row: Value,
    /// Whether it was found by its `sys_id`, and not only by what it is called.
    pub(super) by_id: bool,
}

impl Known {
    /// Whether it is in use.
    pub(super) fn is_live(&self) -> bool {
        is_live(self.sort.about(), &self.row)
    }
}

fn is_live(about: &About, row: &Value) -> bool {
    match about.retire {
        Retire::Set { column, dead, .. } => text(row, column) != dead,
        Retire::Delete => true,
    }
}

impl Inventory {
    /// Lists every row of every managed table.
    pub(super) fn read(api: &Api<'_>) -> Result<Self, NowError> {
        let lists = api.client.each(&Sort::ALL, |sort| {
            let about = sort.about();
            let only = sort.only().map_or(Only::All, |(column, value)| Only::Is(column, value));
            api.list(about.table, &about.read(), only)
        });
        let mut inventory = Self::default();
        for (sort, list) in Sort::ALL.into_iter().zip(lists) {
            let rows = list?.into_iter().map(|row| (text(&row, "sys_id"), row)).collect();
            inventory.rows.insert(sort, rows);
        }
        Ok(inventory)
    }

    /// Learns which rows these objects are.
    pub(super) fn learn<'k>(&mut self, ids: &Ids, keys: impl IntoIterator<Item = &'k Key>) {
        for key in keys {
            if let Some(sort) = Sort::of_kind(&key.kind) {
                self.own(sort, key, &ids.id(key));
            }
        }
    }

    /// Notes that a row stands for an object.
    pub(super) fn own(&mut self, sort: Sort, key: &Key, id: &str) {
        self.keys.insert((sort.about().table, id.to_owned()), key.clone());
    }

    /// Lists every row again.
    pub(super) fn again(&mut self, api: &Api<'_>) -> Result<(), NowError> {
        self.rows = Self::read(api)?.rows;
        Ok(())
    }

    /// Finds out what the users, departments and roles are called that rows of a sort, and the rows that belong to them,
    /// refer to.
    pub(super) fn identify(
        &mut self,
        api: &Api<'_>,
        sort: Sort,
        rows: &[&Value],
        parts: &[Value],
    ) -> Result<(), NowError> {
        let about = sort.about();
        let mut unknown: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        let mut note = |column: &Column, row: &Value| {
            let (Takes::Reference(table) | Takes::List(table)) = column.takes else { return };
            if [USERS, DEPARTMENTS, ROLES].contains(&table) {
                let held = text(row, column.name);
                let ids = held.split(',').map(str::trim).filter(|id| is_id(id)).map(str::to_owned);
                unknown.entry(table).or_default().extend(ids);
            }
        };
        for row in rows {
            about.columns.iter().for_each(|column| note(column, row));
        }
        for row in parts {
            about.part.iter().flat_map(|part| part.columns).for_each(|column| note(column, row));
        }
        for (table, ids) in unknown {
            self.lookups.identify(api, table, ids)?;
        }
        Ok(())
    }

    /// Notes a row that was read again; none when it is gone.
    pub(super) fn note(&mut self, sort: Sort, id: &str, row: Option<Value>) {
        let rows = self.rows.entry(sort).or_default();
        match row {
            Some(row) => rows.insert(id.to_owned(), row),
            None => rows.remove(id),
        };
    }

    /// The row that stands for an object: the one with its `sys_id`, else the only one in use that is called so and stands
    /// for no other.
    pub(super) fn find(
        &self,
        ids: &Ids,
        key: &Key,
        wanted: Option<&Value>,
    ) -> Result<Option<Known>, NowError> {
        let Some(sort) = Sort::of_kind(&key.kind) else { return Ok(None) };
        let Some(rows) = self.rows.get(&sort) else { return Ok(None) };
        let id = ids.id(key);
        if let Some(row) = rows.get(&id) {
            return Ok(Some(Known { sort, id, row: row.clone(), by_id: true }));
        }
        let Some(wanted) = wanted else { return Ok(None) };
        let about = sort.about();
        let mut found: Option<Known> = None;
        for (id, row) in rows {
            let owner = self.keys.get(&(about.table, id.clone()));
            if owner.is_some_and(|owner| owner != key) || !is_live(about, row) {
                continue;
            }
            let is_same = about.natural.iter().all(|name| {
                let held = about.columns.iter().find(|column| column.name == *name);
                let held = held.map(|column| self.held(column, row)).unwrap_or_default();
                let (held, wanted) = (held.as_str(), wanted.get(*name).and_then(Value::as_str));
                held.unwrap_or_default().to_lowercase() == wanted.unwrap_or_default().to_lowercase()
            });
            if !is_same {
                continue;
            }
            if let Some(first) = &found {
                let (first, second) = (first.id.clone(), id.clone());
                return Err(NowError::Ambiguous { key: key.to_string(), table: about.table, first, second });
            }
            found = Some(Known { sort, id: id.clone(), row: row.clone(), by_id: false });
        }
        Ok(found)
    }

    /// What is there and stands for nothing of the rulebook.
    pub(super) fn strangers(&self, known: &BTreeSet<(Sort, String)>) -> Vec<String> {
        let mut names = Vec::new();
        for (sort, rows) in &self.rows {
            let about = sort.about();
            let strangers = rows
                .iter()
                .filter(|(id, row)| is_live(about, row) && !known.contains(&(*sort, (*id).clone())));
            names.extend(strangers.map(|(_, row)| format!("{} {}", about.table, text(row, about.name))));
        }
        names
    }

    /// What a column holds, in the form in which plans compare it.
    fn held(&self, column: &Column, row: &Value) -> Value {
        let held = text(row, column.name);
        match column.takes {
            Takes::Truth => json!(matches!(held.as_str(), "true" | "1").to_string()),
            Takes::Reference(table) => json!(self.call(table, &held)),
            Takes::List(table) => {
                let ids = held.split(',').map(str::trim).filter(|id| !id.is_empty());
                sorted_list(ids.map(|id| self.call(table, id)))
            }
            // The condition builder of the instance ends what it writes with `^EQ`.
            Takes::Condition(_) => json!(held.strip_suffix("^EQ").unwrap_or(&held)),
            Takes::Text(_) | Takes::Html(_) => json!(held.replace("\r\n", "\n").trim_end()),
            Takes::Number | Takes::Duration | Takes::Choice(_) => json!(held),
        }
    }

    /// What a row is called that something refers to.
    pub(super) fn call(&self, table: &'static str, id: &str) -> String {
        let key = self.keys.get(&(table, id.to_owned())).map(Key::to_string);
        key.or_else(|| self.lookups.called(table, id).map(str::to_owned)).unwrap_or_else(|| id.to_owned())
    }

    /// What an object holds, in the form in which plans compare it. `parts` are the rows that belong to it.
    pub(super) fn content(&self, ids: &Ids, key: &Key, known: &Known, parts: &[Value]) -> Value {
        let about = known.sort.about();
        let mut content = Map::new();
        for column in about.columns {
            content.insert(column.name.to_owned(), self.held(column, &known.row));
        }
        if let Some(part) = about.part {
            content.insert(part.field.to_owned(), Value::Array(self.items(part, parts)));
        }
        let mark = match (known.by_id, ids.has(key)) {
            (true, true) => MAPPED,
            (true, false) => CHOSEN,
            (false, _) => "",
        };
        content.insert(MARK.to_owned(), json!(mark));
        Value::Object(content)
    }

    fn items(&self, part: &Part, rows: &[Value]) -> Vec<Value> {
        let mut items: Vec<(i64, Value)> =
            rows.iter().map(|row| (place(part, row), self.item(part, row))).collect();
        items.sort_by_cached_key(|(place, item)| (*place, item.to_string()));
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// One row of a part: its value, or its columns where there are several.
    pub(super) fn item(&self, part: &Part, row: &Value) -> Value {
        let values = part.columns.iter().map(|column| (column.name.to_owned(), self.held(column, row)));
        let mut values: Map<String, Value> = values.collect();
        let only = match part.columns {
            [only] => values.get(only.name).cloned(),
            _ => None,
        };
        match (only, part.repeats) {
            (Some(value), None) => value,
            (Some(value), Some(repeats)) if value == json!(text(row, repeats)) => value,
            (Some(_), Some(repeats)) => {
                values.insert(repeats.to_owned(), json!(text(row, repeats)));
                Value::Object(values)
            }
            (None, _) => Value::Object(values),
        }
    }

    /// The `sys_id` of what something refers to; none when it is not there.
    pub(super) fn resolve(&self, ids: &Ids, called: &str) -> Option<String> {
        if is_id(called) {
            return Some(called.to_owned());
        }
        if super::lookups::table_of(called).is_some() {
            return self.lookups.id(called).map(str::to_owned);
        }
        let key = Key::parse(called)?;
        let rows = self.rows.get(&Sort::of_kind(&key.kind)?)?;
        let id = ids.id(&key);
        if rows.contains_key(&id) {
            return Some(id);
        }
        let table = Sort::of_kind(&key.kind)?.about().table;
        let named = self
            .keys
            .iter()
            .find(|((of, id), other)| *of == table && **other == key && rows.contains_key(id));
        named.map(|((_, id), _)| id.clone())
    }
}

/// Names in the order in which both sides of a plan write them, each once.
pub(super) fn sorted_list(names: impl IntoIterator<Item = String>) -> Value {
    let mut items: Vec<Value> = names.into_iter().map(Value::String).collect();
    items.sort_by_cached_key(Value::to_string);
    items.dedup();
    Value::Array(items)
}

/// Where a row of a part stands among the others.
fn place(part: &Part, row: &Value) -> i64 {
    part.order.map_or(0, |order| text(row, order).trim().parse().unwrap_or(i64::MAX))
}

/// The rows that belong to objects, by the object.
pub(super) fn parts(
    api: &Api<'_>,
    part: &Part,
    owners: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Value>>, NowError> {
    let owners: Vec<String> = owners.iter().cloned().collect();
    let mut rows: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in api.among(part.table, &part.read(), part.of, &owners)? {
        rows.entry(text(&row, part.of)).or_default().push(row);
    }
    Ok(rows)
}

/// Users that are wanted and are not at the instance cannot be there: they count as held, and are told as lost.
pub(super) fn without_users(lookups: &Lookups, wanted: &Value, held: &mut Value) {
    for (field, wanted) in wanted.as_object().into_iter().flatten() {
        match (wanted, held.get_mut(field)) {
            (Value::String(name), Some(held)) if is_lost(lookups, name) => *held = wanted.clone(),
            (Value::Array(names), Some(Value::Array(held))) => {
                let lost =
                    names.iter().filter(|name| name.as_str().is_some_and(|name| is_lost(lookups, name)));
                let before = held.len();
                held.extend(lost.cloned());
                if held.len() > before {
                    held.sort_by_cached_key(Value::to_string);
                    held.dedup();
                }
            }
            _ => {}
        }
    }
}

/// Whether somebody has no user.
pub(super) fn is_lost(lookups: &Lookups, name: &str) -> bool {
    name.starts_with("user:") && lookups.is_missing(name)
}
