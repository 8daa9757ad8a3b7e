//! Writing: one object after the other, each read back.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    api::{About, Api, Item, equal},
    error::ScimError,
    inventory::{Inventory, is_active, primary, wanted_members},
    sort::{MEMBERS, Sort},
};
use crate::{
    http::{Fault, HttpError},
    plan::Key,
    target::{
        content::text,
        pen::{self, ObjectError, unchanged},
    },
};

/// The most members that one request adds and takes away: services refuse large ones, and time runs out on others.
const TOGETHER: usize = 100;

/// Writes to one service.
pub(super) struct Pen<'a> {
    pub(super) api: Api<'a>,
    pub(super) about: &'a mut About,
    pub(super) inventory: &'a mut Inventory,
}

/// What has to be changed about an object.
#[derive(Debug, Default)]
struct Change {
    /// The fields that are others, as SCIM holds them.
    fields: Map<String, Value>,
    /// The ids of members that go, and of those that come.
    gone: Vec<String>,
    new: Vec<String>,
}

impl pen::Pen for Pen<'_> {
    type Error = ScimError;

    fn put(&mut self, key: &Key, wanted: &Value, before: Option<&str>) -> Result<String, ScimError> {
        let Some(sort) = Sort::of_kind(&key.kind) else { return Err(changed(key)) };
        let known = self.known(sort, key, wanted)?;
        self.unchanged(key, known.as_ref(), wanted, before)?;
        if known.is_none() {
            ObjectError::taken(key, self.inventory.taken(key, text(wanted, sort.name())))?;
        }
        let lacking = if sort == Sort::Account { Vec::new() } else { self.lacking(wanted)? };
        match known {
            Some(item) if sort == Sort::Account => {
                let change = Change { fields: account_fields(&item.value, wanted), ..Change::default() };
                self.change(sort, &item, &change)?;
            }
            Some(item) => {
                let change = self.group_change(&item.value, wanted)?;
                self.change(sort, &item, &change)?;
            }
            None if sort == Sort::Account => {
                self.create(sort, new_account(wanted))?;
            }
            None => self.create_group(sort, wanted)?,
        }
        if !lacking.is_empty() {
            return Err(ScimError::NoUser { key: key.to_string(), members: listed(&lacking) });
        }
        Ok(pen::LOOK.to_owned())
    }

    /// Users are disabled, groups deleted.
    fn delete(&mut self, key: &Key, before: Option<&str>) -> Result<(), ScimError> {
        let Some(sort) = Sort::of_kind(&key.kind) else { return Err(changed(key)) };
        let Some(item) =
            self.known(sort, key, &Value::Null)?.filter(|item| !self.inventory.is_gone(key, &item.value))
        else {
            return Ok(());
        };
        self.unchanged(key, Some(&item), &Value::Null, before)?;
        if sort == Sort::Account {
            let fields = [("active".to_owned(), json!(false))].into_iter().collect();
            return self.change(sort, &item, &Change { fields, ..Change::default() });
        }
        self.api.delete([sort.path(), &item.id], item.version.as_deref())?;
        self.inventory.forget(sort.path(), &item.id);
        Ok(())
    }

    fn held(&mut self, key: &Key, wanted: &Value) -> Result<Option<Value>, ScimError> {
        let Some(sort) = Sort::of_kind(&key.kind) else { return Ok(None) };
        match self.known(sort, key, wanted)?.filter(|item| !self.inventory.is_gone(key, &item.value)) {
            Some(item) => self.inventory.content(key, &item.value, wanted).map(Some),
            None => Ok(None),
        }
    }
}

impl Pen<'_> {
    /// The object as it is now.
    fn known(&mut self, sort: Sort, key: &Key, wanted: &Value) -> Result<Option<Item>, ScimError> {
        let name = text(wanted, sort.name());
        if self.inventory.find(key, name)?.is_none() && self.about.filter && sort != Sort::Account {
            // Somebody else may have made it since everything was listed. Only users have names that nobody else can have.
            let filter = equal("externalId", &self.inventory.external_id(key));
            match self.api.list(sort.path(), &["externalId"], Some(&filter)) {
                // It can look for something, and not for this.
                Err(ScimError::Http(error)) if is_unsupported(&error) => self.about.filter = false,
                found => {
                    for item in found? {
                        self.note(sort, text(&item, "id"))?;
                    }
                }
            }
        }
        let Some(id) = self.inventory.find(key, name)? else { return Ok(None) };
        self.note(sort, &id)
    }

    /// Reads an object and notes what it is.
    fn note(&mut self, sort: Sort, id: &str) -> Result<Option<Item>, ScimError> {
        let item = self.api.item(sort.path(), id)?;
        match &item {
            Some(item) => self.inventory.note(sort.path(), &item.value),
            None => self.inventory.forget(sort.path(), id),
        }
        Ok(item)
    }

    /// Makes sure that nobody changed the object since the plan was made.
    fn unchanged(
        &self,
        key: &Key,
        known: Option<&Item>,
        wanted: &Value,
        before: Option<&str>,
    ) -> Result<(), ScimError> {
        let known = known.filter(|item| !self.inventory.is_gone(key, &item.value));
        let now = known.map(|item| self.inventory.content(key, &item.value, wanted)).transpose()?;
        Ok(unchanged(key, now.as_ref(), before)?)
    }

    /// Members that have no user although one was to be made for them.
    fn lacking(&self, wanted: &Value) -> Result<Vec<String>, ScimError> {
        let expected = self.inventory.lacking(wanted)?;
        let mut lacking = Vec::new();
        for member in wanted_members(wanted) {
            if self.inventory.user(member)?.is_none() && !expected.iter().any(|one| one == member) {
                lacking.push(member.to_owned());
            }
        }
        Ok(lacking)
    }

    /// What has to be changed about a group.
    fn group_change(&self, group: &Value, wanted: &Value) -> Result<Change, ScimError> {
        let mut change = Change::default();
        for field in ["displayName", "externalId"] {
            if text(group, field) != text(wanted, field) {
                change.fields.insert(field.to_owned(), json!(text(wanted, field)));
            }
        }
        let held: BTreeSet<String> = self.inventory.members(group, wanted).into_values().collect();
        let mut stay = BTreeSet::new();
        for member in wanted_members(wanted) {
            stay.extend(self.inventory.user(member)?);
        }
        change.new = stay.difference(&held).cloned().collect();
        change.gone = held.difference(&stay).cloned().collect();
        Ok(change)
    }

    /// Makes a group with its first members, and adds the others.
    fn create_group(&mut self, sort: Sort, wanted: &Value) -> Result<(), ScimError> {
        let mut members = Vec::new();
        for member in wanted_members(wanted) {
            members.extend(self.inventory.user(member)?);
        }
        let (first, more) = members.split_at(members.len().min(TOGETHER));
        let mut body = json!({
            "schemas": [sort.schema()],
            "displayName": text(wanted, "displayName"),
            "externalId": text(wanted, "externalId"),
        });
        if let Some(fields) = body.as_object_mut().filter(|_| !first.is_empty()) {
            fields.insert(MEMBERS.to_owned(), references(first));
        }
        let item = self.create(sort, body)?;
        if !more.is_empty() {
            self.change(sort, &item, &Change { new: more.to_vec(), ..Change::default() })?;
        }
        Ok(())
    }

    /// Makes an object, and notes that it is there, as it was asked for. What it became is read back like everything else.
    fn create(&mut self, sort: Sort, body: Value) -> Result<Item, ScimError> {
        let mut listed = body.clone();
        let item = self.api.create(sort.path(), body)?;
        if let Some(fields) = listed.as_object_mut() {
            fields.insert("id".to_owned(), json!(item.id));
        }
        self.inventory.note(sort.path(), &listed);
        Ok(item)
    }

    /// Changes an object in parts that are not too large, or where the service does not want that, as a whole.
    fn change(&mut self, sort: Sort, item: &Item, change: &Change) -> Result<(), ScimError> {
        if change.fields.is_empty() && change.gone.is_empty() && change.new.is_empty() {
            return Ok(());
        }
        if self.about.patch {
            match self.in_parts(sort, item, change) {
                Err(ScimError::Http(error)) if is_unsupported(&error) => {}
                other => return other,
            }
        }
        // Some of the parts may have been taken.
        let Some(item) = self.api.item(sort.path(), &item.id)? else { return Ok(()) };
        self.api.replace([sort.path(), &item.id], item.version.as_deref(), whole(&item.value, change))?;
        // It was not what was asked for that was wrong, but the way.
        self.about.patch = false;
        Ok(())
    }

    /// Members go before others come: access that is over ends first.
    fn in_parts(&self, sort: Sort, item: &Item, change: &Change) -> Result<(), ScimError> {
        let mut fields: Vec<Value> = change
            .fields
            .iter()
            .map(|(field, value)| json!({ "op": "replace", "path": field, "value": value }))
            .collect();
        let gone: Vec<(&String, bool)> = change.gone.iter().map(|id| (id, false)).collect();
        let all: Vec<(&String, bool)> =
            gone.into_iter().chain(change.new.iter().map(|id| (id, true))).collect();
        let mut parts: Vec<&[(&String, bool)]> = all.chunks(TOGETHER).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        let path = [sort.path(), item.id.as_str()];
        let mut version = item.version.clone();
        let last = parts.len();
        for (number, part) in (1..).zip(parts) {
            let mut operations = std::mem::take(&mut fields);
            let gone = part.iter().filter(|(_, comes)| !comes);
            operations.extend(gone.map(|(id, _)| {
                let path = format!("{MEMBERS}[{}]", equal("value", id));
                json!({ "op": "remove", "path": path })
            }));
            let new: Vec<String> =
                part.iter().filter(|(_, comes)| *comes).map(|(id, _)| (*id).clone()).collect();
            if !new.is_empty() {
                operations.push(json!({ "op": "add", "path": MEMBERS, "value": references(&new) }));
            }
            let since = self.api.patch(path, version.as_deref(), &operations)?;
            // Where the answer has no version the object has, if there are versions at all.
            version = match (since, version) {
                (Some(since), _) => Some(since),
                (None, Some(_)) if number < last => {
                    self.api.item(sort.path(), &item.id)?.and_then(|item| item.version)
                }
                (None, _) => None,
            };
        }
        Ok(())
    }
}

/// Whether a service does not know the way in which something was asked for, and certainly did nothing.
fn is_unsupported(error: &HttpError) -> bool {
    matches!(
        error.fault(),
        Fault::Refused { status: 400 | 405 | 415 | 422, .. } | Fault::Failed { status: 501, .. }
    )
}

/// An object as a whole, as it is to be. What the service alone says of it is left out.
fn whole(value: &Value, change: &Change) -> Value {
    let mut value = value.clone();
    let Some(fields) = value.as_object_mut() else { return value };
    for own in ["meta", "groups"] {
        fields.remove(own);
    }
    fields.extend(change.fields.clone());
    if change.gone.is_empty() && change.new.is_empty() {
        return value;
    }
    let others: BTreeSet<&str> = change.gone.iter().chain(&change.new).map(String::as_str).collect();
    let members = fields.get(MEMBERS).and_then(Value::as_array).into_iter().flatten();
    let mut members: Vec<Value> =
        members.filter(|member| !others.contains(text(member, "value"))).cloned().collect();
    members.extend(change.new.iter().map(|id| json!({ "value": id })));
    fields.insert(MEMBERS.to_owned(), members.into());
    value
}

fn references(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

/// A user that is made.
fn new_account(wanted: &Value) -> Value {
    let name = text(wanted, "displayName");
    let mut body = json!({
        "schemas": [Sort::Account.schema()],
        "active": true,
        "displayName": name,
        "externalId": text(wanted, "externalId"),
        "name": { "formatted": name },
        "userName": text(wanted, "userName"),
    });
    if let (Some(email), Some(fields)) = (wanted.get("email"), body.as_object_mut()) {
        fields.insert("emails".to_owned(), json!([{ "value": email, "type": "work", "primary": true }]));
    }
    body
}

/// The fields of a user that are others, as SCIM holds them.
fn account_fields(user: &Value, wanted: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    if !is_active(user) {
        fields.insert("active".to_owned(), json!(true));
    }
    for field in ["displayName", "externalId", "userName"] {
        let (is, should) = (text(user, field), text(wanted, field));
        let same = if field == "userName" { is.to_lowercase() == should } else { is == should };
        if !same {
            fields.insert(field.to_owned(), json!(should));
        }
    }
    let Some(email) = wanted.get("email").and_then(Value::as_str) else { return fields };
    let before = primary(user);
    if before.is_some_and(|before| text(before, "value").to_lowercase() == email) {
        return fields;
    }
    // Their other addresses stay.
    let others = user.get("emails").and_then(Value::as_array).into_iter().flatten();
    let others = others.filter(|other| Some(*other) != before).cloned();
    let own = json!({ "value": email, "type": "work", "primary": true });
    fields.insert("emails".to_owned(), std::iter::once(own).chain(others).collect());
    fields
}

fn changed(key: &Key) -> ScimError {
    ObjectError::changed(key).into()
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
