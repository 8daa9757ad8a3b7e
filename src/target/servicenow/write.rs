//! Writing: one object after the other, each read back.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    api::{Api, text},
    desired::references,
    error::NowError,
    ids::Ids,
    inventory::{Inventory, Known, is_lost, without_users},
    lookups::names_in,
    sort::{About, Part, Retire, Sort, Takes},
};
use crate::{
    http::HttpError,
    plan::Key,
    target::{
        folder::Folder,
        pen::{self, unchanged},
    },
};

/// Writes to one instance.
pub(super) struct Pen<'a> {
    pub(super) api: Api<'a>,
    pub(super) inventory: &'a mut Inventory,
    pub(super) ids: &'a mut Ids,
    pub(super) root: &'a Folder,
}

/// Why a column can hold something else than what was asked for.
const RULES: &str = "a business rule, a data policy or an access rule of the instance changes it";

impl pen::Pen for Pen<'_> {
    type Error = NowError;

    fn put(&mut self, key: &Key, content: &Value, before: Option<&str>) -> Result<String, NowError> {
        let sort = sort_of(key)?;
        let known = self.look(key, content)?;
        let live = known.as_ref().filter(|known| known.is_live());
        let held = live.map(|known| self.content(key, known, content)).transpose()?;
        unchanged(key, held.as_ref(), before)?;
        let id = match known {
            Some(known) => {
                // The map first: what is taken over must be found again whatever happens to the write.
                self.ids.note(self.root, key, &known.id)?;
                self.inventory.own(sort, key, &known.id);
                self.update(key, &known, content)?;
                known.id
            }
            None => self.create(sort, key, content)?,
        };
        if let Some(part) = sort.about().part {
            self.rows(key, part, &id, content)?;
        }
        Ok(RULES.to_owned())
    }

    fn delete(&mut self, key: &Key, before: Option<&str>) -> Result<(), NowError> {
        let Some(known) = self.look(key, &Value::Null)?.filter(Known::is_live) else { return Ok(()) };
        unchanged(key, Some(&self.content(key, &known, &Value::Null)?), before)?;
        let about = known.sort.about();
        match about.retire {
            Retire::Set { column, dead, .. } => {
                let body = Map::from_iter([(column.to_owned(), json!(dead))]);
                self.api.update(about.table, &known.id, body)
            }
            Retire::Delete => {
                if let Some(part) = about.part {
                    for row in self.parts(part, &known.id)? {
                        self.api.delete(part.table, &text(&row, "sys_id"))?;
                    }
                }
                self.api.delete(about.table, &known.id)
            }
        }
    }

    fn held(&mut self, key: &Key, wanted: &Value) -> Result<Option<Value>, NowError> {
        match self.look(key, wanted)?.filter(Known::is_live) {
            Some(known) => self.content(key, &known, wanted).map(Some),
            None => Ok(None),
        }
    }

    /// Forgets an object that is gone for good: nothing could be taken back into use.
    fn gone(&mut self, key: &Key) -> Result<(), NowError> {
        match sort_of(key)?.about().retire {
            Retire::Delete => Ok(self.ids.forget(self.root, key)?),
            Retire::Set { .. } => Ok(()),
        }
    }
}

impl Pen<'_> {
    /// The row that stands for an object, as it is now. Of those that only have its name, the list has to do.
    fn look(&mut self, key: &Key, wanted: &Value) -> Result<Option<Known>, NowError> {
        let sort = sort_of(key)?;
        let about = sort.about();
        self.inventory.learn(self.ids, references(sort, wanted).iter().chain([key]));
        self.inventory.lookups.fetch(&self.api, names_in(wanted))?;
        let id = self.ids.id(key);
        let row = self.api.row(about.table, &id, &about.read())?;
        self.inventory.note(sort, &id, row);
        let known = self.inventory.find(self.ids, key, Some(wanted).filter(|wanted| wanted.is_object()))?;
        let Some(mut known) = known else { return Ok(None) };
        if !known.by_id {
            match self.api.row(about.table, &known.id, &about.read())? {
                Some(row) => known.row = row,
                None => return Ok(None),
            }
        }
        Ok(Some(known))
    }

    fn content(&mut self, key: &Key, known: &Known, wanted: &Value) -> Result<Value, NowError> {
        let rows = match known.sort.about().part {
            Some(part) => self.parts(part, &known.id)?,
            None => Vec::new(),
        };
        self.inventory.identify(&self.api, known.sort, &[&known.row], &rows)?;
        let mut content = self.inventory.content(self.ids, key, known, &rows);
        without_users(&self.inventory.lookups, wanted, &mut content);
        Ok(content)
    }

    fn parts(&self, part: &Part, id: &str) -> Result<Vec<Value>, NowError> {
        let owners = BTreeSet::from([id.to_owned()]);
        Ok(super::inventory::parts(&self.api, part, &owners)?.into_values().flatten().collect())
    }

    fn create(&mut self, sort: Sort, key: &Key, content: &Value) -> Result<String, NowError> {
        let about = sort.about();
        let mut body = self.wire(key, about, content)?;
        let chosen = self.ids.id(key);
        body.insert("sys_id".to_owned(), json!(chosen));
        if let Retire::Set { column, live, .. } = about.retire {
            body.insert(column.to_owned(), json!(live));
        }
        // The map first: when the answer gets lost, or this program ends, the row is found all the same.
        self.ids.note(self.root, key, &chosen)?;
        let made = match self.api.create(about.table, body) {
            Ok(made) => made,
            Err(NowError::Http(error)) if error.may_have_been_done() => {
                self.made_all_the_same(sort, key, content, error)?
            }
            Err(error) => return Err(error),
        };
        self.ids.note(self.root, key, &made)?;
        self.inventory.own(sort, key, &made);
        Ok(made)
    }

    /// The row that was made although no answer says so. An instance that gives a `sys_id` of its own is asked for the only
    /// row that is called so: there was none before.
    fn made_all_the_same(
        &mut self,
        sort: Sort,
        key: &Key,
        content: &Value,
        error: HttpError,
    ) -> Result<String, NowError> {
        self.inventory.again(&self.api)?;
        match self.inventory.find(self.ids, key, Some(content))? {
            Some(known) if known.sort == sort => Ok(known.id),
            _ => Err(error.into()),
        }
    }

    /// Changes what differs, and takes it back into use.
    fn update(&self, key: &Key, known: &Known, content: &Value) -> Result<(), NowError> {
        let about = known.sort.about();
        let mut body = self.wire(key, about, content)?;
        body.retain(|column, wanted| {
            let held = text(&known.row, column);
            // The same rows in another order are the same.
            let is_list =
                about.columns.iter().any(|of| of.name == column && matches!(of.takes, Takes::List(_)));
            let parts = |list: &str| -> BTreeSet<String> { list.split(',').map(str::to_owned).collect() };
            let wanted = wanted.as_str().unwrap_or_default();
            if is_list { parts(&held) != parts(wanted) } else { held != wanted }
        });
        if let Retire::Set { column, live, .. } = about.retire
            && !known.is_live()
        {
            body.insert(column.to_owned(), json!(live));
        }
        if body.is_empty() { Ok(()) } else { self.api.update(about.table, &known.id, body) }
    }

    /// The columns of an object as the instance takes them.
    fn wire(&self, key: &Key, about: &About, content: &Value) -> Result<Map<String, Value>, NowError> {
        let mut body = Map::new();
        for column in about.columns {
            let value = match (column.takes, content.get(column.name)) {
                (Takes::Reference(_), Some(Value::String(name))) => self.one(key, name)?,
                (Takes::List(_), Some(Value::Array(names))) => {
                    let names = names.iter().filter_map(Value::as_str);
                    let ids: Result<Vec<String>, NowError> = names.map(|name| self.one(key, name)).collect();
                    ids?.into_iter().filter(|id| !id.is_empty()).collect::<Vec<_>>().join(",")
                }
                (_, Some(Value::String(text))) => text.clone(),
                _ => String::new(),
            };
            body.insert(column.name.to_owned(), json!(value));
        }
        Ok(body)
    }

    /// The `sys_id` of what something refers to; nothing for nobody, and for users who are not there.
    fn one(&self, key: &Key, name: &str) -> Result<String, NowError> {
        if name.is_empty() || is_lost(&self.inventory.lookups, name) {
            return Ok(String::new());
        }
        let missing = || NowError::Missing { key: key.to_string(), what: format!("`{name}`") };
        self.inventory.resolve(self.ids, name).ok_or_else(missing)
    }

    /// Makes the rows that belong to an object the ones that are wanted: missing ones are made before others go.
    fn rows(&self, key: &Key, part: &Part, id: &str, content: &Value) -> Result<(), NowError> {
        let wanted = content.get(part.field).and_then(Value::as_array).cloned().unwrap_or_default();
        let wanted: Vec<Value> = wanted
            .into_iter()
            .filter(|item| item.as_str().is_none_or(|name| !is_lost(&self.inventory.lookups, name)))
            .collect();
        let held = self.parts(part, id)?;
        let mut kept: BTreeSet<String> = BTreeSet::new();
        for (index, item) in wanted.iter().enumerate() {
            let body = self.part_wire(key, part, item, index)?;
            let identity = part.columns.iter().map(|column| column.name);
            let same = held.iter().find(|row| {
                !kept.contains(&text(row, "sys_id"))
                    && identity
                        .clone()
                        .all(|name| body.get(name).and_then(Value::as_str) == Some(&text(row, name)))
            });
            let Some(row) = same else {
                let mut body = body;
                body.insert(part.of.to_owned(), json!(id));
                kept.insert(self.api.create(part.table, body)?);
                continue;
            };
            let row_id = text(row, "sys_id");
            let mut body = body;
            body.retain(|column, wanted| wanted.as_str() != Some(&text(row, column)));
            if !body.is_empty() {
                self.api.update(part.table, &row_id, body)?;
            }
            kept.insert(row_id);
        }
        for row in held.iter().map(|row| text(row, "sys_id")).filter(|row| !kept.contains(row)) {
            self.api.delete(part.table, &row)?;
        }
        Ok(())
    }

    /// One row of a part as the instance takes it.
    fn part_wire(
        &self,
        key: &Key,
        part: &Part,
        item: &Value,
        index: usize,
    ) -> Result<Map<String, Value>, NowError> {
        let mut body = Map::new();
        for column in part.columns {
            let value = item.as_str().or_else(|| item.get(column.name)?.as_str()).unwrap_or_default();
            let value = match column.takes {
                Takes::Reference(_) => self.one(key, value)?,
                _ => value.to_owned(),
            };
            if let Some(repeats) = part.repeats {
                body.insert(repeats.to_owned(), json!(value));
            }
            body.insert(column.name.to_owned(), json!(value));
        }
        if let Some(order) = part.order {
            body.insert(order.to_owned(), json!(((index + 1) * 100).to_string()));
        }
        Ok(body)
    }
}

fn sort_of(key: &Key) -> Result<Sort, NowError> {
    let missing = || NowError::Missing { key: key.to_string(), what: "a kind that there is".to_owned() };
    Sort::of_kind(&key.kind).ok_or_else(missing)
}
