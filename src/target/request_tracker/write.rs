//! Writing: one object after the other, each read back.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    api::{Api, text},
    error::RtError,
    inventory::{BODY, Inventory, Known, fields_of, queue_of},
    sort::Sort,
};
use crate::{
    plan::Key,
    target::{
        mark::marked,
        pen::{self, ObjectError, unchanged},
    },
};

/// Writes to one Request Tracker.
pub(super) struct Pen<'a> {
    pub(super) api: Api<'a>,
    pub(super) inventory: &'a mut Inventory,
}

impl pen::Pen for Pen<'_> {
    type Error = RtError;

    fn put(&mut self, key: &Key, content: &Value, before: Option<&str>) -> Result<String, RtError> {
        let Some(sort) = Sort::of_kind(&key.kind) else {
            return Err(RtError::Missing { key: key.to_string(), what: "a kind that there is".to_owned() });
        };
        let known = self.inventory.find(&self.api, key, text(content, "Name").as_deref())?;
        self.unchanged(key, known.as_ref(), content, before)?;
        let mut said = String::new();
        let id = match known {
            // A custom field cannot be given to a queue again: another one takes its place.
            Some(known) if sort == Sort::Field && known.live && !self.has_queue(key, &known.id)? => {
                self.api.delete(&[sort.about().path, &known.id])?;
                self.create(sort, key, content)?
            }
            Some(known) => {
                said = self.update(key, &known, content)?;
                self.inventory.own(sort, key, &known.id);
                known.id
            }
            None => {
                let name = text(content, "Name").unwrap_or_default();
                ObjectError::taken(key, self.inventory.taken(key, &name))?;
                self.create(sort, key, content)?
            }
        };
        said.push_str(&self.names(sort, key, &id, content)?);
        Ok(if said.is_empty() { said } else { format!("\"{said}\"") })
    }

    fn delete(&mut self, key: &Key, before: Option<&str>) -> Result<(), RtError> {
        match self.inventory.find(&self.api, key, None)? {
            // Disabling what is disabled fails for custom fields.
            Some(known) if known.live => {
                self.unchanged(key, Some(&known), &Value::Null, before)?;
                self.api.delete(&[known.sort.about().path, &known.id])
            }
            _ => Ok(()),
        }
    }

    fn held(&mut self, key: &Key, wanted: &Value) -> Result<Option<Value>, RtError> {
        let known = self.inventory.find(&self.api, key, text(wanted, "Name").as_deref())?;
        match known.filter(|known| known.live) {
            Some(known) => self.content(key, &known, wanted).map(Some),
            None => Ok(None),
        }
    }
}

impl Pen<'_> {
    /// Makes sure that nobody changed the object since the plan was made.
    fn unchanged(
        &self,
        key: &Key,
        known: Option<&Known>,
        wanted: &Value,
        before: Option<&str>,
    ) -> Result<(), RtError> {
        let known = known.filter(|known| known.live);
        let now = known.map(|known| self.content(key, known, wanted)).transpose()?;
        Ok(unchanged(key, now.as_ref(), before)?)
    }

    fn content(&self, key: &Key, known: &Known, wanted: &Value) -> Result<Value, RtError> {
        let has_queue = known.sort == Sort::Field && self.has_queue(key, &known.id)?;
        let mut content = self.inventory.content(key, known, has_queue);
        without_users(self.inventory, wanted, &mut content);
        Ok(content)
    }

    /// Whether the queue of a custom field has it.
    fn has_queue(&self, key: &Key, field: &str) -> Result<bool, RtError> {
        let Some(id) = self.inventory.id(&queue_of(key).to_string()) else { return Ok(false) };
        let item = self.api.item("queue", id)?;
        Ok(item.is_some_and(|item| fields_of(&item.value).iter().any(|id| id == field)))
    }

    fn create(&mut self, sort: Sort, key: &Key, content: &Value) -> Result<String, RtError> {
        let about = sort.about();
        let mut body = scalars(sort, content);
        match sort {
            Sort::Field => {
                body.insert("Queue".to_owned(), json!(self.need(key, &queue_of(key).to_string())?));
            }
            Sort::Article => self.article(key, content, &mut body)?,
            _ => {}
        }
        let id = self.api.create(&[about.path], body.clone())?;
        let name = text(content, "Name").unwrap_or_default();
        body.insert("id".to_owned(), json!(id));
        self.inventory.note(sort, &Value::Object(body));
        Ok(if sort == Sort::User { name } else { id })
    }

    /// Changes what differs, and takes it back into use.
    fn update(&self, key: &Key, known: &Known, content: &Value) -> Result<String, RtError> {
        let mut body = scalars(known.sort, content);
        body.retain(|field, wanted| {
            text(&known.item.value, field).unwrap_or_default() != wanted.as_str().unwrap_or_default()
        });
        if known.sort == Sort::Article {
            self.article(key, content, &mut body)?;
        }
        if !known.live {
            body.insert("Disabled".to_owned(), json!("0"));
        }
        if body.is_empty() {
            return Ok(String::new());
        }
        let version = known.item.version.as_deref();
        self.api.update(&[known.sort.about().path, &known.id], version, Value::Object(body))
    }

    fn article(&self, key: &Key, content: &Value, body: &mut Map<String, Value>) -> Result<(), RtError> {
        let class = text(content, "Class").unwrap_or_default();
        body.insert("Class".to_owned(), json!(self.need(key, &class)?));
        body.insert("CustomFields".to_owned(), json!({ BODY: content.get(BODY) }));
        Ok(())
    }

    /// The id of something that must be there first.
    fn need(&self, key: &Key, other: &str) -> Result<String, RtError> {
        let missing = || RtError::Missing { key: key.to_string(), what: format!("`{other}`") };
        self.inventory.id(other).map(str::to_owned).ok_or_else(missing)
    }

    /// Members, watchers and values, which have ways of their own. Gives what was said about it.
    fn names(&mut self, sort: Sort, key: &Key, id: &str, content: &Value) -> Result<String, RtError> {
        let Some(field) = sort.about().names else { return Ok(String::new()) };
        let Some(wanted) = content.get(field).and_then(Value::as_array) else { return Ok(String::new()) };
        let wanted: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
        match sort {
            Sort::Group => self.members(id, &wanted),
            Sort::Field => self.values(id, &wanted),
            _ => self.watchers(key, id, &wanted),
        }
    }

    fn watchers(&self, key: &Key, id: &str, wanted: &[&str]) -> Result<String, RtError> {
        let item = self.api.item("queue", id)?.ok_or_else(|| gone(key))?;
        let known = Known { sort: Sort::TeamQueue, id: id.to_owned(), item, live: true };
        let held = self.inventory.content(key, &known, false);
        if held.get("AdminCc") == Some(&json!(wanted)) {
            return Ok(String::new());
        }
        let ids: Result<Vec<String>, RtError> = wanted.iter().map(|group| self.need(key, group)).collect();
        self.api.update(&["queue", id], known.item.version.as_deref(), json!({ "AdminCc": ids? }))
    }

    fn members(&self, id: &str, wanted: &[&str]) -> Result<String, RtError> {
        let Some(group) = self.api.item("group", id)? else { return Ok(String::new()) };
        let mut is: BTreeMap<String, String> = BTreeMap::new();
        for member in group.value.get("Members").and_then(Value::as_array).into_iter().flatten() {
            let (Some(sort), Some(name)) = (text(member, "type"), text(member, "id")) else { continue };
            is.insert(name, sort);
        }
        let wanted: Vec<&str> = wanted.iter().filter_map(|member| self.inventory.user(member)).collect();
        let mut added = Vec::new();
        for name in wanted.iter().filter(|name| is.get(**name).is_none_or(|sort| sort != "user")) {
            added.extend(self.principal(name)?);
        }
        let mut said = String::new();
        if !added.is_empty() {
            said = self.api.update(&["group", id, "members"], None, json!(added))?;
        }
        for (name, sort) in
            is.iter().filter(|(name, sort)| *sort != "user" || !wanted.contains(&name.as_str()))
        {
            let principal = if sort == "user" { self.principal(name)? } else { Some(name.clone()) };
            if let Some(principal) = principal {
                self.api.delete(&["group", id, "member", &principal])?;
            }
        }
        Ok(said)
    }

    /// The number of a user, by which alone they become a member.
    fn principal(&self, name: &str) -> Result<Option<String>, RtError> {
        Ok(self.api.item("user", name)?.and_then(|item| text(&item.value, "id")))
    }

    /// The values of a custom field: in their order, and each once.
    fn values(&self, id: &str, wanted: &[&str]) -> Result<String, RtError> {
        let is = self.api.values(id)?;
        if is.iter().map(|(_, name)| name.as_str()).eq(wanted.iter().copied()) {
            return Ok(String::new());
        }
        let mut kept: BTreeMap<&str, &str> = BTreeMap::new();
        for (value, name) in &is {
            if !wanted.contains(&name.as_str()) || kept.contains_key(name.as_str()) {
                self.api.delete(&["customfield", id, "value", value])?;
            } else {
                kept.insert(name, value);
            }
        }
        let mut said = String::new();
        for (order, name) in (1..).zip(wanted) {
            let order: usize = order;
            let order = order.to_string();
            if let Some(value) = kept.get(name) {
                let body = json!({ "SortOrder": order });
                said = self.api.update(&["customfield", id, "value", value], None, body)?;
            } else {
                let body = [("Name", json!(name)), ("SortOrder", json!(order))];
                let body = body.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                self.api.create(&["customfield", id, "value"], body)?;
            }
        }
        Ok(said)
    }
}

/// Members that are wanted and have no user cannot be there: they count as held, and are told as lost.
pub(super) fn without_users(inventory: &Inventory, wanted: &Value, held: &mut Value) {
    let wanted = wanted.get("Members").and_then(Value::as_array).cloned().unwrap_or_default();
    let missing = wanted
        .into_iter()
        .filter(|member| member.as_str().is_some_and(|member| inventory.user(member).is_none()));
    if let Some(Value::Array(members)) = held.get_mut("Members") {
        members.extend(missing);
        members.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        members.dedup();
    }
}

fn gone(key: &Key) -> RtError {
    RtError::Missing { key: key.to_string(), what: "itself".to_owned() }
}

/// The fields that are text, as Request Tracker takes them.
fn scalars(sort: Sort, content: &Value) -> Map<String, Value> {
    let about = sort.about();
    let mark = text(content, "Mark").unwrap_or_default();
    let mut body = Map::new();
    for field in about.fields {
        let value = text(content, field).unwrap_or_default();
        let value = if *field == about.mark { marked(&value, &mark) } else { value };
        body.insert((*field).to_owned(), json!(value));
    }
    // A user has no description: the mark stands alone in what only administrators see.
    body.entry(about.mark).or_insert_with(|| json!(mark));
    body
}
